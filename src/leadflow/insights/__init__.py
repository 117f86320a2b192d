"""Insights: funnel, velocity, service levels, scores, owners, findings, mails, sources; and a report with all of them.

::

    from leadflow.insights import render_report, summarise

    summary = summarise(flow.storage, flow.policy.lifecycle)
    Path("report.html").write_text(render_report(summary, title="Spring campaign"), encoding="utf-8")

Every insight is also a separate function over ``journeys(storage)``: pairs of a lead and its facts.
"""

from __future__ import annotations

from leadflow.insights.attainment import Attainment, service_levels
from leadflow.insights.data_quality_counts import QualityCounts, data_quality
from leadflow.insights.deals import Deals, Selling, selling
from leadflow.insights.durations import StageTime, velocity
from leadflow.insights.expected_load import by_route
from leadflow.insights.finding_counts import Defect, findings
from leadflow.insights.journeys import Journey, Spread, journeys
from leadflow.insights.lead_sources import Source, sources
from leadflow.insights.mail_outcomes import ContentMails, Mails, mails
from leadflow.insights.ownership import Owner, Owners, owners
from leadflow.insights.past_leads import as_it_happened, history_of
from leadflow.insights.report import backtest_page, comparison_page, render_report, replay_page
from leadflow.insights.score_distribution import Scores, StageScores, scores
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
    "QualityCounts",
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
    "data_quality",
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
