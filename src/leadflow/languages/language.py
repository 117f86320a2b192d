"""The texts of one language, and how it writes numbers, moments and lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

__all__ = ["Language"]


@dataclass(frozen=True)
class Language:
    """Texts by key, with places for values; ``phrases`` translate what is recorded in English, by patterns.

    ``reasons`` say what a finding means, by its code, where the message that is recorded has no phrase; ``remedies``
    say what to do about it.
    """

    texts: Mapping[str, str]
    decimal_sign: str
    moment: str
    day: str
    phrases: tuple[tuple[re.Pattern[str], str], ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    remedies: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its values as this language writes them."""
        return self.texts[key].format(**{name: self.shown(value) for name, value in values.items()})

    def shown(self, value: object) -> str:
        """Return a number, moment, day or text as this language writes it."""
        match value:
            case bool() | str():
                return str(value)
            case int():
                return f"{value}".replace("-", "−")
            case float():
                return self.number(value)
            case datetime():
                return f"{value:{self.moment}}"
            case date():
                return f"{value:{self.day}}"
        return str(value)

    def number(self, value: float, *, signed: bool = False) -> str:
        """Return a number with at most two decimals; give points that are rounded down already."""
        text = f"{value:{'+' if signed else ''}.2f}".rstrip("0").rstrip(".")
        return "0" if text in ("+0", "-0") else text.replace("-", "−").replace(".", self.decimal_sign)

    def phrase(self, recorded: str) -> str:
        """Return a text that leadflow recorded or computed in English, in this language if it is known there."""
        for pattern, text in self.phrases:
            if found := pattern.fullmatch(recorded):
                return text.format(*(self.phrase(part) for part in found.groups()))
        return recorded

    def reason(self, code: str, message: str) -> str:
        """Return the message of a finding, else what its code means; what is in no catalogue stays as it is."""
        said = self.phrase(message)
        return self.reasons.get(code, message) if said == message else said

    def listed(self, recorded: tuple[str, ...], between: str = "; ") -> str:
        """Return recorded texts, one after the other."""
        return between.join(map(self.phrase, recorded))
