"""Phone numbers: E.164, with kind and country."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leadflow.entities import Phone, PhoneKind
from leadflow.quality.results import Checked, error, line, warning

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

__all__ = ["check_phone", "split_numbers"]

_INTERNATIONAL = re.compile(r"^\(?00\s?(?=[1-9])")
_EXTENSION = re.compile(
    r"[\s,;(-]{0,4}(?<![a-z])(?:durchwahl|dw|nebenstelle|nst|apparat|app|extension|ext|klappe|kl)[\s.:-]{0,3}(\d{1,6})\)?$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s/\s|[;,|\n]|\s(?:oder|or|und|and|bzw\.)\s", re.IGNORECASE)
_SHORTEST = 7
"""Digits after the country code: 110 and 12345 are possible numbers, but not personal ones."""


def check_phone(
    text: object, country: str | None, *, field: str = "phone", kind: PhoneKind | None = None
) -> Checked[Phone]:
    """Return a phone number in E.164; ``country`` (ISO alpha-2) applies to numbers without ``+``.

    An impossible number is an error and not used. A possible number that is not in the numbering plan is kept
    with a warning: plans lag behind new ranges, and a lost number is worse than a doubtful one. An extension is not
    part of E.164: it is left out with a warning. ``kind`` is used where the plan does not determine the kind.
    """
    given = line(field, text)
    if given.value is None:
        return Checked(None, given.findings)
    dialled, extension = _without_extension(_INTERNATIONAL.sub("+", given.value))
    number, refusal = _parsed(dialled, country)
    if number is None:
        return Checked(None, (error(*_refused(field, refusal), text),))
    phone, valid = _described(number, kind)
    extension = extension or number.extension
    findings = [
        *([] if valid else [warning("unlikely_phone", field, "is not in the country's numbering plan", text)]),
        *([warning("extension", field, f"the extension {extension} was left out", text)] if extension else []),
    ]
    return Checked(phone, tuple(findings))


def split_numbers(text: str) -> tuple[str, ...]:
    """Split a text with several numbers, ``030 123456 / 0171 1234567``; each has at least six digits."""
    parts = [part.strip() for part in _BETWEEN.split(text)]
    if len(parts) > 1 and all(sum(c.isdigit() for c in part) >= 6 for part in parts):
        return tuple(parts)
    return (text,)


_REFUSALS = {
    "no_country": "has no country; give it with + and the country code, or give the country",
    "impossible_phone": "can't be a phone number; give it as +49 30 123456",
    "fake_phone": "is a made-up number; ask for the real one",
}


def _refused(field: str, code: str) -> tuple[str, str, str]:
    return code, field, _REFUSALS[code]


def _without_extension(text: str) -> tuple[str, str | None]:
    found = _EXTENSION.search(text[-40:])
    if found is None:
        return text, None
    return text[: len(text) - len(found.group())], found.group(1)


def _parsed(text: str, country: str | None) -> tuple[PhoneNumber | None, str]:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country)
        # parsed twice, so that parsing the E.164 form again changes nothing: some prefixes are stripped only then
        again = phonenumbers.parse(f"+{number.country_code}{phonenumbers.national_significant_number(number)}")
    except phonenumbers.NumberParseException as refused:
        no_country = refused.error_type == refused.INVALID_COUNTRY_CODE and "+" not in text
        return None, "no_country" if no_country and _has_digits(text) else "impossible_phone"
    again.extension = number.extension
    digits = phonenumbers.national_significant_number(again)
    if not phonenumbers.is_possible_number(again):
        return None, "impossible_phone"
    if _made_up(digits):
        return None, "fake_phone"
    if len(digits) < _SHORTEST and not phonenumbers.is_valid_number(again):
        return None, "impossible_phone"
    return again, ""


def _has_digits(text: str) -> bool:
    return sum(c.isdigit() for c in text) >= 5


def _made_up(digits: str) -> bool:
    return len(set(digits)) == 1 or "1234567890".startswith(digits) or "9876543210".startswith(digits)


def _described(number: PhoneNumber, given: PhoneKind | None) -> tuple[Phone, bool]:
    import phonenumbers

    plan = phonenumbers.number_type(number)
    kinds: dict[int, PhoneKind] = {
        phonenumbers.PhoneNumberType.MOBILE: "mobile",
        phonenumbers.PhoneNumberType.FIXED_LINE: "landline",
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE: given or "other",
    }
    region = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(
        number.country_code or 0
    )
    phone = Phone(
        number=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        kind=kinds.get(plan, "other"),
        country=region if region.isalpha() and region != "ZZ" else None,
    )
    return phone, plan != phonenumbers.PhoneNumberType.UNKNOWN
