"""Looking at the scoring of a config: what is doubtful about its rules, and how high its scores can be."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from leadflow.entities import safe_line
from leadflow.files.config import FlowFile
from leadflow.files.journey import activities_in
from leadflow.files.rules import lead_type_of, scoring_of
from leadflow.scoring import Flaw, lint
from leadflow.scoring.static_bounds import ScoreBounds, bounds_of

__all__ = ["LintResult", "lint_config"]


@dataclass(frozen=True)
class LintResult:
    """The flaws of a model, errors first, and how low and how high its sides can be."""

    model: str
    flaws: tuple[Flaw, ...]
    fit: ScoreBounds
    engagement: ScoreBounds

    @property
    def works(self) -> bool:
        """Nothing of it is an error."""
        return all(flaw.severity != "error" for flaw in self.flaws)

    def as_json(self) -> dict[str, Any]:
        """The same for programs; None where a side has no bound."""
        bounds = {"fit": self.fit, "engagement": self.engagement}
        return {
            "model": self.model,
            "bounds": {
                side: [value if isfinite(value) else None for value in (one.low, one.high)]
                for side, one in bounds.items()
            },
            "flaws": [flaw.as_json() for flaw in self.flaws],
        }


def lint_config(config: FlowFile, activities: Path | None = None) -> LintResult:
    """Lint the scoring of a config, with its qualification; ``activities`` is a file whose kinds are known."""
    lead_type, policy = lead_type_of(config), config.qualification
    bound = scoring_of(config).bind(lead_type).model
    kinds = None if activities is None else _kinds(activities, config)
    flaws = lint(bound, kinds, None if policy is None else policy.bind(lead_type))
    return LintResult(bound.label, flaws, *bounds_of(bound))


def _kinds(path: Path, config: FlowFile) -> set[str]:
    read, action = activities_in(path, config)
    return {str(safe_line(kind)) for kind in map(action.kind_in, read.rows()) if kind is not None}
