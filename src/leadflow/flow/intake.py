"""How leads come in: captured, seen as visitors, recorded, corrected, asked for consent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from leadflow.decisions.capturing import Captured, FormAnswer, capture, captured_again, known_by
from leadflow.decisions.commands import Moved, command, consent_changed
from leadflow.decisions.draft import Decided
from leadflow.decisions.holding import hold
from leadflow.decisions.identity import Found, found_by, keys_to_match
from leadflow.decisions.implied import visitor_claim
from leadflow.decisions.intake import Submission, read_submission
from leadflow.decisions.policy import Moment
from leadflow.decisions.recording import Corrected, Recorded, correct, new_activity, record
from leadflow.decisions.rivals import taken_over
from leadflow.decisions.suppression import contact_points, mailbox_left, those_who_heard, word_heard, words_heard
from leadflow.entities import ActedBy, Activity, Actor, Channel, Consent, ConsentStatus, ExternalId, Lead, LeadId
from leadflow.entities.bounds import exact_text
from leadflow.errors import InvalidInput, Unreadable
from leadflow.events import Change
from leadflow.flow.core import Core
from leadflow.flow.given import consents_of, lead_id_of, line_of, mapping_of, properties_of
from leadflow.nurturing import read_token

__all__ = ["Intake"]

THE_PERSON = Actor(kind="person", id="self")
TWIN_CANDIDATES_PER_KEY = 20


class Intake(Core):
    """Everything by which something new becomes known of a person."""

    def capture(
        self,
        values: Mapping[str, object],
        *,
        source: str,
        visitor: str | None = None,
        external_id: ExternalId | None = None,
        verified: bool = False,
        consents: Consent | Iterable[Consent] = (),
        referred_by: LeadId | None = None,
        at: datetime | None = None,
        id: str | None = None,
        by: ActedBy | None = None,
        key: str | None = None,
    ) -> Captured:
        """Take in what somebody typed: a new lead, or more about a known one; checked, scored, qualified and routed.

        ``values`` are flat, such as ``{"email": …, "company": …}``; unknown and privileged keys become findings.
        ``verified`` says that the person has proven who they are: only then is known data overwritten. ``id`` is
        the submission's own; identical submissions (all that is given here but ``by`` and ``key``) are one.
        ``visitor`` is the browser's cookie: what it did before stays with the lead. Raises ``InvalidInput`` if there
        is no way to reach the person.
        """
        moment = self._moment(by, at, THE_PERSON)
        consents = consents_of(consents)
        referred_by = None if referred_by is None else lead_id_of("referred_by", referred_by)
        if not isinstance(verified, bool):
            raise InvalidInput("verified", verified, "give True or False")
        if not isinstance(external_id, ExternalId | None):
            raise InvalidInput("external_id", external_id, "give ExternalId(system=…, id=…)")
        words = [
            one.model_dump(mode="json", exclude={"at", "recorded_at"}) for one in consents
        ]  # a form sent again says it anew
        beside = {"consents": words, "referred_by": referred_by}
        submission = read_submission(
            self.policy,
            mapping_of("values", values),
            source=line_of("source", source),
            at=moment.happened_at,
            dated=moment.at,
            visitor=line_of("visitor", visitor) if visitor else None,
            external_id=external_id,
            verified=verified,
            id=None if id is None else line_of("id", id),
            with_it=beside,
        )
        new_id = self._new_lead_id(moment.now)
        captured = self._run(
            lambda: self._captured(self._moment(by, at, THE_PERSON), submission, new_id, consents, referred_by),
            Captured,
            key=key,
            payload={"command": "capture", "digest": submission.digest},
        )
        return captured.but(public=FormAnswer(findings=submission.findings))

    def _captured(
        self,
        moment: Moment,
        submission: Submission,
        new_id: LeadId,
        consents: tuple[Consent, ...],
        referred_by: LeadId | None,
    ) -> Decided[Captured]:
        digest_keys = submission.digest_keys(self._keys())
        digest_key, digest_version = digest_keys[0], 0
        for known_key, state in self.storage.states(digest_keys).items():
            again = self._captured_again(moment, submission, str(state.value["lead"]), consents)
            if again is not None:
                return again
            digest_key, digest_version = known_key, state.version
        holders = self.storage.holders(submission.claims)
        leads = self._loaded(set(holders.values()))
        lost = frozenset(key for key, holder in holders.items() if holder not in leads)
        submission = submission.without_claims(lost)
        found = found_by(submission, holders, leads)
        if found.lead is not None and found.other is not None:
            decided = hold(
                self.policy,
                moment,
                submission,
                (found.lead, found.other),
                known_by=known_by(digest_key, found.lead.id, digest_version),
                consents=consents,
                referred_by=referred_by,
            )
            return self._mailboxes_heard(moment, submission, consents, decided)
        decided = capture(
            self.policy,
            moment,
            submission,
            found,
            new_id=new_id,
            digest_key=digest_key,
            digest_version=digest_version,
            known=self._known(found.lead or found.prospect, moment.now),
            known_of_stranger=self._known(found.stranger, moment.now),
            visitor_activities=self._seen_only(found),
            candidates=self._candidates(submission, found),
            consents=consents,
            referred_by=referred_by,
        )
        claims = tuple(claim for claim in decided.change.claims if claim.key not in lost)
        decided = Decided(decided.change.but(claims=claims), decided.result)
        return self._mailboxes_heard(moment, submission, consents, decided)

    def _mailboxes_heard(
        self, moment: Moment, submission: Submission, consents: tuple[Consent, ...], decided: Decided[Captured]
    ) -> Decided[Captured]:
        """Let mailboxes hear what was said of them."""
        heard = those_who_heard(decided.change)
        if not heard:
            return decided
        listed = self._suppressions({p for one in heard for p in contact_points(one.emails, one.phones)}, claimed=True)
        return Decided(words_heard(listed, moment, submission, consents, decided.change), decided.result)

    def _captured_again(
        self, moment: Moment, submission: Submission, lead_id: LeadId, consents: tuple[Consent, ...]
    ) -> Decided[Captured] | None:
        """The identical submission came before; whom it made may have been erased since, and is not made anew.

        None if there is a withdrawal in it, and its lead can't be read: it must be noted elsewhere.
        """
        try:
            lead = self.storage.load([lead_id]).get(lead_id)
        except Unreadable:
            repeated = Captured(lead_id=lead_id, outcome="updated", repeated=True)
            return Decided(Change(), repeated) if all(one.status == "given" for one in consents) else None
        if lead is None:
            return Decided(Change(), Captured.of_erased(lead_id))
        decided = captured_again(self.policy, moment, submission, lead, self._known(lead, moment.now), consents)
        return self._mailboxes_heard(moment, submission, consents, decided)

    def _candidates(self, submission: Submission, found: Found) -> list[Lead[Any]]:
        """Leads that may be the same person as a new one, or have an address that is proven only now."""
        if found.lead is not None and not taken_over(submission, found):
            return []
        keys = keys_to_match(submission, found)
        matching = self.storage.matching(keys, TWIN_CANDIDATES_PER_KEY) if keys else {}
        ids = {lead_id for some in matching.values() for lead_id in some}
        return list(self._loaded(ids).values())

    def _seen_only(self, found: Found) -> list[Activity]:
        """What an anonymous visitor did who is to be absorbed, as far as the lead does not have it itself."""
        if found.prospect is None or found.lead is None:
            return []
        seen = self.storage.activities(found.prospect.id)
        there = {one.id for one in self.storage.activities(found.lead.id, [one.id for one in seen])}
        return [one for one in seen if one.id not in there]

    def identify(self, visitor: str, values: Mapping[str, object], *, source: str, **more: Any) -> Captured:
        """Take in what an anonymous visitor typed: like ``capture`` with ``visitor``."""
        return self.capture(values, source=source, visitor=visitor, **more)

    def visit(
        self,
        visitor: str,
        kind: str,
        *,
        properties: Mapping[str, Any] | None = None,
        source: str | None = None,
        at: datetime | None = None,
        id: str | None = None,
        key: str | None = None,
    ) -> Recorded:
        """Record what a browser did; one that was never seen becomes a prospect."""
        new_id, visitor = self._new_lead_id(self._moment().now), line_of("visitor", visitor)
        properties = properties_of(properties)

        def decide() -> Decided[Recorded]:
            moment = self._moment(None, at, THE_PERSON)
            holder = self.storage.holders([visitor_claim(visitor)]).get(visitor_claim(visitor))
            lead = self._lead(holder) if holder else None
            activity = new_activity(
                lead.id if lead else new_id, kind, moment, id=id, source=source, properties=properties
            )
            repeated, known = self._has_activity(lead, activity), self._known(lead, moment.now)
            return record(self.policy, moment, lead, activity, known, repeated=repeated, visitor=visitor)

        payload = {
            "command": "visit", "visitor": visitor, "kind": kind, "at": at, "id": id, "source": source,
            "properties": properties,
        }  # fmt: skip
        return self._run(decide, Recorded, key=key, payload=payload)

    def record(
        self,
        lead_id: LeadId,
        kind: str,
        *,
        properties: Mapping[str, Any] | None = None,
        source: str | None = None,
        at: datetime | None = None,
        id: str | None = None,
        by: ActedBy | None = None,
        key: str | None = None,
    ) -> Recorded:
        """Record what a lead did; the same ``id`` twice is one activity. Late or out of order makes no difference."""
        properties = properties_of(properties)

        def decide() -> Decided[Recorded]:
            moment = self._moment(by, at, THE_PERSON)
            lead = self._lead(lead_id)
            activity = new_activity(lead.id, kind, moment, id=id, source=source, properties=properties)
            repeated, known = self._has_activity(lead, activity), self._known(lead, moment.now)
            return record(self.policy, moment, lead, activity, known, repeated=repeated)

        payload = {
            "command": "record", "lead": lead_id, "kind": kind, "at": at, "id": id, "source": source,
            "properties": properties,
        }  # fmt: skip
        return self._run(decide, Recorded, key=key, payload=payload)

    def correct(
        self, lead_id: LeadId, values: Mapping[str, object], *, by: ActedBy, key: str | None = None
    ) -> Corrected:
        """Put a lead's details right: what is given overwrites what was known, lists as a whole."""
        now, given = self._moment().now, mapping_of("values", values)
        submission = read_submission(self.policy, given, source="correction", at=now, dated=None)

        def decide() -> Decided[Corrected]:
            moment = self._moment(by)
            lead = self._lead(lead_id)
            holders = self.storage.holders(submission.address_claims)
            return correct(self.policy, moment, lead, submission, self._known(lead, moment.now), holders)

        payload = {"command": "correct", "lead": lead_id, "values": submission.digest}
        return self._run(decide, Corrected, key=key, payload=payload)

    def consent(
        self,
        lead_id: LeadId,
        purpose: str,
        channel: Channel,
        *,
        proof: str,
        status: ConsentStatus = "given",
        address: str | None = None,
        at: datetime | None = None,
        by: ActedBy | None = None,
        key: str | None = None,
    ) -> Moved:
        """Note a person's own word on one purpose and channel, with the proof of it.

        A withdrawal beats all that was recorded before it. A consent opens it again if it was said after it; one that
        comes in late (``at``, the form's own moment) opens nothing and leaves a finding. ``address`` is the one it is
        given with, by default the lead's own.
        """

        def decide() -> Decided[Moved]:
            moment = self._moment(by, at, THE_PERSON)
            lead = self._lead(lead_id)
            said = Consent(
                purpose=purpose, channel=channel, status=status, at=moment.happened_at, proof=proof, address=address
            )
            return self._told(moment, lead, said)

        payload = {
            "command": "consent", "lead": lead_id, "purpose": purpose, "channel": channel, "status": status, "at": at,
            "proof": proof, **({"address": address} if address is not None else {}),
        }  # fmt: skip
        return self._run(decide, Moved, key=key, payload=payload)

    def _told(self, moment: Moment, lead: Lead[Any], said: Consent, mailbox: str | None = None) -> Decided[Moved]:
        """Let a person's word count on the lead and at its mailboxes, and at the one that a message went to."""
        points = contact_points(lead.emails, lead.phones)
        listed = self._suppressions(points, *([mailbox] if mailbox else []), claimed=True)
        besides, known = word_heard(listed, said, mailbox), self._known(lead, moment.now)
        return command(self.policy, moment, lead, known, consent_changed(said), besides)

    def unsubscribe(self, token: str, *, at: datetime | None = None) -> Moved:
        """Withdraw the consent that an unsubscribe link names (RFC 8058: call it for POST, never for GET).

        It holds for the mailbox that the mail went to, whatever became of the lead: also if that is erased meanwhile.
        """
        if not isinstance(token, str):
            raise InvalidInput("token", token, "give the token of the link, as text")
        named = read_token(exact_text(token), self.policy.secrets)
        proof = "one-click unsubscribe"

        def decide() -> Decided[Moved]:
            moment = self._moment(None, at, THE_PERSON)
            what = {"purpose": named.purpose, "channel": named.channel, "at": moment.happened_at}
            said = Consent(status="withdrawn", proof=proof, **what)
            read = self._loaded if named.mailbox else self.storage.load  # the mailbox is closed, whatever became of it
            lead = read([named.lead_id]).get(named.lead_id)
            if lead is not None:
                return self._told(moment, lead, said, named.mailbox)
            listed = self._suppressions((), *([named.mailbox] if named.mailbox else []))
            change = Change(states=mailbox_left(listed, moment, said, named.mailbox, named.lead_id))
            return Decided(change, Moved(lead_id=named.lead_id, source="erased", stage="erased"))

        return self._run(decide, Moved)
