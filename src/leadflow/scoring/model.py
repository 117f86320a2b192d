"""The scoring model, a definition: rules, caps and grades as one value; and ``Scorer``, the engine that it is bound to.

::

    scorer = model.bind(Lead[MyFields])                     # paths are checked, rules compiled, once
    scorer.score(lead, activities, now)
    scorer.crossing(lead, activities, now, ("engagement", 25))      # when, by ageing alone
    scorer.what_if(lead, activities, now, field("score.fit") >= 40) # what is missing, and what would give it

As data (JSON, or YAML as a marketing team writes it)::

    name: b2b-2026
    zone: Europe/Berlin                       # whose days, weeks and months limits count; UTC if left out
    fit:
      - points: 25
        when: {field: company.employees, op: ge, value: 250}
        because: enterprise
    engagement:
      - activity: demo_requested              # YAML takes a bare "on:" for true; that is understood, too
        points: 30
        decay: {half_life_days: 30}           # {linear_percent: 50, every_days: 30}, {window_days: 30}
        cap: 60
      - activity: page_viewed
        points: 3
        where: {activity: path, op: starts_with, value: /pricing}
        limit: [5, day]                       # day, week, month, ever
        group: web
    groups: {web: 20}                         # a cap for the rules of a group together
    cap_engagement: 100
    grades: {fit: [60, 35, 15], engagement: [60, 30, 10]}

Also: ``weight`` with ``cases`` in fit (see ``rules``), ``bands`` or ``inactive_days`` in engagement (see
``counting_rules``), and ``vetoes``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from leadflow.conditions.nodes import Condition, Node, leaves
from leadflow.conditions.values import is_of_account, is_of_advice, is_of_quality, moment_now
from leadflow.entities.base import Entity, Line, micros, unchecked
from leadflow.entities.behaviour import Activity
from leadflow.entities.definition import Definition
from leadflow.entities.lead import Lead
from leadflow.entities.person import BuyingRole
from leadflow.entities.score import Account, Score
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.scoring.arithmetic import BY_HAND, once, summed
from leadflow.scoring.counting_rules import AnyEngagement, InactivityRule, WrittenEngagement
from leadflow.scoring.crossings import LAST, Crossings, Side
from leadflow.scoring.engagement import NOTHING_REMEMBERED, Engagement
from leadflow.scoring.engagement_rules import ActivityFunctionRule
from leadflow.scoring.engagement_state import EngagementState, RuleState
from leadflow.scoring.fit_engine import FitEngine, FitFunction
from leadflow.scoring.grades import Grades
from leadflow.scoring.rules import AnyFit, Cap, FunctionRule, Veto, WrittenFit
from leadflow.scoring.suggestions import Suggestions
from leadflow.scoring.what_if import LeadScorer, Outlook, outlook
from leadflow.worktime import zone_named

__all__ = ["HORIZON", "Scorer", "ScoringModel"]

HORIZON: Final = timedelta(days=3653)
"""Ten years."""
_SCORE: Final = set(Score.model_fields)

Version = Annotated[
    Line,
    BeforeValidator(lambda written: str(written) if type(written) is int else written),  # as YAML reads `version: 2`
    WithJsonSchema({"type": ["string", "integer"]}),
]


class ScoringModel(Definition):
    """Rules with their caps and grades; a frozen value that goes to JSON and back, unless it has Python functions.

    Rules are named, uniquely in the model. ``groups`` are caps for the rules of a group together; a group has rules of
    one side only. ``cap_fit`` and ``cap_engagement`` bound the sides. Caps bound the absolute value. Where a veto is
    true no points help. What persons adjusted by hand (``lead.adjustments``) counts within the cap of its side.
    """

    name: Line
    version: Version = "1"
    zone: Annotated[str, AfterValidator(lambda name: zone_named(name).key)] = "UTC"
    fit: tuple[WrittenFit, ...] = ()
    engagement: tuple[WrittenEngagement, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    groups: dict[Line, Cap] = Field(default_factory=dict)
    cap_fit: Cap | None = None
    cap_engagement: Cap | None = None
    grades: Grades = Grades()
    buying_roles: tuple[BuyingRole, ...] = ()
    """The roles of a buying center that an account should have; all of them if left out."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            name: str,
            version: str | int = "1",
            zone: str = "UTC",
            fit: Iterable[AnyFit | Mapping[str, Any]] = (),
            engagement: Iterable[AnyEngagement | Mapping[str, Any]] = (),
            vetoes: Iterable[Veto | Mapping[str, Any]] = (),
            groups: Mapping[str, float] = ...,
            cap_fit: float | None = None,
            cap_engagement: float | None = None,
            grades: Grades | Mapping[str, Any] = ...,
            buying_roles: Iterable[BuyingRole] = (),
        ) -> None: ...

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        counts = Counter(rule.name for rule in (*self.vetoes, *self.fit, *self.engagement))
        if BY_HAND in counts:
            raise DefinitionError(f"{BY_HAND!r} is what points by hand are called; give the rule another name")
        if twice := [name for name, count in counts.items() if count > 1]:
            raise DefinitionError(f"several rules are called {twice[0]!r}; give them names of their own (name=…)")
        return self

    @model_validator(mode="after")
    def _groups_are_known(self) -> Self:
        sides = ({rule.group for rule in self.fit}, {rule.group for rule in self.engagement})
        for group in sorted(group for group in sides[0] | sides[1] if group is not None):
            if group not in self.groups:
                near = get_close_matches(group, self.groups, n=1)
                meant = f"; is {near[0]!r} meant?" if near else f"; give it one: groups={{{group!r}: 40}}"
                raise DefinitionError(f"group {group!r} has no cap{meant}")
            if all(group in side for side in sides):
                raise DefinitionError(f"group {group!r} has rules of fit and of engagement; make it two groups")
        return self

    @property
    def label(self) -> str:
        """Name and version, as scores carry them: ``b2b-2026@1``."""
        return f"{self.name}@{self.version}"

    def bind(self, lead_type: type[Any] = Lead, *, keeps_account: bool = False, keeps_advice: bool = False) -> Scorer:
        """The engine for leads of a class: every path is checked against its fields (else ``DefinitionError``).

        Other classes than entities of leadflow, such as ``dict``, are not checked. Leads of other classes are scored
        all the same, only slower at first. ``keeps_account``: scores carry the account that they are computed with,
        ``keeps_advice``: and whom to win next.
        """
        model = self._checked(lead_type) if issubclass(lead_type, Entity) else self
        return Scorer(model, lead_type, keeps_account=keeps_account, keeps_advice=keeps_advice)

    def _checked(self, lead_type: type[Any]) -> Self:
        return self.but(
            fit=tuple(rule.bound(lead_type) for rule in self.fit),
            engagement=tuple(rule.bound(lead_type) for rule in self.engagement),
            vetoes=tuple(veto.bound(lead_type) for veto in self.vetoes),
        )

    def score(self, lead: Any, activities: Iterable[Activity], now: datetime, **options: Any) -> Score:
        """Score one lead, as a test does; to score more than one, ``bind`` once and use ``Scorer.score``."""
        return self.bind(type(lead)).score(lead, activities, now, **options)

    def model_dump(self, **options: Any) -> dict[str, Any]:
        if options.get("mode") == "json":
            self._check_json()
        return super().model_dump(**options)

    def model_dump_json(self, **options: Any) -> str:
        self._check_json()
        return super().model_dump_json(**options)

    def _check_json(self) -> None:
        for rule in (*self.fit, *self.engagement):
            if isinstance(rule, FunctionRule | ActivityFunctionRule):
                raise rule.no_json()


class Scorer:
    """A scoring model bound to a class of leads, with all that is compiled: keep it for as long as you score.

    Where a method takes ``activities``, they come in any order, also twice, and those after ``now`` don't count yet.
    With a ``state`` they are read only for rules that are not in it; None says that there are none (such rules are a
    ``DefinitionError`` then). ``account`` is what rules on ``account.…`` see; without one they find nothing.
    """

    def __init__(
        self, model: ScoringModel, lead_type: type[Any], *, keeps_account: bool = False, keeps_advice: bool = False
    ) -> None:
        self.keeps_account = keeps_account
        self.model, self._lead_type = model, lead_type
        group_of = {rule.name: rule.group for rule in (*model.fit, *model.engagement) if rule.group is not None}
        of_fit = {rule.group for rule in model.fit}
        caps = {side: {g: cap for g, cap in model.groups.items() if (g in of_fit) is side} for side in (True, False)}
        self.of_lead = FitEngine(model.vetoes, model.fit, group_of, caps[True], model.cap_fit)
        """Vetoes and fit of one lead."""
        self.engagement = Engagement.of(
            model.engagement, zone_named(model.zone), group_of, caps[False], model.cap_engagement
        )
        conditions = (*self.of_lead.conditions(), *(rule.where for rule in model.engagement if rule.where is not None))
        paths = [leaf.path for leaf in chain(*map(leaves, conditions)) if leaf.scope == "field"]
        if any(map(is_of_quality, paths)) and issubclass(lead_type, Lead):
            raise DefinitionError(
                f"{next(filter(is_of_quality, paths))}: points are for what a lead is and does; the quality of data "
                "ages by itself: compare it in the qualification or in a gate of the router"
            )
        self.needs_account = keeps_account or any(map(is_of_account, paths))
        """Whether a rule reads a field of the account, so that an account must be given."""
        self.needs_advice = keeps_advice or any(map(is_of_advice, paths))
        """Whether a rule asks whom to win next, so that the activities of all colleagues must be read."""
        covered = bool(model.engagement) and all(one.reducer for one in self.engagement.measurers)
        self.is_incremental = covered and not self.needs_advice
        """Whether a state covers all that is read of activities."""
        self._idle = any(isinstance(rule, InactivityRule) for rule in model.engagement)
        self._grade, self._worst, self._label = model.grades.lookup(), model.grades.worst, model.label

    # --- scores ------------------------------------------------------------------------------------------------

    def score(
        self,
        lead: Any,
        activities: Iterable[Activity] | None,
        now: datetime,
        *,
        state: EngagementState | None = None,
        account: Account | None = None,
        strict: bool = False,
    ) -> Score:
        """The score at ``now``, with every contribution that gave something.

        A rule that raises gives nothing and is listed with its ``error``; if ``strict``, scoring raises
        ``DefinitionError`` instead.
        """
        if now.tzinfo is not UTC:
            now = moment_now(now)
        veto, by_hand, fit, given = self.of_lead(lead, now, account, strict=strict)
        engagement = 0.0
        if activities or by_hand or self._idle or state:
            activities, states = self._sources(activities, state, now)
            done = self.engagement.contributions(
                lead, activities, now, account, by_hand=by_hand, states=states, vetoed=veto is not None, strict=strict
            )
            engagement, given = summed(done, self.engagement.cap), [*given, *done]
        values = {
            "fit": fit,
            "engagement": engagement,
            "grade": self._worst if veto is not None else self._grade(fit, engagement),
            "contributions": tuple(given),
            "at": now,
            "model": self._label,
            "veto": veto,
            "account": account if self.keeps_account else None,
        }
        return unchecked(Score, values, _SCORE)

    @cached_property
    def fit(self) -> FitFunction:
        """A function from a lead and a moment to its fit and the contributions, for loops that must be fast.

        ``fit, contributions = scorer.fit(lead, now)``, the same as ``score`` gives for what the lead is.
        """
        return self.of_lead.fit_function(self._lead_type)

    # --- states ------------------------------------------------------------------------------------------------

    def state(self, activities: Iterable[Activity], now: datetime) -> EngagementState:
        """The state after all of these activities, which may come twice and in any order."""
        done, at = list(once(activities)), micros(now)
        return EngagementState({one.digest: one.of(done, at) for one in self.engagement.reducers})

    def state_after(self, state: EngagementState, new: Iterable[Activity], now: datetime) -> EngagementState:
        """The state with activities that were not there before, however late they come."""
        return self.merged(state, self.state(new, now), now)

    def merged(self, one: EngagementState, other: EngagementState, now: datetime) -> EngagementState:
        """The state of two sets of activities that have none in common."""
        at, mine, theirs = micros(now), one.rules, other.rules
        return EngagementState({
            how.digest: how.together(mine[how.digest], theirs[how.digest], at)
            for how in self.engagement.reducers
            if how.digest in mine and how.digest in theirs
        })  # fmt: skip

    def missing(self, state: EngagementState, now: datetime) -> list[str]:
        """The rules that the state does not cover: they are not incremental, are new, or it is of later than now."""
        at, rules = micros(now), self.engagement.with_states(state.rules)
        return [one.rule.name for one, of_rule in rules if of_rule is None or not of_rule.holds(at)]

    def _sources(
        self, activities: Iterable[Activity] | None, state: EngagementState | None, now: datetime
    ) -> tuple[Iterable[Activity], Mapping[str, RuleState]]:
        """The activities to read, and the states to use instead."""
        if state is None:
            return activities or (), NOTHING_REMEMBERED
        if missing := self.missing(state, now):
            if activities is None:
                raise DefinitionError(
                    f"the engagement state does not cover {missing[0]!r}; give the lead's activities, too"
                )
            return activities, NOTHING_REMEMBERED
        return (), state.rules

    # --- by ageing alone, and if something changed ---------------------------------------------------------------

    def crossing(
        self,
        lead: Any,
        activities: Iterable[Activity] | None,
        now: datetime,
        *thresholds: tuple[Side, float],
        horizon: timedelta = HORIZON,
        state: EngagementState | None = None,
        account: Account | None = None,
    ) -> datetime | None:
        """The next moment at which, if nothing new happens, a side falls below its threshold, or reaches it.

        Each threshold is a side with a number: ``("engagement", 25)``; the earliest crossing counts, None if none is
        within the horizon. Losses fade, too, and an activity dated ahead can raise a score. Exact to the microsecond:
        scoring at that moment gives a value on the other side, scoring at any moment before does not.
        """
        now = moment_now(now)
        if not thresholds:
            return None
        score = self.score(lead, activities := _listed(activities), now, state=state, account=account)
        values = {"fit": score.fit, "engagement": score.engagement, "total": score.total}
        done, states = self._sources(activities, state, now)
        crossings = Crossings(self.of_lead, self.engagement, lead, tuple(once(done)), states, account)
        end, earliest = now + min(max(horizon, timedelta(0)), LAST - now), None
        for side, number in thresholds:
            found = crossings.first(side, number, now, end, rising=values[side] < number)
            if found is not None and found > now:
                end = earliest = found
        return earliest

    def may_rise(
        self, lead: Any, activities: Iterable[Activity] | None, now: datetime, *, state: EngagementState | None = None
    ) -> bool:
        """Whether a side may rise if nothing new happens: losses fade, or something is dated ahead; else it never does.

        A quick test that saves looking for crossings.
        """
        done, states = self._sources(_listed(activities), state, now)
        return Crossings(self.of_lead, self.engagement, lead, tuple(done), states, None).may_rise(moment_now(now))

    def what_if(
        self,
        lead: Any,
        activities: Iterable[Activity] | None,
        now: datetime,
        goal: Condition,
        *,
        state: EngagementState | None = None,
        account: Account | None = None,
    ) -> Outlook:
        """What is missing for a condition on the score and what would do; and when ageing alone turns it.

        ``goal`` asks for scores (``field("score.fit") >= 40``) and perhaps for more of the lead. What would do are the
        smallest sets of changes: values of the lead, activities that happen now; each has been scored.
        """
        return self.outlook(lead, now, goal, _Alone(self, _listed(activities), state, account), account)

    def outlook(
        self, lead: Any, now: datetime, goal: Condition, scores: LeadScorer, account: Account | None
    ) -> Outlook:
        """The same where more than the lead decides its score, such as its colleagues."""
        if not isinstance(goal, Node):
            raise InvalidInput(
                "goal", goal, 'give a condition, such as field("score.fit") >= 40 or the mql of a policy'
            )
        now = moment_now(now)
        model = self.model
        suggestions = Suggestions(model.vetoes, model.fit, model.engagement, lead, now, account)
        return outlook(suggestions, model.grades, goal, scores)


@dataclass(frozen=True, slots=True)
class _Alone:
    """Scores a lead by what is given beside it."""

    scorer: Scorer
    activities: tuple[Activity, ...] | None
    state: EngagementState | None
    account: Account | None

    def score(self, lead: Any, new: Sequence[Activity], at: datetime) -> Score:
        activities = None if self.activities is None else (*self.activities, *new)
        state = self.scorer.state_after(self.state, new, at) if self.state is not None and new else self.state
        return self.scorer.score(lead, activities, at, state=state, account=self.account)

    def crossing(self, lead: Any, after: datetime, thresholds: Sequence[tuple[Any, float]]) -> datetime | None:
        return self.scorer.crossing(lead, self.activities, after, *thresholds, state=self.state, account=self.account)


def _listed(activities: Iterable[Activity] | None) -> tuple[Activity, ...] | None:
    return None if activities is None else tuple(activities)
