"""How pydantic's complaints about a condition become one ``DefinitionError``."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from leadflow.errors import DefinitionError

__all__ = ["complaint", "made"]

_M = TypeVar("_M", bound=BaseModel)
_IMPLIED: Final = frozenset({
    "value", "values", "and", "or", "not", "eq", "ne", "lt", "le", "gt", "ge", "in", "between",
    "contains", "starts_with", "ends_with", "like", "matches", "known", "within",
})  # fmt: skip
"""Parts of pydantic's error locations that mean nothing to a reader."""


def made(node: type[_M], **values: Any) -> _M:
    """A node of these values; if they are invalid, one ``DefinitionError`` that names the path."""
    try:
        return node(**values)
    except ValidationError as wrong:
        where = values.get("field") or values.get("activity")
        raise DefinitionError(f"{where}: {complaint(wrong)}" if where else complaint(wrong)) from None


def complaint(wrong: ValidationError) -> str:
    """The first error of a validation in one line: where it is and what is wrong."""
    first = wrong.errors(include_url=False, include_context=False, include_input=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    where = ".".join(str(part) for part in first["loc"] if part not in _IMPLIED)
    return f"{where}: {message}" if where else message
