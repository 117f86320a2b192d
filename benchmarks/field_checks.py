"""What checking a full record costs beside the library calls that it makes, and how long odd texts take.

``python benchmarks/field_checks.py [RECORDS]``: every call of phonenumbers, email-validator, python-stdnum and
rapidfuzz is recorded with its arguments, then made again in a loop of its own, in turn with the checks: CPU time, the
median of the rounds. What leadflow caches must not answer for what is unique in life, so records differ as leads do:
e-mail addresses, phone numbers, last names, streets with their numbers and profiles never repeat, a company with its
site and its numbers has two leads, and first names, job titles, cities, countries, languages, industries and amounts
are some of a few dozen.
"""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from leadflow.entities import Entity
from leadflow.quality import FIELDS, check

CALLS = {
    "phonenumbers": "parse is_possible_number is_valid_number number_type format_number region_code_for_number "
    "national_significant_number region_code_for_country_code country_code_for_region ndd_prefix_for_region",
    "email_validator": "validate_email",
    "rapidfuzz.distance.DamerauLevenshtein": "distance",
    "rapidfuzz.process": "extract",
    "stdnum.eu.vat": "validate",
    "stdnum.de.handelsregisternummer": "is_valid",
}
ROUNDS = 9
NUMBERS = count()
PARTS = {
    "e-mail": "email", "a number with +": "phone", "a number without": "mobile",
    "name, job title, language": "name job_title language", "address": "street postcode city country",
    "company with its numbers": "company website industry employees revenue vat_number register_number",
    "profile": "linkedin", "the rest": "budget authority timing interests note",
}  # fmt: skip
T = TypeVar("T")
Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]

FIRST_NAMES = (
    "Ada Peter Sabine Jürgen Anna Thomas Marie-Luise Hans Claudia Max Ursula Jonas Elif Stefan Birgit Karl".split()
)
TITLES = ("", "", "", "Dr. ", "", "Prof. Dr. ", "")
JOBS = ("Director of IT", "Geschäftsführer", "Einkaufsleiter", "Sales Manager", "Leiterin Marketing", "CFO",
        "Sachbearbeiter Einkauf", "Head of Operations", "Projektingenieurin", "Vertriebsleiter")  # fmt: skip
CITIES = (("80331", "München"), ("10115", "Berlin"), ("20095", "Hamburg"), ("50667", "Köln"), ("70173", "Stuttgart"),
          ("90402", "Nürnberg"), ("04109", "Leipzig"), ("28195", "Bremen"), ("33602", "Bielefeld"))  # fmt: skip
STREETS = ("Hauptstr.", "Bahnhofstraße", "Am Markt", "Lindenweg", "Gartenstrasse", "Berliner Platz", "Ringstr.")
BRANCHES = ("Maschinenbau", "Elektrotechnik", "Logistik", "Software", "Bau", "Chemie")


def record(nr: int) -> dict[str, object]:
    """A record with all fields."""
    firm = nr // 2
    word, site = letters(firm), f"{letters(firm)}-{_of(BRANCHES, firm).lower()}.example"
    first, last = _of(FIRST_NAMES, nr), f"{letters(nr).title()}mann"
    postcode, city = _of(CITIES, nr)
    return {
        "email": f"{first.lower().replace('ü', 'ue')}.{last.lower()}@{site}", "phone": f"+49 30 90{nr % 10_000:04d}",
        "mobile": f"0151 1{nr % 10_000_000:07d}", "name": f"{_of(TITLES, nr)}{first} {last}",
        "job_title": _of(JOBS, nr),
        "company": f"{word.title()} {_of(BRANCHES, firm)} GmbH", "website": f"https://www.{site}/",
        "street": f"{_of(STREETS, nr)} {nr % 300 + 1}{'a' if nr % 5 == 0 else ''}", "postcode": postcode, "city": city,
        "country": ("Deutschland", "DE", "Germany")[nr % 3], "linkedin": f"https://www.linkedin.com/in/{word}-{nr}/",
        "language": ("de-DE", "de", "Deutsch")[nr % 3], "industry": _of(BRANCHES, firm),
        "employees": ("250", "50-100", "1.200")[nr % 3], "revenue": ("2,5 Mio. €", "12.000.000", "800.000")[nr % 3],
        "vat_number": vat_number(firm), "register_number": f"HRB {firm + 1_000} {city}",
        "budget": ("12.000", "5000 €", "25k")[nr % 3], "authority": ("ja", "nein")[nr % 2],
        "timing": ("31.12.2026", "2026-10-01", "Q4 2026")[nr % 3], "interests": ("CRM; Scoring", "CRM")[nr % 2],
        "note": f"Bitte um Rückruf am {nr % 28 + 1}. des Monats",
    }  # fmt: skip


def fresh(records: int, fields: Iterable[str] | None = None) -> list[dict[str, object]]:
    """Records that nothing has seen before, or these fields of them."""
    rows = [record(next(NUMBERS)) for _ in range(records)]
    return rows if fields is None else [{field: row[field] for field in fields} for row in rows]


def _of(values: Sequence[T], nr: int) -> T:
    return values[nr % len(values)]


def letters(nr: int) -> str:
    """A word that no other number gives."""
    syllables = ("ba", "ke", "li", "mo", "ru", "sa", "te", "vi", "wo", "zu")
    return "".join(syllables[int(digit)] for digit in f"{nr:04d}")


def vat_number(nr: int) -> str:
    """A German VAT number with the right check digit."""
    from stdnum.iso7064 import mod_11_10

    digits = f"{13_000_000 + nr}"
    return f"DE{digits}{mod_11_10.calc_check_digit(digits)}"


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
    """The CPU time that something takes, in seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def checked(rows: Iterable[Mapping[str, object]]) -> None:
    for row in rows:
        check(row, default_country="DE")


def calls_of(rows: Iterable[Mapping[str, object]]) -> list[Call]:
    """The library calls that checking these records makes."""
    calls: list[Call] = []
    with recorded(calls):
        checked(rows)
    return calls


def parts(records: int) -> None:
    """What each group of fields costs by itself, beside what an empty record costs."""
    nothing = median(cpu(lambda: checked([{}] * records)) for _ in range(ROUNDS))
    print(f"an empty record {nothing * 1e6 / records:.0f} µs; then, with the libraries' part:")
    for name, fields in PARTS.items():
        calls = calls_of(fresh(records, fields.split()))
        ours = median(cpu(partial(checked, fresh(records, fields.split()))) for _ in range(ROUNDS)) - nothing
        theirs = median(cpu(partial(_again, calls)) for _ in range(ROUNDS))
        print(f"  {name} {ours * 1e6 / records:.0f} µs ({theirs * 1e6 / records:.0f})")


def ratio(records: int) -> None:
    checked(fresh(50))
    made: list[Any] = [check(row, default_country="DE").value for row in fresh(records)]
    calls = calls_of(fresh(records))
    entities = [one for found in made for one in _entities(found.values)]
    times = [
        {
            "check": cpu(partial(checked, fresh(records))) * 1e6 / records,
            "libraries": cpu(partial(_again, calls)) * 1e6 / records,
            "entities": cpu(lambda: deque((kind(**values) for kind, values in entities), maxlen=0)) * 1e6 / records,
        }
        for _ in range(ROUNDS)
    ]
    print("µs a record:", ", ".join(f"{name} {median(one[name] for one in times):.0f}" for name in times[0]))
    print(f"check / libraries: {_ratios(one['check'] / one['libraries'] for one in times)}")
    print(f"with making the entities: {_ratios(one['check'] / (one['libraries'] + one['entities']) for one in times)}")


def _ratios(ratios: Iterable[float]) -> str:
    low, *_, high = ordered = sorted(ratios)
    return f"{median(ordered):.2f} ({low:.2f} to {high:.2f})"


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
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    ratio(size)
    parts(size)
    slowest()
