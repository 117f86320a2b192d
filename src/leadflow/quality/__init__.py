"""Data quality: checks that normalise input, match keys, and the likeness of two leads."""

from leadflow.quality.details import FIELDS, Details, check
from leadflow.quality.email import check_email, email_key, is_own_domain
from leadflow.quality.gazetteer import MAJOR_CITIES, Gazetteer, GeoNames
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
from leadflow.quality.results import Checked

__all__ = [
    "FIELDS",
    "MAJOR_CITIES",
    "Checked",
    "Details",
    "Features",
    "Fingerprint",
    "Gazetteer",
    "GeoNames",
    "Likeness",
    "check",
    "check_email",
    "check_phone",
    "contradictions",
    "email_key",
    "features_of",
    "is_own_domain",
    "likeness",
    "match_keys",
    "may_be_one",
    "stored_features",
]
