"""Twins: what a person decides about two leads that look like one, and about a submission that points to both."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar

from leadflow.decisions.account_links import companies_accounts, present_accounts
from leadflow.decisions.answers import Answer
from leadflow.decisions.arguments import acting, lead_id_of, line_of
from leadflow.decisions.capture import Captured, capture
from leadflow.decisions.commands.command import Command, LeadCommand, moment_by
from leadflow.decisions.derived_records import external_claim, visitor_claim
from leadflow.decisions.draft import Decided, Draft, change_of
from leadflow.decisions.held_submissions import HeldSubmission, held_submission
from leadflow.decisions.identity import Found
from leadflow.decisions.intake import Submission, read_submission
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import Asking, holders, lead_with, leads_with, new_id, states
from leadflow.decisions.roster import check_actor
from leadflow.decisions.scoring_context import known_of
from leadflow.decisions.suppression import contact_points, suppressions, those_who_heard, words_heard
from leadflow.entities import ActedBy, Lead, LeadId
from leadflow.errors import InvalidInput, NotFound, Refused
from leadflow.events import Change, TwinDismissed

__all__ = ["GiveHeld", "NotSame", "ToldApart"]


class ToldApart(Answer):
    """The two leads that are different people; ``repeated``: it was decided before, nothing was written."""

    nothing = MappingProxyType({"other_id": "", "repeated": True})

    other_id: LeadId
    repeated: bool = False


@dataclass(frozen=True)
class NotSame(LeadCommand[ToldApart]):
    """Decide that two leads are different people, whatever they look like: they are never suggested as twins again.

    It is recorded for both, and stays so after either has been merged with somebody else.
    """

    answer: ClassVar = ToldApart

    other_id: LeadId

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(other_id=lead_id_of("other_id", self.other_id))

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[ToldApart]]:
        moment = moment_by(now, self.by, self.at)
        check_actor(policy, moment.by)
        one, other = (yield from lead_with(self.lead_id)), (yield from lead_with(self.other_id))
        if one.id == other.id:
            raise Refused(f"{self.lead_id} and {self.other_id} are one lead ({one.id}); name two different ones")
        result = ToldApart(lead_id=one.id, other_id=other.id)
        drafts = [Draft.of(lead, policy, moment) for lead in (one, other)]
        for draft, twin in zip(drafts, (other, one), strict=True):
            for name in _names(draft.lead, twin):
                draft.say(TwinDismissed, other=name)
        if not any(draft.facts for draft in drafts):
            return Decided(Change(), result.but(repeated=True))
        return Decided(change_of(*drafts), result)


def _names(lead: Lead[Any], other: Lead[Any]) -> list[LeadId]:
    """Return the ids by which a lead does not know yet that the other one is somebody else."""
    suspected = {twin.lead_id for twin in lead.twins}
    known_as = (one for one in other.absorbed if one in suspected)
    return [*known_as, *(() if other.id in lead.not_same else (other.id,))]


@dataclass(frozen=True)
class GiveHeld(Command[Captured]):
    """Settle a submission that is held because it points to two leads: give it to one of them, or to a new lead.

    ``held`` is one of ``flow.held`` or ``flow.twins``, or its ``id``; ``to`` is one of its two leads, None for a new
    one. What the other lead holds (an address, an id elsewhere, a browser) stays there. The pair remains to be decided.
    """

    answer: ClassVar = Captured

    held: HeldSubmission | str
    to: LeadId | None
    _: KW_ONLY
    by: ActedBy

    def __post_init__(self) -> None:
        super().__post_init__()
        held = self.held.id if isinstance(self.held, HeldSubmission) else self.held
        self._read(
            held=line_of("held", held),
            to=None if self.to is None else lead_id_of("to", self.to),
            by=acting(self.by),
        )

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Captured]]:
        key = str(self.held)
        digest_key = f"submission:{key.removeprefix('held:')}"
        found = yield from states((key, digest_key))
        if key not in found or not key.startswith("held:"):
            raise NotFound("held submission", key)
        held = held_submission(key, found[key])
        moment = moment_by(now, self.by, held.touch.at)
        check_actor(policy, moment.by)
        lead = yield from self._receiver(held)
        submission = yield from _without_what_others_hold(_read_again(policy, held), lead)
        companies = (one.company for one in (submission.as_lead, lead) if one is not None)
        accounts = yield from present_accounts(companies_accounts(*companies))
        decided = capture(
            policy,
            moment,
            submission,
            Found(lead),
            new_id=lead.id if lead is not None else (yield from new_id()),
            digest_key=digest_key,
            digest_version=found[digest_key].version if digest_key in found else 0,
            known=(yield from known_of(policy, lead, now)),
            consents=held.consents,
            referred_by=held.referred_by,
            accounts=accounts,
        )
        change = decided.change.but(erase=(key,))
        if heard := those_who_heard(change):
            points = {point for one in heard for point in contact_points(one.emails, one.phones)}
            listed = yield from suppressions(points, claimed=True)
            change = words_heard(listed, moment, submission, held.consents, change)
        return Decided(change, decided.result)

    def _receiver(self, held: HeldSubmission) -> Asking[Lead[Any] | None]:
        if self.to is None:
            return None
        lead = yield from lead_with(self.to)
        pair = yield from leads_with(held.leads)
        if lead.id not in {one.id for one in pair.values()}:
            raise InvalidInput("to", self.to, f"give {' or '.join(held.leads)}, or None for a new lead")
        return lead


def _read_again(policy: Policy, held: HeldSubmission) -> Submission:
    read = read_submission(
        policy,
        held.submission,
        source=held.touch.source,
        at=held.touch.at,
        dated=None,
        visitor=held.visitor,
        verified=held.verified,
        id=held.submission_id,
        beforehand=held.beforehand,
    )
    return replace(read, external_ids=held.external_ids, touch=held.touch)


def _without_what_others_hold(submission: Submission, lead: Lead[Any] | None) -> Asking[Submission]:
    held = yield from holders({*submission.claims, *submission.address_claims})
    lost = frozenset(key for key, holder in held.items() if lead is None or holder != lead.id)
    submission = submission.without_claims(lost)
    externals = tuple(one for one in submission.external_ids if external_claim(one) not in lost)
    taken = submission.visitor is not None and visitor_claim(submission.visitor) in lost
    return replace(submission, external_ids=externals, visitor=None if taken else submission.visitor)
