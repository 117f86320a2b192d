"""Made records of persons and organisations that are hard to match, each kind for a reason an expert would name.

Written before the comparisons that it tests, and never changed to suit them: names and spellings are from general
knowledge, the dice only combine them. ``hard_records`` returns rows, who each of them is, and of what kind.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

__all__ = ["KINDS", "hard_records"]

Row = dict[str, str]
Entities = list[list[Row]]
"""Records by entity: those in one list are one person or organisation."""

SHORT_FORMS = [
    ("Elizabeth", "Betty"), ("Margaret", "Peggy"), ("William", "Bill"), ("Theodore", "Ted"), ("Alexandra", "Sasha"),
    ("Katharina", "Kathi"), ("Johannes", "Hannes"), ("Friederike", "Rike"), ("Maximilian", "Max"),
    ("Dmitri", "Dima"), ("Yekaterina", "Katya"), ("Vladimir", "Volodya"), ("Tatiana", "Tanya"), ("Mikhail", "Misha"),
    ("Francisco", "Paco"), ("José", "Pepe"), ("Guadalupe", "Lupe"), ("Dolores", "Lola"), ("Ignacio", "Nacho"),
    ("Małgorzata", "Gosia"), ("Katarzyna", "Kasia"), ("Stanisław", "Staszek"), ("Agnieszka", "Aga"),
    ("Giuseppe", "Beppe"), ("Francesca", "Cesca"), ("Luigi", "Gigi"), ("Bartholomew", "Bart"),
    ("Véronique", "Véro"), ("Frédéric", "Fred"), ("Geneviève", "Ginette"), ("Cornelis", "Kees"), ("Johanna", "Hanneke"),
    ("Abigail", "Abby"), ("Nathaniel", "Nate"), ("Reginald", "Reg"), ("Leonard", "Lenny"),
]  # fmt: skip
LAST_NAMES = """Abernathy Bianchi Castellanos Dombrowski Eriksen Fairweather Grünwald Hawthorne Ivanović Jankowski
Kowalczyk Lindqvist Marchetti Nakamura Oppenheimer Petropoulos Quintero Rosenfeld Sauerbruch Thorvaldsen Underwood
Vasquez Whitcombe Yamaguchi Zimmermann Achterberg Bellamy Colquhoun Delacroix Engelhardt""".split()
COMMON = ["Smith", "Müller", "García", "Jones", "Schmidt", "Martin", "Brown", "Wagner"]
FIRST_NAMES = """Laura Thomas Helena Simon Miriam Oscar Beatrice Felix Clara Victor Irene Hugo Nora Martin Sylvia Paul
Agnes Edgar Judith Roland""".split()
SIBLINGS = [
    ("Daniel", "Danielle"), ("Jan", "Jana"), ("Erik", "Erika"), ("Paul", "Paula"), ("Tim", "Tom"), ("Lena", "Lea"),
    ("Marco", "Marc"), ("Anna", "Hannah"), ("Karl", "Karla"), ("Ines", "Agnes"),
]  # fmt: skip
SCRIPTS = [
    (("Сергей", "Кузнецов"), ("Sergey", "Kuznetsov")), (("Ольга", "Соколова"), ("Olga", "Sokolova")),
    (("Юрий", "Жуков"), ("Yuri", "Zhukov")), (("Наталья", "Щербакова"), ("Natalia", "Shcherbakova")),
    (("Андрій", "Шевченко"), ("Andriy", "Shevchenko")), (("Георги", "Димитров"), ("Georgi", "Dimitrov")),
    (("Γιώργος", "Παπαδόπουλος"), ("Giorgos", "Papadopoulos")), (("Ελένη", "Νικολάου"), ("Eleni", "Nikolaou")),
    (("明", "李"), ("Ming", "Li")), (("晓东", "陈"), ("Xiaodong", "Chen")), (("丽", "赵"), ("Li", "Zhao")),
    (("محمد", "حسن"), ("Mohammed", "Hassan")), (("كريم", "منصور"), ("Karim", "Mansour")),
    (("דוד", "לוי"), ("David", "Levi")), (("민수", "김"), ("Minsu", "Kim")), (("サラ", "ミラー"), ("Sara", "Miller")),
]  # fmt: skip
PLACES = [
    ("Maple Ave", "Maple Avenue", "Springfield", "62704"), ("Lindenstr.", "Lindenstraße", "Kassel", "34117"),
    ("N Oak St", "North Oak Street", "Portland", "97209"), ("Rue de l'Église", "r. de l'Eglise", "Lyon", "69003"),
    ("W 42nd St", "West Forty-Second Street", "New York", "10036"), ("Calle Mayor", "C/ Mayor", "Madrid", "28013"),
    ("Via Garibaldi", "V. Garibaldi", "Torino", "10122"), ("Goethe-Platz", "Goetheplatz", "Weimar", "99423"),
    ("Mill Rd", "Mill Road", "Cambridge", "02138"), ("Bahnhofstr", "Bahnhofstrasse", "Zürich", "8001"),
]  # fmt: skip


class Maker:
    """Makes values that differ from each other unless they are meant to be the same."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def born(self) -> str:
        return f"{self.dice.randint(1940, 2003)}-{self.dice.randint(1, 12):02}-{self.dice.randint(1, 28):02}"

    def phone(self) -> str:
        area = self.dice.choice((312, 415, 512, 617, 702))
        return f"+1 {area} {self.dice.randint(200, 999)} {self.dice.randint(0, 9999):04}"

    def number(self, length: int = 9) -> str:
        return str(self.dice.randint(1, 9)) + "".join(self.dice.choice("0123456789") for _ in range(length - 1))

    def home(self) -> Row:
        short, _, city, postcode = self.dice.choice(PLACES)
        return {"street": f"{self.dice.randint(2, 980)} {short}", "city": city, "postcode": postcode}

    def person(self, first: str | None = None, last: str | None = None) -> Row:
        return {
            "first_name": first or self.dice.choice(FIRST_NAMES),
            "last_name": last or self.dice.choice(LAST_NAMES),
        }

    def slip(self, text: str) -> str:
        """Return the text with one sign changed, dropped or exchanged with its neighbour."""
        place = self.dice.randrange(1, len(text) - 1)
        kind = self.dice.randrange(3)
        if kind == 0:
            return text[:place] + text[place + 1 :]
        if kind == 1:
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        sign = self.dice.choice("0123456789" if text[place].isdigit() else "aeinrst")
        return text[:place] + sign + text[place + 1 :]


# ------------------------------------------------------------------------------------------------------------ persons
def short_forms(make: Maker) -> Iterator[list[Row]]:
    for long, short in SHORT_FORMS:
        who = make.person(long)
        proof = make.dice.choice(({"born": make.born()}, {"phone": make.phone()}, make.home()))
        yield [who | proof, who | {"first_name": short} | proof]


def names_at_birth(make: Maker) -> Iterator[list[Row]]:
    """Yield people who changed the last name: two records know a number, the third only the new name."""
    for _ in range(12):
        old, new = make.person(), make.dice.choice(LAST_NAMES)
        born, number, phone = make.born(), make.number(), make.phone()
        yield [
            old | {"born": born, "identifier.passport": number},
            {**old, "last_name": new, "born": born, "identifier.passport": number, "phone": phone},
            {**old, "last_name": new, "phone": phone},
        ]


def generations(make: Maker) -> Iterator[list[Row]]:
    """Yield fathers and sons of one name in one household, as two entities."""
    for elder, younger in (("Sr.", "Jr."), ("sen.", "jun."), ("", "II"), ("Senior", "Junior"), ("", "Jr")) * 3:
        who, home = make.person(), make.home()
        for generation in (elder, younger):
            name = f"{who['first_name']} {who['last_name']} {generation}".strip()
            yield [{"name": name} | home, {"name": name, "phone": make.phone()} | home][: make.dice.randint(1, 2)]


def fathers_and_sons(make: Maker) -> Iterator[list[Row]]:
    for _ in range(12):
        who, home, phone = make.person(), make.home(), make.phone()
        year = make.dice.randint(1940, 1965)
        for born in (year, year + make.dice.randint(21, 36)):
            date = f"{born}-{make.dice.randint(1, 12):02}-{make.dice.randint(1, 28):02}"
            yield [who | home | {"born": date, "phone": phone}, who | {"born": date, "phone": make.phone()}]


def siblings_and_spouses(make: Maker) -> Iterator[list[Row]]:
    for one, other in SIBLINGS:
        home, last, born = make.home(), make.dice.choice(LAST_NAMES), make.born()
        twins = make.dice.random() < 0.5
        shared = home | ({"born": born} if twins else {"phone": make.phone()})
        yield [make.person(one, last) | shared, make.person(one, last) | home | {"email": f"{one}.x@mail.example"}]
        yield [make.person(other, last) | shared]


def moved(make: Maker) -> Iterator[list[Row]]:
    for number in range(14):
        who, born, phone = make.person(), make.born(), make.phone()
        proof = {"born": born} if number % 2 else {"phone": phone}
        yield [who | make.home() | proof, who | make.home() | proof]


def slips(make: Maker) -> Iterator[list[Row]]:
    """Yield people typed in twice in a hurry: two or three fields with one wrong sign each, some left out."""
    for _ in range(30):
        row = make.person() | make.home() | {"born": make.born(), "identifier.ssn": make.number()}
        again = dict(row)
        for key in make.dice.sample(sorted(row), make.dice.randint(2, 3)):
            again[key] = make.slip(again[key])
        for key in make.dice.sample(sorted(row), make.dice.randint(0, 2)):
            again.pop(key)
        yield [row, again]


def swapped(make: Maker) -> Iterator[list[Row]]:
    for _ in range(10):
        who, born = make.person(), make.born()
        day_first = f"{born[:5]}{born[8:]}-{born[5:7]}" if int(born[8:]) <= 12 else born
        yield [
            who | {"born": born},
            {"first_name": who["last_name"], "last_name": who["first_name"], "born": day_first},
        ]


def scripts(make: Maker) -> Iterator[list[Row]]:
    for (first, last), (latin_first, latin_last) in SCRIPTS:
        proof = make.dice.choice(({"born": make.born()}, {"phone": make.phone()}, make.home()))
        yield [make.person(first, last) | proof, make.person(latin_first, latin_last) | proof]


def namesakes(make: Maker) -> Iterator[list[Row]]:
    """Yield people with common names who have nothing else in common, or whose numbers differ."""
    for last in COMMON:
        first = make.dice.choice(FIRST_NAMES)
        home = make.home()
        for _ in range(2):
            yield [make.person(first, last) | {"born": make.born(), "phone": make.phone()} | make.home()]
        for _ in range(2):
            yield [
                make.person(first, last)
                | {"city": home["city"], "postcode": home["postcode"], "identifier.passport": make.number()}
            ]


def initials(make: Maker) -> Iterator[list[Row]]:
    for number in range(16):
        who, proof = make.person(), make.dice.choice(({"born": make.born()}, {"phone": make.phone()}))
        first, middle = who["first_name"], make.dice.choice("ABCDEGHJKLMNPRSTW")
        spelled = [
            f"{first[0]}.",
            f"{first} {middle}.",
            f"{first} {make.dice.choice(FIRST_NAMES)}",
            f"{first[0]}{middle}",
        ]
        yield [who | proof, who | {"first_name": spelled[number % 4]} | proof]


# ------------------------------------------------------------------------------------------------------ organisations
TITLES = [
    ("Northfield International Services", "Northfield Intl Svcs"), ("Saint Brendan's Hospital", "St. Brendans Hosp"),
    ("Bergmann Maschinenbau GmbH", "Bergmann Maschinenbau Gesellschaft mbH"), ("First National Bank", "1st Natl Bank"),
    ("Hartwell Manufacturing Company", "Hartwell Mfg Co"), ("Twenty Two Degrees Studio", "22 Degrees Studio"),
    ("Cooper & Lloyd Associates", "Cooper and Lloyd Assoc."),
    ("Union Tecnológica Andina S.A.", "Union Tecnologica Andina"),
    ("Fjord Seafood Holding AS", "Fjord Seafood"), ("Greenleaf Pharmaceuticals Inc", "Greenleaf Pharma"),
    ("University of Wexford", "Univ. Wexford"), ("Mount Carmel Community Center", "Mt Carmel Comm. Ctr."),
    ("Société Générale d'Horlogerie", "Soc. Gen. d'Horlogerie"), ("Harbour Logistics Group", "Harbor Logistics"),
    ("Department of Parks and Recreation", "Dept. of Parks & Recreation"), ("Kestrel Technologies", "Kestrel Tech"),
    ("Zentralverband Deutsches Handwerk", "ZV Deutsches Handwerk"),
    ("Whitmore Bros. Construction", "Whitmore Brothers Constr."),
    ("Stadtwerke Neuburg", "Neuburger Stadtwerke"), ("Elm Street Elementary School", "Elm St. Elem. School"),
]  # fmt: skip
ACRONYMS = [
    ("Pacific Marine Insurance Corporation", "PMIC"), ("Rheinisch-Westfälische Kraftwerke", "RWK"),
    ("American Bearing and Gear", "ABG"), ("Banco de Comercio Andino", "BCA"),
]  # fmt: skip
TRADE_NAMES = [
    ("Delgado Enterprises LLC", "Casa Delgado", "Delgado Enterprises LLC dba Casa Delgado"),
    ("Hofbauer Gastro GmbH", "Wirtshaus am Tor", "Hofbauer Gastro GmbH (Wirtshaus am Tor)"),
    ("JKL Ventures Inc", "Sunny Side Daycare", "JKL Ventures Inc d/b/a Sunny Side Daycare"),
    ("Tanaka Foods Co", "Ramen Corner", "Tanaka Foods Co t/a Ramen Corner"),
]  # fmt: skip
PARENTS = [
    ("Lakeside Clinic", "Mercy Health - Lakeside Clinic"), ("Tools Division", "Ostermann AG Tools Division"),
    ("Riverside Preschool", "YMCA Riverside Preschool"), ("Institut für Optik", "Stiftung Licht, Institut für Optik"),
]  # fmt: skip


NEIGHBOURS = [
    ("Alder Consulting", "Pemberton Law", "Riviera Travel"), ("Nordlicht Software", "Praxis Dr. Stein", "Café Ludwig"),
    ("Keller Steuerberatung", "Keller Immobilien", "Vogt Architekten"),
]  # fmt: skip
MOVED_FIRMS = [
    "Thistle & Rowe Publishing", "Almeida Têxteis", "Vantage Optics", "Brauerei Lohmann", "Cobalt Dental Lab",
    "Sörensen Yachts", "Palomar Bakery", "Ivory Music School",
]  # fmt: skip


def at(make: Maker) -> tuple[Row, Row]:
    """Return one address in two spellings."""
    short, long, city, postcode = make.dice.choice(PLACES)
    number = make.dice.randint(2, 980)
    variants = (
        {"street": f"{number} {long}, Suite 200"}, {"street": f"{long} {number}"},
        {"street": f"{number} {long}, {city}"}, {"street": f"Ste 200, {number} {short}"},
    )  # fmt: skip
    return (
        {"street": f"{number} {short}", "city": city, "postcode": postcode},
        make.dice.choice(variants) | {"postcode": postcode},
    )


def spellings(make: Maker) -> Iterator[list[Row]]:
    for one, other in (*TITLES, *PARENTS):
        here, also_here = at(make)
        proof = {"phone": make.phone()} if make.dice.random() < 0.4 else {}
        yield [{"company": one} | here | proof, {"company": other} | also_here | proof]


def acronyms(make: Maker) -> Iterator[list[Row]]:
    for long, short in ACRONYMS:
        here, also_here = at(make)
        phone = make.phone()
        yield [{"company": long, "phone": phone} | here, {"company": short, "phone": phone} | also_here]


def trade_names(make: Maker) -> Iterator[list[Row]]:
    """Yield firms known by two names, and a third record that has both."""
    for one, other, both in TRADE_NAMES:
        here, also_here = at(make)
        yield [{"company": one} | here, {"company": both} | also_here, {"company": other} | here]


def branches(make: Maker) -> Iterator[list[Row]]:
    """Yield places of one chain, each an entity of its own, some of them with two records."""
    for chain in ("Bright Horizons Childcare", "Kaufhaus Brandt", "Café Central", "QuickFix Auto Repair"):
        for _ in range(3):
            here, also_here = at(make)
            yield [{"company": chain} | here, {"company": chain} | also_here][: make.dice.randint(1, 2)]


def neighbours(make: Maker) -> Iterator[list[Row]]:
    """Yield different firms in one house, with the landlord's switchboard."""
    for firms in NEIGHBOURS:
        here, also_here = at(make)
        phone = make.phone()
        for firm in firms:
            yield [{"company": firm, "phone": phone} | here, {"company": firm} | also_here]


def moved_firms(make: Maker) -> Iterator[list[Row]]:
    for number, firm in enumerate(MOVED_FIRMS):
        proof = (
            {"identifier.vat": f"DE{make.number()}"},
            {"website": f"www.firm{number}.example"},
            {"phone": make.phone()},
        )
        yield [{"company": firm} | at(make)[0] | proof[number % 3], {"company": firm} | at(make)[0] | proof[number % 3]]


KINDS: dict[str, Callable[[Maker], Iterator[list[Row]]]] = {
    one.__name__: one
    for one in (
        short_forms, names_at_birth, generations, fathers_and_sons, siblings_and_spouses, moved, slips, swapped,
        scripts, namesakes, initials, spellings, acronyms, trade_names, branches, neighbours, moved_firms,
    )
}  # fmt: skip


def hard_records(seed: int = 11) -> tuple[dict[str, Row], dict[str, str], dict[str, str]]:
    """Return rows by id, the entity of each, and the kind of each."""
    make = Maker(seed)
    rows: dict[str, Row] = {}
    truth: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for kind, made in KINDS.items():
        for number, records in enumerate(made(make)):
            for row in records:
                id = str(len(rows))
                rows[id], truth[id], kinds[id] = row, f"{kind} {number}", kind
    return rows, truth, kinds
