"""Assertions that report every difference, with the reasons."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from leadflow.entities import Account, Activity, Lead, Score
from leadflow.scoring import ScoringModel, explain
from leadflow.testing.clock import NOW

__all__ = ["assert_scores"]


def assert_scores(
    model: ScoringModel,
    lead: Lead[Any],
    activities: Iterable[Activity] = (),
    *,
    fit: float | None = None,
    engagement: float | None = None,
    total: float | None = None,
    grade: str | None = None,
    veto: str | None = None,
    because: Collection[str] | None = None,
    now: datetime = NOW,
    later: timedelta = timedelta(0),
    account: Account | None = None,
) -> Score:
    """Assert the score that a model gives a lead at a moment, or this much ``later``, and return the score.

    Only the given ones of ``fit``, ``engagement``, ``total`` (to a millionth), ``grade`` and ``veto`` are compared.
    ``because`` lists all reasons for points, in any order: on the sides that are given, or on both. The model is bound
    to the lead's class first, so that a misspelt field fails the test; so does a rule that raises.
    """
    score = model.bind(type(lead)).score(lead, tuple(activities), now + later, account=account, strict=True)
    numbers = {"fit": fit, "engagement": engagement, "total": total}
    wrong = [
        f"{side}: {getattr(score, side):g}, expected {points:g}"
        for side, points in numbers.items()
        if points is not None and not abs(getattr(score, side) - points) <= 1e-6
    ]
    wrong += [
        f"{name}: {getattr(score, name)}, expected {text}"
        for name, text in (("grade", grade), ("veto", veto))
        if text is not None and getattr(score, name) != text
    ]
    if because is not None:
        given = {side for side in ("fit", "engagement") if numbers[side] is not None}
        wrong += _other_reasons(score, because, set() if total is not None else given)
    if wrong:
        raise AssertionError("\n".join([*wrong, "", explain(score)]))
    return score


def _other_reasons(score: Score, because: Collection[str], sides: set[str]) -> list[str]:
    if isinstance(because, str):
        raise TypeError(f"because is a list of reasons, such as [{because!r}]")
    counted = {one.because for one in score.contributions if one.points and one.side in (sides or {one.side})}
    return [
        *(f"expected, but gave no points: {reason}" for reason in because if reason not in counted),
        *(f"gave points, but not expected: {reason}" for reason in sorted(counted - set(because))),
    ]
