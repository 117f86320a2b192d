"""Numbers, dates and yes/no answers, as people write them in forms."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from leadflow.entities import Finding
from leadflow.quality.results import NOTHING, Checked, error, line, note

__all__ = ["check_amount", "check_count", "check_date", "check_yes"]

_ABOUT = re.compile(
    r"^(?:ca\.?|circa|etwa|rund|ungefähr|about|approx\.?|approximately|mehr als|more than|über|over|mind\.|mindestens|"
    r"at least|ab|>=?|~|≈)\s*",
    re.IGNORECASE,
)
_NUMBER = r"\d[\d.,'’ ]{0,30}"
_MORE_THAN_A_NUMBER = re.compile(r"[^\d.,]")
_RANGE = re.compile(rf"^({_NUMBER}?)\s?(?:-|–|—|\bbis\b|\bto\b|\.\.)\s?({_NUMBER})(?P<unit>.*)$", re.IGNORECASE)
_PLAIN = re.compile(rf"^(?P<sign>-?)(?P<digits>{_NUMBER})(?P<unit>.*)$")
_UNITS = {
    "": 1, "+": 1, "k": 1e3, "tsd": 1e3, "tausend": 1e3, "thousand": 1e3, "t": 1e3, "m": 1e6, "mio": 1e6, "mill": 1e6,
    "million": 1e6, "millionen": 1e6, "millions": 1e6, "mn": 1e6, "mrd": 1e9, "milliarden": 1e9, "milliarde": 1e9,
    "bn": 1e9, "b": 1e9, "billion": 1e9,
}  # fmt: skip
_PEOPLE = re.compile(r"\s?(?:mitarbeiter(?:innen)?|ma|employees|people|personen|fte|staff)\.?$", re.IGNORECASE)
_EURO = re.compile(r"€|\beuro?s?\b", re.IGNORECASE)
_OTHER_MONEY = re.compile(
    r"[$£¥₹₽₺]|\b(?:usd|chf|gbp|jpy|sek|nok|dkk|pln|czk|huf|cad|aud|inr|cny|fr|sfr)\b", re.IGNORECASE
)
_NUMBERS = (int, float, Decimal)
_BLANKS = str.maketrans("", "", " '’\u00a0\u202f")


def check_count(field: str, raw: object, most: int = 100_000_000) -> Checked[int]:
    """Return a whole number from "1.200", "1,200", "ca. 250", "50-100" (the lower bound, with a note) or a number."""
    checked = _checked(field, raw, lambda text: _PEOPLE.sub("", text))
    if checked.value is None:
        return Checked(None, checked.findings)
    value, findings = checked.value, checked.findings
    if not 0 <= value <= most:
        return Checked(None, (*findings, error("out_of_range", field, f"must be between 0 and {most}", raw)))
    if value != int(value):
        findings = (*findings, note("rounded", field, "was rounded down to a whole number", raw))
    return Checked(int(value), findings)


def check_amount(field: str, raw: object) -> Checked[float]:
    """Return an amount in EUR from "2,5 Mio. €", "1.200,50" or a number; other currencies are not converted."""
    checked = _checked(field, raw, lambda text: _EURO.sub("", text))
    if checked.value is not None and checked.value < 0:
        return Checked(None, (*checked.findings, error("out_of_range", field, "must not be negative", raw)))
    return checked


def check_date(field: str, raw: object) -> Checked[date]:
    """Return a day from 2026-12-31, 31.12.2026, 12/2026 or Q4 2026 (the first day, with a note), or a date."""
    if isinstance(raw, datetime):
        return Checked(raw.date())
    if isinstance(raw, date):
        return Checked(raw)
    given = line(field, raw, limit=100)
    if given.value is None:
        return Checked(None, given.findings)
    for pattern, parts in _DATES:
        found = pattern.fullmatch(given.value)
        if found:
            return _day(field, raw, *parts(found))
    return Checked(None, (error("invalid_date", field, "is not a date; give it as 2026-12-31", raw),))


def check_yes(field: str, raw: object) -> Checked[bool]:
    """Return yes or no from ja/nein, yes/no, true/false, 1/0, x."""
    if isinstance(raw, bool):
        return Checked(raw)
    given = line(field, raw, limit=100)
    if given.value is None:
        return Checked(None, given.findings)
    word = given.value.casefold()
    if word in _YES or word in _NO:
        return Checked(word in _YES)
    return Checked(None, (error("not_yes_or_no", field, "is neither yes nor no", raw),))


_YES = frozenset("yes y ja j true t wahr 1 x ✓ on oui si sí".split())
_NO = frozenset("no n nein false f falsch 0 off non".split())


def _checked(field: str, raw: object, without_unit: Callable[[str], str]) -> Checked[float]:
    if raw is None:
        return NOTHING
    if isinstance(raw, _NUMBERS) and not isinstance(raw, bool):
        return _number(field, raw)
    given = line(field, raw, limit=200)
    if given.value is None:
        return Checked(None, given.findings)
    text = given.value
    if _MORE_THAN_A_NUMBER.search(text):
        if _OTHER_MONEY.search(text):
            return Checked(None, (error("other_currency", field, "is not in EUR; convert it first", raw),))
        text = _ABOUT.sub("", without_unit(text).strip())
    about = text != given.value
    if found := _RANGE.match(text):
        low, unit = _reading(found.group(1)), _factor(found.group("unit"))
        if low is not None and unit is not None:
            return Checked(low * unit, (note("range", field, "is a range; its lower bound was used", raw),))
    elif (found := _PLAIN.match(text)) and (unit := _factor(found.group("unit"))) is not None:
        value = _reading(found.group("digits"))
        if value is not None:
            signed = -value if found.group("sign") else value
            return Checked(
                signed * unit,
                (note("about", field, "is only approximate", raw),) if about and _ABOUT.match(given.value) else (),
            )
    return Checked(None, (error("not_a_number", field, "is not a number; give it as 1200", raw),))


def _number(field: str, raw: float | Decimal) -> Checked[float]:
    try:
        value = float(raw)
    except OverflowError:
        value = math.inf
    if math.isnan(value):
        return Checked(None)
    if math.isinf(value):
        return Checked(None, (error("out_of_range", field, "is too large", raw),))
    return Checked(value)


def _factor(unit: str) -> float | None:
    return _UNITS.get(unit.strip().rstrip(".").casefold())


def _reading(digits: str) -> float | None:
    """Parse German and English notation: the last separator is the decimal one unless three digits follow it."""
    text = digits.translate(_BLANKS).rstrip(".,")
    marks = [c for c in text if c in ".,"]
    if len(set(marks)) == 2:
        decimal = marks[-1]
        if marks.count(decimal) > 1:
            return None
        text = text.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    elif len(marks) > 1 or (marks and len(text.rpartition(marks[0])[2]) == 3 and text[0] not in "0.,"):
        groups = re.split("[.,]", text)
        if any(len(group) != 3 for group in groups[1:]) or len(groups[0]) > 3:
            return None
        text = "".join(groups)
    else:
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return None


_Parts = tuple[int, int, int, bool]
_DATES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], _Parts]], ...] = (
    (re.compile(r"([12]\d{3})-(\d\d?)-(\d\d?)(?:[T ].{0,30})?", re.ASCII),
     lambda m: (int(m[1]), int(m[2]), int(m[3]), True)),
    (re.compile(r"(\d\d?)\.\s?(\d\d?)\.\s?([12]\d{3})", re.ASCII), lambda m: (int(m[3]), int(m[2]), int(m[1]), True)),
    (re.compile(r"(\d\d?)[./]([12]\d{3})", re.ASCII), lambda m: (int(m[2]), int(m[1]), 1, False)),
    (re.compile(r"([12]\d{3})-(\d\d?)", re.ASCII), lambda m: (int(m[1]), int(m[2]), 1, False)),
    (re.compile(r"[Qq]([1-4])[ /-]?([12]\d{3})", re.ASCII), lambda m: (int(m[2]), 3 * int(m[1]) - 2, 1, False)),
    (re.compile(r"([12]\d{3})[ /-]?[Qq]([1-4])", re.ASCII), lambda m: (int(m[1]), 3 * int(m[2]) - 2, 1, False)),
)  # fmt: skip


def _day(field: str, raw: object, year: int, month: int, day: int, exact: bool) -> Checked[date]:
    try:
        found = date(year, month, day)
    except ValueError:
        return Checked(None, (error("invalid_date", field, "is not a calendar day; give it as 2026-12-31", raw),))
    notes: tuple[Finding, ...] = ()
    if not exact:
        notes = (note("first_day", field, "is a month or quarter; its first day was used", raw),)
    return Checked(found, notes)
