"""Commands and programs as awaitable methods."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from inspect import signature
from typing import Any, Concatenate, ParamSpec, TypeVar

from leadflow.decisions.answers import Answer
from leadflow.decisions.commands.command import Command, Wish
from leadflow.flow.async_drivers import AsyncPorts, carried_out_async, streamed_async
from leadflow.flow.base import Flow
from leadflow.flow.effects import Program
from leadflow.flow.runner import Runner
from leadflow.flow.verbs import documented, without_first
from leadflow.ports import AsyncStorage

__all__ = ["command", "program", "stream", "wish"]

P = ParamSpec("P")
R = TypeVar("R", bound=Answer)
T = TypeVar("T")
_Flow = Flow[AsyncStorage, Any]


def command(make: Callable[P, Command[R]]) -> Callable[Concatenate[_Flow, P], Coroutine[Any, Any, R]]:
    """Return the method that creates a command and runs it."""

    async def method(self: _Flow, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await carried_out_async(self._runner.run(make(*args, **kwargs)), AsyncPorts(self.storage))

    return documented(method, make, signature(make))


def wish(make: Callable[P, Wish[T]]) -> Callable[Concatenate[_Flow, P], Coroutine[Any, Any, T]]:
    """Return the method that creates a wish and runs it."""

    async def method(self: _Flow, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await carried_out_async(self._runner.settle(make(*args, **kwargs)), AsyncPorts(self.storage))

    return documented(method, make, signature(make))


def program(
    run: Callable[Concatenate[Runner, P], Program[T]],
) -> Callable[Concatenate[_Flow, P], Coroutine[Any, Any, T]]:
    """Return the method that runs a program."""

    async def method(self: _Flow, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await carried_out_async(run(self._runner, *args, **kwargs), AsyncPorts(self.storage))

    return documented(method, run, without_first(run))


def stream(
    _value: type[T], run: Callable[Concatenate[Runner, P], Program[None]]
) -> Callable[Concatenate[_Flow, P], AsyncIterator[T]]:
    """Return the method that iterates over the values of a program."""

    def method(self: _Flow, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        return streamed_async(run(self._runner, *args, **kwargs), AsyncPorts(self.storage))

    return documented(method, run, without_first(run))
