"""Suppressions of mailboxes and numbers, as decisions read and change them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from leadflow.decisions.draft import Draft
from leadflow.decisions.intake import Submission
from leadflow.decisions.policy import CommandContext
from leadflow.decisions.reads import Asking, holders, keys, states
from leadflow.entities import Actor, Channel, Consent, Email, Lead, LeadId, Lift, Phone, Suppression, word_that_counts
from leadflow.events import Change, ConsentChanged, StateWrite
from leadflow.nurturing.mailboxes import ContactPoint, reach_the_same, suppression_states
from leadflow.nurturing.permission import contact_point, recipient
from leadflow.nurturing.suppression_list import banned, lifted, standing
from leadflow.nurturing.tokens import lead_mark
from leadflow.ports import State
from leadflow.quality import email_key

__all__ = [
    "SuppressionList",
    "contact_points",
    "hear",
    "mailbox_left",
    "named",
    "suppressions",
    "those_who_heard",
    "word_heard",
    "words_heard",
]

NOBODY: Mapping[str, LeadId] = MappingProxyType({})
SuppressionKeys = tuple[str, ...]
"""The keys of the states that may hold a mailbox's suppressions, the one for writing first."""
UNREADABLE = Suppression(
    why="hand", since=datetime(1970, 1, 1, tzinfo=UTC), by="leadflow", reason="its stored suppressions can't be read"
)


def contact_points(emails: Iterable[Email], phones: Iterable[Phone]) -> list[ContactPoint]:
    """Return addresses and numbers as contact points."""
    by_mail = (ContactPoint("email", email.address) for email in emails if email.address)
    by_phone = (ContactPoint("phone", phone.number) for phone in phones if phone.number)
    return list(dict.fromkeys((*by_mail, *by_phone)))


def _goes_to(lead: Lead[Any], purpose: str, channel: Channel) -> ContactPoint | None:
    """Return the address or number that a message of this purpose goes to; letters have none of these."""
    to = recipient(lead, purpose, channel)
    return ContactPoint(channel, to) if to and channel != "letter" else None


def named(by: Actor) -> str:
    """Return the actor in a form without personal data."""
    return by.kind if by.kind in ("person", "system", "policy") else str(by)


def suppressions(points: Iterable[ContactPoint], *more: str, claimed: bool = False) -> Asking[SuppressionList]:
    """Read the suppressions of these addresses and numbers, and of ``more`` state keys.

    ``claimed``: also read which lead has claimed an address, to know which ones are a lead's own.
    """
    points, hashed_with = tuple(points), (yield from keys())
    looked_at = {key for point in points for key in suppression_states(point, hashed_with)} | {*more}
    claims = {email_key(Email(address=p.value)): p.value for p in points if claimed and p.kind == "email"}
    held = yield from holders(claims)
    found = yield from states(looked_at)
    return SuppressionList(hashed_with, found, {claims[key]: lead_id for key, lead_id in held.items()})


class SuppressionList:
    """The suppressions that were read, with changes; ``writes`` returns what to save.

    ``holders`` has the lead that claimed each address.
    """

    def __init__(
        self, keys: tuple[bytes, ...], states: Mapping[str, State], holders: Mapping[str, LeadId] = NOBODY
    ) -> None:
        self._keys, self._holders = keys, holders
        self._versions = {key: state.version for key, state in states.items()}
        self._bans = {key: _bans_in(state.value) for key, state in states.items()}
        self._changed: set[str] = set()

    def place(self, point: ContactPoint) -> SuppressionKeys:
        """Return where the suppressions of a mailbox or number are looked up."""
        return suppression_states(point, self._keys)

    def points_of(self, lead: Lead[Any]) -> list[ContactPoint]:
        """Return a lead's own addresses and numbers: not those that another lead has claimed."""
        own = (None, lead.id)
        mine = [e for e in lead.emails if e.claimed or self._holders.get(e.address or "") in own]
        return contact_points(mine, lead.phones)

    def standing(
        self, place: SuppressionKeys, purpose: str | None, lead_id: LeadId | None = None, said: Consent | None = None
    ) -> tuple[Suppression, ...]:
        """Return the suppressions that apply there to a purpose (None: any) and a lead."""
        bans = (ban for key in place for ban in self._bans.get(key, ()))
        return standing(bans, purpose, self._marks(lead_id), said)

    def against(self, lead: Lead[Any], purpose: str, channel: Channel) -> tuple[Suppression, ...]:
        """Return the suppressions that prevent a message of this purpose at its recipient."""
        point = _goes_to(lead, purpose, channel)
        said = lead.consent(purpose, channel)
        return self.standing(self.place(point), purpose, lead.id, said) if point else ()

    def looked_at(self, lead: Lead[Any], purpose: str, channel: Channel) -> tuple[StateWrite, ...]:
        """Return the assertion that makes a Change fail if the recipient is suppressed meanwhile."""
        point = _goes_to(lead, purpose, channel)
        place = self.place(point) if point else ()
        return tuple(StateWrite(key=key, read_version=self._versions.get(key, 0)) for key in place)

    def ban(self, place: SuppressionKeys, ban: Suppression, lead_id: LeadId | None = None) -> None:
        """Suppress a mailbox or number; ``lead_id`` is the lead that caused it."""
        marks = self._marks(lead_id)
        ban = ban.but(whose=marks[0] if marks else None)
        if not any(self._bans.get(key, ()) == banned(self._bans.get(key, ()), ban, marks) for key in place):
            self._put(place[0], banned(self._bans.get(place[0], ()), ban, marks))

    def lift(
        self,
        place: SuppressionKeys,
        lift: Lift,
        lead_id: LeadId | None = None,
        of: Callable[[Suppression], bool] = lambda _ban: True,
    ) -> None:
        """Lift a purpose, or all, from the selected suppressions; ``lead_id``: for this lead only."""
        marks = self._marks(lead_id)
        for key in place:
            bans = self._bans.get(key, ())
            after = lifted(bans, lift.but(whose=marks[0] if marks else None), of)
            if after != bans:
                self._put(key, after)

    def is_of(self, lead_id: LeadId) -> Callable[[Suppression], bool]:
        """Return the marks that distinguish a lead's own withdrawals from other suppressions."""
        marks = self._marks(lead_id)
        return lambda ban: ban.why == "withdrawal" and ban.whose in marks

    def writes(self) -> tuple[StateWrite, ...]:
        """Return the changed states."""
        return tuple(
            StateWrite(
                key=key,
                read_version=self._versions.get(key, 0),
                value={"suppressions": [ban.model_dump(mode="json") for ban in self._bans[key]]},
            )
            for key in sorted(self._changed)
        )

    def _put(self, key: str, bans: tuple[Suppression, ...]) -> None:
        self._bans[key] = bans
        self._changed.add(key)

    def _marks(self, lead_id: LeadId | None) -> tuple[str, ...]:
        return () if lead_id is None else tuple(lead_mark(lead_id, key) for key in self._keys)


def hear(
    listed: SuppressionList, moment: CommandContext, lead: Lead[Any], said: Consent, proven: Collection[str] = ()
) -> None:
    """Apply a person's statement to mailboxes and numbers, too; ``lead`` has it already.

    A withdrawal closes all of the lead's own. A consent opens the one it was given with, if that is ``proven`` to be
    the person's; elsewhere, and at a shared mailbox, it counts for this lead alone: unproven, it only reverses what the
    lead itself has withdrawn.
    """
    last = lead.consent(said.purpose, said.channel)
    points = [point for point in listed.points_of(lead) if point.kind == said.channel]
    if said.status == "withdrawn":
        if said.origin == "person" or (last is not None and last.status == "withdrawn"):
            for point in points:
                listed.ban(listed.place(point), _withdrawal(moment, said), lead.id)
    elif last is not None and last.status == "given" and said.origin == "person":
        said = said.but(recorded_at=moment.now, address=said.address or contact_point(lead, said.channel))
        for point in points:
            _open(listed, moment, lead, said, point, is_proven=point.value in proven)


def word_heard(
    listed: SuppressionList, said: Consent, mailbox: str | None = None
) -> Callable[[Draft], tuple[StateWrite, ...]]:
    """Return what a statement changes at mailboxes, once the lead has it; ``mailbox`` is the one of the message.

    The person's own consent is proven at a verified address.
    """

    def besides(draft: Draft) -> tuple[StateWrite, ...]:
        lead, moment = draft.lead, draft.moment
        by_person = moment.by.kind == "person"
        hear(listed, moment, lead, said, [email.address or "" for email in lead.emails if email.verified and by_person])
        return mailbox_left(listed, moment, said, mailbox, lead.id)

    return besides


def those_who_heard(captured: Change) -> list[Lead[Any]]:
    """Return the leads on which a capture has recorded a statement."""
    heard = {fact.lead_id for fact in captured.facts if isinstance(fact, ConsentChanged)}
    return [write.lead for write in captured.leads if write.lead is not None and write.id in heard]


def words_heard(
    listed: SuppressionList, moment: CommandContext, submission: Submission, said: Iterable[Consent], captured: Change
) -> Change:
    """Return the Change of a capture, with what its consents change at the mailboxes of the leads concerned."""
    said = tuple(said)
    for lead in those_who_heard(captured):
        for word in said:
            hear(listed, moment, lead, word, _proven_by(submission, lead))
    return captured.but(states=(*captured.states, *listed.writes()))


def _proven_by(submission: Submission, lead: Lead[Any]) -> list[str]:
    """Return the addresses and numbers that a verified submission has proven to be the person's."""
    if not submission.verified:
        return []
    typed = contact_points(submission.details.get("emails", ()), submission.details.get("phones", ()))
    emails = {email.address for email in lead.emails if not email.verified}
    return [point.value for point in typed if point.value not in emails]


def mailbox_left(
    listed: SuppressionList, moment: CommandContext, said: Consent, mailbox: str | None, lead_id: LeadId
) -> tuple[StateWrite, ...]:
    """Close the mailbox of a message, whatever the lead's address is now, and return all changes."""
    if mailbox and said.status == "withdrawn":
        listed.ban((mailbox,), _withdrawal(moment, said), lead_id)
    return listed.writes()


def _withdrawal(moment: CommandContext, said: Consent) -> Suppression:
    imported = said.origin == "import"
    since = said.at if imported else moment.now
    return Suppression(purpose=said.purpose, why="withdrawal", since=since, by=named(moment.by), imported=imported)


def _open(
    listed: SuppressionList,
    moment: CommandContext,
    lead: Lead[Any],
    said: Consent,
    point: ContactPoint,
    *,
    is_proven: bool,
) -> None:
    lift = Lift(purpose=said.purpose, at=moment.now, by=named(moment.by))
    place, own = listed.place(point), listed.is_of(lead.id)
    shared = any(email.kind == "role" and email.address == point.value for email in lead.emails)
    if not is_proven or not reach_the_same(point, ContactPoint(point.kind, said.address or "")):
        listed.lift(place, lift, lead.id, lambda ban: own(ban) and _is_answered(ban, said))
    else:
        listed.lift(place, lift, lead.id if shared else None, lambda ban: _is_answered(ban, said))


def _is_answered(ban: Suppression, yes: Consent) -> bool:
    """A consent opens what it would open on a lead that had withdrawn at the time of the suppression."""
    no = yes.but(status="withdrawn", at=ban.since, recorded_at=ban.since)
    return word_that_counts(no, yes) is yes


def _bans_in(value: Mapping[str, Any]) -> tuple[Suppression, ...]:
    """Read stored suppressions; unreadable ones suppress everything."""
    try:
        return tuple(Suppression.model_validate(ban) for ban in value["suppressions"])
    except (KeyError, TypeError, ValidationError):
        return (UNREADABLE,)
