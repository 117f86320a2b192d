"""Mails: the outcome of every message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadflow.decisions.message_log import message_log
from leadflow.entities import Lead
from leadflow.events import ContactDue, Fact
from leadflow.insights.journeys import Journey, folded

__all__ = ["ContentMails", "MailFold", "Mails", "mails"]


@dataclass(frozen=True, slots=True)
class ContentMails:
    """The outcomes of the messages with one content; ``open``: claimed, the outcome is not recorded (yet)."""

    content: str
    sent: int = 0
    failed: int = 0
    uncertain: int = 0
    skipped: int = 0
    open: int = 0
    due: int = 0
    """A call or a letter, to be carried out by people."""


@dataclass(frozen=True, slots=True)
class Mails:
    """Messages by content, and why some were not sent (a message counts once for each reason)."""

    contents: tuple[ContentMails, ...] = ()
    skipped_because: Mapping[str, int] = field(default_factory=dict)

    def total(self, outcome: str) -> int:
        """Return how many messages had this outcome (``sent``, ``failed``, …)."""
        return sum(int(getattr(one, outcome)) for one in self.contents)


class MailFold:
    """Counts messages; several attempts are one message."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._reasons: Counter[str] = Counter()

    def add(self, lead: Lead[Any], facts: Sequence[Fact]) -> None:  # noqa: ARG002 (a fold takes both)
        """Count one lead."""
        for one in message_log(facts):
            self._counts[one.content, "open" if one.fate == "claimed" else one.fate] += 1
            if one.fate == "skipped":
                self._reasons.update(one.why)
        for fact in facts:
            if isinstance(fact, ContactDue):
                self._counts[fact.content, "due"] += 1

    def result(self) -> Mails:
        """Return the contents by name."""
        contents = sorted({content for content, _ in self._counts})
        return Mails(
            tuple(
                ContentMails(content, **{what: n for (which, what), n in self._counts.items() if which == content})
                for content in contents
            ),
            dict(sorted(self._reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
        )


def mails(some: Iterable[Journey]) -> Mails:
    """Return the outcomes of all messages to these leads."""
    return folded(MailFold, some)
