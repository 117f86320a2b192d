"""What rules, models, reps and routers have in common: checked when built, by position or from JSON."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, Self

from pydantic import GetJsonSchemaHandler, ValidationError, model_validator
from pydantic_core import CoreSchema, ErrorDetails

from leadflow.entities.base import Entity
from leadflow.errors import DefinitionError

__all__ = ["Definition", "or_one"]

NAME_SHOWN = 200
AS_CONDITION = 'field("…") >= 250 or .is_known(), as data {op: ge, field: …, value: 250}'


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
            complaints = _complaints(wrong, type(self).model_fields)
            raise DefinitionError(f"{kind}{_called(by_position | named)}: {complaints}") from None

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Build one from plain values, as JSON or YAML gives them: a text is the first field."""
        try:
            return super().model_validate(obj, **options)
        except ValidationError as wrong:
            raise DefinitionError(_complaints(wrong, cls.model_fields)) from None

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Build one from JSON text."""
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as wrong:
            raise DefinitionError(_complaints(wrong, cls.model_fields)) from None

    @model_validator(mode="wrap")
    @classmethod
    def _by_position(cls, written: Any, build: Callable[[Any], Self]) -> Self:
        return build(cls._by_name(written))

    @classmethod
    def _by_name(cls, written: Any) -> Any:
        """What was written, by the names of the fields; a subclass may take other spellings."""
        if isinstance(written, str) and cls.positional:
            return dict(zip(cls.positional, [written], strict=False))
        if isinstance(written, list | tuple) and len(written) == len(cls.positional) > 1:
            return dict(zip(cls.positional, written, strict=True))
        if isinstance(written, Mapping):
            for name in written:
                if not isinstance(name, str):
                    raise DefinitionError(f"{name!r} is not a setting; settings are named by texts")
        return written

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        described = handler(core_schema)
        by_name = handler.resolve_ref_schema(described)
        by_position = _by_position_schemas(cls.positional, by_name)
        if by_position:
            whole = {"anyOf": [dict(by_name), *by_position]}
            by_name.clear()
            by_name.update(whole)
        return described


def _by_position_schemas(positional: tuple[str, ...], by_name: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The shorter forms in which it may be written: a text, or a list."""
    fields, required = by_name.get("properties", {}), set(by_name.get("required", ()))
    if not positional or not required <= set(positional):
        return []
    first = fields[positional[0]]
    as_text = [first] if required <= {positional[0]} and first.get("type") == "string" else []
    size = {"minItems": len(positional), "maxItems": len(positional)}
    as_list = {"type": "array", "prefixItems": [fields[name] for name in positional], **size}
    return [*as_text, *([as_list] if len(positional) > 1 else [])]


def or_one(schema: dict[str, Any]) -> None:
    """Say in a JSON Schema that a list may be written as its only item."""
    several = {"type": schema.pop("type"), "items": schema.pop("items")}
    schema["anyOf"] = [several, several["items"]]


def _called(given: Mapping[str, Any]) -> str:
    names = (given.get(key) for key in ("name", "id", "because", "activity", "on"))
    name = next((name for name in names if isinstance(name, str)), None)
    return "" if name is None else f" {name if len(name) <= NAME_SHOWN else f'{name[:NAME_SHOWN]}…'!r}"


def _complaints(wrong: ValidationError, fields: Mapping[str, object]) -> str:
    errors = wrong.errors(include_url=False)
    # a name derived from a field that is wrong itself is no news
    real = [error for error in errors if error["type"] != "default_factory_not_called"] or errors
    return "; ".join(
        _no_such(str(error["loc"][0]), fields)
        if error["type"] == "extra_forbidden" and len(error["loc"]) == 1
        else _complaint(error["loc"], _message(error))
        for error in real
    )


def _no_such(name: str, fields: Mapping[str, object]) -> str:
    near = get_close_matches(name, fields, n=1)
    return f"there is no setting {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")


def _message(error: ErrorDetails) -> str:
    """What is wrong; of a value of several shapes, what it lacks to be one of them."""
    context, given = error.get("ctx", {}), error["input"]
    match error["type"]:
        case "union_tag_invalid":
            tag, known = context["tag"], [one.strip(" '") for one in context["expected_tags"].split(",")]
            near = get_close_matches(tag, known, n=2)  # gte is as near to gt as to ge
            hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"there is {', '.join(known)}"
            return f"there is no {context['discriminator'].strip(chr(39))} {tag!r}; {hint}"
        case "union_tag_not_found" if isinstance(given, Mapping):
            return f"{context['discriminator'].strip(chr(39))} is missing"
        case "union_tag_not_found" | "model_attributes_type":
            shown = repr(given)
            return f"{shown[:NAME_SHOWN]} is not a condition; write {AS_CONDITION}"
    return error["msg"]


def _complaint(where: tuple[int | str, ...], message: str) -> str:
    path = ".".join(str(part) for part in where if not str(part).startswith("function-"))
    text = message.removeprefix("Value error, ")
    return f"{path}: {text}" if path else text
