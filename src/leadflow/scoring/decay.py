"""How the worth of an activity fades with its age.

=======================  ===========================================  ============================
decay                    share that is left at age *a*                as JSON or YAML
=======================  ===========================================  ============================
``no_decay``             1                                            left out, or ``null``
``half_life(days=30)``   2^(−a / 30 days)                             ``{half_life_days: 30}``
``linear(50, days=30)``  1 − 50 % for every 30 days *completed*, ≥ 0  ``{linear_percent: 50, every_days: 30}``
``window(days=30)``      1 while a < 30 days, then 0                  ``{window_days: 30}``
=======================  ===========================================  ============================

Linear decay goes down in steps, as HubSpot's does: 10 points at 50 % a month are 10, then 5, then 0. A day is 24 hours;
ages are whole microseconds, so that an edge falls on an exact moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final, TypeAlias

from pydantic import Discriminator, Field, Tag

from leadflow.entities.base import NoTruth
from leadflow.entities.definition import Definition

__all__ = [
    "DAY",
    "MICROSECOND",
    "Days",
    "Decay",
    "HalfLife",
    "Linear",
    "Window",
    "fading_of",
    "half_life",
    "linear",
    "microseconds",
    "no_decay",
    "window",
]

MICROSECOND: Final = timedelta(microseconds=1)
DAY: Final = 86_400_000_000
"""Microseconds."""
STEPS_LIMIT: Final = 100
"""Decay in more steps than this is computed activity by activity."""
PERIODS_LIMIT: Final = 1_000_000
"""Decay over more periods than this is taken to never end."""

Days = Annotated[float, Field(ge=1 / 86_400, le=36_525, allow_inf_nan=False), NoTruth]
"""A length of time between a second and a hundred years."""


class HalfLife(Definition):
    """Half of the points are left after these days, a quarter after twice as many."""

    half_life_days: Days


class Linear(Definition):
    """This percentage of the points goes with every completed period."""

    linear_percent: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False), NoTruth]
    every_days: Days


class Window(Definition):
    """All of the points count for these days, then none."""

    window_days: Days


_KEYS: Final = {"half_life_days": HalfLife, "linear_percent": Linear, "every_days": Linear, "window_days": Window}


def _kind(written: Any) -> str | None:
    if isinstance(written, HalfLife | Linear | Window):
        return type(written).__name__
    return next((_KEYS[key].__name__ for key in written if key in _KEYS), None) if isinstance(written, dict) else None


Decay: TypeAlias = Annotated[
    Annotated[HalfLife, Tag("HalfLife")] | Annotated[Linear, Tag("Linear")] | Annotated[Window, Tag("Window")],
    Discriminator(
        _kind,
        custom_error_type="decay",
        custom_error_message="write {half_life_days: 30}, {linear_percent: 50, every_days: 30} or {window_days: 30}",
    ),
]
"""Any decay, as a type for pydantic fields; None stands for no decay."""

no_decay: Final = None


def half_life(days: float) -> HalfLife:
    """Half of the points are left after ``days``."""
    return HalfLife(half_life_days=days)


def linear(percent: float, days: float) -> Linear:
    """``percent`` of the points go with every ``days`` that are over: ``linear(50, days=30)`` gives 10, 5, 0."""
    return Linear(linear_percent=percent, every_days=days)


def window(days: float) -> Window:
    """All points count for ``days``, then none."""
    return Window(window_days=days)


# --- what is left, for every engine ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fading:
    """What is left of an activity's points at each age; ages are whole microseconds, never negative."""

    share: Callable[[int], float]
    """From an age to the share that is left; it never rises."""
    steps: tuple[tuple[int, float], ...] | None
    """The ages from which on another share is left; None where it falls without steps, or in too many."""
    ends: int | None = None
    """The age from which on nothing is left; None where something always is."""
    half_life: int | None = None

    @property
    def lasts(self) -> int | None:
        """For how long an activity counts, or until half of it is left; None where all of it always counts."""
        return self.half_life if self.ends is None else self.ends

    @property
    def is_window(self) -> bool:
        """Whether an activity counts in full, and then not at all."""
        return self.steps is not None and [share for _, share in self.steps] == [1.0, 0.0]

    @property
    def is_uniform(self) -> bool:
        """Whether all activities fade alike from any moment on, so that older ones can be kept as one sum."""
        return self.half_life is not None or (self.steps is not None and len(self.steps) == 1)


def fading_of(decay: Decay | None) -> Fading:
    """What a decay leaves."""
    match decay:
        case None:
            return Fading(lambda _: 1.0, ((0, 1.0),))
        case HalfLife(half_life_days=days):
            span = microseconds(days)
            return Fading(lambda age: 0.5 ** (age / span), None, half_life=span)
        case Window(window_days=days):
            end = microseconds(days)
            return Fading(lambda age: 1.0 if age < end else 0.0, ((0, 1.0), (end, 0.0)), end)
        case Linear(linear_percent=percent, every_days=days):
            period = microseconds(days)

            def share(age: int) -> float:
                return max(0.0, 100.0 - percent * (age // period)) / 100.0

            if percent * PERIODS_LIMIT < 100:
                return Fading(share, None)
            last = int(-(-100 // percent))
            few = tuple((n * period, share(n * period)) for n in range(last + 1)) if last <= STEPS_LIMIT else None
            return Fading(share, few, last * period)


def microseconds(days: float) -> int:
    """A length of time in days as whole microseconds."""
    return round(days * DAY)
