"""Permission: consent, unsubscribe links, complaints and erasure."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from leadflow.decisions.accounts import account_index
from leadflow.decisions.arguments import acting, as_invalid_input, lead_id_of, line_of, moment_of
from leadflow.decisions.commands.command import THE_PERSON, Command, moment_by
from leadflow.decisions.divided_facts import without_traces
from leadflow.decisions.draft import Decided, Draft, joined
from leadflow.decisions.erasure import erase
from leadflow.decisions.held_submissions import held_keys
from leadflow.decisions.past_states import FARTHEST, lead_at
from leadflow.decisions.policy import CommandContext, Policy
from leadflow.decisions.reads import Asking, facts_of, lead_with, leads_with, matching, readable
from leadflow.decisions.scoring_context import known_of
from leadflow.decisions.steps import Moved, consent_changed, consents_withdrawn, take_step
from leadflow.decisions.suppression import contact_points, mailbox_left, suppressions, word_heard
from leadflow.entities import ActedBy, Channel, Consent, ConsentStatus, Lead, LeadId, Suppression
from leadflow.entities.bounds import exact_text
from leadflow.errors import InvalidInput, TooNew, Unreadable
from leadflow.events import Change, StateWrite
from leadflow.nurturing import read_token
from leadflow.nurturing.permission import contact_point

__all__ = ["Complain", "Erase", "GiveWord", "Unsubscribe"]

PROOF_LIMIT: Final = 1_000


@dataclass(frozen=True)
class GiveWord(Command[Moved]):
    """Record a person's own consent or withdrawal for one purpose and channel, with its proof.

    A withdrawal overrides everything recorded before it. A consent reverses it if it was given later; one that arrives
    late (``at`` is the form's own moment) reverses nothing and leaves a finding. ``address`` is the one it was given
    with, by default the lead's own.
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
        under = self.lead_id if self.lead_id in lead.merged else None
        if under is not None and word.address is None:
            word = word.but(address=(yield from _own_point(policy, under, lead, word.channel)))
        return (yield from _word_given(policy, moment, lead, word, under=under))


def _own_point(policy: Policy, merged: LeadId, lead: Lead[Any], channel: Channel) -> Asking[str | None]:
    """Read the address or number of a merged lead, if its survivor still has it."""
    gone = yield from lead_at(policy.lead_type, merged, FARTHEST)
    point = None if gone is None or channel == "letter" else contact_point(gone, channel)
    return point if point in [one.value for one in contact_points(lead.emails, lead.phones)] else None


def _word_given(
    policy: Policy,
    moment: CommandContext,
    lead: Lead[Any],
    word: Consent,
    mailbox: str | None = None,
    *,
    under: LeadId | None = None,
) -> Asking[Decided[Moved]]:
    """Apply a person's statement to the lead, its mailboxes, and the mailbox that a message went to."""
    points = contact_points(lead.emails, lead.phones)
    listed = yield from suppressions(points, *([mailbox] if mailbox else []), claimed=True)
    known = yield from known_of(policy, lead, moment.now)
    return take_step(policy, moment, lead, known, consent_changed(word, under), word_heard(listed, word, mailbox))


@dataclass(frozen=True)
class Unsubscribe(Command[Moved]):
    """Withdraw the consent that an unsubscribe link names (RFC 8058: call it for POST, never for GET).

    It applies to the mailbox of the mail, whatever happened to the lead since, even if it was erased.
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
        read = readable if named.mailbox else leads_with  # the mailbox is closed, whatever happened to the lead
        lead = (yield from read([named.lead_id])).get(named.lead_id)
        if lead is not None:
            return (yield from _word_given(policy, moment, lead, word, named.mailbox))
        listed = yield from suppressions((), *([named.mailbox] if named.mailbox else []))
        change = Change(states=mailbox_left(listed, moment, word, named.mailbox, named.lead_id))
        return Decided(change, Moved(lead_id=named.lead_id, source="erased", stage="erased"))


@dataclass(frozen=True)
class Complain(Command[Moved]):
    """Record that the person complained about mail (a spam button, a letter): all consent by e-mail is withdrawn.

    The lead's mailboxes are closed for every purpose and every lead that reaches them. If you know only the address,
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
    """Erase the lead, its facts, activities and stored answers; its addresses stay suppressed as keyed hashes.

    This also works on a lead that can't be read: then those addresses are suppressed that can be recovered.

    What remains is one fact without personal data, and keyed hashes that prevent a repeated submission or command from
    recreating the lead. Files of the database may still contain removed bytes: on SQLite ``tick`` clears them, on
    PostgreSQL only VACUUM FULL rewrites a table; the log and backups keep them until they are deleted.
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
        told = yield from facts_of(lead, ["twin_suspected", "leads_unmerged"])
        others = yield from _colleagues_of(policy, lead)
        change = erase(policy, moment_by(now, self.by), lead, listed, held_keys(told), leaves_colleagues=others)
        change = joined((change, (yield from without_traces(policy, lead, told))))
        return Decided(change, Moved(lead_id=lead.id, source=lead.stage, stage="erased"))


def _colleagues_of(policy: Policy, lead: Lead[Any]) -> Asking[bool]:
    """Read whether anybody else belongs to the account of a lead, if a rule uses accounts."""
    index = account_index(lead) if policy.scoring is not None and policy.scoring.needs_account else ()
    found = yield from matching(index, 2)
    return any(one != lead.id for some in found.values() for one in some)


def _as_far_as_it_can_be_read(lead_id: LeadId) -> Asking[Lead[Any]]:
    try:
        return (yield from lead_with(lead_id))
    except (Unreadable, TooNew):  # then as far as it can be salvaged
        pass
    try:
        return (yield from leads_with([lead_id]))[lead_id]
    except Unreadable as error:
        salvaged: Lead[Any] = error.salvaged[lead_id]
        return salvaged
