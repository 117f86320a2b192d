"""What is told of text patterns, against all short texts."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.conditions import field
from leadflow.conditions.interpreter import is_like
from leadflow.conditions.nodes import Matches
from leadflow.conditions.patterns import ANY, ONE, beginning, covers, may_meet, pattern_of

TEXTS = ["".join(text) for length in range(7) for text in product("abc", repeat=length)]
PATTERNS = st.text("ab*?", max_size=3)


def tokens(pattern: str) -> tuple[str, ...]:
    return pattern_of(field("x").like(pattern))


@given(PATTERNS, PATTERNS)
def test_patterns_meet_where_there_is_a_text_of_both(one: str, other: str) -> None:
    both = any(is_like(text, one) and is_like(text, other) for text in TEXTS)
    assert may_meet(tokens(one), tokens(other)) == both


@given(PATTERNS, PATTERNS)
def test_a_pattern_covers_another_if_all_its_texts_are_its_own(wide: str, narrow: str) -> None:
    if covers(tokens(wide), tokens(narrow)):
        assert all(is_like(text, wide) for text in TEXTS if is_like(text, narrow))
    if "?" not in wide + narrow:
        assert covers(tokens(wide), tokens(narrow)) == all(is_like(x, wide) for x in TEXTS if is_like(x, narrow))


@pytest.mark.parametrize(
    ("leaf", "pattern"),
    [
        (field("x").contains("a*"), (ANY, "a", "*", ANY)),
        (field("x").starts_with("?a"), ("?", "a", ANY)),
        (field("x").ends_with("a"), (ANY, "a")),
        (field("x").like("a?*"), ("a", ONE, ANY)),
    ],
)
def test_a_condition_is_a_pattern_in_which_only_like_has_wildcards(leaf: Matches, pattern: tuple[str, ...]) -> None:
    assert pattern_of(leaf) == pattern


def test_what_all_texts_begin_with() -> None:
    assert [beginning(tokens(pattern)) for pattern in ("ab*", "a?b", "*a", "ab", "")] == ["ab", "a", "", "ab", ""]


def test_of_very_long_patterns_nothing_is_told() -> None:
    long, longer = tokens("a" * 300), tokens("b" * 300)
    assert may_meet(long, longer)
    assert not covers(long, long)
