"""Commands and programs as awaitable methods."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

from leadflow.decisions.answers import Answer
from leadflow.decisions.commands.command import Command, Wish
from leadflow.entities import Entity, Lead
from leadflow.events import AnyFact, Fact
from leadflow.flow.async_drivers import AsyncPorts, carried_out_async, streamed_async
from leadflow.flow.base import Flow
from leadflow.flow.effects import Program
from leadflow.flow.runner import Runner
from leadflow.flow.verbs import answered, documented, without_first
from leadflow.ports import AsyncStorage

__all__ = ["command", "fact_stream", "lead_stream", "program", "stream", "wish"]

P = ParamSpec("P")
R = TypeVar("R", bound=Answer)
T = TypeVar("T")
C = TypeVar("C", bound=Entity)
_AnyFlow: TypeAlias = Flow[AsyncStorage, Any, Any]
_Flow: TypeAlias = Flow[AsyncStorage, Any, C]


def command(make: Callable[P, Command[R]]) -> Callable[Concatenate[_AnyFlow, P], Coroutine[Any, Any, R]]:
    """Return the method that creates a command and runs it."""

    async def method(self: _AnyFlow, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await carried_out_async(self._runner.run(make(*args, **kwargs)), AsyncPorts(self.storage))

    return documented(method, make, answered(make))


def wish(make: Callable[P, Wish[T]]) -> Callable[Concatenate[_AnyFlow, P], Coroutine[Any, Any, T]]:
    """Return the method that creates a wish and runs it."""

    async def method(self: _AnyFlow, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await carried_out_async(self._runner.settle(make(*args, **kwargs)), AsyncPorts(self.storage))

    return documented(method, make, answered(make))


def program(
    run: Callable[Concatenate[Runner[C], P], Program[T]],
) -> Callable[Concatenate[_Flow[C], P], Coroutine[Any, Any, T]]:
    """Return the method that runs a program."""

    async def method(self: _Flow[C], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await carried_out_async(run(self._runner, *args, **kwargs), AsyncPorts(self.storage))

    return documented(method, run, without_first(run))


def stream(
    _value: type[T], run: Callable[Concatenate[Runner[C], P], Program[None]]
) -> Callable[Concatenate[_Flow[C], P], AsyncIterator[T]]:
    """Return the method that iterates over the values of a program."""

    def method(self: _Flow[C], /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        return streamed_async(run(self._runner, *args, **kwargs), AsyncPorts(self.storage))

    return documented(method, run, without_first(run))


def lead_stream(
    run: Callable[Concatenate[Runner[C], P], Program[None]],
) -> Callable[Concatenate[_Flow[C], P], AsyncIterator[Lead[C]]]:
    """Return the method that iterates over leads."""
    return stream(Lead[Any], run)


def fact_stream(
    run: Callable[Concatenate[Runner[C], P], Program[None]],
) -> Callable[Concatenate[_Flow[C], P], AsyncIterator[AnyFact]]:
    """Return the method that iterates over facts; ``kind`` tells type checkers which they are, too."""
    facts: type[AnyFact] = Fact  # type: ignore[assignment]  # every fact that is stored is one of them
    return stream(facts, run)
