"""From settings to the rules that ``LeadFlow`` takes."""

from __future__ import annotations

import os
from datetime import date, datetime
from typing import Any, Final

from pydantic import create_model

from leadflow.entities import Entity, Line
from leadflow.errors import DefinitionError
from leadflow.files.config import FlowFile
from leadflow.files.rule_sections import NurturingFile, QualificationFile, SequenceFile
from leadflow.nurturing import Content, Sequence, Step
from leadflow.qualification import FastTrack, Qualification
from leadflow.service import ServiceLevel

__all__ = ["custom_fields", "rules_of"]

TYPES: Final[dict[str, Any]] = {
    "text": Line, "int": int, "float": float, "bool": bool, "date": date, "moment": datetime,
}  # fmt: skip


def rules_of(config: FlowFile, *, mails: bool = True) -> dict[str, Any]:
    """Return what ``LeadFlow(storage, **rules)`` needs; the secrets come from the environment, never from the file.

    Without ``mails`` none will be written, and no secret is needed.
    """
    signs = bool(config.nurturing.sequences)
    rules: dict[str, Any] = {
        "custom": custom_fields(config),
        "country": config.country,
        "scoring": config.scoring,
        "qualification": _qualification(config.qualification),
        "router": config.routing,
        "sequences": [_sequence(one) for one in config.nurturing.sequences],
        "contents": _contents(config.nurturing),
        "service_levels": [
            ServiceLevel(stage=one.stage, within=one.within, hours=one.hours, remind_before=one.remind_before)
            for one in config.service_levels
        ],
        "unsubscribe_url": config.unsubscribe_url,
        "secrets": _secrets(config, needed=signs and mails),
        "quiet": config.quiet,
    }
    return rules | ({"sender": config.sender} if config.sender else {})


def custom_fields(config: FlowFile) -> type[Entity] | None:
    """Return the class of the custom fields; every one may be missing."""
    if not config.custom:
        return None
    fields: dict[str, Any] = {name: (TYPES[kind] | None, None) for name, kind in config.custom.items()}
    try:
        return create_model("CustomFields", __base__=Entity, **fields)
    except (NameError, TypeError) as wrong:
        raise DefinitionError(f"custom: {wrong}") from None


def _qualification(said: QualificationFile | None) -> Qualification | None:
    if said is None:
        return None
    return Qualification(
        mql=said.mql,
        keep=said.keep,
        dwell=said.dwell,
        auto_accept=said.auto_accept,
        fast_track=[FastTrack(one.to, one.when, one.reason) for one in said.fast_track],
        disqualify=[(one.when, one.reason) for one in said.disqualify],
        promote=said.promote,
    )


def _sequence(said: SequenceFile) -> Sequence:
    named = {name: value for name, value in said if name != "steps"}
    return Sequence(steps=[Step(one.after, one.content) for one in said.steps], **named)


def _contents(said: NurturingFile) -> list[Content]:
    return [Content(**dict(one)) for one in said.contents]


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
