"""Blocks: which records are compared at all, since not all pairs can be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Final

from leadflow.quality.matching.features import Features
from leadflow.quality.matching.model import CandidateBlock, KeyPart
from leadflow.quality.matching.streets import street_parts

__all__ = ["block_keys"]

_SHORTEST_LOCAL_PART: Final = 7


def block_keys(features: Features, blocks: Sequence[CandidateBlock]) -> Iterator[tuple[int, str]]:
    """Return the blocks that a record is in, each as the number of its definition and its key."""
    known: dict[KeyPart, tuple[str, ...]] = {}
    for number, block in enumerate(blocks):
        parts = []
        for part in block.keys:
            values = known.get(part)
            if values is None:
                values = known[part] = tuple(_PARTS[part](features))
            if not values:
                break
            parts.append(values)
        else:
            yield from ((number, "|".join(values)) for values in product(*parts))


def _locals(features: Features) -> Iterator[str]:
    for mailbox in features.mailboxes:
        local = mailbox.rpartition("@")[0]
        if len(local) >= _SHORTEST_LOCAL_PART:
            yield local


def _words(features: Features) -> Iterator[str]:
    words = sorted(f"{features.first.text} {features.last.text}".split())
    if features.first.text and features.last.text:
        yield " ".join(words)


def _streets(features: Features) -> Iterator[str]:
    parts = street_parts(features.street)
    if parts.number and parts.route:
        yield f"{parts.number} {parts.route.split()[0]}"


def _starts(features: Features) -> Iterator[str]:
    yield from {word[:5] for word in features.organisation.split()[:2]}


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


_PARTS: Final[Mapping[KeyPart, Callable[[Features], Iterator[str] | Sequence[str]]]] = {
    "mailbox": lambda one: tuple(one.mailboxes),
    "local_part": _locals,
    "phone": lambda one: tuple(one.phones),
    "profile": lambda one: tuple(map("|".join, one.profiles)),
    "external_id": lambda one: tuple(map("|".join, one.external_ids)),
    "identifier": lambda one: tuple(map("|".join, one.identifiers)),
    "words": _words,
    "first": lambda one: _one(one.first.start),
    "initial": lambda one: _one(one.first.text[:1]),
    "last": lambda one: _one(one.last.text),
    "last_sound": lambda one: _one(one.last.sound),
    "born": lambda one: _one(one.born),
    "domain": lambda one: _one(one.domain),
    "company": lambda one: _one(one.company),
    "postcode": lambda one: _one(one.postcode.replace(" ", "")),
    "city": lambda one: _one(one.city),
    "street": _streets,
    "home": lambda one: _streets(one) if one.organisation or not (one.company or one.domain) else (),
    "organisation": lambda one: (one.company, *one.other_names) if one.organisation else (),
    "organisation_start": _starts,
}
