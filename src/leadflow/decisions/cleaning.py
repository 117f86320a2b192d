"""What was handed in, made safe: clean text, plain JSON to keep, values of the host's own fields, findings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from leadflow.entities import Entity, Finding, Lead, NoCustomFields, safe_text

__all__ = ["cleaned", "custom_type", "custom_values", "first_message", "kept"]

PRIVILEGED = frozenset(
    {
        "absorbed",
        "absorbed_by",
        "consent",
        "consents",
        "created_at",
        "deadline",
        "deals",
        "enrolments",
        "external_ids",
        "findings",
        "id",
        "lead_id",
        "owner",
        "owner_id",
        "queue",
        "recorded_at",
        "referred_by",
        "rounds",
        "route",
        "score",
        "stage",
        "tenant",
        "tenant_id",
        "twins",
        "version",
        "visitors",
    }
)
TEXT_LIMIT, LIST_LIMIT, DEPTH_LIMIT = 100_000, 1_000, 10
SEVERAL = (list, tuple, set, frozenset)


def cleaned(values: Mapping[str, object]) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Make keys and texts safe, drop blanks, and keep privileged keys and what is far too long out."""
    given: dict[str, Any] = {}
    findings = []
    for key, value in values.items():
        name = str(safe_text(str(key)[:200]))
        if name in PRIVILEGED:
            why = "can't be set by a submission; it was ignored"
            findings.append(Finding(code="privileged_key", field=name, severity="warning", message=why))
        elif isinstance(value, (str, *SEVERAL)) and len(value) > _limit(value):
            why = f"has more than {_limit(value):,} characters or values; it was not taken"
            findings.append(Finding(code="too_long", field=name or "(empty)", severity="error", message=why))
        else:
            plain = _plain(value)
            if plain is not None and not (isinstance(plain, str | list) and not plain):
                given[name] = plain
    return given, tuple(findings)


def _limit(value: object) -> int:
    return TEXT_LIMIT if isinstance(value, str) else LIST_LIMIT


def _plain(value: Any, depth: int = 0) -> Any:
    """Make every text in a value safe; a value that is nested too deep is left out."""
    if depth > DEPTH_LIMIT:
        return None
    if isinstance(value, Mapping):
        return {safe_text(name): _plain(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, set | frozenset):
        return [_plain(inner, depth + 1) for inner in sorted(value, key=repr)]
    return safe_text(value)


def kept(value: Any) -> Any:
    """Return a cleaned value as the JSON that stays with the submission; what has no such form is named by its type."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): kept(inner) for name, inner in value.items()}
    return [kept(inner) for inner in value] if isinstance(value, list) else f"({type(value).__name__})"


def custom_type(lead_type: type[Lead[Any]]) -> type[Entity]:
    """Return the class of a lead's own fields."""
    annotation: Any = lead_type.model_fields["custom"].annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, Entity) else NoCustomFields


def custom_values(lead_type: type[Lead[Any]], given: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Check the values of the host's own fields, one by one: each must be valid, and the same after JSON and back."""
    values: dict[str, Any] = {}
    findings = []
    fields = custom_type(lead_type)
    for name in fields.model_fields:
        value = given.get(name, given.get(f"custom.{name}"))
        if value is None:
            continue
        try:
            values[name] = _checked(fields, name, value)
        except ValueError as error:
            why = first_message(error) if isinstance(error, ValidationError) else str(error)
            path, shown = f"custom.{name}", str(value)[:1000]
            findings.append(Finding(code="not_readable", field=path, severity="error", message=why, value=shown))
    return values, tuple(findings)


def _checked(fields: type[Entity], name: str, value: Any) -> Any:
    one = fields.model_validate({name: value})
    if fields.model_validate_json(one.model_dump_json(include={name})) != one:
        raise ValueError("it can't be kept as JSON; give a finite number or plain text")
    return getattr(one, name)


def first_message(error: ValidationError) -> str:
    """Return what pydantic says first, with where."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
