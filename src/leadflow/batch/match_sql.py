"""A match model as SQL for DuckDB: records as columns, candidates by blocks, and the level of each comparison.

What is weighed is a pattern of levels, a number; there are few, and Python weighs each of them once. So the verdict of
a pair is the one that it gets alone, if the levels are the same: tests/batch/test_match_sql.py holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from leadflow.batch.match_bounds import hopeless_names
from leadflow.batch.match_records import COLUMNS, LIST_SIGN, NAMES
from leadflow.quality.matching.likeness import LevelPattern
from leadflow.quality.matching.model import (
    CandidateBlock,
    Comparator,
    FieldComparison,
    KeyPart,
    MatchModel,
    SubjectModel,
)

__all__ = ["candidate_sql", "cascade_sql", "level_sql", "over_caps_sql", "pattern_of_number", "pattern_sql"]

_SIGN: Final = f"chr({ord(LIST_SIGN)})"
# ------------------------------------------------------------------------------------------------------------- blocks
_KEYS: Final[Mapping[KeyPart, str]] = {
    "mailbox": "mail0[]", "local_part": "local_parts[]", "phone": "phones[]", "profile": "profiles[]",
    "external_id": "external_ids[]", "identifier": "identifiers[]", "words": "words", "first": "f_start",
    "initial": "left(f, 1)", "last": "l", "last_sound": "l_sound", "born": "born", "domain": "domain", "company": "company",
    "postcode": "replace(postcode, ' ', '')", "city": "city", "street": "street_key",
    "home": "CASE WHEN is_organisation OR (company = '' AND domain = '') THEN street_key ELSE '' END",
    "organisation": "title_keys[]", "organisation_start": "title_starts[]",
}  # fmt: skip


def candidate_sql(model: MatchModel, *, new: int | None = None, link: bool = False) -> dict[str, str]:
    """Return the queries of the tables that candidates are found by, in their order: each may use those before.

    Of the ``records``, the first ``new`` are new (None: all), and with ``link`` each is compared with old ones only.
    """
    blocks = " UNION ALL ".join(_block(number, one) for number, one in enumerate(model.blocks))
    ours = [] if new is None else [f"a.n < {new}", *([f"b.n >= {new}"] if link else ())]
    return {
        "keys": f"SELECT block, hash(key) AS key, n FROM ({blocks})",
        "sizes": "SELECT block, key, count(*) AS size FROM keys GROUP BY block, key HAVING count(*) > 1",
        "candidates": "WITH kept AS (SELECT keys.block, keys.key, keys.n FROM keys JOIN sizes ON keys.block = sizes.block "
        f"AND keys.key = sizes.key WHERE size <= {_caps(model)}) SELECT DISTINCT a.n AS one, b.n AS other FROM kept a JOIN "
        f"kept b ON {' AND '.join(['a.block = b.block', 'a.key = b.key', 'a.n < b.n', *ours])}",
    }


def over_caps_sql(model: MatchModel) -> str:
    """Return the query of the number of blocks above their caps."""
    return f"SELECT count(*) FROM sizes WHERE size > {_caps(model)}"


def _caps(model: MatchModel) -> str:
    caps = " ".join(f"WHEN {number} THEN {one.cap}" for number, one in enumerate(model.blocks))
    return f"CASE sizes.block {caps} END"


def _block(number: int, block: CandidateBlock) -> str:
    """Return the query of the records in a block: its number, the key, and the record."""
    rows, names = "records", [f"k{place}" for place in range(len(block.keys))]
    for name, part in zip(names, block.keys, strict=True):
        value = _KEYS[part]
        if value.endswith("[]"):  # one list at a time: two in one step would be paired, not combined
            value = f"unnest({_split(value[:-2])})"
        rows = f"(SELECT *, {value} AS {name} FROM {rows})"
    filled = " AND ".join(f"{name} <> ''" for name in names)
    key = " || '|' || ".join(names)
    once = "DISTINCT " if sum(_KEYS[part].endswith("[]") for part in block.keys) > 1 else ""  # lists are sets
    return f"SELECT {once}{number} AS block, {key} AS key, n FROM {rows} WHERE {filled}"


# ------------------------------------------------------------------------------------------------------------- levels
def _jw(one: str, other: str) -> str:
    return f"jaro_winkler_similarity(least({one}, {other}), greatest({one}, {other}))"


def _slip(one: str, other: str) -> str:
    near = f"abs(strlen({one}) - strlen({other})) <= 1 AND least(strlen({one}), strlen({other})) >= 6"
    return f"({near} AND damerau_levenshtein({one}, {other}) <= 1)"


def _split(column: str) -> str:
    return f"string_split({column}, {_SIGN})"


def _any(column: str, other: str | None = None, several: str = "a_several OR b_several") -> str:
    """Return the test whether two columns have a value in common; most have one at most, and compare as texts."""
    one, two = f"a_{column}", f"b_{other or column}"
    shared = f"list_has_any({_split(one)}, {_split(two)})"
    return f"({one} <> '' AND ({one} = {two} OR ({several}) AND {two} <> '' AND {shared}))"


def _blank(column: str) -> str:
    return f"a_{column} = '' OR b_{column} = ''"


def _initial(name: str) -> str:
    return f"translate(left({name}, 1), 'kqszjyvwp', 'cccciifff')"


def _last(one: str, other: str) -> str:
    """Return the test whether two names are the same or alike, by their columns and those of their sounds."""
    scripts = f"({one}_script = '') <> ({other}_script = '') AND {one}_consonants = {other}_consonants AND {one}_consonants <> ''"
    sounds = f"{one}_sound = {other}_sound AND {_initial(one)} = {_initial(other)}"
    return f"({one} = {other} OR {scripts} OR {_jw(one, other)} >= CASE WHEN {sounds} THEN 0.83 ELSE 0.92 END)"


def _other_name(given: str, other: str) -> str:
    """Return the test whether the only name of one record is what the other has as the other one."""
    sides = (f"{b}_{other} <> '' AND {_last(f'{a}_{given}', f'{b}_{other}')}" for a, b in ("ab", "ba"))
    return f"({' OR '.join(sides)})"


def _all(column: str) -> str:
    """Return the test whether one of two columns has all values of the other."""
    one, two = _split(f"a_{column}"), _split(f"b_{column}")
    return f"(a_{column} = b_{column} OR list_has_all({one}, {two}) OR list_has_all({two}, {one}))"


_SHORTER: Final = (
    "(length(a_f_start) < length(b_f_start) OR length(a_f_start) = length(b_f_start) AND a_f_start <= b_f_start)"
)
_OTHER_SEX: Final = (
    "(f_long IN (f_short || 'a', f_short || 'e', f_short || 'ie', f_short || 'in', f_short || 'ine', f_short || 's', "
    "f_short || 'le', f_short || 'la', f_short || 'ne', f_short || 'ette') OR "
    "left(f_short, length(f_short) - 1) = left(f_long, length(f_long) - 1) AND right(f_short, 1) IN ('a', 'e', 'o') AND right(f_long, 1) IN "
    "('a', 'e', 'o'))"
)


def _contains(column: str, value: str) -> str:
    return f"list_contains({_split(column)}, {value})"


def _count(column: str) -> str:
    return f"array_length({_split(column)})"


def _letters(column: str) -> str:
    return f"length(replace({column}, {_SIGN}, ''))"


FACTS: Final = (
    (
        f"CASE WHEN {_SHORTER} THEN a_f_start ELSE b_f_start END AS f_short",
        f"CASE WHEN {_SHORTER} THEN b_f_start ELSE a_f_start END AS f_long",
        f"CASE WHEN a_l = b_l AND a_l_script = b_l_script THEN 'same' WHEN {_last('a_l', 'b_l')} THEN 'alike' WHEN NOT (a_l_single = '1' AND "
        f"b_l_single = '1') AND {_any('l_words', several='true')} THEN 'part' ELSE 'different' END AS of_last",
        "CASE WHEN a_company = '' AND b_company = '' AND a_domain = '' AND b_domain = '' THEN true ELSE false END AS private",
        "CASE WHEN a_postcode <> '' AND a_postcode = b_postcode OR a_city <> '' AND a_city = b_city THEN true ELSE false "
        "END AS same_area",
        f"list_intersect({_split('a_title_words')}, {_split('b_title_words')}) AS title_both",
        f"least({_letters('a_title_words')}, {_letters('b_title_words')}) AS title_least",
    ),
    (
        "CASE WHEN a_f_known = '1' AND b_f_known = '1' AND a_f_start_sound <> b_f_start_sound THEN true ELSE false END AS two_names",
        "CASE WHEN private AND a_street <> '' AND b_street <> '' THEN true ELSE false END AS homes",
        "list_sum(list_transform(title_both, lambda x: length(x))) AS title_shared",
        f"CASE WHEN a_f = b_f OR {_blank('f')} THEN 1.0 ELSE {_jw('a_f_start', 'b_f_start')} END AS f_alike",
        "CASE WHEN (private OR a_title <> '') AND a_route <> '' AND b_route <> '' AND "
        f"({_all('route_words')} OR {_jw('a_route', 'b_route')} >= 0.9) THEN true ELSE false END AS same_route",
    ),
    (f"CASE WHEN a_f_start_sound = b_f_start_sound OR f_alike >= 0.8 THEN {_OTHER_SEX} ELSE false END AS other_sex",),
    (
        f"CASE WHEN {_blank('f')} THEN 'none' WHEN a_f = b_f AND a_f_script = b_f_script THEN 'same' WHEN a_f = b_f OR "
        "replace(a_f, ' ', '') = replace(b_f, ' ', '') OR (a_f_script = '') <> (b_f_script = '') AND (a_f_consonants = "
        "b_f_consonants AND a_f_consonants <> '' OR a_f_start_consonants = b_f_start_consonants AND a_f_start_consonants "
        "<> '') THEN 'alike' WHEN length(f_short) = 1 THEN CASE WHEN "
        f"starts_with(f_long, f_short) THEN 'alike' ELSE 'different' END WHEN "
        f"{_any('f_names', several='a_f_names <> a_f_start OR b_f_names <> b_f_start')} THEN 'alike' WHEN two_names THEN 'different' WHEN "
        f"f_alike >= CASE WHEN a_f_start_sound = b_f_start_sound AND {_initial('f_short')} = {_initial('f_long')} THEN 0.83 ELSE 0.92 END AND "
        "(length(f_short) >= 4 OR a_f_start_sound = b_f_start_sound) AND length(f_long) - length(f_short) <= 2 AND NOT other_sex THEN 'alike' ELSE 'different' END AS of_first",
    ),
    (
        "CASE WHEN of_last = 'different' THEN CASE WHEN of_first = 'same' THEN 'first' ELSE 'different' END WHEN of_first "
        "= 'none' THEN CASE WHEN of_last = 'same' THEN 'last_only' ELSE 'last_like_only' END WHEN of_first = 'different' "
        "THEN CASE WHEN two_names THEN 'siblings' WHEN length(f_short) >= 3 AND NOT other_sex AND (a_f_start_sound = b_f_start_sound OR f_alike >= 0.8) "
        "THEN 'kin' ELSE 'last' END WHEN of_last = 'same' AND of_first = 'same' THEN 'full' WHEN of_last = 'part' THEN "
        "'part' ELSE 'near' END AS of_name",
        "(a_f_script = '') <> (b_f_script = '') AND a_f <> '' AND b_f <> '' OR (a_l_script = '') <> (b_l_script = '') AS "
        "two_scripts",
    ),
)
"""What several levels are decided on, once for a pair; each step may use those before."""
_VALUE: Final = "split_part({}, '|', 2)"
_LIKE_COMPANY: Final = f"least(length(a_company), length(b_company)) >= 6 AND {_jw('a_company', 'b_company')} >= 0.95"
_AREA: Final = (
    "CASE WHEN a_postcode <> '' AND b_postcode <> '' THEN CASE WHEN a_postcode = b_postcode THEN 'same_area' ELSE "
    "'other_area' END WHEN a_city <> '' AND b_city <> '' THEN CASE WHEN a_city = b_city THEN 'same_area' ELSE "
    "'other_area' END END"
)
_HAS_MORE: Final = " OR ".join(f"{side}_l_single <> '1' OR contains({side}_f, ' ')" for side in "ab")
"""Whether a name has more than two words; no other has all those of a different one."""


def _part_of(date: str, start: int, length: int) -> str:
    return f"coalesce(try_cast(substring({date}, {start}, {length}) AS INT), 0)"


def _month(date: str) -> str:
    return f"{_part_of(date, 1, 4)} * 12 + {_part_of(date, 6, 2)}"


_APART: Final = f"abs({_part_of('a_born', 1, 4)} - {_part_of('b_born', 1, 4)}) >= 15"
LEVELS: Final[Mapping[Comparator, str]] = {
    "name": f"CASE WHEN {_blank('l')} THEN CASE of_first WHEN 'none' THEN NULL WHEN 'different' THEN CASE WHEN {_other_name('f', 'l')} "
    f"THEN 'last_like_only' ELSE 'first_apart' END ELSE 'first_only' END WHEN of_name = 'different' AND ({_blank('f')}) AND "
    f"{_other_name('l', 'f')} THEN 'first_only' WHEN of_name IN ('last', 'siblings', 'first', 'different') AND a_f <> '' AND b_f <> '' "
    f"AND {_last('a_f', 'b_l')} AND {_last('a_l', 'b_f')} THEN CASE WHEN a_f = b_l AND a_l = b_f AND a_f_script = b_l_script "
    "AND a_l_script = b_f_script THEN 'transposed' ELSE 'transposed_near' END WHEN of_name IN ('last', 'siblings', 'first', 'different') "
    f"AND a_f <> '' AND b_f <> '' AND ({_HAS_MORE}) AND least({_count('a_name_words')}, {_count('b_name_words')}) >= 2 "
    f"AND {_all('name_words')} THEN 'part' WHEN two_scripts AND of_name IN ('full', 'near', 'part') THEN 'script' ELSE of_name "
    "END",
    "born": f"CASE WHEN {_blank('born')} THEN NULL WHEN a_born = b_born THEN 'same_birth' WHEN {_slip('a_born', 'b_born')} "
    f"OR a_born_swapped = b_born THEN CASE WHEN {_APART} THEN 'slip_apart' ELSE 'near_birth' END WHEN {_APART} THEN "
    f"'generation_apart' WHEN abs({_month('a_born')} - ({_month('b_born')})) <= 12 THEN 'within_year' ELSE 'other_birth' END",
    "generation": "CASE WHEN a_generation = b_generation THEN NULL WHEN a_generation <> '' AND b_generation <> '' THEN "
    f"'other_generation' WHEN a_born <> '' AND a_born = b_born OR {_any('identifiers')} THEN NULL ELSE 'one_generation' END",
    "email": f"CASE WHEN {_blank('mail0')} THEN NULL WHEN {_any('mail0')} THEN CASE WHEN {_any('mail3')} THEN 'same_listed_email' WHEN {_any('mail2')} THEN 'same_email' WHEN "
    f"{_any('mail1')} THEN 'same_unverified_email' ELSE 'same_unclaimed_email' END WHEN alike AND a_spelled = '1' AND "
    f"b_spelled = '1' THEN 'spelled_apart' WHEN {_any('mail_local')} THEN "
    f"'same_local_part' WHEN {_any('mail_domain')} THEN 'colleague_email' ELSE 'other_email' END",
    "phone": f"CASE WHEN {_blank('phones')} THEN NULL WHEN {_any('phones')} THEN CASE WHEN {_any('mobiles', 'phones')} OR "
    f"{_any('phones', 'mobiles')} THEN 'same_mobile' WHEN private THEN 'same_private_line' ELSE 'same_line' END WHEN {_blank('mobiles')} THEN 'other_line' ELSE "
    "'other_mobile' END",
    "profile": f"CASE WHEN {_any('profiles')} THEN 'same_profile' WHEN {_any('networks')} THEN 'other_profile' END",
    "external_id": f"CASE WHEN {_any('external_ids')} THEN 'same_external_id' END",
    "identifier": f"CASE WHEN {_any('identifiers')} THEN 'same_identifier' WHEN NOT {_any('identifier_kinds')} THEN NULL "
    f"WHEN array_length(list_filter({_split('a_identifiers')}, lambda x: array_length(list_filter({_split('b_identifiers')}, lambda y: split_part(x, '|', 1) = "
    f"split_part(y, '|', 1) AND {_slip(_VALUE.format('x'), _VALUE.format('y'))})) > 0)) > 0 THEN "
    "'near_identifier' ELSE 'other_identifier' END",
    "company": "CASE WHEN a_company = '' OR b_company = '' THEN CASE WHEN a_domain = '' OR b_domain = '' THEN NULL WHEN a_domain = "
    "b_domain THEN 'same_domain' ELSE 'other_domain' END WHEN a_company = b_company THEN CASE WHEN a_domain <> '' AND a_domain = "
    f"b_domain THEN 'same_domain' ELSE 'same_company' END WHEN {_LIKE_COMPANY} THEN CASE WHEN a_domain <> '' AND a_domain = b_domain "
    "THEN 'same_domain' ELSE 'like_company' END WHEN a_domain <> '' AND a_domain = b_domain THEN CASE WHEN contains(a_company, "
    "b_company) OR contains(b_company, a_company) THEN 'same_domain' ELSE 'shared_domain' END ELSE 'other_company' END",
    "place": "CASE WHEN homes THEN NULL WHEN a_postcode <> '' AND b_postcode <> '' THEN CASE WHEN a_postcode <> b_postcode "
    "THEN 'other_postcode' WHEN a_street <> '' AND a_street = b_street THEN 'same_street' ELSE 'same_postcode' END WHEN "
    "a_city <> '' AND b_city <> '' THEN CASE WHEN a_city = b_city THEN 'same_city' ELSE 'other_city' END END",
    "home": "CASE WHEN NOT homes THEN NULL WHEN same_route THEN CASE WHEN a_number = b_number THEN 'same_home' WHEN "
    "same_area THEN 'near_home' ELSE 'other_home' END WHEN same_area THEN CASE WHEN a_number <> '' AND a_number = b_number "
    "THEN 'near_home' ELSE 'same_town' END ELSE 'other_home' END",
    "organisation": f"CASE WHEN {_blank('title')} THEN NULL WHEN a_title = b_title OR {_contains('a_title_keys', 'b_company')} OR "
    f"{_contains('b_title_keys', 'a_company')} THEN "
    f"'same_title' WHEN {_jw('a_company', 'b_company')} >= 0.92 OR array_length(title_both) >= 0.75 * ({_count('a_title_words')} + "
    f"{_count('b_title_words')} - array_length(title_both)) THEN "
    f"'like_title' WHEN title_shared = title_least AND title_shared >= 5 THEN CASE WHEN least({_count('a_title_words')}, {_count('b_title_words')}) > 1 THEN 'within_title' ELSE 'part_title' END WHEN a_company = b_initials OR "
    "b_company = a_initials THEN 'acronym' WHEN 2 * title_shared >= "
    "title_least THEN 'share_title' ELSE 'other_title' END",
    "domain": f"CASE WHEN {_blank('domain')} THEN NULL WHEN a_domain = b_domain THEN 'same_domain' ELSE 'other_domain' END",
    "site": "CASE WHEN a_street <> '' AND b_street <> '' AND a_route <> '' AND b_route <> '' THEN CASE WHEN NOT same_route "
    "THEN 'other_site' WHEN a_number = '' OR b_number = '' THEN 'same_route' WHEN a_number = b_number THEN 'same_site' ELSE "
    f"'other_number' END ELSE {_AREA} END",
}
"""The level of each comparison, as ``COMPARATORS`` finds it."""
BASE: Final = 16
_OF_NAMES: Final = ", ".join(column for column in NAMES if column not in ("words", "generation"))
_NAMED: Final = "a.n = p.one JOIN people b ON b.n = p.other"
_SHARED: Final = " OR ".join(
    (*map(_any, ("mail0", "profiles", "external_ids")), _any("mobiles", "phones"), _any("phones", "mobiles"),
     *(f"NOT ({_blank(one)})" for one in ("identifiers", "born")))
)  # fmt: skip
"""Whether two persons may have in common what ``SHARED_LEVELS`` stand for."""


def cascade_sql(model: MatchModel) -> dict[str, str]:
    """Return the queries of the tables that leave few candidates of two persons: most differ in name, and share nothing.

    Each two names are compared once, by the numbers of the first records that have them; these are joined as a table of
    their own, since most are among the first of all records, where only one thread would look.
    """
    shared = ("several", "mail0", "phones", "mobiles", "profiles", "external_ids", "identifiers", "born")
    sides = ", ".join(f"{side}.{column} AS {side}_{column}" for side in "ab" for column in shared)
    same_pair = "l.one = least(a.name, b.name) AND l.other = greatest(a.name, b.name)"
    out = ", ".join(f"'{level}'" for level in hopeless_names(model))
    hopeful = f"level_name IS NULL OR level_name NOT IN ({out}) OR {_SHARED}" if out else "true"
    return {
        "people": f"SELECT n, name, {', '.join(shared)} FROM records JOIN (SELECT {_OF_NAMES}, min(n) AS name FROM records "
        f"WHERE NOT is_organisation GROUP BY {_OF_NAMES}) USING ({_OF_NAMES}) WHERE NOT is_organisation",
        "names": "SELECT DISTINCT least(a.name, b.name) AS one, greatest(a.name, b.name) AS other FROM candidates p JOIN "
        f"people a ON {_NAMED}",
        "name_levels": "WITH named AS (SELECT * FROM records WHERE n IN (SELECT name FROM people)) "
        f"SELECT one, other, {LEVELS['name']} AS level_name, of_last = 'alike' AND a_l <> b_l AS alike FROM ({_facts('SELECT * FROM names', records='named')})",
        "hopeful": f"SELECT one, other, level_name, alike FROM (SELECT p.one, p.other, level_name, alike, {sides} FROM candidates p JOIN "
        f"people a ON {_NAMED} JOIN name_levels l ON {same_pair}) WHERE {hopeful}",
    }


def level_sql(subject: SubjectModel, *, organisations: bool) -> str:
    """Return the query of all candidates of a kind with a column per comparison: its level, or NULL."""
    listed = ", ".join(f"level_{one.by}" for one in subject.comparisons)
    return f"SELECT one, other, {listed} FROM ({_compared(subject, organisations=organisations)})"


def pattern_sql(subject: SubjectModel, *, organisations: bool) -> str:
    """Return the query of all candidates of a kind with the number of their pattern of levels."""
    numbers = " + ".join(
        f"coalesce({_number(one)}, 0)::BIGINT * {BASE**place}" for place, one in enumerate(subject.comparisons)
    )
    return f"SELECT one, other, {numbers} AS pattern FROM ({_compared(subject, organisations=organisations)})"


def _compared(subject: SubjectModel, *, organisations: bool) -> str:
    if organisations:
        pairs = "SELECT one, other, false AS alike FROM candidates JOIN records ON n = one WHERE is_organisation"
        facts = _facts(pairs, where="b.is_organisation")
    else:
        facts = _facts("SELECT * FROM hopeful")
    known = () if organisations else ("name",)
    levels = [f"{LEVELS[one.by]} AS level_{one.by}" for one in subject.comparisons if one.by not in known]
    return f"SELECT *, {', '.join(levels)} FROM ({facts})"


def _facts(pairs: str, where: str = "true", records: str = "records") -> str:
    """Return the query of pairs with the columns of both records, and with what several levels are decided on."""
    sides = ", ".join(f"{side}.{column} AS {side}_{column}" for side in "ab" for column in COLUMNS[2:])
    query = f"SELECT p.*, {sides} FROM ({pairs}) p JOIN {records} a ON a.n = p.one JOIN {records} b ON b.n = p.other WHERE {where}"
    for step in FACTS:
        query = f"SELECT *, {', '.join(step)} FROM ({query})"
    return query


def _number(comparison: FieldComparison) -> str:
    places = {level: place for place, level in enumerate(comparison.levels, 1)}
    numbered = " ".join(f"WHEN '{level}' THEN {places[found]}" for level, found in comparison.by_level.items())
    return f"CASE level_{comparison.by} {numbered} END"


def pattern_of_number(subject: SubjectModel, number: int) -> LevelPattern:
    """Return the pattern that a number stands for."""
    found: list[str | None] = []
    for one in subject.comparisons:
        number, place = divmod(number, BASE)
        found.append(one.levels[place - 1].level if place else None)
    return tuple(found)
