"""Rows of few values in many spellings, so that all levels of all comparisons occur."""

from __future__ import annotations

import random

FIRSTS = """Anna Hanna Ann A. Andrea Andreas Bob Robert Rob Marie Mary Maria Mario Li Lee Zoë Žofia 李 Jean-Luc Jean
Jeanluc Анна Мария MP Lea Lena محمد Mohammed Carl Karl Zara Sarah Carla""".split()
LASTS = ["Müller", "Mueller", "Miller", "Müller-Schmidt", "Schmidt", "Schmitt", "Smith", "Li", "李", "O'Neill",
         "Robert", "von der Heide", "Heide", "Ørsted", "Анна", "Мюллер", "Miller jun.", "Müller sen.",
         "Müller geb. Schmidt", "王伟", "Wang", "Möller", "Schmitz", "Schmid"]  # fmt: skip
CHOICES = {
    "first_name": FIRSTS,
    "last_name": LASTS,
    "born": [
        "1970-01-02",
        "1970-02-01",
        "1970-01-03",
        "1988-12-31",
        "1941-05-07",
        "1950-01-01",
        "1980-01-01",
        "1970-11-20",
        "1971-01-05",
    ],
    "email": [
        "anna@acme.example",
        "anna.mueller@acme.example",
        "anna-mueller@gmail.com",
        "info@acme.example",
        "b@b.example",
        "a.schmidt1@acme.example",
        "schmitt@b.example",
        "anna.schmitz-9@gmail.com",
        "amueller@acme.example",
        "moeller@b.example",
        "ASchmid@acme.example",
    ],
    "phone": ["030 23125 0", "0171 1234567", "+49 171 1234567", "49 3023125 0", "3865286", "3865287"],
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
        "Art (Oak Park)",
        "Acme Software (Oak Park)",
        "Oak Park",
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
        "Park Plaza, 12 Main Street, Oak Park",
        "Park Plaza 12 Main St",
    ],
    "postcode": ["10115", "60302", "60302-1234"],
    "city": ["Berlin", "Oak Park", "Köln"],
    "linkedin": ["anna", "bob"],
    "xing": ["Anna_M"],
    "external_id": ["1", "2"],
    "identifier.ssn": ["294669999", "294669998", "249669999", "12345ä"],
    "identifier.tax": ["294669999"],
}


def match_rows(count: int, seed: int) -> list[dict[str, str]]:
    dice = random.Random(seed)
    return [_row(dice) for _ in range(count)]


def _row(dice: random.Random) -> dict[str, str]:
    keys = [key for key in CHOICES if dice.random() < 0.35]
    if dice.random() < 0.25:
        keys = [
            key
            for key in ("company", "street", "postcode", "phone", "website", "identifier.tax")
            if dice.random() < 0.7
        ]
    return {key: dice.choice(CHOICES[key]) for key in keys}
