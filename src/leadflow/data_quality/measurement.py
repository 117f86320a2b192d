"""Measuring the quality of a lead's data at a moment: nothing of it is stored, for it ages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from math import fsum
from typing import Any, Final

from leadflow.data_quality.definition import DataQuality, FieldNeed, Freshness, Purpose
from leadflow.data_quality.lead_quality import Age, LeadQuality, Missing, QualityPart
from leadflow.entities.base import unchecked, utc
from leadflow.entities.confirmation import GROUPS, FieldGroup
from leadflow.entities.finding import Finding
from leadflow.entities.lead import Lead

__all__ = [
    "quality_changes",
    "quality_of",
    "quality_rules",
    "with_data_quality",
]

DEFAULT: Final = DataQuality()
SHARE_OF_AGE: Final = {"fresh": 1.0, "ageing": 0.5, "outdated": 0.0}
_QUALITY, _PART, _MISSING = ({*kind.model_fields} for kind in (LeadQuality, QualityPart, Missing))
_NO_REASON: Final = {name: field.default for name, field in QualityPart.model_fields.items() if not field.is_required()}
TICK: Final = timedelta(microseconds=1)
GROUP_OF: Final[Mapping[str, FieldGroup]] = {
    "email": "email", "email2": "email", "email3": "email", "emails": "email",
    "phone": "phone", "phone2": "phone", "phone3": "phone", "mobile": "phone", "phones": "phone",
    "address": "address", "company": "company", "person": "person",
}  # fmt: skip
"""The group of fields that a finding is about, by the first name of its field."""
WHOLE_ROW: Final = "row"
"""The field of a finding about a whole row of a file, not about one of its values."""


def with_data_quality(lead_type: type[Lead[Any]], definition: DataQuality) -> type[Lead[Any]]:
    """Return the class of leads whose quality is measured by this definition."""
    return lead_type if definition == quality_rules(lead_type) else _with_data_quality(lead_type, definition)


@lru_cache(maxsize=64)
def _with_data_quality(lead_type: type[Lead[Any]], definition: DataQuality) -> type[Lead[Any]]:
    names = {"__module__": lead_type.__module__, "__doc__": lead_type.__doc__}
    meta: Any = type(lead_type)
    kind: type[Lead[Any]] = meta(lead_type.__name__, (lead_type,), names)
    kind.__data_quality__ = definition
    return kind


def quality_rules(lead_type: type[Any]) -> DataQuality:
    """Return the definition by which leads of this class are measured."""
    rules = getattr(lead_type, "__data_quality__", None)
    return rules if isinstance(rules, DataQuality) else DEFAULT


def quality_of(lead: Lead[Any], at: datetime, rules: DataQuality | None = None) -> LeadQuality:
    """Measure the quality of a lead's data at a moment, by the definition of its class unless another is given."""
    rules, at = rules or quality_rules(type(lead)), utc(at)
    most, known = rules.most, _KnownFields(lead)
    missing = {one.name: tuple(_missing(known, one)) for one in rules.purposes}
    completeness = {one.name: _percentage(one, missing[one.name]) for one in rules.purposes}
    opened = (one for one in lead.findings if one.severity != "note" and _is_open(lead, known, one))
    counted = [*dict.fromkeys((one.severity, one.code, one.field) for one in opened)]
    taken = fsum(rules.per_error if severity == "error" else rules.per_warning for severity, _, _ in counted)
    validity = max(0.0, 100.0 - taken) if any(_has(lead, group) for group in GROUPS) else 0.0
    ages = {one.group: _age(lead, one, at) for one in rules.freshness}
    parts = (
        *(
            _part(f"completeness.{name}", percentage / 100, most, missing=missing[name])
            for name, percentage in completeness.items()
        ),
        _part("validity", validity / 100, most, findings=tuple(code for _, code, _ in counted)),
        *(_freshness(lead, one, ages[one.group], most) for one in rules.freshness),
    )
    values = {
        "at": at,
        "score": round(fsum(one.points for one in parts), 2),
        "validity": validity,
        "completeness": completeness,
        "complete": {name: not lacking for name, lacking in missing.items()},
        "outdated": {group: age == "outdated" for group, age in ages.items() if age is not None},
        "parts": parts,
    }
    return unchecked(LeadQuality, values, _QUALITY)


def quality_changes(lead: Lead[Any]) -> Iterator[datetime]:
    """Return the moments at which the quality of a lead that stays as it is changes by ageing alone."""
    for one in quality_rules(type(lead)).freshness:
        if _has(lead, one.group):
            confirmed = _confirmed_at(lead, one)
            yield from (moment + TICK for share in (1, 2) if (moment := _later(confirmed, one.lasts * share / 2)))


def _part(name: str, share: float, most: Mapping[str, float], **why: Any) -> QualityPart:
    whole = most[name]
    return unchecked(
        QualityPart, _NO_REASON | {"part": name, "points": round(whole * share, 2), "most": whole} | why, _PART
    )


# --------------------------------------------------------------------------------------------------------- completeness
class _KnownFields(dict[str, bool]):
    """Whether the lead has a value at a path; each is looked up once."""

    def __init__(self, lead: Lead[Any]) -> None:
        self._lead = lead

    def __missing__(self, path: str) -> bool:
        self[path] = found = _is_known(self._lead, path)
        return found


def _missing(known: _KnownFields, purpose: Purpose) -> Iterator[Missing]:
    for need in sorted(purpose.needs, key=lambda need: -need.worth):
        if fields := _lacking(known, need):
            yield unchecked(Missing, {"fields": fields, "worth": need.worth}, _MISSING)


def _lacking(known: _KnownFields, need: FieldNeed) -> tuple[str, ...]:
    """What the nearest alternative lacks; nothing if one is complete."""
    best: tuple[str, ...] | None = None
    for paths in need.any_of:
        lacking = tuple([path for path in paths if not known[path]])
        if not lacking:
            return ()
        if best is None or len(lacking) < len(best):
            best = lacking
    return best or ()


def _is_known(lead: Lead[Any], path: str) -> bool:
    if path == "email.address" and lead.confirmed.email.by == "bounce":
        return False
    value: Any = lead
    for name in path.split("."):
        value = getattr(value, name, None)
    return value is not None and (not isinstance(value, str | tuple) or bool(value))


def _percentage(purpose: Purpose, missing: Sequence[Missing]) -> float:
    whole = fsum(need.worth for need in purpose.needs)
    return round(100 * (1 - fsum(one.worth for one in missing) / whole), 2) if missing else 100.0


# ------------------------------------------------------------------------------------------------------------- validity
def _is_open(lead: Lead[Any], known: _KnownFields, finding: Finding) -> bool:
    """Whether a finding is still about what the lead has.

    That is so until the refused value is replaced, or the doubtful one corrected or verified; of a whole row until
    anything is. Findings about consents, browsers and the form are not about the data.
    """
    first = finding.field.partition(".")[0]
    if first == WHOLE_ROW:
        return not any(_is_proven(lead, one) for one in GROUPS)
    group = GROUP_OF.get(first)
    if group is None:
        is_data = first in type(lead).model_fields and first not in ("consents", "visitors", "custom")
        return is_data and finding.severity == "error" and not known[finding.field]
    if finding.severity == "error":
        return not _has(lead, group) if "." not in finding.field else not known[finding.field]
    return not _is_proven(lead, group)


def _is_proven(lead: Lead[Any], group: FieldGroup) -> bool:
    return lead.confirmed.of(group).by in ("correction", "verification")


# ------------------------------------------------------------------------------------------------------------ freshness
def _has(lead: Lead[Any], group: str) -> bool:
    value: Any = getattr(lead, group)
    if group == "buying_role":
        return value is not None
    return any(inner and inner is not True for inner in value.__dict__.values())


def _confirmed_at(lead: Lead[Any], one: Freshness) -> datetime:
    return lead.confirmed.of(one.group).at or lead.created_at


def _age(lead: Lead[Any], one: Freshness, at: datetime) -> Age | None:
    if not _has(lead, one.group):
        return None
    if lead.confirmed.of(one.group).by == "bounce":
        return "outdated"
    age = at - _confirmed_at(lead, one)
    return "fresh" if age <= one.lasts / 2 else "ageing" if age <= one.lasts else "outdated"


def _freshness(lead: Lead[Any], one: Freshness, age: Age | None, most: Mapping[str, float]) -> QualityPart:
    name = f"freshness.{one.group}"
    if age is None:
        return _part(name, 0.0, most)
    said = lead.confirmed.of(one.group)
    return _part(name, SHARE_OF_AGE[age], most, confirmed_at=_confirmed_at(lead, one), confirmed_by=said.by, age=age)


def _later(moment: datetime, span: timedelta) -> datetime | None:
    try:
        return moment + span
    except OverflowError:  # later than the calendar goes
        return None
