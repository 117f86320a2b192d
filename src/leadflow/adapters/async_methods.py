"""The methods of ``AsyncStorage``: each runs the method of a ``Storage`` with the same name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from leadflow.entities import Lead
from leadflow.ports import Searchable, Storage

__all__ = ["AwaitedStorage", "awaited"]

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=Storage)


def awaited(
    method: Callable[Concatenate[Any, P], T],
) -> Callable[Concatenate[AwaitedStorage[Any], P], Coroutine[Any, Any, T]]:
    """Return the method that runs the storage's method of this name."""

    @wraps(method)
    async def carried_out(self: AwaitedStorage[Any], /, *args: P.args, **kwargs: P.kwargs) -> T:
        call: Callable[P, T] = getattr(self._storage, method.__name__)
        return await self._carried_out(call, *args, **kwargs)

    return carried_out


class AwaitedStorage(ABC, Generic[S]):
    """A ``Storage`` whose methods are awaited; a subclass defines how its synchronous code runs in a loop."""

    def __init__(self, storage: S) -> None:
        self._storage = storage

    @abstractmethod
    async def _carried_out(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the result of the call, while other tasks continue."""

    def bind(self, lead_type: type[Lead[Any]]) -> None:
        """Set the class as which leads are read (with its custom fields)."""
        self._storage.bind(lead_type)

    save = awaited(Storage.save)
    load = awaited(Storage.load)
    holders = awaited(Storage.holders)
    matching = awaited(Storage.matching)
    features = awaited(Storage.features)
    states = awaited(Storage.states)
    facts = awaited(Storage.facts)
    activities = awaited(Storage.activities)
    lead_ids = awaited(Storage.lead_ids)
    scan = awaited(Storage.scan)
    reply = awaited(Storage.reply)
    lease = awaited(Storage.lease)
    task = awaited(Storage.task)
    tasks = awaited(Storage.tasks)
    find = awaited(Searchable.find)
    count = awaited(Searchable.count)
