"""Identity: match keys to find candidates, likeness to compare a pair, and contradictions."""

from leadflow.quality.matching.contradictions import contradictions
from leadflow.quality.matching.features import Features, features_of, stored_features
from leadflow.quality.matching.fingerprint import Fingerprint, match_keys
from leadflow.quality.matching.likeness import Likeness, likeness, may_be_one

__all__ = [
    "Features",
    "Fingerprint",
    "Likeness",
    "contradictions",
    "features_of",
    "likeness",
    "match_keys",
    "may_be_one",
    "stored_features",
]
