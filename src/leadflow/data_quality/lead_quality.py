"""The quality of a lead's data as a value, and in words: the words themselves stand in ``leadflow.languages``."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Iterator
from typing import Literal

from leadflow.entities.base import Entity, Moment
from leadflow.entities.confirmation import ConfirmedBy
from leadflow.languages import Language, language_named

__all__ = ["Age", "LeadQuality", "Missing", "QualityPart", "part_name", "quality_lines", "subject_name"]

Age = Literal["fresh", "ageing", "outdated"]
"""Confirmed within half of the time that makes it outdated, within that time, or longer ago."""


class Missing(Entity):
    """What a purpose lacks: the fields of the alternative that is nearest to complete, and what they are worth."""

    fields: tuple[str, ...]
    worth: float


class QualityPart(Entity):
    """What a part of the score gave, of how many points it could have given, and why.

    ``part`` is ``completeness.mailing``, ``validity``, ``freshness.email``, …; ``missing`` says why a purpose is not
    complete, ``findings`` which open ones were counted, ``confirmed_at``, ``confirmed_by`` and ``age`` how fresh a
    group is. No age: the lead has nothing of that group. Never confirmed: the moment is that of the lead's creation.
    """

    part: str
    points: float
    most: float
    missing: tuple[Missing, ...] = ()
    findings: tuple[str, ...] = ()
    confirmed_at: Moment | None = None
    confirmed_by: ConfirmedBy | None = None
    age: Age | None = None


class LeadQuality(Entity):
    """The quality of a lead's data at a moment, from 0 to 100: the sum of the points of its ``parts``.

    ``completeness`` is the percentage of each purpose, ``complete`` whether it is all there; ``outdated`` says of each
    group of fields that the lead has whether its confirmation is too old; ``validity`` is a percentage. Whether the
    person may be written to is another question: permission is not completeness.
    """

    at: Moment
    score: float
    validity: float
    completeness: dict[str, float]
    complete: dict[str, bool]
    outdated: dict[str, bool]
    parts: tuple[QualityPart, ...]

    def text(self, language: str = "en") -> str:
        """Return the score and each part with its reason, in English or German (``de``)."""
        return "\n".join(quality_lines(self, language_named(language)))

    def __str__(self) -> str:
        return self.text()


def quality_lines(quality: LeadQuality, words: Language) -> Iterator[str]:
    """Return the score and each of its parts with the reason, in a language."""
    yield words("quality", score=quality.score)
    for part in quality.parts:
        reason = "".join(f"; {one}" for one in _reasons(part, words))
        yield words("quality_part", part=part_name(part.part, words), points=part.points, most=part.most, reason=reason)


def part_name(part: str, words: Language) -> str:
    """Return the name of a part (``completeness.mailing``) in a language; names of the host's own stay as they are."""
    return words(f"quality_{part.partition('.')[0]}", name=subject_name(part, words))


def subject_name(part: str, words: Language) -> str:
    """Return the name of the purpose or the group of fields that a part is about."""
    return words.texts.get(part.replace(".", "_"), part.partition(".")[2])


def _reasons(part: QualityPart, words: Language) -> Iterator[str]:
    if part.missing:
        yield words("quality_missing", fields=", ".join(" + ".join(one.fields) for one in part.missing))
    if part.findings:
        yield words("quality_findings", findings=", ".join(part.findings))
    if part.part.startswith("freshness."):
        if part.age is None:
            yield words("quality_nothing")
        else:
            by = words(f"quality_by_{part.confirmed_by}")
            yield words(f"quality_{part.age}", at=part.confirmed_at, by=by)
