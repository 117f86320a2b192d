"""Kinds of activities that nobody records."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from leadflow.scoring.counting import InactivityRule
from leadflow.scoring.linting.flaws import Flaw

if TYPE_CHECKING:
    from leadflow.scoring.model import ScoringModel


def unknown_kinds(model: ScoringModel, kinds: Collection[str]) -> Iterator[Flaw]:
    """Rules that ask for kinds of activities which are not among those that are recorded."""
    for rule in model.engagement:
        for kind in rule.activities if isinstance(rule, InactivityRule) else (rule.activity,):
            if kind not in kinds:
                near = get_close_matches(kind, kinds, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"there is {', '.join(sorted(kinds)) or 'none'}"
                yield Flaw("unknown_kind", (rule.name,), f"no activity is {kind!r}; {hint}", "error")
