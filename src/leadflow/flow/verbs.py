"""Commands and programs as methods, with the signature and docstring of the command or program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import Parameter, Signature, signature
from typing import Any, Concatenate, ParamSpec, TypeVar

from leadflow.decisions.answers import Answer
from leadflow.decisions.commands.command import Command, Wish
from leadflow.flow.core import Core
from leadflow.flow.drivers import SyncPorts, streamed
from leadflow.flow.effects import Program
from leadflow.flow.runner import Runner

__all__ = ["command", "documented", "program", "stream", "wish", "without_first"]

P = ParamSpec("P")
R = TypeVar("R", bound=Answer)
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


def command(make: Callable[P, Command[R]]) -> Callable[Concatenate[Core, P], R]:
    """Return the method that creates a command and runs it."""

    def method(self: Core, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.run(make(*args, **kwargs))

    return documented(method, make, signature(make))


def wish(make: Callable[P, Wish[T]]) -> Callable[Concatenate[Core, P], T]:
    """Return the method that creates a wish and runs it."""

    def method(self: Core, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._do(self._runner.settle(make(*args, **kwargs)))

    return documented(method, make, signature(make))


def program(run: Callable[Concatenate[Runner, P], Program[T]]) -> Callable[Concatenate[Core, P], T]:
    """Return the method that runs a program."""

    def method(self: Core, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._do(run(self._runner, *args, **kwargs))

    return documented(method, run, without_first(run))


def stream(
    _value: type[T], run: Callable[Concatenate[Runner, P], Program[None]]
) -> Callable[Concatenate[Core, P], Iterator[T]]:
    """Return the method that iterates over the values of a program; errors are raised at once."""

    def method(self: Core, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return streamed(run(self._runner, *args, **kwargs), SyncPorts(self.storage))

    return documented(method, run, without_first(run))


def without_first(run: Callable[..., Any]) -> Signature:
    """Return the signature of a program without its runner."""
    given = signature(run)
    return given.replace(parameters=list(given.parameters.values())[1:])


def documented(method: F, make: Callable[..., Any], given: Signature) -> F:
    """Give a method the signature and docstring of what it runs."""
    method.__doc__ = make.__doc__
    method.__signature__ = given.replace(  # type: ignore[attr-defined]
        parameters=[Parameter("self", Parameter.POSITIONAL_ONLY), *given.parameters.values()],
    )
    return method
