"""What we may send, and the proof; which of a person's words counts."""

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
    """A person's word on one purpose and channel, or what an import says of it; `word_that_counts` says which counts.

    ``proof`` is what would convince a court: the wording shown, the form's address, the confirmation's id.
    ``address`` is the one it was given with; if none is given, the lead's own at that time. ``recorded_at`` is when
    leadflow recorded it, whatever the caller gives.
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
        """When it was said: nobody said it later than it was recorded, whatever a clock told."""
        return min(self.at, self._recorded)

    @property
    def _recorded(self) -> datetime:
        return self.recorded_at or self.at

    def counts(self, now: datetime) -> bool:
        """Say whether it counts by now: only what is dated clearly ahead of its recording has to wait for its moment.

        What a clock that was ahead dated *and* recorded has been said by now.
        """
        return self.at <= now or (self.recorded_at is not None and self.at - self.recorded_at <= CLOCK_SKEW)


def word_that_counts(known: Consent | None, new: Consent) -> Consent:
    """Return which of two words on one purpose and channel counts; ``new`` was recorded after ``known``.

    - The person's withdrawal beats every word that was recorded before it, whatever moments they carry.
    - The person's yes opens what was withdrawn if it is new: said after the withdrawal, or told as it was said. A form
      that comes in late, or so close to the withdrawal that clocks can't tell, opens nothing.
    - An imported withdrawal beats every imported consent, and the person's own yes unless that was said later.
    - An imported consent opens nothing that was withdrawn.
    - Of two consents that one counts which counts by now, then the person's own, then the later one.
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
    """Return the word that counts for each purpose and channel; ``said`` is in the order of recording.

    Words that nobody recorded are taken by their own moments; of two at one moment the withdrawal is the last.
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
    """Said later, or at the same time; what was known when the new word came was said by then."""
    return new.said_at >= min(known.said_at, new._recorded)


def _is_new(no: Consent, yes: Consent) -> bool:
    """Said after the withdrawal; or told as it was said, by a clock that was set back since."""
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
