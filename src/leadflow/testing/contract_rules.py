"""What a contract test says when it fails: the rule and the remedy, which are its docstring."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import pytest

__all__ = ["explained"]

C = TypeVar("C")


def explained(contract: type[C]) -> type[C]:
    """Let each test of a contract name its rule when it fails."""
    for name, test in vars(contract).copy().items():
        if name.startswith("test_"):
            setattr(contract, name, _naming_its_rule(test))
    return contract


def _naming_its_rule(test: Callable[..., None]) -> Callable[..., None]:
    rule = " ".join((inspect.getdoc(test) or "").split())

    @wraps(test)
    def checked(*given: Any, **named: Any) -> None:
        __tracebackhide__ = True
        try:
            test(*given, **named)
        except pytest.skip.Exception:
            raise
        except (Exception, pytest.fail.Exception) as failure:
            failure.add_note(f"The rule: {rule}")
            raise

    return checked
