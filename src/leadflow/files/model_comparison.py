"""Two models compared over the leads of a file: who changes grade and why, and what sales gets to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from leadflow.conditions import Condition
from leadflow.decisions.reads import activities_of
from leadflow.entities import Activity, Lead
from leadflow.errors import DefinitionError
from leadflow.files.config import FlowFile
from leadflow.files.journey import RunPlan, run
from leadflow.files.rules import scoring_of
from leadflow.files.run_summary import RunSummary
from leadflow.files.scores import name_of, only_scored
from leadflow.files.tables import Watch
from leadflow.flow import LeadFlow
from leadflow.flow.drivers import SyncPorts, carried_out
from leadflow.insights import by_route
from leadflow.scoring import Comparison, Scorer, compare
from leadflow.scoring.comparison import RepOf

__all__ = ["ModelComparison", "compare_on_file"]

T = TypeVar("T")


@dataclass(frozen=True)
class ModelComparison:
    """What the other config would change; what became of the rows."""

    comparison: Comparison
    summary: RunSummary


def compare_on_file(plan: RunPlan, other: FlowFile, file: Path, *, watch: Watch) -> ModelComparison:
    """Compare the scoring of the plan's config with that of a second one, over the leads in the plan's files.

    Who goes to sales, and to whom, is what each config says with ``qualification`` and ``routing``; where one says
    nothing, what the other says. ``file`` is named where the other config can't work.
    """
    scoring_of(other, file)
    found: list[Comparison] = []

    def after(flow: LeadFlow) -> None:
        now, lead_type = flow.clock(), flow.policy.lead_type
        before = _Rules.of(plan.config, lead_type, now)
        try:
            new = _Rules.of(other, lead_type, now)
        except DefinitionError as wrong:
            raise DefinitionError(f"{file}: {wrong}") from None
        _check_accounts(before, new)
        found.append(_comparison(flow, before, new, now))

    summary = run(only_scored(plan), watch=watch, after=after)
    return ModelComparison(found[0], summary)


class _Rules(NamedTuple):
    """The model of a config, who goes to sales, and to whom, checked against the class of leads."""

    scorer: Scorer
    gate: Condition | None
    rep: RepOf | None

    @classmethod
    def of(cls, config: FlowFile, lead_type: type[Lead[Any]], now: datetime) -> _Rules:
        policy = config.qualification
        gate = None if policy is None else policy.bind(lead_type).effective.mql
        rep = None if config.routing is None else by_route(config.routing.bind(lead_type), now)
        return cls(scoring_of(config).bind(lead_type), gate, rep)


def _comparison(flow: LeadFlow, old: _Rules, new: _Rules, now: datetime) -> Comparison:
    done: dict[str, Sequence[Activity]] = {}

    def leads() -> Iterator[Lead[Any]]:
        for lead in flow.leads():  # one at a time, each with what it did: a file may be large
            called = name_of(lead)
            done.clear()
            done[called] = carried_out(activities_of(lead), SyncPorts(flow.storage))
            yield lead.but(id=called)

    gates: tuple[Condition, Condition] | None = _both(old.gate, new.gate)
    reps = _both(old.rep, new.rep)
    return compare(old.scorer.model, new.scorer.model, leads(), now, activities=done, qualifies=gates, rep=reps)


def _check_accounts(*rules: _Rules) -> None:
    for one in rules:
        if one.scorer.needs_account:
            raise DefinitionError(
                f"scoring: {one.scorer.model.label} has rules on account.…, which can't be compared over files; "
                "compare in Python: leadflow.scoring.compare(…, accounts=…)"
            )


def _both(old: T | None, new: T | None) -> tuple[T, T] | None:
    """Both values; where one is missing, the other in its place."""
    first, second = old if old is not None else new, new if new is not None else old
    return None if first is None or second is None else (first, second)
