"""Scoring: rules, decay, models, grades, explanations."""

from leadflow.scoring.ageing import Side
from leadflow.scoring.counting import Band, FrequencyRule, InactivityRule, inactive, often
from leadflow.scoring.decay import Decay, HalfLife, Linear, Window, half_life, linear, no_decay, window
from leadflow.scoring.explaining import explain
from leadflow.scoring.functions import ActivityFunctionRule, activity_rule
from leadflow.scoring.grades import Grades
from leadflow.scoring.limits import Limit
from leadflow.scoring.linting import Flaw
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.outlook import Outlook, Way
from leadflow.scoring.rules import EngagementRule, FitRule, FunctionRule, on, points, rule
from leadflow.scoring.state import EngagementState
from leadflow.scoring.steps import Step
from leadflow.scoring.vetoes import Veto, veto
from leadflow.scoring.weights import Case, WeightRule, weighted

__all__ = [
    "ActivityFunctionRule",
    "Band",
    "Case",
    "Decay",
    "EngagementRule",
    "EngagementState",
    "FitRule",
    "Flaw",
    "FrequencyRule",
    "FunctionRule",
    "Grades",
    "HalfLife",
    "InactivityRule",
    "Limit",
    "Linear",
    "Outlook",
    "ScoringModel",
    "Side",
    "Step",
    "Veto",
    "Way",
    "WeightRule",
    "Window",
    "activity_rule",
    "explain",
    "half_life",
    "inactive",
    "linear",
    "no_decay",
    "often",
    "on",
    "points",
    "rule",
    "veto",
    "weighted",
    "window",
]
