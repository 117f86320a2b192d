"""Data quality: checks that normalise what was typed in, match keys, and how alike two leads are."""

from leadflow.quality.checked import Checked
from leadflow.quality.checking import FIELDS, Details, check
from leadflow.quality.email import check_email, email_key
from leadflow.quality.matching import (
    Features,
    Fingerprint,
    Likeness,
    contradictions,
    features_of,
    likeness,
    match_keys,
    may_be_one,
    stored_features,
)
from leadflow.quality.phone import check_phone

__all__ = [
    "FIELDS",
    "Checked",
    "Details",
    "Features",
    "Fingerprint",
    "Likeness",
    "check",
    "check_email",
    "check_phone",
    "contradictions",
    "email_key",
    "features_of",
    "likeness",
    "match_keys",
    "may_be_one",
    "stored_features",
]
