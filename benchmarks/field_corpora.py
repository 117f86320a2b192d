"""Counts what the checks of fields make of corpora that packages carry; docs/quality.md has the result.

``python benchmarks/field_corpora.py [phones|countries]``; countries need babel.
"""

from __future__ import annotations

import sys
from collections import Counter

LANGUAGES = ("en", "de", "fr", "es", "it", "nl")


def phones() -> Counter[str]:
    """Example numbers of every region and kind, as people of that region and of others write them."""
    import phonenumbers

    from leadflow.quality import check_phone

    found: Counter[str] = Counter()
    kinds = [kind for kind in phonenumbers.PhoneNumberType.values() if kind < phonenumbers.PhoneNumberType.UNKNOWN]
    forms = (phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.NATIONAL)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in kinds:
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            for form in forms:
                checked = check_phone(phonenumbers.format_number(example, form), region)
                e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
                number = checked.value.number if checked.value else None
                found[_outcome(number, e164, bool(checked.findings))] += 1
    return found


def countries() -> Counter[str]:
    """The names of all countries in six languages."""
    from babel import Locale

    from leadflow.quality.countries import CODES, check_country

    found: Counter[str] = Counter()
    for language in LANGUAGES:
        names = Locale(language).territories
        for code in sorted(CODES & names.keys()):
            checked = check_country(names[code])
            found[_outcome(checked.value, code, bool(checked.findings))] += 1
    return found


def _outcome(value: str | None, right: str, doubted: bool) -> str:
    if value == right:
        return "right, with a finding" if doubted else "right"
    if value is None:
        return "refused" if doubted else "lost"
    return "another, with a finding" if doubted else "wrong"


if __name__ == "__main__":
    for name in sys.argv[1:] or ["phones", "countries"]:
        print(name, dict({"phones": phones, "countries": countries}[name]()))
