"""A series of messages, and one lead's way through it: when it begins, goes on, and ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Sequence as Several
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from leadflow.conditions import Condition, always, bind, evaluate
from leadflow.entities import Channel, Enrolment, Lead
from leadflow.errors import DefinitionError
from leadflow.nurturing.content import Choice, Content, choose, is_name
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


@dataclass(frozen=True)
class Step:
    """One message, so long ``after`` the one before it (the first: after the enrolment).

    ``content`` is the name of one content, several names to choose the best from, or None: choose from all.
    """

    after: timedelta
    content: str | Several[str] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.after, timedelta) or not timedelta(0) <= self.after <= LONGEST:
            raise DefinitionError(f"a step's after is {self.after!r}; give 0 to 5 years, e.g. timedelta(days=3)")
        if not isinstance(self.content, str | None):
            object.__setattr__(self, "content", tuple(self.content))
        if self.content in ((), ""):
            raise DefinitionError("a step's content is empty; name one, several, or give None for the best of all")

    @property
    def names(self) -> tuple[str, ...]:
        """The contents that it names."""
        return (self.content,) if isinstance(self.content, str) else tuple(self.content or ())


@dataclass(frozen=True)
class Sequence:
    """A series of messages for the leads of an audience.

    It runs in its ``stages``; a lead that leaves them leaves the sequence (exit on conversion), or with ``exit_on``
    only when it enters one of those. ``purpose`` is the consent that it needs. ``reenrol``: once in each round of
    nurturing (sales gave the lead back), or never again.
    """

    name: str
    steps: Several[Step]
    audience: Condition = field(default_factory=always)
    purpose: str = "newsletter"
    channel: Channel = "email"
    stages: Several[str] = ("lead",)
    exit_on: Several[str] = ()
    reenrol: Literal["each round", "never"] = "each round"

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        for name in ("stages", "exit_on"):
            object.__setattr__(self, name, _several(self.name, name, getattr(self, name)))
        problems = [text for wrong, text in self._checks() if wrong]
        if problems:
            raise DefinitionError(f"sequence {self.name!r}: {'; '.join(problems)}")

    def _checks(self) -> Iterable[tuple[bool, str]]:
        yield not is_name(self.name), "give it a name of 1 to 200 characters on one line"
        yield not self.steps, "it has no steps; give at least one Step"
        yield not is_name(self.purpose), "it has no consent purpose; name the one that people agree to"
        yield self.channel not in get_args(Channel), f"channel {self.channel!r} is none of {get_args(Channel)}"
        yield not self.stages, "it runs in no stage; give stages, e.g. ('lead',)"
        yield bool(set(self.stages) & set(self.exit_on)), "a stage can't be both in stages and in exit_on"
        yield (
            self.reenrol not in ("each round", "never"),
            f"reenrol {self.reenrol!r} is neither 'each round' nor 'never'",
        )

    def bind(self, lead_type: type[Lead[Any]], contents: Iterable[Content]) -> Sequence:
        """Return the same sequence, checked: its contents exist on its channel, its audience asks for known fields."""
        known = {content.name: content for content in contents}
        fitting = [content for content in known.values() if content.channel == self.channel]
        for number, step in enumerate(self.steps, 1):
            for name in step.names:
                _check_content(self, number, known, name)
            if not step.names and not fitting:
                raise DefinitionError(f"sequence {self.name!r}, step {number}: there is no content for {self.channel}")
        try:
            return replace(self, audience=bind(self.audience, lead_type))
        except DefinitionError as wrong:
            raise DefinitionError(f"sequence {self.name!r}, audience: {wrong}") from None


def enrolments_due(lead: Lead[Any], sequences: Iterable[Sequence], now: datetime) -> list[Enrolment]:
    """Return the enrolments to begin now: those of every sequence that has nothing against it."""
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
    """Return all that stands against beginning the sequence; empty when it is to begin."""
    reasons = [*_enrolled_before(lead, sequence), *_unfit(lead, sequence)]
    reasons += consent_reasons(lead, sequence.purpose, sequence.channel, in_utc(now, "now"))
    if lead.stage not in sequence.stages:
        reasons.append(f"the lead is {lead.stage}, the sequence is for {', '.join(sequence.stages)}")
    if evaluate(sequence.audience, lead, now) is not True:
        reasons.append(f"not in the audience: {sequence.audience}")
    return tuple(reasons)


def next_enrolment(enrolment: Enrolment, sequence: Sequence, now: datetime) -> Enrolment:
    """Return the enrolment one step on, due from ``now``; after the last step it has ended as finished."""
    if enrolment.ended:
        return enrolment
    step = enrolment.step + 1
    if step >= len(sequence.steps):
        return enrolment.but(step=step, due_at=None, ended=FINISHED)
    since = in_utc(now, "now")
    return enrolment.but(step=step, due_at=since + sequence.steps[step].after, since=since)


def ending(lead: Lead[Any], sequence: Sequence) -> str | None:
    """Return why the lead's way through the sequence ends now, or None; to be asked before each message."""
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
    """Return the content of a step (counted from 0) for this lead; a step that names one content gets that one."""
    if step >= len(sequence.steps):
        return Choice(None, ("the sequence has no such step any more",))
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
            yield "already on its way through it"
        elif sequence.reenrol == "never":
            yield "has been through it, and it is never repeated"
        elif one.round > lead.rounds:
            yield "has been through it in this round"


def _unfit(lead: Lead[Any], sequence: Sequence) -> Iterable[str]:
    if lead.absorbed_by:
        yield f"absorbed by {lead.absorbed_by}"
    if not contact_point(lead, sequence.channel):
        yield f"can't be reached by {sequence.channel}"


def _several(name: str, what: str, values: Collection[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        raise DefinitionError(f"sequence {name!r}: {what} must be a list, such as ({values!r},)")
    return tuple(values)


def _check_content(sequence: Sequence, number: int, known: Mapping[str, Content], name: str) -> None:
    where = f"sequence {sequence.name!r}, step {number}"
    if name not in known:
        raise DefinitionError(f"{where}: there is no content {name!r}; there are {', '.join(sorted(known)) or 'none'}")
    if known[name].channel != sequence.channel:
        raise DefinitionError(f"{where}: content {name!r} is for {known[name].channel}, not for {sequence.channel}")
