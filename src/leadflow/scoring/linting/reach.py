"""Thresholds and classes that no lead can reach, or that none can miss."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import inf, isfinite
from typing import TYPE_CHECKING

from leadflow.conditions.fields import field
from leadflow.conditions.nodes import Always, And, Condition, Never, Not, OnPath, Or
from leadflow.conditions.satisfiability import NOT_TRUE, TRUE, Constraint, exclude, implies, is_never_true, satisfiable
from leadflow.entities.finding import Severity
from leadflow.qualification import Qualification
from leadflow.scoring.bounds import Bounds, bounds_of
from leadflow.scoring.linting.flaws import Flaw

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel


def grades(model: ScoringModel) -> Iterator[Flaw]:
    """Classes that no score falls into."""
    severity: Severity = "warning" if "grades" in model.model_fields_set else "note"
    for side, rules, missed, bounds in zip(
        ("fit", "engagement"), (model.fit, model.engagement), _missed(model), bounds_of(model), strict=True
    ):
        if rules and missed:
            message = f"no lead is of class {', '.join(missed)} in {side}, which is {bounds}"
            yield Flaw("class_out_of_reach", (f"grades.{side}",), message, severity)


def _missed(model: ScoringModel) -> tuple[list[str], list[str]]:
    """The classes of fit and of engagement that no score falls into; a vetoed lead is of the worst."""
    letters, numbers = (
        [
            name
            for name, (above, least) in zip(names, pairwise((inf, *thresholds, -inf)), strict=True)
            if (bounds.most < least or bounds.least >= above) and not (model.vetoes and name == names[-1])
        ]
        for names, thresholds, bounds in zip(
            model.grades.names, (model.grades.fit, model.grades.engagement), bounds_of(model), strict=True
        )
    )
    return letters, numbers


def qualifying(model: ScoringModel, qualification: Qualification) -> Iterator[Flaw]:
    """Conditions on the score that its bounds make impossible, or true of everyone."""
    bounds = _bounds(model)
    claims = [*_claims(bounds), (_grades(model), TRUE)]
    for name, condition in qualification.conditions():
        where = f"qualification.{name}"
        if is_never_true(condition):
            yield Flaw("never", (where,), f"is never true: {condition}", "error")
            continue
        impossible = not satisfiable((condition, TRUE), *claims)
        beyond = [leaf for leaf in _asked(condition) if not satisfiable((leaf, TRUE), *claims)]
        for leaf in beyond:
            message = f"{leaf} is out of reach: {_reason(leaf, bounds)}"
            yield Flaw("out_of_reach", (where,), message, "error" if impossible else "warning")
        if impossible and not beyond:
            yield Flaw("out_of_reach", (where,), f"no score of this model makes it true: {condition}", "error")
        for leaf in _asked(condition):
            if leaf.path in bounds and not satisfiable((leaf, NOT_TRUE), *claims):
                message = f"{leaf} is true of everyone: {_reason(leaf, bounds)}"
                yield Flaw("always_reached", (where,), message, "warning")
    yield from _against_each_other(qualification)


def _against_each_other(qualification: Qualification) -> Iterator[Flaw]:
    mql, keep = qualification.mql, qualification.stays_while
    if is_never_true(mql):
        return
    if exclude(mql, keep) and not is_never_true(keep):
        message = "exclude each other: no lead qualifies"
        yield Flaw("contradiction", ("qualification.mql", "qualification.keep"), message, "error")
    for one in qualification.disqualify:
        if implies(mql, one.when):
            names = ("qualification.mql", f"qualification.disqualify for {one.reason!r}")
            yield Flaw("contradiction", names, "whoever qualifies is disqualified at once", "error")


def _bounds(model: ScoringModel) -> dict[str, Bounds]:
    fit, engagement = bounds_of(model)
    return {"score.fit": fit, "score.engagement": engagement, "score.total": fit + engagement}


def _claims(bounds: dict[str, Bounds]) -> Iterator[Constraint]:
    for path, side in bounds.items():
        yield field(path).is_known(), TRUE
        if isfinite(side.low):
            yield field(path) >= side.least, TRUE
        if isfinite(side.high):
            yield field(path) <= side.most, TRUE


def _grades(model: ScoringModel) -> Condition:
    """The grades that there are: those of classes that are not missed."""
    letters, numbers = (
        [name for name in names if name not in missed]
        for names, missed in zip(model.grades.names, _missed(model), strict=True)
    )
    return field("score.grade").is_in(*(f"{letter}{number}" for letter in letters for number in numbers))


def _asked(condition: Condition) -> Iterator[OnPath]:
    """What is asked of the score, but for what stands below a not."""
    match condition:
        case And(all=parts) | Or(any=parts):
            for part in parts:
                yield from _asked(part)
        case Not() | Always() | Never():
            return
        case leaf if leaf.path.startswith("score."):
            yield leaf


def _reason(leaf: OnPath, bounds: dict[str, Bounds]) -> str:
    side = bounds.get(leaf.path)
    return "no lead gets that grade" if side is None else f"{leaf.path.removeprefix('score.')} is {side}"
