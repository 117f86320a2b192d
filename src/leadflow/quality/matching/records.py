"""Records of any table as features: persons, organisations or both, by the columns that are known of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from leadflow.entities import Lead, Person
from leadflow.entities.folding import words_of
from leadflow.errors import InvalidInput
from leadflow.quality.company import check_company, company_key, split_legal_form
from leadflow.quality.countries import home_country
from leadflow.quality.matching.features import LISTED, Features, NameFeatures, features_of
from leadflow.quality.matching.plain_contacts import mailboxes_in, plain_number
from leadflow.quality.matching.streets import street_in
from leadflow.quality.matching.titles import split_trade_names, title_words
from leadflow.quality.person import check_person
from leadflow.quality.phone import check_phone, split_numbers
from leadflow.quality.social import check_profile

__all__ = [
    "IDENTIFIER_PREFIX",
    "MATCH_KEYS",
    "PERSON_KEYS",
    "any_features",
    "is_compared",
    "record_features",
    "record_text",
]

IDENTIFIER_PREFIX: Final = "identifier."
PERSON_KEYS: Final = frozenset({"name", "first_name", "last_name", "born"})
_EMAILS: Final = ("email", "email2", "email3", "emails", "email_or_phone")
_PHONES: Final = ("phone", "phone2", "phone3", "mobile", "phones", "email_or_phone")
_NETWORKS: Final = ("linkedin", "xing", "twitter")
MATCH_KEYS: Final = frozenset(
    {*PERSON_KEYS, *_EMAILS, *_PHONES, *_NETWORKS, "company", "website", "street", "house_number", "postcode", "city",
     "external_id"}
)  # fmt: skip
"""What a record may be compared by, besides ``identifier.<kind>``."""
_LONGEST: Final = 1_000
_SHORTEST_NUMBER: Final = 6
_NUMBER_END: Final = 9
ZIP_PLUS_FOUR: Final = 9
_MONTHS: Final = {
    month: number
    for number, months in enumerate(
        ("jan", "feb", "mar mär maer mrz", "apr", "may mai", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec dez"), 1
    )
    for month in months.split()
}
_GENERATIONS: Final = {
    word: str(number)
    for number, words in enumerate(
        ("sr snr sen senior", "jr jnr jun junior ii 2nd", "iii 3rd", "iv 4th", "v", "vi", "vii", "viii"), 1
    )
    for word in words.split()
}
_ELDER: Final = re.compile(r"[\s,(]+(?:(d\. ?Ä\.?|der Ältere|die Ältere|the Elder|père)|"
                           r"(d\. ?J\.?|der Jüngere|die Jüngere|the Younger|fils))(?=[\s,)]|$)")  # fmt: skip
_BORN: Final = re.compile(
    r"\b(?:geb\.?|geborene?|n[ée]e|z d\.|z domu|roz\.|nata)\s+(?P<name>[^\W\d_][\w'-]+)", re.IGNORECASE
)
_CENTURY_TURN: Final = 30
"""Two-digit years up to this one are of this century: nobody in a table was born in 1925 rather than in 2025."""


def is_compared(key: str) -> bool:
    """Whether records are compared by a key: one of ``MATCH_KEYS``, or ``identifier.<kind>``."""
    return key in MATCH_KEYS or (key.startswith(IDENTIFIER_PREFIX) and len(key) > len(IDENTIFIER_PREFIX))


class RecordPart(NamedTuple):
    """Features that are read together, and the keys of a record that they are read from.

    ``read`` gets the texts of a record and the country for phone numbers without ``+``. Parts are independent: in a
    table, each distinct combination of values is read once.
    """

    keys: tuple[str, ...]
    read: Callable[[Mapping[str, str], str | None], tuple[Any, ...]]


def record_features(
    record: Mapping[str, object], *, default_country: str | None = None, has_persons: bool = True
) -> Features:
    """Return what is compared of a record: a mapping with some of ``MATCH_KEYS`` and ``identifier.<kind>``.

    A record with a company and without a name or a personal address is an organisation; in a table without persons
    (``has_persons`` false) every record is one. Whatever can't be read is compared as it stands or left out; only a
    ``default_country`` that is none is ``InvalidInput``.
    """
    home = home_country(default_country)
    texts = {key: text for key, value in record.items() if (text := record_text(value))}
    first, last, generation, is_named = NAMES.read(texts if has_persons else {}, None)
    personal, every, own = EMAILS.read(texts, None)
    company, titles, has_title = COMPANY.read(texts, None)
    (site,), (street,) = SITE.read(texts, None), STREET.read(texts, None)
    is_organisation = has_title and not (is_named or (personal and has_persons))
    return Features(
        first=first,
        last=last,
        mailboxes=dict.fromkeys(every if is_organisation else personal, LISTED),
        phones=PHONES.read(texts, home)[0],
        profiles=PROFILES.read(texts, None)[0],
        external_ids=EXTERNAL_ID.read(texts, None)[0],
        domain=site or own,
        company="".join(titles[0]) if is_organisation else company,
        postcode=POSTCODE.read(texts, None)[0],
        street=street,
        city=CITY.read(texts, None)[0],
        born=BORN.read(texts, None)[0],
        identifiers=identifiers_of(texts),
        organisation=" ".join(titles[0]) if is_organisation else "",
        other_names=frozenset("".join(words) for words in titles[1:] if words) if is_organisation else frozenset(),
        generation=generation,
    )


def any_features(record: object, *, default_country: str | None = None, has_persons: bool = True) -> Features:
    """Return the features of a lead, features or a mapping; ``InvalidInput`` for anything else."""
    if isinstance(record, Features):
        return record
    if isinstance(record, Lead):
        features = features_of(record)
        return features if default_country else features._replace(phones=_phones(features.phones.items(), None))
    if not isinstance(record, Mapping):
        raise InvalidInput("record", record, "give a lead, features or a mapping such as {'name': …, 'email': …}")
    return record_features(record, default_country=default_country, has_persons=has_persons)


def record_text(value: object) -> str:
    """Return a value as text of one line; nothing for None and NaN."""
    text = "" if value is None or value != value else " ".join(str(value).split())
    return text[:_LONGEST]


def _names(texts: Mapping[str, str], _: str | None) -> tuple[NameFeatures, NameFeatures, str, bool]:
    """Return first and last name, the generation, and whether there is a name at all."""
    person, generation, born_as = _person(texts)
    first, last = NameFeatures.of_person(person.first_name, f"{person.last_name or ''} {born_as}".strip())
    return first, last, generation, bool(person.first_name or person.last_name)


def _emails(texts: Mapping[str, str], _: str | None) -> tuple[list[str], list[str], str]:
    """Return the mailboxes that are of a person, all mailboxes, and the company's domain."""
    personal: list[str] = []
    every: list[str] = []
    domain = ""
    for key in _EMAILS:
        for mailbox, is_role, own_domain in mailboxes_in(texts[key]) if key in texts else ():
            every.append(mailbox)
            if not is_role:
                personal.append(mailbox)
            domain = domain or own_domain
    return personal, every, domain


def _company(texts: Mapping[str, str], _: str | None) -> tuple[str, list[list[str]], bool]:
    """Return the key of the company, the words of its names (as an organisation's), and whether it has one."""
    text = texts.get("company")
    names = [split_legal_form(one)[0] for one in split_trade_names(text)] if text else []
    return company_key(text) if text else "", [title_words(one) for one in names], bool(names and names[0])


def _site(texts: Mapping[str, str], _: str | None) -> tuple[str]:
    site = check_company(None, website=texts["website"]).value if "website" in texts else None
    return ((site.domain if site else None) or "",)


def _street(texts: Mapping[str, str], _: str | None) -> tuple[str]:
    street = street_in(texts["street"]) if "street" in texts else ""
    return (" ".join((*words_of(street), *words_of(texts.get("house_number", "")))),)


def _external_id(texts: Mapping[str, str], _: str | None) -> tuple[frozenset[tuple[str, str]]]:
    return (frozenset([("", texts["external_id"].casefold())] if "external_id" in texts else ()),)


NAMES: Final = RecordPart(("name", "first_name", "last_name"), _names)
EMAILS: Final = RecordPart(_EMAILS, _emails)
PHONES: Final = RecordPart(_PHONES, lambda texts, country: (_phones(_numbers(texts, country), country),))
PROFILES: Final = RecordPart(_NETWORKS, lambda texts, _: (frozenset(_profiles(texts)),))
EXTERNAL_ID: Final = RecordPart(("external_id",), _external_id)
SITE: Final = RecordPart(("website",), _site)
COMPANY: Final = RecordPart(("company",), _company)
STREET: Final = RecordPart(("street", "house_number"), _street)
POSTCODE: Final = RecordPart(("postcode",), lambda texts, _: (_postcode(texts.get("postcode", "")),))
CITY: Final = RecordPart(("city",), lambda texts, _: (" ".join(words_of(texts.get("city", ""))),))
BORN: Final = RecordPart(("born",), lambda texts, _: (birth_date(texts.get("born", "")),))


def _postcode(text: str) -> str:
    code = "".join(words_of(text))
    return code[:5] if code.isdigit() and len(code) == ZIP_PLUS_FOUR else code


def _person(texts: Mapping[str, str]) -> tuple[Person, str, str]:
    """Return a person, and what the reader of names leaves out: the generation (see ``Features``), a birth name."""
    given = {key: texts[key] for key in ("name", "first_name", "last_name") if key in texts}
    if not given:
        return Person(), "", ""
    elder = next((one for text in given.values() if (one := _ELDER.search(text))), None)
    found = check_person({key: _ELDER.sub("", text) for key, text in given.items()} if elder else given)
    beside = [one.value or "" for one in found.findings if one.code == "beside_name"]
    generation = ("1" if elder[1] else "2") if elder else _generation(beside)
    born_as = next((born["name"] for text in beside if (born := _BORN.search(text))), "")
    return found.value or Person(), generation, born_as


def _generation(beside: list[str]) -> str:
    words = [word.strip(".,;()").casefold() for text in beside for word in text.split()[1:]]
    return next((_GENERATIONS[word] for word in reversed(words) if word in _GENERATIONS), "")


def _numbers(texts: Mapping[str, str], country: str | None) -> Iterator[tuple[str, str]]:
    for key in _PHONES:
        plain = plain_number(texts[key], country) if key in texts else None
        if plain is not None and plain[0]:
            yield plain
            continue
        for text in split_numbers(texts[key]) if key in texts else ():
            found = check_phone(text, country).value if plain is None else None
            digits = re.sub(r"\D", "", text)
            if found is not None and found.number:
                yield found.number, found.kind or ""
            elif len(digits) >= _SHORTEST_NUMBER and "@" not in text:
                yield digits, "mobile" if key == "mobile" else ""


def _phones(numbers: Iterable[tuple[str, str]], country: str | None) -> dict[str, str]:
    """Return numbers with their kinds; of tables without a home country the ends of the numbers.

    There some are written with a country code, some without, and nobody knows which: nine digits tell lines apart.
    """
    if country is not None:
        return dict(numbers)
    found: dict[str, str] = {}
    for number, kind in numbers:
        end = number.lstrip("+0")[-_NUMBER_END:]
        found[end] = found.get(end) or kind
    return found


def _profiles(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for network in _NETWORKS:
        found = check_profile(network, texts[network]).value if network in texts else None
        if found is not None:
            yield found.network, found.handle


def identifiers_of(texts: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """Return the numbers by which an authority knows somebody, each with its kind."""
    bare = (
        (key, re.sub(r"[\W_]", "", text).casefold()) for key, text in texts.items() if key.startswith(IDENTIFIER_PREFIX)
    )
    return frozenset((key.removeprefix(IDENTIFIER_PREFIX), text) for key, text in bare if len(text) >= _SHORTEST_NUMBER)


def birth_date(text: str) -> str:
    """Return a date of birth as 1970-01-31, however it is written; nothing if it is no date.

    ``1/2/1970`` is January: whether it is February is told by no sign, and dates with both exchanged compare as near.
    """
    words = [word for word in re.split(r"[\s./,\-]+|(?<=\d)t(?=\d)", text.casefold()) if word][:3]
    if len(words) == 1 and re.fullmatch(r"(19|20)\d{6}", words[0]):
        words = [words[0][:4], words[0][4:6], words[0][6:]]
    if len(words) != 3:
        return ""
    month = next((word for word in words if word[:3] in _MONTHS), None)
    if month is not None:
        words.remove(month)
        words.insert(0 if len(words[0]) < 4 else 1, str(_MONTHS[month[:3]]))
    if not all(word.isdigit() for word in words):
        return ""
    return _iso([int(word) for word in words], year_first=len(words[0]) == 4, day_first="." in text)


def _iso(numbers: list[int], *, year_first: bool, day_first: bool) -> str:
    if year_first:
        year, month, day = numbers
    elif day_first:
        day, month, year = numbers
    else:
        month, day, year = numbers
    if month > 12:
        month, day = day, month
    if year < 100:
        year += 2000 if year <= _CENTURY_TURN else 1900
    return f"{year:04}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 and 1800 < year < 2200 else ""
