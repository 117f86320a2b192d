"""The rules as ``flow.yaml`` spells them: qualification, nurturing, service levels."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from leadflow.conditions import Condition, always
from leadflow.entities import Channel, Line
from leadflow.files.moments import duration_of
from leadflow.files.sections import Section
from leadflow.worktime import ALWAYS, BusinessHours

__all__ = ["NurturingFile", "QualificationFile", "SequenceFile", "ServiceLevelFile"]

Duration = Annotated[
    timedelta,
    BeforeValidator(duration_of),
    WithJsonSchema({"type": "string", "pattern": r"^\s*(\d+(\.\d+)?\s*[A-Za-z]+\s*)+$", "examples": ["4h", "7 days"]}),
]


class FastTrackRule(Section):
    """Straight on to a stage as soon as the condition is true."""

    to: Line
    when: Condition
    reason: Line


class DisqualifyRule(Section):
    """Out, as soon as the condition is true."""

    when: Condition
    reason: Line


class QualificationFile(Section):
    """The qualification policy."""

    mql: Condition
    keep: Condition | None = None
    dwell: Duration = timedelta(0)
    auto_accept: Condition | None = None
    fast_track: tuple[FastTrackRule, ...] = ()
    disqualify: tuple[DisqualifyRule, ...] = ()
    promote: Condition | None = None


class StepFile(Section):
    """One message of a sequence."""

    after: Duration
    content: str | tuple[str, ...] | None = None


class SequenceFile(Section):
    """A series of messages."""

    name: str
    steps: tuple[StepFile, ...]
    audience: Condition = Field(default_factory=always)
    purpose: str = "newsletter"
    channel: Channel = "email"
    stages: tuple[str, ...] = ("lead",)
    exit_on: tuple[str, ...] = ()
    reenrol: Literal["each round", "never"] = "each round"


class ContentFile(Section):
    """Something worth sending."""

    name: str
    subject: str
    body: str
    html: str | None = None
    stages: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()
    buying_roles: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    channel: Channel = "email"
    language: str | None = None


class NurturingFile(Section):
    """Sequences, and the contents that they send."""

    sequences: tuple[SequenceFile, ...] = ()
    contents: tuple[ContentFile, ...] = ()


class ServiceLevelFile(Section):
    """How soon a lead must have left a stage."""

    stage: Line
    within: Duration
    remind_before: Duration | None = None
    hours: BusinessHours = ALWAYS
