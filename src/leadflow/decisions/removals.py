"""Removals: fields that a correction empties, and what it can't empty."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from leadflow.decisions.sanitation import custom_fields
from leadflow.entities import Company, Entity, Finding, Lead, Person
from leadflow.events.enriched_lead import enrichable_paths, value_at
from leadflow.quality import FIELDS
from leadflow.quality.person import check_person
from leadflow.quality.results import error, warning

__all__ = ["blanked", "emptied", "unreachable"]

_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("person.title", "person.first_name", "person.last_name"),
    **{key: (f"person.{key}",) for key in Person.model_fields},
    "company": ("company.name", "company.legal_form"),
    "website": ("company.domain",),
    **{key: (f"company.{key}",) for key in Company.model_fields.keys() - {"name", "legal_form", "domain", "country"}},
    "street": ("address.street", "address.house_number"),
    **{key: (f"address.{key}",) for key in ("house_number", "postcode", "city", "region", "country")},
}
"""The values behind a key of a submission that gives a part of an entity."""
_SINGLE: Final = frozenset("persona intended_use buying_role budget authority need timing note".split())
_LISTS: Final[Mapping[str, str]] = {
    **{key: key for key in ("interests", "pain_points", "product_interest", "emails", "phones", "social")},
    "email": "emails",
    "phone": "phones",
}
_FURTHER: Final[Mapping[str, str]] = {
    **dict.fromkeys(("email2", "email3"), "emails"),
    **dict.fromkeys(("phone2", "phone3", "mobile"), "phones"),
}
"""Keys that only add to a list."""
_NETWORKS: Final = FIELDS - _PARTS.keys() - _SINGLE - _LISTS.keys() - _FURTHER.keys()


def emptied(
    lead: Lead[Any], blank: Collection[str], details: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Return the top-level fields without what is ``blank``, and why the rest of it can't be emptied.

    ``details`` are given in the same correction: a list that it gives is given as a whole.
    """
    fields: dict[str, Any] = {}
    findings: list[Finding] = []
    custom = custom_fields(type(lead))
    lists = {_LISTS[key] for key in blank if key in _LISTS} | details.keys()
    for key in sorted(blank):
        if key in _PARTS:
            _empty_parts(lead, key, fields)
        elif key in custom:
            _empty_custom(lead, custom[key], fields)
        elif key in _NETWORKS:
            social = fields.get("social", lead.social)
            fields["social"] = tuple(one for one in social if one.network != key)
        elif key in _SINGLE:
            fields[key] = None
        elif key in _LISTS:
            fields |= {_LISTS[key]: ()} if _LISTS[key] not in details else {}
        elif key not in _FURTHER:
            findings.append(error("not_emptied", key, "can't be emptied by a correction: no such detail of a lead"))
        elif _FURTHER[key] not in lists:
            remedy = f"can't be emptied by its place; give those that remain as a list: {_FURTHER[key]}"
            findings.append(error("not_emptied", key, remedy))
    return fields, tuple(findings)


def blanked(before: Lead[Any], emptied: Lead[Any], after: Lead[Any]) -> tuple[str, ...]:
    """Return the paths that had a value, from whomever, and were emptied: from now on no source fills them.

    What was blank before stays open: a form that is sent as a whole leaves many fields empty, and means nothing by it.
    """
    return tuple(
        path
        for path in enrichable_paths(type(before))
        if value_at(before, path) is not None and value_at(emptied, path) is None and value_at(after, path) is None
    )


def unreachable(before: Lead[Any], after: Lead[Any]) -> Iterator[Finding]:
    """Warn if the last contact point was removed."""
    if before.is_reachable and not after.is_reachable:
        remedy = "this was the last way to reach the lead; give another one, or disqualify or erase the lead"
        yield warning("unreachable", "emails", remedy)


def _empty_parts(lead: Lead[Any], key: str, fields: dict[str, Any]) -> None:
    for path in _PARTS[key]:
        name, _, part = path.partition(".")
        fields[name] = fields.get(name, getattr(lead, name)).but(**{part: None})
    if key == "job_title":
        fields["person"] = fields["person"].but(**_told_by_title(lead.person))
    company = fields.get("company", lead.company)
    told_by_address = key == "country" and company.country == lead.address.country
    if told_by_address or not (company.name or company.domain):
        fields["company"] = company.but(country=None)


def _told_by_title(person: Person) -> dict[str, None]:
    """Return what of the person (seniority, department) is what the job title tells."""
    told = check_person({"job_title": person.job_title}).value or Person()
    return {name: None for name, value in told if value is not None and value == getattr(person, name)}


def _empty_custom(lead: Lead[Any], name: str, fields: dict[str, Any]) -> None:
    custom: Entity = fields.get("custom", lead.custom)
    default = type(custom).model_fields[name].get_default(call_default_factory=True)
    fields["custom"] = custom.but(**{name: default})
