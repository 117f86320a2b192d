"""A model made ready to run: all fit rules as one generated Python function, engagement rules by kind of activity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from weakref import finalize
from zoneinfo import ZoneInfo

from leadflow.entities.base import unchecked
from leadflow.entities.behaviour import Activity
from leadflow.entities.score import Contribution, Score
from leadflow.scoring.arithmetic import adjusted, by_kind, capped, unhelped
from leadflow.scoring.asking import Asking, OfLead
from leadflow.scoring.counting import InactivityRule
from leadflow.scoring.engaging import Engaging, engagement, engaging, kinds_of, loses
from leadflow.scoring.memory import Memory, Remembering, composes

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel

_SCORE: Final = set(Score.model_fields)
NOTHING_REMEMBERED: Final[Mapping[str, Memory]] = {}


@dataclass(frozen=True, slots=True)
class Plan:
    """What scoring one lead after the other needs, derived from a model once."""

    asking: Asking
    engaging: tuple[Engaging, ...]
    remembering: tuple[Remembering | None, ...]
    """How each of them remembers; None for those that don't compose."""
    may_rise: bool
    """Whether a score can rise by nothing but age: losses fade, too."""
    kinds: frozenset[str] | None
    """The kinds of activities that are asked for; None where all are."""
    without_activities: bool
    """Whether there may be points for a lead that did nothing."""
    group_of: Mapping[str, str]
    engagement_groups: Mapping[str, float]
    cap_engagement: float | None
    grade: Callable[[float, float], str]
    worst: str
    label: str

    def of_lead(self, lead: object, now: datetime, account: object = None, *, strict: bool = False) -> OfLead:
        """What the lead itself tells."""
        return self.asking.of(type(lead))(lead, now, strict, account)

    def engagement(
        self,
        lead: object,
        activities: Iterable[Activity],
        now: datetime,
        account: object = None,
        *,
        by_hand: object,
        memories: Mapping[str, Memory] = NOTHING_REMEMBERED,
        vetoed: bool = False,
        strict: bool = False,
    ) -> list[Contribution]:
        """The engagement contributions, after all caps; rules that have a memory need no activities."""
        told = by_kind(activities, self.kinds, now)
        rules = self.recalling(memories)
        given = [*adjusted(by_hand, "engagement", now), *engagement(rules, told, lead, now, account, strict=strict)]
        return capped(unhelped(given) if vetoed else given, self.group_of, self.engagement_groups, self.cap_engagement)

    def score(
        self, veto: str | None, fit: float, engagement: float, contributions: Sequence[Contribution], now: datetime
    ) -> Score:
        """Both sides together, with the grade."""
        values = {
            "fit": fit,
            "engagement": engagement,
            "grade": self.worst if veto is not None else self.grade(fit, engagement),
            "contributions": tuple(contributions),
            "at": now,
            "model": self.label,
            "veto": veto,
        }
        return unchecked(Score, values, _SCORE)

    def recalling(self, memories: Mapping[str, Memory]) -> Iterator[tuple[Engaging, Memory | None]]:
        """Each engagement rule with its memory, if there is one."""
        for one, how in zip(self.engaging, self.remembering, strict=True):
            yield one, None if how is None else memories.get(how.digest)


_PLANS: dict[int, Plan] = {}


def plan_of(model: ScoringModel) -> Plan:
    """The plan of a model, made when it is first asked for and kept for as long as the model lives.

    It is kept beside the model, not in it: copies, pickles and comparisons of models know nothing of it.
    """
    plan = _PLANS.get(id(model))
    if plan is None:
        plan = _PLANS[id(model)] = _planned(model)
        finalize(model, _PLANS.pop, id(model), None)
    return plan


def _planned(model: ScoringModel) -> Plan:
    zone = ZoneInfo(model.zone)
    group_of = {rule.name: rule.group for rule in (*model.fit, *model.engagement) if rule.group is not None}
    of_fit = {rule.group for rule in model.fit}
    return Plan(
        asking=Asking(
            vetoes=model.vetoes,
            rules=model.fit,
            group_of=group_of,
            groups={group: cap for group, cap in model.groups.items() if group in of_fit},
            cap=model.cap_fit,
        ),
        engaging=tuple(engaging(rule, zone) for rule in model.engagement),
        remembering=tuple(Remembering(rule, zone) if composes(rule) else None for rule in model.engagement),
        may_rise=any(map(loses, model.engagement)),
        kinds=kinds_of(model.engagement),
        without_activities=any(isinstance(rule, InactivityRule) for rule in model.engagement),
        group_of=group_of,
        engagement_groups={group: cap for group, cap in model.groups.items() if group not in of_fit},
        cap_engagement=model.cap_engagement,
        grade=model.grades.told(),
        worst=model.grades.worst,
        label=model.label,
    )
