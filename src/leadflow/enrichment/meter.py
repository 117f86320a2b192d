"""The meter of an enricher: how many calls it has made, and when it may make the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from leadflow.enrichment.enricher import Budget
from leadflow.worktime import zone_named

__all__ = ["Meter"]


class Meter:
    """The calls of an enricher in the current day and month of its budget, as they are stored; moments in UTC.

    Machines' clocks differ, and are put back: if the next day has begun by one of them, it has for all.
    """

    def __init__(self, budget: Budget | None, stored: Mapping[str, JsonValue], now: datetime) -> None:
        self._budget, self._now = budget, now
        self._local = now.astimezone(zone_named(budget.zone) if budget else UTC)
        tomorrow = self._local + timedelta(days=1)
        if stored.get("day") == tomorrow.date().isoformat():
            self._local = tomorrow
        self._day, self._month = self._local.date().isoformat(), self._local.date().isoformat()[:7]
        self.today = _count(stored, "today") if stored.get("day") == self._day else 0
        self.this_month = _count(stored, "this_month") if stored.get("month") == self._month else 0
        until = stored.get("paused_until")
        self.paused_until = datetime.fromisoformat(until) if isinstance(until, str) else None

    @property
    def left(self) -> int | None:
        """How many calls may be made now; None: any number."""
        if self.paused_until is not None and self.paused_until > self._now:
            return 0
        limits = self._limits()
        return min(left for _, left in limits) if limits else None

    @property
    def opens_at(self) -> datetime:
        """When calls may be made again, if none may be made now."""
        moments = [at for at, left in self._limits() if left <= 0]
        paused = [self.paused_until] if self.paused_until is not None else []
        return max((*moments, *paused, self._now))

    def counted(self, calls: int, paused_until: datetime | None = None) -> dict[str, JsonValue]:
        """Return the state with some calls more, and a pause if there is one."""
        paused = paused_until or self.paused_until
        return {
            "day": self._day,
            "today": self.today + calls,
            "month": self._month,
            "this_month": self.this_month + calls,
            "paused_until": paused.isoformat() if paused is not None and paused > self._now else None,
        }

    def released(
        self, calls: int, counted: Mapping[str, JsonValue], paused_until: datetime | None
    ) -> dict[str, JsonValue]:
        """Return the state without calls that were not made, if the day and month in which they counted still run."""
        today = self.today - calls if counted.get("day") == self._day else self.today
        this_month = self.this_month - calls if counted.get("month") == self._month else self.this_month
        return self.counted(0, paused_until) | {"today": max(today, 0), "this_month": max(this_month, 0)}

    def _limits(self) -> list[tuple[datetime, int]]:
        """Return for each limit when its time is over, and how many calls are left in it."""
        if self._budget is None:
            return []
        midnight = self._local.replace(hour=0, minute=0, second=0, microsecond=0)
        tomorrow = (midnight + timedelta(days=1)).astimezone(UTC)
        next_month = (midnight.replace(day=1) + timedelta(days=32)).replace(day=1).astimezone(UTC)
        limits = ((self._budget.per_day, tomorrow, self.today), (self._budget.per_month, next_month, self.this_month))
        return [(at, limit - used) for limit, at, used in limits if limit is not None]


def _count(stored: Mapping[str, JsonValue], name: str) -> int:
    value = stored.get(name)
    return value if isinstance(value, int) else 0
