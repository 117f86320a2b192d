"""Sequences of messages, and a lead's enrolment: when it begins, advances, and ends."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from leadflow.conditions import Condition, always, bind, evaluate
from leadflow.conditions.nodes import Several
from leadflow.entities import Channel, Enrolment, Lead
from leadflow.entities.definition import Definition, Name, UniqueWords
from leadflow.entities.duration import Duration
from leadflow.errors import DefinitionError
from leadflow.nurturing.content import Choice, Content, choose
from leadflow.nurturing.permission import consent_reasons, contact_point
from leadflow.worktime import in_utc

__all__ = [
    "Sequence",
    "Step",
    "content_for",
    "ending",
    "enrolments_due",
    "next_enrolment",
    "why_not_enrolled",
]

FINISHED: Final = "finished"
LONGEST: Final = timedelta(days=5 * 366)


def _not_empty(content: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
    if content in ((), ""):
        raise ValueError("it is empty; name one or several, or give None for the best of all")
    return content


class Step(Definition):
    """One message, this long ``after`` the previous one (the first: after the enrolment).

    ``content`` is the name of one content, several names to choose the best from, or None to choose from all.
    """

    positional = ("after", "content")

    after: Duration = Field(le=LONGEST)
    content: Annotated[str | tuple[str, ...] | None, AfterValidator(_not_empty)] = None

    if TYPE_CHECKING:

        def __init__(self, after: timedelta | str, content: str | Iterable[str] | None = None) -> None: ...

    @property
    def names(self) -> tuple[str, ...]:
        """The contents that it names."""
        return (self.content,) if isinstance(self.content, str) else tuple(self.content or ())


class Sequence(Definition):
    """A series of messages for the leads of an audience.

    It runs in its ``stages``; a lead that leaves them leaves the sequence (exit on conversion), or with ``exit_on``
    only when it enters one of those. ``purpose`` is the consent that it needs. ``reenrol``: once per round of
    nurturing (each time sales returns the lead), or never again.
    """

    positional = ("name", "steps")

    name: Name
    steps: Several[Step]
    audience: Condition = Field(default_factory=always)
    purpose: Name = "newsletter"
    channel: Channel = "email"
    stages: Annotated[UniqueWords, Field(min_length=1)] = ("lead",)
    exit_on: UniqueWords = ()
    reenrol: Literal["each round", "never"] = "each round"

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            steps: Iterable[Step],
            *,
            audience: Condition = ...,
            purpose: str = "newsletter",
            channel: Channel = "email",
            stages: Iterable[str] = ("lead",),
            exit_on: Iterable[str] = (),
            reenrol: Literal["each round", "never"] = "each round",
        ) -> None: ...

    @model_validator(mode="after")
    def _ends_elsewhere(self) -> Self:
        if both := set(self.stages) & set(self.exit_on):
            raise DefinitionError(f"stage {min(both)!r} can't be both in stages and in exit_on")
        return self

    def bind(self, lead_type: type[Lead[Any]], contents: Iterable[Content]) -> Self:
        """Return the same sequence, checked: its contents exist on its channel, its audience uses known fields."""
        known = {content.name: content for content in contents}
        fitting = [content for content in known.values() if content.channel == self.channel]
        for number, step in enumerate(self.steps, 1):
            for name in step.names:
                _check_content(self, number, known, name)
            if not step.names and not fitting:
                raise DefinitionError(f"sequence {self.name!r}, step {number}: there is no content for {self.channel}")
        try:
            return self.but(audience=bind(self.audience, lead_type))
        except DefinitionError as wrong:
            raise DefinitionError(f"sequence {self.name!r}, audience: {wrong}") from None


def enrolments_due(lead: Lead[Any], sequences: Iterable[Sequence], now: datetime) -> list[Enrolment]:
    """Return the enrolments to begin now: one for each sequence that nothing prevents."""
    return [
        Enrolment(
            sequence=one.name,
            round=lead.rounds + 1,
            step=0,
            due_at=in_utc(now, "now") + one.steps[0].after,
            since=in_utc(now, "now"),
        )
        for one in sequences
        if not why_not_enrolled(lead, one, now)
    ]


def why_not_enrolled(lead: Lead[Any], sequence: Sequence, now: datetime) -> tuple[str, ...]:
    """Return everything that prevents the sequence from beginning; empty if it may begin."""
    reasons = [*_enrolled_before(lead, sequence), *_unfit(lead, sequence)]
    reasons += consent_reasons(lead, sequence.purpose, sequence.channel, in_utc(now, "now"))
    if lead.stage not in sequence.stages:
        reasons.append(f"the lead is {lead.stage}, the sequence is for {', '.join(sequence.stages)}")
    if evaluate(sequence.audience, lead, now) is not True:
        reasons.append(f"not in the audience: {sequence.audience}")
    return tuple(reasons)


def next_enrolment(enrolment: Enrolment, sequence: Sequence, now: datetime) -> Enrolment:
    """Return the enrolment advanced by one step, due from ``now``; after the last step it is finished."""
    if enrolment.ended:
        return enrolment
    step = enrolment.step + 1
    if step >= len(sequence.steps):
        return enrolment.but(step=step, due_at=None, ended=FINISHED)
    since = in_utc(now, "now")
    return enrolment.but(step=step, due_at=since + sequence.steps[step].after, since=since)


def ending(lead: Lead[Any], sequence: Sequence) -> str | None:
    """Return why the enrolment ends now, or None; to be checked before each message."""
    left = lead.stage in sequence.exit_on if sequence.exit_on else lead.stage not in sequence.stages
    reasons = [f"became {lead.stage}"] if left else []
    reasons += _unfit(lead, sequence)
    said = lead.consent(sequence.purpose, sequence.channel)
    if said is not None and said.status == "withdrawn":
        reasons.append("consent withdrawn")
    return reasons[0] if reasons else None


def content_for(
    sequence: Sequence, step: int, contents: Collection[Content], lead: Lead[Any], already_sent: Collection[str]
) -> Choice:
    """Return the content of a step (counted from 0) for this lead; a step that names a single content gets that one."""
    if step >= len(sequence.steps):
        return Choice(None, ("the sequence no longer has this step",))
    wanted = sequence.steps[step]
    named = [content for content in contents if content.name in wanted.names] if wanted.names else list(contents)
    if isinstance(wanted.content, str):
        return Choice(named[0], ("named by the step",)) if named else Choice(None, (f"no content {wanted.content!r}",))
    return choose(named, lead, already_sent, channel=sequence.channel)


def _enrolled_before(lead: Lead[Any], sequence: Sequence) -> Iterable[str]:
    for one in lead.enrolments:
        if one.sequence != sequence.name:
            continue
        if one.ended is None:
            yield "already enrolled"
        elif sequence.reenrol == "never":
            yield "has completed it, and it is never repeated"
        elif one.round > lead.rounds:
            yield "has completed it in this round"


def _unfit(lead: Lead[Any], sequence: Sequence) -> Iterable[str]:
    if lead.absorbed_by:
        yield f"absorbed by {lead.absorbed_by}"
    if not contact_point(lead, sequence.channel):
        yield f"can't be reached by {sequence.channel}"


def _check_content(sequence: Sequence, number: int, known: Mapping[str, Content], name: str) -> None:
    where = f"sequence {sequence.name!r}, step {number}"
    if name not in known:
        raise DefinitionError(f"{where}: there is no content {name!r}; there are {', '.join(sorted(known)) or 'none'}")
    if known[name].channel != sequence.channel:
        raise DefinitionError(f"{where}: content {name!r} is for {known[name].channel}, not for {sequence.channel}")
