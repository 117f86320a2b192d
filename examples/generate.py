"""Writes the demo's data: a messy trade-fair list, a web-form export, an activity log, a sales script, and the truth.

``python examples/generate.py`` writes ``examples/data/`` anew, byte for byte the same; another seed gives other people.
Nobody in it exists. ``truth.csv`` says which rows are one person: the duplicates are planted.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from people import COUNTRIES, Person, ascii_name, people

__all__ = ["DATA", "FIRST_DAY", "LAST_DAY", "SEED", "Files", "generated", "write"]

SEED: Final = 2026
DATA: Final = Path(__file__).parent / "data"
FIRST_DAY: Final = datetime(2026, 3, 2, tzinfo=UTC)
"""The Monday on which the fair opens."""
LAST_DAY: Final = FIRST_DAY + timedelta(days=25)
FAIR_DAYS: Final = 4

FAIR: Final = (
    "Nr Anrede Titel Vorname Nachname Firma Position Straße PLZ Ort Land Telefon Mobil E-Mail Mitarbeiter Interesse "
    "Newsletter Bemerkung Zeitpunkt"
).split()
WEB: Final = (
    "submission_id submitted_at first_name last_name email phone company job_title employees country language "
    "interests message budget utm_source utm_medium utm_campaign utm_content visitor newsletter consent_text"
).split()
ACTIVITIES: Final = "id happened_at visitor email activity path campaign".split()
TRUTH: Final = ("row", "person")
SCRIPT: Final = "stage turn after_hours move reason revisit_days amount by".split()

INTERESTS: Final = (
    ("Retrofit", "retrofit"),
    ("Robotik", "robotics"),
    ("Wartung", "maintenance"),
    ("Energie", "energy"),
)
NOTES: Final = ("", "", "", "", "bitte zurückrufen", "Prospekt mitgenommen", "will Angebot\nbis Ostern",
                "„kommt wieder“", "nur geschaut; kein Bedarf")  # fmt: skip
SLOPPY: Final = (
    (0.03, "Telefon", ("0815", "siehe Karte", "030 23125100 Durchwahl 12")), (0.03, "PLZ", ("1234", "D-80331", "?")),
    (0.05, "Mitarbeiter", ("ca. 200", "50-100", "viele")), (0.01, "Nachname", ("Mustermann", "asdf", "???")),
    (0.02, "Land", ("Germnay", "D", "Österr.")), (0.02, "Anrede", ("Sehr geehrter", "Fr.", "Familie")),
)  # fmt: skip
"""How often a cell holds something else, in which column, and what."""
SLIPS: Final = {"gmail.com": "gmial.com", "outlook.com": "outlok.com", "t-online.de": "t-onlin.de"}
ROLES: Final = ("info", "einkauf", "kontakt")
PAGES: Final = ("/", "/products", "/pricing", "/pricing/retrofit", "/blog/energy", "/contact", "/cases/robotics")
KINDS: Final = (
    "page_viewed",
    "mail_opened",
    "mail_clicked",
    "whitepaper_downloaded",
    "webinar_attended",
    "demo_requested",
)
WEIGHTS: Final = ((80, 15, 5, 0, 0, 0), (68, 16, 8, 6, 2, 0), (55, 14, 9, 10, 5, 7), (48, 10, 10, 11, 6, 15))
"""How often somebody of each heat does each kind of thing."""
CONSENT: Final = (
    "Ja, ich möchte den Newsletter. / Yes, I want the newsletter. (form v3, box ticked {at}, IP kept by the host)"
)
CAMPAIGNS: Final = (("google", "cpc", "spring", "retrofit"), ("linkedin", "social", "robotics", "video"),
                    ("newsletter", "email", "march", "cta"), ("", "", "", ""))  # fmt: skip

SALES: Final = """
mql,1,2,accept,,,,
mql,2,500,accept,,,,
mql,3,4,reject,no budget this year,14,,
mql,4,1,accept,,,,
mql,5,26,accept,,,,
mql,6,3,accept,,,,
mql,7,3,reject,a student,120,,
queue,1,50,accept,,,,ben
queue,2,500,accept,,,,ben
sal,1,20,confirm,,,,
sal,2,30,confirm,,,,
sal,3,28,recycle,not the decider,10,,
sal,4,24,confirm,,,,
sal,5,22,disqualify,works for a competitor,,,
sql,1,24,open_deal,,,24000,
sql,2,48,open_deal,,,8500,
sql,3,48,recycle,project postponed,60,,
opportunity,1,96,win,,,,
opportunity,2,120,lose,chose a competitor,90,,
opportunity,3,72,win,,,,
opportunity,4,72,win,,,21500,
customer,1,72,promote,,,,
customer,2,24,stay,,,,
customer,3,24,stay,,,,
"""
"""A rep's first, second, third … lead in a stage; after the last the first again. Who that is nobody knows yet."""

Row = Sequence[str]


@dataclass(frozen=True)
class Files:
    """The files by name, as bytes."""

    content: dict[str, bytes]

    def write(self, folder: Path) -> None:
        """Write them into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.content.items():
            (folder / name).write_bytes(content)


@dataclass(frozen=True)
class _Said:
    """One row that somebody left: in which file, when, who it is, and what it says."""

    file: str
    at: datetime
    person: Person
    cells: dict[str, str]


def generated(seed: int = SEED, *, fair: int = 400, web: int = 300, activities: int = 3000) -> Files:
    """Return all files for a seed; the sizes are close to those asked for."""
    dice = random.Random(seed)
    everybody = people(dice, round(fair * 0.86 + web * 0.62))
    on_the_fair = everybody[: round(fair * 0.86)]
    on_the_web = [*everybody[len(on_the_fair) :], *dice.sample(on_the_fair, round(web * 0.26))]
    fair_rows = _fair(dice, on_the_fair, fair)
    web_rows = _web(dice, on_the_web, web)
    fair_table = [[*row.cells.values()] for row in fair_rows]
    _break_some(dice, fair_table)
    return Files(
        {
            "fair.csv": _csv(FAIR, fair_table, ";", "cp1252"),
            "web.csv": _csv(WEB, ([*row.cells.values()] for row in web_rows)),
            "activities.csv": _csv(ACTIVITIES, _activities(dice, [*fair_rows, *web_rows], activities)),
            "sales.csv": _csv(SCRIPT, (line.split(",") for line in SALES.strip().splitlines())),
            "truth.csv": _csv(TRUTH, _truth([*fair_rows, *web_rows])),
        }
    )


def _csv(header: Row, rows: Iterable[Row], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n" if delimiter == ";" else "\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode(encoding, "replace")


def _truth(rows: Iterable[_Said]) -> list[Row]:
    """Name the person behind each row's id; a form that was sent twice in a second has one id."""
    return [(row_id, person) for row_id, person in dict.fromkeys((_id(row), row.person.id) for row in rows)]


def _id(row: _Said) -> str:
    return row.cells["Nr" if row.file == "fair" else "submission_id"]


# ------------------------------------------------------------------------------------------------------ the fair
def _fair(dice: random.Random, visitors: Sequence[Person], count: int) -> list[_Said]:
    again = dice.choices(visitors, k=count - len(visitors))
    scans = [(_on_the_fair(dice), person, False) for person in visitors]
    scans += [(_on_the_fair(dice), person, True) for person in again]
    scans.sort(key=lambda scan: (scan[0], scan[1].id))
    return [
        _Said("fair", at, person, _fair_row(dice, number, at, person, again))
        for number, (at, person, again) in enumerate(scans, 1)
    ]


def _on_the_fair(dice: random.Random) -> datetime:
    day = FIRST_DAY + timedelta(days=dice.randrange(FAIR_DAYS))
    return day + timedelta(hours=8, minutes=dice.randrange(9 * 60))


def _fair_row(dice: random.Random, number: int, at: datetime, who: Person, again: bool) -> dict[str, str]:
    written = _slurred(dice, who) if again else who
    interest = dice.choice(INTERESTS)
    values = (
        f"F{number:04}", who.salutation, who.title, written.first_name, written.last_name, written.company, who.job[0],
        who.street, who.postcode, who.city, COUNTRIES[who.country][0], _phone(dice, who.country, who.landline),
        _phone(dice, who.country, who.mobile), _fair_email(dice, written), str(who.employees), interest[0],
        dice.choice(("ja", "ja", "nein", "")), dice.choice(NOTES), f"{at + timedelta(hours=1):%d.%m.%Y %H:%M}",
    )  # fmt: skip
    row: dict[str, str] = dict(zip(FAIR, values, strict=True))
    for chance, name, choices in SLOPPY:
        if dice.random() < chance:
            row[name] = dice.choice(choices)
    if dice.random() < 0.12:
        loud = ("Vorname", "Nachname", "Firma", "Ort")
        row |= {name: row[name].upper() for name in loud}
    if dice.random() < 0.02:
        row |= dict.fromkeys(("Straße", "PLZ", "Ort", "Telefon", "Mobil", "E-Mail"), "")
    return row


def _fair_email(dice: random.Random, who: Person) -> str:
    chance = dice.random()
    if chance < 0.12:
        return ""
    if chance < 0.16:
        return f"{dice.choice(ROLES)}@{who.domain}"
    if chance < 0.18:
        return dice.choice(("keine", "n/a", who.email.replace("@", " at ")))
    mailbox, _, domain = who.email.partition("@")
    if domain in SLIPS and dice.random() < 0.3:
        return f"{mailbox}@{SLIPS[domain]}"
    return who.email.upper() if chance > 0.95 else who.email


def _slurred(dice: random.Random, who: Person) -> Person:
    """Write somebody down once more as a tired person would: without umlauts, misheard, from a private address."""
    match dice.randrange(6):
        case 0:
            return replace(who, last_name=ascii_name(who.last_name).title())
        case 1:
            return replace(who, last_name=who.last_name[:-1] + who.last_name[-1] * 2, email="")
        case 2:
            return replace(who, first_name=who.first_name[0] + ".", company=who.company.rsplit(" ", 1)[0])
        case 3:
            return replace(
                who, company="", landline="", mobile="", street="", postcode="", email=f"{who.id}.home@web.de"
            )
        case 4:
            return replace(who, email=f"{ascii_name(who.last_name)}.{who.id}@gmail.com")
        case _:
            return who


def _phone(dice: random.Random, country: str, number: str) -> str:
    """Spell a number in one of six ways."""
    if not number or dice.random() < 0.25:
        return ""
    area, _, line = number.partition(" ")
    code, line = {"DE": "49", "GB": "44"}[country], line.replace(" ", "")
    return dice.choice(
        (f"+{code} {area} {line}", f"0{area}/{line[:-3]}-{line[-3:]}", f"(0{area}) {line}", f"00{code} {area} {line}",
         f"0{area}{line}", f"+{code} (0){area} {line}")
    )  # fmt: skip


def _break_some(dice: random.Random, rows: list[list[str]]) -> None:
    """Put a semicolon too many into a few rows, as happens when a list is joined by hand."""
    for row in dice.sample(rows, max(1, len(rows) // 130)):
        row.insert(6, "Halle 7")


# ------------------------------------------------------------------------------------------------------- the web
def _web(dice: random.Random, visitors: Sequence[Person], count: int) -> list[_Said]:
    again = dice.choices(visitors, k=max(count - len(visitors), 2))
    sent = [(_moment(dice), person, False) for person in visitors] + [(_moment(dice), who, True) for who in again]
    sent.sort(key=lambda one: (one[0], one[1].id))
    rows = [
        _Said("web", at, person, _web_row(dice, number, at, person, again))
        for number, (at, person, again) in enumerate(sent, 1)
    ]
    twice = dice.sample(rows, max(1, count // 100))
    return sorted([*rows, *twice], key=lambda row: (row.at, _id(row)))


def _moment(dice: random.Random) -> datetime:
    """Return a moment of the first 19 days, on working days mostly."""
    at = FIRST_DAY + timedelta(
        days=dice.randrange(19), minutes=dice.randrange(6 * 60, 20 * 60), seconds=dice.randrange(60)
    )
    return at - timedelta(days=2) if at.weekday() > 4 and dice.random() < 0.8 else at


def _web_row(dice: random.Random, number: int, at: datetime, who: Person, again: bool) -> dict[str, str]:
    written = _slurred(dice, who) if again and dice.random() < 0.5 else who
    email = written.email or who.email
    mailbox, _, domain = email.partition("@")
    if domain in SLIPS and dice.random() < 0.2:
        email = f"{mailbox}@{SLIPS[domain]}"
    yes = dice.random() < 0.55
    values = (
        f"W{number:04}", f"{at:%Y-%m-%dT%H:%M:%SZ}", written.first_name, written.last_name, email,
        _phone(dice, who.country, who.landline), written.company, who.job[1], str(who.employees),
        COUNTRIES[who.country][1] if dice.random() < 0.6 else who.country, COUNTRIES[who.country][2],
        dice.choice(INTERESTS)[1], dice.choice(("", "", "Please call me.", "Was kostet das für 3 Hallen?")),
        str(dice.choice((20000, 60000, 120000))) if who.heat == 3 and dice.random() < 0.35 else "",
        *dice.choice(CAMPAIGNS), who.visitor, "yes" if yes else "no", CONSENT.format(at=at.isoformat()) if yes else "",
    )  # fmt: skip
    return dict(zip(WEB, values, strict=True))


# ------------------------------------------------------------------------------------------------ the activities
def _activities(dice: random.Random, rows: Sequence[_Said], count: int) -> list[Row]:
    """Return what people did, in the order in which it arrived: some late, some twice."""
    first = {row.person.id: row for row in reversed(rows)}
    wanted = round(count * 0.97)
    known = [row for row in first.values() if _email_in(row) or row.file == "web"]
    heats = [1 + 3 * row.person.heat**2 for row in known]
    doers = dice.choices(known, weights=heats, k=round(wanted * 0.93))
    done = [_done(dice, row) for row in doers]
    done += [_strange(dice, number) for number in range(wanted - len(doers))]
    done.sort()
    numbered = [
        (at, (f"A{number:05}", f"{at:%Y-%m-%dT%H:%M:%SZ}", *rest)) for number, (at, *rest) in enumerate(done, 1)
    ]
    numbered += dice.sample(numbered, count - len(numbered))
    arrived = [(at + timedelta(hours=dice.randint(2, 40)) if dice.random() < 0.05 else at, row) for at, row in numbered]
    return [row for _, row in sorted(arrived)]


def _email_in(row: _Said) -> str:
    written = row.cells.get("E-Mail", row.cells.get("email", ""))
    return written if written.lower() == row.person.email else ""


def _done(dice: random.Random, row: _Said) -> tuple[datetime, str, str, str, str, str]:
    """Let somebody do something: known by cookie before the form, by the address (on the web by either) after it."""
    who, web = row.person, row.file == "web"
    span = (LAST_DAY - FIRST_DAY).total_seconds() - 86_400
    at = FIRST_DAY + timedelta(seconds=round(span * dice.random() ** (2.6 if who.heat > 1 else 1.0)))
    at = max(at, row.at + timedelta(hours=20)) if not web else at
    kind = dice.choices(KINDS, weights=WEIGHTS[who.heat])[0]
    before = at <= row.at
    if before:
        kind = "page_viewed"
    by_cookie = web and (before or (kind == "page_viewed" and dice.random() < 0.7))
    path = dice.choice(PAGES) if kind == "page_viewed" else ""
    campaign = dice.choice(("spring", "march")) if kind.startswith("mail") else ""
    return at, who.visitor if by_cookie else "", "" if by_cookie else row.person.email, kind, path, campaign


def _strange(dice: random.Random, number: int) -> tuple[datetime, str, str, str, str, str]:
    """Let somebody look around who never says who it is."""
    return _moment(dice), f"cookie-x{number // 3:03}", "", "page_viewed", dice.choice(PAGES), ""


def write(folder: Path = DATA, seed: int = SEED) -> None:
    """Write the data of a seed into a folder."""
    generated(seed).write(folder)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Write the demo's data anew.")
    asked.add_argument("--seed", type=int, default=SEED)
    asked.add_argument("--out", type=Path, default=DATA)
    chosen = asked.parse_args()
    write(chosen.out, chosen.seed)
    print(f"written to {chosen.out}")
