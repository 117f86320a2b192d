"""What a model's engine says of one side of a score, of a state, of what would help: in the words of the tests."""

from datetime import datetime, timedelta
from typing import Any

from leadflow.scoring import EngagementState, Outlook, ScoringModel, Side
from leadflow.scoring.model import HORIZON


def falls_below(model: ScoringModel, *lead: Any, side: Side, threshold: float, **options: Any) -> datetime | None:
    """The first moment from now on at which the side is below the threshold."""
    return _crosses(model, *lead, side=side, threshold=threshold, rising=False, **options)


def rises_to(model: ScoringModel, *lead: Any, side: Side, threshold: float, **options: Any) -> datetime | None:
    """The first moment from now on at which the side reaches the threshold."""
    return _crosses(model, *lead, side=side, threshold=threshold, rising=True, **options)


def _crosses(
    model: ScoringModel,
    lead: Any,
    activities: Any,
    now: datetime,
    *,
    side: Side,
    threshold: float,
    rising: bool,
    horizon: timedelta = HORIZON,
    **options: Any,
) -> datetime | None:
    scorer = model.bind(type(lead))
    value = getattr(scorer.score(lead, activities, now, **options), side)
    if (value >= threshold) is rising:
        return now
    return scorer.crossing(lead, activities, now, (side, threshold), horizon=horizon, **options)


def what_if(model: ScoringModel, lead: Any, *given: Any, **options: Any) -> Outlook:
    """What is missing for a goal, and what would do."""
    return model.bind(dict).what_if(lead, *given, **options)


def state_of(model: ScoringModel, activities: Any, now: datetime) -> EngagementState:
    """The state after these activities."""
    return model.bind(dict).state(activities, now)


def after(state: EngagementState, model: ScoringModel, new: Any, now: datetime) -> EngagementState:
    """The state with new activities."""
    return model.bind(dict).state_after(state, new, now)


def merged(state: EngagementState, model: ScoringModel, other: EngagementState, now: datetime) -> EngagementState:
    """The state of both."""
    return model.bind(dict).merged(state, other, now)


def missing(state: EngagementState, model: ScoringModel, now: datetime) -> list[str]:
    """The rules that are not in the state."""
    return model.bind(dict).missing(state, now)
