"""Numbers as people and programs write them in files: the decimal sign is that of the column, not a guess per cell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

__all__ = ["FOREIGN", "NUMBER_KEYS", "DecimalSign", "decimal_sign_of", "number_of", "plain_number", "unambiguous"]

DecimalSign: TypeAlias = Literal[",", "."]
"""What stands before the fraction: 1.234,50 or 1,234.50."""

NUMBER_KEYS: Final = frozenset({"revenue", "budget"})
"""The fields of a lead that hold amounts with a fraction; of a count, a point can only stand between thousands."""
CURRENCY: Final = r"(?:[€$£¥₹₽₺]|EUR|USD|GBP|CHF|INR|JPY|SEK|NOK|DKK|PLN|CZK|Fr\.|Rs\.?|zł|kr\.?)"
WRITTEN: Final = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[+\-−]?)\s*{CURRENCY}?\s*(?P<inner>[+\-−]?)"
    rf"(?P<digits>[\d.,][\d.,'’ \u00a0\u202f]*(?:[eE][+-]?\d{{1,3}})?)(?P<behind>-)?"
    rf"\s*(?:{CURRENCY}|%)?\s*(?P<close>\))?",
    re.ASCII,
)
"""A number with a currency or per cent beside it; negative also as ``(12)`` and ``12-``."""
NO_CENTS: Final = re.compile(r"[.,](?:--?|–|—)")
"""As in ``1'234.–``."""
GROUP_OR_FRACTION: Final = re.compile(r"(?<![\d.,])\d{1,3}([.,])\d{3}(?![\d.,]*\d)", re.ASCII)
"""``1.234``: one sign, and three digits behind it."""
FOREIGN: Final = re.compile(r"[^\d.,'’\s()+−€-]")
LONGEST: Final = 400
LEAST: Final = 0.2
"""So many numbers that tell the sign must there be for each that would be thousands with the other sign."""
BLANKS: Final = str.maketrans("", "", "'’ \u00a0\u202f")
BLANK_GROUPS: Final = re.compile(r"\d{1,3}(?:['’ \u00a0\u202f]\d{3})+(?:[.,]\d+)?", re.ASCII)
PLAIN: Final = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
GROUPED: Final = {
    ".": re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII),
    ",": re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", re.ASCII),
}
OTHER: Final[dict[str, DecimalSign]] = {".": ",", ",": "."}


def number_of(text: str, decimal: DecimalSign = ".") -> float:
    """Return a number with this decimal sign: ``1.234,50 €``, ``1 234,5``, ``1'234``, ``(12)``, ``12 %``, ``1e3``.

    Raises ``ValueError`` for everything else: text, ``1_000``, infinity, another decimal sign.
    """
    found = _written(text)
    if found is None or (found["open"] is None) != (found["close"] is None):
        raise ValueError(f"{text[:60]!r} is not a number")
    signs = [sign for sign in (found["sign"], found["inner"], found["behind"]) if sign] + [*(found["open"] or "")]
    if len(signs) > 1:
        raise ValueError(f"{text[:60]!r} has two signs")
    number = float(_plain(found["digits"].strip(), decimal))
    if number == float("inf"):
        raise ValueError(f"{text[:60]!r} is not finite")
    return -number if signs and signs[0] != "+" else number


def plain_number(text: str, decimal: DecimalSign = ".") -> str:
    """Return a number as programs write it; ``ValueError`` as of ``number_of``."""
    number = number_of(text, decimal)
    return str(int(number)) if number.is_integer() else repr(number)


def _written(text: str) -> re.Match[str] | None:
    return WRITTEN.fullmatch(NO_CENTS.sub("", text.strip())) if len(text) < LONGEST else None


def _plain(digits: str, decimal: DecimalSign) -> str:
    """Digits as ``float`` reads them; ``ValueError`` if they are no number with this decimal sign."""
    if any(blank in digits for blank in "'’ \u00a0\u202f"):
        if BLANK_GROUPS.fullmatch(digits) is None:
            raise ValueError(f"{digits[:60]!r} is not a number")
        digits = digits.translate(BLANKS)
    if GROUPED[decimal].fullmatch(digits):
        digits = digits.replace(OTHER[decimal], "")
    plain = digits.replace(",", ".") if decimal == "," and "." not in digits else digits
    if PLAIN.fullmatch(plain) is None or (decimal == "," and "." in digits):
        raise ValueError(f"{digits[:60]!r} is not a number with a decimal {'comma' if decimal == ',' else 'point'}")
    return plain


def decimal_sign_of(texts: Iterable[str]) -> DecimalSign | None:
    """Return the decimal sign of a column by most of its numbers; None if none of them tells.

    ``1.234`` alone may be either. It is 1234 if nothing in the column speaks against it and all numbers without a
    sign are below 1000.
    """
    votes: dict[DecimalSign, int] = {".": 0, ",": 0}
    groups: dict[DecimalSign, int] = {".": 0, ",": 0}
    numbers = []
    for text in texts:
        if found := _written(text):
            numbers.append(found["digits"].strip())
            votes[","] += NO_CENTS.search(text) is not None and ",-" in text
    for digits in numbers:
        marks = [mark for mark in digits if mark in ".,"]
        if not marks or "e" in digits.lower():
            continue
        last = marks[-1]
        before, _, after = digits.rpartition(last)
        if len({*marks}) == 2:
            sign = last
        elif len(marks) > 1:
            sign = OTHER[last]
        elif len(after) != 3 or before in ("", "0") or len(before) > 3:
            sign = last
        else:
            groups[OTHER[last]] += 1
            continue
        votes["," if sign == "," else "."] += 1
    likely: DecimalSign = "," if votes[","] > votes["."] else "."
    if votes[","] != votes["."]:
        return likely if votes[likely] >= LEAST * groups[OTHER[likely]] else None
    bare = [digits for digits in numbers if digits.isdecimal()]
    if sum(votes.values()) or not sum(groups.values()) or all(groups.values()) or not bare:
        return None
    if any(len(digits) > 3 for digits in bare):
        return None
    return "," if groups[","] else "."


def unambiguous(text: str, decimal: DecimalSign) -> str:
    """Return an amount so that a reader who doesn't know the column can't mistake it: a number as programs write it.

    With words or another currency beside it, what may be thousands or thousandths (``1.234``) is written out. Raises
    ``ValueError`` for a number that has another decimal sign.
    """
    if FOREIGN.search(text) is None and _written(text):
        return plain_number(text, decimal)
    return GROUP_OR_FRACTION.sub(lambda found: _written_out(found, decimal), text)


def _written_out(found: re.Match[str], decimal: DecimalSign) -> str:
    if found[1] != decimal:
        return found[0].replace(found[1], "")
    return f"{found[0].replace(',', '.')}0"  # a fourth digit: no thousands
