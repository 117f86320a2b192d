"""What checking a full record costs beside the library calls that it makes, and how long odd texts take.

``python benchmarks/field_checks.py [RECORDS]``: every call of phonenumbers, email-validator, python-stdnum and
rapidfuzz is recorded with its arguments, then made again in a loop of its own; the same for making the entities.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from leadflow.entities import Entity
from leadflow.quality import FIELDS, check

CALLS = {
    "phonenumbers": "parse is_possible_number is_valid_number number_type format_number region_code_for_number "
    "national_significant_number region_code_for_country_code country_code_for_region ndd_prefix_for_region",
    "email_validator": "validate_email",
    "rapidfuzz.distance.DamerauLevenshtein": "distance",
    "stdnum.eu.vat": "validate",
    "stdnum.de.handelsregisternummer": "is_valid",
}
Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


def record(nr: int) -> dict[str, object]:
    """A record with all fields; all numbers, names and addresses differ."""
    first, second = chr(97 + nr % 26), chr(97 + nr // 26 % 26)
    return {
        "email": f"ada.{nr}@acme{nr % 50}.example", "phone": f"+49 30 90{nr % 10_000:04d}",
        "mobile": f"0151 1{nr % 10_000_000:07d}", "name": f"Dr. Ada Lovelace{first}{second}",
        "job_title": "Director of IT", "company": f"Acme{first} Maschinenbau GmbH", "website": "https://www.acme.example/",
        "street": f"Hauptstr. {nr}a", "postcode": "80331", "city": "München", "country": "Deutschland",
        "linkedin": f"https://www.linkedin.com/in/ada-{nr}/", "language": "de-DE", "industry": "Maschinenbau",
        "employees": "250", "revenue": "2,5 Mio. €", "vat_number": "DE136695976",
        "register_number": "HRB 12345 München", "budget": "12.000", "authority": "ja", "timing": "31.12.2026",
        "interests": "CRM; Scoring", "note": "Bitte um Rückruf",
    }  # fmt: skip


@contextmanager
def recorded(calls: list[Call]) -> Iterator[None]:
    """Write down every library call made inside."""
    before: list[tuple[Any, str, Any]] = []
    for place, names in CALLS.items():
        module = import_module(place)
        for name in names.split():
            function = getattr(module, name)
            before.append((module, name, function))

            def noted(*args: Any, _function: Callable[..., Any] = function, **kwargs: Any) -> Any:
                calls.append((_function, args, kwargs))
                return _function(*args, **kwargs)

            setattr(module, name, noted)
    try:
        yield
    finally:
        for module, name, function in before:
            setattr(module, name, function)


def cpu(work: Callable[[], object]) -> float:
    """The shortest CPU time of three runs."""
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def ratio(records: int) -> None:
    rows = [record(nr) for nr in range(records)]
    for row in rows[:50]:
        check(row, default_country="DE")
    made: list[Any] = [check(row, default_country="DE").value for row in rows]
    calls: list[Call] = []
    with recorded(calls):
        for row in rows:
            check(row, default_country="DE")
    ours = cpu(lambda: [check(row, default_country="DE") for row in rows])
    libraries = cpu(lambda: _again(calls))
    entities = [one for found in made for one in _entities(found.values)]
    pydantic = cpu(lambda: [kind(**values) for kind, values in entities])
    each = 1e6 / records
    print(f"check {ours * each:.0f} µs a record; libraries {libraries * each:.0f}, entities {pydantic * each:.0f}")
    print(f"check / libraries: {ours / libraries:.2f}; with entities: {ours / (libraries + pydantic):.2f}")


def _again(calls: list[Call]) -> None:
    for function, args, kwargs in calls:
        with suppress(Exception):  # it was refused then, too
            function(*args, **kwargs)


def _entities(values: Mapping[str, object]) -> Iterator[tuple[type[Entity], dict[str, Any]]]:
    for value in values.values():
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Entity):
                yield type(one), {name: inner for name, inner in one if inner is not None}


def slowest() -> None:
    """The longest time that one odd text takes in one field."""
    path = Path(__file__).parents[2] / "shared/data/naughty_strings.json"
    texts = json.loads(path.read_text("utf-8")) if path.exists() else []
    pieces = ("a@", "0 ", "(0)", "Jr. ", "van ", "HRB 1 ", "DE1 ", "12, ", "AG ", "rue 1 ", "a/")
    texts += [piece * (length // len(piece)) for piece in pieces for length in (190, 290, 1_000)]
    found = (0.0, "", "")
    for text in texts:
        for field in sorted(FIELDS - {"social", "emails", "phones"}):
            start = time.process_time()
            check({field: text}, default_country="DE")
            found = max(found, (time.process_time() - start, field, text[:40]))
    took, field, text = found
    print(f"{len(texts)} odd texts in every field: the slowest takes {took * 1000:.1f} ms ({field}: {text!r})")


if __name__ == "__main__":
    ratio(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
    slowest()
