"""A score in words: every point, why it was given, and what was cut off."""

from __future__ import annotations

from leadflow.entities.score import Contribution, Score, rounded_down

__all__ = ["explain", "points_text"]

_CAPS = {
    "rule": "the cap of the rule",
    "veto": "the veto",
    "group": "the cap of its group",
    "model": "the cap of the model",
}


def explain(score: Score) -> str:
    """The score as lines of text: the sums with grade, model and moment, then one line per contribution.

    ::

        fit 45 + engagement 60 = 105, grade B1 (b2b-2026@1, 2026-01-31 09:00 UTC)
           +25  fit         enterprise
           +20  fit         can decide
           +60  engagement  demo requested (3 activities; 87.5 before the cap of the rule)
             0  fit         target account: failed, ZeroDivisionError: division by zero
    """
    head = f"fit {points_text(score.fit)} + engagement {points_text(score.engagement)} = {points_text(score.total)}"
    grade = f", grade {score.grade}" if score.grade else ""
    grade += f", vetoed: {score.veto}" if score.veto else ""
    moment = f"{score.at:%Y-%m-%d %H:%M} UTC" if score.at else None
    source = ", ".join(part for part in (score.model, moment) if part)
    points = [points_text(one.points, signed=True) for one in score.contributions]
    width = max(map(len, points), default=0)
    lines = [
        f"  {shown:>{width}}  {one.side:<10}  {_reason(one)}"
        for shown, one in zip(points, score.contributions, strict=True)
    ]
    return "\n".join([f"{head}{grade} ({source})" if source else f"{head}{grade}", *lines])


def points_text(points: float, *, signed: bool = False) -> str:
    """Points with at most two decimals, rounded down (``rounded_down``)."""
    text = f"{rounded_down(points):{'+' if signed else ''}.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("+0", "-0") else text.replace("-", "−")


def _reason(one: Contribution) -> str:
    if one.error is not None:
        return f"{one.because}: failed, {one.error}"
    notes = [f"{one.count} {'activity' if one.count == 1 else 'activities'}"] if one.count else []
    if one.capped_by is not None and one.raw is not None:
        notes.append(f"{points_text(one.raw)} before {_CAPS.get(one.capped_by, one.capped_by)}")
    return f"{one.because} ({'; '.join(notes)})" if notes else one.because
