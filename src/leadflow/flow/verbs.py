"""Commands and programs as methods, with the signature and docstring of the command or program."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from inspect import Parameter, Signature, signature
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from leadflow.decisions.answers import Answer
from leadflow.decisions.commands.command import Command, Wish
from leadflow.entities import Entity, Lead
from leadflow.events import AnyFact, Fact
from leadflow.flow.core import Core
from leadflow.flow.drivers import SyncPorts, streamed
from leadflow.flow.effects import Program
from leadflow.flow.runner import Runner

__all__ = [
    "answered",
    "command",
    "documented",
    "fact_stream",
    "lead_stream",
    "program",
    "stream",
    "wish",
    "without_first",
]

P = ParamSpec("P")
R = TypeVar("R", bound=Answer)
T = TypeVar("T")
C = TypeVar("C", bound=Entity)
WRAPPED: Final = re.compile(r"(?:Program|Asking)\[(?!None)(.*)\]")
F = TypeVar("F", bound=Callable[..., Any])


def command(make: Callable[P, Command[R]]) -> Callable[Concatenate[Core[Any], P], R]:
    """Return the method that creates a command and runs it."""

    def method(self: Core[Any], /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.run(make(*args, **kwargs))

    return documented(method, make, answered(make))


def wish(make: Callable[P, Wish[T]]) -> Callable[Concatenate[Core[Any], P], T]:
    """Return the method that creates a wish and runs it."""

    def method(self: Core[Any], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._do(self._runner.settle(make(*args, **kwargs)))

    return documented(method, make, answered(make))


def program(run: Callable[Concatenate[Runner[C], P], Program[T]]) -> Callable[Concatenate[Core[C], P], T]:
    """Return the method that runs a program."""

    def method(self: Core[C], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._do(run(self._runner, *args, **kwargs))

    return documented(method, run, without_first(run))


def stream(
    _value: type[T], run: Callable[Concatenate[Runner[C], P], Program[None]]
) -> Callable[Concatenate[Core[C], P], Iterator[T]]:
    """Return the method that iterates over the values of a program; errors are raised at once."""

    def method(self: Core[C], /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return streamed(run(self._runner, *args, **kwargs), SyncPorts(self.storage))

    return documented(method, run, without_first(run))


def lead_stream(
    run: Callable[Concatenate[Runner[C], P], Program[None]],
) -> Callable[Concatenate[Core[C], P], Iterator[Lead[C]]]:
    """Return the method that iterates over leads."""
    return stream(Lead[Any], run)


def fact_stream(
    run: Callable[Concatenate[Runner[C], P], Program[None]],
) -> Callable[Concatenate[Core[C], P], Iterator[AnyFact]]:
    """Return the method that iterates over facts; ``kind`` tells type checkers which they are, too."""
    facts: type[AnyFact] = Fact  # type: ignore[assignment]  # every fact that is stored is one of them
    return stream(facts, run)


def answered(make: Callable[..., Any]) -> Signature:
    """Return the signature of what makes a command or wish, with the answer as what it returns."""
    given = signature(make)
    kind = make if isinstance(make, type) else make.__globals__[given.return_annotation]
    return given.replace(return_annotation=getattr(kind, "answer", Signature.empty))


def without_first(run: Callable[..., Any]) -> Signature:
    """Return the signature of a program without its runner, with what it returns in the end."""
    given = signature(run)
    returned = WRAPPED.fullmatch(str(given.return_annotation))
    return given.replace(
        parameters=list(given.parameters.values())[1:],
        return_annotation=returned[1] if returned else Signature.empty,
    )


def documented(method: F, make: Callable[..., Any], given: Signature) -> F:
    """Give a method the signature and docstring of what it runs."""
    method.__doc__ = make.__doc__
    method.__signature__ = given.replace(  # type: ignore[attr-defined]
        parameters=[Parameter("self", Parameter.POSITIONAL_ONLY), *given.parameters.values()],
    )
    return method
