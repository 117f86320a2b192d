"""Which of a person's words counts: the rules of ``word_that_counts``, one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.entities import Consent, last_words, word_that_counts

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def word(status, at=0.0, recorded=None, origin="person", purpose="newsletter"):
    """A word said so many hours after noon, and recorded then unless it was later."""
    said = NOON + HOUR * at
    noted = said if recorded is None else NOON + HOUR * recorded
    return Consent(
        purpose=purpose,
        channel="email",
        status=status,
        at=said,
        proof=f"{status} {at}",
        origin=origin,
        recorded_at=noted,
    )


def test_the_first_word_counts():
    assert word_that_counts(None, word("given")) == word("given")


@pytest.mark.parametrize(
    ("known", "new", "counts"),
    [
        # the person's withdrawal beats every word that was recorded before it, whatever moments they carry
        (word("given", 0), word("withdrawn", 1), True),
        (word("given", 0), word("withdrawn", -900, recorded=1), True),
        (word("given", 500, recorded=0), word("withdrawn", 1), True),
        (word("given", 0, origin="import"), word("withdrawn", -1, recorded=1), True),
        # a yes opens what was withdrawn if it was said after it, or told as it was said
        (word("withdrawn", 0), word("given", 1), True),
        (word("withdrawn", 0), word("given", 1, recorded=9), True),
        (word("withdrawn", 5, recorded=5), word("given", 1), True),  # the clock was set back since
        # a form that comes in late opens nothing
        (word("withdrawn", 0), word("given", -1, recorded=1), False),
        (word("withdrawn", 0), word("given", 0, recorded=0.01), False),
        # an imported consent opens nothing that was withdrawn
        (word("withdrawn", 0), word("given", 9, origin="import"), False),
        (word("withdrawn", 0, origin="import"), word("given", 9, origin="import"), False),
        # an imported withdrawal beats every imported consent, and the person's own yes unless that was said later
        (word("given", 5, recorded=5, origin="import"), word("withdrawn", 0, recorded=6, origin="import"), True),
        (word("given", 0), word("withdrawn", 1, recorded=2, origin="import"), True),
        (word("given", 1), word("withdrawn", 0, recorded=2, origin="import"), False),
        # of two consents: which counts by now, then the person's own, then the later one
        (word("given", 0), word("given", 1), True),
        (word("given", 1), word("given", 0, recorded=2), False),
        (word("given", 5, origin="import"), word("given", 0, recorded=6), True),
        (word("given", 0), word("given", 5, origin="import"), False),
        (word("given", 0), word("given", 500, recorded=1), False),  # dated far ahead: it does not count yet
    ],
)
def test_of_two_words_one_counts(known, new, counts):
    assert word_that_counts(known, new) is (new if counts else known)


@pytest.mark.parametrize(
    ("at", "recorded", "now", "counts"),
    [(0, 0, 0, True), (1, 0, 0, False), (1, 0, 1, True), (5, 5, 0, True), (5 / 60, 0, 0, True), (6 / 60, 0, 0, False)],
)
def test_a_word_counts_from_its_moment_on_unless_a_clock_that_was_ahead_recorded_it(at, recorded, now, counts):
    assert word("given", at, recorded=recorded).counts(NOON + HOUR * now) is counts


def test_a_word_that_nobody_recorded_counts_from_its_moment_on():
    said = word("given", 1).but(recorded_at=None)
    assert (said.counts(NOON), said.counts(NOON + HOUR)) == (False, True)
    assert said.said_at == NOON + HOUR


def test_each_purpose_has_its_own_last_word():
    said = [word("given", 0), word("given", 1, purpose="offers"), word("withdrawn", 2)]
    last = last_words(said)
    assert {purpose: one.status for (purpose, _), one in last.items()} == {"newsletter": "withdrawn", "offers": "given"}


def test_words_that_nobody_recorded_are_taken_by_their_moments_the_withdrawal_last():
    unrecorded = [one.but(recorded_at=None) for one in (word("withdrawn", 3), word("given", 3), word("given", 1))]
    for order in (unrecorded, unrecorded[::-1]):
        assert [one.status for one in last_words(order).values()] == ["withdrawn"]


HOURS = st.integers(-30, 30)
WORDS = st.builds(word, st.sampled_from(["given", "withdrawn"]), HOURS, HOURS, st.sampled_from(["person", "import"]))


@given(WORDS, HOURS)
def test_what_a_person_takes_back_is_always_taken_back(known, at):
    no = word("withdrawn", at, recorded=40)
    assert word_that_counts(known, no).status == "withdrawn"


@given(st.lists(WORDS, max_size=6), WORDS)
def test_an_import_never_opens_what_is_closed(before, imported):
    words = [*before, word("withdrawn", 31, recorded=31)]
    yes = imported.but(status="given", origin="import")
    assert last_words([*words, yes])[("newsletter", "email")].status == "withdrawn"
