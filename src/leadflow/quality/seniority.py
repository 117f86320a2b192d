"""Seniority and department, inferred from a German, English or French job title."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, Self

from leadflow.entities import Seniority
from leadflow.entities.text import remembered
from leadflow.quality.name_words import DEPARTMENTS, SENIORITY

__all__ = ["Wording", "department_of", "seniority_of", "title_words"]

_WORDS = re.compile(r"[^\W\d_]+")
_HYPHENATED = re.compile(r"(?<![^\W\d_])[^\W\d_]+-[^\W\d_]+")  # from word starts only: else quadratic


_INITIALS = re.compile(r"(?<![^\W\d_])(?:[^\W\d_]\.-?){2,}")  # C.E.O., P.-D.G.


@remembered
def seniority_of(job_title: str) -> Seniority | None:
    """Return the seniority that a German, English or French job title implies, or None."""
    spaced, words = title_words(job_title)
    return next((seniority for seniority, told in _SENIORITY if told.by(spaced, words)), None)


@remembered
def department_of(job_title: str) -> str | None:
    """Return the department that a German, English or French job title names, in English, or None."""
    spaced, words = title_words(job_title)
    return next((department for department, told in _DEPARTMENTS if told.by(spaced, words)), None)


def title_words(job_title: str) -> tuple[str, list[str]]:
    """Return the words of a job title as one text between blanks, and one by one, hyphenated ones also together."""
    text = _INITIALS.sub(lambda found: re.sub(r"[.-]", "", found.group()) + " ", job_title.casefold())
    text = text.replace("r&d", "r d").replace("f&e", "forschung")
    pieces = text.replace("-", " ").replace("/", " ")
    words = _WORDS.findall(pieces) + [word.replace("-", "") for word in _HYPHENATED.findall(text)]
    return f" {' '.join(words)} ", words


class Wording(NamedTuple):
    """Patterns for job titles: whole words and phrases, prefixes, suffixes."""

    phrases: tuple[str, ...]
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    inside: tuple[str, ...]
    compounds: tuple[str, ...] = ()

    @classmethod
    def of(cls, patterns: Iterable[str]) -> Self:
        """Read patterns: ``x*`` begins a word, ``*x`` ends it, ``+x`` a longer one, ``*x*`` is in it, ``x y``: both."""
        patterns = tuple(patterns)
        ends = tuple(p[1:].casefold() for p in patterns if p[0] == "*" and p[-1] != "*")
        inside = tuple(p[1:-1].casefold() for p in patterns if p[0] == "*" and p[-1] == "*")
        starts = tuple(p[:-1].casefold() for p in patterns if p[0] != "*" and p[-1] == "*" and " " not in p)
        opened = tuple(f" {p[:-1].casefold()}" for p in patterns if p[0] != "*" and p[-1] == "*" and " " in p)
        whole = tuple(f" {p.casefold()} " for p in patterns if "*" not in p and p[0] != "+")
        compounds = tuple(p[1:].casefold() for p in patterns if p[0] == "+")
        return cls(whole + opened, starts, ends, inside, compounds)

    def by(self, spaced: str, words: list[str]) -> bool:
        """Whether a text, as ``title_words`` gives it, fits one of them."""
        return (
            any(phrase in spaced for phrase in self.phrases)
            or any(word.startswith(self.starts) or word.endswith(self.ends) for word in words)
            or any(part in spaced for part in self.inside)
            or any(word.endswith(self.compounds) and word not in self.compounds for word in words)
        )


_SENIORITY = tuple((seniority, Wording.of(patterns)) for seniority, patterns in SENIORITY)
_DEPARTMENTS = tuple((department, Wording.of(patterns)) for department, patterns in DEPARTMENTS)
