"""The demo's books: every number counted in two ways, and what the matching found against the truth."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

from leadflow import ConsentChanged, LeadCaptured, LeadFlow, StageChanged
from leadflow.events import ActivityRecorded, MessageFailed, MessageSent, replay
from leadflow.files.run_summary import Tally
from leadflow.insights import Summary
from leadflow.nurturing import message_id_header
from sales import Reps
from sink import Sink

__all__ = ["Accounts", "Found", "checked"]

MAIL_DOMAIN: Final = "rotor-kessel.example"
Pair = frozenset[str]


@dataclass(frozen=True)
class Found:
    """Pairs of rows that are one person: how many there are, how many were found, and how many of these are right."""

    true: int
    said: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0


@dataclass(frozen=True)
class Accounts:
    """What the demo came to. ``joined``: rows taken for one lead; ``suspected``: with the pairs left to a person."""

    summary: Summary
    tallies: Mapping[str, Tally]
    joined: Found
    suspected: Found
    received: int
    refused_mails: int
    deferred_mails: int
    unsubscribed: int
    heard: int
    moves_by_reps: Mapping[str, int]
    tasks_done: int
    best: str


def checked(
    flow: LeadFlow,
    summary: Summary,
    tallies: Mapping[str, Tally],
    sink: Sink,
    heard: Sequence[StageChanged],
    reps: Reps,
    truth: Path,
    tasks_done: int,
) -> Accounts:
    """Count everything once more, from the facts, and compare."""
    sent, failed, unsubscribed, activities = set[str](), 0, 0, 0
    moves = Counter[tuple[str, int, int]]()
    rows: dict[str, str] = {}
    twins: set[Pair] = set()
    eventful: list[tuple[int, str]] = []
    for lead in flow.leads():
        facts = list(flow.history(lead.id))
        assert replay(flow.storage.facts(lead.id), flow.policy.lead_type) == lead, f"{lead.id}: not what its facts say"
        for fact in facts:
            match fact:
                case MessageSent():
                    sent.add(message_id_header(fact.message, MAIL_DOMAIN))
                case MessageFailed():
                    failed += 1
                case ActivityRecorded():
                    activities += 1
                case StageChanged():
                    moves[fact.lead_id, fact.version, fact.seq] += 1
                case ConsentChanged():
                    unsubscribed += fact.consent.status == "withdrawn"
                case LeadCaptured() if fact.submission_id is not None:
                    rows[fact.submission_id] = lead.id
                case _:
                    continue
        twins.update(frozenset((lead.id, twin.lead_id)) for twin in lead.twins)
        if lead.stage in ("customer", "promoter"):
            eventful.append((len(facts), lead.id))
    _rows_add_up(summary, tallies, activities)
    _mails_add_up(summary, sink, sent, failed)
    _shares_add_up(summary)
    assert Counter((one.lead_id, one.version, one.seq) for one in heard) == moves, "a stage change was not heard once"
    person = _truth(truth)
    joined, suspected = _found(person, rows, twins)
    return Accounts(
        summary, tallies, joined, suspected, len(sink.mails), sink.refused, sink.deferred, unsubscribed,
        len(heard), reps.made, tasks_done, max(eventful, default=(0, next(flow.leads()).id))[1],
    )  # fmt: skip


def _rows_add_up(summary: Summary, tallies: Mapping[str, Tally], activities: int) -> None:
    for tally in tallies.values():
        assert tally.adds_up, f"{tally.file}: {tally.rows} rows, but {tally.outcomes}"
    taken = sum(tallies[name].outcomes[word] for name in ("fair", "web") for word in ("captured", "updated", "unsure"))
    assert summary.submissions == taken, f"{summary.submissions} submissions, but {taken} rows were taken in"
    recorded = tallies["activities"].outcomes["recorded"]
    assert activities == recorded, f"{activities} activities, but {recorded} rows were recorded"
    assert (
        summary.leads
        == sum(summary.stages.values())
        == sum(step.here for step in summary.funnel.steps) + sum((summary.funnel.aside or {}).values())
    )
    for level in summary.service_levels:
        assert level.begun == level.met + level.late + level.overdue + level.running, level


def _mails_add_up(summary: Summary, sink: Sink, sent: set[str], failed: int) -> None:
    received = Counter(str(mail["Message-ID"]) for mail in sink.mails)
    assert all(times == 1 for times in received.values()), "a mail came twice"
    assert received.keys() == sent, "what the mail server got is not what the facts call sent"
    assert summary.mails.total("sent") == len(sent) and summary.mails.total("failed") == failed == sink.refused


def _shares_add_up(summary: Summary) -> None:
    reps = summary.owners.reps
    assert all(rep.received == (rep.assigned or 0) for rep in reps), "the ledgers and the facts disagree"
    assert sum(rep.entitled or 0 for rep in reps) == sum(rep.assigned or 0 for rep in reps), "shares don't add up"
    for rep in reps:
        assert rep.entitled is not None and rep.assigned is not None, f"{rep.rep}: no ledger"
        assert abs(rep.entitled - rep.assigned) <= len(reps) - 1, f"{rep.rep}: further off than proven"


# ---------------------------------------------------------------------------------------------------- duplicates
def _truth(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["row"]: row["person"] for row in csv.DictReader(file)}


def _found(person: Mapping[str, str], lead_of: Mapping[str, str], twins: set[Pair]) -> tuple[Found, Found]:
    """Compare pairs of rows: those of one lead, and those of leads that are probably twins, with the truth."""
    true, joined = _same(lead_of, person), _same(lead_of, lead_of)
    rows = defaultdict(list)
    for row, lead in lead_of.items():
        rows[lead].append(row)
    suspected = joined | {
        frozenset((one, other)) for pair in twins for one in rows[min(pair)] for other in rows[max(pair)]
    }
    return Found(len(true), len(joined), len(joined & true)), Found(len(true), len(suspected), len(suspected & true))


def _same(rows: Iterable[str], of: Mapping[str, str]) -> set[Pair]:
    groups = defaultdict(list)
    for row in rows:
        groups[of[row]].append(row)
    return {frozenset(pair) for group in groups.values() for pair in combinations(group, 2)}
