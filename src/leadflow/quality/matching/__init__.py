"""Identity: match keys to find candidates, likeness to compare a pair by a match model, and contradictions."""

from leadflow.quality.matching.contradictions import contradictions
from leadflow.quality.matching.default_model import MATCH_MODEL
from leadflow.quality.matching.estimation import Estimate, estimate
from leadflow.quality.matching.features import Features, features_of, stored_features
from leadflow.quality.matching.fingerprint import Fingerprint, match_keys
from leadflow.quality.matching.labels import LabelledPair, LabelSession, labelled_model
from leadflow.quality.matching.likeness import Likeness, Matcher, likeness, may_be_one
from leadflow.quality.matching.match_index import IndexMatch, MatchIndex
from leadflow.quality.matching.model import CandidateBlock, EvidenceLevel, FieldComparison, MatchModel, SubjectModel
from leadflow.quality.matching.records import record_features
from leadflow.quality.matching.waterfall import waterfall_svg, waterfall_text

__all__ = [
    "MATCH_MODEL",
    "CandidateBlock",
    "Estimate",
    "EvidenceLevel",
    "Features",
    "FieldComparison",
    "Fingerprint",
    "IndexMatch",
    "LabelSession",
    "LabelledPair",
    "Likeness",
    "MatchIndex",
    "MatchModel",
    "Matcher",
    "SubjectModel",
    "contradictions",
    "estimate",
    "features_of",
    "labelled_model",
    "likeness",
    "match_keys",
    "may_be_one",
    "record_features",
    "stored_features",
    "waterfall_svg",
    "waterfall_text",
]
