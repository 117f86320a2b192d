"""From what was typed in to what can be used: known keys, cleaned text, checked values, and findings for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from pydantic import TypeAdapter, ValidationError

from leadflow.decisions.implied import external_claim, visitor_claim
from leadflow.decisions.policy import Policy
from leadflow.entities import ExternalId, Finding, Lead, Properties, Touch, safe_text
from leadflow.errors import InvalidInput
from leadflow.events import digest_of
from leadflow.quality import FIELDS, check, email_key

__all__ = ["Submission", "read_submission"]

PRIVILEGED = frozenset(
    {
        "absorbed",
        "absorbed_by",
        "consent",
        "consents",
        "created_at",
        "deadline",
        "deals",
        "enrolments",
        "external_ids",
        "findings",
        "id",
        "lead_id",
        "owner",
        "owner_id",
        "queue",
        "recorded_at",
        "referred_by",
        "rounds",
        "route",
        "score",
        "stage",
        "tenant",
        "tenant_id",
        "twins",
        "version",
        "visitors",
    }
)
CAMPAIGN_KEYS = {"utm_medium": "medium", "utm_campaign": "campaign", "utm_content": "content"}
KEYS_LIMIT = 100

_PROPERTIES: TypeAdapter[dict[str, Any]] = TypeAdapter(Properties)


@dataclass(frozen=True)
class Submission:
    """One submission, read: ``details`` are checked values by top-level field of a lead."""

    raw: Mapping[str, Any]
    details: Mapping[str, Any]
    findings: tuple[Finding, ...]
    source: str
    touch: Touch
    external_ids: tuple[ExternalId, ...] = ()
    visitor: str | None = None
    verified: bool = False
    id: str | None = None
    digest: str = ""

    @property
    def certain_claims(self) -> tuple[str, ...]:
        """Keys that identify a person, the strongest first: ids elsewhere, then personal e-mail addresses."""
        emails = (email_key(email) for email in self.details.get("emails", ()) if email.kind != "role")
        return (*map(external_claim, self.external_ids), *(key for key in emails if key is not None))

    @property
    def digest_claim(self) -> str:
        """The key that makes identical submissions one."""
        return f"submission:{self.digest}"

    @property
    def claims(self) -> tuple[str, ...]:
        """All keys to look up."""
        browser = (visitor_claim(self.visitor),) if self.visitor else ()
        return (*self.certain_claims, *browser, self.digest_claim)


def read_submission(
    policy: Policy,
    values: Mapping[str, object],
    *,
    source: str,
    at: datetime,
    dated: bool,
    visitor: str | None = None,
    external_id: ExternalId | None = None,
    verified: bool = False,
    id: str | None = None,
) -> Submission:
    """Read one submission; what can't be used becomes a finding. ``dated``: the moment is the caller's own."""
    if len(values) > KEYS_LIMIT:
        raise InvalidInput("submission", f"{len(values)} keys", f"give at most {KEYS_LIMIT}")
    given, findings = _cleaned(values)
    custom, custom_findings = _custom(policy.lead_type, given)
    known = {key: value for key, value in given.items() if key in FIELDS}
    checked = check(known, default_country=policy.country, verified=verified)
    details = dict(checked.value.values if checked.value else {})
    if custom:
        details["custom"] = custom
    touch = {CAMPAIGN_KEYS[key]: value for key, value in given.items() if key in CAMPAIGN_KEYS and value}
    others = tuple(_unknown(policy.lead_type, given))
    try:
        raw = _PROPERTIES.validate_python({k: v for k, v in given.items() if k not in PRIVILEGED})
        where = Touch(at=at, source=source, **touch)
    except ValidationError as error:
        raise InvalidInput("submission", source, _first_message(error)) from None
    return Submission(
        raw=raw,
        details=details,
        findings=(*findings, *checked.findings, *custom_findings, *others),
        source=where.source,
        touch=where,
        external_ids=(external_id,) if external_id else (),
        visitor=visitor,
        verified=verified,
        id=id,
        digest=digest_of(
            {
                "values": raw,
                "source": source,
                "visitor": visitor,
                "external_id": external_id and external_claim(external_id),
                "id": id,
                "at": at if dated else None,
            }
        ),
    )


def _cleaned(values: Mapping[str, object]) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Make keys and texts safe, drop blanks, and keep privileged keys out."""
    given: dict[str, Any] = {}
    findings = []
    for key, value in values.items():
        name = str(safe_text(str(key)))[:200]
        plain = safe_text(value)
        if name in PRIVILEGED:
            findings.append(
                Finding(
                    code="privileged_key",
                    field=name,
                    severity="warning",
                    message="can't be set by a submission; it was ignored",
                )
            )
        elif plain not in (None, "", [], ()):
            given[name] = plain
    return given, tuple(findings)


def _custom(lead_type: type[Lead[Any]], given: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Check the values of the host's own fields, one by one."""
    values: dict[str, Any] = {}
    findings = []
    for name, info in _custom_fields(lead_type).items():
        value = given.get(name, given.get(f"custom.{name}"))
        if value is None:
            continue
        annotation: Any = info.annotation
        try:
            values[name] = TypeAdapter(annotation).validate_python(value)
        except ValidationError as error:
            findings.append(
                Finding(
                    code="not_readable",
                    field=f"custom.{name}",
                    severity="error",
                    message=_first_message(error),
                    value=str(value)[:1000],
                )
            )
    return values, tuple(findings)


def _custom_fields(lead_type: type[Lead[Any]]) -> Mapping[str, Any]:
    annotation = lead_type.model_fields["custom"].annotation
    return getattr(annotation, "model_fields", {})


def _unknown(lead_type: type[Lead[Any]], given: Mapping[str, Any]) -> Iterator[Finding]:
    own = _custom_fields(lead_type)
    known = [*FIELDS, *CAMPAIGN_KEYS, "utm_source", *own, *(f"custom.{name}" for name in own)]
    for key, value in given.items():
        if key not in known:
            near = get_close_matches(key, known, n=1)
            yield Finding(
                code="unknown_key",
                field=key or "(empty)",
                severity="note",
                message="no such field; it is kept with the submission"
                + (f"; did you mean {near[0]}?" if near else ""),
                value=str(value)[:1000],
                suggestion=near[0] if near else None,
            )


def _first_message(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
