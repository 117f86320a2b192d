"""What all definitions (rules, models, routers, policies, sequences, …) share: checked when built, to JSON and back."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from inspect import Parameter, Signature
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BeforeValidator, GetJsonSchemaHandler, ValidationError, model_validator
from pydantic_core import CoreSchema, ErrorDetails

from leadflow.entities.base import Entity, Line, safe_line, unchecked
from leadflow.errors import DefinitionError, shown

__all__ = ["Definition", "Name", "UniqueWords", "or_one"]

Loc = tuple[int | str, ...]
NAME_SHOWN = 200
AS_CONDITION = 'field("…") >= 250 or .is_known(), as data {op: ge, field: …, value: 250}'


def _is_name(text: str) -> str:
    if not 0 < len(text) <= NAME_SHOWN or safe_line(text) != text:
        raise ValueError(f"{text[:NAME_SHOWN]!r} is not a name; give 1 to {NAME_SHOWN} characters on one line")
    return text


def _each_once(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _not_one_word(written: object) -> object:
    if isinstance(written, str):
        raise ValueError(f"it must be a list of words, such as [{written!r}]")  # noqa: TRY004  (pydantic's way)
    return written


Name = Annotated[str, AfterValidator(_is_name)]
"""A name as it is stored and found again: what would have to be normalised is refused."""
UniqueWords = Annotated[tuple[Line, ...], BeforeValidator(_not_one_word), AfterValidator(_each_once)]
"""Some words, each once; a bare text is refused, since it may be meant as one word or as several."""


class Definition(Entity):
    """A value that a developer writes, its main fields by position; what can't work is a ``DefinitionError``.

    Subclasses spell their signature for type checkers and editors; this one builds all of them.
    """

    positional: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *given: Any, **named: Any) -> None:
        kind = type(self).__name__
        if len(given) > len(self.positional):
            first = f"{' and '.join(self.positional)} by position, and the rest" if self.positional else "its fields"
            raise DefinitionError(f"{kind} takes {first} by name")
        by_position = dict(zip(self.positional, given, strict=False))
        if twice := by_position.keys() & named.keys():
            raise DefinitionError(f"{kind}: {', '.join(sorted(twice))} is given twice")
        try:
            super().__init__(**by_position, **named)
        except ValidationError as wrong:
            raise _error(wrong, type(self), f"{kind}{_called(by_position | named)}: ") from None

    @classmethod
    def __pydantic_init_subclass__(cls, **_options: Any) -> None:
        """Say what may be given, for ``help``: before it is complete and, since pydantic says it anew, after it."""
        cls.__pydantic_on_complete__()

    @classmethod
    def __pydantic_on_complete__(cls) -> None:
        by_name = [name for name in cls.model_fields if name not in cls.positional]
        cls.__signature__ = Signature(
            [cls._parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in cls.positional]
            + [cls._parameter(name, Parameter.KEYWORD_ONLY) for name in by_name]
        )

    @classmethod
    def _parameter(cls, name: str, kind: Any) -> Parameter:
        field = cls.model_fields[name]
        default = Parameter.empty if field.is_required() else ... if field.default_factory else field.default
        annotation = field.annotation if isinstance(field.annotation, type) else Parameter.empty
        return Parameter(name, kind, default=default, annotation=annotation)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Show what was chosen: values that are not the default."""
        for name, field in type(self).model_fields.items():
            if (value := getattr(self, name)) != field.default:
                yield name, value

    def but(self, **values: object) -> Self:
        """Return a copy with some values replaced; they are taken as they are, so give valid ones."""
        fields = {name: self.__dict__[name] for name in type(self).model_fields}  # and nothing that was computed once
        return unchecked(type(self), fields | values, self.__pydantic_fields_set__ | values.keys())

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Build one from plain values, as JSON or YAML gives them: a text is the first field."""
        try:
            return super().model_validate(obj, **options)
        except ValidationError as wrong:
            raise _error(wrong, cls) from None

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Build one from JSON text."""
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as wrong:
            raise _error(wrong, cls) from None

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


def _error(wrong: ValidationError, kind: type[Definition], prefix: str = "") -> DefinitionError:
    """What is wrong, in one line, and each problem with its place."""
    errors = wrong.errors(include_url=False)
    misspelt = {_nearest(error, kind) for error in errors} - {None}
    # a name derived from a field that is wrong itself is no news, nor is that a misspelt field is missing
    real = [
        error
        for error in errors
        if error["type"] != "default_factory_not_called"
        and not (error["type"] == "missing" and error["loc"] and error["loc"][-1] in misspelt)
    ] or errors
    lines: list[str] = []
    problems: list[tuple[Loc, str]] = []
    for error in real:
        where, cause = tuple(error["loc"]), error.get("ctx", {}).get("error")
        no_such = error["type"] == "extra_forbidden" and len(where) == 1
        text = _message(error)
        if no_such:
            near = _nearest(error, kind)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(kind.model_fields)}"
            text = f"there is no setting {shown(where[0])}; {hint}"
        inner = cause.problems if isinstance(cause, DefinitionError) else ()
        lines.append(text if no_such else _complaint(where, text))
        problems += [((*where, *place), what) for place, what in inner] or [(where, text)]
    return DefinitionError(prefix + "; ".join(lines), problems)


def _nearest(error: ErrorDetails, kind: type[Definition]) -> str | None:
    """The field that an unknown setting was probably meant to be."""
    if error["type"] != "extra_forbidden" or len(error["loc"]) != 1:
        return None
    return next(iter(get_close_matches(str(error["loc"][0]), kind.model_fields, n=1)), None)


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
            return f"{shown(given)} is not a condition; write {AS_CONDITION}"
        case "literal_error":
            return f"there is no {shown(given)}; give {context['expected']}"
        case "model_type":
            return f"{shown(given)} is not a {context['class_name']}; write its fields by name"
        case "string_too_short":
            return f"{given!r} is blank; write something"
    return error["msg"].removeprefix("Value error, ")


def _complaint(where: Loc, text: str) -> str:
    path = ".".join(str(part) for part in where if not str(part).startswith("function-"))
    return f"{path}: {text}" if path else text
