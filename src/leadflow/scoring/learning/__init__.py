"""Learning from won and lost leads: columns that give the outcome away, rules with whole points, honest chances.

::

    model = learn(leads, outcomes, times=times)           # a LearnedModel; needs the extra `learn`
    model.scoring                                         # a ScoringModel that a person can read and edit
    model.predict(lead, now).chance                       # with sample size and interval, or None where data is thin
    model.left_out                                        # columns that give the outcome away, with the reason
"""

from leadflow.scoring.learning.leakage import Leak, find_leaks
from leadflow.scoring.learning.learned_model import ChanceBand, LearnedModel, LeftOut, Prediction, Predictor
from leadflow.scoring.learning.learning import Examined, examine, learn

__all__ = [
    "ChanceBand",
    "Examined",
    "Leak",
    "LearnedModel",
    "LeftOut",
    "Prediction",
    "Predictor",
    "examine",
    "find_leaks",
    "learn",
]
