"""An asynchronous storage in memory: for tests of asynchronous hosts, and short runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from leadflow.adapters.async_methods import AwaitedStorage
from leadflow.adapters.memory import MemoryStorage

__all__ = ["AsyncMemoryStorage"]

P = ParamSpec("P")
T = TypeVar("T")


class AsyncMemoryStorage(AwaitedStorage[MemoryStorage]):
    """Keeps everything in this process, like ``MemoryStorage``; gone when the process ends.

    Other tasks of the loop get their turn before each call, as with a database, so that races show up in tests.
    """

    def __init__(self) -> None:
        super().__init__(MemoryStorage())

    async def _carried_out(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        await asyncio.sleep(0)
        return call(*args, **kwargs)
