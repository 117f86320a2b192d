"""From settings to the rules that ``LeadFlow`` takes."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from pydantic import create_model

from leadflow.adapters.json_http import JsonEnricher, JsonService
from leadflow.entities import Entity, Lead, Line
from leadflow.errors import DefinitionError
from leadflow.files.config import FlowFile
from leadflow.flow.policy_setup import measured_by
from leadflow.lifecycle import DEFAULT, Lifecycle
from leadflow.quality.buying_roles import RoleModel
from leadflow.scoring import ScoringModel

__all__ = ["TYPES", "custom_fields", "lead_type_of", "rules_of", "scoring_of"]

TYPES: Final[dict[str, Any]] = {
    "text": Line, "int": int, "float": float, "bool": bool, "date": date, "moment": datetime,
}  # fmt: skip


def rules_of(config: FlowFile, *, mails: bool = True) -> dict[str, Any]:
    """Return what ``LeadFlow(storage, **rules)`` needs; the secrets come from the environment, never from the file.

    Without ``mails`` none will be written, and no secret is needed.
    """
    rules: dict[str, Any] = {
        "custom": custom_fields(config),
        "country": config.country,
        "scoring": config.scoring,
        "qualification": config.qualification,
        "router": config.routing,
        "teams": config.teams,
        "sequences": config.nurturing.sequences,
        "contents": config.nurturing.contents,
        "service_levels": config.service_levels,
        "data_quality": config.data_quality,
        "buying_centers": config.buying_centers,
        "role_model": _role_model(config),
        "enrichers": [JsonEnricher(_with_secrets(one)) for one in config.enrichment],
        "unsubscribe_url": config.unsubscribe_url,
        "secrets": _secrets(config, needed=mails and bool(config.nurturing.sequences)),
        "quiet": config.quiet,
    }
    if config.renamed_stages:
        rules["lifecycle"] = _lifecycle(config)
    return rules | ({"sender": config.sender} if config.sender else {})


def _role_model(config: FlowFile) -> RoleModel | None:
    """Return the model in the file that the config names."""
    if config.role_model is None:
        return None
    try:
        return RoleModel.model_validate_json(Path(config.role_model).read_bytes())
    except (OSError, DefinitionError) as wrong:
        remedy = "give the file that leadflow learn-roles --out has written"
        raise DefinitionError(f"role_model: {config.role_model}: {wrong}; {remedy}") from None


def _lifecycle(config: FlowFile) -> Lifecycle:
    try:
        return DEFAULT.extend(renamed=config.renamed_stages)
    except DefinitionError as wrong:
        raise DefinitionError(f"renamed_stages: {wrong}") from None


def custom_fields(config: FlowFile) -> type[Entity] | None:
    """Return the class of the custom fields; every one may be missing."""
    if not (config.custom or config.renamed):
        return None
    fields: dict[str, Any] = {name: (TYPES[kind] | None, None) for name, kind in config.custom.items()}
    try:
        return create_model("CustomFields", __base__=Entity, __cls_kwargs__={"renamed": config.renamed}, **fields)
    except DefinitionError as wrong:
        raise DefinitionError(f"renamed: {wrong}") from None
    except (NameError, TypeError) as wrong:
        raise DefinitionError(f"custom: {wrong}") from None


def lead_type_of(config: FlowFile) -> type[Lead[Any]]:
    """Return the class of leads with the custom fields, measured as the config says."""
    custom: Any = custom_fields(config)
    return measured_by(Lead if custom is None else Lead[custom], config.data_quality)


def scoring_of(config: FlowFile, file: Path | None = None) -> ScoringModel:
    """Return the scoring of a config (in a file); ``DefinitionError`` if there is none."""
    if config.scoring is None:
        where = "" if file is None else f"{file}: "
        raise DefinitionError(f"{where}there is no scoring in it; add one, such as scoring: {{name: …, fit: […]}}")
    return config.scoring


def _with_secrets(service: JsonService) -> JsonService:
    """Return a service with the headers that stand in environment variables."""
    headers = {name: os.environ.get(variable, "") for name, variable in service.headers_from.items()}
    for name, variable in service.headers_from.items():
        if not headers[name]:
            raise DefinitionError(f"enrichment {service.name!r}: the environment variable {variable} is not set")
    return service.but(headers=service.headers | headers)


def _secrets(config: FlowFile, *, needed: bool) -> tuple[bytes, ...]:
    """Return the secrets that the config names; they are no less needed to find what is suppressed than to sign."""
    secret = os.environ.get(config.secrets_from, "") if config.secrets_from else ""
    if secret or not needed:
        return tuple(part.encode() for part in secret.split())
    if config.secrets_from is None:
        raise DefinitionError(
            "sequences by e-mail need a secret that signs the unsubscribe links: name the environment variable that "
            "holds it with secrets_from: LEADFLOW_SECRET"
        )
    raise DefinitionError(
        f"secrets_from: the environment variable {config.secrets_from} is not set; set it to a random text of 16 "
        "characters or more (several with blanks between, the newest first)"
    )
