"""Counts what the checks of fields make of corpora that packages carry; docs/quality.md has the result.

``python benchmarks/field_corpora.py [phones|countries|addresses|emails=DIR|names=DIR]``; countries need babel,
addresses addressformatting. ``DIR`` is where the source archive of email-validator or nameparser was unpacked, with its
tests: ``pip download --no-deps --no-binary :all: email-validator nameparser``.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


PLACES = {
    "DE": ("Hauptstraße", "80331", "München"), "AT": ("Mariahilfer Straße", "1070", "Wien"),
    "CH": ("Bahnhofstrasse", "8001", "Zürich"), "GB": ("Baker Street", "NW1 6XE", "London"),
    "FR": ("rue de la Paix", "75002", "Paris"), "NL": ("Keizersgracht", "1015 CN", "Amsterdam"),
    "US": ("Pennsylvania Avenue NW", "20500", "Washington"), "IT": ("Via Roma", "00184", "Roma"),
    "ES": ("Calle Mayor", "28013", "Madrid"), "PL": ("ul. Długa", "00-950", "Warszawa"),
    "BE": ("Rue de la Loi", "1000", "Bruxelles"), "DK": ("Vesterbrogade", "1620", "København"),
}  # fmt: skip


def addresses() -> Counter[str]:
    """Addresses as OpenCage's templates set them out, country by country, read back from one cell."""
    from addressformatting import AddressFormatter

    from leadflow.quality.address import check_address

    found: Counter[str] = Counter()
    for country, (road, code, city) in PLACES.items():
        for number in ("5", "12a", "12-14", "221", "7", "100"):
            parts = {"road": road, "house_number": number, "postcode": code, "city": city, "state_code": "DC"}
            text = AddressFormatter().format({**parts, "country_code": country.lower()}, country=country)
            checked = check_address({"street": text.strip(), "country": country})
            read = checked.value
            got = read and (read.street, read.house_number, read.postcode, read.city)
            right = (road, number, code, city)
            found["right" if got == right else f"wrong: {got} for {text!r}"] += 1
    return found


def emails(sources: Path) -> Counter[str]:
    """The syntax tests of email-validator: what it takes and what it refuses."""
    from leadflow.quality import check_email

    found: Counter[str] = Counter()
    for name, arguments in _cases(sources / "tests/test_syntax.py"):
        text = _constant(arguments[0])
        if not isinstance(text, str):
            continue
        checked = check_email(text)
        address = checked.value.address if checked.value else None
        if name in ("test_email_valid", "test_email_valid_intl_local_part"):
            given = {one.arg: _constant(one.value) for one in arguments[1].keywords}
            right = f"{given['local_part']}@{given.get('ascii_domain') or given['domain']}".lower()
            found[f"valid: {_outcome(address, right, bool(checked.findings))}"] += 1
        elif name.startswith("test_email_invalid") and "strict" not in name:
            read = "read otherwise, with a finding" if checked.findings else "taken"
            found[f"invalid: {read if address else 'refused'}"] += 1
    return found


def names(sources: Path) -> Counter[str]:
    """The tests of nameparser: first with middle names, and last name."""
    from leadflow.quality.person import check_person

    found: Counter[str] = Counter()
    for path in sorted((sources / "tests").glob("test_*.py")):
        for full, parts in _named(ast.parse(path.read_text("utf-8"))):
            checked = check_person({"name": full})
            person = checked.value
            got = (person.first_name, person.last_name) if person else (None, None)
            right = (" ".join(parts[key] for key in ("first", "middle") if parts.get(key)), parts.get("last"))
            same = tuple(_plain(one) for one in got) == tuple(_plain(one) for one in right)
            doubted = " with a finding" if checked.findings else ""
            found[("right" if same else "otherwise") + doubted] += 1
    return found


def _plain(text: str | None) -> str:
    return " ".join((text or "").casefold().replace(".", "").replace("(", "").replace(")", "").split())


def _named(tree: ast.AST) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the full names of a test file, with the parts that it expects."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        full, parts = None, dict[str, str]()
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            if name == "HumanName" and len(call.args) == 1 and not call.keywords and full is None:
                full = _constant(call.args[0])
            elif name == "m" and isinstance(call.args[0], ast.Attribute):
                parts.setdefault(call.args[0].attr, str(_constant(call.args[1])))
        if isinstance(full, str) and {"first", "last"} & parts.keys():
            yield full, parts


def _cases(path: Path) -> Iterator[tuple[str, list[Any]]]:
    """Yield the name of each test with parameters, and each row of them."""
    for function in ast.parse(path.read_text("utf-8")).body:
        if not isinstance(function, ast.FunctionDef):
            continue
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and isinstance(decorator.args[-1], ast.List):
                for row in decorator.args[-1].elts:
                    yield function.name, row.elts if isinstance(row, ast.Tuple | ast.List) else [row]


def _constant(node: ast.AST) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _outcome(value: str | None, right: str, doubted: bool) -> str:
    if value == right:
        return "right, with a finding" if doubted else "right"
    if value is None:
        return "refused" if doubted else "lost"
    return "another, with a finding" if doubted else "wrong"


if __name__ == "__main__":
    for name in sys.argv[1:] or ["phones", "countries"]:
        corpus, _, path = name.partition("=")
        counted = {"phones": phones, "countries": countries, "addresses": addresses}.get(corpus)
        with_sources = {"emails": emails, "names": names}
        print(corpus, dict(counted() if counted else with_sources[corpus](Path(path))))
