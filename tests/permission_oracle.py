"""Who may be written to, worked out by hand from the order of what was done: it knows nothing of leadflow's own rules.

Two bounds are kept. ``may`` is everything that could be allowed under any reading of the promises: a message outside of
it is a breach. ``must`` is what is allowed under every reading: a lead in it that never gets a message was lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

SLACK = timedelta(minutes=10)
"""Moments so close together may be read either way: clocks differ."""
EVERYTHING = "*"


@dataclass
class Standing:
    """What a person's words come to, on a lead or on a mailbox, each for one purpose."""

    may: bool = False
    must: bool = False
    given_at: datetime | None = None
    withdrawn_at: datetime | None = None

    def withdraws(self, at: datetime) -> None:
        self.may = self.must = False
        self.withdrawn_at = at

    def gives(self, at: datetime, *, now: datetime, certain: bool) -> None:
        """A word of the person that was recorded now; one that is older than the withdrawal opens nothing.

        A word that is told as it is said is new, whatever clock the withdrawal was recorded under.
        """
        if self.withdrawn_at is not None and at < self.withdrawn_at - SLACK and at < now:
            self.must = False
            return
        self.may = True
        self.must = certain and (self.withdrawn_at is None or at > self.withdrawn_at)
        self.given_at = at


@dataclass
class Mailbox:
    """What is closed at a mailbox since when; a purpose, or everything."""

    closed: dict[str, datetime] = field(default_factory=dict)
    doubtful: bool = False
    """It was opened, or closed, in a way that the promises leave open: nothing is certain here any more."""

    def closes(self, purpose: str, at: datetime) -> None:
        self.closed[purpose] = at

    def opens(self, purpose: str, at: datetime, now: datetime) -> None:
        for closed in (purpose, EVERYTHING):
            since = self.closed.get(closed)
            if since is None:
                continue
            if at < since - SLACK and at < now:
                self.doubtful = True
            else:
                del self.closed[closed]

    def shut(self, purpose: str) -> bool:
        return purpose in self.closed or EVERYTHING in self.closed


def mailbox_of(address: str) -> str:
    """Which mailbox a spelling reaches, as far as these tests use any: Gmail folds dots, tags and its two domains."""
    local, _, domain = address.strip().casefold().rpartition("@")
    if domain in ("gmail.com", "googlemail.com"):
        return f"{local.partition('+')[0].replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def is_shared(address: str) -> bool:
    return address.partition("@")[0].casefold() == "info"


@dataclass
class Permission:
    """Everything that was said and everything that was refused, for one purpose."""

    purpose: str
    words: dict[str, Standing] = field(default_factory=dict)
    """By lead."""
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    """Leads at a shared mailbox that said yes again themselves."""
    addresses: dict[str, set[str]] = field(default_factory=dict)
    """What each lead may be reached at, in the spelling that was typed."""

    def word(self, lead_id: str) -> Standing:
        return self.words.setdefault(lead_id, Standing())

    def mailbox(self, address: str) -> Mailbox:
        return self.mailboxes.setdefault(mailbox_of(address), Mailbox())

    def reaches(self, lead_id: str, address: str) -> None:
        self.addresses.setdefault(lead_id, set()).add(address)

    def says_yes(self, lead_id: str, at: datetime, *, now: datetime, certain: bool) -> None:
        """The person says so, and it is proven: this lead's word, and the mailboxes that it is reached at."""
        self.word(lead_id).gives(at, now=now, certain=certain)
        for address in self.addresses.get(lead_id, ()):
            if is_shared(address):
                self.own.add(lead_id)
            else:
                self.mailbox(address).opens(self.purpose, at, now)

    def types_yes(self, lead_id: str, at: datetime, *, now: datetime, certain: bool) -> None:
        """Somebody ticked the box of a form: it opens what was never closed."""
        if self.word(lead_id).withdrawn_at is None:
            self.word(lead_id).gives(at, now=now, certain=certain)

    def says_no(self, lead_id: str, at: datetime) -> None:
        self.word(lead_id).withdraws(at)
        self.own.discard(lead_id)
        for address in self.addresses.get(lead_id, ()):
            self.mailbox(address).closes(self.purpose, at)

    def imports_no(self, lead_id: str, at: datetime) -> None:
        """Counts by its own date; what it does to other leads at the mailbox is not promised."""
        word = self.word(lead_id)
        if word.given_at is not None and word.given_at > at + SLACK:
            return
        if word.given_at is None or word.given_at < at - SLACK:
            word.withdraws(at)
        word.must = False
        for address in self.addresses.get(lead_id, ()):
            self.mailbox(address).doubtful = True

    def refuses(self, address: str, at: datetime) -> None:
        """A complaint, a bounce, somebody's hand: for every purpose, and every lead."""
        self.mailbox(address).closes(EVERYTHING, at)
        self.own.clear()

    def opens(self, address: str) -> None:
        """By hand, with proof."""
        self.mailbox(address).closed.clear()

    def may(self, lead_id: str, address: str) -> bool:
        shut = self.mailbox(address).shut(self.purpose) and lead_id not in self.own
        return self.word(lead_id).may and not shut

    def must(self, lead_id: str, address: str) -> bool:
        box = self.mailbox(address)
        certain = self.word(lead_id).must and not box.doubtful and not is_shared(address)
        return certain and not box.shut(self.purpose)
