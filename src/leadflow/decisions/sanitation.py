"""Sanitizing input: clean text, plain JSON to keep, values of custom fields, findings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args

from pydantic import ValidationError

from leadflow.entities import Entity, Finding, Lead, NoCustomFields, safe_line
from leadflow.entities.bounds import KEY_LIMIT, Bounds, exact_text
from leadflow.entities.former_names import former_names
from leadflow.errors import InvalidInput
from leadflow.quality import FIELDS
from leadflow.quality.numbers import check_date
from leadflow.quality.results import error, warning

__all__ = [
    "KEYS_LIMIT",
    "PRIVILEGED",
    "cleaned",
    "custom_fields",
    "custom_type",
    "custom_values",
    "first_message",
    "kept",
    "parted",
    "shown",
]

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
        "merged",
        "not_same",
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
KEYS_LIMIT = 100
PATH_LIMIT, SHOWN_LIMIT = 200, 1_000


def cleaned(values: Mapping[str, object]) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Make keys and values plain and safe, and drop blanks, privileged keys and excessive values.

    Each value is measured before anything else. Known names are read first, so that unknown ones can't use up the
    limits of a submission.
    """
    if len(values) > KEYS_LIMIT:
        raise InvalidInput("submission", f"{len(values)} keys", f"give at most {KEYS_LIMIT}")
    items = list(enumerate(dict.items(values) if isinstance(values, dict) else values.items()))
    bounds = Bounds()
    given: dict[str, tuple[int, Any]] = {}
    findings: list[tuple[int, Finding]] = []
    for place, (key, value) in sorted(items, key=lambda item: not _is_known(item[1][0])):
        found = _taken(key, value, given, place, bounds)
        findings += [(place, found)] if found else []
    in_order = sorted(given.items(), key=lambda one: one[1][0])
    said = tuple(found for _, found in sorted(findings, key=lambda one: one[0]))
    return {name: value for name, (_, value) in in_order}, said


def _taken(key: object, value: object, given: dict[str, tuple[int, Any]], place: int, bounds: Bounds) -> Finding | None:
    """Add a value, or a finding why not; blanks are skipped."""
    name = _name(key)
    if name is None or name in given:
        return _left_out(key, name)
    if name in PRIVILEGED:
        return warning("privileged_key", name, "can't be set by a submission; it was ignored")
    try:
        plain = bounds.taken(value)
    except Exception as wrong:  # noqa: BLE001  (classes of the host may raise anything)
        return _too_much(name, value, wrong)
    if plain is not None and not (isinstance(plain, str | list) and not plain):
        given[name] = place, plain
    return None


def parted(values: Mapping[str, object]) -> tuple[dict[str, object], frozenset[str]]:
    """Return what is given, and the names of which nothing is given: None, blank text, an empty list."""
    blank = {key for key, value in values.items() if _is_blank(value)}
    names = frozenset(name for name in map(_name, blank) if name is not None)
    return {key: value for key, value in values.items() if key not in blank}, names


_LISTS = (list, tuple, set, frozenset)


def _is_blank(value: object) -> bool:
    # a subclass of the host's may do anything when it is gone through
    items = [*value] if isinstance(value, list | tuple | set | frozenset) and type(value) in _LISTS else [value]
    return all(one is None or (isinstance(one, str) and not exact_text(one).strip()) for one in items)


def _is_known(key: object) -> bool:
    return isinstance(key, str) and exact_text(key) in FIELDS


def _name(key: object) -> str | None:
    """The key in its stored form; None if it is invalid."""
    if isinstance(key, int) and int.bit_length(key) < 64:
        return str(int.__pos__(key))
    if not isinstance(key, str) or len(exact_text(key)) > KEY_LIMIT:
        return None
    return str(safe_line(exact_text(key)))


def _left_out(key: object, name: str | None) -> Finding:
    if name is not None:
        why = "occurs twice (ignoring blanks and control characters); the first was used"
        return error("key_twice", _path(name), why)
    if isinstance(key, str):
        why = f"has a name of more than {KEY_LIMIT:,} characters; it was ignored"
        return error("too_long", _path(str(safe_line(exact_text(key)[:SHOWN_LIMIT]))), why)
    return error("not_text", "(a key)", "is not a text; it was ignored")


def _too_much(name: str, value: object, wrong: Exception) -> Finding:
    code, why = "too_long", str(wrong)
    if type(wrong) is not ValueError:
        code, why = "not_readable", f"can't be read ({type(wrong).__name__})"
    seen = exact_text(value) if isinstance(value, str) else None
    return error(code, _path(name), f"{why[:SHOWN_LIMIT]}; it was ignored", seen)


def _path(name: str) -> str:
    return name[:PATH_LIMIT].strip() or "(empty)"


def kept(value: Any) -> Any:
    """Return a cleaned value as JSON to keep with the submission; without a JSON form it is its type's name."""
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


def shown(value: Any) -> str:
    """Return a cleaned value as findings show it: truncated, and never an object's own ``str``."""
    return str(kept(value))[:SHOWN_LIMIT]


def custom_type(lead_type: type[Lead[Any]]) -> type[Entity]:
    """Return the class of a lead's custom fields."""
    annotation: Any = lead_type.model_fields["custom"].annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, Entity) else NoCustomFields


def custom_fields(lead_type: type[Lead[Any]]) -> dict[str, str]:
    """Return the keys under which a submission may give custom fields, each with its field."""
    kind = custom_type(lead_type)
    return {key: name for name in kind.model_fields for key in _keys(kind, name)}


def _keys(kind: type[Entity], name: str) -> Iterator[str]:
    return (f"{prefix}{each}" for each in (name, *former_names(kind, name)) for prefix in ("", "custom."))


def custom_values(lead_type: type[Lead[Any]], given: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Check the values of custom fields, one by one: each must be valid, with an exact JSON round trip.

    A form may still send a field under a name that it had before.
    """
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    fields = custom_type(lead_type)
    for name in fields.model_fields:
        value = next((given[key] for key in _keys(fields, name) if key in given), None)
        if value is None:
            continue
        try:
            values[name], notes = _read_custom(fields, name, value)
            findings += notes
        except (ValueError, ArithmeticError, RecursionError) as wrong:
            why = first_message(wrong) if isinstance(wrong, ValidationError) else str(wrong)
            path, said = f"custom.{name}", why[:SHOWN_LIMIT]
            findings.append(
                Finding(code="not_readable", field=path, severity="error", message=said, value=shown(value))
            )
    return values, tuple(findings)


def _read_custom(fields: type[Entity], name: str, value: Any) -> tuple[Any, tuple[Finding, ...]]:
    """Return the value of a field, and notes; a date may be written as people write it."""
    try:
        return _checked(fields, name, value), ()
    except ValidationError:
        day = check_date(f"custom.{name}", value) if isinstance(value, str) else None
        if day is None or day.value is None or not _is_day(fields, name):
            raise
    return _checked(fields, name, day.value), day.findings


def _is_day(fields: type[Entity], name: str) -> bool:
    classes = {fields.model_fields[name].annotation, *get_args(fields.model_fields[name].annotation)}
    return date in classes and datetime not in classes


def _checked(fields: type[Entity], name: str, value: Any) -> Any:
    one = fields.model_validate({name: value})
    if fields.model_validate_json(one.model_dump_json(include={name})) != one:
        raise ValueError("it can't be kept as JSON; give a finite number or plain text")
    return getattr(one, name)


def first_message(error: ValidationError) -> str:
    """Return pydantic's first error, with its location."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
