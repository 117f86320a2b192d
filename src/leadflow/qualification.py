"""Qualification: when the policy moves a lead. Two thresholds and a dwell time prevent it from oscillating.

A lead becomes an MQL as soon as ``mql`` is true. It cools only when ``keep`` (the lower threshold) has not been true
for the dwell time; by ageing alone that happens at a computable moment, which becomes a task. Unknown is not true: it
neither qualifies nor keeps, and the verdict names what is unknown.
"""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from math import inf, nextafter
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from pydantic import Field, model_validator

from leadflow.conditions.binding import bind
from leadflow.conditions.interpreter import Truth, evaluate
from leadflow.conditions.nodes import And, Between, Compare, Condition, Leaf, Not, Or, Valued, Within, leaves
from leadflow.conditions.values import is_of_quality, read
from leadflow.data_quality import quality_changes
from leadflow.entities.base import Line
from leadflow.entities.definition import Definition
from leadflow.entities.duration import Duration
from leadflow.entities.lead import Lead
from leadflow.entities.score import Score
from leadflow.errors import DefinitionError

__all__ = ["SCORES", "Disqualification", "FastTrack", "NextMove", "Outcome", "Qualification", "thresholds"]

SCORES: Final = ("score.fit", "score.engagement", "score.total")
LONGEST_DWELL: Final = timedelta(days=3660)
CROSSINGS_LIMIT: Final = 1_000
TOLERANCE_LIMIT: Final = 1_000.0


class FastTrack(Definition):
    """Low-hanging fruit: directly to the stage ``to`` as soon as ``when`` is true."""

    positional = ("to", "when", "reason")

    to: str
    when: Condition
    reason: Line

    if TYPE_CHECKING:

        def __init__(self, to: str, when: Condition, reason: str) -> None: ...


class Disqualification(Definition):
    """Disqualified as soon as ``when`` is true."""

    positional = ("when", "reason")

    when: Condition
    reason: Line

    if TYPE_CHECKING:

        def __init__(self, when: Condition, reason: str) -> None: ...


Outcome = Literal["move", "returned", "not_qualified", "cooling", "nothing"]


@dataclass(frozen=True, slots=True)
class NextMove:
    """The next move of the policy (None: the lead stays), its target, and the reason.

    ``outcome`` says the same to programs, ``unmet`` has the conditions that are not true, each with its truth value.
    """

    move: str | None
    to: str | None
    because: str
    outcome: Outcome = field(default="move", compare=False)
    unmet: tuple[tuple[Condition, Truth], ...] = field(default=(), compare=False)


class Qualification(Definition):
    """The policy by which leads are qualified, cool, are accepted, fast-tracked, disqualified and promoted.

    ``mql`` makes an MQL, ``keep`` (by default the same) lets it stay one; ``dwell`` is how long it may be below.
    ``disqualify`` takes pairs of a condition and a reason. A lead that sales has returned is not qualified again before
    the date to look again. A ``DefinitionError`` names everything that can't work.

    Points that fade are less than the full number a second later. ``tolerance`` is how many points below a number a
    score still counts as having reached it, in every condition of this policy that compares ``score.fit``,
    ``score.engagement`` or ``score.total``: with 0.5, ``field("score.engagement") >= 30`` is true from 29.5 on.
    """

    positional = ("mql",)

    mql: Condition
    keep: Condition | None = None
    dwell: Duration = Field(default=timedelta(0), le=LONGEST_DWELL)
    auto_accept: Condition | None = None
    fast_track: tuple[FastTrack, ...] = ()
    disqualify: tuple[Disqualification, ...] = ()
    promote: Condition | None = None
    tolerance: float = Field(default=0.0, ge=0, le=TOLERANCE_LIMIT, allow_inf_nan=False)

    if TYPE_CHECKING:

        def __init__(
            self,
            mql: Condition,
            *,
            keep: Condition | None = None,
            dwell: timedelta | str = timedelta(0),
            auto_accept: Condition | None = None,
            fast_track: Iterable[FastTrack] = (),
            disqualify: Iterable[Disqualification | tuple[Condition, str]] = (),
            promote: Condition | None = None,
            tolerance: float = 0.0,
        ) -> None: ...

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        if problems := list(_problems(self)):
            raise DefinitionError("; ".join(problems))
        return self

    @property
    def stays_while(self) -> Condition:
        """The condition for remaining an MQL: ``keep``, else ``mql``."""
        return self.mql if self.keep is None else self.keep

    @cached_property
    def effective(self) -> "Qualification":
        """The same policy with the tolerance taken off its numbers: what every decision evaluates."""
        return self._with_conditions(lambda condition: _eased(condition, self.tolerance)).but(tolerance=0.0)

    @cached_property
    def keep_thresholds(self) -> tuple[tuple[str, float], ...]:
        """The numbers that ``fit``, ``engagement`` or ``total`` must cross for a lead to begin to cool."""
        return tuple((path.removeprefix("score."), number) for path, number in thresholds(self.effective.stays_while))

    @cached_property
    def mql_thresholds(self) -> tuple[tuple[str, float], ...]:
        """The numbers that a side of the score must cross for a lead to qualify."""
        asked = thresholds(self.effective.mql & self.effective.stays_while)
        return tuple((path.removeprefix("score."), number) for path, number in asked)

    @cached_property
    def wants_points(self) -> bool:
        """Whether points only help a lead to qualify, so that it never does by losing some."""
        return _wants_points(self.mql) and _wants_points(self.stays_while)

    def conditions(self) -> Iterator[tuple[str, Condition]]:
        """Every condition with its field."""
        yield "mql", self.mql
        perhaps = {"keep": self.keep, "auto_accept": self.auto_accept, "promote": self.promote}
        yield from ((name, condition) for name, condition in perhaps.items() if condition is not None)
        yield from ((f"fast_track to {one.to}", one.when) for one in self.fast_track)
        yield from ((f"disqualify for {one.reason!r}", one.when) for one in self.disqualify)

    # --------------------------------------------------------------------------------------------------- verdict
    def verdict(self, lead: Lead[Any], now: datetime, allowed: Mapping[str, Sequence[str]]) -> NextMove:
        """The policy's next move for a lead with its score as of ``now``, or why there is none.

        ``allowed`` are the moves that a policy may make from the lead's stage, each with its targets:
        ``lifecycle.allowed(lead.stage, "policy")``.
        """
        return self.next_move(lead, now, allowed) or self.effective._staying(lead, now, allowed)

    def next_move(self, lead: Lead[Any], now: datetime, allowed: Mapping[str, Sequence[str]]) -> NextMove | None:
        """The same; None if the lead stays."""
        for move, to, because in self.effective._moves(lead, now, allowed):
            if move in allowed and to in allowed[move]:
                return NextMove(move, to, _short(because))
        return None

    def _moves(
        self, lead: Lead[Any], now: datetime, ways: Mapping[str, Sequence[str]]
    ) -> Iterator[tuple[str, str, str]]:
        """The moves that the conditions call for, most urgent first; they may not be allowed from this stage."""
        for one in self.disqualify:
            if evaluate(one.when, lead, now):
                yield "disqualify", _only(ways, "disqualify"), one.reason
        if not _waits(lead, now):
            for track in self.fast_track:
                if evaluate(track.when, lead, now):
                    yield "fast_track", track.to, track.reason
            if evaluate(self.mql, lead, now) and evaluate(self.stays_while, lead, now):
                yield "qualify", _only(ways, "qualify"), str(self.mql)
        if lead.cool_at is not None and lead.cool_at <= now and not evaluate(self.stays_while, lead, now):
            yield "cool", _only(ways, "cool"), _listed(_unmet(self.stays_while, lead, now))
        if self.auto_accept is not None and evaluate(self.auto_accept, lead, now):
            yield "accept", _only(ways, "accept"), str(self.auto_accept)
        if self.promote is not None and evaluate(self.promote, lead, now):
            yield "promote", _only(ways, "promote"), str(self.promote)

    def _staying(self, lead: Lead[Any], now: datetime, ways: Mapping[str, Sequence[str]]) -> NextMove:
        def staying(outcome: Outcome, because: str, unmet: Iterable[tuple[Condition, Truth]] = ()) -> NextMove:
            return NextMove(None, None, _short(because), outcome, tuple(unmet))

        if "qualify" in ways:
            if _waits(lead, now):
                return staying("returned", f"returned by sales; to be looked at again on {lead.revisit}")
            missing = self.stays_while if evaluate(self.mql, lead, now) else self.mql
            unmet = _unmet(missing, lead, now)
            return staying("not_qualified", f"not qualified: {_listed(unmet)}", unmet)
        if "cool" in ways and (unmet := _unmet(self.stays_while, lead, now)):
            when = f"will cool at {lead.cool_at}" if lead.cool_at else "does not cool by itself, a person moved it"
            because = f"{when}: {_listed(unmet)}"
            return staying("cooling", because, unmet)
        return staying("nothing", f"nothing to decide for a lead that is {lead.stage}")

    # --------------------------------------------------------------------------------------------------- cooling
    def cooling(
        self,
        lead_at: Callable[[datetime], Lead[Any]],
        now: datetime,
        crossings: Callable[[datetime], datetime | None],
        lead: Lead[Any],
    ) -> datetime | None:
        """The moment at which this MQL will have been below for the dwell time; None if it never is by ageing.

        ``lead_at`` gives the lead as it will be then, ``crossings`` the next moment after the given one at which a
        score crosses one of ``keep_thresholds`` by ageing (None: never). Once below, the plan is kept.
        """
        keep = self.effective.stays_while
        own = sorted(_ageing(keep, lead))
        below = None
        if not evaluate(keep, lead, now):
            below = now if lead.cool_at is None else min(now, lead.cool_at - self.dwell)
        for moment in _upcoming(now, crossings, own):
            if below is not None and below + self.dwell <= moment:
                break
            holds = evaluate(keep, lead_at(moment), moment)
            below = None if holds else below or moment
        return None if below is None else below + self.dwell

    def qualifying(
        self,
        lead_at: Callable[[datetime], Lead[Any]],
        now: datetime,
        crossings: Callable[[datetime], datetime | None],
        lead: Lead[Any],
    ) -> datetime | None:
        """The future moment at which this lead qualifies by ageing alone: negative points fade, activities come.

        The arguments are as for ``cooling``, with ``mql_thresholds``.
        """
        mql, keep = self.effective.mql, self.effective.stays_while
        own = sorted({*_ageing(mql, lead), *_ageing(keep, lead)})
        for moment in _upcoming(now, crossings, own):
            then = lead_at(moment)
            if evaluate(mql, then, moment) and evaluate(keep, then, moment):
                return None if _waits(lead, moment) else moment
        return None

    def bind(self, lead_type: type[Lead[Any]]) -> Self:
        """The same policy with its conditions checked against the fields of a host's class of lead."""
        return self._with_conditions(lambda condition: bind(condition, lead_type))

    def _with_conditions(self, changed: Callable[[Condition], Condition]) -> Self:
        perhaps = {name: getattr(self, name) for name in ("keep", "auto_accept", "promote")}
        return self.but(
            mql=changed(self.mql),
            **{name: changed(condition) for name, condition in perhaps.items() if condition is not None},
            fast_track=tuple(one.but(when=changed(one.when)) for one in self.fast_track),
            disqualify=tuple(one.but(when=changed(one.when)) for one in self.disqualify),
        )


def thresholds(condition: Condition) -> list[tuple[str, float]]:
    """The numbers from which on a condition may say otherwise of ``score.fit``, ``score.engagement``, ``score.total``.

    That is what they are compared with, or where a score on this very number is still the same, the next float.
    """
    found = {
        (leaf.path, number)
        for leaf in leaves(condition)
        if isinstance(leaf, Valued) and leaf.field in SCORES and leaf.kind == "number"
        for number in _turns(leaf)
    }
    return sorted(found)


def _wants_points(condition: Condition) -> bool:
    """Whether a higher score never makes a condition false that a lower one makes true."""
    match condition:
        case And(all=parts) | Or(any=parts):
            return all(map(_wants_points, parts))
        case Compare(op="ge" | "gt", field=path) if path in SCORES:
            return True
        case Leaf():
            return not (condition.field or "").startswith("score")
    return False


def _turns(leaf: Valued) -> Iterator[float]:
    numbers = [float(constant) for constant in leaf.constants]  # type: ignore[arg-type]  # its kind says that they are
    if leaf.op in ("ge", "lt", "eq", "ne", "in"):
        yield from numbers
    if leaf.op in ("gt", "le", "eq", "ne", "in"):
        yield from (nextafter(number, inf) for number in numbers)
    if leaf.op == "between":
        yield from (numbers[0], nextafter(numbers[1], inf))


def _eased(condition: Condition, tolerance: float) -> Condition:
    """The condition with every number that a score is compared with lowered by the tolerance."""
    if not tolerance:
        return condition
    match condition:
        case And(all=parts):
            return condition.model_copy(update={"all": tuple(_eased(part, tolerance) for part in parts)})
        case Or(any=parts):
            return condition.model_copy(update={"any": tuple(_eased(part, tolerance) for part in parts)})
        case Not(of=part):
            return condition.model_copy(update={"of": _eased(part, tolerance)})
        case Compare(value=float() | int() as number, op="ge" | "gt" | "le" | "lt") if _is_of_score(condition):
            return condition.model_copy(update={"value": _lowered(number, tolerance)})
        case Between(low=float() | int() as low, high=float() | int() as high) if _is_of_score(condition):
            bounds = {"low": _lowered(low, tolerance), "high": _lowered(high, tolerance)}
            return condition.model_copy(update=bounds)
    return condition


def _is_of_score(leaf: Leaf) -> bool:
    return leaf.field in SCORES


def _lowered(number: float, tolerance: float) -> float:
    """In decimals, as both were written: 0.3 − 0.1 is 0.2."""
    return float(Decimal(str(number)) - Decimal(str(tolerance)))


def _only(ways: Mapping[str, Sequence[str]], move: str) -> str:
    return next(iter(ways.get(move, ())), "")


def _short(because: str, limit: int = 300) -> str:
    return because if len(because) <= limit else f"{because[: limit - 1]}…"


def _waits(lead: Lead[Any], now: datetime) -> bool:
    """Whether sales has returned it with a future date: qualifying it earlier would send it back and forth."""
    return lead.revisit is not None and now.astimezone(UTC).date() < lead.revisit


def _unmet(condition: Condition, lead: Lead[Any], now: datetime) -> list[tuple[Condition, Truth]]:
    """The parts of a condition that are not true, each with its truth value."""
    parts = condition.all if isinstance(condition, And) else (condition,)
    truths = [(part, evaluate(part, lead, now)) for part in parts]
    return [(part, truth) for part, truth in truths if truth is not True]


def _listed(unmet: Iterable[tuple[Condition, Truth]]) -> str:
    return ", ".join(f"{part} is {'unknown' if truth is None else 'false'}" for part, truth in unmet)


# --------------------------------------------------------------------------------------------------------- ageing
def _upcoming(
    now: datetime, crossings: Callable[[datetime], datetime | None], own: Iterable[datetime]
) -> Iterator[datetime]:
    """The moments after ``now`` at which a condition may change by ageing, in order.

    After very many it ends: cooling is then planned too early, and decided again when it is due.
    """
    waiting = [moment for moment in own if moment > now]
    for _ in range(CROSSINGS_LIMIT):
        following = crossings(now)
        nearest = min((one for one in (following, *waiting[:1]) if one is not None and one > now), default=None)
        if nearest is None:
            return
        now = nearest
        waiting = [moment for moment in waiting if moment > now]
        yield now


def _ageing(condition: Condition, lead: Lead[Any]) -> Iterator[datetime]:
    """The moments at which an "in the last … days" on the lead's own fields turns, and those at which its data ages."""
    for leaf in leaves(condition):
        if is_of_quality(leaf.path):
            yield from quality_changes(lead)
        elif isinstance(leaf, Within):
            yield from leaf.turns(read(lead, leaf.path))


# --------------------------------------------------------------------------------------------------------- checking
def _problems(given: Qualification) -> Iterator[str]:
    for name, condition in given.conditions():
        for leaf in leaves(condition):
            if leaf.activity is not None:
                yield f"{name}: {leaf}: there is no activity to look at; score activities, and compare the score"
    for leaf in leaves(given.stays_while):
        first, _, rest = leaf.path.partition(".")
        if first == "score" and leaf.path not in SCORES and rest.split(".")[0] in Score.model_fields:
            yield (
                f"keep: when {leaf.path} changes by ageing can't be computed; compare {', '.join(SCORES)}"
                + (" (without keep, mql is what keeps)" if given.keep is None else "")
            )
    yield from _hysteresis_problems(given.mql, given.stays_while)


def _hysteresis_problems(mql: Condition, keep: Condition) -> Iterator[str]:
    """Problems if ``keep`` requires more than ``mql``, as far as plain lower bounds show it."""
    asked = dict(sorted(_lower_bounds(mql)))  # the highest of each path
    for path, number in _lower_bounds(keep):
        if path in asked and number > asked[path]:
            yield f"keep: {path} {number:g} is above {asked[path]:g}, the number in mql; keep needs the lower one"


def _lower_bounds(condition: Condition) -> Iterator[tuple[str, float]]:
    parts: tuple[Any, ...] = condition.all if isinstance(condition, And) else (condition,)
    for part in parts:
        if isinstance(part, Compare) and part.op in ("ge", "gt") and part.kind == "number":
            yield part.path, float(part.value)  # type: ignore[arg-type]  # its kind says that it is a number
