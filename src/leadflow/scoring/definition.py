"""What rules and models have in common: they are checked when they are built, and say what is wrong in one line."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from typing import Annotated, Any, Final, Self

from pydantic import Field, ValidationError

from leadflow.entities.base import Entity
from leadflow.errors import DefinitionError

POINTS_LIMIT: Final = 1_000_000

Points = Annotated[float, Field(ge=-POINTS_LIMIT, le=POINTS_LIMIT, allow_inf_nan=False)]
"""What a rule is worth, at most a million either way: sums of them stay exact."""
Cap = Annotated[float, Field(gt=0, le=POINTS_LIMIT, allow_inf_nan=False)]
"""A bound of the absolute value: with a cap of 30, rules of −10 give −30 at the lowest."""


class Definition(Entity):
    """An entity that a developer writes: if it can't work, building it raises ``DefinitionError``."""

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as wrong:
            raise DefinitionError(f"{_called(type(self), given)}: {_complaints(wrong)}") from None

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Build one from plain values, as JSON or YAML gives them."""
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


def _called(kind: type, given: dict[str, Any]) -> str:
    name = given.get("name") or given.get("because") or given.get("activity")
    return f"{kind.__name__} {name!r}" if isinstance(name, str) else kind.__name__


def _complaints(wrong: ValidationError) -> str:
    errors = wrong.errors(include_url=False, include_context=False, include_input=False)
    # a name derived from a field that is wrong itself is no news
    real = [error for error in errors if error["type"] != "default_factory_not_called"] or errors
    return "; ".join(_complaint(error["loc"], error["msg"]) for error in real)


def _complaint(where: tuple[int | str, ...], message: str) -> str:
    path = ".".join(str(part) for part in where if not str(part).startswith("function-"))
    text = message.removeprefix("Value error, ")
    return f"{path}: {text}" if path else text
