"""Rows through the flow, a chunk at a time, every one accounted for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple, Protocol, TypeVar, runtime_checkable

from pydantic import ValidationError

from leadflow.decisions.commands import Command
from leadflow.errors import DefinitionError, InvalidInput, LeadflowError, MissingExtra, StorageError
from leadflow.files.destination import Store, Transaction
from leadflow.files.run_summary import REFUSED, RowOutcome, Tally
from leadflow.files.tables import Row
from leadflow.flow import CommandResult

__all__ = ["RowAction", "RowCommand", "reason_of", "run_rows"]

_log = logging.getLogger("leadflow")

T = TypeVar("T")

ROWS_PER_CHUNK: Final = 250
CHARACTERS_PER_CHUNK: Final = 4 << 20
TRIES: Final = 5


RowAction = Callable[[Transaction, Row], RowOutcome]
"""Does with a row what the file is for."""


class RowCommand(NamedTuple):
    """The command that a row is, and what became of the row by what that answered."""

    command: Command[Any]
    outcome: Callable[[Any], RowOutcome]


@runtime_checkable
class GroupedAction(Protocol):
    """An action whose rows are commands: a chunk of them is carried out together."""

    def command(self, row: Row) -> RowCommand:
        """Return the command that a row is; an error refuses the row."""


def run_rows(
    store: Store,
    rows: Iterable[Row],
    action: RowAction,
    tally: Tally,
    on_outcome: Callable[[Row, RowOutcome], None] | None = None,
) -> Tally:
    """Carry out an action for every row; once its chunk is written, a row is counted, and passed to ``on_outcome``."""
    for some in _chunks(rows):
        tally.rows += len(some)
        for row, outcome in zip(some, _written(store, some, action), strict=True):
            tally.count(row, outcome)
            if on_outcome is not None:
                on_outcome(row, outcome)
    return tally


def _written(store: Store, rows: list[Row], action: RowAction) -> list[RowOutcome]:
    """Carry out a chunk and commit it; what collided with other writers is tried again from its beginning."""
    for tries_left in reversed(range(TRIES)):
        try:
            with store.chunk() as unit:
                if isinstance(action, GroupedAction):
                    return _together(unit, rows, action)
                return [_outcome(unit, row, action) for row in rows]
        except StorageError as error:
            if not tries_left:
                raise
            _log.info("%d rows are tried again: %s", len(rows), type(error).__name__)
    raise AssertionError("unreachable")


def _outcome(unit: Transaction, row: Row, action: RowAction) -> RowOutcome:
    return _unless_refused(row, lambda: action(unit, row))


def _together(unit: Transaction, rows: list[Row], action: GroupedAction) -> list[RowOutcome]:
    """Carry out the commands of a chunk together: reads and writes are shared, the outcomes are as one by one."""
    made = [_unless_refused(row, partial(action.command, row)) for row in rows]
    commands = [one.command for one in made if isinstance(one, RowCommand)]
    results = unit.flow.run_many(commands)
    return [
        _outcome_of(next(results), row, one) if isinstance(one, RowCommand) else one
        for row, one in zip(rows, made, strict=True)
    ]


def _outcome_of(result: CommandResult[Any], row: Row, command: RowCommand) -> RowOutcome:
    if isinstance(result.error, StorageError):
        raise result.error
    if result.error is not None:
        return RowOutcome(REFUSED, row.refused(reason_of(result.error)))
    return command.outcome(result.answer)


def _unless_refused(row: Row, use: Callable[[], T]) -> T | RowOutcome:
    if row.problem is not None:
        return RowOutcome(REFUSED, row.problem)
    try:
        return use()
    except (StorageError, DefinitionError, MissingExtra):
        raise
    except LeadflowError as wrong:
        return RowOutcome(REFUSED, row.refused(reason_of(wrong)))
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        return RowOutcome(REFUSED, row.refused(f"{'.'.join(map(str, first['loc']))}: {first['msg']}"))


def reason_of(wrong: LeadflowError) -> str:
    """Return why a row is refused; of a whole submission without what was in it."""
    return wrong.remedy if isinstance(wrong, InvalidInput) and wrong.field == "submission" else str(wrong)


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    some: list[Row] = []
    characters = 0
    for row in rows:
        some.append(row)
        characters += sum(map(len, row.cells.values()))
        if len(some) >= ROWS_PER_CHUNK or characters >= CHARACTERS_PER_CHUNK:
            yield some
            some, characters = [], 0
    if some:
        yield some
