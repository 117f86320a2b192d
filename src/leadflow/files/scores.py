"""Scores of the leads in a file, by a model, without keeping anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from leadflow.errors import DefinitionError
from leadflow.files.journey import Plan, Watch, run
from leadflow.files.rule_sections import NurturingFile
from leadflow.files.summing import Summary
from leadflow.flow import LeadFlow

__all__ = ["COLUMNS", "Scored", "scored"]

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


def scored(plan: Plan, take: Callable[[Scored], None], *, watch: Watch) -> Summary:
    """Score everybody in the file; ``take`` gets each lead, in the order in which they came in."""
    if plan.config.scoring is None:
        raise DefinitionError("there is no scoring in the config; add one, such as scoring: {name: …, fit: […]}")
    only = plan.config.but(
        sales_in_leads=None, qualification=None, routing=None, nurturing=NurturingFile(), service_levels=()
    )

    def all_of(flow: LeadFlow) -> None:
        for one in _scores(flow):
            take(one)

    return run(replace(plan, config=only, sales=None, db=None, mailer=None), watch=watch, after=all_of)


def _scores(flow: LeadFlow) -> Iterator[Scored]:
    now = flow.clock()
    for lead in flow.leads():
        score = flow.score(lead.id, now)
        called = lead.external_ids[0].id if lead.external_ids else lead.email.address or lead.id
        because = "; ".join(f"{one.because} {one.points:+g}" for one in score.contributions)
        name, grade = lead.person.full_name or "", score.grade or "–"
        yield Scored(called, name, score.fit, score.engagement, score.total, grade, because)
