"""One rep's account with the rotation: leads entitled to, leads assigned. It is never reset."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from datetime import date, datetime
from fractions import Fraction
from typing import Final

from pydantic import Field

from leadflow.entities.base import Entity, Line, Moment, utc

__all__ = ["Ledger", "later_day", "released", "taken"]

_FINEST: Final = 10**100
_LONGEST: Final = _FINEST**2


class Ledger(Entity):
    """What a rep was entitled to and was assigned, over all territories and all time.

    ``entitled`` is an exact number of leads and grows only while the rep is eligible, so that neither leave nor a late
    start accumulates a claim. ``today`` and ``this_month`` count the leads assigned on ``day`` and in its month, in the
    router's zone. ``open`` counts the leads that the rep has now; it is briefly negative if the return of a lead is
    recorded before its assignment.
    """

    rep: Line
    entitled: Fraction = Fraction(0)
    assigned: int = Field(default=0, ge=0)
    last_turn_at: Moment | None = None
    day: date | None = None
    today: int = Field(default=0, ge=0)
    this_month: int = Field(default=0, ge=0)
    open: int = 0

    @property
    def owed(self) -> Fraction:
        """Leads that the rep is still owed; negative if the rep got too many."""
        return self.entitled - self.assigned

    def given_on(self, day: date) -> int:
        """The number of leads assigned on this day; a clock that was set back does not start a new day."""
        return self.today if self.day is not None and day <= self.day else 0

    def given_in_month(self, day: date) -> int:
        """The number of leads assigned in the month of this day."""
        return self.this_month if self.day is not None and _month(day) <= _month(self.day) else 0

    def accrued(self, share: Fraction) -> "Ledger":
        """The ledger after a turn in which the rep was a contender with this share."""
        return self.but(entitled=_storable(self.entitled + share))

    def given(self, now: datetime, day: date | None) -> "Ledger":
        """The ledger after a turn that the rep won; ``day`` is the date in the router's zone, None if unknown."""
        given = self.but(assigned=self.assigned + 1, last_turn_at=utc(now), open=self.open + 1)
        if day is None:
            return given
        return given.but(
            day=later_day(self.day, day), today=self.given_on(day) + 1, this_month=self.given_in_month(day) + 1
        )


def taken(ledger: Ledger, now: datetime, day: date | None) -> Ledger:
    """The ledger of a rep who got a lead outside the rotation: it counts for the caps and is not charged."""
    return ledger.accrued(Fraction(1)).given(now, day)


def released(ledger: Ledger) -> Ledger:
    """The ledger after a lead has left the rep (won, lost, recycled, reassigned): one open lead less."""
    return ledger.but(open=ledger.open - 1)


def later_day(known: date | None, day: date) -> date:
    """The later of two days, so that a count never starts again."""
    return day if known is None else max(known, day)


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _storable(entitled: Fraction) -> Fraction:
    """The same number; rounded by at most 1e-100 once it has more than 200 digits.

    A fixed group never gets there: its denominators divide one number. It takes thousands of different groups.
    """
    if entitled.denominator <= _LONGEST:
        return entitled
    return Fraction(round(entitled * _FINEST), _FINEST)
