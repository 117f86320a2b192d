"""The report: one HTML file with pictures and tables, that loads nothing and needs nothing."""

from __future__ import annotations

from leadflow.insights.report.page import render_report

__all__ = ["render_report"]
