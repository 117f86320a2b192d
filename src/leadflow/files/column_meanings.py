"""What the columns of a file of leads mean, by their names and their values together, from a stated sample of rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final, Literal, TypeAlias

from leadflow.files.column_headers import heading_of, is_beside_a_field, plain_header
from leadflow.files.columns import NEXT, guess_columns
from leadflow.files.date_parsing import DateOrder, DateVotes, moment_of
from leadflow.files.joined_cells import PLACE
from leadflow.files.known_exports import BADGES, KnownExport, export_of, opt_out_in
from leadflow.files.number_parsing import NUMBER_KEYS, DecimalSign, decimal_sign_of
from leadflow.files.other_people import of_other_people
from leadflow.files.tables import FileTable

__all__ = ["SAMPLE_ROWS", "ColumnMeaning", "ColumnMeanings", "understood"]

SAMPLE_ROWS: Final = 1_000
EXAMPLES: Final = 3
MOST: Final = 0.8
"""The share of a column's values that decides what it is."""

EMAIL: Final = re.compile(r"\s*(?:mailto:)?[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+\s*", re.IGNORECASE)
PHONE: Final = re.compile(r"\s*(?:p:|tel:)?(?:\+|00)[1-9][\d\s().\-/]{6,24}", re.ASCII)
LINKEDIN: Final = re.compile(r".*\blinkedin\.com/(?:in|pub)/.*", re.IGNORECASE)
XING: Final = re.compile(r".*\bxing\.com/profile/.*", re.IGNORECASE)
SITE: Final = re.compile(r"\s*(?:https?://|www\.)\S+\s*", re.IGNORECASE)
ACADEMIC: Final = re.compile(
    r"\s*(?:(?:herr|frau|mr|mrs|ms|dr|prof|professor|dipl|mag|ing|lic|doc|phd|ph\.d|msc|m\.sc|bsc|b\.sc|ba|ma|mba|med"
    r"|rer|nat|phil|jur|h\.?c|univ|habil|dott|dra|ir|pd|priv|doz)\b[\s.,\-]*(?:inf|kfm|ing|soz|psych|oec|betriebsw)?\.?)+\s*",
    re.IGNORECASE,
)
YES_NO: Final = re.compile(r"\s*(?:yes|no|ja|nein|true|false|oui|non|si|sí|0|1|x|y|n|j)\s*", re.IGNORECASE)
TRUTH: Final = re.compile(r"\s*(?:true|false|wahr|falsch|vrai|faux|yes|ja|nein)\s*", re.IGNORECASE)
HOUSE: Final = re.compile(r"\d{1,4} ?[a-zA-Z]?(?:[-/]\d{1,4} ?[a-zA-Z]?)?", re.ASCII)
NUMBER: Final = re.compile(r"\s*\d+(?:\.0)?\s*", re.ASCII)

WITHDRAWN: Final = frozenset({"unsubscribed", "opted out", "opt-out", "opted-out", "abgemeldet", "withdrawn"})
COMPANY: Final = frozenset("company firma unternehmen organization organisation corporate zentrale".split())
NUMBERS: Final = frozenset("nr no number nummer numero numer num".split())
PRIVATE: Final = frozenset("home private privat perso personal other weitere weiterer autre otro altro".split())

Reason: TypeAlias = Literal["given", "export", "name", "values"]


@dataclass(frozen=True)
class ColumnMeaning:
    """What one column means (None: nothing that a lead has), by what that is known, some of its values."""

    column: str
    key: str | None
    reason: Reason | None
    filled: int
    examples: tuple[str, ...]
    date_order: DateOrder | None = None
    decimal_sign: DecimalSign | None = None
    date_doubt: str | None = None
    """Why that order is doubtful."""
    has_withdrawn: bool = False
    """Whether somebody is called unsubscribed there."""


@dataclass(frozen=True)
class ColumnMeanings:
    """What all columns mean, and how many rows that was seen from; the export that it is, if that is known."""

    columns: tuple[ColumnMeaning, ...]
    rows: int
    export: KnownExport | None
    file: str = ""
    is_guessed: bool = True

    @property
    def keys(self) -> dict[str, str]:
        """The columns that mean something."""
        return {one.column: one.key for one in self.columns if one.key is not None}

    @property
    def date_orders(self) -> dict[str, DateOrder]:
        """What comes first in the dates with strokes of a column, where its values tell."""
        return {one.column: one.date_order for one in self.columns if one.date_order is not None}

    @property
    def date_doubts(self) -> dict[str, str]:
        """Why the order of day and month is doubtful, of the columns where it is."""
        return {one.column: one.date_doubt for one in self.columns if one.date_doubt is not None}

    @property
    def decimal_signs(self) -> dict[str, DecimalSign]:
        """What stands before the fraction in the numbers of a column, where its values tell."""
        return {one.column: one.decimal_sign for one in self.columns if one.decimal_sign is not None}

    @property
    def dated(self) -> tuple[str, ...]:
        """The columns that may hold moments."""
        return tuple(one.column for one in self.columns if one.key == "at" or _is_own(one.key))

    @property
    def numeric(self) -> tuple[str, ...]:
        """The columns that may hold amounts."""
        return tuple(one.column for one in self.columns if one.key in NUMBER_KEYS or _is_own(one.key))

    @property
    def opt_out(self) -> str | None:
        """The column by which people have opted out of mail."""
        free = [one for one in self.columns if one.key is None]
        if not self.is_guessed:
            return None
        by_name = opt_out_in((one.column for one in free), self.export)
        return by_name or next((one.column for one in free if one.has_withdrawn), None)

    @property
    def is_opt_out_dated(self) -> bool:
        """Whether that column says when, so that any value in it is an opt-out."""
        examples = next((one.examples for one in self.columns if one.column == self.opt_out), ())
        return bool(examples) and all(map(_is_moment, examples))

    @property
    def system(self) -> str | None:
        """The system that the ids of the file are of: the export, or this event, which others don't share."""
        if self.export is not None:
            return self.export.system
        ids = (one for one in self.columns if one.key == "external_id" and plain_header(one.column) in BADGES)
        return next((f"badge {self.file}" for _ in ids), None) if self.is_guessed else None


def understood(
    read: FileTable, given: Mapping[str, str], *, guess: bool = True, ignore: Collection[str] = ()
) -> ColumnMeanings:
    """Look at the first rows and say what every column means: as given, otherwise by export, name and values."""
    sample = [row.cells for row in islice(read.rows(), SAMPLE_ROWS) if row.problem is None]
    values = {column: [text for cells in sample if (text := cells[column].strip())] for column in read.columns}
    export = export_of(read.columns) if guess else None
    keys: dict[str, tuple[str, Reason]] = {column: (key, "given") for column, key in given.items()}
    if guess:
        open_ones = [column for column in read.columns if column not in keys and column not in ignore]
        keys |= _guessed(open_ones, values, export, {key for key, _ in keys.values()})
    columns = tuple(_meanings(read.columns, keys, values))
    return ColumnMeanings(columns, len(sample), export, read.path.stem, guess)


def _meanings(
    columns: Iterable[str], keys: Mapping[str, tuple[str, Reason]], values: Mapping[str, Sequence[str]]
) -> Iterator[ColumnMeaning]:
    for column in columns:
        key, reason = keys.get(column, (None, None))
        cells = values[column]
        examples = tuple(dict.fromkeys(cell[:80] for cell in cells[:50]))[:EXAMPLES]
        dates = DateVotes.of(cells if key == "at" or _is_own(key) else ())
        sign = decimal_sign_of(cells) if key in NUMBER_KEYS or _is_own(key) else None
        has_withdrawn = any(cell.casefold() in WITHDRAWN for cell in cells)
        yield ColumnMeaning(column, key, reason, len(cells), examples, dates.order, sign, dates.doubt, has_withdrawn)


def _is_moment(text: str) -> bool:
    try:
        return bool(moment_of(text, order="day"))
    except ValueError:
        return False


def _is_private(column: str) -> bool:
    return not PRIVATE.isdisjoint(plain_header(column).split())


def _is_of_company(column: str) -> bool:
    """Whether a column is named as an address or a number of the whole company."""
    words, heading = plain_header(column).split(), heading_of(column)
    return heading is not None and heading.key in ("email", "phone") and not COMPANY.isdisjoint(words)


def _is_own(key: str | None) -> bool:
    """Whether it is a field of the host's own, which may hold anything."""
    return key is not None and key.startswith("custom.")


def _guessed(
    columns: Sequence[str], values: Mapping[str, Sequence[str]], export: KnownExport | None, taken: set[str]
) -> dict[str, tuple[str, Reason]]:
    found: dict[str, tuple[str, Reason]] = {}
    known = export.columns if export else {}
    # Of two that mean the same, one with values counts before one without, and the person's at work before a private
    # one, and before that of the company
    ranked = sorted(columns, key=lambda column: (not values[column], _is_private(column) or _is_of_company(column)))
    for column in ranked:
        key = known.get(plain_header(column))
        if key is not None and key not in taken:
            found[column] = key, "export"
            taken.add(key)
    others = of_other_people(columns)
    rest = [one for one in ranked if one not in found and one not in others and plain_header(one) not in known]
    named = guess_columns(rest)
    for column in rest:
        heading = heading_of(column)
        by_name = named.get(column)
        key = _by_values(by_name, values[column])
        if key is None or (by_name is None and (heading or is_beside_a_field(column) or key == "website")):
            continue
        if by_name is None and key in ("email", "phone") and key in named.values():
            continue  # whose it is can't be told: a rep's, a referrer's
        free = next((one for one in NEXT.get(key, (key,)) if one not in taken), None)
        if free is not None:
            found[column] = free, "name" if key == by_name else "values"
            taken.add(free)
    if "house_number" not in taken:
        found |= dict.fromkeys(_house_numbers(columns, found, values), ("house_number", "values"))
    return _names_put_right(found, values)


def _house_numbers(
    columns: Sequence[str], found: Mapping[str, tuple[str, Reason]], values: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """The column right behind that of streets, if it is named as a number and looks like those of houses."""
    for street, behind in pairwise(columns):
        is_street = street in found and found[street][0] == "street"
        if is_street and plain_header(behind) in NUMBERS and _most(HOUSE, values[behind]):
            yield behind


def _by_values(key: str | None, cells: Sequence[str]) -> str | None:
    """What a column means whose name means ``key``, now that its values are seen."""
    if not cells:
        return key
    if key in (None, "website", "name", "social") and _most(LINKEDIN, cells):
        return "linkedin"
    if key in (None, "website", "name", "social") and _most(XING, cells):
        return "xing"
    if key in (None, "name", "phone", "external_id") and _most(EMAIL, cells):
        return "email" if key != "external_id" else key
    if key in (None, "name", "email") and _most(PHONE, cells):
        return "phone"
    if key is None:
        return "website" if _most(SITE, cells) else None
    if key in ("city", "street") and _most(PLACE, cells):
        return "place"
    if key == "title":
        return "title" if _most(ACADEMIC, cells, 0.5) else "job_title"
    if key in ("email", "phone", "mobile", "linkedin", "website") and len(cells) > 2 and _most(YES_NO, cells, 1.0):
        return None
    if key in ("job_title", "company", "name") and len(cells) > 2 and _most(NUMBER, cells, 1.0):
        return None
    if key in ("job_title", "company", "name") and len(cells) > 1 and _most(TRUTH, cells, 1.0):
        return None
    return key


def _names_put_right(
    found: dict[str, tuple[str, Reason]], values: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, Reason]]:
    """``Vorname, Name`` are first and last name; a first or last name alone that has blanks is the whole name."""
    by_key = {key: column for column, (key, _) in found.items()}
    if "name" in by_key and "first_name" in by_key and "last_name" not in by_key:
        if not _have(values[by_key["name"]], lambda text: len(text.split()) > 1):
            found[by_key["name"]] = "last_name", "values"
    elif "name" not in by_key:
        for one, other in (("first_name", "last_name"), ("last_name", "first_name")):
            if one in by_key and other not in by_key and _have(values[by_key[one]], lambda text: " " in text):
                found[by_key[one]] = "name", "values"
    return found


def _most(form: re.Pattern[str], cells: Sequence[str], share: float = MOST) -> bool:
    return _have(cells, lambda text: form.fullmatch(text) is not None, share)


def _have(cells: Sequence[str], is_so: Callable[[str], bool], share: float = 0.5) -> bool:
    return bool(cells) and sum(map(is_so, cells)) >= share * len(cells)
