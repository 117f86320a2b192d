"""What is read of the values in some columns of a table: rows of texts, each distinct combination of values once.

Nothing here needs an engine: processes that only read columns load no more than that.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import Any, Final, NamedTuple

from leadflow.batch.match_records import (
    BIRTHS,
    IDENTIFIERS,
    NAMES,
    PHONES,
    PROFILES,
    STREETS,
    TITLES,
    birth_columns,
    contact_columns,
    joined,
    name_columns,
    phone_columns,
    street_columns,
    title_columns,
)
from leadflow.quality.matching import records as read
from leadflow.quality.matching.records import record_text

__all__ = ["COLUMN_PARTS", "ColumnPart", "csv_rows", "value_rows"]


class ColumnPart(NamedTuple):
    """What is read of some columns of a source, as columns of texts; without ``keys``, of those of identifiers."""

    keys: tuple[str, ...]
    columns: tuple[str, ...]
    row: Callable[[Mapping[str, str], str | None], Sequence[str]]


def _names(texts: Mapping[str, str], _: str | None) -> list[str]:
    first, last, generation, is_named = read.NAMES.read(texts, None)
    return [*name_columns(first, last, generation), "1" if is_named else ""]


def _emails(texts: Mapping[str, str], _: str | None) -> list[str]:
    personal, every, own = read.EMAILS.read(texts, None)
    ours = joined(personal)
    return [ours, ours if every == personal else joined(every), own]


def _company(texts: Mapping[str, str], _: str | None) -> list[str]:
    key, titles, has_title = read.COMPANY.read(texts, None)
    title_key, *others = ["".join(words) for words in titles] or [""]
    title = " ".join(titles[0]) if titles else ""
    return [key, *title_columns(title, title_key, others), title_key, "1" if has_title else ""]


COLUMN_PARTS: Final[Mapping[str, ColumnPart]] = {
    "names": ColumnPart(read.NAMES.keys, (*NAMES, "is_named"), _names),
    "emails": ColumnPart(read.EMAILS.keys, ("mail0", "all_mail0", "own"), _emails),
    "phones": ColumnPart(read.PHONES.keys, PHONES, lambda texts, c: phone_columns(read.PHONES.read(texts, c)[0])),
    "profiles": ColumnPart(
        read.PROFILES.keys, PROFILES, lambda texts, _: contact_columns(read.PROFILES.read(texts, None)[0])
    ),
    "ids": ColumnPart(
        read.EXTERNAL_ID.keys, ("external_ids",),
        lambda texts, _: contact_columns(read.EXTERNAL_ID.read(texts, None)[0])[:1],
    ),
    "sites": ColumnPart(read.SITE.keys, ("site",), read.SITE.read),
    "companies": ColumnPart(read.COMPANY.keys, ("company", *TITLES, "title_key", "has_title"), _company),
    "streets": ColumnPart(read.STREET.keys, STREETS, lambda texts, _: street_columns(read.STREET.read(texts, None)[0])),
    "postcodes": ColumnPart(read.POSTCODE.keys, ("postcode",), read.POSTCODE.read),
    "cities": ColumnPart(read.CITY.keys, ("city",), read.CITY.read),
    "births": ColumnPart(read.BORN.keys, BIRTHS, lambda texts, _: birth_columns(read.BORN.read(texts, None)[0])),
    "identifiers": ColumnPart((), IDENTIFIERS, lambda texts, _: contact_columns(read.identifiers_of(texts))),
}  # fmt: skip
"""The parts of a record by their names: those of the tables that they are read into."""


def value_rows(part: str, keys: Sequence[str], country: str | None, values: Iterable[Sequence[Any]]) -> bytes:
    """Return what a part reads of values, as CSV: each line has the number that their combination begins with."""
    row, places = COLUMN_PARTS[part].row, [*enumerate(keys, 1)]

    def rows() -> Iterator[list[object]]:
        for one in values:
            texts = {key: text for place, key in places if (text := record_text(one[place]))}
            yield [one[0], *row(texts, country)]

    return csv_rows(rows())


def csv_rows(rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as CSV; what UTF-8 can't hold (half of a pair of surrogates) is replaced."""
    file = StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue().encode(errors="replace")
