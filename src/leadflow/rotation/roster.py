"""Reps, territories and gates: who sells, for which part of the market, and what sales accepts."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from leadflow.conditions import Condition, bind, condition_from, leaves
from leadflow.entities.base import Line
from leadflow.entities.definition import Definition
from leadflow.entities.duration import Duration
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.rotation.ledger import Ledger
from leadflow.rotation.turns import POLICIES, TurnPolicy, round_robin
from leadflow.worktime import BusinessHours, zone_named

__all__ = ["Absence", "Gate", "Handover", "HandoverTo", "Rep", "Router", "Territory"]

HandoverTo = Literal["keep", "rotation", "queue"]
"""Where the open lead of an absent rep goes: nowhere, to whoever's turn it is, into a queue."""

_HEAVIEST: Final = 1_000_000
_DAY: Final = timedelta(days=1)
_SHORTEST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(days=366)


def _exact(weight: object) -> object:
    """0.1 becomes exactly 1/10, not the nearest binary number."""
    return Fraction(str(weight)) if isinstance(weight, float) else weight


def _weight(weight: Fraction) -> Fraction:
    if not 0 < weight <= _HEAVIEST or weight.denominator > _HEAVIEST:
        raise DefinitionError(f"a weight is above 0 and at most {_HEAVIEST:,}, to 6 decimals")
    return weight


def _policy(given: object) -> object:
    if isinstance(given, str) and given not in POLICIES:
        raise DefinitionError(f"there is no policy {given!r}; use {' or '.join(POLICIES)}, or give a function")
    return POLICIES[given] if isinstance(given, str) else given


def _policy_name(policy: TurnPolicy) -> str:
    for name, known in POLICIES.items():
        if known is policy:
            return name
    raise DefinitionError(f"the policy {policy!r} is Python code; it can't be written as JSON")


def _about_the_lead(condition: Condition) -> Condition:
    for leaf in leaves(condition):
        if leaf.scope == "activity":
            raise DefinitionError(f"routing looks at the lead, not at activities; replace {leaf}")
    return condition


Weight = Annotated[
    Fraction,
    BeforeValidator(_exact),
    AfterValidator(_weight),
    WithJsonSchema({"anyOf": [{"type": "number", "exclusiveMinimum": 0, "maximum": _HEAVIEST}, {"type": "string"}]}),
]
LeadCap = Annotated[int, Field(ge=0)]
PolicyField = Annotated[
    TurnPolicy,
    BeforeValidator(_policy),
    PlainSerializer(_policy_name, return_type=str),
    WithJsonSchema({"enum": sorted(POLICIES), "default": "round_robin"}),
]
When = Annotated[Condition, BeforeValidator(condition_from), AfterValidator(_about_the_lead)]


class Absence(Definition):
    """Days on which a rep gets no leads, first and last day included, in the router's zone."""

    positional = ("first", "last")

    first: date
    last: date

    if TYPE_CHECKING:

        def __init__(self, first: date | str, last: date | str) -> None: ...

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise DefinitionError(f"it ends ({self.last}) before it begins ({self.first})")
        return self


class Rep(Definition):
    """Somebody who sells: ``Rep("anna", weight=2, daily_cap=5)``.

    ``weight`` is the share relative to others. Caps limit the leads per day, per calendar month, and open at the same
    time; leave, caps and inactivity take no lead away. With ``hours`` the rep gets leads only in those business hours.
    """

    positional = ("id",)

    id: Line
    weight: Weight = Fraction(1)
    daily_cap: LeadCap | None = None
    monthly_cap: LeadCap | None = None
    open_cap: LeadCap | None = None
    active: bool = True
    absences: tuple[Absence, ...] = ()
    hours: BusinessHours | None = None
    email: Line | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            id: str,
            *,
            weight: float | str | Fraction = 1,
            daily_cap: int | None = None,
            monthly_cap: int | None = None,
            open_cap: int | None = None,
            active: bool = True,
            absences: Iterable[Absence | tuple[date | str, date | str]] = (),
            hours: BusinessHours | None = None,
            email: str | None = None,
        ) -> None: ...

    def why_not(self, ledger: Ledger, now: datetime, day: date) -> str | None:
        """Why the rep may not get a lead now (``day`` is the date in the router's zone), or None."""
        return next(self._obstacles(ledger, now, day), None)

    def free_at(
        self, ledger: Ledger, now: datetime, day: date, midnight: Callable[[date], datetime]
    ) -> datetime | None:
        """When the rep may get a lead again as far as dates and hours decide; None if that depends on something else.

        ``midnight`` returns the moment at which a date begins. An obstacle that comes later is seen then.
        """
        crowded = self.open_cap is not None and ledger.open >= self.open_cap
        if not self.active or crowded or 0 in (self.daily_cap, self.monthly_cap):
            return None
        counted = max(day, ledger.day or day)
        try:
            days = [one.last + _DAY for one in self.absences if one.first <= day <= one.last]
            if self.daily_cap is not None and ledger.given_on(day) >= self.daily_cap:
                days.append(counted + _DAY)
            if self.monthly_cap is not None and ledger.given_in_month(day) >= self.monthly_cap:
                days.append((counted.replace(day=1) + 31 * _DAY).replace(day=1))
            free = midnight(max(days)) if days else now
            return self.hours.next_open(free) if self.hours is not None else free
        except (OverflowError, InvalidInput):  # after the last day of the calendar, or never open
            return None

    def why_absent(self, day: date) -> str | None:
        """Why the rep does not work on this day, or None."""
        if not self.active:
            return "is not active"
        ends = (absence.last for absence in self.absences if absence.first <= day <= absence.last)
        return next((f"is away until {last}" for last in ends), None)

    def _obstacles(self, ledger: Ledger, now: datetime, day: date) -> Iterator[str]:
        absent = self.why_absent(day)
        if absent is not None:
            yield absent
        if self.hours is not None and not self.hours.is_open(now):
            yield "is outside working hours"
        counts = {
            "got {} today": (ledger.given_on(day), self.daily_cap),
            "got {} this month": (ledger.given_in_month(day), self.monthly_cap),
            "has {} open": (ledger.open, self.open_cap),
        }
        for text, (count, cap) in counts.items():
            if cap is not None and count >= cap:
                yield f"{text.format(count)}, at most {cap}"


class Territory(Definition):
    """A part of the market: leads for which ``condition`` is true go to its reps, chosen by ``policy``.

    If no rep is eligible, the lead waits in ``queue`` (the router's, if None), or, with ``otherwise="next"``, goes to
    the next territory that matches.
    """

    positional = ("name", "condition")

    name: Line
    condition: When
    reps: tuple[Rep, ...] = ()
    policy: PolicyField = Field(default_factory=lambda: round_robin)
    queue: Line | None = None
    otherwise: Literal["queue", "next"] = "queue"

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            condition: Condition,
            *,
            reps: Iterable[Rep | str] = (),
            policy: TurnPolicy | str = round_robin,
            queue: str | None = None,
            otherwise: Literal["queue", "next"] = "queue",
        ) -> None: ...

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        _all_different("rep", [rep.id for rep in self.reps])
        return self


class Gate(Definition):
    """A requirement of sales: if ``condition`` is false, the lead waits in ``queue``; if unknown, in ``review``."""

    positional = ("condition", "because")

    condition: When
    because: Line
    queue: Line = "nurturing"
    review: Line = "review"

    if TYPE_CHECKING:

        def __init__(
            self, condition: Condition, because: str, *, queue: str = "nurturing", review: str = "review"
        ) -> None: ...


class Handover(Definition):
    """Where the open leads of reps go who are ``gone`` (inactive, or off the roster) or ``away`` (an ``Absence``).

    ``flow.hand_over`` does it. ``breached`` is done by ``tick``, when the service level of a lead is breached whose
    owner is gone or away. ``queue`` is the router's, if None. A lead that only the rotation could not take, that of a
    customer with an open deal, goes into the queue.
    """

    gone: HandoverTo = "rotation"
    away: HandoverTo = "keep"
    breached: HandoverTo = "keep"
    queue: Line | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            gone: HandoverTo = "rotation",
            away: HandoverTo = "keep",
            breached: HandoverTo = "keep",
            queue: str | None = None,
        ) -> None: ...


class Router(Definition):
    """Gates and territories in order, and a queue for leads that match none. Days begin at midnight in ``zone``.

    ``handover`` says what becomes of the open leads of reps who are away or gone.

    A rep may work in several territories, with a different weight in each but otherwise the same settings. A lead whose
    owner is one of the reps stays with that owner, unless ``keep_owner`` is false.

    A lead that the router put into a queue is offered to the rotation again: when an absence, a cap or a night that
    kept a rep from it ends, when it changes so that a gate or a territory decides otherwise, and every
    ``offer_every``; never if that is None. ``tick`` does it.
    """

    positional = ("territories",)

    territories: tuple[Territory, ...]
    fallback_queue: Line = "unrouted"
    gates: tuple[Gate, ...] = ()
    zone: Line = "UTC"
    keep_owner: bool = True
    handover: Handover = Handover()
    offer_every: Duration | None = Field(default=timedelta(hours=1), ge=_SHORTEST_PAUSE, le=_LONGEST_PAUSE)

    if TYPE_CHECKING:

        def __init__(
            self,
            territories: Iterable[Territory],
            *,
            fallback_queue: str = "unrouted",
            gates: Iterable[Gate] = (),
            zone: str = "UTC",
            keep_owner: bool = True,
            handover: Handover = Handover(),  # noqa: B008  (a value)
            offer_every: timedelta | str | None = timedelta(hours=1),
        ) -> None: ...

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        zone_named(self.zone)
        _all_different("territory", [territory.name for territory in self.territories])
        _all_different("gate", [gate.because for gate in self.gates])
        seen: dict[str, Rep] = {}
        for territory in self.territories:
            for rep in territory.reps:
                first = seen.setdefault(rep.id, rep)
                if different := _differences(first, rep):
                    raise DefinitionError(
                        f"rep {rep.id!r}: {', '.join(different)} in territory {territory.name!r} differs from before; "
                        "only the weight may, because each rep has one ledger"
                    )
        return self

    @cached_property
    def reps(self) -> Mapping[str, Rep]:
        """Every rep by id (the weight is that of the first territory)."""
        return {rep.id: rep for territory in reversed(self.territories) for rep in reversed(territory.reps)}

    @cached_property
    def queues(self) -> frozenset[str]:
        """The names of all queues that a lead may be put into."""
        own = {territory.queue for territory in self.territories if territory.queue}
        own |= {self.handover.queue} if self.handover.queue else set()
        return frozenset(
            {self.fallback_queue, *own, *(name for gate in self.gates for name in (gate.queue, gate.review))}
        )

    def why_absent(self, rep: str, now: datetime) -> str | None:
        """Why a rep does not work now: gone from the roster, inactive or away; None for one who does."""
        known = self.reps.get(rep)
        return "is not on the roster" if known is None else known.why_absent(self.day_of(now))

    def is_gone(self, rep: str) -> bool:
        """Whether a rep is inactive or no longer on the roster."""
        return rep not in self.reps or not self.reps[rep].active

    def day_of(self, now: datetime) -> date:
        """The date in the router's zone."""
        return now.astimezone(zone_named(self.zone)).date()

    def midnight(self, day: date) -> datetime:
        """When a date begins in the router's zone."""
        return datetime.combine(day, time(), zone_named(self.zone)).astimezone(UTC)

    def bind(self, root_type: type) -> Self:
        """The router, its conditions checked against a class of lead; ``DefinitionError`` names what is wrong."""
        territories = tuple(
            one.but(condition=_bound(one.condition, root_type, f"territory {one.name!r}")) for one in self.territories
        )
        gates = tuple(
            one.but(condition=_bound(one.condition, root_type, f"gate {one.because!r}")) for one in self.gates
        )
        return self.but(territories=territories, gates=gates)


def _bound(condition: Condition, root_type: type, where: str) -> Condition:
    try:
        return bind(condition, root_type)
    except DefinitionError as wrong:
        raise DefinitionError(f"{where}: {wrong}") from None


def _all_different(what: str, names: list[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DefinitionError(f"{what} {twice[0]!r} is defined twice; give each its own name")


def _differences(one: Rep, other: Rep) -> list[str]:
    return [name for name in Rep.model_fields if name != "weight" and getattr(one, name) != getattr(other, name)]
