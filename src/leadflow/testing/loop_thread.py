"""An ``AsyncStorage`` wrapped as a ``Storage``, so that one contract tests both."""

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
    """An event loop in its own thread, in which other threads can run coroutines and wait for them."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self.loop = self._runner.get_loop()
        self._thread = Thread(target=self._run, name="leadflow-loop", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop, and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def close(self) -> None:
        """Stop the loop and everything still running in it."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Blocking:
    """Has every public method and attribute of an object; coroutines are run to their end."""

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
    """Return the storage for synchronous code; everything runs in this loop.

    It also has the other methods of the storage (``purge``, ``close``, …).
    """
    return cast("Storage", _Blocking(storage, loop))
