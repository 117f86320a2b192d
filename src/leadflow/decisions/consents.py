"""Recording consents: a statement that counts is recorded; one that can't reverse a withdrawal becomes a finding."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leadflow.decisions.draft import Draft
from leadflow.entities import Consent, Finding, Lead, LeadId, word_that_counts
from leadflow.events import ConsentChanged
from leadflow.nurturing.permission import contact_point

__all__ = ["say_word", "say_words"]


def say_words(draft: Draft, words: Iterable[Consent], *, proven: bool) -> tuple[Finding, ...]:
    """Record several statements in order; return findings about those that don't count."""
    return tuple(finding for word in words for finding in say_word(draft, word, proven=proven))


def say_word(draft: Draft, word: Consent, *, proven: bool = True, under: LeadId | None = None) -> tuple[Finding, ...]:
    """Record a statement if it counts, otherwise a finding; the same statement again changes nothing.

    ``proven``: the person has proven their identity. Otherwise a withdrawal can't be reversed: anybody can type in
    anybody's address. ``under`` is the id of a merged lead, if it was given under one.
    """
    lead = draft.lead
    known = lead.consent(word.purpose, word.channel)
    if known is not None and _is_repeated(known, word):
        return ()
    word = word.but(recorded_at=draft.recorded_at, address=_address(lead, word))
    reopens = known is not None and (known.status, word.status) == ("withdrawn", "given")
    if word_that_counts(known, word) is word and (proven or not reopens):
        at = word.said_at if word.counts(draft.recorded_at) else word.at
        draft.say(ConsentChanged, consent=word, under=under, at=at)
        return ()
    if known is None or known.status == word.status:
        return ()
    return draft.note(_opens_nothing(word, proven=proven) if reopens else _came_late(word))


def _is_repeated(known: Consent, word: Consent) -> bool:
    same = all(getattr(known, name) == getattr(word, name) for name in ("status", "at", "proof", "origin"))
    return same and word.address in (None, known.address)


def _address(lead: Lead[Any], word: Consent) -> str | None:
    """The address it was given with, in the lead's spelling; by default the lead's own at this time."""
    if word.channel == "letter":
        return word.address
    if word.address is None:
        return contact_point(lead, word.channel)
    spelled = [email.address for email in lead.emails] if word.channel == "email" else []
    return next((one for one in spelled if one and one.casefold() == word.address.casefold()), word.address)


def _opens_nothing(word: Consent, *, proven: bool) -> Finding:
    if word.origin == "import":
        why = "an import never reverses that"
    elif proven:
        why = "this consent was given before that, or too close to it to decide"
    else:
        why = "the identity is not proven; a verified submission or a confirmed consent reverses it"
    message = f"{word.purpose} by {word.channel} was withdrawn: {why}"
    return Finding(code="consent_withdrawn", field="consents", severity="warning", message=message, value=_said(word))


def _came_late(word: Consent) -> Finding:
    message = f"the person has consented to {word.purpose} by {word.channel} since this withdrawal"
    return Finding(code="withdrawal_outdated", field="consents", severity="note", message=message, value=_said(word))


def _said(word: Consent) -> str:
    return f"{word.status} at {word.at.isoformat()}: {word.proof}"
