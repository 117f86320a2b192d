"""How it goes: funnel, velocity, service levels, scores, owners, findings, mails, sources; and a report of it all.

::

    from leadflow.insights import render_report, summarise

    summary = summarise(flow.storage, flow.policy.lifecycle)
    Path("report.html").write_text(render_report(summary, title="Spring campaign"), encoding="utf-8")

Every insight is also a function of its own over ``journeys(storage)``: pairs of a lead and its facts.
"""

from __future__ import annotations

from leadflow.insights.attainment import Attainment, service_levels
from leadflow.insights.deals import Deals, Selling, selling
from leadflow.insights.defects import Defect, findings
from leadflow.insights.durations import StageTime, velocity
from leadflow.insights.grading import Scores, StageScores, scores
from leadflow.insights.journeys import Journey, Spread, journeys
from leadflow.insights.loads import by_route
from leadflow.insights.mailing import ContentMails, Mails, mails
from leadflow.insights.origins import Source, sources
from leadflow.insights.past import as_it_happened, history_of
from leadflow.insights.report import backtest_page, comparison_page, render_report, replay_page
from leadflow.insights.sharing import Owner, Owners, owners
from leadflow.insights.stages import Funnel, FunnelStep, funnel
from leadflow.insights.summary import Summary, summarise, summarise_journeys

__all__ = [
    "Attainment",
    "ContentMails",
    "Deals",
    "Defect",
    "Funnel",
    "FunnelStep",
    "Journey",
    "Mails",
    "Owner",
    "Owners",
    "Scores",
    "Selling",
    "Source",
    "Spread",
    "StageScores",
    "StageTime",
    "Summary",
    "as_it_happened",
    "backtest_page",
    "by_route",
    "comparison_page",
    "findings",
    "funnel",
    "history_of",
    "journeys",
    "mails",
    "owners",
    "render_report",
    "replay_page",
    "scores",
    "selling",
    "service_levels",
    "sources",
    "summarise",
    "summarise_journeys",
    "velocity",
]
