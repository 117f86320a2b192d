"""Numbers, durations and moments as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Final

__all__ = ["counted", "exact", "listed", "moment", "number", "percent", "share", "short", "span"]

UNITS: Final = (
    (86_400 * 7 * 8, 86_400 * 7, "weeks"),
    (86_400 * 2, 86_400, "days"),
    (3_600, 3_600, "h"),
    (60, 60, "min"),
)


def number(value: float) -> str:
    """Return ``1,234``, with one decimal if it is not whole."""
    text = f"{value:,.1f}"
    return text.removesuffix(".0").replace("-", "−")


def exact(value: Fraction | None) -> str:
    """Return ``12 1/3``; fractions with a denominator above 1000 get three decimals and ``≈``."""
    if value is None:
        return "–"
    if value.denominator > 1000:
        return f"≈ {float(value):,.3f}"
    whole, rest = divmod(value, 1)
    return f"{whole:,} {rest}" if rest and whole else str(rest or f"{whole:,}")


def percent(part: float, whole: float) -> str:
    """Return ``45 %``; a dash if there is no whole; ``< 1 %`` and ``> 99 %`` instead of an inexact 0 or 100."""
    if not whole:
        return "–"
    share = 100 * part / whole
    if 0 < share < 1:
        return "< 1 %"
    if 99 < share < 100:
        return "> 99 %"
    return f"{share:.0f} %"


def share(value: float) -> str:
    """Return a fraction of one in percent with one decimal: ``45.3 %``."""
    return f"{100 * value:.1f} %"


def span(seconds: float) -> str:
    """Return a duration in a suitable unit: ``40 min``, ``5.5 h``, ``12 days``, ``10 weeks``."""
    for least, unit, name in UNITS:
        if seconds >= least:
            return f"{number(round(seconds / unit, 1))} {name}"
    return f"{seconds:.0f} s"


def moment(at: datetime) -> str:
    """Return ``2 March 2026, 09:00 UTC``."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def counted(count: int, one: str, several: str | None = None) -> str:
    """Return ``1 lead``, ``2 leads``, ``no leads``."""
    word = one if count == 1 else several or f"{one}s"
    return f"{number(count) if count else 'no'} {word}"


def short(text: str, longest: int) -> str:
    """Return the text, truncated to fit a chart."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def listed(names: Sequence[str], most: int = 4) -> str:
    """Return the first names and the number of others."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
