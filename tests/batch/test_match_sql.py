"""DuckDB finds what Python finds: the same pairs, likeness and clusters, from the same definition."""

from __future__ import annotations

import random

from leadflow.batch import dedupe_many
from leadflow.quality.matching import MATCH_MODEL
from leadflow.quality.matching.duplicates import duplicates_among

DICE = random.Random(3)
FIRSTS = """Anna Hanna Ann A. Andrea Andreas Bob Robert Rob Marie Mary Maria Mario Li Lee Zoë Žofia 李 Jean-Luc Jean
Jeanluc Анна Мария MP Lea Lena محمد Mohammed""".split()
LASTS = ["Müller", "Mueller", "Miller", "Müller-Schmidt", "Schmidt", "Schmitt", "Smith", "Li", "李", "O'Neill",
         "Robert", "von der Heide", "Heide", "Ørsted", "Анна", "Мюллер", "Miller jun.", "Müller sen.",
         "Müller geb. Schmidt", "王伟", "Wang"]  # fmt: skip
CHOICES = {
    "first_name": FIRSTS,
    "last_name": LASTS,
    "born": ["1970-01-02", "1970-02-01", "1970-01-03", "1988-12-31", "1941-05-07"],
    "email": [
        "anna@acme.example",
        "anna.mueller@acme.example",
        "anna-mueller@gmail.com",
        "info@acme.example",
        "b@b.example",
    ],
    "phone": ["030 23125 0", "0171 1234567", "3865286", "3865287"],
    "mobile": ["0171 1234567", "0172 7654321"],
    "company": [
        "Acme GmbH",
        "Acme",
        "Acme Software",
        "Akme Software",
        "St. Lucy School",
        "School St Lucy",
        "Lucy School Oak Park",
        "Art",
        "Art Bay Gallery Ohio",
        "Ohio Gallery Art Hall",
        "Ohio Gallery Art Hall Bay",
        "OGAH",
        "Lucy Care LLC dba Oak Park Art",
        "Oak Park Art",
    ],
    "website": ["acme.example", "lucy.example"],
    "street": [
        "12 Main St",
        "Main Street 12",
        "14 Main",
        "Hauptstr. 5",
        "Hauptstraße 5",
        "Main",
        "12 Maine Street Oak Park",
        "Oak Park 12 Main, Suite 7",
        "Twenty-First Ave 12",
        "12 21st Avenue",
    ],
    "postcode": ["10115", "60302", "60302-1234"],
    "city": ["Berlin", "Oak Park", "Köln"],
    "linkedin": ["anna", "bob"],
    "xing": ["Anna_M"],
    "external_id": ["1", "2"],
    "identifier.ssn": ["294669999", "294669998", "249669999", "12345ä"],
    "identifier.tax": ["294669999"],
}


def a_record() -> dict[str, str]:
    keys = [key for key in CHOICES if DICE.random() < 0.35]
    if DICE.random() < 0.25:
        keys = [
            key
            for key in ("company", "street", "postcode", "phone", "website", "identifier.tax")
            if DICE.random() < 0.7
        ]
    return {key: DICE.choice(CHOICES[key]) for key in keys}


RECORDS = {str(number): a_record() for number in range(700)}
WIDE = MATCH_MODEL.but(
    same=0.9999,
    unsure=1e-9,  # so that nearly all pairs are told
    persons=MATCH_MODEL.persons.but(prior=10.0),
    organisations=MATCH_MODEL.organisations.but(prior=10.0),
)


def test_every_pair_has_the_same_likeness_on_both_engines() -> None:
    duck = dedupe_many(RECORDS, WIDE, engine="duckdb", default_country="DE")
    plain = dedupe_many(RECORDS, WIDE, engine="python", default_country="DE")
    assert duck.compared == plain.compared > 20_000
    assert duck.uncompared == plain.uncompared
    assert len(plain.pairs) > 15_000
    odd = [(a, b) for a, b in zip(duck.pairs, plain.pairs, strict=True) if a != b]
    assert [(RECORDS[a.one], RECORDS[a.other], a, b) for a, b in odd[:3]] == []


def test_clusters_and_estimates_are_the_same_on_both_engines() -> None:
    some = {id: record for id, record in RECORDS.items() if int(id) < 300}
    for estimated in (False, True):
        duck = dedupe_many(some, engine="duckdb", estimated=estimated)
        assert duck == dedupe_many(some, engine="python", estimated=estimated)


def test_new_against_old_on_both_engines() -> None:
    new = {f"n{id}": record for id, record in RECORDS.items() if int(id) < 60}
    old = {id: record for id, record in RECORDS.items() if 60 <= int(id) < 300}
    for link in (False, True):
        duck = dedupe_many(new, against=old, link=link, engine="duckdb")
        assert duck == duplicates_among(new, against=old, link=link)
        assert duck.pairs
