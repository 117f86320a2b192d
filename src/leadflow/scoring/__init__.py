"""Scoring: rules, decay, models, grades, explanations."""

from leadflow.scoring.ageing import Side
from leadflow.scoring.decay import Decay, HalfLife, Linear, Window, half_life, linear, no_decay, window
from leadflow.scoring.explaining import explain
from leadflow.scoring.grades import Grades
from leadflow.scoring.limits import Limit
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.rules import EngagementRule, FitRule, FunctionRule, on, points, rule

__all__ = [
    "Decay",
    "EngagementRule",
    "FitRule",
    "FunctionRule",
    "Grades",
    "HalfLife",
    "Limit",
    "Linear",
    "ScoringModel",
    "Side",
    "Window",
    "explain",
    "half_life",
    "linear",
    "no_decay",
    "on",
    "points",
    "rule",
    "window",
]
