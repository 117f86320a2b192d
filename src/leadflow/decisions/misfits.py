"""Misfits: what is stored and does not fit the definitions, each with a remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from leadflow.decisions.policy import Policy
from leadflow.decisions.rescore import is_stale
from leadflow.entities import Lead, LeadId, Task
from leadflow.entities.domains import registrable_domain
from leadflow.entities.stored_form import kept_aside

__all__ = ["Misfit", "MisfitCounts", "MisfitKind"]

MisfitKind: TypeAlias = Literal[
    "unreadable", "kept_aside", "stage", "rep", "sequence", "step", "score", "account", "placement", "task", "dead_task"
]
EXAMPLES: Final = 5
REMEDIES: Final[dict[MisfitKind, str]] = {
    "unreadable": "put back the definitions that they were written with, correct or erase them; flow.unreadable() says "
    "why, of each; what a newer leadflow wrote is read by that one",
    "kept_aside": "name its former name in renamed=…, add the field, or run flow.migrate_custom(retype=…, drop=…)",
    "stage": "say which stage took its place: Lifecycle(…, renamed={'GONE': 'PRESENT'})",
    "rep": "add the rep to the roster, active=False if gone, or hand the leads on with flow.reassign",
    "sequence": "put the sequence back, or end what waits for it with flow.retire('nurture:NAME')",
    "step": "give the sequence its steps back, or a new name: leads behind its end get nothing more of it",
    "score": "compute it anew with flow.rescore()",
    "account": "an older leadflow, or another list of shared endings, computed another account for them; store them "
    "under their present one with flow.refresh_features()",
    "placement": "by a newer list of shared endings this is no company's own domain, and no new lead comes there; put "
    "them where they belong with flow.set_account",
    "task": "nobody has done them for a day: let a process tick that has what they need (flow.on for notify, a mailer "
    "for nurture), or end them with flow.retire(KIND)",
    "dead_task": "mend the cause that flow.tasks('dead') names, then flow.retry or flow.dismiss",
}


class Misfit(NamedTuple):
    """Something stored that does not fit the definitions: ``what`` and how often, with some ids and what to do.

    ``examples`` are ids of leads, or keys of tasks.
    """

    kind: MisfitKind
    what: str
    number: int
    examples: tuple[str, ...]
    remedy: str

    def __str__(self) -> str:
        return f"{self.kind} {self.what}: {self.number:,} ({', '.join(self.examples)}); {self.remedy}"


class MisfitCounts:
    """What was found so far, counted by kind and name."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._found: dict[tuple[MisfitKind, str], tuple[int, tuple[str, ...]]] = {}

    def add(self, kind: MisfitKind, what: str, example: str) -> None:
        """Count one."""
        count, examples = self._found.get((kind, what), (0, ()))
        self._found[kind, what] = count + 1, (*examples, example)[:EXAMPLES]

    def add_unreadable(self, lead_ids: Iterable[LeadId]) -> None:
        """Count leads that can't be read."""
        for lead_id in lead_ids:
            self.add("unreadable", "leads", lead_id)

    def add_misfits_of(self, lead: Lead[Any]) -> None:
        """Count everything of a lead that does not fit."""
        for kind, what in sorted(set(_misfits(self._policy, lead))):
            self.add(kind, what, lead.id)

    def add_misplaced(self, lead_ids: Iterable[LeadId]) -> None:
        """Count leads that are not stored under their account."""
        for lead_id in lead_ids:
            self.add("account", "leads", lead_id)

    def add_left(self, tasks: Iterable[Task]) -> None:
        """Count tasks that nobody does."""
        for task in tasks:
            self.add("task", task.kind, task.key)

    def add_dead(self, tasks: Iterable[Task]) -> None:
        """Count tasks that failed for good."""
        for task in tasks:
            self.add("dead_task", task.kind, task.key)

    def listed(self) -> tuple[Misfit, ...]:
        """Return all that was found, by kind in a fixed order, then by name."""
        order = [*REMEDIES]
        found = sorted(self._found.items(), key=lambda one: (order.index(one[0][0]), one[0][1]))
        return tuple(Misfit(kind, what, count, examples, REMEDIES[kind]) for (kind, what), (count, examples) in found)


def _misfits(policy: Policy, lead: Lead[Any]) -> Iterator[tuple[MisfitKind, str]]:
    for path in kept_aside(lead):
        yield "kept_aside", path
    if lead.stage not in {stage.name for stage in policy.lifecycle.stages}:
        yield "stage", lead.stage
    if policy.roster and lead.owner is not None and lead.owner not in policy.roster:
        yield "rep", lead.owner
    for enrolment in lead.enrolments:
        if enrolment.due_at is None:
            continue
        sequence = policy.sequences.get(enrolment.sequence)
        if sequence is None:
            yield "sequence", enrolment.sequence
        elif enrolment.step >= len(sequence.steps):
            yield "step", f"{enrolment.sequence}, step {enrolment.step + 1}"
    chosen = lead.placement.chosen if lead.placement is not None else None
    if chosen is not None and "|" not in chosen and registrable_domain(chosen) != chosen:
        yield "placement", chosen
    if is_stale(policy, lead):
        yield "score", lead.score.model or "none"
