"""The draft of a lead within one decision: record facts, and get the Change that writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from leadflow.decisions.accounts import account_index, account_tasks, company_index
from leadflow.decisions.derived_records import claims_of, tasks_of, twin_index, unclaimed_index
from leadflow.decisions.ledgers import ledger_tasks
from leadflow.decisions.policy import AT_ONCE, SYSTEM, CommandContext, Policy
from leadflow.entities import Activity, Actor, Finding, Lead, LeadId, Task
from leadflow.entities.base import made
from leadflow.entities.bounds import PlainJson
from leadflow.events import Change, Claim, Fact, FindingsNoted, LeadWrite, StateWrite, apply, blank
from leadflow.events.enriched_lead import as_said
from leadflow.quality import Fingerprint
from leadflow.search.words import word_index

__all__ = ["Decided", "Draft", "change_of", "delivery", "joined", "match_keys_of"]

T = TypeVar("T")
F = TypeVar("F", bound=Fact)


@dataclass(frozen=True)
class Decided(Generic[T]):
    """The result of a decision: the Change to write, and the answer."""

    change: Change
    result: T


class Draft:
    """One lead within one decision. ``say`` records a fact and applies it, so that ``lead`` is always up to date."""

    def __init__(
        self,
        policy: Policy,
        moment: CommandContext,
        lead_id: LeadId,
        before: Lead[Any] | None = None,
        fingerprint: Fingerprint | None = None,
    ) -> None:
        self.policy, self.moment = policy, moment
        self.before = before
        self.facts: list[Fact] = []
        self.activities: list[Activity] = []
        self.ledger: list[Task] = []
        self.states: list[StateWrite] = []
        self._lead, self._lead_id = before, lead_id
        self._fingerprint = fingerprint

    @classmethod
    def of(cls, lead: Lead[Any], policy: Policy, moment: CommandContext) -> Draft:
        """Start from a lead that was read."""
        return cls(policy, moment, lead.id, lead)

    @property
    def lead(self) -> Lead[Any]:
        """The lead after all recorded facts."""
        if self._lead is None:
            raise AssertionError("a new lead exists only after its first fact")
        return self._lead

    @property
    def version(self) -> int:
        """The version that this decision produces."""
        return (self.before.version if self.before else 0) + 1

    @property
    def recorded_at(self) -> datetime:
        """The recording time: the clock's, even if it was ahead when the previous fact was recorded."""
        return self.moment.recorded_at

    def say(
        self,
        fact: type[F],
        by: Actor | None = None,
        at: datetime | None = None,
        known: Mapping[str, Any] | Lead[Any] | None = None,
        **values: Any,
    ) -> F:
        """Record that something happened, by default now and by the author of the command, and apply it.

        ``known`` are the values behind the JSON of its ``details``, if it has any; for a merge, the absorbed lead.
        """
        said = fact(
            lead_id=self._lead_id,
            version=self.version,
            seq=len(self.facts),
            happened_at=at or self.moment.happened_at,
            recorded_at=self.recorded_at,
            actor=by or self.moment.by,
            **values,
        )
        before, self._lead = self._lead, apply(self._lead or blank(self.policy.lead_type, said), said, known)
        self.ledger += ledger_tasks(self.policy, before, self._lead, said)
        self.facts.append(said)
        return said

    @property
    def fingerprint(self) -> Fingerprint:
        """The match keys and features of the lead in its current state, by what people said of it."""
        said = as_said(self.lead)
        self._fingerprint = self._fingerprint.of(said) if self._fingerprint else Fingerprint(said)
        return self._fingerprint

    def note(self, *findings: Finding) -> tuple[Finding, ...]:
        """Record findings for the team, unless the lead has them already, and return all of them."""
        new = tuple(one for one in findings if one not in self.lead.findings)
        if new:
            self.say(FindingsNoted, by=SYSTEM, findings=new)
        return findings


def change_of(draft: Draft, *others: Draft, **more: Any) -> Change:
    """Return the Change that writes these drafts, with the claims and tasks derived from the leads.

    If there may be subscribers, one task per draft delivers its facts. ``more`` has further parts of the Change.
    """
    drafts = [d for d in (draft, *others) if d.facts]
    deliveries = {"put": tuple(delivery(d.facts) for d in drafts if d.policy.delivers)}
    return _merged([*map(_written, drafts), deliveries, more])


def joined(changes: Iterable[Change]) -> Change:
    """Merge several Changes into one."""
    return _merged([change.__dict__ for change in changes])


def _merged(parts: Sequence[Mapping[str, Iterable[Any]]]) -> Change:
    return made(
        Change,
        **{name: tuple([one for part in parts for one in part.get(name, ())]) for name in Change.model_fields},
    )


def _written(draft: Draft) -> dict[str, Iterable[Any]]:
    """Return the parts of a Change that write this draft."""
    before, after = draft.before, draft.lead
    old_tasks = tasks_of(before, draft.policy) if before else {}
    new_tasks = tasks_of(after, draft.policy)
    old_claims = claims_of(before) if before else frozenset()
    new_claims = claims_of(after)
    write = made(
        LeadWrite,
        id=after.id,
        read_version=before.version if before else 0,
        lead=after,
        match_keys=_new_match_keys(draft),
        features=_new_features(draft),
    )
    return {
        "leads": (write,),
        "facts": draft.facts,
        "activities": draft.activities,
        "states": draft.states,
        "put": (
            *(task for key, task in new_tasks.items() if old_tasks.get(key) != task),
            *draft.ledger,
            *account_tasks(draft.policy, before, after, draft.facts),
        ),
        "cancel": [key for key in old_tasks if key not in new_tasks],
        "claims": [Claim(key=key, lead_id=after.id) for key in sorted(new_claims - old_claims)],
        "release": [Claim(key=key, lead_id=after.id) for key in sorted(old_claims - new_claims)],
    }


def _new_match_keys(draft: Draft) -> frozenset[str] | None:
    """Return new index entries, or None if the details behind them are unchanged."""
    before, after = draft.before, draft.lead
    if after.absorbed_by:
        return frozenset()
    if before is not None and (before.enriched or after.enriched):
        return match_keys_of(draft.fingerprint, after)  # its account, or its words, may be others
    same = before is not None and not before.absorbed_by and _index_beside(before) == _index_beside(after)
    if same and before is not None and draft.fingerprint.is_of(as_said(before)):
        return None
    return match_keys_of(draft.fingerprint, after)


def _index_beside(lead: Lead[Any]) -> frozenset[str]:
    """Return the index entries that change while the details of a lead stay the same."""
    return twin_index(lead) | account_index(lead)


def match_keys_of(fingerprint: Fingerprint, lead: Lead[Any]) -> frozenset[str]:
    """Return all index entries of a lead that is not absorbed."""
    own = account_index(lead) | company_index(lead) | unclaimed_index(lead) | word_index(lead) | twin_index(lead)
    return fingerprint.match_keys | own


def _new_features(draft: Draft) -> str | None:
    """Return new features, or None if they are unchanged; a visitor has none until identified."""
    before, after = draft.before, draft.lead
    if after.absorbed_by or after.stage == "prospect":
        return "" if before is not None else None
    kept = before is not None and before.stage != "prospect" and not before.absorbed_by
    if kept and before is not None and draft.fingerprint.is_of(as_said(before)):
        return None
    return draft.fingerprint.features.as_text()


def delivery(facts: Sequence[Fact]) -> Task:
    """Return the task that delivers the facts of one lead to subscribers."""
    first = facts[0]
    return Task(
        key=f"deliver:{first.lead_id}:{first.version:08}",
        kind="deliver",
        due_at=AT_ONCE,
        lead_id=first.lead_id,
        payload=PlainJson(version=first.version, kinds=sorted({fact.kind for fact in facts})),
    )
