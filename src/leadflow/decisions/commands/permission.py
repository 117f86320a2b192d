"""What a person allows and takes back: on a lead, by a link in a mail, by a complaint, and by erasure."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from leadflow.decisions.accounts import account_index
from leadflow.decisions.arguments import acting, as_invalid_input, lead_id_of, line_of, moment_of
from leadflow.decisions.commands.command import THE_PERSON, Command, moment_by
from leadflow.decisions.draft import Decided, Draft
from leadflow.decisions.erasure import erase
from leadflow.decisions.held_submissions import held_keys
from leadflow.decisions.policy import CommandContext, Policy
from leadflow.decisions.reads import Asking, facts, lead_with, leads_with, matching, readable
from leadflow.decisions.scoring_context import known_of
from leadflow.decisions.steps import Moved, consent_changed, consents_withdrawn, take_step
from leadflow.decisions.suppression import contact_points, mailbox_left, suppressions, word_heard
from leadflow.entities import ActedBy, Channel, Consent, ConsentStatus, Lead, LeadId, Suppression
from leadflow.entities.bounds import exact_text
from leadflow.errors import InvalidInput, TooNew, Unreadable
from leadflow.events import Change, StateWrite
from leadflow.nurturing import read_token

__all__ = ["Complain", "Erase", "GiveWord", "Unsubscribe"]

PROOF_LIMIT: Final = 1_000


@dataclass(frozen=True)
class GiveWord(Command[Moved]):
    """Note a person's own word on one purpose and channel, with the proof of it.

    A withdrawal beats all that was recorded before it. A consent opens it again if it was said after it; one that
    comes in late (``at``, the form's own moment) opens nothing and leaves a finding. ``address`` is the one it is
    given with, by default the lead's own.
    """

    answer: ClassVar = Moved
    unkeyed: ClassVar = frozenset({"key", "by"})

    lead_id: LeadId
    purpose: str
    channel: Channel
    _: KW_ONLY
    proof: str
    status: ConsentStatus = "given"
    address: str | None = None
    at: datetime | None = None
    by: ActedBy | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(lead_id=lead_id_of("lead_id", self.lead_id))

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Moved]]:
        moment = moment_by(now, self.by, self.at, THE_PERSON)
        lead = yield from lead_with(self.lead_id)
        with as_invalid_input():
            word = Consent(
                purpose=self.purpose,
                channel=self.channel,
                status=self.status,
                at=moment.happened_at,
                proof=self.proof,
                address=self.address,
            )
        return (yield from _word_given(policy, moment, lead, word))


def _word_given(
    policy: Policy, moment: CommandContext, lead: Lead[Any], word: Consent, mailbox: str | None = None
) -> Asking[Decided[Moved]]:
    """Let a person's word count on the lead and at its mailboxes, and at the one that a message went to."""
    points = contact_points(lead.emails, lead.phones)
    listed = yield from suppressions(points, *([mailbox] if mailbox else []), claimed=True)
    known = yield from known_of(policy, lead, moment.now)
    return take_step(policy, moment, lead, known, consent_changed(word), word_heard(listed, word, mailbox))


@dataclass(frozen=True)
class Unsubscribe(Command[Moved]):
    """Withdraw the consent that an unsubscribe link names (RFC 8058: call it for POST, never for GET).

    It holds for the mailbox that the mail went to, whatever became of the lead: also if that is erased meanwhile.
    """

    answer: ClassVar = Moved

    token: str
    _: KW_ONLY
    at: datetime | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.token, str):
            raise InvalidInput("token", self.token, "give the token of the link, as text")

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Moved]]:
        named = read_token(exact_text(self.token), policy.secrets)
        moment = moment_by(now, None, self.at, THE_PERSON)
        word = Consent(
            purpose=named.purpose,
            channel=named.channel,
            status="withdrawn",
            at=moment.happened_at,
            proof="one-click unsubscribe",
        )
        read = readable if named.mailbox else leads_with  # the mailbox is closed, whatever became of the lead
        lead = (yield from read([named.lead_id])).get(named.lead_id)
        if lead is not None:
            return (yield from _word_given(policy, moment, lead, word, named.mailbox))
        listed = yield from suppressions((), *([named.mailbox] if named.mailbox else []))
        change = Change(states=mailbox_left(listed, moment, word, named.mailbox, named.lead_id))
        return Decided(change, Moved(lead_id=named.lead_id, source="erased", stage="erased"))


@dataclass(frozen=True)
class Complain(Command[Moved]):
    """Note that the person complained of mail (a spam button, a letter): consent by e-mail is withdrawn throughout.

    Its mailboxes are closed for every purpose and every lead that reaches them. Where you know the address only,
    call ``suppress`` with ``why="complaint"``.
    """

    answer: ClassVar = Moved
    unkeyed: ClassVar = frozenset({"key", "by"})

    lead_id: LeadId
    _: KW_ONLY
    proof: str
    at: datetime | None = None
    by: ActedBy | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(
            lead_id=lead_id_of("lead_id", self.lead_id),
            proof=line_of("proof", self.proof, PROOF_LIMIT),
            at=None if self.at is None else moment_of("at", self.at),
        )

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Moved]]:
        moment = moment_by(now, self.by, self.at)
        lead = yield from lead_with(self.lead_id)
        listed = yield from suppressions(contact_points(lead.emails, ()), claimed=True)
        ban = Suppression(why="complaint", since=moment.now, by="person")

        def besides(_draft: Draft) -> tuple[StateWrite, ...]:
            for point in listed.points_of(lead.but(phones=())):
                listed.ban(listed.place(point), ban)
            return listed.writes()

        known = yield from known_of(policy, lead, now)
        return take_step(policy, moment, lead, known, consents_withdrawn("email", self.proof), besides)


@dataclass(frozen=True)
class Erase(Command[Moved]):
    """Remove the lead, its facts, activities and what was answered; its addresses stay suppressed as keyed hashes.

    Also one that can't be read any more: then those addresses are suppressed that can be.

    What remains is one fact without personal data, and keyed hashes by which the same submission or command, given
    again, makes nobody anew. Files of the database may hold removed bytes: on SQLite ``tick`` sees to them, on
    PostgreSQL only VACUUM FULL rewrites a table; its log and every backup keep them until they are dropped.
    """

    answer: ClassVar = Moved
    unkeyed: ClassVar = frozenset({"key", "by"})

    lead_id: LeadId
    _: KW_ONLY
    by: ActedBy

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(lead_id=lead_id_of("lead_id", self.lead_id), by=acting(self.by))

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Moved]]:
        lead = yield from _as_far_as_it_can_be_read(self.lead_id)
        listed = yield from suppressions(contact_points(lead.emails, lead.phones), claimed=True)
        held = held_keys((yield from facts(lead.id, kinds=["twin_suspected"])))
        others = yield from _colleagues_of(policy, lead)
        change = erase(policy, moment_by(now, self.by), lead, listed, held, leaves_colleagues=others)
        return Decided(change, Moved(lead_id=lead.id, source=lead.stage, stage="erased"))


def _colleagues_of(policy: Policy, lead: Lead[Any]) -> Asking[bool]:
    """Ask whether anybody else is at the account of a lead, where a rule looks at accounts."""
    index = account_index(lead) if policy.scoring is not None and policy.scoring.needs_account else ()
    found = yield from matching(index, 2)
    return any(one != lead.id for some in found.values() for one in some)


def _as_far_as_it_can_be_read(lead_id: LeadId) -> Asking[Lead[Any]]:
    try:
        return (yield from lead_with(lead_id))
    except (Unreadable, TooNew):  # then what can be salvaged of it
        pass
    try:
        return (yield from leads_with([lead_id]))[lead_id]
    except Unreadable as error:
        salvaged: Lead[Any] = error.salvaged[lead_id]
        return salvaged
