"""SQLAlchemy's synchronous code in an event loop: calls that may be broken off, locks, pauses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

from sqlalchemy import Engine, event
from sqlalchemy.util import greenlet_spawn

try:
    from sqlalchemy.util import await_
except ImportError:  # SQLAlchemy 2.0
    from sqlalchemy.util import await_only as await_

from leadflow.adapters.sql.waits import CallStage, Waits
from leadflow.errors import described

__all__ = ["Calls", "LoopWaiting", "watch"]

_log = logging.getLogger("leadflow")

P = ParamSpec("P")
T = TypeVar("T")

GRACE: Final = 5.0
"""Seconds that a cancelled call has for ending what it has begun."""


class StorageCall:
    """One call of the storage, in a task of its own; it ends in an orderly way when whoever waits for it is cancelled.

    While it waits for its turn or for a connection it is broken off at once. With a connection it goes on to its end,
    so that the connection is given back whole; after ``GRACE`` seconds it is broken off, but not while it commits.
    """

    def __init__(self) -> None:
        self.stage: CallStage = "waiting"
        self.given_up: asyncio.CancelledError | None = None
        self._alarm: asyncio.TimerHandle | None = None

    def at(self, stage: CallStage) -> None:
        """Go on to this stage, unless nothing has begun and nobody waits for it any more."""
        self.stage = stage
        if self.given_up is not None and stage != "committing":
            raise asyncio.CancelledError

    async def ended(self, task: asyncio.Task[T]) -> T:
        """Return what the task returns; if the one who waits is cancelled, he is so when the task has ended."""
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as cancelled:
                self._give_up(task, cancelled)
        if self.given_up is None:
            return task.result()
        if self._alarm is not None:
            self._alarm.cancel()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.debug("a call that was cancelled had failed: %s", described(error))
        raise self.given_up

    def _give_up(self, task: asyncio.Task[Any], cancelled: asyncio.CancelledError) -> None:
        if self.given_up is None:
            self.given_up = cancelled
            self._alarm = asyncio.get_running_loop().call_later(GRACE, self._break_off, task)
        if self.stage == "waiting":
            task.cancel()

    def _break_off(self, task: asyncio.Task[Any]) -> None:
        if not task.done() and self.stage != "committing":
            task.cancel()


_CALL: ContextVar[StorageCall | None] = ContextVar("leadflow_call", default=None)


class Calls:
    """Calls of synchronous code whose driver awaits; one that is cancelled leaves nothing half-done."""

    def __init__(self) -> None:
        self._under_way: set[asyncio.Task[Any]] = set()

    async def carried_out(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the call returns, while others in the loop go on."""
        here = StorageCall()
        token = _CALL.set(here)
        try:
            task = asyncio.create_task(greenlet_spawn(partial(call, *args, **kwargs)))
        finally:
            _CALL.reset(token)
        asyncio._unregister_task(task)  # who ends a loop cancels all tasks; this one ends by its own rules
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await here.ended(task)

    async def ended(self) -> None:
        """Wait for the end of all that are under way."""
        while self._under_way:
            await asyncio.wait(self._under_way)


class LoopLock:
    """A lock for code that runs in a greenlet: of all that do in one event loop, one has it."""

    def __init__(self) -> None:
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    def _here(self) -> asyncio.Lock:
        return self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())

    def __enter__(self) -> None:
        await_(self._here().acquire())

    def __exit__(self, *_: object) -> None:
        self._here().release()


_TURNS: WeakValueDictionary[str, LoopLock] = WeakValueDictionary()


class LoopWaiting(Waits):
    """In an event loop: others go on meanwhile, and who waits may be cancelled."""

    def sleep(self, seconds: float) -> None:
        call = _CALL.get()
        if call is None:
            await_(asyncio.sleep(seconds))
            return
        before = call.stage
        call.at("waiting")
        await_(asyncio.sleep(seconds))
        call.at(before)

    def lock(self) -> LoopLock:
        return LoopLock()

    def turn(self, of: str) -> LoopLock:
        return _TURNS.setdefault(of, LoopLock())

    def at(self, stage: CallStage) -> None:
        call = _CALL.get()
        if call is not None:
            call.at(stage)


def watch(engine: Engine) -> None:
    """Let a call that makes a new connection make it to the end: one that is broken off is lost."""
    if not event.contains(engine, "do_connect", _connecting):
        event.listen(engine, "do_connect", _connecting)


def _connecting(*_: object) -> None:
    call = _CALL.get()
    if call is not None:
        call.stage = "working"
