"""What is doubtful about a scoring model: rules that never match, that contradict each other, what is out of reach.

All that is called impossible is impossible (see ``conditions.reasoning`` and ``bounds``); where that can't be decided,
nothing is said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from leadflow.qualification import Qualification
from leadflow.scoring.linting import amounts, matching, pairs, reach
from leadflow.scoring.linting.flaws import ORDER, Flaw
from leadflow.scoring.linting.kinds import unknown_kinds

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel

__all__ = ["Flaw", "flaws_of"]


def flaws_of(
    model: ScoringModel, kinds: Collection[str] | None = None, qualification: Qualification | None = None
) -> tuple[Flaw, ...]:
    """The flaws of a model, errors first; ``kinds`` are the activities that are recorded, if they are to be checked."""
    return tuple(sorted(_flaws(model, kinds, qualification), key=lambda flaw: ORDER[flaw.severity]))


def _flaws(model: ScoringModel, kinds: Collection[str] | None, qualification: Qualification | None) -> Iterator[Flaw]:
    yield from matching.never_matching(model)
    yield from matching.helpless(model)
    yield from matching.pointless(model)
    if kinds is not None:
        yield from unknown_kinds(model, frozenset(kinds))
    yield from pairs.contradicting(model)
    yield from pairs.without_effect(model)
    yield from amounts.caps(model)
    yield from amounts.weights(model)
    yield from amounts.times(model)
    yield from reach.grades(model)
    if qualification is not None:
        yield from reach.qualifying(model, qualification)
    yield from amounts.memory(model)
