"""Reading the arguments of commands: converted to their stored form, or ``InvalidInput``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from numbers import Real
from types import TracebackType
from typing import Any, TypeAlias

from pydantic import TypeAdapter, ValidationError

from leadflow.entities import POINTS_LIMIT, ActedBy, Actor, Consent, Finding, LeadId, Line
from leadflow.entities.base import PROPERTIES_LIMIT, safe_text
from leadflow.entities.bounds import SUBMISSION_LIMIT, Bounds, exact_text
from leadflow.errors import InvalidInput
from leadflow.worktime import in_utc

__all__ = [
    "ConsentGiven",
    "acting",
    "amount_of",
    "as_invalid_input",
    "consents_of",
    "count_of",
    "findings_of",
    "flag_of",
    "lead_id_of",
    "line_of",
    "lines_of",
    "mapping_of",
    "moment_of",
    "name_of",
    "one_of",
    "points_of",
    "properties_of",
    "text_of",
]

AMOUNT_LIMIT = 100
CONSENTS_LIMIT = 50
FINDINGS_LIMIT = 1_000
ID_LIMIT = 200
COUNT_LIMIT = 1_000_000_000

_LINE: TypeAdapter[str] = TypeAdapter(Line)


def line_of(field: str, value: object, most: int = 1_000) -> str:
    """Return a key in the form in which it is stored and looked up."""
    if not isinstance(value, str):
        raise InvalidInput(field, value, "give text")
    try:
        line = _LINE.validate_python(exact_text(value))
    except ValidationError:
        line = ""
    if not 0 < len(line) <= most:
        raise InvalidInput(field, value, f"give 1 to {most:,} characters, or leave it out")
    return line


def name_of(field: str, value: object, most: int = 1_000) -> str | None:
    """Return an optional key: None, or an empty text, means none."""
    return None if value is None or (isinstance(value, str) and not value) else line_of(field, value, most)


def lines_of(field: str, value: object, most: int = 10_000) -> tuple[str, ...]:
    """Return one or several keys."""
    if isinstance(value, str):
        return (line_of(field, value),)
    try:
        several = tuple(islice(value, most + 1)) if isinstance(value, Iterable) else ()
    except Exception as wrong:  # the host's own iterable
        raise InvalidInput(field, value, f"it raised {type(wrong).__name__}; give a list") from wrong
    if not 0 < len(several) <= most:
        raise InvalidInput(field, value, f"give one, or a list of at most {most:,}")
    return tuple(line_of(field, one) for one in several)


def text_of(field: str, value: object, most: int = 10_000) -> str | None:
    """Return an optional text of several lines."""
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > most:
        raise InvalidInput(field, value, f"give text of at most {most:,} characters, or leave it out")
    return str(safe_text(exact_text(value))) or None


def flag_of(field: str, value: object) -> bool:
    """Return a boolean."""
    if not isinstance(value, bool):
        raise InvalidInput(field, value, "give True or False")
    return value


def count_of(field: str, value: object) -> int:
    """Return a maximum number."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= COUNT_LIMIT:
        raise InvalidInput(field, value, f"give a whole number from 0 to {COUNT_LIMIT:,}")
    return value


def one_of(field: str, value: object, allowed: Collection[str]) -> str:
    """Return one of the allowed words."""
    if not isinstance(value, str) or value not in allowed:
        raise InvalidInput(field, value, f"give one of {', '.join(allowed)}")
    return value


def moment_of(field: str, value: object) -> datetime:
    """Return a moment in UTC."""
    if not isinstance(value, datetime):
        raise InvalidInput(field, value, "give a datetime with a time zone, e.g. datetime.now(UTC)")
    return in_utc(value, field)


def acting(by: ActedBy) -> Actor:
    """Return the actor; a bare name is a rep."""
    if isinstance(by, Actor):
        return Actor.of(by)
    return Actor(kind="rep", id=line_of("by", by))


def amount_of(value: Decimal | float | str | None) -> Decimal | None:
    """Return an amount of money exactly as it was written."""
    if value is None:
        return None
    try:
        plain = Bounds(AMOUNT_LIMIT).taken(value)
        return Decimal(str(plain) if isinstance(plain, str | int | float | Decimal) else "")
    except (InvalidOperation, ValueError):
        raise InvalidInput("amount", value, "give a number such as 1200 or '1200.50'") from None


def points_of(value: object) -> float:
    """Return points as a valid number: finite, not zero, and at most what a rule may give."""
    try:
        number = float(value) if isinstance(value, Real | Decimal) and not isinstance(value, bool) else 0.0
    except (OverflowError, ValueError):  # an integer or a Decimal too large for a float
        number = 0.0
    if not 0 < abs(number) <= POINTS_LIMIT:
        remedy = f"give a number other than 0, from {-POINTS_LIMIT:,} to {POINTS_LIMIT:,}"
        raise InvalidInput("points", value, remedy)
    return number


def properties_of(value: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the properties of an activity as plain JSON, within the bounds of one submission."""
    bounds = Bounds(finite=True)
    given = {} if value is None else mapping_of("properties", value)
    if len(given) > PROPERTIES_LIMIT:
        raise InvalidInput("properties", f"{len(given)} names", f"give at most {PROPERTIES_LIMIT}")
    try:
        plain: dict[str, Any] = bounds.taken(given)
    except ValueError as wrong:
        raise InvalidInput("properties", given, f"it {wrong}; shorten it, or leave it out") from None
    return plain


def lead_id_of(field: str, value: object) -> LeadId:
    """Return a lead's id; anything far longer than an id is not looked up."""
    return line_of(field, value, ID_LIMIT)


ConsentGiven: TypeAlias = Consent | Mapping[str, object]
"""A consent, or its fields as a form or JSON has them."""


def consents_of(value: object) -> tuple[Consent, ...]:
    """Return the consents of a submission: limited in number and in text, like the submission itself."""
    given: tuple[object, ...] = (value,)
    if isinstance(value, Iterable) and not isinstance(value, Consent | Mapping | str):
        try:
            given = tuple(islice(value, CONSENTS_LIMIT + 1))
        except Exception as wrong:  # the host's own iterable
            raise InvalidInput("consents", value, f"it raised {type(wrong).__name__}; give a list") from wrong
    several = tuple(map(_consent_of, given))
    if len(several) > CONSENTS_LIMIT or sum(len(one.proof) for one in several) > SUBMISSION_LIMIT:
        remedy = f"give at most {CONSENTS_LIMIT}, with proofs of at most {SUBMISSION_LIMIT:,} characters in all"
        raise InvalidInput("consents", f"{len(several)} or more", remedy)
    return several


def _consent_of(value: object) -> Consent:
    if isinstance(value, Consent):
        return value
    if not isinstance(value, Mapping):
        raise InvalidInput("consents", value, "give Consent(purpose=…, channel=…, status=…, at=…, proof=…), or several")
    with as_invalid_input():
        return Consent.model_validate(value)


def findings_of(value: object) -> tuple[Finding, ...]:
    """Return the findings of a host's reader."""
    if not isinstance(value, tuple | list) or len(value) > FINDINGS_LIMIT:
        raise InvalidInput("findings", value, f"give a list of at most {FINDINGS_LIMIT:,}")
    if strange := next((one for one in value if not isinstance(one, Finding)), None):
        raise InvalidInput("findings", strange, "give Finding(code=…, field=…, severity=…, message=…)")
    return tuple(value)


def mapping_of(field: str, value: object) -> Mapping[str, Any]:
    """Return values by name."""
    if not isinstance(value, Mapping):
        raise InvalidInput(field, value, "give a mapping of names to values, such as {'email': …}")
    return value


class as_invalid_input:  # noqa: N801  (used as a function; contextlib's generators are slower)
    """Raise ``InvalidInput``, with field, value and reason, for a value that no entity accepts."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        """Translate pydantic's error."""
        if isinstance(error, ValidationError):
            first = error.errors(include_url=False)[0]
            field = ".".join((error.title, *map(str, first["loc"])))
            raise InvalidInput(field, first["input"], f"{first['msg'][:1].lower()}{first['msg'][1:]}") from None
