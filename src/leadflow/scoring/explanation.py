"""A score in words: every point, why it was given, and what was cut off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from leadflow.entities.score import Contribution, Score, rounded_down
from leadflow.languages import ENGLISH, Language, language_named

__all__ = ["explain", "points_text", "score_lines"]


class ScoreLike(Protocol):
    """A score, or one whose numbers are rounded down already."""

    @property
    def fit(self) -> float: ...
    @property
    def engagement(self) -> float: ...
    @property
    def total(self) -> float: ...
    @property
    def grade(self) -> str | None: ...
    @property
    def veto(self) -> str | None: ...
    @property
    def model(self) -> str | None: ...
    @property
    def at(self) -> datetime | None: ...
    @property
    def contributions(self) -> Sequence[Contribution]: ...


def explain(score: Score, language: str = "en") -> str:
    """The score as lines of text: the sums with grade, model and moment, then one line per contribution.

    ::

        fit 45 + engagement 60 = 105, grade B1 (b2b-2026@1, 2026-01-31 09:00 UTC)
           +25  fit         enterprise
           +20  fit         can decide
           +60  engagement  demo requested (3 activities; 87.5 before the cap of the rule)
             0  fit         target account: failed, ZeroDivisionError: division by zero
    """
    return "\n".join(score_lines(score, language_named(language)))


def score_lines(score: ScoreLike, words: Language) -> Iterator[str]:
    """The lines of a score in a language."""
    fit, engagement, total = (rounded_down(one) for one in (score.fit, score.engagement, score.total))
    head = words("score", fit=fit, engagement=engagement, total=total)
    head += words("grade", grade=score.grade) if score.grade else ""
    head += words("veto", veto=score.veto) if score.veto else ""
    source = [*([score.model] if score.model else []), *([words("score_moment", at=score.at)] if score.at else [])]
    yield f"{head} ({', '.join(source)})" if source else head
    points = [words.number(rounded_down(one.points), signed=True) for one in score.contributions]
    width = max(map(len, points), default=0)
    for shown, one in zip(points, score.contributions, strict=True):
        yield f"  {shown:>{width}}  {words(f'side_{one.side}'):<10}  {_reason(one, words)}"


def points_text(points: float, *, signed: bool = False) -> str:
    """Points with at most two decimals, rounded down (``rounded_down``)."""
    return ENGLISH.number(rounded_down(points), signed=signed)


def _reason(one: Contribution, words: Language) -> str:
    if one.error is not None:
        return words("failed", because=one.because, error=one.error)
    notes = [words("activity" if one.count == 1 else "activities", count=one.count)] if one.count else []
    if one.capped_by is not None and one.raw is not None:
        cap = words(key) if (key := f"cap_{one.capped_by}") in words.texts else one.capped_by
        notes.append(words("capped", raw=rounded_down(one.raw), cap=cap))
    return f"{one.because} ({'; '.join(notes)})" if notes else one.because
