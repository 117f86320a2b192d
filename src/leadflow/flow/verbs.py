"""Commands as methods: the signature and the text are those of the command."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from typing import Any, Concatenate, ParamSpec, TypeVar

from leadflow.decisions.answers import Answer
from leadflow.decisions.commands.command import Command, Wish
from leadflow.flow.core import Core

__all__ = ["verb", "wish"]

P = ParamSpec("P")
R = TypeVar("R", bound=Answer)
T = TypeVar("T")


def verb(make: Callable[P, Command[R]]) -> Callable[Concatenate[Core, P], R]:
    """Return the method that makes a command and carries it out."""

    def method(self: Core, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.run(make(*args, **kwargs))

    return documented(method, make)


def wish(make: Callable[P, Wish[T]]) -> Callable[Concatenate[Core, P], T]:
    """Return the method that makes a wish and carries it out."""

    def method(self: Core, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._do(self._runner.settle(make(*args, **kwargs)))

    return documented(method, make)


F = TypeVar("F", bound=Callable[..., Any])


def documented(method: F, make: Callable[..., Any]) -> F:
    """Give a method the signature and the text of what it makes."""
    given = signature(make, eval_str=False)
    method.__doc__ = make.__doc__
    method.__signature__ = given.replace(  # type: ignore[attr-defined]
        parameters=[Parameter("self", Parameter.POSITIONAL_ONLY), *given.parameters.values()],
        return_annotation=signature(method).return_annotation,
    )
    return method
