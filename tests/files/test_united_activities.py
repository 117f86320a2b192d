"""Backtests and comparisons over files count what merged leads did."""

from __future__ import annotations

from datetime import timedelta

from leadflow import LeadFlow, ScoringModel
from leadflow.adapters.memory import MemoryStorage
from leadflow.entities import Lead
from leadflow.files.config import FlowFile
from leadflow.files.file_backtest import _PastLeadAction
from leadflow.files.model_comparison import _comparison, _Rules
from leadflow.scoring import on
from leadflow.testing import ClockAt


def test_what_the_absorbed_lead_did_counts_in_a_backtest_and_a_comparison() -> None:
    flow = LeadFlow(MemoryStorage(), clock=ClockAt())
    ada, eva = (flow.capture({"email": f"{one}@a.example"}, source="web").lead_id for one in ("ada", "eva"))
    for number in range(2):
        flow.record(eva, "demo", id=f"{number}")
    came = flow.clock()
    flow.merge(ada, eva, by="anna")
    action = _PastLeadAction(None, "", {}, noted={1: (ada, came, True)})
    (past,) = action.history(flow, timedelta(days=1))
    assert [one.id for one in past.known] == ["0", "1"] and past.lead.merged == (eva,)

    def rules(points: int) -> _Rules:
        config = FlowFile(scoring=ScoringModel(name="m", fit=[], engagement=[on("demo", points)]))
        return _Rules.of(config, Lead, came)

    (changed,) = _comparison(flow, rules(1), rules(40), came).regraded
    assert (changed.lead, changed.before.engagement, changed.after.engagement) == ("ada@a.example", 2, 80)
