"""What is doubtful about a scoring model: rules that never match, that contradict each other, what is out of reach.

What is called impossible is impossible (see ``conditions.reasoning`` and ``static_bounds``); where that can't be
decided, nothing is reported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from leadflow.qualification import Qualification
from leadflow.scoring.linting import amounts, conditions
from leadflow.scoring.linting.flaws import ORDER, Flaw
from leadflow.scoring.model import ScoringModel

__all__ = ["Flaw", "lint"]


def lint(
    model: ScoringModel, kinds: Collection[str] | None = None, qualification: Qualification | None = None
) -> tuple[Flaw, ...]:
    """What is doubtful about the model, errors first: rules that never match or contradict each other, and more.

    ``kinds`` are the kinds of activities that are recorded, ``qualification`` the policy that goes by the scores: with
    them unknown kinds and thresholds out of reach are found, too. Nothing is reported that is not certain. Paths are
    checked by ``model.bind``; dates written as text are compared as dates in ``model.bind(Lead).model`` only.
    """
    return tuple(sorted(_flaws(model, kinds, qualification), key=lambda flaw: ORDER[flaw.severity]))


def _flaws(model: ScoringModel, kinds: Collection[str] | None, qualification: Qualification | None) -> Iterator[Flaw]:
    yield from conditions.never_matching(model)
    yield from conditions.helpless(model)
    yield from conditions.pointless(model)
    if kinds is not None:
        yield from conditions.unknown_kinds(model, frozenset(kinds))
    yield from conditions.contradicting(model)
    yield from conditions.without_effect(model)
    yield from amounts.caps(model)
    yield from amounts.weights(model)
    yield from amounts.times(model)
    yield from amounts.grades(model)
    if qualification is not None:
        yield from amounts.qualifying(model, qualification)
    yield from amounts.states(model)
