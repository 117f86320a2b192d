"""Choices of a merge: for every field of two leads, whose value counts, by which rule, and where they contradict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, TypeAlias, get_args

from leadflow.decisions.intake import read_submission
from leadflow.decisions.policy import Policy
from leadflow.entities import ActorKind, Company, Entity, Lead, Person, last_words
from leadflow.entities.base import Moment
from leadflow.errors import InvalidInput
from leadflow.events import DetailsCorrected, Fact, LeadCaptured
from leadflow.events.merged_lead import BLOCKS, IDENTITY, VALUES, WISHES, clash, contested, is_blank, is_whole

__all__ = [
    "ORIGINS",
    "Kept",
    "MergeChoices",
    "MergedField",
    "ScoreOfMerge",
    "Survivorship",
    "SurvivorshipRule",
    "choices",
    "progress",
    "two_ids",
]

Kept = Literal["survivor", "absorbed", "both"]
SurvivorshipRule = Literal[
    "survivor", "most_complete", "newest", "most_trusted", "person_over_machine", "longest", "union"
]
ScoreOfMerge = Literal["recomputed", "sum", "max"]
ORIGINS: Final = ("lead_captured", "details_corrected")
"""The kinds of facts that say where the value of a field comes from."""
ROLE: Final = "buying_role"
LEADING: Final = frozenset({"first_name", "last_name", "job_title"})
"""By which the more complete name, or position, is told: the rest of them is mostly derived."""
PATHS: Final = frozenset(
    (
        *BLOCKS,
        *VALUES,
        *WISHES,
        *(f"person.{one}" for one in Person.model_fields),
        *(f"company.{one}" for one in Company.model_fields if one not in IDENTITY),
    )
)
"""The paths that have a rule of their own, with those in ``custom``: addresses are taken in whole."""
PEOPLE: Final[frozenset[ActorKind]] = frozenset({"rep", "marketing", "person"})


class MergedField(Entity):
    """A field in which both leads have a value: both values with their origin, which is kept, and by which rule.

    ``conflict``: the values contradict each other.
    """

    path: str
    survivor: Any = None
    absorbed: Any = None
    kept: Kept = "survivor"
    rule: str = "survivor"
    conflict: bool = False
    survivor_source: str | None = None
    survivor_at: Moment | None = None
    absorbed_source: str | None = None
    absorbed_at: Moment | None = None


Chooser: TypeAlias = Callable[[MergedField], Kept]


@dataclass(frozen=True)
class Survivorship:
    """Whose value counts where both leads have one: a rule for all fields, and rules for some of them.

    ``fields`` are rules by path (``person.job_title``; ``company`` is for all fields of companies), or functions that
    take a ``MergedField`` and return ``survivor``, ``absorbed`` or (of lists) ``both``. ``trusted`` are sources, the
    most trusted first. A blank is filled; contact points, consents, deals and touches follow no rule.

    Two different addresses, or companies, are never mixed: one of them counts in whole. So do names (with salutation
    and title) and positions (job title, department, seniority), unless ``fields`` names one of their fields: the first
    that it names decides for those that it does not.

    - ``survivor``: the survivor's.
    - ``most_complete``: of addresses, companies, names the one with more known, of lists both, else the survivor's.
    - ``newest``, ``most_trusted``, ``person_over_machine``: by when, from which source, and by whom it was given.
    - ``longest``: the longer text. ``union``: of lists both.

    A buying role that the team has confirmed counts before one that it has not, unless ``fields`` names it.

    ``score``: what two scores become, for each side. ``recomputed``: that of all activities, within the caps; ``sum``
    and ``max`` of both are reached by points that are given once, and taken back with the merge.
    """

    default: SurvivorshipRule | Chooser = "most_complete"
    fields: Mapping[str, SurvivorshipRule | Chooser] = field(default_factory=dict)
    trusted: Sequence[str] = ()
    score: ScoreOfMerge = "recomputed"

    def __post_init__(self) -> None:
        if not isinstance(self.fields, Mapping):
            raise InvalidInput("survivorship.fields", self.fields, "give rules by path: {'note': 'longest'}")
        if isinstance(self.trusted, str) or not all(isinstance(one, str) for one in self.trusted):
            raise InvalidInput("survivorship.trusted", self.trusted, "give sources, the most trusted first")
        if self.score not in get_args(ScoreOfMerge):
            raise InvalidInput("survivorship.score", self.score, f"give one of {', '.join(get_args(ScoreOfMerge))}")
        for path, rule in (("default", self.default), *self.fields.items()):
            if rule not in get_args(SurvivorshipRule) and not callable(rule):
                rules = ", ".join(get_args(SurvivorshipRule))
                raise InvalidInput(f"survivorship.{path}", rule, f"give one of {rules}, or a function")
        for path in self.fields:
            if path not in PATHS and not str(path).startswith("custom."):
                raise InvalidInput("survivorship.fields", path, f"give a path of {', '.join(sorted(PATHS))}")

    def rule(self, path: str) -> SurvivorshipRule | Chooser:
        """The rule for a path, or for the field that it is in."""
        return self.fields.get(path) or self.fields.get(path.partition(".")[0]) or self.default

    @property
    def named(self) -> dict[str, object]:
        """What it says in plain values, by which a repeated command is recognised."""
        rules = {path: _named(rule) for path, rule in self.fields.items()}
        score = {} if self.score == "recomputed" else {"score": self.score}  # as in commands of before
        return {"default": _named(self.default), "fields": rules, "trusted": list(self.trusted), **score}


def _named(rule: SurvivorshipRule | Chooser) -> str:
    return rule if isinstance(rule, str) else "function"


class MergeChoices(NamedTuple):
    """What a ``LeadsMerged`` fact names, and the fields behind it."""

    taken: tuple[str, ...]
    united: tuple[str, ...]
    conflicts: tuple[str, ...]
    fields: tuple[MergedField, ...]


class _Origin(NamedTuple):
    at: datetime
    source: str
    by: ActorKind


Origins: TypeAlias = Mapping[str, _Origin]
UNKNOWN: Final[Origins] = MappingProxyType({})


def choices(
    policy: Policy,
    survivorship: Survivorship,
    lead: Lead[Any],
    other: Lead[Any],
    facts: tuple[Iterable[Fact], Iterable[Fact]] = ((), ()),
) -> MergeChoices:
    """Choose for each field in which both leads have a value; ``facts`` say where the values come from."""
    mine, theirs = (_origins(policy, some) for some in facts)
    chosen = {one.path: _chosen(one, survivorship, mine, theirs) for one in _fields(lead, other, mine, theirs)}
    followed: list[str] = []
    for name in BLOCKS:
        for part in contested(name, getattr(lead, name), getattr(other, name)):
            followed += _decide_part(name, part, chosen, survivorship, getattr(lead, name), getattr(other, name))
    if (role := chosen.get(ROLE)) is not None and ROLE not in survivorship.fields and role.rule != "function":
        chosen[ROLE] = _confirmed_first(role, lead, other)
    fields = tuple(chosen.values())
    standing = tuple(_standing(policy, lead, other))
    conflicts = (*(one.path for one in fields if one.conflict), *_contradictions(lead, other))
    return MergeChoices(
        taken=(*(one.path for one in fields if one.kept == "absorbed"), *followed, *standing),
        united=tuple(one.path for one in fields if one.kept == "both"),
        conflicts=conflicts,
        fields=fields,
    )


# ------------------------------------------------------------------------------------------------------------ fields
def _fields(lead: Lead[Any], other: Lead[Any], mine: Origins, theirs: Origins) -> Iterator[MergedField]:
    for name in BLOCKS:
        one, two = getattr(lead, name), getattr(other, name)
        if is_whole(name, one, two):
            yield _field(name, one, two, mine, theirs, conflict=True)
        else:
            for sub in type(one).model_fields:
                if clash(one, two, sub):
                    path = f"{name}.{sub}"
                    yield _field(path, getattr(one, sub), getattr(two, sub), mine, theirs, conflict=True)
    for name in VALUES:
        if clash(lead, other, name):
            yield _field(name, getattr(lead, name), getattr(other, name), mine, theirs, conflict=True)
    for name in WISHES:
        if clash(lead, other, name):
            yield _field(name, getattr(lead, name), getattr(other, name), mine, theirs, conflict=False)


def _field(path: str, one: Any, two: Any, mine: Origins, theirs: Origins, *, conflict: bool) -> MergedField:
    own, others = _origin(mine, path), _origin(theirs, path)
    return MergedField(
        path=path,
        survivor=_plain(one),
        absorbed=_plain(two),
        conflict=conflict,
        survivor_source=own.source if own else None,
        survivor_at=own.at if own else None,
        absorbed_source=others.source if others else None,
        absorbed_at=others.at if others else None,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Entity):
        return value.model_dump(mode="json", exclude_none=True)
    return list(value) if isinstance(value, tuple) else value


def _chosen(one: MergedField, by: Survivorship, mine: Origins, theirs: Origins) -> MergedField:
    rule = by.rule(one.path)
    if callable(rule):
        try:
            kept = rule(one)
        except Exception as wrong:  # a function of the host may raise anything
            name, error = getattr(rule, "__qualname__", type(rule).__name__), type(wrong).__name__
            raise InvalidInput(
                f"survivorship.{one.path}", name, f"this function raised {error}, and nothing was written; mend it"
            ) from wrong
        allowed = get_args(Kept) if one.path in WISHES else get_args(Kept)[:2]
        if kept not in allowed:
            raise InvalidInput(f"survivorship.{one.path}", kept, f"return one of {', '.join(allowed)}")
        return one.but(kept=kept, rule="function")
    better = _is_better(rule, one, by.trusted, _origin(mine, one.path), _origin(theirs, one.path))
    listed = one.path in WISHES and rule in ("union", "most_complete")
    return one.but(kept="both" if listed else "absorbed" if better else "survivor", rule=rule)


def _confirmed_first(role: MergedField, lead: Lead[Any], other: Lead[Any]) -> MergedField:
    """Let a buying role that the team has confirmed stand over one that nobody has."""
    if (lead.confirmed_role is None) == (other.confirmed_role is None):
        return role
    return role.but(kept="survivor" if other.confirmed_role is None else "absorbed", rule="confirmed")


def _decide_part(
    name: str, part: Sequence[str], chosen: dict[str, MergedField], by: Survivorship, mine: Entity, theirs: Entity
) -> Iterator[str]:
    """Let one field of a part decide for those that have no rule of their own; return what is taken without a choice.

    The fields that both know are changed in ``chosen``.
    """
    paths = {f"{name}.{sub}": sub for sub in part}
    differing = [path for path in paths if path in chosen]
    leader = chosen[next((path for path in differing if path in by.fields), differing[0])]
    if leader.rule == "most_complete" and leader.path not in by.fields:
        known = [sum(not is_blank(one, sub) for sub in part if sub in LEADING) for one in (mine, theirs)]
        leader = leader.but(kept="absorbed" if known[1] > known[0] else "survivor")
    for path, sub in paths.items():
        if path in chosen and path not in by.fields:
            chosen[path] = chosen[path].but(kept=leader.kept, rule=leader.rule)
        elif path not in chosen and (is_blank(mine, sub) if path in by.fields else leader.kept == "absorbed"):
            yield path


def _is_better(
    rule: SurvivorshipRule, one: MergedField, trusted: Sequence[str], mine: _Origin | None, theirs: _Origin | None
) -> bool:
    """Whether the absorbed lead's value is better; of two that are equally good, the survivor's counts."""
    match rule:
        case "most_complete":
            return isinstance(one.survivor, dict) and len(one.absorbed) > len(one.survivor)
        case "longest":
            return len(str(one.absorbed)) > len(str(one.survivor))
        case "newest":
            return theirs is not None and (mine is None or theirs.at > mine.at)
        case "most_trusted":
            return _rank(trusted, theirs) < _rank(trusted, mine)
        case "person_over_machine":
            return _is_of_person(theirs) and not _is_of_person(mine)
    return False


def _rank(trusted: Sequence[str], origin: _Origin | None) -> int:
    return trusted.index(origin.source) if origin is not None and origin.source in trusted else len(trusted)


def _is_of_person(origin: _Origin | None) -> bool:
    return origin is not None and origin.by in PEOPLE


def _origins(policy: Policy, facts: Iterable[Fact]) -> Origins:
    """Return for each path the fact that last changed it, or said it again."""
    known: dict[str, Any] = {}
    found: dict[str, _Origin] = {}
    for fact in facts:
        if not isinstance(fact, LeadCaptured | DetailsCorrected):
            continue
        source = fact.source if isinstance(fact, LeadCaptured) else "correction"
        origin = _Origin(fact.happened_at, source, fact.actor.kind)
        for name, value in fact.details.items():
            parts = {f"{name}.{sub}": part for sub, part in value.items()} if isinstance(value, dict) else {}
            changed = [path for path, part in {name: value, **parts}.items() if known.get(path) != part]
            known |= {name: value, **parts}
            found |= dict.fromkeys(changed, origin)
        if isinstance(fact, LeadCaptured) and fact.repeats:
            found |= dict.fromkeys(_said_again(policy, fact), origin)
    return found


def _said_again(policy: Policy, fact: LeadCaptured) -> Iterator[str]:
    """Return the paths of which a submission said what was known already."""
    read = read_submission(policy, fact.submission, source=fact.source, at=fact.happened_at, dated=None)
    for group in fact.repeats:
        given = read.details.get(group)
        if isinstance(given, Entity):
            yield from (group, *(f"{group}.{name}" for name, value in given if value is not None))


def _origin(origins: Origins, path: str) -> _Origin | None:
    return origins.get(path)


# ---------------------------------------------------------------------------------------------- stage, owner, the rest
def _standing(policy: Policy, lead: Lead[Any], other: Lead[Any]) -> Iterator[str]:
    """The furthest stage counts, and the owner of the lead that is further: an owned opportunity keeps its owner."""
    if progress(policy, other) > progress(policy, lead):
        yield "stage"
    owned = [one for one in (lead, other) if one.owner or one.queue]
    further = max(owned or [lead], key=lambda one: (bool(one.owner), progress(policy, one), one is lead))
    if further is other:
        yield "owner"


def progress(policy: Policy, lead: Lead[Any]) -> int:
    """Return how far a lead has come on the journey; one that is out of it has not begun."""
    stages = policy.lifecycle.stages
    place = next((n for n, stage in enumerate(stages) if stage.name == lead.stage), 0)
    return -1 if stages[place].kind == "out" else place


def _contradictions(lead: Lead[Any], other: Lead[Any]) -> Iterator[str]:
    if lead.owner and other.owner and lead.owner != other.owner:
        yield "owner"
    yield from (f"external_ids.{system}" for system in two_ids(lead, other))
    mine = last_words(lead.consents)
    for key, said in last_words(other.consents).items():
        if key in mine and mine[key].status != said.status:
            yield f"consents.{'/'.join(key)}"


def two_ids(lead: Lead[Any], other: Lead[Any]) -> list[str]:
    """Return the systems in which the two leads have different ids."""
    mine = {(one.system, one.id) for one in lead.external_ids}
    systems = {system for system, _ in mine}
    return sorted({one.system for one in other.external_ids if (one.system, one.id) not in mine} & systems)
