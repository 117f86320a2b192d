"""Who is the same person: match keys to find candidates, likeness to judge a pair, and what contradicts it."""

from leadflow.quality.matching.contradictions import contradictions
from leadflow.quality.matching.features import Features, features_of, stored_features
from leadflow.quality.matching.fingerprint import Fingerprint
from leadflow.quality.matching.keys import match_keys
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
