"""Who is the same person: match keys to find candidates, and likeness to judge a pair."""

from leadflow.quality.matching.keys import match_keys
from leadflow.quality.matching.likeness import Likeness, likeness

__all__ = ["Likeness", "likeness", "match_keys"]
