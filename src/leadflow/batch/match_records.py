"""Records as columns of texts, in which an engine compares them; and back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from leadflow.quality.matching.agreement import consonants
from leadflow.quality.matching.features import Features, NameFeatures
from leadflow.quality.matching.first_names import is_first_name, names_for
from leadflow.quality.matching.streets import street_parts
from leadflow.quality.matching.titles import initials
from leadflow.quality.phonetics import sound

__all__ = [
    "BIRTHS",
    "COLUMNS",
    "DERIVED",
    "IDENTIFIERS",
    "LIST_SIGN",
    "MAILBOXES",
    "NAMES",
    "PHONES",
    "PROFILES",
    "READ",
    "STREETS",
    "TITLES",
    "birth_columns",
    "contact_columns",
    "features_of_row",
    "joined",
    "mailbox_columns",
    "name_columns",
    "phone_columns",
    "record_columns",
    "street_columns",
    "title_columns",
]

LIST_SIGN: Final = "\x1f"
"""Between the values of a column that may hold several: most records have one, and are compared as plain texts."""
NAMES: Final = (
    "f",
    "f_sound",
    "f_start",
    "f_start_sound",
    "l",
    "l_sound",
    "l_single",
    "words",
    "f_names",
    "l_words",
    "f_script",
    "l_script",
    "f_consonants",
    "l_consonants",
    "f_start_consonants",
    "f_known",
    "name_words",
    "generation",
)
MAILBOXES: Final = ("mail0", "mail1", "mail2", "mail3")
PHONES: Final = ("phones", "mobiles")
PROFILES: Final = ("profiles", "networks")
STREETS: Final = ("street", "route", "number", "street_key", "route_words")
BIRTHS: Final = ("born", "born_swapped")
IDENTIFIERS: Final = ("identifiers", "identifier_kinds")
TITLES: Final = ("title", "title_words", "title_starts", "title_keys", "initials")
READ: Final = (
    "n", "is_organisation", "several", *NAMES, *MAILBOXES, *PHONES, *PROFILES, "external_ids", "domain", "company",
    "postcode", *STREETS, "city", *BIRTHS, *IDENTIFIERS, *TITLES,
)  # fmt: skip
"""What Python reads of a record."""
_SIGN: Final = f"chr({ord(LIST_SIGN)})"
_DOMAIN: Final = "split_part({0}, '@', -1)"
_LOCAL: Final = f"left({{0}}, greatest(length({{0}}) - length({_DOMAIN}) - 1, 0))"
_LONG: Final = f"CASE WHEN length({_LOCAL}) >= 7 THEN {_LOCAL} ELSE '' END"

_NAME: Final = "replace(l, ' ', '')"
_WORDS: Final = (
    f"regexp_replace(regexp_replace(concat(' ', {_LOCAL}, ' '), '[^a-z]+', ' ', 'g'), '([^aeiouq])([aou])e', "
    r"'\1\2', 'g')"
)


def _of_mailboxes(part: str) -> str:
    each = f"list_filter([{part.format('one')} FOR one IN string_split(mail0, {_SIGN})], lambda one: one <> '')"
    several = f"array_to_string(list_sort(list_distinct({each})), {_SIGN})"
    return f"CASE WHEN contains(mail0, {_SIGN}) THEN {several} ELSE {part.format('mail0')} END"


DERIVED: Final = {
    "mail_local": _of_mailboxes(f"translate({_LONG}, '.-_', '')"),
    "mail_domain": _of_mailboxes(_DOMAIN),
    "local_parts": _of_mailboxes(_LONG),
    "spelled": f"CASE WHEN length({_NAME}) >= 4 AND contains({_of_mailboxes(_WORDS)}, {_NAME} || ' ') THEN '1' "
    "ELSE '' END",
}
"""What SQL makes of that: parts of the mailboxes, and whether one spells the last name."""
COLUMNS: Final = (*READ, *DERIVED)


def record_columns(number: int, one: Features) -> list[object]:
    """Return the row of a record, in the order of ``READ``."""
    several = any(
        len(some) > 1 for some in (one.mailboxes, one.phones, one.profiles, one.external_ids, one.identifiers)
    )
    return [
        number, int(bool(one.organisation)), int(several), *name_columns(one.first, one.last, one.generation),
        *mailbox_columns(one.mailboxes), *phone_columns(one.phones), *contact_columns(one.profiles),
        *contact_columns(one.external_ids)[:1], one.domain, one.company, one.postcode, *street_columns(one.street),
        one.city, *birth_columns(one.born), *contact_columns(one.identifiers),
        *title_columns(one.organisation, one.company, one.other_names),
    ]  # fmt: skip


def name_columns(first: NameFeatures, last: NameFeatures, generation: str) -> list[str]:
    """Return what is compared of a first and a last name."""
    words = sorted(f"{first.text} {last.text}".split()) if first.text and last.text else ()
    return [
        *first[:4], last.text, last.sound, "1" if last.text == last.start else "", " ".join(words),
        joined(names_for(first.start) if first.start else ()),
        joined({word for word in last.text.split() if len(word) > 3}),
        first.script, last.script, consonants(first.sound), consonants(last.sound),
        consonants(first.start_sound), "1" if is_first_name(first.start) else "",
        joined(f"{first.text} {last.text}".split()), generation,
    ]  # fmt: skip


def mailbox_columns(mailboxes: Mapping[str, int]) -> list[str]:
    """Return mailboxes by their certainty: all, those claimed, those verified, those in a table."""
    return [joined(one for one, certain in mailboxes.items() if certain >= least) for least in range(len(MAILBOXES))]


def phone_columns(phones: Mapping[str, str]) -> list[str]:
    """Return the numbers, and those of mobile phones."""
    return [joined(phones), joined(number for number, kind in phones.items() if kind == "mobile")]


def contact_columns(pairs: Collection[tuple[str, str]]) -> list[str]:
    """Return pairs of a kind and a value, and the kinds."""
    return [joined(map("|".join, pairs)), joined(kind for kind, _ in pairs)]


def street_columns(street: str) -> list[str]:
    """Return what is compared of a street."""
    parts = street_parts(street)
    key = f"{parts.number} {parts.route.split()[0]}" if parts.number and parts.route else ""
    return [street, parts.route, parts.number, key, joined(parts.route.split())]


def title_columns(organisation: str, company: str, other_names: Iterable[str]) -> list[str]:
    """Return what is compared of the words of an organisation's name, and the keys of all its names."""
    words = dict.fromkeys(organisation.split())
    keys = {company, *other_names} - {""} if organisation else ()
    starts = joined(word[:5] for word in list(words)[:2])
    return [organisation, joined(words), starts, joined(keys), initials(organisation.split())]


def birth_columns(born: str) -> list[str]:
    """Return a date, and the same with day and month exchanged."""
    return [born, f"{born[:5]}{born[8:]}-{born[5:7]}" if born else ""]


def features_of_row(row: Sequence[Any]) -> Features:
    """Return the features of a row, in the order of ``COLUMNS``; kinds of phones are those that are compared."""
    of: dict[str, str] = dict(zip(COLUMNS, row, strict=True))
    apart = {column: tuple(of[column].split(LIST_SIGN)) if of[column] else () for column in _APART}
    start = of["l"].partition(" ")[0]
    return Features(
        NameFeatures(of["f"], of["f_sound"], of["f_start"], of["f_start_sound"], of["f_script"]),
        NameFeatures(of["l"], of["l_sound"], start, sound(start) if start else "", of["l_script"]),
        {one: sum(one in apart[column] for column in MAILBOXES[1:]) for one in apart["mail0"]},
        {one: "mobile" if one in apart["mobiles"] else "" for one in apart["phones"]},
        _pairs(apart["profiles"]),
        _pairs(apart["external_ids"]),
        **{column: of[column] for column in ("domain", "company", "postcode", "street", "city", "born")},
        identifiers=_pairs(apart["identifiers"]),
        organisation=of["title"],
        other_names=frozenset(apart["title_keys"]) - {of["company"]},
        generation=of["generation"],
    )


_APART: Final = (
    *MAILBOXES,
    "phones",
    "mobiles",
    "profiles",
    "external_ids",
    "identifiers",
    "title_keys",
)


def _pairs(texts: Iterable[str]) -> frozenset[tuple[str, str]]:
    apart = (text.partition("|") for text in texts)
    return frozenset((kind, value) for kind, _, value in apart)


def joined(values: Iterable[str]) -> str:
    """Return values as one text: sorted, each once."""
    return LIST_SIGN.join(sorted({*values}))
