"""Tables of spellings as text: ``DE: germany, deutschland | FR: france``."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["by_spelling"]


def by_spelling(table: str, key: Callable[[str], str] = str.strip) -> dict[str, str]:
    """Return what each spelling stands for, by its ``key``; the first row with a spelling counts."""
    found: dict[str, str] = {}
    for row in table.replace("\n", " ").split("|"):
        meant, _, spellings = row.partition(":")
        for spelling in spellings.split(","):
            found.setdefault(key(spelling), meant.strip())
    return found
