"""What is doubtful about a model, as a value."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from leadflow.entities.finding import Severity

__all__ = ["ORDER", "Flaw"]

ORDER: Final[dict[Severity, int]] = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something about a model that is probably not meant so.

    ``error``: it can't work as it is written. ``warning``: very likely a mistake. ``note``: good to know. ``rules`` are
    the names of the rules (or ``qualification.mql`` and the like) that it is about, ``code`` is a stable word for
    programs.
    """

    code: str
    rules: tuple[str, ...]
    message: str
    severity: Severity

    def __str__(self) -> str:
        about = f"{', '.join(self.rules)}: " if self.rules else ""
        return f"{self.severity}: {about}{self.message}"

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return asdict(self) | {"rules": list(self.rules)}
