"""Scores of the leads in a file, by a model, without keeping anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

from leadflow.entities import Lead
from leadflow.files.journey import RunPlan, run
from leadflow.files.rules import scoring_of
from leadflow.files.run_summary import RunSummary
from leadflow.files.tables import Watch
from leadflow.flow import LeadFlow
from leadflow.nurturing import Nurturing

__all__ = ["COLUMNS", "Scored", "name_of", "only_scored", "score_file"]

COLUMNS: Final = ("lead", "name", "fit", "engagement", "total", "grade", "because")


class Scored(NamedTuple):
    """A lead with its score and the reasons; ``lead`` is its id in the file, else its e-mail address."""

    lead: str
    name: str
    fit: float
    engagement: float
    total: float
    grade: str
    because: str


def score_file(plan: RunPlan, take: Callable[[Scored], None], *, watch: Watch) -> RunSummary:
    """Score everybody in the file; ``take`` gets each lead, in the order in which they came in."""

    def all_of(flow: LeadFlow) -> None:
        for one in _scores(flow):
            take(one)

    return run(only_scored(plan), watch=watch, after=all_of)


def only_scored(plan: RunPlan) -> RunPlan:
    """The plan without all that comes after scoring; ``DefinitionError`` if there is no scoring in its config."""
    scoring_of(plan.config)
    config = plan.config.but(
        sales_in_leads=None, qualification=None, routing=None, nurturing=Nurturing(), service_levels=()
    )
    return replace(plan, config=config, sales=None, db=None, mailer=None)


def name_of(lead: Lead[Any]) -> str:
    """What a lead is called in its file: its id there, else its e-mail address."""
    return lead.external_ids[0].id if lead.external_ids else lead.email.address or lead.id


def _scores(flow: LeadFlow) -> Iterator[Scored]:
    now = flow.clock()
    for lead in flow.leads():
        score = flow.score(lead.id, now)
        because = "; ".join(f"{one.because} {one.points:+g}" for one in score.contributions)
        name, grade = lead.person.full_name or "", score.grade or "–"
        yield Scored(name_of(lead), name, score.fit, score.engagement, score.total, grade, because)
