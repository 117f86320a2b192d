"""Leads as a contact form and a fair bring them: names, companies and cities as frequent as in life, 15 % twice.

``python examples/realistic_leads.py 20000 > leads.csv``, or ``leads(20_000)`` for dictionaries. The same number and
seed give the same leads. Who comes twice is spelled otherwise: a typing error, a short name, another address, another
way to write the number. Nobody exists: all domains end in .example.
"""

from __future__ import annotations

import csv
import random
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from itertools import accumulate

__all__ = ["leads"]

TWICE = 0.15

GERMAN_LAST = (
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein "
    "Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Schmitz Krause "
    "Meier Lehmann Schmid Schulze Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz "
    "Möller Weiß Jung Hahn Schubert Vogel Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann "
    "Franke Albrecht Schuster Simon Ludwig Böhm Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto "
    "Sommer Groß Seidel Heinrich Brandt Haas Schreiber Graf Schulte Dietrich Ziegler Kuhn Kühn Pohl Engel Horn "
    "Busch Bergmann Thomas Voigt Sauer Arnold Wolff Pfeiffer Yılmaz Kaya Nowak Öztürk Popescu Nguyen Hübner "
    "Lindner Kirchner von-der-Heyde Müller-Lüdenscheidt"
).split()
ENGLISH_LAST = (
    "Smith Jones Williams Taylor Brown Davies Evans Wilson Thomas Johnson Roberts Robinson Thompson Wright Walker "
    "White Edwards Hughes Green Hall Lewis Harris Clarke Patel Jackson Wood Turner Martin Cooper Hill Ward Morris "
    "Moore Clark Lee King Baker Harrison Morgan Allen James Scott Phillips Watson Davis Parker Price Bennett "
    "Young Griffiths Mitchell Kelly Cook Carter Richardson Bailey Collins Bell Shaw Murphy Miller Cox Khan "
    "Richards Marshall Anderson Simpson Ellis Adams Singh Begum Wilkinson Foster Chapman Powell Webb Rogers Gray "
    "Mason Ali Hunt Hussain Campbell Matthews Owen Palmer O'Neill MacLeod Okafor Ahmed Fernandez Zhang"
).split()
GERMAN_FIRST = (
    "Peter Michael Thomas Andreas Wolfgang Klaus Jürgen Stefan Christian Uwe Werner Sabine Susanne Petra Monika "
    "Claudia Birgit Andrea Martina Anna Julia Katrin Nicole Stefanie Christina Frank Bernd Ralf Markus Martin "
    "Matthias Alexander Daniel Sebastian Tobias Jan Lukas Jonas Felix Maximilian Sarah Laura Lena Lisa Katharina "
    "Sandra Anja Silke Heike Ulrike Karin Renate Ursula Helga Jörg Björn Sven Kai Mehmet Ayşe Karl-Heinz Hans-"
    "Peter Anne-Marie"
).split()
ENGLISH_FIRST = (
    "David John Michael Paul Andrew Peter Robert Richard James Mark Stephen William Thomas Christopher Matthew "
    "Daniel Susan Margaret Sarah Elizabeth Karen Julie Emma Helen Jane Claire Laura Rebecca Jennifer Katherine "
    "Samantha Nicola Simon Anthony Ian Kevin Gary Steven Alan Alexander Benjamin Joshua Oliver Charlotte Sophie "
    "Olivia Amelia Priya Mohammed Rajesh Wei Aoife Siobhan"
).split()
SHORT = {
    "Thomas": "Tom", "Michael": "Mike", "Andreas": "Andi", "Stefan": "Steffen", "Katharina": "Kathi", "Robert": "Bob",
    "Maximilian": "Max", "Alexander": "Alex", "Elizabeth": "Liz", "William": "Bill", "Stephen": "Steve", "Susan": "Sue",
    "Daniel": "Dan", "Matthew": "Matt", "Christopher": "Chris", "Katherine": "Kate", "Tobias": "Tobi", "Monika": "Moni",
}  # fmt: skip
# City, thousands of people, the first post code and how many there are, the area code.
GERMAN_CITIES = (
    ("Berlin", 3700, 10115, 190, "30"), ("Hamburg", 1850, 20095, 100, "40"), ("München", 1490, 80331, 75, "89"),
    ("Köln", 1080, 50667, 45, "221"), ("Frankfurt am Main", 760, 60308, 40, "69"), ("Stuttgart", 630, 70173, 35, "711"),
    ("Düsseldorf", 620, 40210, 38, "211"), ("Leipzig", 600, 4103, 34, "341"), ("Dortmund", 590, 44135, 35, "231"),
    ("Essen", 580, 45127, 50, "201"), ("Bremen", 565, 28195, 34, "421"), ("Dresden", 555, 1067, 30, "351"),
    ("Hannover", 535, 30159, 35, "511"), ("Nürnberg", 520, 90402, 30, "911"), ("Münster", 315, 48143, 12, "251"),
    ("Karlsruhe", 310, 76131, 12, "721"), ("Augsburg", 300, 86150, 11, "821"), ("Freiburg", 230, 79098, 13, "761"),
    ("Kassel", 200, 34117, 10, "561"), ("Ulm", 126, 89073, 5, "731"), ("Göttingen", 117, 37073, 5, "551"),
    ("Jena", 110, 7743, 4, "3641"), ("Siegen", 102, 57072, 4, "271"), ("Gütersloh", 101, 33330, 3, "5241"),
    ("Bayreuth", 74, 95444, 3, "921"), ("Biberach", 33, 88400, 1, "7351"), ("Künzelsau", 15, 74653, 1, "7940"),
)  # fmt: skip
# City, thousands of people, its postcode areas, the area code.
ENGLISH_CITIES = (
    ("London", 8900, "EC1A SW1A N1 SE1 W1A NW3 E14 SW6 N7 SE10", "20"), ("Birmingham", 1140, "B1 B2 B15 B29", "121"),
    ("Leeds", 810, "LS1 LS2 LS6", "113"), ("Glasgow", 635, "G1 G2 G12", "141"), ("Sheffield", 556, "S1 S10", "114"),
    ("Manchester", 550, "M1 M2 M14", "161"), ("Edinburgh", 525, "EH1 EH3", "131"), ("Bristol", 470, "BS1 BS8", "117"),
    ("Cardiff", 362, "CF10 CF24", "29"), ("Cambridge", 145, "CB1 CB2", "1223"), ("York", 141, "YO1 YO10", "1904"),
)  # fmt: skip
STREETS = {
    "DE": (
    "Hauptstraße Schulstraße Dorfstraße Gartenstraße Bahnhofstraße Bergstraße Kirchstraße Lindenstraße Ringstraße "
    "Waldweg Goethestraße Schillerstraße Mozartstraße Industriestraße Rosenweg Amselweg Mühlenweg"
).split(),
    "GB": (
    "High_Street Station_Road Main_Street Park_Road Church_Road Church_Street London_Road Victoria_Road "
    "Green_Lane Manor_Road Church_Lane Park_Avenue The_Avenue Queens_Road"
).split(),
}  # fmt: skip
TRADES = {
    "DE": (
    "Maschinenbau Bau Elektrotechnik Logistik Software Consulting Immobilien Medizintechnik Metallbau Druck "
    "Energie Werkzeugbau Verpackung Sanitär Transporte Gebäudetechnik"
).split(),
    "GB": (
    "Consulting Engineering Logistics Software Properties Energy Printing Healthcare Foods Construction "
    "Recruitment Packaging Analytics"
).split(),
}  # fmt: skip
FORMS = {"DE": ("GmbH", "GmbH & Co. KG", "AG", "KG", "UG", "e.K."), "GB": ("Ltd", "Limited", "PLC", "LLP")}
FREE_MAIL = ("webmail.example", "post.example", "mail.example", "online-mail.example")
JOBS = {
    "DE": (
    "Geschäftsführer Einkäufer Projektleiter Vertriebsleiterin IT-Leiter Sachbearbeiterin Controller Assistentin "
    "Entwickler Produktionsleiter Marketingleiterin Vorstand Werkstudent Prokurist"
).split(),
    "GB": ("Director", "Manager", "Purchasing Manager", "CEO", "Head of IT", "Engineer", "Marketing Manager", "Analyst",
           "CFO", "Assistant", "VP Sales", "Consultant"),
}  # fmt: skip
SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i", "'": "", " ": ""})


def leads(count: int, seed: int = 0) -> Iterator[dict[str, object]]:
    """Yield submissions as ``flow.capture`` takes them, in the order in which they come in."""
    dice = random.Random(seed)
    companies = {country: _companies(dice, country, max(count // 6, 10)) for country in ("DE", "GB")}
    known: list[dict[str, object]] = []
    for _ in range(count):
        if known and dice.random() < TWICE:
            yield _again(dice, dice.choice(known))
        else:
            known.append(_person(dice, companies))
            yield dict(known[-1])


class _Zipf:
    """Draws from a list whose first are the most frequent, as names and companies are."""

    def __init__(self, values: Sequence[str]) -> None:
        self.values, self.sums = values, list(accumulate(1 / (rank + 3) for rank in range(len(values))))

    def __call__(self, dice: random.Random) -> str:
        return dice.choices(self.values, cum_weights=self.sums)[0]


LAST = {"DE": _Zipf(GERMAN_LAST), "GB": _Zipf(ENGLISH_LAST)}
FIRST = {"DE": _Zipf(GERMAN_FIRST), "GB": _Zipf(ENGLISH_FIRST)}
STREET = {country: _Zipf(names) for country, names in STREETS.items()}


def _companies(dice: random.Random, country: str, count: int) -> _Zipf:
    found = {}
    for _ in range(count):
        family, form = LAST[country](dice), dice.choice(FORMS[country])
        name = (
            f"{family} {dice.choice(TRADES[country])}" if dice.random() < 0.8 else f"{family} & {LAST[country](dice)}"
        )
        found[name] = f"{name} {form}"
    return _Zipf(list(found.values()))


def _person(dice: random.Random, companies: dict[str, _Zipf]) -> dict[str, object]:
    country = "DE" if dice.random() < 0.75 else "GB"
    first, last = FIRST[country](dice), LAST[country](dice).replace("-der-", " der ")
    company, (city, postcode, phone) = companies[country](dice), _place(dice, country)
    domain = f"{_host(company, country)}.example" if dice.random() < 0.7 else dice.choice(FREE_MAIL)
    number = f"{dice.randrange(1, 190)}" + (dice.choice("abc") if dice.random() < 0.1 else "")
    street = STREET[country](dice).replace("_", " ")
    return {
        "first_name": first,
        "last_name": last,
        "email": _email(dice, first, last, domain),
        "phone": phone,
        "company": company,
        "job_title": dice.choice(JOBS[country]),
        "employees": int(10 ** dice.uniform(0.5, 4)),
        "street": f"{street} {number}" if country == "DE" else f"{number} {street}",
        "postcode": postcode,
        "city": city,
        "country": country,
    }


def _place(dice: random.Random, country: str) -> tuple[str, str, str]:
    """Return a city, one of its postcodes, and a phone number there."""
    mobile, digits = dice.random() < 0.4, dice.randrange(10_000_000)
    if country == "DE":
        city, _, start, many, area = dice.choices(GERMAN_CITIES, [one[1] for one in GERMAN_CITIES])[0]
        return city, f"{start + 2 * dice.randrange(many):05}", f"0171 {digits:07}" if mobile else f"0{area} {digits:07}"
    city, _, areas, area = dice.choices(ENGLISH_CITIES, [one[1] for one in ENGLISH_CITIES])[0]
    code = f"{dice.choice(areas.split())} {dice.randrange(1, 10)}{dice.choice('ABDEF')}{dice.choice('GHJLN')}"
    local = f"{digits:07}" if len(area) < 4 else f"{digits % 1_000_000:06}"
    return (
        city,
        code,
        f"+44 7700 9{digits % 100_000:05}" if mobile else f"+44 {area} {dice.randrange(2, 9)}{local}"[:16],
    )


def _host(company: str, country: str) -> str:
    bare = company
    for form in sorted(FORMS[country], key=len, reverse=True):
        bare = bare.removesuffix(f" {form}")
    return _ascii(bare.replace(" & ", "-").replace(" ", "-"))


def _email(dice: random.Random, first: str, last: str, domain: str) -> str:
    first, last = _ascii(first), _ascii(last)
    local = dice.choices(
        (f"{first}.{last}", f"{first[0]}.{last}", f"{last}{dice.randrange(100)}", first), (6, 2, 2, 1)
    )[0]
    if domain in FREE_MAIL:
        local += f"{dice.randrange(50, 2005)}"
    return f"{local}@{domain}"


def _ascii(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(SPELLED))
    return "".join(letter for letter in decomposed if letter.isascii() and (letter.isalnum() or letter == "-"))


# ------------------------------------------------------------------------------------------------------ the same again
def _again(dice: random.Random, person: dict[str, object]) -> dict[str, object]:
    """Return the same person as they come in a second time: some things other, some things left out."""
    row = dict(person)
    first, last = str(row["first_name"]), str(row["last_name"])
    kind = dice.random()
    if kind < 0.35:
        row["last_name"] = _mistyped(dice, last)
    elif kind < 0.55:
        row["first_name"] = SHORT.get(first) or f"{first[0]}."
    elif kind < 0.7:
        row["last_name"], row["first_name"] = last.upper(), first.upper()
    if dice.random() < 0.45:
        row["email"] = _email(dice, first, last, dice.choice(FREE_MAIL))
    elif dice.random() < 0.3:
        row["email"] = str(row["email"]).upper()
    if dice.random() < 0.3:
        row["phone"] = str(row["phone"]).replace(" ", "/" if row["country"] == "DE" else "-", 1)
    if dice.random() < 0.3:
        row["company"] = str(row["company"]).rpartition(" ")[0].removesuffix(" & Co.").removesuffix(" GmbH")
    if dice.random() < 0.3:
        row["street"] = str(row["street"]).replace("straße", "str.").replace(" Road", " Rd").replace(" Street", " St")
    for left_out in ("job_title", "employees", "street", "phone"):
        if dice.random() < 0.1:
            del row[left_out]
    return row


def _mistyped(dice: random.Random, name: str) -> str:
    at = dice.randrange(1, max(len(name) - 1, 2))
    return dice.choice((
        name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :],
        name[:at] + name[at + 1 :],
        name[:at] + name[at] + name[at:],
    ))  # fmt: skip


def main() -> None:
    """Write so many leads as CSV."""
    if not 2 <= len(sys.argv) <= 3 or not all(one.isdigit() for one in sys.argv[1:]):
        raise SystemExit("usage: python examples/realistic_leads.py COUNT [SEED]")
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    rows = leads(*map(int, sys.argv[1:]))
    first = next(rows, None)
    if first is not None:
        writer = csv.DictWriter(sys.stdout, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
