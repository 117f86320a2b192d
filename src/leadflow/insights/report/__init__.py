"""Reports: each one HTML file with pictures and tables, that loads nothing and needs nothing."""

from __future__ import annotations

from leadflow.insights.report.page import render_report
from leadflow.insights.report.replay import backtest_page, comparison_page, replay_page

__all__ = ["backtest_page", "comparison_page", "render_report", "replay_page"]
