"""Records of any table as features: persons, organisations or both, by the columns that are known of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from leadflow.entities import Email, Person
from leadflow.entities.folding import words_of
from leadflow.quality.company import check_company, company_key, split_legal_form
from leadflow.quality.email import check_email, is_own_domain, same_mailbox, split_addresses
from leadflow.quality.matching.features import Features, NameFeatures
from leadflow.quality.matching.titles import split_trade_names, title_words
from leadflow.quality.person import check_person
from leadflow.quality.phone import check_phone, split_numbers
from leadflow.quality.social import check_profile

__all__ = ["IDENTIFIER_PREFIX", "MATCH_KEYS", "PERSON_KEYS", "record_features"]

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


def record_features(
    record: Mapping[str, object], *, default_country: str | None = None, has_persons: bool = True
) -> Features:
    """Return what is compared of a record: a mapping with some of ``MATCH_KEYS`` and ``identifier.<kind>``.

    A record with a company and without a name or a personal address is an organisation; in a table without persons
    (``has_persons`` false) every record is one. Whatever can't be read is compared as it stands or left out; nothing
    raises.
    """
    texts = {key: text for key, value in record.items() if (text := _text(value))}
    person, generation, born_as = _person(texts) if has_persons else (Person(), "", "")
    emails = [one for key in _EMAILS for one in _addresses(texts.get(key, ""))]
    personal = [one.address or "" for one in emails if one.kind != "role"]
    names = [split_legal_form(one)[0] for one in split_trade_names(texts["company"])] if "company" in texts else []
    name = names[0] if names else ""
    is_organisation = bool(name) and not (person.first_name or person.last_name or (personal and has_persons))
    mailboxes = [one.address or "" for one in emails] if is_organisation else personal
    own = next((one.domain for one in emails if is_own_domain(one.domain)), None)
    site = check_company(None, website=texts["website"]).value if "website" in texts else None
    street = " ".join((*words_of(texts.get("street", "")), *words_of(texts.get("house_number", ""))))
    titles = [title_words(one) for one in names] if is_organisation else []
    first, last = NameFeatures.of_person(person.first_name, f"{person.last_name or ''} {born_as}".strip())
    return Features(
        first=first,
        last=last,
        mailboxes={same_mailbox(one): 1 for one in mailboxes},
        phones=dict(_numbers(texts, default_country)),
        profiles=frozenset(_profiles(texts)),
        external_ids=frozenset([("", texts["external_id"].casefold())] if "external_id" in texts else ()),
        domain=(site.domain if site else None) or own or "",
        company="".join(titles[0]) if titles else company_key(texts["company"]) if "company" in texts else "",
        postcode=_postcode(texts.get("postcode", "")),
        street=street,
        city=" ".join(words_of(texts.get("city", ""))),
        born=birth_date(texts.get("born", "")),
        identifiers=frozenset(_identifiers(texts)),
        organisation=" ".join(titles[0]) if titles else "",
        other_names=frozenset("".join(words) for words in titles[1:] if words),
        generation=generation,
    )


def _text(value: object) -> str:
    text = "" if value is None or value != value else " ".join(str(value).split())
    return text[:_LONGEST]


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


def _addresses(text: str) -> Iterator[Email]:
    if "@" not in text:
        return
    for one in split_addresses(text):
        found = check_email(one).value
        if found is not None:
            yield found


def _numbers(texts: Mapping[str, str], country: str | None) -> Iterator[tuple[str, str]]:
    for key in _PHONES:
        for text in split_numbers(texts[key]) if key in texts else ():
            found = check_phone(text, country).value
            digits = re.sub(r"\D", "", text)
            if found is not None and found.number:
                yield found.number, found.kind or ""
            elif len(digits) >= _SHORTEST_NUMBER and "@" not in text:
                yield digits, "mobile" if key == "mobile" else ""


def _profiles(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for network in _NETWORKS:
        found = check_profile(network, texts[network]).value if network in texts else None
        if found is not None:
            yield found.network, found.handle


def _identifiers(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, text in texts.items():
        bare = re.sub(r"[\W_]", "", text).casefold()
        if key.startswith(IDENTIFIER_PREFIX) and len(bare) >= _SHORTEST_NUMBER:
            yield key.removeprefix(IDENTIFIER_PREFIX), bare


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
