"""Phone numbers, postcodes and ids that a spreadsheet took for numbers: ``1001.0``, ``4.91512E+11``."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["DIGIT_KEYS", "digits_of"]

DIGIT_KEYS: Final = frozenset(
    "phone phone2 phone3 mobile phones postcode external_id id register_number vat_number".split()
)
"""What holds digits that are no amount: it never has a fraction."""
FRACTION: Final = re.compile(r"\s*(\+?\d+)[.,]00?\s*", re.ASCII)
SCIENTIFIC: Final = re.compile(r"\s*\+?(\d)(?:[.,](\d+))?[eE](\+?)(\d{1,2})\s*", re.ASCII)


def digits_of(cell: str) -> str:
    """Return the digits that a cell stood for before a spreadsheet made a number of it; other cells as they are.

    Raises ``ValueError`` where digits are gone: ``4.91512E+11`` had twelve, of which six are left.
    """
    if fraction := FRACTION.fullmatch(cell):
        return fraction[1]
    if found := SCIENTIFIC.fullmatch(cell):
        first, written, plus, exponent = found[1], found[2] or "", found[3], int(found[4])
        rest = written[:exponent]
        # Programs that write E9 without a plus write all digits but zeros at the end; spreadsheets round
        if written[exponent:].strip("0") or (plus and len(written) < exponent):
            raise ValueError("was rounded by a spreadsheet, its digits are gone; make the column text and export again")
        return first + rest.ljust(exponent, "0")
    return cell
