"""Reading a submission: known keys, cleaned text, checked values, and findings for the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from functools import cached_property
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from leadflow.decisions.derived_records import external_claim, visitor_claim
from leadflow.decisions.digests import keyed_digest
from leadflow.decisions.policy import Policy
from leadflow.decisions.sanitation import cleaned, custom_fields, custom_values, first_message, kept, shown
from leadflow.entities import Email, ExternalId, FieldGroup, Finding, Lead, Touch
from leadflow.entities.bounds import PlainJson
from leadflow.entities.confirmation import GROUPS
from leadflow.entities.lead import unknown
from leadflow.errors import InvalidInput
from leadflow.events import digest_of
from leadflow.quality import FIELDS, Fingerprint, check, email_key
from leadflow.quality.campaign import CAMPAIGN_FIELDS, check_campaign

__all__ = ["Submission", "read_submission"]

NAMES_LIKE = 30
"""Longer unknown names get no suggestion: comparing takes longer with every letter."""


@dataclass(frozen=True)
class Submission:
    """One parsed submission: ``details`` are checked values by top-level field of a lead."""

    raw: PlainJson
    details: Mapping[str, Any]
    findings: tuple[Finding, ...]
    source: str
    touch: Touch
    external_ids: tuple[ExternalId, ...] = ()
    visitor: str | None = None
    verified: bool = False
    id: str | None = None
    dated: datetime | None = None
    """The caller's own moment, as given."""
    beforehand: tuple[Finding, ...] = ()
    """Those of the findings that the caller brought."""
    beside: Mapping[str, object] = field(default_factory=dict)
    """Further arguments that distinguish submissions: consents, the referrer."""

    @property
    def certain_claims(self) -> tuple[str, ...]:
        """Keys that identify a person, strongest first: ids in other systems, then a personal main e-mail address."""
        return (*map(external_claim, self.external_ids), *([self.main_claim] if self.main_claim else []))

    @property
    def main_email(self) -> Email | None:
        """The e-mail address that the submission is from; additional ones do not identify the sender."""
        return next((email for email in self.details.get("emails", ()) if email.claimed), None)

    @property
    def main_claim(self) -> str | None:
        """The key of the main e-mail address; a role address has none."""
        main = self.main_email
        return email_key(main) if main is not None and main.kind != "role" else None

    @property
    def address_claims(self) -> tuple[str, ...]:
        """The keys of all personal e-mail addresses in it, including additional ones."""
        return tuple(email_key(email) for email in self.details.get("emails", ()) if email.kind != "role")

    def repeats(self, lead: Lead[Any]) -> tuple[FieldGroup, ...]:
        """The groups of fields of which it says what a lead has already; not a role that the team confirmed."""
        return tuple(group for group in GROUPS if self._repeats(lead, group))

    def _repeats(self, lead: Lead[Any], group: FieldGroup) -> bool:
        here = getattr(lead, group)
        match group:
            case "email":
                return self.main_email is not None and self.main_email.address == here.address
            case "phone":
                return here.number is not None and here.number in {one.number for one in self.details.get("phones", ())}
            case "buying_role":
                return here is not None and here == self.details.get(group) and lead.confirmed_role is None
        given = self.details.get(group)
        values = [] if given is None else [(name, value) for name, value in given if value is not None]
        return bool(values) and all(getattr(here, name) == value for name, value in values)

    def without_claims(self, lost: Collection[str]) -> Submission:
        """A copy in which addresses claimed by unreadable leads are unclaimed."""
        emails = self.details.get("emails", ())
        if not any(email_key(email) in lost for email in emails):
            return self
        unclaimed = tuple(one.but(claimed=False, verified=False) if email_key(one) in lost else one for one in emails)
        return replace(self, details={**self.details, "emails": unclaimed})

    @cached_property
    def as_lead(self) -> Lead[Any]:
        """The submission as a lead of its own, for comparison with known leads."""
        details = {name: value for name, value in self.details.items() if name != "custom"}
        return unknown(Lead, "typed", self.touch.at).but(**details, external_ids=self.external_ids)

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """The match keys and features by which similar leads are found and compared."""
        return Fingerprint(self.as_lead)

    @cached_property
    def digest(self) -> str:
        """A hash that is equal for equal submissions."""
        return digest_of(
            {
                "values": self.raw,
                "source": self.source,
                "visitor": self.visitor,
                "external_ids": [external_claim(external) for external in self.external_ids],
                "id": self.id,
                "at": self.dated,
                "verified": self.verified,
                **self.beside,
            }
        )

    def digest_keys(self, keys: Collection[bytes]) -> tuple[str, ...]:
        """The states by which identical submissions are recognised, per key; they belong to no lead and stay."""
        return tuple(f"submission:{keyed_digest('submission', self.digest, key)}" for key in keys)

    @property
    def claims(self) -> tuple[str, ...]:
        """All keys to look up."""
        browser = (visitor_claim(self.visitor),) if self.visitor else ()
        return (*self.certain_claims, *browser)


def read_submission(
    policy: Policy,
    values: Mapping[str, object],
    *,
    source: str,
    at: datetime,
    dated: datetime | None,
    visitor: str | None = None,
    external_id: ExternalId | None = None,
    verified: bool = False,
    id: str | None = None,
    beforehand: Sequence[Finding] = (),
    with_it: Mapping[str, object] = MappingProxyType({}),
) -> Submission:
    """Parse one submission; what can't be used becomes a finding. ``dated`` is the caller's own moment.
    ``beforehand`` is what was found before, when the values were read from a file.

    ``with_it`` has further arguments that distinguish submissions (consents, the referrer).
    """
    given, findings = cleaned(values)
    custom, custom_findings = custom_values(policy.lead_type, given)
    known = {key: value for key, value in given.items() if key in FIELDS}
    checked = check(known, default_country=policy.country, verified=verified, gazetteer=policy.gazetteer)
    details = dict(checked.value.values if checked.value else {})
    if custom:
        details["custom"] = custom
    touch = check_campaign(given)
    others = tuple(_unknown(policy.lead_type, given))
    try:
        where = Touch(at=at, source=source, **(touch.value or {}))
    except ValidationError as error:
        raise InvalidInput("submission", source, first_message(error)) from None
    return Submission(
        raw=PlainJson({name: kept(value) for name, value in given.items()}),
        details=details,
        findings=(*beforehand, *findings, *checked.findings, *custom_findings, *touch.findings, *others),
        source=where.source,
        touch=where,
        external_ids=(external_id,) if external_id else (),
        visitor=visitor,
        verified=verified,
        id=id,
        dated=dated,
        beforehand=tuple(beforehand),
        beside=with_it,
    )


def _unknown(lead_type: type[Lead[Any]], given: Mapping[str, Any]) -> Iterator[Finding]:
    known = [*FIELDS, *CAMPAIGN_FIELDS, "utm_source", *custom_fields(lead_type)]
    for key, value in given.items():
        if key not in known:
            near = get_close_matches(key, known, n=1) if len(key) <= NAMES_LIKE else []
            yield Finding(
                code="unknown_key",
                field=key[:1000] or "(empty)",
                severity="note",
                message="no such field; it is kept with the submission"
                + (f"; did you mean {near[0]}?" if near else ""),
                value=shown(value),
                suggestion=near[0] if near else None,
            )
