"""What the cells of a row mean: the arguments of the commands that it is made into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Final

from pydantic import ValidationError

from leadflow.decisions.commands.intake import Capture
from leadflow.decisions.sanitation import KEYS_LIMIT, PRIVILEGED
from leadflow.entities import Consent, ExternalId, Finding, safe_line
from leadflow.entities.text import LINE_LIMIT
from leadflow.errors import InvalidInput
from leadflow.files.column_headers import plain_header
from leadflow.files.column_relations import ColumnRelations, is_fax
from leadflow.files.config import ConsentColumn, FlowFile
from leadflow.files.date_parsing import DateOrder, moment_of, other_reading
from leadflow.files.joined_cells import JOINED_KEYS, fields_in
from leadflow.files.known_exports import is_test_column
from leadflow.files.number_parsing import NUMBER_KEYS, DecimalSign, plain_number, unambiguous
from leadflow.files.spreadsheet_numbers import DIGIT_KEYS, digits_of
from leadflow.files.tables import Row
from leadflow.files.text_damage import has_lost_letters
from leadflow.quality import FIELDS
from leadflow.quality.details import path_of
from leadflow.quality.results import error, note, warning

__all__ = ["LeadRow", "RowMapping", "has_value", "read_moment"]

APART: Final = ("external_id", "visitor", "at", "id", "source")
FREE_TEXT: Final = frozenset({"note", "need", "timing", "intended_use", None})
"""What is used although letters of it are lost: nothing is addressed by it, or made of it."""
MORE: Final = "(more columns)"
"""The name under which a submission keeps the columns that it has no room for one by one."""
TEST_LEAD: Final = "<test lead:"
"""How Meta fills the fields of a test submission: ``<test lead: dummy data for full_name>``."""
META_ID: Final = re.compile(r"^l:(?=\d+$)")
FOLLOWING: Final = (
    ("middle_name", "first_name", " "),
    ("second_last_name", "last_name", " "),
    ("name_suffix", "last_name", ", "),
    ("house_number_addition", "house_number", " "),
    ("house_number_addition", "street", " "),
    ("flat_number", "house_number", "/"),
    ("flat_number", "street", "/"),
)
"""Columns of parts of a name or an address, what they follow, and what stands between."""
GENDERS: Final = {"w": "Frau", "f": "Frau", "m": "Herr", "d": "Divers"}
"""How columns of German salutations and genders are coded."""
PARTS: Final = re.compile(r"\s+/\s+|\s*[;,|\n]\s*| ::: ")
ANY: Final = "*"
TRUE: Final = ("true", "yes", "ja", "1", "wahr", "oui")
YES: Final = {"ja": "yes", "nein": "no", "wahr": "true", "falsch": "false"}


@dataclass(frozen=True)
class LeadRow:
    """One lead of a file, with what was found when its cells were read; that stays on the lead that it becomes."""

    capture: Capture

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found in the cells of the row."""
        return tuple(self.capture.findings)


@dataclass
class _Cells:
    """The cells of a row, by what they mean: values of the lead, what stands apart from them, what can't be read."""

    values: dict[str, object] = field(default_factory=dict)
    joined: dict[str, object] = field(default_factory=dict)
    """The fields of columns that hold several."""
    apart: dict[str, str] = field(default_factory=dict)
    at: datetime | None = None
    unread: dict[str, str] = field(default_factory=dict)
    """The cells as they are, by column."""
    other_people: dict[str, str] = field(default_factory=dict)
    """The cells of a second person in the row, by column."""
    findings: list[Finding] = field(default_factory=list)

    def complete(self) -> None:
        """Take from the columns that hold several fields what no column of its own says; the campaign's source, too."""
        self.values = self.joined | self.values
        if (particle := self.values.pop("name_particle", None)) is not None:
            self.values["last_name"] = f"{particle} {self.values.get('last_name', '')}".strip()
        for key, of, between in FOLLOWING:
            if key in self.values and (before := self.values.get(of)):
                self.values[of] = f"{before}{between}{self.values.pop(key)}"
        if self.other_people:
            names = ", ".join(map(repr, self.other_people))[:200]
            why = f"columns {names} hold a second person; they were kept, and the person is no lead by them"
            self.findings.append(warning("second_person", "row", why, "; ".join(self.other_people.values())))
            self.values |= {_beside(column): cell for column, cell in self.other_people.items()}
        if "source" not in self.apart and (text := _line(str(self.values.get("utm_source", "")))):
            self.apart["source"] = text


@dataclass(frozen=True)
class RowMapping:
    """How the rows of a leads file are read: its columns, and the settings."""

    columns: Mapping[str, str]
    config: FlowFile
    source: str
    ignored: frozenset[str] = field(default=frozenset())
    date_orders: Mapping[str, DateOrder] = field(default_factory=dict)
    decimal_signs: Mapping[str, DecimalSign] = field(default_factory=dict)
    date_doubts: Mapping[str, str] = field(default_factory=dict)
    """Why the order of day and month of a column is doubtful."""
    relations: ColumnRelations = field(default_factory=ColumnRelations)

    def lead_in(self, row: Row, now: datetime) -> LeadRow:
        """Return the lead in a row of a table, with the findings on the row itself."""
        return self.lead(row.cells, now, map(self._by_path, row.findings))

    def lead(self, cells: Mapping[str, str], now: datetime, found: Iterable[Finding] = ()) -> LeadRow:
        """Return the lead in the cells; a moment that can't be read is a finding, and kept with the submission.

        ``InvalidInput`` for the test submission of a form provider, which is nobody.
        """
        if test := next((cell for column, cell in cells.items() if _is_test(column, cell)), None):
            raise InvalidInput("submission", test, "it is a test of the form's provider and no lead; delete the row")
        read = self._read(cells)
        consents = (*self._consents(cells, read, now), *self._opt_outs(cells, now))
        for column, cell in read.unread.items():
            read.values[f"{column} (unreadable)"] = cell
        self._make_room(read.values)
        id = read.apart.get("external_id")
        capture = Capture(
            read.values,
            source=read.apart.get("source") or self.source,
            external_id=None if id is None else external(self.config, id),
            visitor=read.apart.get("visitor"),
            at=read.at,
            id=read.apart.get("id"),
            consents=consents,
            findings=(*found, *read.findings),
        )
        return LeadRow(capture)

    def _by_path(self, found: Finding) -> Finding:
        """A finding on a column, as one on what the lead has by it."""
        key = self.columns.get(found.field)
        return (
            found if key is None else found.but(field=path_of(key), message=f"column {found.field!r}: {found.message}")
        )

    def _read(self, cells: Mapping[str, str]) -> _Cells:
        read = _Cells()
        for column, cell in cells.items():
            if column in self.ignored or not has_value(cell, self.config.missing):
                continue
            if self._is_kept_only(read, column, cells):
                continue
            key = self.columns.get(column)
            if key in DIGIT_KEYS:
                cell = self._digits(read, str(key), column, cell)  # noqa: PLW2901 (what the spreadsheet was given)
                cell = self.relations.in_register(column, cell)  # noqa: PLW2901 (with its register)
            elif key in NUMBER_KEYS or self._kind(key) in ("int", "float"):
                cell = self._amount(read, str(key), column, cells)  # noqa: PLW2901 (with a decimal point)
            if not cell or (key not in FREE_TEXT and has_lost_letters(cell)):
                read.unread[column] = cells[column]
            elif key == "at" or self._kind(key) in ("date", "moment"):
                self._read_moment(read, str(key), column, cell)
            elif key in APART and (text := _line(cell)):  # what is none is kept with the submission
                read.apart[key] = META_ID.sub("", text) if key == "external_id" else text
            elif key is not None and key.startswith("custom."):
                text = cell.strip()
                read.values[key.removeprefix("custom.")] = (
                    YES.get(text.casefold(), text) if self._kind(key) == "bool" else text
                )
            elif key == "email_or_phone":
                _contacts(read, column, cell)
            elif key in JOINED_KEYS:
                read.joined |= fields_in(key, cell)
            else:
                read.values[key or _beside(column)] = cell if key is None else _as_typed(key, column, cell)
        read.complete()
        return read

    def _is_kept_only(self, read: _Cells, column: str, cells: Mapping[str, str]) -> bool:
        """Whether the other columns say that a cell is not the person's: it is kept, and a finding says so."""
        cell = cells[column]
        if column in self.relations.other_people:
            read.other_people[column] = cell
            return True
        if not is_fax(cells.get(self.relations.kinds.get(column, ""), "")):
            return False
        why = f"column {column!r}: says that it is a fax number; it was kept, and not taken as a phone"
        read.findings.append(note("fax_number", path_of(self.columns[column]), why, cell))
        read.values[f"{column} (fax)"] = cell
        return True

    def _make_room(self, values: dict[str, object]) -> None:
        """Put columns that mean nothing under one name, if there are more values than a submission may have."""
        if len(values) <= KEYS_LIMIT:
            return
        unknown = [key for key in values if key not in FIELDS and key not in self.config.custom]
        over = unknown[-(len(values) - KEYS_LIMIT + 1) :]
        values[MORE] = {key: values.pop(key) for key in over}

    def _kind(self, key: str | None) -> str | None:
        return self.config.custom.get(key.removeprefix("custom.")) if key and key.startswith("custom.") else None

    def _digits(self, read: _Cells, key: str, column: str, cell: str) -> str:
        try:
            digits = digits_of(cell)
        except ValueError as wrong:
            read.findings.append(
                error("rounded_number", path_of(key), f"column {column!r}: {cell[:60]!r} {wrong}", cell)
            )
            return ""
        if digits != cell:
            why = f"column {column!r}: a spreadsheet made a number of it; read as its digits"
            read.findings.append(note("spreadsheet_number", path_of(key), why, cell, digits))
        return digits

    def _amount(self, read: _Cells, key: str, column: str, cells: Mapping[str, str]) -> str:
        """Return an amount in the notation of programs, with the currency that its column says."""
        cell = cells[column]
        if self.relations.contradicts(column, cells):
            why = f"column {column!r}: is in another currency than its column or row says"
            read.findings.append(warning("other_currency", path_of(key), why, cell))
            return self._number(read, key, column, cell)
        return self.relations.in_currency(column, self._number(read, key, column, cell), cells)

    def _number(self, read: _Cells, key: str, column: str, cell: str) -> str:
        """Return a cell with its numbers in the notation of its column turned into that of programs."""
        sign = self.config.decimal_sign or self.decimal_signs.get(column)
        if sign is None and ("." in cell or "," in cell):
            return cell
        try:
            return (unambiguous if self._kind(key) is None else plain_number)(cell, sign or ".")
        except ValueError as wrong:
            why = f"column {column!r}: {wrong}, as the others of its column are; it was not used"
            read.findings.append(error("not_readable", path_of(key), why, cell))
            return ""

    def _read_moment(self, read: _Cells, key: str, column: str, cell: str) -> None:
        try:
            order = self.config.date_order or self.date_orders.get(column)
            moment = moment_of(_line(cell) or cell, self.config.timezone, order)
        except ValueError as wrong:
            read.unread[column] = cell
            read.findings.append(
                error("not_readable", path_of(key), f"column {column!r}: {wrong}; it was not used", cell)
            )
            return
        doubt = None if self.config.date_order else self.date_doubts.get(column)
        if doubt and (other := other_reading(_line(cell) or cell, order)):
            why = f"column {column!r}: {doubt}; `date_order` of a config settles it"
            read.findings.append(warning("doubtful_date", path_of(key), why, cell, other))
        if key == "at":
            read.at = moment
        else:
            is_day = self._kind(key) == "date"
            read.values[key.removeprefix("custom.")] = (moment.date() if is_day else moment).isoformat()

    def _opt_outs(self, cells: Mapping[str, str], now: datetime) -> tuple[Consent, ...]:
        """Return what the person no longer wants: everything that these settings would send on that channel."""
        wanted = self.config.opt_out
        if wanted is None or not _says(cells.get(wanted.column, ""), wanted.values):
            return ()
        asked = self.config.consent
        purposes = {"newsletter", *([asked.purpose] if asked else ())}
        purposes |= {one.purpose for one in self.config.nurturing.sequences}
        given: dict[str, Any] = {"channel": wanted.channel, "proof": wanted.proof, "at": now, "origin": "import"}
        return tuple(Consent(purpose=purpose, status="withdrawn", **given) for purpose in sorted(purposes))

    def _consents(self, cells: Mapping[str, str], read: _Cells, now: datetime) -> tuple[Consent, ...]:
        """Return the consent in a row. One whose date can't be read is none: it may be older than a withdrawal."""
        wanted: ConsentColumn | None = self.config.consent
        if wanted is None:
            return ()
        text = cells.get(wanted.column, "")
        if not _says(text, wanted.values):
            return ()
        if undated := next((column for column in read.unread if self.columns.get(column) == "at"), None):
            why = f"column {undated!r} has no date that can be read, so that this yes was not taken; put the date right"
            read.findings.append(error("undated_consent", "consents", f"column {wanted.column!r}: {why}", text))
            return ()
        given: dict[str, Any] = {"purpose": wanted.purpose, "channel": wanted.channel, "proof": wanted.proof}
        return (Consent(status="given", at=read.at or now, origin="import", **given),)


def _says(cell: str, values: Iterable[str]) -> bool:
    said = cell.strip().casefold()
    return bool(said) and (ANY in values or said in {one.casefold() for one in values})


def _is_german(column: str) -> bool:
    return not {"anrede", "geschlecht"}.isdisjoint(plain_header(column).split())


def _is_test(column: str, cell: str) -> bool:
    """Whether a cell is that of a test submission: filled with dummy data, or in the column that says so."""
    return cell.lstrip()[: len(TEST_LEAD)].casefold() == TEST_LEAD or (is_test_column(column) and _says(cell, TRUE))


def _contacts(read: _Cells, column: str, cell: str) -> None:
    """Take a cell apart that holds addresses and numbers."""
    parts = [part for part in PARTS.split(cell) if part.strip()]
    emails = [part.strip() for part in parts if "@" in part]
    phones = [part.strip() for part in parts if "@" not in part and sum(map(str.isdigit, part)) > 5]
    for key, found in (("email", emails), ("phone", phones)):
        if found and key not in read.values:
            read.values[key] = "; ".join(found)
        elif found:
            read.unread[column] = cell
    if len(emails) + len(phones) < len(parts):
        read.unread[column] = cell


def _beside(column: str) -> str:
    """The name under which a column is kept that means nothing: never that of a field, which it would overwrite."""
    return f"{column} (column)" if column in FIELDS or column in PRIVILEGED else column


def _as_typed(key: str, column: str, cell: str) -> str:
    """A cell as a person types it: exports of Google have ``:::`` between values, and a backslash before a colon."""
    if key == "salutation" and _is_german(column):
        return GENDERS.get(cell.strip().casefold(), cell)
    several = cell.replace(" ::: ", "; ")
    return several.replace("\\:", ":") if key in ("website", "linkedin", "social") else several


def _line(cell: str) -> str | None:
    """Return a cell as a line of text, if it is one: neither blank nor too long."""
    text = str(safe_line(cell)) if len(cell) <= LINE_LIMIT else ""
    return text if 0 < len(text) <= LINE_LIMIT else None


def has_value(cell: str, missing: tuple[str, ...] = ()) -> bool:
    """Whether a cell has a value: it is neither blank nor one of the words for a missing one."""
    text = cell.strip()
    return bool(text) and text not in missing


def external(config: FlowFile, id: str) -> ExternalId:
    """Return the id that a lead has in the system that the file comes from."""
    try:
        return ExternalId(system=config.external_system, id=id, reachable=config.reachable_elsewhere)
    except ValidationError as error:
        raise InvalidInput("external_id", id, str(error.errors()[0]["msg"])) from None


def read_moment(name: str, text: str, zone: tzinfo) -> datetime:
    """Return the moment in a cell; ``InvalidInput`` names the field."""
    try:
        return moment_of(text, zone)
    except ValueError as wrong:
        raise InvalidInput(name, text, str(wrong)) from None
