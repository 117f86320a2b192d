"""Rows through the flow, a chunk at a time, every one accounted for."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple, Protocol, TypeVar, runtime_checkable

from pydantic import ValidationError

from leadflow.decisions.commands import Command
from leadflow.entities import Finding
from leadflow.errors import DefinitionError, InvalidInput, LeadflowError, MissingExtra, StorageError
from leadflow.files.reading import Row
from leadflow.files.storing import Store, Unit
from leadflow.flow import CommandResult

__all__ = ["REFUSED", "Outcome", "Play", "Refusal", "RowCommand", "Tally", "played", "reason_of"]

_log = logging.getLogger("leadflow")

T = TypeVar("T")

REFUSED: Final = "refused"
ROWS_PER_CHUNK: Final = 250
CHARACTERS_PER_CHUNK: Final = 4 << 20
TRIES: Final = 5
SHOWN: Final = 20


class Outcome(NamedTuple):
    """What became of a row, in one word; the reason if it was refused."""

    word: str
    reason: str = ""
    findings: tuple[Finding, ...] = ()


Play = Callable[[Unit, Row], Outcome]
"""Does with a row what the file is for."""


class RowCommand(NamedTuple):
    """The command that a row is, and what became of the row by what that answered."""

    command: Command[Any]
    outcome: Callable[[Any], Outcome]


@runtime_checkable
class Commanding(Protocol):
    """A play whose rows are commands: a chunk of them is carried out together."""

    def command(self, row: Row) -> RowCommand:
        """Return the command that a row is; an error refuses the row."""


class Refusal(NamedTuple):
    """A row that was not used, and why."""

    file: str
    row: Row
    reason: str


@dataclass
class Tally:
    """What became of the rows of one file: how many there were, how many of each outcome, the first refusals."""

    file: str
    rows: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By severity, field and code."""
    refusals: list[Refusal] = field(default_factory=list)

    def count(self, row: Row, outcome: Outcome) -> None:
        """Take note of a row whose chunk is written."""
        self.outcomes[outcome.word] += 1
        for finding in outcome.findings:
            self.findings[finding.severity, finding.field, finding.code] += 1
        if outcome.word == REFUSED and len(self.refusals) < SHOWN:
            self.refusals.append(Refusal(self.file, row, outcome.reason))

    @property
    def adds_up(self) -> bool:
        """Every row has exactly one outcome."""
        return self.rows == self.outcomes.total()


def played(
    store: Store, rows: Iterable[Row], play: Play, tally: Tally, heard: Callable[[Row, Outcome], None] | None = None
) -> Tally:
    """Play every row, and count it as soon as its chunk is written; ``heard`` is told of each then."""
    for some in _chunks(rows):
        tally.rows += len(some)
        for row, outcome in zip(some, _written(store, some, play), strict=True):
            tally.count(row, outcome)
            if heard is not None:
                heard(row, outcome)
    return tally


def _written(store: Store, rows: list[Row], play: Play) -> list[Outcome]:
    """Play a chunk and commit it; what collided with other writers is played again from its beginning."""
    for tries_left in reversed(range(TRIES)):
        try:
            with store.chunk() as unit:
                if isinstance(play, Commanding):
                    return _together(unit, rows, play)
                return [_outcome(unit, row, play) for row in rows]
        except StorageError as error:
            if not tries_left:
                raise
            _log.info("%d rows are played again: %s", len(rows), type(error).__name__)
    raise AssertionError("unreachable")


def _outcome(unit: Unit, row: Row, play: Play) -> Outcome:
    return _unless_refused(row, lambda: play(unit, row))


def _together(unit: Unit, rows: list[Row], play: Commanding) -> list[Outcome]:
    """Carry out the commands of a chunk together: reads and writes are shared, the outcomes are as one by one."""
    made = [_unless_refused(row, partial(play.command, row)) for row in rows]
    commands = [one.command for one in made if isinstance(one, RowCommand)]
    results = unit.flow.run_many(commands)
    return [_outcome_of(next(results), one) if isinstance(one, RowCommand) else one for one in made]


def _outcome_of(result: CommandResult[Any], row: RowCommand) -> Outcome:
    if isinstance(result.error, StorageError):
        raise result.error
    if result.error is not None:
        return Outcome(REFUSED, reason_of(result.error))
    return row.outcome(result.answer)


def _unless_refused(row: Row, use: Callable[[], T]) -> T | Outcome:
    if row.problem is not None:
        return Outcome(REFUSED, row.problem)
    try:
        return use()
    except (StorageError, DefinitionError, MissingExtra):
        raise
    except LeadflowError as wrong:
        return Outcome(REFUSED, reason_of(wrong))
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        return Outcome(REFUSED, f"{'.'.join(map(str, first['loc']))}: {first['msg']}")


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
