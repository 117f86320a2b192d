"""Seniority, inferred from a German or English job title."""

from __future__ import annotations

import re
from typing import NamedTuple

from leadflow.entities import Seniority
from leadflow.quality.name_words import SENIORITY

__all__ = ["seniority_of"]

_WORDS = re.compile(r"[^\W\d_]+")
_HYPHENATED = re.compile(r"(?<![^\W\d_])[^\W\d_]+-[^\W\d_]+")  # from word starts only: else quadratic


def seniority_of(job_title: str) -> Seniority | None:
    """Return the seniority that a German or English job title implies, or None."""
    pieces = job_title.casefold().replace("-", " ").replace("/", " ")
    words = _WORDS.findall(pieces) + [word.replace("-", "") for word in _HYPHENATED.findall(job_title.casefold())]
    spaced = f" {' '.join(words)} "
    return next((seniority for seniority, told in _TOLD if told.by(spaced, words)), None)


class _Wording(NamedTuple):
    """Patterns for job titles: whole words and phrases, prefixes, suffixes."""

    phrases: tuple[str, ...]
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    inside: tuple[str, ...]

    def by(self, spaced: str, words: list[str]) -> bool:
        return (
            any(phrase in spaced for phrase in self.phrases)
            or any(word.startswith(self.starts) or word.endswith(self.ends) for word in words)
            or any(part in spaced for part in self.inside)
        )


def _wording(patterns: tuple[str, ...]) -> _Wording:
    ends = tuple(p[1:].casefold() for p in patterns if p[0] == "*" and p[-1] != "*")
    inside = tuple(p[1:-1].casefold() for p in patterns if p[0] == "*" and p[-1] == "*")
    starts = tuple(p[:-1].casefold() for p in patterns if p[0] != "*" and p[-1] == "*" and " " not in p)
    opened = tuple(f" {p[:-1].casefold()}" for p in patterns if p[0] != "*" and p[-1] == "*" and " " in p)
    whole = tuple(f" {p.casefold()} " for p in patterns if "*" not in p)
    return _Wording(whole + opened, starts, ends, inside)


_TOLD = tuple((seniority, _wording(patterns)) for seniority, patterns in SENIORITY)
