"""A model replayed over a file: past leads, with a column that says what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from leadflow.decisions.reads import activities_of
from leadflow.entities import LeadId
from leadflow.errors import InvalidInput
from leadflow.files.chunks import run_rows
from leadflow.files.columns import known_column
from leadflow.files.destination import Transaction, opened
from leadflow.files.journey import RunPlan, activities_in, leads_in
from leadflow.files.row_actions import LeadAction, outcome_of
from leadflow.files.rules import rules_of
from leadflow.files.run_summary import RowOutcome, RunSummary, Tally
from leadflow.files.scores import only_scored
from leadflow.files.tables import FileTable, Row, Watch, watched
from leadflow.files.training_data import PastOutcome, outcome_meanings
from leadflow.flow import LeadFlow
from leadflow.flow.drivers import SyncPorts, carried_out
from leadflow.insights import as_it_happened
from leadflow.ports import Storage
from leadflow.scoring import Backtest, PastLead, backtest

__all__ = ["FileBacktest", "PastFile", "backtest_file"]


@dataclass(frozen=True)
class PastFile:
    """A file of leads with a column for what became of them, perhaps one for when they came.

    Each is scored ``after`` so long. Of what it did only that counts that had happened by then.
    """

    plan: RunPlan
    outcome: str
    won: Collection[str] = ()
    lost: Collection[str] = ()
    time: str | None = None
    after: timedelta = timedelta(0)


@dataclass(frozen=True)
class FileBacktest:
    """How good the model was; what each outcome was taken for; what became of the rows."""

    model: str
    backtest: Backtest
    meanings: Mapping[str, PastOutcome]
    summary: RunSummary


def backtest_file(past: PastFile, *, watch: Watch) -> FileBacktest:
    """Replay the model of the config over the file; every row with an outcome is a lead of the past."""
    plan = only_scored(replace(past.plan, now=past.plan.clock()))
    plan = replace(plan, columns={**plan.columns, **({past.time: "at"} if past.time else {})})
    read, meaning = leads_in(plan)
    known_column(past.outcome, read.columns, "--outcome")
    meanings = _outcomes_in(read, past)
    meaning = replace(meaning, ignored=meaning.ignored | {past.outcome})
    leads = _PastLeadAction(LeadAction(meaning, plan.clock), past.outcome, meanings)
    done = None if plan.activities is None else activities_in(plan.activities, plan.config)
    summary, rules = RunSummary("nowhere"), rules_of(plan.config)

    def build(storage: Storage) -> LeadFlow:
        return LeadFlow(storage, **rules, clock=plan.clock)

    with opened(None, build) as store:
        rows = watched("leads", read, watch, plan.limit)
        summary.tallies["leads"] = run_rows(store, rows, leads, Tally(read.path.name))
        if done is not None:
            acts = watched("activities", done[0], watch)
            summary.tallies["activities"] = run_rows(store, acts, done[1], Tally(done[0].path.name))
        scorer = store.flow.policy.scoring
        assert scorer is not None
        model = scorer.model
        return FileBacktest(model.label, backtest(model, leads.history(store.flow, past.after)), meanings, summary)


def _outcomes_in(read: FileTable, past: PastFile) -> Mapping[str, PastOutcome]:
    counts = Counter(row.cells[past.outcome].strip() for row in read.rows() if row.broken is None)
    del counts[""]
    if not counts:
        raise InvalidInput("file", str(read.path), f"no row has a value in the column {past.outcome!r}")
    return outcome_meanings(counts, past.won, past.lost, past.outcome)


@dataclass
class _PastLeadAction:
    """Captures rows, and takes note of who they were, when they came, and what became of them."""

    action: LeadAction
    outcome: str
    meanings: Mapping[str, PastOutcome]
    noted: dict[int, tuple[LeadId, datetime, bool]] = field(default_factory=dict)

    def __call__(self, unit: Transaction, row: Row) -> RowOutcome:
        if broken := row.broken:
            raise InvalidInput("submission", row.line, broken)
        now = self.action.clock()
        lead = self.action.meaning.lead_in(row, now)
        if undated := next((one for one in lead.findings if one.field == "at"), None):  # it is judged by when it came
            raise InvalidInput("at", undated.value, undated.message)
        captured = unit.flow.run(lead.capture)
        became = self.meanings.get(row.cells[self.outcome].strip(), "open")
        if became != "open":
            self.noted[row.line] = captured.lead_id, lead.capture.at or now, became == "won"
        return outcome_of(lead, captured)

    def history(self, flow: LeadFlow, after: timedelta) -> Iterator[PastLead]:
        """Each as it was at its moment; a file says when things happened, and they count as recorded then."""
        for lead_id, came, won in self.noted.values():
            facts = as_it_happened(flow.storage.facts(lead_id))
            kind, facts_of = flow.policy.lead_type, flow.storage.facts
            past = PastLead.of_facts(facts, at=came + after, won=won, lead_type=kind, facts_of=facts_of)
            done = carried_out(activities_of(past.lead), SyncPorts(flow.storage))
            yield replace(past, activities=[one.but(recorded_at=one.happened_at) for one in done])
