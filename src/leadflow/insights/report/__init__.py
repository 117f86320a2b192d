"""Reports: self-contained HTML files with charts and tables, which load nothing."""

from __future__ import annotations

from leadflow.insights.report.model_pages import backtest_page, comparison_page, replay_page
from leadflow.insights.report.summary_page import render_report

__all__ = ["backtest_page", "comparison_page", "render_report", "replay_page"]
