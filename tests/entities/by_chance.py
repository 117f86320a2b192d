"""Entities by chance, of any class, made of nothing but what its fields say they may be."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from leadflow import entities
from leadflow.entities import Entity, Lead, NoCustomFields
from leadflow.entities.text import safe_text

ALL: list[type[Entity]] = sorted(
    (one for one in vars(entities).values() if inspect.isclass(one) and issubclass(one, Entity) and one.model_fields),
    key=lambda one: one.__name__,
)
"""Every class that is stored or passed."""
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-11))])
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=ZONES)
WORDS = st.text(max_size=20) | st.sampled_from(["Ada", "Müller & Söhne", "a\u0308", "日本", "'; --", "{{7*7}}", "<b>"])
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | WORDS.map(safe_text)
NAMES = WORDS.map(safe_text)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2), max_leaves=4
)


def made(kind: type[Any]) -> st.SearchStrategy[Any]:
    """An entity of this class, some of its fields given."""
    required = {name: _field(one) for name, one in kind.model_fields.items() if one.is_required()}
    others = {name: _field(one) for name, one in kind.model_fields.items() if not one.is_required()}
    return st.fixed_dictionaries(required, optional=others).map(lambda values: kind(**values))


def _field(field: FieldInfo) -> st.SearchStrategy[Any]:
    return values(field.annotation, field.metadata)


def values(of: Any, bounds: Sequence[Any] = ()) -> st.SearchStrategy[Any]:
    """What a field of this type may hold."""
    origin, parts = get_origin(of), get_args(of)
    if origin is Annotated:
        return values(parts[0], parts[1:])
    if origin in (Union, UnionType):
        return st.one_of(*(values(part, bounds) for part in parts))
    if origin is Literal:
        return st.sampled_from(parts)
    if origin is tuple:
        return st.lists(values(parts[0]), max_size=2).map(tuple)
    if origin is dict:
        return st.dictionaries(NAMES, JSON, max_size=3)
    if isinstance(of, TypeVar):
        return made(NoCustomFields)
    if inspect.isclass(of) and issubclass(of, BaseModel):
        return made(of)
    return _plain(of, _named(bounds))


def _named(bounds: Sequence[Any]) -> dict[str, Any]:
    names = ("ge", "le", "min_length", "pattern")
    found = ((name, getattr(one, name, None)) for one in bounds for name in names)
    return {name: bound for name, bound in found if bound is not None}


def _plain(of: Any, bound: dict[str, Any]) -> st.SearchStrategy[Any]:
    if of is str and "pattern" in bound:
        return st.from_regex(bound["pattern"].removeprefix("^").removesuffix("$"), fullmatch=True)
    if of is str:
        return WORDS.filter(safe_text) if bound.get("min_length") else WORDS
    low, high = max(bound.get("ge", -1_000), -1_000), min(bound.get("le", 1_000), 1_000)
    kinds: dict[Any, st.SearchStrategy[Any]] = {
        int: st.integers(low, high),
        float: st.floats(low, high),
        Decimal: st.decimals(low, high, places=2),
        bool: st.booleans(),
        date: st.dates(date(1970, 1, 1), date(2200, 1, 1)),
        datetime: MOMENTS,
        NoneType: st.none(),
    }
    return kinds[of]


LEADS: st.SearchStrategy[Lead[Any]] = made(Lead)
