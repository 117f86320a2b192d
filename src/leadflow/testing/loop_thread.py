"""An ``AsyncStorage`` that passes for a ``Storage``: the contract, written once, holds for both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from functools import wraps
from inspect import iscoroutinefunction
from threading import Thread
from typing import Any, Self, TypeVar, cast

from leadflow.ports import AsyncStorage, Storage

__all__ = ["LoopThread", "blocking"]

T = TypeVar("T")


class LoopThread(AbstractContextManager["LoopThread"]):
    """An event loop in a thread of its own, in which any thread can have something done and wait for it."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self.loop = self._runner.get_loop()
        self._thread = Thread(target=self._run, name="leadflow-loop", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it in the loop, and return what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def close(self) -> None:
        """Stop the loop, and whatever is still under way in it."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Blocking:
    """Has every public method and attribute of an object as it is; who calls a coroutine waits for its end."""

    def __init__(self, awaited: object, loop: LoopThread) -> None:
        for name in dir(awaited):
            if not name.startswith("_"):
                value = getattr(awaited, name)
                setattr(self, name, _waited_for(value, loop) if iscoroutinefunction(value) else value)


def _waited_for(method: Callable[..., Coroutine[Any, Any, T]], loop: LoopThread) -> Callable[..., T]:
    @wraps(method)
    def blocking(*args: Any, **kwargs: Any) -> T:
        return loop.run(method(*args, **kwargs))

    return blocking


def blocking(storage: AsyncStorage, loop: LoopThread) -> Storage:
    """Return the storage for code that awaits nothing; all of it happens in this loop.

    It has whatever else the storage has (``purge``, ``close``, …), too.
    """
    return cast("Storage", _Blocking(storage, loop))
