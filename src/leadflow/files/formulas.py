"""Cells that no spreadsheet takes for a formula, and the way back to what they were."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from leadflow.entities.text import normal

__all__ = ["harmless", "restored"]

SIGNS: Final = frozenset("=+-@−")
"""What a formula begins with, also as wide, small, raised or lowered forms: whatever NFKC folds to one of them."""
BREAKS: Final = frozenset("\t\r\n")
QUOTES: Final = frozenset("'\"`´‘’‚‛“”„‟«»‹›＇＂｀")
PASSED_OVER: Final = frozenset({"Cc", "Cf", "Cs", "Mn", "Zl", "Zp", "Zs"})
APOSTROPHE: Final = "'"
NUMBER: Final = re.compile(r"[0-9][0-9 ./()-]*", re.ASCII)
QUOTED_FORMULA: Final = re.compile(r'\s*="((?:[^"]|"")*)"\s*')


def harmless(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe before it.

    Numbers stay numbers. Of text also ``-5`` and ``+49 30 1`` get one: what is a number to a spreadsheet is no longer
    the text that it was. ``restored`` gives exactly the text back.
    """
    return f"{APOSTROPHE}{value}" if isinstance(value, str) and _is_changed(value) else value


def restored(cell: str) -> str:
    """Return the text of a cell as it was before ``harmless``, or before an exporter marked it as text.

    Those marks are ``="0123"`` and an apostrophe before a number; any other cell is returned as it is.
    """
    if cell.startswith(APOSTROPHE) and (_is_changed(cell[1:]) or NUMBER.fullmatch(cell[1:])):
        return cell[1:]
    marked = QUOTED_FORMULA.fullmatch(cell)
    return cell if marked is None else marked[1].replace('""', '"')


def _is_changed(text: str) -> bool:
    """Whether a spreadsheet, or ``restored``, would make something else of the text."""
    bare = text.lstrip(APOSTROPHE)
    return _is_formula(text) or (bare != text and NUMBER.fullmatch(bare) is not None)


def _is_formula(text: str) -> bool:
    """A sign stands first, whatever stands before it that a spreadsheet may pass over: blanks, quotes, unseen signs.

    The apostrophe is among those, so that a text with one of its own gets another, and comes back as it was.
    """
    for character in text:
        if character in BREAKS or character in SIGNS or normal(character, "NFKC")[:1] in SIGNS:
            return True
        if character not in QUOTES and unicodedata.category(character) not in PASSED_OVER:
            return False
    return False
