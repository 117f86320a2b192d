"""What rules, models, reps and routers have in common: checked when built, by position or from JSON."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from pydantic import ValidationError, model_validator

from leadflow.entities.base import Entity
from leadflow.errors import DefinitionError

__all__ = ["Definition"]


class Definition(Entity):
    """A value that a developer writes, its main fields by position; what can't work is a ``DefinitionError``.

    Subclasses spell their signature for type checkers and editors; this one builds all of them.
    """

    positional: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *given: Any, **named: Any) -> None:
        kind = type(self).__name__
        if len(given) > len(self.positional):
            raise DefinitionError(f"{kind} takes {' and '.join(self.positional)} by position, and the rest by name")
        by_position = dict(zip(self.positional, given, strict=False))
        if twice := by_position.keys() & named.keys():
            raise DefinitionError(f"{kind}: {', '.join(sorted(twice))} is given twice")
        try:
            super().__init__(**by_position, **named)
        except ValidationError as wrong:
            raise DefinitionError(f"{kind}{_called(by_position | named)}: {_complaints(wrong)}") from None

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Build one from plain values, as JSON or YAML gives them: a text is the first field."""
        try:
            return super().model_validate(obj, **options)
        except ValidationError as wrong:
            raise DefinitionError(_complaints(wrong)) from None

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Build one from JSON text."""
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as wrong:
            raise DefinitionError(_complaints(wrong)) from None

    @model_validator(mode="wrap")
    @classmethod
    def _by_position(cls, written: Any, build: Callable[[Any], Self]) -> Self:
        values = [written] if isinstance(written, str) else written
        if isinstance(written, list | tuple) and len(written) != max(len(cls.positional), 2):
            return build(written)
        return build(dict(zip(cls.positional, values, strict=False)) if isinstance(values, list | tuple) else values)


def _called(given: Mapping[str, Any]) -> str:
    names = (given.get(key) for key in ("name", "id", "because", "activity"))
    return next((f" {name!r}" for name in names if isinstance(name, str)), "")


def _complaints(wrong: ValidationError) -> str:
    errors = wrong.errors(include_url=False, include_context=False, include_input=False)
    # a name derived from a field that is wrong itself is no news
    real = [error for error in errors if error["type"] != "default_factory_not_called"] or errors
    return "; ".join(_complaint(error["loc"], error["msg"]) for error in real)


def _complaint(where: tuple[int | str, ...], message: str) -> str:
    path = ".".join(str(part) for part in where if not str(part).startswith("function-"))
    text = message.removeprefix("Value error, ")
    return f"{path}: {text}" if path else text
