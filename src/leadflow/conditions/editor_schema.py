"""JSON Schema for editors: of everything that is written in JSON or YAML, with the paths of a lead.

``json_schema(ScoringModel)`` completes and checks keys, operators and values; with ``lead_type=Lead[MyFields]`` paths
are checked, too, including those of custom fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Final, get_args

from pydantic import GetJsonSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema
from typing_extensions import TypeAliasType

from leadflow.conditions.values import ACTIVITY_FIELDS, CheckedPath

__all__ = ["ActivityPath", "FieldPath", "json_schema", "never_null"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_NAME: Final = r"[^\s.\d_][^\s.]*"
_ANY_PATH: Final = rf"^{_NAME}(\.{_NAME})*$"


class _OfLead:
    """Suggests the paths that every lead has, and accepts any other."""

    def __get_pydantic_json_schema__(self, _: CoreSchema, __: GetJsonSchemaHandler) -> dict[str, Any]:
        from leadflow.conditions.path_names import KnownPath

        return _paths(list(get_args(KnownPath)), _ANY_PATH, "A path of the lead.")


class _OfActivity:
    """Suggests what every activity has, and accepts the name of any property."""

    def __get_pydantic_json_schema__(self, _: CoreSchema, __: GetJsonSchemaHandler) -> dict[str, Any]:
        return _paths(sorted(ACTIVITY_FIELDS), _ANY_PATH, "A property of the activity, or its kind, source or moment.")


FieldPath = TypeAliasType("FieldPath", Annotated[CheckedPath, _OfLead()])
ActivityPath = TypeAliasType("ActivityPath", Annotated[CheckedPath, _OfActivity()])


def _paths(known: list[str], others: str | None, description: str) -> dict[str, Any]:
    more = [] if others is None else [{"type": "string", "pattern": others}]
    return {"anyOf": [{"enum": known}, *more], "description": description}


def never_null(schema: dict[str, Any]) -> None:
    """Describe an optional value by its type alone, without ``null`` and default."""
    schema.pop("default", None)
    schema.update(schema.pop("anyOf")[0])


def json_schema(kind: Any, *, lead_type: type | None = None) -> dict[str, Any]:
    """Return the JSON Schema of a class or type (``ScoringModel``, ``Condition``) as editors use it.

    With ``lead_type`` conditions may use only the paths of this class of leads; otherwise any path.
    """
    schema = {"$schema": DIALECT, **_plain(TypeAdapter(kind).json_schema())}
    if lead_type is not None and "FieldPath" in schema.get("$defs", {}):
        known, others = sorted(_askable(lead_type)), sorted(_open(lead_type))
        pattern = "|".join(rf"^{prefix}\.{_NAME}(\.{_NAME})*$" for prefix in others) or None
        schema["$defs"]["FieldPath"] = _paths(known, pattern, f"A path of {lead_type.__name__}.")
    return schema


def _plain(schema: Any) -> Any:
    """Leave out what only OpenAPI uses, and titles that repeat the names."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _plain(one) for name, one in value.items()} if key in ("properties", "$defs") else _plain(value)
        for key, value in schema.items()
        if key not in ("discriminator", "title")
    }


def _askable(lead_type: type) -> Iterator[str]:
    """Paths with a value, and the groups of fields above them (usable with ``known``)."""
    from leadflow.conditions.path_types import known_paths

    known, groups = known_paths(lead_type), set[str]()
    for path, shape in known.items():
        if not path.endswith("*") and (not shape.many or "text" in shape.kinds):
            yield path
        if not shape.many:
            parts = path.split(".")
            groups |= {".".join(parts[:length]) for length in range(1, len(parts))}
    yield from groups - known.keys()


def _open(lead_type: type) -> Iterator[str]:
    """The paths below which any name may stand."""
    from leadflow.conditions.path_types import known_paths

    for path, shape in known_paths(lead_type).items():
        if path.endswith(".*"):
            yield path.removesuffix(".*").replace(".", r"\.")
        elif shape.open:
            yield path.replace(".", r"\.")
