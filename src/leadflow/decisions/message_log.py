"""The outcome of each message of a lead, from its facts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from leadflow.entities import Entity, Line, Moment, Text
from leadflow.events import Fact, MessageClaimed, MessageFailed, MessageSent, MessageSkipped, MessageUncertain

__all__ = ["LOGGED", "Fate", "MessageFate", "message_log"]

Fate = Literal["claimed", "sent", "failed", "uncertain", "skipped"]
LOGGED = ("message_claimed", "message_sent", "message_failed", "message_uncertain", "message_skipped")
"""The kinds of facts about messages."""


class MessageFate(Entity):
    """The outcome of one message: ``claimed`` is on its way (decided at the latest when the lease expires).

    ``uncertain`` may have been delivered and is never sent again automatically; ``why`` has the reasons of the mail
    server, or the missing permission.
    """

    message: Line
    content: Line
    fate: Fate
    at: Moment
    why: tuple[Text, ...] = ()

    def __str__(self) -> str:
        why = f", {'; '.join(self.why)}" if self.why else ""
        return f"{self.at:%Y-%m-%d %H:%M} {self.content}: {self.fate}{why}"


def message_log(facts: Iterable[Fact]) -> list[MessageFate]:
    """Return the outcome of each message, in order of first appearance; a more certain outcome wins."""
    log: dict[str, MessageFate] = {}
    for fact in facts:
        if isinstance(fact, MessageClaimed | MessageSent | MessageFailed | MessageUncertain | MessageSkipped):
            known, new = log.get(fact.message), _fate(fact)
            if known is not None and new.fate != "claimed":
                new = new.but(content=known.content)  # the claim has the details
            if known is None or not (known.fate in ("sent", "failed") and new.fate == "uncertain"):
                log[fact.message] = new
    return list(log.values())


def _fate(fact: MessageClaimed | MessageSent | MessageFailed | MessageUncertain | MessageSkipped) -> MessageFate:
    fates: dict[type[Fact], Fate] = {
        MessageClaimed: "claimed",
        MessageSent: "sent",
        MessageFailed: "failed",
        MessageUncertain: "uncertain",
        MessageSkipped: "skipped",
    }
    why = fact.reasons if isinstance(fact, MessageSkipped) else (getattr(fact, "error", ""),)
    return MessageFate(
        message=fact.message,
        content=fact.content,
        fate=fates[type(fact)],
        at=fact.happened_at,
        why=tuple(filter(None, why)),
    )
