"""People and companies that do not exist: name lists, and dice that fall the same way for the same seed.

All domains end in .example (RFC 2606), phone numbers are from the ranges that the German and the British regulator keep
for film and television: nobody is ever called or written to.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass, replace

__all__ = ["COUNTRIES", "Person", "ascii_name", "people"]

WOMEN = (
    "Anna Lena Sophie Käthe Jördis Ayşe Elif Claire Sofía Małgorzata Ingrid Zoë Noémie Fatima Mei Priya Olivia "
    "Hannelore Bärbel Ulrike Anne-Marie Eva-Maria Giulia Ewa Saskia Heike Renate Birgit Miriam Johanna"
).split()
MEN = (
    "Jürgen Götz Björn Lukas Karl-Heinz Hans-Peter Mehmet Emre José Łukasz Søren Thijs Giovanni Rajesh Wei Oliver "
    "Günther Jörg Matthias Stefan Sebastian Jean-Luc Ahmed Pieter Rüdiger Florian Dominik Tobias Henrik Álvaro"
).split()
LAST = (
    "Müller Schäfer Weiß Groß Köhler Böhm Jäger Größmann Schröder Krüger Lehmann Zimmermann Hofmann Brandt Vogel Kühn "
    "Öztürk Yılmaz Çelik García Nowak Wiśniewski Jensen Bakker Rossi Dubois Patel Chen Smith O'Neill MacLeod Fernández "
    "Lindqvist Petrović Horváth Novák Hübner Bauer Huber Gruber Moser Keller Frei Zürcher"
).split()
FAMILIES = ("Schäfer-Brandt", "Meyer zu Selhausen", "von der Heyde", "Freiherr von Tannberg", "van den Berg",
            "de la Cruz", "Graf von Ahrensfeld", "Müller-Lüdenscheidt", "ten Brink", "Müller")  # fmt: skip
TRADES = ("Maschinenbau", "Anlagenbau", "Logistik", "Software", "Energie", "Medizintechnik", "Werkzeuge", "Automation",
          "Verpackung", "Optik", "Elektronik", "Chemie")  # fmt: skip
FORMS = {
    "DE": ("GmbH", "AG", "GmbH & Co. KG", "KG", "SE"), "AT": ("GmbH", "AG"), "CH": ("AG", "GmbH"),
    "GB": ("Ltd", "PLC"), "NL": ("B.V.", "N.V."), "US": ("Inc.", "LLC"), "FR": ("SAS", "SA"), "JP": ("K.K.",),
}  # fmt: skip
JOBS = (
    ("Geschäftsführer", "CEO"), ("Leiter IT", "Head of IT"), ("Einkaufsleiterin", "Purchasing Manager"),
    ("Director Operations", "Director Operations"), ("Werksleiter", "Plant Manager"), ("Sachbearbeiterin", "Assistant"),
    ("Vorstand", "CTO"), ("Entwicklungsingenieur", "Engineer"), ("Produktionsleiterin", "Head of Production"),
    ("Werkstudent", "Working student"), ("Projektleiter", "Project Manager"), ("Controller", "Controller"),
)  # fmt: skip
COUNTRIES = {
    "DE": ("Deutschland", "Germany", "de"), "AT": ("Österreich", "Austria", "de"),
    "CH": ("Schweiz", "Switzerland", "de"),
    "GB": ("Großbritannien", "United Kingdom", "en"), "NL": ("Niederlande", "Netherlands", "nl"),
    "US": ("USA", "United States", "en"), "FR": ("Frankreich", "France", "fr"), "JP": ("Japan", "Japan", "ja"),
}  # fmt: skip
PLACES = {
    "DE": (("10115", "Berlin", "30", "23125"), ("60311", "Frankfurt am Main", "69", "90009"),
           ("20095", "Hamburg", "40", "66969"), ("50667", "Köln", "221", "4710"), ("80331", "München", "89", "99998")),
    "AT": (("1010", "Wien", "", ""), ("4020", "Linz", "", "")),
    "CH": (("8001", "Zürich", "", ""), ("3011", "Bern", "", "")),
    "GB": (("EC1A 1BB", "London", "20", "7946 0"),), "NL": (("1012 AB", "Amsterdam", "", ""),),
    "US": (("10001", "New York", "", ""),), "FR": (("75001", "Paris", "", ""),), "JP": (("100-0001", "Tokyo", "", ""),),
}  # fmt: skip
STREETS = ("Hauptstr.", "Bahnhofstraße", "Lindenallee", "Am Weißen Stein", "Gartenweg", "Industriestr.", "Goethestraße")
SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ł": "l",
                         "Ł": "L", "ı": "i", "ø": "o", "Ø": "O"})  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody as they are; what the files say of them is messier. ``heat`` is how much they are interested, 0 to 3."""

    id: str
    salutation: str
    title: str
    first_name: str
    last_name: str
    job: tuple[str, str]
    company: str
    domain: str
    employees: int
    country: str
    postcode: str
    city: str
    street: str
    landline: str
    mobile: str
    email: str
    heat: int

    @property
    def visitor(self) -> str:
        """The cookie of the browser that they use."""
        return f"cookie-{self.id}"


@dataclass(frozen=True)
class _Company:
    name: str
    domain: str
    employees: int
    country: str
    place: tuple[str, str, str, str]
    street: str
    number: int


def ascii_name(text: str) -> str:
    """Return a name as it stands in an address: without accents, signs and blanks, in small letters."""
    plain = unicodedata.normalize("NFKD", text.translate(SPELLED))
    return "".join(c for c in plain if c.isascii() and (c.isalnum() or c == "-")).lower().strip("-")


def people(dice: random.Random, count: int) -> list[Person]:
    """Return so many different people, a few of them colleagues, some with a namesake elsewhere."""
    companies = [_company(dice, number) for number in range(max(3, count * 2 // 3))]
    found = [_person(dice, number, dice.choice(companies)) for number in range(count)]
    taken: dict[str, int] = {}
    for place, one in enumerate(found):  # nobody has another's address
        if taken.setdefault(one.email, place) != place:
            found[place] = replace(one, email=one.email.replace("@", f".{place}@"))
    return found


def _company(dice: random.Random, number: int) -> _Company:
    country = dice.choices(list(COUNTRIES), weights=[60, 9, 9, 8, 5, 4, 3, 2])[0]
    trade, family = dice.choice(TRADES), dice.choice(LAST)
    name = f"{family} {trade} {dice.choice(FORMS[country])}"
    domain = f"{ascii_name(family)}-{ascii_name(trade)}{number}.example"
    employees = int(10 ** dice.uniform(0.6, 3.8))
    street = f"{dice.choice(STREETS)} {dice.randint(1, 120)}{dice.choice(['', '', '', 'a', 'b'])}"
    return _Company(name, domain, employees, country, dice.choice(PLACES[country]), street, number)


def _person(dice: random.Random, number: int, company: _Company) -> Person:
    woman = dice.random() < 0.5
    first = dice.choice(WOMEN if woman else MEN)
    last = dice.choice(FAMILIES) if dice.random() < 0.1 else dice.choice(LAST)
    postcode, city, area, line = company.place
    plain_first, plain_last = ascii_name(first), ascii_name(last)
    address = f"{plain_first}.{plain_last}" if dice.random() < 0.7 else f"{plain_first[0]}{plain_last}{number}"
    private = dice.random() < 0.12
    email = f"{address}{number}@{dice.choice(FREE)}" if private else f"{address}@{company.domain}"
    return Person(
        id=f"p{number:04}",
        salutation="Frau" if woman else "Herr",
        title=dice.choices(["", "Dr.", "Prof. Dr.", "Dipl.-Ing."], weights=[80, 12, 3, 5])[0],
        first_name=first,
        last_name=last,
        job=dice.choice(JOBS),
        company=company.name,
        domain=company.domain,
        employees=company.employees,
        country=company.country,
        postcode=postcode,
        city=city,
        street=company.street,
        landline=f"{area} {line}{number % 1000:03}" if area else "",
        mobile=f"176 040690{number % 100:02}" if company.country == "DE" and dice.random() < 0.3 else "",
        email=email,
        heat=dice.choices([0, 1, 2, 3], weights=[40, 30, 18, 12])[0],
    )


FREE = ("gmail.com", "web.de", "gmx.de", "outlook.com", "t-online.de")
