"""Assertions that say what was different, with the reasons."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from leadflow.entities import Activity, Lead, Score
from leadflow.scoring import ScoringModel
from leadflow.testing.clock import NOW

__all__ = ["assert_score"]


def assert_score(
    model: ScoringModel,
    lead: Lead[Any],
    activities: Iterable[Activity] = (),
    *,
    fit: float | None = None,
    engagement: float | None = None,
    grade: str | None = None,
    because: Collection[str] | None = None,
    now: datetime = NOW,
) -> Score:
    """Assert what a model gives a lead at a moment, and return the score.

    Of ``fit``, ``engagement`` (to a millionth) and ``grade`` only those that are given are compared. ``because`` names
    the reasons that points were given or taken for, all of them, in any order: on the sides that are given, or on both.
    The model is bound to the lead's class first, so that a misspelt field fails the test; so does a rule that raises.
    """
    score = model.bind(type(lead)).score(lead, tuple(activities), now, strict=True)
    wanted = {"fit": fit, "engagement": engagement}
    wrong = [
        f"{side}: {getattr(score, side):g}, expected {points:g}"
        for side, points in wanted.items()
        if points is not None and abs(getattr(score, side) - points) > 1e-6
    ]
    if grade is not None and score.grade != grade:
        wrong.append(f"grade: {score.grade}, expected {grade}")
    if because is not None:
        wrong += _other_reasons(score, because, {side for side, points in wanted.items() if points is not None})
    if wrong:
        raise AssertionError("\n".join([*wrong, "", *_explained(score)]))
    return score


def _other_reasons(score: Score, because: Collection[str], sides: set[str]) -> list[str]:
    if isinstance(because, str):
        raise TypeError(f"because is a list of reasons, such as [{because!r}]")
    counted = {one.because for one in score.contributions if one.points and one.side in (sides or {one.side})}
    return [
        *(f"expected, but gave no points: {reason}" for reason in because if reason not in counted),
        *(f"gave points, but not expected: {reason}" for reason in sorted(counted - set(because))),
    ]


def _explained(score: Score) -> list[str]:
    rows = [f"{one.points:+8g}  {one.side:<10}  {one.because}" for one in score.contributions]
    return [f"{score.model or 'the model'} gave:", *(rows or ["  nothing"])]
