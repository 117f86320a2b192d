"""Looking leads up: who may be asked about, what is known already, what is paid for once and never again.

A call that costs something is counted, and noted as on its way, in a Change of its own before it is made. If no answer
was recorded by the end of the lease, it may have been made: it is reported, and not made again by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import JsonValue, ValidationError

from leadflow.decisions.draft import joined
from leadflow.decisions.enrichment import enrich, statement
from leadflow.decisions.policy import SYSTEM, CommandContext, Policy, retry_at
from leadflow.decisions.reads import Asking, leads_with, states
from leadflow.decisions.scoring_context import known_of
from leadflow.decisions.suppression import contact_points, suppressions
from leadflow.enrichment.enricher import Enricher, lookup_due, request_of
from leadflow.enrichment.meter import Meter
from leadflow.entities import EnrichedValue, Enrichment, Lead, LeadId, Settlement, Task
from leadflow.errors import Deferred
from leadflow.events import Change, StateWrite, digest_of
from leadflow.ports import State

__all__ = ["PURPOSE", "Lookup", "Reservation", "is_restricted", "meter_key", "recorded", "released", "reserved"]

PURPOSE: Final = "enrichment"
"""The purpose for which a mailbox is suppressed, or consent withdrawn, if a person is not to be looked up."""
NO_STATE: Final = State(0, {})
LONGEST_PAUSE: Final = timedelta(minutes=15)
LOST: Final = "it was asked, and no answer was recorded: it may have been paid for; retry this to ask once more"
Answers = Mapping[str, Sequence[EnrichedValue]]


@dataclass(frozen=True)
class Lookup:
    """One lead to be looked up: because its ``task`` is due, or by a command, with what a ``web`` request tells.

    ``named``: the command names the enricher, so that it is asked even if it was taken back from this lead.
    """

    lead_id: LeadId
    _: KW_ONLY
    task: Task | None = None
    web: Mapping[str, Any] = field(default_factory=dict)
    named: bool = False

    def wants(self, enricher: Enricher, lead: Lead[Any]) -> bool:
        """Whether the lead is still there under its id, and the enricher was not taken back from it."""
        return lead.id == self.lead_id and (self.named or enricher.name not in lead.withdrawn_sources)

    @property
    def again(self) -> bool:
        """Whether a person wants it asked again, though it may have been paid for."""
        return self.task is not None and self.task.payload.get("again") is True

    def done(self) -> tuple[Settlement, ...]:
        """Return the settlement of its task."""
        return () if self.task is None else (Settlement(key=self.task.key, lease=self.task.lease, outcome="done"),)

    def put_off(self, until: datetime | None, why: str, now: datetime) -> Change:
        """Return what makes its task wait: until a known moment without counting an attempt, or as after a failure."""
        if self.task is None:
            return Change()
        if until is not None:
            waits = self.task.but(status="waiting", lease=None, leased_until=None, attempts=0, due_at=until)
            return Change(settle=self.done(), put=(waits,))
        at = retry_at(self.task.attempts, now)
        outcome = Settlement(
            key=self.task.key, lease=self.task.lease, outcome="retry" if at else "dead", due_at=at, error=why
        )
        return Change(settle=(outcome,))


@dataclass
class Reservation:
    """What is to be asked, by digest; which lookups wait for it, which are ready, and what the others wait for.

    ``counted`` is the state of the enricher's meter with what is to be asked.
    """

    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    for_answer: list[tuple[Lookup, str]] = field(default_factory=list)
    answers: dict[str, Sequence[EnrichedValue]] = field(default_factory=dict)
    waits: dict[LeadId, str] = field(default_factory=dict)
    counted: dict[str, JsonValue] = field(default_factory=dict)
    change: Change = field(default_factory=Change)


def meter_key(name: str) -> str:
    """Return the key of the state that counts the calls of an enricher."""
    return f"enricher:{name}"


def _lookup_key(name: str, digest: str) -> str:
    return f"lookup:{name}:{digest}"


def _letter_key(enricher: Enricher, digest: str) -> str:
    return f"lost:{enricher.name}:{digest}"


def reserved(
    policy: Policy, enricher: Enricher, lookups: Sequence[Lookup], now: datetime, until: datetime
) -> Asking[Reservation]:
    """Decide what is asked now, and count it; ``until`` is when its answer is recorded at the latest."""
    found, changes = Reservation(), list[Change]()
    leads = yield from leads_with([one.lead_id for one in lookups])
    requests: dict[LeadId, dict[str, Any] | None] = {}
    for one in lookups:
        requests[one.lead_id] = yield from _request(policy, enricher, one, leads.get(one.lead_id), now)
    digests = {lead_id: digest_of(request) for lead_id, request in requests.items() if request is not None}
    keys = {digest: _lookup_key(enricher.name, digest) for digest in digests.values()} if enricher.sends else {}
    stored = yield from states([meter_key(enricher.name), *keys.values()] if enricher.sends else [])
    meter = Meter(enricher.budget, stored.get(meter_key(enricher.name), NO_STATE).value, now)
    for one in lookups:
        request = requests[one.lead_id]
        if request is None:
            changes.append(Change(settle=one.done()))
            continue
        digest = digests[one.lead_id]
        state = stored.get(keys.get(digest, ""), NO_STATE)
        known = None if one.again else _answer_in(state.value, enricher, now)
        pending = _moment(state.value, "asked_until")
        if digest in found.asked or known is not None or not enricher.sends:
            found.asked |= {digest: request} if not enricher.sends else {}
            found.answers |= {digest: known} if known is not None else {}
            found.for_answer.append((one, digest))
        elif pending is not None and pending > now:
            _wait(found, changes, one, pending, "somebody else asks for it", now)
        elif pending is not None and not one.again:
            changes.append(_lost(enricher, one, keys[digest], state, digest, now))
            found.answers[digest] = ()
            found.for_answer.append((one, digest))
        elif meter.left is not None and meter.left <= len(found.asked):
            spent = Meter(enricher.budget, meter.counted(len(found.asked)), now)
            _wait(found, changes, one, spent.opens_at, "its budget is used up, or it is paused", now)
        else:
            found.asked[digest] = request
            found.for_answer.append((one, digest))
            value: dict[str, JsonValue] = {"asked_until": until.isoformat()}
            changes.append(Change(states=(_write(enricher, keys[digest], state, value, one.lead_id),)))
    if found.asked and enricher.sends:
        found.counted = meter.counted(len(found.asked))
        changes.append(Change(states=(_counter(enricher, stored, found.counted),)))
    found.change = joined(changes)
    return found


def _request(
    policy: Policy, enricher: Enricher, one: Lookup, lead: Lead[Any] | None, now: datetime
) -> Asking[dict[str, Any] | None]:
    """Return what is asked about a lead; None if there is nothing to ask, or if nothing may be."""
    if lead is None or not one.wants(enricher, lead):
        return None
    due_at = lookup_due(enricher, lead, named=one.named) if enricher.from_lead else now
    if due_at is None or (one.task is not None and due_at > now and not one.again):
        return None
    if enricher.sends and (yield from is_restricted(policy, lead)):
        return None
    return request_of(enricher, lead, one.web)


def is_restricted(policy: Policy, lead: Lead[Any]) -> Asking[bool]:
    """Whether the person may not be looked up: disqualified, suppressed for this or for all, or consent withdrawn."""
    if policy.lifecycle.stage(lead.stage).kind == "out":
        return True
    if any(word.purpose == PURPOSE and word.status == "withdrawn" for word in lead.consents):
        return True
    points = contact_points(lead.emails, lead.phones)
    listed = yield from suppressions(points)
    bans = (ban for point in points for ban in listed.standing(listed.place(point), PURPOSE, lead.id))
    return any(ban.why != "bounce" for ban in bans)


def _wait(found: Reservation, changes: list[Change], one: Lookup, until: datetime, why: str, now: datetime) -> None:
    found.waits[one.lead_id] = f"{why}; it is tried again at {until.isoformat(timespec='minutes')}"
    changes.append(one.put_off(until, why, now))


def _lost(enricher: Enricher, one: Lookup, key: str, state: State, digest: str, now: datetime) -> Change:
    """Record that nobody knows what became of a call; a dead letter tells people."""
    letter = Task(
        key=_letter_key(enricher, digest),
        kind=f"enrich:{enricher.name}",
        due_at=now,
        lead_id=one.lead_id,
        payload={"again": True},
        status="dead",
        error=LOST,
    )
    value: dict[str, JsonValue] = {"at": now.isoformat(), "values": [], "lost": True}
    return Change(put=(letter,), states=(_write(enricher, key, state, value, one.lead_id),))


def recorded(
    policy: Policy, enricher: Enricher, found: Reservation, answers: Answers, now: datetime, lost: bool = False
) -> Asking[Change]:
    """Record the answers: beside the request, and with each lead that still asks for the same."""
    leads = yield from leads_with([one.lead_id for one, _ in found.for_answer])
    keys = {
        digest: _lookup_key(enricher.name, digest) for digest in answers if digest in found.asked and enricher.sends
    }
    stored = yield from states([*keys.values()])
    changes: list[Change] = []
    for one, digest in found.for_answer:
        lead = leads.get(one.lead_id)
        if digest in keys and (lead is not None or not enricher.personal):
            key = keys.pop(digest)
            state = stored.get(key, NO_STATE)
            changes.append(_kept(enricher, one, key, state, digest, answers[digest], now, lost=lost))
        if lead is None or not one.wants(enricher, lead):
            changes.append(Change(settle=one.done()))
            continue
        if digest_of(request_of(enricher, lead, one.web) or {}) != digest:
            changes.append(one.put_off(now, "the lead has changed", now))
            continue
        said = Enrichment(source=enricher.name, at=now, values=tuple(answers[digest]), request=digest)
        given, findings = statement(policy.lead_type, said, enricher.gives)
        moment = CommandContext(now=now, by=SYSTEM)
        known = yield from known_of(policy, lead, now)
        decided = yield from enrich(policy, moment, lead, given, known, findings)
        changes += [decided.change, Change(settle=one.done())]
    return joined(changes)


def _kept(
    enricher: Enricher,
    one: Lookup,
    key: str,
    state: State,
    digest: str,
    answer: Sequence[EnrichedValue],
    now: datetime,
    *,
    lost: bool,
) -> Change:
    if lost:
        return _lost(enricher, one, key, state, digest, now)
    values: list[JsonValue] = [value.model_dump(mode="json") for value in answer]
    value: dict[str, JsonValue] = {"at": now.isoformat(), "values": values}
    return Change(states=(_write(enricher, key, state, value, one.lead_id),), cancel=(_letter_key(enricher, digest),))


def released(enricher: Enricher, found: Reservation, failure: Deferred, now: datetime) -> Asking[Change]:
    """Take back what was counted: the source has certainly not answered; the tasks wait."""
    keys = [_lookup_key(enricher.name, digest) for digest in found.asked] if enricher.sends else []
    stored = yield from states([meter_key(enricher.name), *keys] if keys else [])
    until = _ahead(failure.until, now)
    changes = [one.put_off(until, str(failure), now) for one, digest in found.for_answer if digest in found.asked]
    for one, digest in found.for_answer:
        key = _lookup_key(enricher.name, digest)
        if key in keys and key in stored:
            keys.remove(key)
            changes.append(Change(states=(_write(enricher, key, stored[key], {}, one.lead_id),)))
    if enricher.sends:
        meter = Meter(enricher.budget, stored.get(meter_key(enricher.name), NO_STATE).value, now)
        value = meter.released(len(found.asked), found.counted, until or _retried_at(found, now))
        changes.append(Change(states=(_counter(enricher, stored, value),)))
    return joined(changes)


def _retried_at(found: Reservation, now: datetime) -> datetime:
    """Return until when a source is left alone that names no moment: it is down for all that wait for it."""
    tasks = (one.task for one, digest in found.for_answer if digest in found.asked and one.task is not None)
    moments = (at for task in tasks if (at := retry_at(task.attempts, now)) is not None)
    return min((*moments, now + LONGEST_PAUSE))


def _ahead(until: datetime | None, now: datetime) -> datetime | None:
    """Return the moment that a source names, if it is one to wait for: none in the past, none without a time zone."""
    return until if until is not None and until.tzinfo is not None and until > now else None


def _counter(enricher: Enricher, stored: Mapping[str, State], value: dict[str, JsonValue]) -> StateWrite:
    key = meter_key(enricher.name)
    return StateWrite(key=key, read_version=stored.get(key, NO_STATE).version, value=value)


def _write(enricher: Enricher, key: str, state: State, value: dict[str, JsonValue], lead_id: LeadId) -> StateWrite:
    owner = lead_id if enricher.personal else None
    return StateWrite(key=key, read_version=state.version, value=value, lead_id=owner)


def _answer_in(value: Mapping[str, Any], enricher: Enricher, now: datetime) -> tuple[EnrichedValue, ...] | None:
    """Return a stored answer that still counts."""
    at = _moment(value, "at")
    if at is None or at + enricher.keeps <= now:
        return None
    try:
        return tuple(EnrichedValue.model_validate(one) for one in value.get("values", ()))
    except ValidationError:
        return None


def _moment(value: Mapping[str, Any], name: str) -> datetime | None:
    given = value.get(name)
    return datetime.fromisoformat(given) if isinstance(given, str) else None
