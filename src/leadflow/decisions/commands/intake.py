"""Intake: capturing submissions, recording activities and visits, correcting details."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any, ClassVar

from leadflow.decisions.account_links import companies_accounts, link_key, present_accounts
from leadflow.decisions.arguments import (
    ConsentGiven,
    acting,
    consents_of,
    findings_of,
    flag_of,
    lead_id_of,
    line_of,
    mapping_of,
    moment_of,
    name_of,
    properties_of,
)
from leadflow.decisions.candidates import candidates_for
from leadflow.decisions.capture import Captured, FormAnswer, capture, captured_again, known_by
from leadflow.decisions.commands.command import THE_PERSON, Command, moment_by
from leadflow.decisions.derived_records import visitor_claim
from leadflow.decisions.draft import Decided
from leadflow.decisions.held_submissions import hold
from leadflow.decisions.identity import Found, found_by
from leadflow.decisions.intake import Submission, read_submission
from leadflow.decisions.policy import CommandContext, Policy
from leadflow.decisions.reads import (
    Asking,
    activities,
    activities_of,
    holders,
    keys,
    lead_with,
    leads_with,
    new_id,
    readable,
    states,
)
from leadflow.decisions.roster import check_actor
from leadflow.decisions.sanitation import parted
from leadflow.decisions.scoring_context import known_of
from leadflow.decisions.suppression import contact_points, suppressions, those_who_heard, words_heard
from leadflow.decisions.tracking import Corrected, Recorded, correct, new_activity, record
from leadflow.entities import ActedBy, Activity, Consent, ExternalId, Finding, Lead, LeadId
from leadflow.errors import InvalidInput, Unreadable
from leadflow.events import Change

__all__ = ["Capture", "Correct", "Record", "Visit", "identify"]


@dataclass(frozen=True)
class Capture(Command[Captured]):
    """Capture a submission: a new lead, or more about a known one; checked, scored, qualified and routed.

    ``values`` are flat, such as ``{"email": …, "company": …}``; unknown and privileged keys become findings.
    ``verified`` means that the person has proven their identity: only then is known data overwritten. ``id`` is
    the submission's own; identical submissions (equal in all arguments but ``by``, ``findings``, ``key``) count once.
    ``consents`` may be mappings, as JSON has them.
    ``visitor`` is the browser's cookie: its earlier activities join the lead. ``findings`` are what the host's reader
    found when it took the values out of a file or a mail: they stay on the lead beside those of leadflow. Raises
    ``InvalidInput`` if there is no way to reach the person.
    """

    answer: ClassVar = Captured

    values: Mapping[str, object]
    _: KW_ONLY
    source: str
    visitor: str | None = None
    external_id: ExternalId | None = None
    verified: bool = False
    consents: ConsentGiven | Iterable[ConsentGiven] = ()
    referred_by: LeadId | None = None
    at: datetime | None = None
    id: str | None = None
    by: ActedBy | None = None
    findings: Sequence[Finding] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.external_id, ExternalId | None):
            raise InvalidInput("external_id", self.external_id, "give ExternalId(system=…, id=…)")
        self._read(
            by=None if self.by is None else acting(self.by),
            at=None if self.at is None else moment_of("at", self.at),
            consents=consents_of(self.consents),
            referred_by=None if self.referred_by is None else lead_id_of("referred_by", self.referred_by),
            values=mapping_of("values", self.values),
            source=line_of("source", self.source),
            verified=flag_of("verified", self.verified),
            visitor=name_of("visitor", self.visitor),
            id=None if self.id is None else line_of("id", self.id),
            findings=findings_of(self.findings),
        )

    def payload(self, policy: Policy, now: datetime) -> Mapping[str, object]:
        return {"command": "Capture", "digest": self.submission(policy, now).digest}

    def shown(self, answered: Captured) -> Captured:
        found = self.__dict__["_submission"].findings
        held = answered.outcome == "unsure" and not answered.findings
        return answered.but(public=FormAnswer(findings=found), findings=found if held else answered.findings)

    def submission(self, policy: Policy, now: datetime) -> Submission:
        """Return the parsed submission, parsed once even if the decision is repeated."""
        if "_submission" not in self.__dict__:
            self._read(_submission=self._submitted(policy, now))
        submission: Submission = self.__dict__["_submission"]
        return submission

    def _submitted(self, policy: Policy, now: datetime) -> Submission:
        moment = moment_by(now, self.by, self.at, THE_PERSON)
        words = [one.model_dump(mode="json", exclude={"at", "recorded_at"}) for one in self._words]
        return read_submission(
            policy,
            self.values,
            source=self.source,
            at=moment.happened_at,
            dated=moment.at,
            visitor=self.visitor,
            external_id=self.external_id,
            verified=self.verified,
            id=self.id,
            beforehand=self.findings,
            with_it={"consents": words, "referred_by": self.referred_by},  # without moments: a repeated form
        )

    @property
    def _words(self) -> tuple[Consent, ...]:
        assert isinstance(self.consents, tuple)
        return self.consents

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Captured]]:
        moment = moment_by(now, self.by, self.at, THE_PERSON)
        submission = self.submission(policy, now)
        digest_keys = submission.digest_keys((yield from keys()))
        digest_key, digest_version = digest_keys[0], 0
        own = companies_accounts(submission.as_lead.company)
        read = yield from states((*digest_keys, *map(link_key, own)))
        for known_key, state in ((key, read[key]) for key in digest_keys if key in read):
            again = yield from self._again(policy, moment, submission, str(state.value["lead"]))
            if again is not None:
                return again
            digest_key, digest_version = known_key, state.version
        claimed = yield from holders(submission.claims)
        leads = yield from readable(set(claimed.values()))
        lost = frozenset(key for key, holder in claimed.items() if holder not in leads)
        submission = submission.without_claims(lost)
        found = found_by(submission, claimed, leads)
        if found.lead is not None and found.other is not None:
            held = hold(
                policy,
                moment,
                submission,
                (found.lead, found.other),
                known_by=known_by(digest_key, found.lead.id, digest_version),
                consents=self._words,
                referred_by=self.referred_by,
            )
            return (yield from self._with_mailboxes(moment, submission, held))
        lead, candidates = found.lead or found.prospect, (yield from candidates_for(submission, found))
        named = companies_accounts(*(one.company for one in (submission.as_lead, lead) if one is not None))
        accounts = yield from present_accounts(named, read if named <= own else None)
        decided = capture(
            policy,
            moment,
            submission,
            found,
            new_id=lead.id if lead is not None else (yield from new_id()),
            digest_key=digest_key,
            digest_version=digest_version,
            known=(yield from known_of(policy, lead, now)),
            known_of_stranger=(yield from known_of(policy, found.stranger, now)),
            visitor_activities=(yield from _seen_only(found)),
            candidates=candidates,
            consents=self._words,
            referred_by=self.referred_by,
            accounts=accounts,
        )
        if lost:
            claims = tuple(claim for claim in decided.change.claims if claim.key not in lost)
            decided = Decided(decided.change.but(claims=claims), decided.result)
        return (yield from self._with_mailboxes(moment, submission, decided))

    def _again(
        self, policy: Policy, moment: CommandContext, submission: Submission, lead_id: LeadId
    ) -> Asking[Decided[Captured] | None]:
        """Decide on a repeated submission; a lead that was erased since is not created again.

        None if it contains a withdrawal and its lead can't be read: the withdrawal must be recorded elsewhere.
        """
        try:
            lead = (yield from leads_with([lead_id])).get(lead_id)
        except Unreadable:
            repeated = Captured(lead_id=lead_id, outcome="updated", repeated=True)
            return Decided(Change(), repeated) if all(one.status == "given" for one in self._words) else None
        if lead is None:
            return Decided(Change(), Captured.of_erased(lead_id))
        known = yield from known_of(policy, lead, moment.now)
        decided = captured_again(policy, moment, submission, lead, known, self._words)
        return (yield from self._with_mailboxes(moment, submission, decided))

    def _with_mailboxes(
        self, moment: CommandContext, submission: Submission, decided: Decided[Captured]
    ) -> Asking[Decided[Captured]]:
        """Apply the consents of the submission to mailboxes, too."""
        heard = those_who_heard(decided.change)
        if not heard:
            return decided
        points = {point for one in heard for point in contact_points(one.emails, one.phones)}
        listed = yield from suppressions(points, claimed=True)
        return Decided(words_heard(listed, moment, submission, self._words, decided.change), decided.result)


def identify(
    visitor: str,
    values: Mapping[str, object],
    *,
    source: str,
    external_id: ExternalId | None = None,
    verified: bool = False,
    consents: ConsentGiven | Iterable[ConsentGiven] = (),
    referred_by: LeadId | None = None,
    at: datetime | None = None,
    id: str | None = None,
    by: ActedBy | None = None,
    key: str | None = None,
) -> Capture:
    """Capture what an anonymous visitor typed: like ``capture`` with ``visitor``."""
    return Capture(
        values,
        source=source,
        visitor=visitor,
        external_id=external_id,
        verified=verified,
        consents=consents,
        referred_by=referred_by,
        at=at,
        id=id,
        by=by,
        key=key,
    )


def _seen_only(found: Found) -> Asking[list[Activity]]:
    """Read the activities of an anonymous visitor to be absorbed, except those that the lead already has."""
    if found.prospect is None or found.lead is None:
        return []
    seen = yield from activities(found.prospect.id)
    there = {one.id for one in (yield from activities_of(found.lead, [one.id for one in seen]))}
    return [one for one in seen if one.id not in there]


@dataclass(frozen=True)
class BehaviourCommand(Command[Recorded]):
    """Record an activity; the same ``id`` twice is one activity."""

    answer: ClassVar = Recorded

    _: KW_ONLY
    properties: Mapping[str, Any] | None = None
    source: str | None = None
    at: datetime | None = None
    id: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(id=name_of("id", self.id), properties=properties_of(self.properties))


@dataclass(frozen=True)
class Visit(BehaviourCommand):
    """Record an activity of a browser; an unknown browser becomes a prospect."""

    visitor: str
    kind: str

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(visitor=line_of("visitor", self.visitor))

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Recorded]]:
        claim = visitor_claim(self.visitor)
        holder = (yield from holders([claim])).get(claim)
        lead = (yield from lead_with(holder)) if holder else None
        lead_id, moment = lead.id if lead else (yield from new_id()), moment_by(now, None, self.at, THE_PERSON)
        return (yield from _recorded(self, policy, moment, lead_id, lead, self.visitor))


@dataclass(frozen=True)
class Record(BehaviourCommand):
    """Record an activity of a lead; the same ``id`` twice is one activity. Late or out of order makes no difference."""

    unkeyed: ClassVar = frozenset({"key", "by"})

    lead_id: LeadId
    kind: str
    _: KW_ONLY
    by: ActedBy | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(lead_id=lead_id_of("lead_id", self.lead_id))

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Recorded]]:
        moment = moment_by(now, self.by, self.at, THE_PERSON)
        lead = yield from lead_with(self.lead_id)
        return (yield from _recorded(self, policy, moment, lead.id, lead))


def _recorded(
    command: Visit | Record,
    policy: Policy,
    moment: CommandContext,
    lead_id: LeadId,
    lead: Lead[Any] | None,
    visitor: str | None = None,
) -> Asking[Decided[Recorded]]:
    activity = new_activity(
        lead_id,
        command.kind,
        moment,
        id=command.id,
        source=command.source,
        properties=command.properties or {},
    )
    repeated = lead is not None and bool((yield from activities_of(lead, [activity.id])))
    known = yield from known_of(policy, lead, moment.now)
    under = command.lead_id if isinstance(command, Record) else None
    return record(policy, moment, lead, activity, known, repeated=repeated, visitor=visitor, under=under)


@dataclass(frozen=True)
class Correct(Command[Corrected]):
    """Correct a lead's details: the given values overwrite the known ones, lists as a whole.

    ``None``, ``""`` and ``[]`` empty a field: ``{"phones": []}``, ``{"job_title": None}``; a custom field gets its
    default. ``findings`` of the answer say what can't be used, or emptied, and why.
    """

    answer: ClassVar = Corrected

    lead_id: LeadId
    values: Mapping[str, object]
    _: KW_ONLY
    by: ActedBy

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(lead_id=lead_id_of("lead_id", self.lead_id), values=mapping_of("values", self.values))

    def payload(self, policy: Policy, now: datetime) -> Mapping[str, object]:
        submission, blank = self._submission(policy, now)
        empties = {"empties": sorted(blank)} if blank else {}
        return {"command": "Correct", "lead": self.lead_id, "values": submission.digest, **empties}

    def _submission(self, policy: Policy, now: datetime) -> tuple[Submission, frozenset[str]]:
        """Return the given values, and the names of the fields to empty."""
        given, blank = parted(self.values)
        return read_submission(policy, given, source="correction", at=now, dated=None), blank

    def decide(self, policy: Policy, now: datetime) -> Asking[Decided[Corrected]]:
        moment, (submission, blank) = moment_by(now, self.by), self._submission(policy, now)
        check_actor(policy, moment.by)
        lead = yield from lead_with(self.lead_id)
        claimed = yield from holders(submission.address_claims)
        known = yield from known_of(policy, lead, now)
        return (yield from correct(policy, moment, lead, submission, known, claimed, blank))
