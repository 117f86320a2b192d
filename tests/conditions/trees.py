"""Random conditions, subjects, activities and moments for the tests of this folder."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, StrEnum
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st

from leadflow.conditions import Condition, Field, activity, all_of, always, any_of, field, never

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Seniority(StrEnum):
    """An enumeration whose values compare as text."""

    DIRECTOR = "director"
    INTERN = "ab"


class Level(Enum):
    """One that is not a text itself."""

    LOW = 1
    HIGH = "a"


PATHS = ("a", "b", "c.d", "c.e", "c.d.f", "items", "in")
WORDS = st.sampled_from(["", "a", "b", "ab", "ba", "aab", "director", "*", "a?", "é", "1", "true", "None"])
PATTERNS = st.text("ab*?", max_size=6)
NUMBERS = st.one_of(
    st.sampled_from([0, 1, -1, 2, 0.5, 1.0, -0.0, 1e300, 2**62]), st.integers(-3, 3), st.floats(-3, 3, allow_nan=False)
)
MOMENTS = st.one_of(
    st.sampled_from([NOW, NOW - timedelta(days=1), NOW - timedelta(days=3), NOW + timedelta(microseconds=1)]),
    st.datetimes(
        datetime(2026, 5, 20), datetime(2026, 6, 10), timezones=st.sampled_from([UTC, timezone(timedelta(hours=5))])
    ),
)
DAYS = st.dates(date(2026, 5, 25), date(2026, 6, 5))
KINDS = (st.booleans(), NUMBERS, WORDS, MOMENTS, DAYS)
CONSTANTS = st.one_of(*KINDS)
ODD_VALUES: list[Any] = [
    None, float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), Decimal("0.5"), Decimal(1),
    10**400, complex(1, 2), timedelta(1), datetime(2026, 6, 1), datetime.max.replace(tzinfo=UTC),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=5))),
    Seniority.DIRECTOR, Seniority.INTERN, Level.LOW, Level.HIGH, b"a", object(), len,
    (), [], [None], ["a", None, 1], {"a", "b"},
]  # fmt: skip
ODD = st.sampled_from(ODD_VALUES)
LEAVES = st.one_of(CONSTANTS, ODD)
LISTS = st.one_of(st.lists(LEAVES, max_size=3), st.tuples(WORDS, WORDS))


def _looping() -> list[object]:
    loop: list[object] = ["a"]
    loop.append(loop)
    return loop


VALUES = st.recursive(
    st.one_of(LEAVES, LISTS, st.builds(_looping)),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from(["d", "e", "f", "items"]), inner, max_size=3),
        st.builds(SimpleNamespace, d=inner, e=inner),
        st.lists(st.fixed_dictionaries({"d": inner}), max_size=2),
    ),
    max_leaves=4,
)
DICTS = st.dictionaries(st.sampled_from(["a", "b", "c", "items", "in"]), VALUES, max_size=5)
SUBJECTS = st.one_of(DICTS, DICTS.map(lambda values: SimpleNamespace(**values)), st.none())
ACTIVITIES = st.one_of(
    st.none(),
    st.fixed_dictionaries({}, optional={"kind": WORDS, "happened_at": MOMENTS, "properties": DICTS}),
    st.builds(SimpleNamespace, kind=WORDS, properties=st.one_of(DICTS, st.none())),
)


@st.composite
def leaves(draw: st.DrawFn) -> Condition:
    """One comparison."""
    scope, path = draw(
        st.one_of(
            st.tuples(st.just(field), st.sampled_from(PATHS)),
            st.tuples(st.just(activity), st.sampled_from((*PATHS, "kind", "happened_at"))),
        )
    )
    return draw(_comparisons(scope(path)))


def _comparisons(on: Field) -> st.SearchStrategy[Condition]:
    return st.one_of(
        comparisons(on, KINDS[1:], KINDS, WORDS.filter(bool), PATTERNS, days=st.integers(1, 5), longest=4),
        st.sampled_from(["a", "B a", "É", "director", "01", "aa b"]).map(on.matches),
    )


def comparisons(
    on: Any,
    ordered: Sequence[st.SearchStrategy[Any]],
    kinds: Sequence[st.SearchStrategy[Any]],
    texts: st.SearchStrategy[str],
    patterns: st.SearchStrategy[str],
    *,
    days: st.SearchStrategy[int],
    longest: int,
) -> st.SearchStrategy[Condition]:
    """Every comparison of ``on`` with such constants."""
    value, number = st.one_of(*kinds), st.one_of(*ordered)
    pairs = st.one_of(*(st.tuples(kind, kind).map(sorted) for kind in ordered))
    several = st.one_of(*(st.lists(kind, min_size=1, max_size=longest) for kind in kinds))
    return st.one_of(
        value.map(lambda value: on == value),
        value.map(lambda value: on != value),
        number.map(lambda value: on < value),
        number.map(lambda value: on <= value),
        number.map(lambda value: on > value),
        number.map(lambda value: on >= value),
        several.map(lambda values: on.is_in(*values)),
        pairs.map(lambda pair: on.between(*pair)),
        texts.map(on.contains),
        texts.map(on.starts_with),
        texts.map(on.ends_with),
        patterns.map(on.like),
        days.map(lambda days: on.within(days=days)),
        st.just(on.is_known()),
    )


CONDITIONS = st.recursive(
    st.one_of(leaves(), st.builds(always), st.builds(never)),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map(lambda parts: all_of(*parts)),
        st.lists(inner, min_size=1, max_size=4).map(lambda parts: any_of(*parts)),
        inner.map(lambda part: ~part),
    ),
    max_leaves=8,
)
