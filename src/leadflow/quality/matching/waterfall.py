"""A likeness step by step, as text and as a picture: from what is expected of any pair to its probability."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final, NamedTuple

from leadflow.quality.matching.likeness import Likeness

__all__ = ["waterfall_svg", "waterfall_text"]

_BEFORE: Final = "before anything is compared"
_CAPPED: Final = "the company and its address count as one hint"
_UNLIKELY: Final = 0.01
_ROW, _LABELS, _BARS, _END = 22, 360, 300, 90


class _Step(NamedTuple):
    text: str
    start: float
    end: float


def _steps(like: Likeness) -> Iterator[_Step]:
    yield _Step(_BEFORE, 0.0, like.prior)
    at = like.prior
    for bits, text in sorted(like.weighed, key=lambda found: (-found[0], found[1])):
        yield _Step(text, at, at + bits)
        at += bits
    if at - like.bits > _UNLIKELY:
        yield _Step(_CAPPED, at, like.bits)


def waterfall_text(like: Likeness) -> str:
    """Return a line per step: what it adds in bits, and where that leads; one bit doubles the odds."""
    steps = list(_steps(like))
    width = max(len(step.text) for step in steps)
    lines = [f"{step.text:<{width}} {step.end - step.start:+6.1f}  {step.end:+6.1f}" for step in steps]
    return "\n".join([*lines, f"{like.verdict}: {like.probability:.1%}"])


def waterfall_svg(like: Likeness) -> str:
    """Return the same as a picture, for a page: what speaks for it to the right, what speaks against it to the left."""
    steps = list(_steps(like))
    ends = [0.0, *(step.end for step in steps)]
    low, high = min(ends), max(ends)
    scale = _BARS / max(high - low, 1.0)

    def x(bits: float) -> float:
        return _LABELS + (bits - low) * scale

    height = _ROW * (len(steps) + 1)
    title = escape(f"{like.verdict}: {like.probability:.1%}")
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LABELS + _BARS + _END}" height="{height}" role="img" '
        f'fill="currentColor" font-family="sans-serif" font-size="12"><title>{title}</title>',
        f'<line x1="{x(0):.1f}" y1="0" x2="{x(0):.1f}" y2="{height - _ROW}" stroke="#888" stroke-dasharray="3 3"/>',
    ]
    for place, step in enumerate(steps):
        left, right, top = x(min(step.start, step.end)), x(max(step.start, step.end)), place * _ROW
        color = "#2a7f4f" if step.end >= step.start else "#b3423a"
        rows.append(
            f'<text x="0" y="{top + 15}">{escape(step.text)}</text>'
            f'<rect x="{left:.1f}" y="{top + 4}" width="{max(right - left, 1):.1f}" height="14" fill="{color}"/>'
            f'<text x="{right + 4:.1f}" y="{top + 15}">{step.end - step.start:+.1f}</text>'
        )
    rows.append(f'<text x="0" y="{height - 6}" font-weight="bold">{title}</text></svg>')
    return "\n".join(rows)
