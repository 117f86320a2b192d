"""The entries of an explanation as lines of text, in any language: what is said stands in ``leadflow.languages``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import singledispatch

from leadflow.conditions import Condition
from leadflow.conditions.formatting import SHOWN, SIGNS, spoken
from leadflow.conditions.nodes import (
    Always,
    And,
    Between,
    Compare,
    HasWords,
    IsIn,
    IsKnown,
    Matches,
    Never,
    Not,
    OnPath,
    Or,
    Within,
)
from leadflow.conditions.values import Scalar
from leadflow.data_quality import quality_lines
from leadflow.decisions.explanation_entries import (
    AccountEntry,
    AheadEntry,
    ApartEntry,
    BlockedEntry,
    CandidateEntry,
    DeadlineEntry,
    EnrichmentEntry,
    EnrolmentEntry,
    FindingEntry,
    GateEntry,
    MergeEntry,
    MessageEntry,
    MoveEntry,
    OutlookEntry,
    PolicyEntry,
    QualityEntry,
    RouteEntry,
    ScoreEntry,
    StageEntry,
    StaleScoreEntry,
    TaskEntry,
    ToleranceEntry,
    TwinEntry,
    UnmergeEntry,
    UnmetCondition,
    UnsentEntry,
    Way,
    WayStep,
)
from leadflow.entities import Entity, Finding
from leadflow.languages import Language
from leadflow.qualification import SCORES
from leadflow.scoring.explanation import score_lines
from leadflow.scoring.what_if import outlook_lines, way_text

__all__ = ["condition_text", "entry_lines"]


@singledispatch
def entry_lines(entry: Entity, words: Language) -> Iterator[str]:
    """Return the lines of an entry in a language."""
    raise NotImplementedError(f"{type(entry).__name__} has no text")


# --------------------------------------------------------------------------------------------------------------- stage
@entry_lines.register
def _stage(entry: StageEntry, words: Language) -> Iterator[str]:
    who = words("in_queue", queue=entry.queue) if entry.queue else ""
    who = words("owner", owner=entry.owner) if entry.owner else who
    yield words("stage_since" if entry.since else "stage", stage=entry.stage, since=entry.since, who=who)


@entry_lines.register
def _move(entry: MoveEntry, words: Language) -> Iterator[str]:
    yield words(
        "move",
        at=entry.at,
        move=entry.move,
        source=entry.source,
        target=entry.target,
        skipped=words("skipped", stages=", ".join(entry.skipped)) if entry.skipped else "",
        by=words(f"actor_{entry.by.kind}", id=entry.by.id),
        reason="".join(f": {one}" for one in (entry.label or entry.reason, entry.note) if one),
    )


@entry_lines.register
def _ahead(entry: AheadEntry, words: Language) -> Iterator[str]:
    yield words(entry.event, at=entry.at)


@entry_lines.register
def _deadline(entry: DeadlineEntry, words: Language) -> Iterator[str]:
    yield words("deadline_breached" if entry.breached else "deadline_due", at=entry.due_at)


# --------------------------------------------------------------------------------------------------------------- score
@entry_lines.register
def _score(entry: ScoreEntry, words: Language) -> Iterator[str]:
    yield from score_lines(entry, words)


@entry_lines.register
def _stale_score(entry: StaleScoreEntry, words: Language) -> Iterator[str]:
    yield words("stale", model=entry.model or words("no_model"))


@entry_lines.register
def _tolerance(entry: ToleranceEntry, words: Language) -> Iterator[str]:
    yield words("tolerance", points=entry.points)


@entry_lines.register
def _policy(entry: PolicyEntry, words: Language) -> Iterator[str]:
    key = "policy_cooling_at" if entry.cool_at else f"policy_{entry.outcome}"
    yield words(
        key,
        reason=entry.reason,
        revisit=entry.revisit,
        at=entry.cool_at,
        stage=entry.stage,
        unmet=", ".join(_unmet(one, words) for one in entry.unmet),
    )


def _unmet(one: UnmetCondition, words: Language) -> str:
    is_threshold = isinstance(one.condition, Compare) and one.condition.field in SCORES
    key = "not_reached" if is_threshold and one.truth == "false" else one.truth
    return words(key, condition=condition_text(one.condition, words))


@entry_lines.register
def _outlook(entry: OutlookEntry, words: Language) -> Iterator[str]:
    unmet = [condition_text(one, words) for one in entry.unmet]
    ways = [_way(way, words) for way in entry.ways]
    for line in outlook_lines(words, entry.reached, entry.foreseen, entry.turns, entry.missing, unmet, ways):
        yield words(f"goal_{entry.goal}", line=line)


def _way(way: Way, words: Language) -> str:
    steps = [(_step(one, words), one.fit, one.engagement) for one in way.steps]
    return way_text(words, steps, way.fit, way.engagement)


def _step(step: WayStep, words: Language) -> str:
    values = ", ".join(f"{name} = {_value(value, words)}" for name, value in (step.values | step.properties).items())
    done = f"{step.count} × {step.activity}" if step.activity else ""
    plain = f"{done} ({values})" if done and values else done or values
    return words("step", text=step.text, plain=plain)


# --------------------------------------------------------------------------------------------------------------- route
@entry_lines.register
def _route(entry: RouteEntry, words: Language) -> Iterator[str]:
    queue = words("route_queue", queue=entry.queue) if entry.queue else words("nobody")
    yield words("route", whom=entry.owner or queue, territory=entry.territory or words("no_territory"))
    if entry.error:
        yield entry.error
    if entry.next_offer_at:
        yield words("offered_again", at=entry.next_offer_at)


@entry_lines.register
def _gate(entry: GateEntry, words: Language) -> Iterator[str]:
    yield words("gate", name=entry.name, outcome=words(f"outcome_{entry.outcome}"), text=entry.text)


@entry_lines.register
def _candidate(entry: CandidateEntry, words: Language) -> Iterator[str]:
    share = words("share", assigned=entry.assigned, entitled=entry.entitled) if entry.entitled else ""
    text = words("eligible" if entry.eligible else "not_eligible", rep=entry.rep, share=share)
    yield f"{text}; {words.phrase(entry.because)}" if entry.because else text


# ----------------------------------------------------------------------------------------------------------- nurturing
@entry_lines.register
def _enrolment(entry: EnrolmentEntry, words: Language) -> Iterator[str]:
    if entry.due_at is None:
        yield words("sequence_ended", sequence=entry.sequence, why=words.phrase(entry.ended or ""))
    else:
        key = "step_overdue" if entry.overdue else "step_due"
        yield words(key, sequence=entry.sequence, step=entry.step, at=entry.due_at)


@entry_lines.register
def _unsent(entry: UnsentEntry, words: Language) -> Iterator[str]:
    yield words(f"unsent_{entry.state}", sequence=entry.sequence, **_failed(entry, words))


@entry_lines.register
def _blocked(entry: BlockedEntry, words: Language) -> Iterator[str]:
    reasons = words.listed(entry.reasons)
    key = "blocked_until" if entry.earliest else "blocked"
    yield words(key, sequence=entry.sequence, reasons=reasons, earliest=entry.earliest)


@entry_lines.register
def _message(entry: MessageEntry, words: Language) -> Iterator[str]:
    why = f", {words.listed(entry.why)}" if entry.why else ""
    yield words("message", at=entry.at, content=entry.content, fate=words(f"fate_{entry.fate}"), why=why)


# ----------------------------------------------------------------------------------------- tasks, findings, and twins
@entry_lines.register
def _task(entry: TaskEntry, words: Language) -> Iterator[str]:
    yield words(f"task_{entry.state}", task=entry.task, **_failed(entry, words))


@entry_lines.register
def _enrichment(entry: EnrichmentEntry, words: Language) -> Iterator[str]:
    yield words(
        "enriched" if entry.fills else "enriched_unused",
        path=entry.path,
        value=entry.value if isinstance(entry.value, str) else str(entry.value),
        source=entry.source,
        at=entry.at,
        confidence=round(entry.confidence * 100),
    )


@entry_lines.register
def _account(entry: AccountEntry, words: Language) -> Iterator[str]:
    yield words("account", account=entry.account, name=entry.name or entry.account, leads=entry.leads)
    missing = words("roles_missing", roles=", ".join(entry.missing)) if entry.missing else ""
    yield words("buying_center", center=entry.center, coverage=entry.coverage, missing=missing)
    if entry.next_role is not None:
        key = "role_of_this" if entry.is_this else "role_likely" if entry.candidate else "role_unknown"
        name, because = entry.candidate_name, words.listed(entry.because)
        yield words(key, role=entry.next_role, name=name, confidence=entry.confidence, because=because)


@entry_lines.register
def _quality(entry: QualityEntry, words: Language) -> Iterator[str]:
    yield from quality_lines(entry.quality, words)


@entry_lines.register
def _finding(entry: FindingEntry, words: Language) -> Iterator[str]:
    yield Finding(**{name: getattr(entry, name) for name in Finding.model_fields}).text_in(words)


@entry_lines.register
def _twin(entry: TwinEntry, words: Language) -> Iterator[str]:
    evidence = ", ".join(entry.evidence)
    yield words("twin", lead_id=entry.lead_id, likeness=entry.likeness, evidence=evidence)


@entry_lines.register
def _merge(entry: MergeEntry, words: Language) -> Iterator[str]:
    conflicts = words("merge_conflicts", fields=", ".join(entry.conflicts)) if entry.conflicts else ""
    by = words(f"actor_{entry.by.kind}", id=entry.by.id)
    yield words("merge", at=entry.at, lead_id=entry.lead_id, by=by, conflicts=conflicts)


@entry_lines.register
def _unmerge(entry: UnmergeEntry, words: Language) -> Iterator[str]:
    conflicts = words("unmerge_conflicts", fields=", ".join(entry.conflicts)) if entry.conflicts else ""
    by = words(f"actor_{entry.by.kind}", id=entry.by.id)
    yield words("unmerge", at=entry.at, lead_id=entry.lead_id, by=by, conflicts=conflicts)


@entry_lines.register
def _apart(entry: ApartEntry, words: Language) -> Iterator[str]:
    yield words("apart", at=entry.at, lead_id=entry.lead_id, by=words(f"actor_{entry.by.kind}", id=entry.by.id))


def _failed(entry: UnsentEntry | TaskEntry, words: Language) -> dict[str, object]:
    attempts = words("attempt" if entry.attempts == 1 else "attempts", count=entry.attempts)
    return {"attempts": attempts, "at": entry.due_at, "error": words.phrase(entry.error)}


# ---------------------------------------------------------------------------------------------------------- conditions
def condition_text(condition: Condition, words: Language) -> str:
    """Return a condition in a language; in English it is what ``str`` gives."""
    match condition:
        case And(all=parts):
            return words("and").join(_part(part, Or, words) for part in parts)
        case Or(any=parts):
            return words("or").join(_part(part, And, words) for part in parts)
        case Not(of=IsKnown() as known):
            return words("is_unknown", name=known.name)
        case Not(of=part):
            return words("not", part=condition_text(part, words))
        case Always():
            return words("always")
        case Never():
            return words("never")
    return _leaf_text(condition, words)


def _leaf_text(leaf: OnPath, words: Language) -> str:
    match leaf:
        case Compare():
            return f"{leaf.name} {SIGNS[leaf.op]} {_value(leaf.value, words)}"
        case IsIn():
            return words("in", name=leaf.name, values=_values(leaf.values, words))
        case Between():
            low, high = _value(leaf.low, words), _value(leaf.high, words)
            return words("between", name=leaf.name, low=low, high=high)
        case Matches() | HasWords():
            return words(leaf.op, name=leaf.name, value=spoken(leaf.value))
        case IsKnown():
            return words("known", name=leaf.name)
        case Within(days=1):
            return words("within_a_day", name=leaf.name)
        case Within():
            return words("within", name=leaf.name, days=leaf.days)
    raise AssertionError(leaf)


def _part(part: Condition, other: type, words: Language) -> str:
    text = condition_text(part, words)
    return f"({text})" if isinstance(part, other) else text


def _values(values: Sequence[Scalar], words: Language) -> str:
    listed = ", ".join(_value(value, words) for value in values[:SHOWN])
    return listed if len(values) <= SHOWN else words("more_values", values=listed, count=f"{len(values):,}")


def _value(value: Scalar, words: Language) -> str:
    match value:
        case bool():
            return words("value_true" if value else "value_false")
        case float():
            return spoken(value).replace(".", words.decimal_sign)
    return spoken(value)
