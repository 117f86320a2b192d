"""Reading the values of a lead or an activity, normalized so that they compare.

Values, and the constants written in rules, are normalized to one of five kinds before they are compared, so that every
engine gives the same result:

========  =============================================  ==================================================
kind      read from                                      note
========  =============================================  ==================================================
bool      bool                                           never equal to, nor ordered with, a number
number    int, float, Decimal (as the nearest float)     NaN is missing; constants are finite
text      str, str enumerations (as their value)         "" is a value; case matters; constants NFC
datetime  aware datetimes (in UTC)                       a naive one can't be compared
date      date                                           never compared with a datetime
========  =============================================  ==================================================

Collections become tuples of such values. Anything else is known, but can't be compared. Missing is ``None``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from numbers import Integral, Real
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator

from leadflow.data_quality import quality_of
from leadflow.entities.lead import Lead
from leadflow.entities.text import normal
from leadflow.errors import DefinitionError, InvalidInput

__all__ = [
    "ACTIVITY_FIELDS",
    "COLLECTIONS",
    "KINDS",
    "ORDERED",
    "CheckedPath",
    "Kind",
    "Scalar",
    "account_in",
    "checked_path",
    "is_of_account",
    "is_of_advice",
    "is_of_quality",
    "is_read_by_attribute",
    "kind_of",
    "moment_now",
    "normalized",
    "quality_at",
    "read",
    "read_activity",
    "short",
    "step",
    "way",
]

Kind = Literal["bool", "number", "text", "datetime", "date"]
Scalar = bool | int | float | str | datetime | date

KINDS: Final[Mapping[type, Kind]] = {
    bool: "bool", int: "number", float: "number", str: "text", datetime: "datetime", date: "date",
}  # fmt: skip
ORDERED: Final[frozenset[Kind]] = frozenset({"number", "text", "datetime", "date"})
ACTIVITY_FIELDS: Final[Mapping[str, type]] = {"kind": str, "source": str, "happened_at": datetime}
"""The names that reach the activity itself; every other name reaches its properties."""

SETTLED: Final = frozenset({bool, int, str, type(None)})
"""Classes whose instances are compared as they are; all others go through ``normalized`` first."""
COLLECTIONS: Final = (tuple, list, set, frozenset)
_LEAVES: Final = (str, bytes, bool, int, float, Decimal, date)


class _Opaque:
    """A value that is known but can't be compared."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<opaque>"


OPAQUE: Final = _Opaque()


# --- paths -------------------------------------------------------------------------------------------------


def checked_path(path: str) -> str:
    """The path, if it consists of identifiers joined by dots, none starting with an underscore."""
    if not isinstance(path, str) or not all(_is_name(part) for part in path.split(".")) or len(path) > 200:
        raise DefinitionError(f"{short(path)} is not a path; write names joined by dots, like company.employees")
    return path


def _is_name(part: str) -> bool:
    return part.isidentifier() and not part.startswith("_") and normal(part, "NFKC") == part


CheckedPath = Annotated[str, AfterValidator(checked_path)]


# --- reading -----------------------------------------------------------------------------------------------


def read(subject: object, path: str) -> object:
    """The normalized value at a path of a lead (or any object or mapping); None where something is missing."""
    for part in path.split("."):
        subject = step(subject, part)
    return normalized(subject)


def is_of_advice(path: str) -> bool:
    """Whether a path asks whom to win next, which takes the activities of all colleagues."""
    return path in ("account.next_role", "account.win_as")


def is_of_account(path: str) -> bool:
    """Whether a path of the lead leads into its account, which is stored apart."""
    return path.startswith("account.")


def is_of_quality(path: str) -> bool:
    """Whether a path of the lead leads into the quality of its data, which is measured at the moment of asking."""
    return path.startswith("quality.")


def account_in(subject: object) -> object:
    """What ``field("account.…")`` reads where no account is given: what a lead was last scored by, or its own."""
    return subject.score.account if isinstance(subject, Lead) else step(subject, "account")


def quality_at(subject: object, now: datetime) -> object:
    """What ``field("quality.…")`` reads: the quality of a lead at ``now``, and of other subjects their own."""
    return quality_of(subject, now) if isinstance(subject, Lead) else step(subject, "quality")


def read_activity(activity: object, path: str) -> object:
    """The normalized value at a path of an activity: its kind, source and moment, else one of its properties."""
    if path.partition(".")[0] not in ACTIVITY_FIELDS:
        activity = step(activity, "properties")
    return read(activity, path)


def step(value: object, name: str) -> object:
    """What ``name`` reaches: a key of a mapping, an attribute of an object, or that of each in a collection."""
    kind: type = value.__class__
    return way(kind)(value, name)


@lru_cache(maxsize=1024)
def way(kind: type) -> Callable[[Any, str], object]:
    """The function that reads a name in values of a class; cached, since deciding per value would dominate the time."""
    if issubclass(kind, Mapping):
        return _key
    if issubclass(kind, COLLECTIONS):
        return _of_each
    if kind is type(None) or issubclass(kind, _LEAVES):
        return _nothing
    return _attribute


def is_read_by_attribute(kind: type) -> bool:
    """Whether names are read as attributes in values of this class."""
    return bool(way(kind) == _attribute)


def _key(value: Mapping[str, object], name: str) -> object:
    return value.get(name)


def _attribute(value: object, name: str) -> object:
    return getattr(value, name, None)


def _nothing(_value: object, _name: str) -> None:
    return None


def _of_each(values: Iterable[object], name: str) -> object:
    return tuple(_steps(values, name))


def _steps(values: Iterable[object], name: str) -> Iterable[object]:
    for value in values:
        if isinstance(value, COLLECTIONS):  # a list of lists has no names; it may even hold itself
            continue
        reached = step(value, name)
        if isinstance(reached, COLLECTIONS):
            yield from reached
        else:
            yield reached


def kind_of(value: object) -> Kind | None:
    """The kind of a normalized value; None for missing values, collections and values that can't be compared."""
    return KINDS.get(value.__class__)


def normalized(value: Any) -> Any:
    """The value as conditions compare it; see the table of kinds above."""
    kind = value.__class__
    if kind in SETTLED:
        return value
    if kind is float:
        return value if value == value else None
    if isinstance(value, COLLECTIONS):
        return tuple(OPAQUE if isinstance(one, COLLECTIONS) else normalized(one) for one in value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Enum):
        return normalized(value.value)
    if isinstance(value, date):
        return _settled_date(value)
    if isinstance(value, Decimal | Real):
        return _settled_number(value)
    return None if callable(value) else OPAQUE


def _settled_number(value: Any) -> object:
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Decimal) and value.is_nan():
        return None
    try:
        number = float(value)
    except OverflowError:  # too large for a float
        return OPAQUE
    return None if number != number else number


def _settled_date(value: date) -> object:
    try:
        if value != value:  # pandas' NaT is a datetime
            return None
        if not isinstance(value, datetime):
            return value if value.__class__ is date else date(value.year, value.month, value.day)
        if value.tzinfo is None:
            return OPAQUE
        utc = value.astimezone(UTC)
        if utc.__class__ is datetime:
            return utc
        return datetime.combine(date(utc.year, utc.month, utc.day), utc.time(), UTC)
    except (ValueError, OverflowError):  # next to year 1 or 9999, where UTC has no such moment
        return OPAQUE


def moment_now(now: object) -> datetime:
    """``now`` in UTC; naive datetimes are refused."""
    if not isinstance(now, datetime) or now.tzinfo is None:
        raise InvalidInput("now", now, "give an aware datetime, for example datetime.now(UTC)")
    return now.astimezone(UTC)


def short(value: object, limit: int = 80) -> str:
    """The value as messages show it, truncated if long."""
    try:
        text = repr(value)
    except RecursionError:
        text = f"a deeply nested {type(value).__name__}"
    return text if len(text) <= limit else f"{text[:limit]}…"
