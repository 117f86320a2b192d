"""Controlled time and ids for tests: pass them to ``LeadFlow(clock=…, new_id=…)``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final

from leadflow.worktime import in_utc

__all__ = ["NOW", "ClockAt", "CountingIds", "TickingClock"]

NOW: Final = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
"""The default moment of tests: a Thursday morning."""


class ClockAt:
    """A clock that stands still until it is advanced."""

    def __init__(self, moment: datetime = NOW) -> None:
        self._now = in_utc(moment, "moment")
        self._lock = Lock()

    def __call__(self) -> datetime:
        return self.now()

    def now(self) -> datetime:
        """Return the current moment."""
        return self._now

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Move forward (or, with negative numbers, back) and return the new moment."""
        with self._lock:
            self._now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
            return self._now

    def set(self, moment: datetime) -> datetime:
        """Jump to a moment and return it."""
        with self._lock:
            self._now = in_utc(moment, "moment")
            return self._now


class TickingClock(ClockAt):
    """A clock that advances by ``step`` at each reading: no two moments are the same."""

    def __init__(self, moment: datetime = NOW, step: timedelta = timedelta(seconds=1)) -> None:
        super().__init__(moment)
        self._step = step

    def now(self) -> datetime:
        """Return the current moment, and advance."""
        with self._lock:
            now = self._now
            self._now += self._step
            return now


class CountingIds:
    """Predictable ids that sort in order of creation: lead-0001, lead-0002, …"""

    def __init__(self, prefix: str = "lead") -> None:
        self._prefix, self._last, self._lock = prefix, 0, Lock()

    def __call__(self, _: datetime | None = None) -> str:
        with self._lock:
            self._last += 1
            return f"{self._prefix}-{self._last:04}"
