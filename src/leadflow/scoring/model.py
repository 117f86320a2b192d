"""The scoring model: rules, caps and grades as one value; from lead, activities and a moment to a score.

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

Also: ``weight`` with ``cases`` in fit (see ``weights``), ``bands`` or ``inactive_days`` in engagement (``counting``),
and ``vetoes``.
"""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from itertools import chain
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator
from pydantic.json_schema import SkipJsonSchema

from leadflow.conditions.nodes import Condition, Node, leaves
from leadflow.conditions.values import is_of_account, moment_now
from leadflow.entities.base import Line
from leadflow.entities.behaviour import Activity
from leadflow.entities.definition import Definition
from leadflow.entities.lead import Lead
from leadflow.entities.person import BuyingRole
from leadflow.entities.score import Account, Score
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.qualification import Qualification
from leadflow.scoring.ageing import Search, Side, conditions
from leadflow.scoring.arithmetic import BY_HAND, summed
from leadflow.scoring.asking import Scorer
from leadflow.scoring.counting import FrequencyRule, InactivityRule
from leadflow.scoring.functions import ActivityFunctionRule
from leadflow.scoring.grades import Grades
from leadflow.scoring.linting import Flaw, flaws_of
from leadflow.scoring.memory import Memory
from leadflow.scoring.outlook import Outlook, Telling, outlook
from leadflow.scoring.plan import NOTHING_REMEMBERED, plan_of
from leadflow.scoring.rules import EngagementRule, FitRule, FunctionRule
from leadflow.scoring.state import EngagementState
from leadflow.scoring.vetoes import Veto
from leadflow.scoring.weights import WeightRule
from leadflow.scoring.worth import Cap

HORIZON: Final = timedelta(days=3653)
"""Ten years."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise DefinitionError(f"there is no time zone {name!r}; write one like Europe/Berlin") from None
    return name


_HEADINGS: Final[Mapping[str, tuple[Any, ...]]] = {
    "fit": (FitRule, WeightRule, FunctionRule),
    "engagement": (EngagementRule, FrequencyRule, InactivityRule, ActivityFunctionRule),
    "vetoes": (Veto,),
}


def _on_its_side(written: Any, side: str) -> None:
    """Refuse a rule that stands under another heading than its own."""
    for heading, kinds in _HEADINGS.items():
        if heading != side and isinstance(written, kinds):
            raise DefinitionError(f"rule {written.name!r} belongs under {heading}, not under {side}")


def _fit_kind(written: Any) -> str:
    _on_its_side(written, "fit")
    if isinstance(written, FunctionRule):
        return "function"
    if callable(written):
        name = getattr(written, "__name__", written)
        raise DefinitionError(f"{name!r} is not a rule yet; put @rule(points, because=…) above it")
    weighted = isinstance(written, WeightRule) or (isinstance(written, dict) and "weight" in written)
    return "weighted" if weighted else "rule"


def _engagement_kind(written: Any) -> str:
    _on_its_side(written, "engagement")
    if isinstance(written, ActivityFunctionRule):
        return "function"
    if callable(written):
        name = getattr(written, "__name__", written)
        raise DefinitionError(f"{name!r} is not a rule yet; put @activity_rule(kind, points, because=…) above it")
    if isinstance(written, FrequencyRule) or (isinstance(written, dict) and "bands" in written):
        return "frequency"
    if isinstance(written, InactivityRule) or (isinstance(written, dict) and "inactive_days" in written):
        return "inactivity"
    return "rule"


AnyFitRule = Annotated[
    Annotated[FitRule, Tag("rule")]
    | Annotated[WeightRule, Tag("weighted")]
    | Annotated[SkipJsonSchema[FunctionRule], Tag("function")],
    Discriminator(_fit_kind),
]
AnyEngagementRule = Annotated[
    Annotated[EngagementRule, Tag("rule")]
    | Annotated[FrequencyRule, Tag("frequency")]
    | Annotated[InactivityRule, Tag("inactivity")]
    | Annotated[SkipJsonSchema[ActivityFunctionRule], Tag("function")],
    Discriminator(_engagement_kind),
]


class ScoringModel(Definition):
    """Rules with their caps and grades; a frozen value that goes to JSON and back, unless it has Python functions.

    Rules are named, uniquely in the model. ``groups`` are caps for the rules of a group together; a group has rules of
    one side only. ``cap_fit`` and ``cap_engagement`` bound the sides. Caps bound the absolute value. Where a veto is
    true no points help. What persons adjusted by hand (``lead.adjustments``) counts within the cap of its side.
    """

    name: Line
    version: Line = "1"
    zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    fit: tuple[AnyFitRule, ...] = ()
    engagement: tuple[AnyEngagementRule, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    groups: dict[Line, Cap] = Field(default_factory=dict)
    cap_fit: Cap | None = None
    cap_engagement: Cap | None = None
    grades: Grades = Grades()
    buying_roles: tuple[BuyingRole, ...] = ()
    """The roles of a buying center that an account should have; all of them if left out."""

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
    def looks_at_account(self) -> bool:
        """Whether a rule asks for something of the account, so that one must be given."""
        return any(leaf.scope == "field" and is_of_account(leaf.path) for leaf in chain(*map(leaves, conditions(self))))

    @property
    def label(self) -> str:
        """Name and version, as scores carry them: ``b2b-2026@1``."""
        return f"{self.name}@{self.version}"

    def bind(self, lead_type: type[Lead[Any]] = Lead) -> Self:
        """The model with every path checked against the fields of this kind of lead (else ``DefinitionError``)."""
        return self.but(
            fit=tuple(rule.bound(lead_type) for rule in self.fit),
            engagement=tuple(rule.bound(lead_type) for rule in self.engagement),
            vetoes=tuple(veto.bound(lead_type) for veto in self.vetoes),
        )

    def lint(
        self, kinds: Collection[str] | None = None, qualification: Qualification | None = None
    ) -> tuple[Flaw, ...]:
        """What is doubtful about the model, errors first: rules that never match or contradict each other, and more.

        ``kinds`` are the kinds of activities that are recorded, ``qualification`` the policy that goes by the scores:
        with them unknown kinds and thresholds out of reach are found, too. Nothing is said where it is not certain.
        """
        return flaws_of(self, kinds, qualification)

    def score(
        self,
        lead: Lead[Any],
        activities: Iterable[Activity] | None,
        now: datetime,
        *,
        state: EngagementState | None = None,
        account: Account | None = None,
        strict: bool = False,
    ) -> Score:
        """The score at ``now``, with every contribution that gave something.

        Activities come in any order, also twice; those after ``now`` don't count yet. With a ``state`` they are looked
        at only for rules that it can't tell; None says that there are none (such rules are a ``DefinitionError`` then).
        ``account`` is what rules on ``account.…`` look at; without one they find nothing. A rule that raises gives
        nothing and is listed with its ``error``; if ``strict``, scoring raises ``DefinitionError`` instead.
        """
        plan, kind = plan_of(self), type(lead)
        if now.tzinfo is not UTC:
            now = moment_now(now)
        ask = plan.asking.by_class.get(kind) or plan.asking.of(kind)
        veto, by_hand, fit, given = ask(lead, now, strict, account)
        if not (activities or by_hand or plan.without_activities or state):
            return plan.score(veto, fit, 0.0, given, now)
        told, memories = self._told(activities, state, now)
        done = plan.engagement(
            lead, told, now, account, by_hand=by_hand, memories=memories, vetoed=veto is not None, strict=strict
        )
        return plan.score(veto, fit, summed(done, self.cap_engagement), [*given, *done], now)

    def scorer(self, lead_type: type[Any] = Lead) -> Scorer:
        """A function from a lead and a moment to its fit and the contributions, for loops that must be fast.

        ``fit, contributions = scorer(lead, now)``, the same as ``score`` gives for what the lead is. Leads may be
        mappings, too (``lead_type=dict``); those of any other class are scored all the same, only slower.
        """
        return plan_of(self).asking.scorer(lead_type)

    def falls_below(
        self,
        lead: Lead[Any],
        activities: Iterable[Activity] | None,
        now: datetime,
        *,
        side: Side,
        threshold: float,
        horizon: timedelta = HORIZON,
        state: EngagementState | None = None,
        account: Account | None = None,
    ) -> datetime | None:
        """The first moment at which this side of the score is below the threshold if nothing new happens.

        ``now`` if it is so already, None if it is not within the horizon. Exact to the microsecond: scoring at that
        moment gives less than the threshold, scoring at any moment before does not (see ``ageing``). ``state`` and
        ``account`` are as for ``score``.
        """
        told, memories = self._told(activities, state, _aware(now))
        search = Search(self, plan_of(self), lead, tuple(told), memories, account, side, threshold)
        return search.first(now, horizon)

    def rises_to(
        self,
        lead: Lead[Any],
        activities: Iterable[Activity] | None,
        now: datetime,
        *,
        side: Side,
        threshold: float,
        horizon: timedelta = HORIZON,
        state: EngagementState | None = None,
        account: Account | None = None,
    ) -> datetime | None:
        """The first moment at which this side reaches the threshold if nothing new happens: losses fade, too.

        An activity dated ahead, or a condition on time, can also raise it. All else is as for ``falls_below``.
        """
        told, memories = self._told(activities, state, _aware(now))
        search = Search(self, plan_of(self), lead, tuple(told), memories, account, side, threshold, rising=True)
        return search.first(now, horizon)

    def outlook(
        self,
        lead: Lead[Any],
        activities: Iterable[Activity] | None,
        now: datetime,
        goal: Condition,
        *,
        state: EngagementState | None = None,
        account: Account | None = None,
    ) -> Outlook:
        """What is missing for a condition on the score and what would do; and when ageing alone turns it.

        ``goal`` asks for scores (``field("score.fit") >= 40``) and perhaps for more of the lead. What would do are the
        smallest sets of changes that rules ask for: values of the lead, activities that happen now; each has been
        scored. ``state`` and ``account`` are as for ``score``.
        """
        if not isinstance(goal, Node):
            raise InvalidInput(
                "goal", goal, 'give a condition, such as field("score.fit") >= 40 or the mql of a policy'
            )
        told = None if activities is None else tuple(activities)
        return outlook(self, lead, _aware(now), goal, Telling(self, told, state, account), account)

    def _told(
        self, activities: Iterable[Activity] | None, state: EngagementState | None, now: datetime
    ) -> tuple[Iterable[Activity], Mapping[str, Memory]]:
        """The activities to look at, and the memories to ask instead."""
        if state is None:
            return activities or (), NOTHING_REMEMBERED
        if missing := state.missing(self, now):
            if activities is None:
                raise DefinitionError(
                    f"the engagement state can't tell {missing[0]!r}; give the lead's activities, too"
                )
            return activities, NOTHING_REMEMBERED
        return (), state.memories

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


def _aware(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise InvalidInput("now", now, "give an aware datetime, for example datetime.now(UTC)")
    return now
