"""Cells that hold several fields, as their header says: postcode and city, last and first name."""

from __future__ import annotations

import re
from typing import Final

from leadflow.quality.countries import check_country

__all__ = ["JOINED_KEYS", "PLACE", "fields_in"]

PARTS_OF_FIELDS: Final = frozenset(
    {"name_particle", "middle_name", "second_last_name", "name_suffix", "house_number_addition", "flat_number"}
)
"""What is joined with the field of another column: what stands before and behind a name, and behind a house number."""
JOINED_KEYS: Final = frozenset({"place", "last_first_name", *PARTS_OF_FIELDS})
"""The meanings of such columns: a place with its postcode, a name with the last name first, parts of a field."""
POSTCODE: Final = re.compile(
    r"(?<![\w-])(?:[A-Z]{1,2}-|(?:D|A|CH|F|B|L|I|NL|PL|DE|AT) )?"
    r"(?:\d{5}-\d{4}|\d{2}-\d{3}|\d{4}-\d{3}|\d{3} \d{2}|\d{4} ?[A-Z]{2}(?![^\W_])|\d{4,6}"
    r"|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?![\w-])"
)
STATES: Final = frozenset(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA PR RI SC SD TN TX UT VT VA WA WV WI WY".split()
)
"""Two letters before a zip code: nobody but the USA writes so."""
PLACE: Final = re.compile(r"[^\d,]+,? +[A-Z]{2,3},? +\d{5}(?:-\d{4})?", re.ASCII)
"""``Boston, MA 02110``: what nothing but a city, a state and a zip code looks like."""
STATE: Final = re.compile(r"(?:(?<=,)|(?<=\s)|^)\s*([A-Z]{2,3})\s*$", re.ASCII)
ENDS: Final = re.compile(r"[,;|\n]|\s[-–/]\s")
BEHIND: Final = re.compile(r"^(?P<city>.+?)\s*(?:/(?P<country>[^/()]+)|\((?P<inside>[^()]+)\))$")
"""``Wien/Österreich``, ``Zürich (CH)``; in ``Halle/Saale`` and ``Frankfurt (Oder)`` it is a part of the name."""
PARTICLES: Final = frozenset(
    "von van de der den del della di da do dos du la le zu zum zur ten ter el al af av".split()
)


def fields_in(key: str, cell: str) -> dict[str, str]:
    """Return the fields that a cell of a joined column holds; what can't be told apart stays in one of them."""
    text = " ".join(cell.replace("\n", ", ").split())
    if key in PARTS_OF_FIELDS:
        return {key: text}
    return _place(text) if key == "place" else {"name": _last_first(text)}


def _place(text: str) -> dict[str, str]:
    codes = list(POSTCODE.finditer(text))
    if len(codes) != 1:
        return {"city": text}
    code = codes[0]
    before, behind = text[: code.start()].strip(" ,;/|(-–"), text[code.end() :].strip(" ,;/|-–")
    behind = behind if "(" in behind else behind.strip(" )")
    found = {"postcode": code[0]}
    if before and (state := STATE.search(before)) and state.start() > 0:
        found["region"], before = state[1], before[: state.start()].strip(" ,")
        found |= {"country": "US"} if state[1] in STATES and code[0][:5].isdigit() and not behind else {}
    parts = [part.strip() for half in (before, behind) for part in ENDS.split(half) if part.strip()]
    if parts and (last := BEHIND.match(parts[-1])) and _is_country(named := last["country"] or last["inside"]):
        parts[-1:] = [last["city"], named.strip()]
    if len(parts) > 1 and _is_country(parts[-1]):
        found["country"] = parts.pop()
    if len(parts) > 1 and "region" not in found:
        found["region"] = parts.pop()
    return found | ({"city": ", ".join(parts)} if parts else {})


def _is_country(text: str) -> bool:
    return check_country(text.strip()).value is not None


def _last_first(text: str) -> str:
    """``Lovelace Ada`` and ``von Berg Ada`` with the comma that says which is which."""
    words = text.replace("/", ",").split()
    if "," in text or "/" in text or len(words) < 2:
        return " ".join(words)
    last = next((at for at, word in enumerate(words) if word.casefold() not in PARTICLES), 0) + 1
    return f"{' '.join(words[:last])}, {' '.join(words[last:])}" if last < len(words) else text
