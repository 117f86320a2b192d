"""Many commands at once: merged reads, one Change, and the same results as one by one.

The decisions of a group advance in lock-step. Commands are saved together, in order, as long as none has read what an
earlier one of them writes; the others are decided again on what is stored then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, Generic, TypeAlias, TypeVar

from leadflow.decisions.answers import Answer
from leadflow.decisions.arguments import as_invalid_input
from leadflow.decisions.capture import Captured
from leadflow.decisions.commands.command import Command
from leadflow.decisions.commands.intake import Capture
from leadflow.decisions.draft import Decided, joined
from leadflow.decisions.reads import (
    Activities,
    Asking,
    ByKey,
    Facts,
    FeaturesOf,
    Holders,
    Keys,
    Load,
    Matching,
    NewId,
    Read,
    ReplyTo,
    States,
    TaskWith,
)
from leadflow.entities import LeadId
from leadflow.errors import InvalidInput, LeadflowError, Stale, StorageError, Taken, Unavailable
from leadflow.events import Change
from leadflow.flow.effects import Program
from leadflow.flow.runner import Runner

__all__ = ["GROUP", "CommandResult", "captures", "carry_group", "groups"]

R = TypeVar("R", bound=Answer)
T = TypeVar("T")
RecordKey: TypeAlias = tuple[str, str]
"""Something read or written, by kind and key."""

GROUP: Final = 50
"""The default number of commands that are carried out together."""
GROUP_LIMIT: Final = 10_000
KINDS: Final = {Load: "lead", Holders: "claim", Matching: "match", FeaturesOf: "features", States: "state"}


@dataclass(frozen=True)
class CommandResult(Generic[R]):
    """The result of one of many commands: its answer, or the error by which it was refused (nothing was written then).

    ``index`` is its position among all commands, from 0.
    """

    index: int
    answer: R | None = None
    error: LeadflowError | None = None

    def result(self) -> R:
        """Return the answer, or raise the error."""
        if self.error is not None:
            raise self.error
        assert self.answer is not None
        return self.answer


@dataclass
class _Seat(Generic[R]):
    """One command of a group, with its reads and its decision."""

    index: int
    command: Command[R] | LeadflowError
    """The command, or the error in its place."""
    id: LeadId
    """The id of its lead if that is new: in the order of the commands, not of their decisions."""
    decided: Decided[R] | None = None
    error: LeadflowError | None = None
    read: set[RecordKey] = field(default_factory=set)

    @property
    def is_ready(self) -> bool:
        return self.decided is not None or self.error is not None

    @property
    def change(self) -> Change:
        return Change() if self.decided is None else self.decided.change

    def forget(self) -> None:
        """Decide anew."""
        if isinstance(self.command, Command):
            self.decided, self.error, self.read = None, None, set()


def carry_group(
    runner: Runner, commands: Sequence[tuple[int, Command[R] | LeadflowError]]
) -> Program[list[CommandResult[R]]]:
    """Carry out a group of commands, each with its index; returns an answer or an error for each, in order."""
    now = runner.now()
    ids = sorted(runner.new_lead_id(now) for _ in commands)  # in the order of the commands, as one by one
    seats = [_seat(id, index, command) for id, (index, command) in zip(ids, commands, strict=True)]
    carried: list[CommandResult[R]] = []
    waiting = seats
    while waiting:
        yield from _decide(runner, [seat for seat in waiting if not seat.is_ready])
        count, written = _independent(waiting)
        carried += yield from _saved(runner, waiting[:count])
        waiting = waiting[count:]
        for seat in waiting:
            if not seat.read.isdisjoint(written):
                seat.forget()
    return carried


def _seat(id: LeadId, index: int, command: Command[R] | LeadflowError) -> _Seat[R]:
    return _Seat(index, command, id, error=command if isinstance(command, LeadflowError) else None)


def _independent(seats: Sequence[_Seat[R]]) -> tuple[int, set[RecordKey]]:
    """Return how many of the first commands have read nothing that earlier ones write, and everything they write."""
    written: set[RecordKey] = set()
    for count, seat in enumerate(seats):
        if not seat.read.isdisjoint(written):
            return count, written
        written.update(_written_by(seat.change))
        if seat.change.erase:  # it removes more than it names
            return count + 1, written | {place for other in seats[count + 1 :] for place in other.read}
    return len(seats), written


def _written_by(change: Change) -> Iterator[RecordKey]:
    for write in change.leads:
        if write.lead is not None:
            yield "lead", write.id
            yield from (("match", key) for key in write.match_keys or ())
            if write.match_keys is not None or write.features is not None:
                yield "features", write.id
    yield from (("state", state.key) for state in change.states if state.value is not None)
    yield from (("claim", claim.key) for claim in (*change.claims, *change.release))
    yield from (("lead", absorbed) for absorbed in (*change.restored, *(one.absorbed for one in change.redirects)))
    yield from (("task", task.key) for task in change.put)
    yield from (("task", key) for key in (*change.cancel, *(one.key for one in change.settle)))
    yield from (("reply", reply.key) for reply in change.replies)


# ------------------------------------------------------------------------------------------------------------ deciding
def _decide(runner: Runner, seats: Sequence[_Seat[R]]) -> Program[None]:
    """Advance all decisions in lock-step, until each has decided or is refused."""
    hashes, now = (yield from runner.keys()), runner.now()
    under_way = [(seat, runner.keyed(seat.command, now)) for seat in seats if isinstance(seat.command, Command)]
    asked = [(seat, asking, read) for seat, asking in under_way if (read := _advance(seat, asking, hashes)) is not None]
    while asked:
        answers = yield from _answers([read for _, _, read in asked])
        several = []
        for (seat, asking, read), answer in zip(asked, answers, strict=True):
            seat.read.update(_looked_at(read, answer))
            further = _advance(seat, asking, hashes, answer)
            if further is not None:
                several.append((seat, asking, further))
        asked = several


def _advance(seat: _Seat[R], asking: Asking[Decided[R]], hashes: tuple[bytes, ...], answer: Any = None) -> Read | None:
    """Advance a decision to its next read of a storage; None if there is none."""
    try:
        with as_invalid_input():
            read = asking.throw(answer) if isinstance(answer, Exception) else asking.send(answer)
            while isinstance(read, Keys | NewId):
                read = asking.send(hashes if isinstance(read, Keys) else seat.id)
            return read
    except StopIteration as end:
        seat.decided = end.value
    except Unavailable:
        raise
    except LeadflowError as error:
        seat.error = error
    return None


def _looked_at(read: Read, answer: Any) -> Iterator[RecordKey]:
    if isinstance(read, ByKey):
        yield from ((KINDS[type(read)], key) for key in read.keys)
        if isinstance(read, Load) and isinstance(answer, dict):
            yield from (("lead", lead.id) for lead in answer.values())
    elif isinstance(read, Activities | Facts):
        yield "lead", read.lead_id
    elif isinstance(read, ReplyTo):
        yield "reply", read.key
    elif isinstance(read, TaskWith):
        yield "task", read.key


def _answers(reads: Sequence[Read]) -> Program[list[Any]]:
    """Answer reads, merging those of one kind; an answer may be an error."""
    shared = yield from _shared([read for read in reads if isinstance(read, ByKey)])
    answers: list[Any] = []
    for read in reads:
        found = shared.get(_kind(read)) if isinstance(read, ByKey) else None
        if isinstance(read, ByKey) and found is not None:
            answers.append({key: found[key] for key in read.keys if key in found})
        else:
            answers.append((yield from _answer(read)))
    return answers


def _shared(reads: Sequence[ByKey]) -> Program[dict[ByKey, dict[str, Any]]]:
    """Answer all reads of a kind at once; if that fails, the kind is left out, to be read one by one."""
    wanted: dict[ByKey, dict[str, None]] = {}
    for read in reads:
        wanted.setdefault(_kind(read), {}).update(dict.fromkeys(read.keys))
    found: dict[ByKey, dict[str, Any]] = {}
    for kind, asked in wanted.items():
        try:
            found[kind] = yield kind.of(asked)
        except Unavailable:
            raise
        except LeadflowError:
            continue
    return found


def _kind(read: ByKey) -> ByKey:
    return read.of(())


def _answer(read: Read) -> Program[Any]:
    try:
        return (yield read)
    except Unavailable:
        raise
    except LeadflowError as error:
        return error


# -------------------------------------------------------------------------------------------------------------- saving
def _saved(runner: Runner, seats: Sequence[_Seat[R]]) -> Program[list[CommandResult[R]]]:
    """Save the decisions as one Change; if that fails it is halved, and a command that collides alone decides again."""
    change = joined([seat.change for seat in seats if not seat.change.is_empty])
    try:
        yield from runner.save(change)
    except (Stale, Taken):
        if not runner.lasting:
            raise
        if len(seats) > 1:
            half = len(seats) // 2
            first = yield from _saved(runner, seats[:half])
            return first + (yield from _saved(runner, seats[half:]))
        return [(yield from _alone(runner, seats[0]))]
    return (yield from _each(_carried(runner, seat) for seat in seats))


def _each(programs: Iterable[Program[CommandResult[R]]]) -> Program[list[CommandResult[R]]]:
    carried = []
    for program in programs:
        carried += [(yield from program)]
    return carried


def _alone(runner: Runner, seat: _Seat[R]) -> Program[CommandResult[R]]:
    assert isinstance(seat.command, Command)
    try:
        return CommandResult(seat.index, (yield from runner.run(seat.command)))
    except StorageError:
        raise
    except LeadflowError as error:
        return CommandResult(seat.index, error=error)


def _carried(runner: Runner, seat: _Seat[R]) -> Program[CommandResult[R]]:
    if seat.decided is None or not isinstance(seat.command, Command):
        return CommandResult(seat.index, error=seat.error)
    return CommandResult(seat.index, (yield from runner.shown(seat.command, seat.decided.result)))


# ------------------------------------------------------------------------------------------------------------ grouping
def groups(
    commands: Iterable[Command[R] | LeadflowError], size: int
) -> Iterator[list[tuple[int, Command[R] | LeadflowError]]]:
    """Return commands with their index, in groups of limited size."""
    if not isinstance(size, int) or isinstance(size, bool) or not 0 < size <= GROUP_LIMIT:
        raise InvalidInput("group", size, f"give a number of commands from 1 to {GROUP_LIMIT:,}")
    numbered = enumerate(map(_command, each_of("commands", commands)))
    while some := list(islice(numbered, size)):
        yield some


def each_of(field: str, given: Iterable[T]) -> Iterable[T]:
    """Return an iterator; errors of the host's own iterator are the host's."""
    if not isinstance(given, Iterable):
        raise InvalidInput(field, given, "give a list or another iterable")
    return given


def _command(given: Command[R] | LeadflowError) -> Command[R] | LeadflowError:
    if isinstance(given, Command | LeadflowError):
        return given
    return InvalidInput("commands", given, "give commands, such as Record(lead_id, 'page_viewed')")


def captures(
    rows: Iterable[Mapping[str, object] | Capture], source: str | None
) -> Iterator[Command[Captured] | LeadflowError]:
    """Return a command for each row, or the error if that is not possible."""
    for row in each_of("rows", rows):
        if isinstance(row, Capture):
            yield row
            continue
        try:
            if source is None:
                raise InvalidInput("source", None, "give the source of the rows: capture_many(rows, source='fair')")
            yield Capture(row, source=source)
        except LeadflowError as error:
            yield error
