"""Consent with its proof, and which of a person's statements counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from leadflow.entities.base import CLOCK_SKEW, Entity, Line, Moment, Text

__all__ = ["Channel", "Consent", "ConsentOrigin", "ConsentStatus", "last_words", "word_that_counts"]

Channel = Literal["email", "phone", "letter"]
ConsentStatus = Literal["given", "withdrawn"]
ConsentOrigin = Literal["person", "import"]


class Consent(Entity):
    """A person's statement on one purpose and channel, or an imported one; `word_that_counts` decides which counts.

    ``proof`` is what would convince a court: the wording shown, the form's address, the confirmation's id.
    ``address`` is the one it was given with; by default, the lead's own at that time. ``recorded_at`` is set by
    leadflow, whatever the caller gives.
    """

    purpose: Line
    channel: Channel
    status: ConsentStatus
    at: Moment
    proof: Text = Field(min_length=1)
    origin: ConsentOrigin = "person"
    address: Line | None = None
    recorded_at: Moment | None = None

    @property
    def said_at(self) -> datetime:
        """When the statement was made: never later than it was recorded, whatever a clock said."""
        return min(self.at, self._recorded)

    @property
    def _recorded(self) -> datetime:
        return self.recorded_at or self.at

    def counts(self, now: datetime) -> bool:
        """Whether it counts by now: only a statement dated clearly after its recording has to wait for its moment.

        A statement that a fast clock both dated *and* recorded counts already.
        """
        return self.at <= now or (self.recorded_at is not None and self.at - self.recorded_at <= CLOCK_SKEW)


def word_that_counts(known: Consent | None, new: Consent) -> Consent:
    """Return which of two statements on one purpose and channel counts; ``new`` was recorded after ``known``.

    - The person's withdrawal beats every statement recorded before it, whatever their dates.
    - The person's consent overrides a withdrawal only if it is newer: given after it, or recorded as it was given. A
      form that arrives late, or is dated so close to the withdrawal that clocks can't decide, overrides nothing.
    - An imported withdrawal beats every imported consent, and the person's own consent unless that was given later.
    - An imported consent overrides no withdrawal.
    - Of two consents, one that counts by now wins, then the person's own, then the later one.
    """
    if known is None:
        return new
    if new.status == "withdrawn":
        own = new.origin == "person" and known.status == "given"
        beats = own or (known.status, known.origin) == ("given", "import") or _is_later(known, new)
    elif known.status == "withdrawn":
        beats = new.origin == "person" and _is_new(known, new)
    else:
        beats = _is_better(known, new)
    return new if beats else known


def last_words(said: Iterable[Consent]) -> Mapping[tuple[str, Channel], Consent]:
    """Return the statement that counts for each purpose and channel; ``said`` is in the order of recording.

    Statements without a recording time are ordered by their own moments; at the same moment, a withdrawal comes last.
    """
    words = list(said)
    if any(word.recorded_at is None for word in words):
        words.sort(key=lambda word: (word.said_at, word.status == "withdrawn"))
    last: dict[tuple[str, Channel], Consent] = {}
    for word in words:
        key = (word.purpose, word.channel)
        last[key] = word_that_counts(last.get(key), word)
    return last


def _is_later(known: Consent, new: Consent) -> bool:
    """Given later, or at the same time; what was known when the new statement arrived had been given by then."""
    return new.said_at >= min(known.said_at, new._recorded)


def _is_new(no: Consent, yes: Consent) -> bool:
    """Given after the withdrawal; or recorded as it was given, by a clock that has been set back since."""
    told_late = abs(yes._recorded - yes.at)
    if yes.at > no.said_at or not told_late:
        return True
    return told_late <= CLOCK_SKEW and no.said_at - yes.at > CLOCK_SKEW


def _is_better(known: Consent, new: Consent) -> bool:
    before, now = known.counts(new._recorded), new.counts(new._recorded)
    if before != now:
        return now
    if known.origin != new.origin:
        return new.origin == "person"
    return _is_later(known, new)
