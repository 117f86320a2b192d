"""What is wrong in a file of settings: one line per mistake, with the line in the file, the place and what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from leadflow.errors import DefinitionError
from leadflow.files.columns import meant
from leadflow.files.yaml_text import lines_in
from leadflow.routing import Gate, Rep, Router, Territory
from leadflow.scoring import EngagementRule, FitRule, FrequencyRule, InactivityRule, ScoringModel, Veto, WeightRule

__all__ = ["mistakes"]

NO_SUCH: Final = re.compile(r"([^\s.:]+): Extra inputs are not permitted")
RULES: Final = (
    ScoringModel, FitRule, WeightRule, EngagementRule, FrequencyRule, InactivityRule, Veto, Router, Territory, Gate, Rep
)  # fmt: skip
RULE_SETTINGS: Final = sorted({name for kind in RULES for name in kind.model_fields})


def mistakes(wrong: ValidationError, path: Path) -> list[str]:
    """One line per mistake; of a choice of types only the first complaint."""
    line_of = lines_in(path)
    lines: dict[str, str] = {}
    for error in wrong.errors(include_url=False, include_input=False):
        parts = (str(part) for part in error["loc"])
        place = ".".join(part for part in parts if not part.startswith("function-") and part != "FromColumn")
        text = NO_SUCH.sub(_no_such, error["msg"].removeprefix("Value error, "))
        line = f"{path}: line {line_of(_place(error))}: "
        lines.setdefault(place, line + (f"{place}: {text}" if place else text))
    return list(lines.values())


def _place(error: Any) -> tuple[int | str, ...]:
    """Where the mistake is, also within rules that were built, and refused, by themselves."""
    cause = error.get("ctx", {}).get("error")
    inner = cause.__context__ if isinstance(cause, DefinitionError) else None
    if not isinstance(inner, ValidationError):
        return tuple(error["loc"])
    return (*error["loc"], *_place(inner.errors(include_url=False, include_input=False)[0]))


def _no_such(found: re.Match[str]) -> str:
    return f"there is no setting {found[1]!r}{meant(found[1], RULE_SETTINGS)}"
