"""A match model as SQL for DuckDB: records as columns, candidates by blocks, and the level of each comparison.

What is weighed is a pattern of levels, a number; there are few, and Python weighs each of them once. So the verdict of
a pair is the one that it gets alone, if the levels are the same: tests/batch/test_match_sql.py holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from leadflow.quality.matching.agreement import consonants
from leadflow.quality.matching.features import Features
from leadflow.quality.matching.first_names import names_for
from leadflow.quality.matching.likeness import LevelPattern
from leadflow.quality.matching.model import CandidateBlock, Comparator, KeyPart, SubjectModel
from leadflow.quality.matching.streets import street_parts
from leadflow.quality.matching.titles import initials

__all__ = ["COLUMNS", "LISTS", "LIST_SIGN", "block_sql", "pattern_of_number", "pattern_sql", "record_columns"]

TEXTS: Final = (
    "f", "f_sound", "f_start", "f_start_sound", "l", "l_sound", "l_single", "words", "domain", "company", "postcode", "street", "route",
    "number", "street_key", "city", "born", "born_swapped", "title", "f_script", "l_script", "f_consonants", "l_consonants", "generation",
    "initials",
)  # fmt: skip
LISTS: Final = (
    "f_names", "l_words", "mail0", "mail1", "mail2", "mail_local", "mail_domain", "phones", "mobiles", "profiles",
    "networks", "external_ids", "identifiers", "identifier_kinds", "title_words", "title_starts", "local_parts", "title_keys", "route_words", "name_words",
)  # fmt: skip
COLUMNS: Final = ("n", "is_organisation", *TEXTS, *LISTS)
LIST_SIGN: Final = "\x1f"


def record_columns(number: int, one: Features) -> list[object]:
    """Return the row of a record, in the order of ``COLUMNS``; lists are joined by ``LIST_SIGN``."""
    first, last, street = one.first, one.last, street_parts(one.street)
    apart = [mailbox.rpartition("@") for mailbox in one.mailboxes]
    title = dict.fromkeys(one.organisation.split())
    both = first.text and last.text
    lists: list[Iterable[str]] = [
        names_for(first.start) if first.start else (),
        {word for word in last.text.split() if len(word) > 3},
        one.mailboxes,
        [mailbox for mailbox, certain in one.mailboxes.items() if certain > 0],
        [mailbox for mailbox, certain in one.mailboxes.items() if certain > 1],
        {bare for local, _, _ in apart if len(local) >= 7 and (bare := _bare(local))},
        {domain for _, _, domain in apart},
        one.phones,
        [phone for phone, kind in one.phones.items() if kind == "mobile"],
        map("|".join, one.profiles),
        {network for network, _ in one.profiles},
        map("|".join, one.external_ids),
        map("|".join, one.identifiers),
        {kind for kind, _ in one.identifiers},
        title,
        {word[:5] for word in list(title)[:2]},
        [local for local, _, _ in apart if len(local) >= 7],
        {one.company, *one.other_names} - {""} if one.organisation else (),
        {*street.route.split()},
        {*f"{first.text} {last.text}".split()},
    ]
    return [
        number, int(bool(one.organisation)), first.text, first.sound, first.start, first.start_sound, last.text,
        last.sound, "1" if last.text == last.start else "", " ".join(sorted(f"{first.text} {last.text}".split())) if both else "",
        one.domain, one.company, one.postcode, one.street, street.route, street.number,
        f"{street.number} {street.route.split()[0]}" if street.number and street.route else "", one.city, one.born,
        f"{one.born[:5]}{one.born[8:]}-{one.born[5:7]}" if one.born else "", one.organisation,
        first.script, last.script, consonants(first.sound), consonants(last.sound), one.generation, initials(one.organisation.split()),
        *(LIST_SIGN.join(sorted(values)) for values in lists),
    ]  # fmt: skip


def _bare(local: str) -> str:
    return local.replace(".", "").replace("_", "").replace("-", "")


# ------------------------------------------------------------------------------------------------------------- blocks
_KEYS: Final[Mapping[KeyPart, str]] = {
    "mailbox": "mail0[]", "local_part": "local_parts[]", "phone": "phones[]", "profile": "profiles[]",
    "external_id": "external_ids[]", "identifier": "identifiers[]", "words": "words", "first": "f_start",
    "initial": "f[1]", "last": "l", "last_sound": "l_sound", "born": "born", "domain": "domain", "company": "company",
    "postcode": "replace(postcode, ' ', '')", "city": "city", "street": "street_key",
    "home": "CASE WHEN is_organisation OR (company = '' AND domain = '') THEN street_key ELSE '' END",
    "organisation": "title_keys[]", "organisation_start": "title_starts[]",
}  # fmt: skip


def block_sql(number: int, block: CandidateBlock, records: str) -> str:
    """Return a query of the records in a block: its number, the key, and the record."""
    parts = [_KEYS[part] for part in block.keys]
    inner = [f"unnest({part.removesuffix('[]')}) AS k{place}" if part.endswith("[]") else f"{part} AS k{place}"
             for place, part in enumerate(parts)]  # fmt: skip
    names = [f"k{place}" for place in range(len(parts))]
    filled = " AND ".join(f"{name} <> ''" for name in names)
    key = " || '|' || ".join(names)
    return (
        f"SELECT {number} AS block, {key} AS key, n FROM (SELECT n, {', '.join(inner)} FROM {records}) WHERE {filled}"
    )


# ------------------------------------------------------------------------------------------------------------- levels
def _jw(one: str, other: str) -> str:
    return f"jaro_winkler_similarity(least({one}, {other}), greatest({one}, {other}))"


def _slip(one: str, other: str) -> str:
    near = f"abs(strlen({one}) - strlen({other})) <= 1 AND least(strlen({one}), strlen({other})) >= 6"
    return f"({near} AND damerau_levenshtein({one}, {other}) <= 1)"


def _any(column: str, other: str | None = None) -> str:
    return f"list_has_any(a.{column}, b.{other or column})"


def _empty(column: str) -> str:
    return f"len(a.{column}) = 0 OR len(b.{column}) = 0"


def _blank(column: str) -> str:
    return f"a.{column} = '' OR b.{column} = ''"


def _last(one: str, other: str) -> str:
    """Return the test whether two names are the same or alike, by their columns and those of their sounds."""
    scripts = f"({one}_script = '') <> ({other}_script = '') AND {one}_consonants = {other}_consonants AND {one}_consonants <> ''"
    sounds = f"{one}_sound = {other}_sound AND {one}[1] = {other}[1]"
    return f"({one} = {other} OR {scripts} OR {_jw(one, other)} >= CASE WHEN {sounds} THEN 0.85 ELSE 0.92 END)"


_SHORTER: Final = (
    "(length(a.f_start) < length(b.f_start) OR length(a.f_start) = length(b.f_start) AND a.f_start <= b.f_start)"
)
_OTHER_SEX: Final = (
    "(f_long IN (f_short || 'a', f_short || 'e', f_short || 'ie', f_short || 'in', f_short || 'ine', f_short || 's', f_short || 'le', f_short || 'la', "
    "f_short || 'ne', f_short || 'ette') OR "
    "left(f_short, -1) = left(f_long, -1) AND right(f_short, 1) IN ('a', 'e', 'o') AND right(f_long, 1) IN "
    "('a', 'e', 'o'))"
)
FACTS: Final = (
    f"CASE WHEN {_SHORTER} THEN a.f_start ELSE b.f_start END AS f_short",
    f"CASE WHEN {_SHORTER} THEN b.f_start ELSE a.f_start END AS f_long",
    f"CASE WHEN a.l = b.l AND a.l_script = b.l_script THEN 'same' WHEN {_last('a.l', 'b.l')} THEN 'alike' WHEN {_any('l_words')} AND NOT "
    "(a.l_single = '1' AND b.l_single = '1') THEN 'part' ELSE 'different' END AS of_last",
    f"CASE WHEN {_blank('f')} THEN 'none' WHEN a.f = b.f AND a.f_script = b.f_script THEN 'same' WHEN a.f = b.f OR "
    "replace(a.f, ' ', '') = replace(b.f, ' ', '') OR (a.f_script = '') <> (b.f_script = '') AND a.f_consonants = b.f_consonants "
    "AND a.f_consonants <> '' THEN 'alike' WHEN length(f_short) = 1 THEN CASE WHEN "
    f"starts_with(f_long, f_short) THEN 'alike' ELSE 'different' END WHEN {_any('f_names')} THEN 'alike' WHEN "
    f"{_jw('a.f_start', 'b.f_start')} >= CASE WHEN a.f_start_sound = b.f_start_sound AND f_short[1] = f_long[1] THEN "
    f"0.85 ELSE 0.92 END AND (length(f_short) >= 4 OR a.f_start_sound = b.f_start_sound) AND length(f_long) - length(f_short) <= 2 AND NOT {_OTHER_SEX} THEN 'alike' ELSE 'different' END AS of_first",
    "CASE WHEN of_last = 'different' THEN CASE WHEN of_first = 'same' THEN 'first' ELSE 'different' END WHEN of_first = "
    "'none' THEN CASE WHEN of_last = 'same' THEN 'last_only' ELSE 'last_like_only' END WHEN of_first = 'different' THEN "
    f"CASE WHEN length(f_short) >= 3 AND NOT {_OTHER_SEX} AND (a.f_start_sound = b.f_start_sound OR "
    f"{_jw('a.f_start', 'b.f_start')} >= 0.8) THEN 'kin' ELSE 'last' END WHEN of_last = 'same' AND of_first = 'same' THEN "
    "'full' WHEN of_last = 'part' THEN 'part' ELSE 'near' END AS of_name",
    "(a.f_script = '') <> (b.f_script = '') AND a.f <> '' AND b.f <> '' OR (a.l_script = '') <> (b.l_script = '') AS two_scripts",
    "a.street <> '' AND b.street <> '' AND a.company = '' AND b.company = '' AND a.domain = '' AND b.domain = '' AS homes",
    "a.route <> '' AND b.route <> '' AND (list_has_all(a.route_words, b.route_words) OR "
    f"list_has_all(b.route_words, a.route_words) OR {_jw('a.route', 'b.route')} >= 0.9) AS same_route",
    "(a.postcode <> '' AND a.postcode = b.postcode OR a.city <> '' AND a.city = b.city) AS same_area",
    "list_sum(list_transform(list_intersect(a.title_words, b.title_words), lambda x: length(x))) AS title_shared",
    "least(list_sum(list_transform(a.title_words, lambda x: length(x))), list_sum(list_transform(b.title_words, lambda x: "
    "length(x)))) AS title_least",
)
"""What several levels are decided on, once for a pair."""
_VALUE: Final = "split_part({}, '|', 2)"
_AREA: Final = (
    "CASE WHEN a.postcode <> '' AND b.postcode <> '' THEN CASE WHEN a.postcode = b.postcode THEN 'same_area' ELSE "
    "'other_area' END WHEN a.city <> '' AND b.city <> '' THEN CASE WHEN a.city = b.city THEN 'same_area' ELSE "
    "'other_area' END END"
)
LEVELS: Final[Mapping[Comparator, str]] = {
    "name": f"CASE WHEN {_blank('l')} THEN NULL WHEN of_name IN ('last', 'first', 'different') AND a.f <> '' AND b.f <> '' "
    f"AND {_last('a.f', 'b.l')} AND {_last('a.l', 'b.f')} THEN CASE WHEN a.f = b.l AND a.l = b.f AND a.f_script = b.l_script AND a.l_script = "
    "b.f_script THEN 'transposed' ELSE 'transposed_near' END WHEN of_name IN ('last', 'first', 'different') AND a.f <> '' AND b.f "
    "<> '' AND least(len(a.name_words), len(b.name_words)) >= 2 AND (list_has_all(a.name_words, b.name_words) OR "
    "list_has_all(b.name_words, a.name_words)) THEN 'part' WHEN two_scripts AND of_name IN ('full', 'near', 'part') THEN "
    "'script' ELSE of_name END",
    "born": f"CASE WHEN {_blank('born')} THEN NULL WHEN a.born = b.born THEN 'same_birth' WHEN {_slip('a.born', 'b.born')} "
    "OR a.born_swapped = b.born THEN 'near_birth' WHEN abs(coalesce(try_cast(left(a.born, 4) AS INT), 0) - "
    "coalesce(try_cast(left(b.born, 4) AS INT), 0)) >= 15 THEN 'generation_apart' ELSE 'other_birth' END",
    "generation": "CASE WHEN a.generation = b.generation THEN NULL WHEN a.generation <> '' AND b.generation <> '' THEN "
    f"'other_generation' WHEN a.born <> '' AND a.born = b.born OR {_any('identifiers')} THEN NULL ELSE 'one_generation' END",
    "email": f"CASE WHEN {_empty('mail0')} THEN NULL WHEN {_any('mail2')} THEN 'same_email' WHEN {_any('mail1')} THEN "
    f"'same_unverified_email' WHEN {_any('mail0')} THEN 'same_unclaimed_email' WHEN {_any('mail_local')} THEN "
    f"'same_local_part' WHEN {_any('mail_domain')} THEN 'colleague_email' ELSE 'other_email' END",
    "phone": f"CASE WHEN {_empty('phones')} THEN NULL WHEN {_any('phones')} THEN CASE WHEN {_any('mobiles', 'phones')} OR "
    f"{_any('phones', 'mobiles')} THEN 'same_mobile' ELSE 'same_line' END WHEN {_empty('mobiles')} THEN 'other_line' ELSE "
    "'other_mobile' END",
    "profile": f"CASE WHEN {_any('profiles')} THEN 'same_profile' WHEN {_any('networks')} THEN 'other_profile' END",
    "external_id": f"CASE WHEN {_any('external_ids')} THEN 'same_external_id' END",
    "identifier": f"CASE WHEN {_any('identifiers')} THEN 'same_identifier' WHEN NOT {_any('identifier_kinds')} THEN NULL "
    "WHEN len(list_filter(a.identifiers, lambda x: len(list_filter(b.identifiers, lambda y: split_part(x, '|', 1) = "
    f"split_part(y, '|', 1) AND {_slip(_VALUE.format('x'), _VALUE.format('y'))})) > 0)) > 0 THEN "
    "'near_identifier' ELSE 'other_identifier' END",
    "company": "CASE WHEN a.domain <> '' AND a.domain = b.domain THEN 'same_domain' WHEN a.company <> '' AND b.company <> "
    "'' THEN CASE WHEN a.company = b.company THEN 'same_company' WHEN least(length(a.company), length(b.company)) >= 6 AND "
    f"{_jw('a.company', 'b.company')} >= 0.95 THEN 'like_company' ELSE 'other_company' END WHEN a.domain <> '' AND "
    "b.domain <> '' THEN 'other_domain' END",
    "place": "CASE WHEN homes THEN NULL WHEN a.postcode <> '' AND b.postcode <> '' THEN CASE WHEN a.postcode <> b.postcode "
    "THEN 'other_postcode' WHEN a.street <> '' AND a.street = b.street THEN 'same_street' ELSE 'same_postcode' END WHEN "
    "a.city <> '' AND b.city <> '' THEN CASE WHEN a.city = b.city THEN 'same_city' ELSE 'other_city' END END",
    "home": "CASE WHEN NOT homes THEN NULL WHEN same_route THEN CASE WHEN a.number = b.number THEN 'same_home' WHEN "
    "same_area THEN 'near_home' ELSE 'other_home' END WHEN same_area THEN CASE WHEN a.number <> '' AND a.number = b.number "
    "THEN 'near_home' ELSE 'same_town' END ELSE 'other_home' END",
    "organisation": f"CASE WHEN {_blank('title')} THEN NULL WHEN a.title = b.title OR {_any('title_keys')} THEN "
    f"'same_title' WHEN {_jw('a.company', 'b.company')} >= 0.92 OR len(list_intersect(a.title_words, b.title_words)) >= "
    "0.75 * (len(a.title_words) + len(b.title_words) - len(list_intersect(a.title_words, b.title_words))) THEN "
    "'like_title' WHEN title_shared = title_least AND title_shared >= 5 THEN 'part_title' WHEN a.company = b.initials OR b.company = a.initials THEN 'acronym' WHEN 2 * title_shared >= "
    "title_least THEN 'share_title' ELSE 'other_title' END",
    "domain": f"CASE WHEN {_blank('domain')} THEN NULL WHEN a.domain = b.domain THEN 'same_domain' ELSE 'other_domain' END",
    "site": "CASE WHEN a.street <> '' AND b.street <> '' AND a.route <> '' AND b.route <> '' THEN CASE WHEN NOT same_route "
    "THEN 'other_site' WHEN a.number = '' OR b.number = '' THEN 'same_route' WHEN a.number = b.number THEN 'same_site' ELSE "
    f"'other_number' END ELSE {_AREA} END",
}
"""The level of each comparison, as ``COMPARATORS`` finds it."""
BASE: Final = 16


def pattern_sql(subject: SubjectModel, pairs: str, records: str, *, organisations: bool) -> str:
    """Return the query of all pairs (one, other) of a kind with the number of their pattern."""
    numbers = " + ".join(
        f"coalesce({_number(one.by, [level.level for level in one.levels])}, 0)::BIGINT * {BASE**place}"
        for place, one in enumerate(subject.comparisons)
    )
    of_kind = "" if organisations else "NOT "
    return (
        f"SELECT one, other, {numbers} AS pattern FROM (SELECT p.one, p.other, {', '.join(FACTS)}, "
        f"{', '.join(f'{LEVELS[one.by]} AS level_{one.by}' for one in subject.comparisons)} FROM {pairs} p JOIN {records} a "
        f"ON a.n = p.one JOIN {records} b ON b.n = p.other WHERE {of_kind}a.is_organisation AND "
        f"{of_kind}b.is_organisation)"
    )


def _number(by: str, levels: Sequence[str]) -> str:
    numbered = " ".join(f"WHEN '{level}' THEN {place}" for place, level in enumerate(levels, 1))
    return f"CASE level_{by} {numbered} END"


def pattern_of_number(subject: SubjectModel, number: int) -> LevelPattern:
    """Return the pattern that a number stands for."""
    found: list[str | None] = []
    for one in subject.comparisons:
        number, place = divmod(number, BASE)
        found.append(one.levels[place - 1].level if place else None)
    return tuple(found)
