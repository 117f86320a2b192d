"""Scoring: rules and models as values, the engine that scores by them, and what judges them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from leadflow.scoring.counting_rules import FrequencyBand, FrequencyRule, InactivityRule, inactive, often
from leadflow.scoring.crossings import Side
from leadflow.scoring.decay import Decay, HalfLife, Linear, Window, half_life, linear, no_decay, window
from leadflow.scoring.engagement_rules import ActivityFunctionRule, EngagementRule, Limit, activity_rule, on
from leadflow.scoring.engagement_state import EngagementState
from leadflow.scoring.explanation import explain, points_text
from leadflow.scoring.grades import Grades
from leadflow.scoring.model import Scorer, ScoringModel
from leadflow.scoring.rules import Case, FitRule, FunctionRule, Veto, WeightRule, points, rule, veto, weighted
from leadflow.scoring.suggestions import Suggestion
from leadflow.scoring.what_if import Outlook, Recommendation

if TYPE_CHECKING:
    from leadflow.scoring.backtests import PastLead, backtest
    from leadflow.scoring.comparison import Comparison, compare
    from leadflow.scoring.evaluation import Backtest, measure
    from leadflow.scoring.learning import LearnedModel, examine, find_leaks, learn
    from leadflow.scoring.linting import Flaw, lint
    from leadflow.scoring.naive_bayes import Frequency

__all__ = [
    "ActivityFunctionRule",
    "Backtest",
    "Case",
    "Comparison",
    "Decay",
    "EngagementRule",
    "EngagementState",
    "FitRule",
    "Flaw",
    "Frequency",
    "FrequencyBand",
    "FrequencyRule",
    "FunctionRule",
    "Grades",
    "HalfLife",
    "InactivityRule",
    "LearnedModel",
    "Limit",
    "Linear",
    "Outlook",
    "PastLead",
    "Recommendation",
    "Scorer",
    "ScoringModel",
    "Side",
    "Suggestion",
    "Veto",
    "WeightRule",
    "Window",
    "activity_rule",
    "backtest",
    "compare",
    "examine",
    "explain",
    "find_leaks",
    "half_life",
    "inactive",
    "learn",
    "linear",
    "lint",
    "measure",
    "no_decay",
    "often",
    "on",
    "points",
    "points_text",
    "rule",
    "veto",
    "weighted",
    "window",
]

_ELSEWHERE = {
    "backtests": ("PastLead", "backtest"),
    "comparison": ("Comparison", "compare"),
    "evaluation": ("Backtest", "measure"),
    "learning": ("LearnedModel", "examine", "find_leaks", "learn"),
    "linting": ("Flaw", "lint"),
    "naive_bayes": ("Frequency",),
}
"""What is imported when it is first asked for: who only scores does without."""
_MODULE_OF = {name: module for module, names in _ELSEWHERE.items() for name in names}


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
