"""Phone numbers: E.164, with kind and country."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leadflow.entities import Finding, Phone, PhoneKind
from leadflow.entities.base import made
from leadflow.quality.results import Checked, error, line, note, warning

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

__all__ = ["check_phone", "split_numbers"]

_LEAD_IN = re.compile(
    r"^[\s'\"=:;,.*_-]+(?=[\w(+])|^[^\W\d_]{1,15}[.:]+\s*(?=[\d(+])"
    r"|^(?:telefon|tel|phone|fon|mobile?|handy|cell|whatsapp|[tpm])\b[\s.:]*(?=[\d(+])",
    re.IGNORECASE,
)
_INTERNATIONAL = re.compile(r"^(?:[(+]*(?:00|\+)[)+]*\s?(?:00\s?)?)(?=\(?[1-9])")
_TRUNK_IN_BRACKETS = re.compile(r"^\(?([1-9]\d{0,2})\)?[\s.-]*\(0\)")
_FLOAT = re.compile(r"(\+?\d+)[.,]0+", re.ASCII)
_SCIENTIFIC = re.compile(r"(\d)[.,]?(\d*)[eE]\+?(\d{1,2})", re.ASCII)
_EXTENSION = re.compile(
    r"[\s,;(/-]{0,4}(?<![a-z])(?:durchwahl|dw|nebenstelle|nst|apparat|app|extension|extn|ext|klappe|kl|poste|interno|"
    r"int|anexo|toestel|x|#)[\s.:#=-]{0,3}(\d{1,6})\)?(?=$|[^\d])",
    re.IGNORECASE,
)
_ENDINGS = re.compile(r"(?<=\d)\s?/\s?-?(\d{1,2})$|(?<=\d)\s?/\s?-(\d{1,4})$", re.ASCII)
_BETWEEN = re.compile(r"\s/\s|/(?=\s?(?:\+|00?[1-9]))|:::|[;,|\n]|\s&\s|\s(?:oder|or|und|and|bzw\.)\s", re.IGNORECASE)
_BEFORE_NEXT = re.compile(r"(?<=\d)[\s)]+(?=\+|(?:[^\W\d_]{2,15}[.:]?\s*){1,3}(?:\+|\(?0)\d)")
_IN_BRACKETS = r"\(\+?\d[\d\s-]*\)"
_DIGITS = re.compile(rf"\+?(?:{_IN_BRACKETS}|\d)(?:[\d\s./\-–—‐‑·•~]|{_IN_BRACKETS})*")
_ISO_DATE = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", re.ASCII)
_DATE = re.compile(r"[\s(]*\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}[\s.)]*")
_HOURS = re.compile(
    r"(?<![\w.])\d{1,2}(?:[:.]\d\d)?(?:\s?[-–]\s?\d{1,2}(?:[:.]\d\d)?)?\s?(?:uhr|h|am|pm)(?![^\W_])"
    r"|(?<!\w)\d{1,2}:\d\d(?:\s?[-–]\s?\d{1,2}:\d\d)?",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\s*\d{5}\s+[^\W\d_]{2,}.*")
_REMARKS = re.compile(
    r"(?<=\d)(?:privat|priv|mobil|mobile|handy|handynummer|büro|office|work|home|direkt|direct|cell|tel|phone)\b"
    r"|\b(?:privat|mobil|mobile|handy|tel|telefon|phone|fon|cell|büro|office|work|home|fax|[ptmwhdfz])(?=[+\d])",
    re.IGNORECASE,
)
_FAX = re.compile(r"\b(?:tele)?fax\b", re.IGNORECASE)
_VANITY = re.compile(r"^(?:\+?1[\s.-]*)?\(?(?:0?[78]00|8[3-8]{2}|0?180|0?900)\)?[\s./-]*[\d\s.-]*[A-Z]{3,}", re.ASCII)
_BARE = re.compile(r"\+?[\d ()-]+", re.ASCII)
_FILLERS = str.maketrans("", "", " ()-")
_SHORTEST = 7
"""Digits after the country code: 110 and 12345 are possible numbers, but not personal ones."""
_FEWEST = 5
"""Digits of a piece of text that may be a number; fewer are an hour, a floor or a year."""


def check_phone(
    text: object, country: str | None, *, field: str = "phone", kind: PhoneKind | None = None
) -> Checked[Phone]:
    """Return a phone number in E.164; ``country`` (ISO alpha-2) applies to numbers without ``+``.

    An impossible number is an error and not used. A possible number that is not in the numbering plan is kept
    with a warning: plans lag behind new ranges, and a lost number is worse than a doubtful one. Letters are never
    dialled: words beside the number are left out with a note. An extension is not part of E.164: it is left out with a
    warning. A number of a plan that has been replaced (Mexico, Benin, Côte d'Ivoire) becomes the new one, with a note.
    What could be another number (a wrong or missing country code) is suggested, never stored. ``kind`` is used where
    the plan does not determine the kind.
    """
    given = line(field, text)
    if given.value is None:
        return Checked(None, given.findings)
    dialled: str | None
    if _ISO_DATE.fullmatch(given.value):
        return Checked(None, (error(*_refused(field, "impossible_phone"), text),))
    if _BARE.fullmatch(given.value):
        whole = dialled = _INTERNATIONAL.sub("+", given.value)
        extension, refusal, findings = None, "", list[Finding]()
    else:
        whole, refusal = _digits_of_a_number(given.value)
        dialled, extension, findings = _apart(whole, field, text)
    if not refusal and dialled is None:
        refusal = _without_number(whole)
    number = None
    if not refusal and dialled is not None:
        number, refusal, more = _parsed(dialled, country, field, text)
        findings += more
    if number is None:
        return Checked(None, (error(*_refused(field, refusal), text, _suggested(dialled or whole, country, refusal)),))
    phone, valid = _described(number, kind)
    extension = extension or number.extension
    if not valid:
        meant = _elsewhere(number, dialled or "", country)
        findings.append(warning("unlikely_phone", field, "is not in the country's numbering plan", text, meant))
    elif (abroad := _abroad(number, dialled or "")) is not None:
        findings.append(warning("perhaps_abroad", field, "would be a number abroad if its + is missing", text, abroad))
    if extension:
        findings.append(warning("extension", field, f"the extension {extension} was left out", text))
    return Checked(phone, tuple(findings))


def split_numbers(text: str) -> tuple[str, ...]:
    """Split a text with several numbers, ``030 123456 / 0171 1234567``; each has at least six digits.

    Words and short pieces between them stay with the number before.
    """
    if _BARE.fullmatch(text):
        return (text,)
    numbers: list[str] = []
    for part in (piece.strip() for long in _BETWEEN.split(text) for piece in _BEFORE_NEXT.split(long)):
        if part and sum(c.isdigit() for c in part) >= 6:
            numbers.append(part)
        elif part and (not numbers or not part.isalpha()):
            return (text,)
    return tuple(numbers) if len(numbers) > 1 else (text,)


_REFUSALS = {
    "no_country": "has no country; give it with + and the country code, or give the country",
    "impossible_phone": "can't be a phone number; give it as +49 30 123456",
    "fake_phone": "is a made-up number; ask for the real one",
    "several_phones": "holds several numbers; give one",
    "rounded_phone": "was rounded by a spreadsheet, its last digits are gone; export the column as text",
    "vanity_phone": "is spelled with letters; give its digits",
}


def _refused(field: str, code: str) -> tuple[str, str, str]:
    return code, field, _REFUSALS[code]


def _digits_of_a_number(text: str) -> tuple[str, str]:
    """Undo what a spreadsheet does to numbers: 4930901820.0, 3.108207129E9; not where it has rounded them."""
    if found := _FLOAT.fullmatch(text):
        return found[1], ""
    found = _SCIENTIFIC.fullmatch(text)
    if not found:
        return text, ""
    digits, places = found[1] + found[2].rstrip("0"), int(found[3]) + 1
    if places <= 16 and len(found[2]) + 1 >= places and len(digits) <= places and len(digits) > places - 3:
        return digits.ljust(places, "0"), ""
    return text, "rounded_phone" if places >= _SHORTEST else "impossible_phone"


def _apart(text: str, field: str, raw: object) -> tuple[str | None, str | None, list[Finding]]:
    """Return the piece of a text that is the number, the extension, and what was left out; no piece if unclear."""
    findings: list[Finding] = []
    rest = _LEAD_IN.sub("", _INTERNATIONAL.sub("+", text))
    if rest[:1] in "(0":
        rest = _INTERNATIONAL.sub("+", rest)
    extension = None
    has_words = any(c.isalpha() or c in "#:" for c in rest)
    if has_words and _PLACE.fullmatch(rest):
        return None, None, []
    if has_words and _HOURS.search(rest):
        findings.append(note("words_beside", field, "the words beside the number were left out", raw))
        rest = _HOURS.sub(" ", rest).strip(" ()")
    if has_words and (found := _EXTENSION.search(rest)) and sum(c.isdigit() for c in rest[: found.start()]) >= _FEWEST:
        extension, rest = found[1], f"{rest[: found.start()]} {rest[found.end() :]}".strip()
    if (
        "/" in rest
        and (found := _ENDINGS.search(rest))
        and rest.count("/") > (rest.find("/") < 6)
        and sum(c.isdigit() for c in rest[: found.start()]) > _SHORTEST
    ):
        findings.append(warning("other_ending", field, f"the other ending {found[1] or found[2]} was left out", raw))
        rest = rest[: found.start()]
    if (has_words or rest != text) and _FAX.search(text):
        findings.append(warning("fax_number", field, "says that it is a fax number", raw))
    if rest.isascii() and not any(c.isalpha() or c in ",;" for c in rest):
        return rest, extension, findings
    spaced = _REMARKS.sub(" ", rest)
    if _VANITY.match(spaced):
        return None, None, []
    pieces = [
        found
        for found in _DIGITS.finditer(spaced)
        if sum(c.isdigit() for c in found.group()) >= _FEWEST
        and not _is_glued(spaced, found)
        and not _DATE.fullmatch(found.group())
    ]
    if len(pieces) != 1:
        return None, None, []
    number = pieces[0].group().strip(" .-/–—")
    if number.count("(") != number.count(")"):
        number = number.replace("(", " ").replace(")", " ").strip()
    left = f"{spaced[: pieces[0].start()]}{spaced[pieces[0].end() :]}"
    if any(c.isalnum() for c in left) and not findings and not _FAX.search(text):
        findings.append(note("words_beside", field, "the words beside the number were left out", raw))
    return _INTERNATIONAL.sub("+", number), extension, findings


def _is_glued(text: str, found: re.Match[str]) -> bool:
    """Whether letters touch the digits or hang on them by a hyphen or dot, as in 1-800-FLOWERS."""
    before, behind = text[: found.start()][-1:], text[found.end() :][:1]
    return before.isalnum() or (behind.isalnum() and not found.group()[-1].isspace() and found.group()[-1] not in "()")


def _without_number(text: str) -> str:
    if any(c.isalpha() for c in text) and _keypad(text):
        return "vanity_phone"
    long = [piece for piece in _DIGITS.findall(text) if sum(c.isdigit() for c in piece) >= 6]
    return "several_phones" if len(long) > 1 and not any(c.isalpha() for c in text) else "impossible_phone"


def _keypad(text: str) -> bool:
    return _VANITY.match(text) is not None


def _suggested(text: str, country: str | None, refusal: str) -> str | None:
    """Return the valid number that a refused text may stand for, with another or without a country code."""
    if refusal == "vanity_phone":
        return _valid(text, country or "US")
    digits = "".join(c for c in text if c.isdecimal())
    if refusal not in ("no_country", "impossible_phone") or len(digits) <= _SHORTEST or any(c.isalpha() for c in text):
        return None
    stray_plus = _valid(digits, country) if "+" in text and country else None
    return stray_plus or (_valid(f"+{digits}", None) if "+" not in text and digits[0] != "0" else None)


def _elsewhere(number: PhoneNumber, dialled: str, country: str | None) -> str | None:
    """Return the number as it is valid in the lead's country, or abroad if its plus is missing."""
    import phonenumbers

    if country and phonenumbers.country_code_for_region(country) != number.country_code:
        return _valid(phonenumbers.national_significant_number(number), country)
    digits = "".join(c for c in dialled if c.isdecimal())
    return _valid(f"+{digits}", None) if "+" not in dialled and digits[0] != "0" and len(digits) >= 10 else None


def _abroad(number: PhoneNumber, dialled: str) -> str | None:
    """Return another number that a text without + and without the country's 0 may be: 43151234567 in Germany."""
    if dialled[0] in "+0(" or sum(c.isdecimal() for c in dialled) < 10:
        return None
    import phonenumbers

    home = phonenumbers.region_code_for_country_code(number.country_code or 0)
    digits = "".join(c for c in dialled if c.isdecimal())
    if digits.startswith(str(number.country_code)) or phonenumbers.ndd_prefix_for_region(home, True) != "0":
        return None
    return _valid(f"+{digits}", None)


def _valid(text: str, country: str | None) -> str | None:
    import phonenumbers

    number = _read(text, country)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _read(text: str, country: str | None) -> PhoneNumber | None:
    import phonenumbers

    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None


def _parsed(text: str, country: str | None, field: str, raw: object) -> tuple[PhoneNumber | None, str, list[Finding]]:
    import phonenumbers

    findings: list[Finding] = []
    if found := _TRUNK_IN_BRACKETS.match(text):  # 49(0)30: a country code, whatever stands before it
        text = f"+{found[1]} {text[found.end() :]}"
    try:
        number = phonenumbers.parse(text, country)
        # parsed twice, so that parsing the E.164 form again changes nothing: some prefixes are stripped only then
        e164 = f"+{number.country_code}{phonenumbers.national_significant_number(number)}"
        again = number if text.translate(_FILLERS) == e164 else phonenumbers.parse(e164)
    except phonenumbers.NumberParseException as refused:
        no_country = refused.error_type == refused.INVALID_COUNTRY_CODE and "+" not in text
        return None, "no_country" if no_country and _has_digits(text) else "impossible_phone", []
    if (plus := _missing_plus(text, again)) is not None:
        findings.append(note("country_code", field, "was read as a number with country code", raw))
        again = plus
    if (renumbered := _renumbered(again)) is not None:
        findings.append(note("renumbered", field, "is a number of the former plan; the present one was used", raw))
        again = renumbered
    if text.startswith("000") and len(set(text)) > 1:
        return None, "impossible_phone", []
    again.extension = number.extension
    digits = phonenumbers.national_significant_number(again)
    if not phonenumbers.is_possible_number(again):
        return None, "impossible_phone", []
    if _made_up(digits):
        return None, "fake_phone", []
    if len(digits) < _SHORTEST and not phonenumbers.is_valid_number(again):
        return None, "impossible_phone", []
    return again, "", findings


def _missing_plus(text: str, number: PhoneNumber) -> PhoneNumber | None:
    """Return the number that begins with its own country code, read as such: 4915112345678 in Germany.

    Only where a national number begins with a 0 that is missing here: +49 49151… is a place, but nobody types it so.
    """
    import phonenumbers

    if text[0] in "+0(":
        return None
    digits, code = "".join(c for c in text if c.isdecimal()), str(number.country_code)
    if "+" in text or not digits.startswith(code) or len(digits) < len(code) + _SHORTEST:
        return None
    if phonenumbers.ndd_prefix_for_region(phonenumbers.region_code_for_country_code(int(code)), True) != "0":
        return None
    other = _read(f"+{digits}", None)
    is_other = other is not None and other != number and phonenumbers.is_valid_number(other)
    return other if is_other else None


def _renumbered(number: PhoneNumber) -> PhoneNumber | None:
    """Return the number under the present plan: Mexico without 1 (2019), Côte d'Ivoire (2021), Benin with 01 (2024)."""
    import phonenumbers

    code = number.country_code
    if code not in (_MEXICO, _BENIN, _IVORY_COAST):
        return None
    digits = phonenumbers.national_significant_number(number)
    if code == _MEXICO and len(digits) in (11, 12, 13):
        new = re.sub(r"^(?:1|01|044|045)(?=\d{10}$)", "", digits)
    elif code == _BENIN and len(digits) == 8:
        new = f"01{digits}"
    elif code == _IVORY_COAST and len(digits) == 8 and digits[0] != "2" and digits[0] != "3":
        new = {"0": "01", "1": "01", "2": "01", "3": "01", "4": "05", "5": "05", "6": "05"}.get(
            digits[1], "07"
        ) + digits
    else:
        return None
    other = _read(f"+{code}{new}", None)
    return other if new != digits and other is not None and phonenumbers.is_valid_number(other) else None


_MEXICO, _BENIN, _IVORY_COAST = 52, 229, 225


def _has_digits(text: str) -> bool:
    return sum(c.isdigit() for c in text) >= 5


def _made_up(digits: str) -> bool:
    return len(set(digits)) == 1 or "1234567890".startswith(digits) or "9876543210".startswith(digits)


def _described(number: PhoneNumber, given: PhoneKind | None) -> tuple[Phone, bool]:
    import phonenumbers

    plan = phonenumbers.number_type(number)
    types = phonenumbers.PhoneNumberType
    kinds: dict[int, PhoneKind] = {
        types.MOBILE: "mobile",
        types.FIXED_LINE: "landline",
        types.FIXED_LINE_OR_MOBILE: given or "other",
    }
    region = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(
        number.country_code or 0
    )
    phone = made(
        Phone,
        number=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        kind=kinds.get(plan, "other"),
        country=region if region.isalpha() and region != "ZZ" else None,
    )
    return phone, plan != types.UNKNOWN
