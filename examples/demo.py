"""The whole journey on messy leads: a fair, a web form, four weeks of doing, reps who accept, reject and win.

``make demo`` runs it. Time is simulated, the database and the mail server are real: a SQLite file and an SMTP server on
this machine. Every number that is printed is checked against another way to count it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

import telling
from accounts import Accounts, checked
from generate import DATA, FIRST_DAY, LAST_DAY, generated
from leadflow import LeadFlow, StageChanged
from leadflow import field as path
from leadflow.adapters.smtp import SmtpMailer
from leadflow.buying_center import AccountView, BuyingCenter
from leadflow.enrichment import CompanyFromColleagues, LanguageFromHeader
from leadflow.entities import Consent, Lead
from leadflow.files.chunks import RowAction, run_rows
from leadflow.files.column_headers import ACTIVITY_HEADERS
from leadflow.files.columns import choose_columns
from leadflow.files.config import FlowFile, read_config
from leadflow.files.date_parsing import moment_of
from leadflow.files.destination import Transaction, opened
from leadflow.files.journey import RunPlan, leads_in
from leadflow.files.row_actions import ActivityAction, LeadAction
from leadflow.files.row_mapping import RowMapping
from leadflow.files.rules import rules_of
from leadflow.files.run_summary import RowOutcome, Tally
from leadflow.files.tables import Row, table
from leadflow.insights import render_report, summarise
from leadflow.ports import Storage
from rules import with_own_rules
from sales import Reps, read_script
from sink import Sink, running

HERE: Final = Path(__file__).parent
BUILD: Final = HERE.parent / "build" / "demo"
SECRET: Final = "only-for-this-demo-not-a-secret"
STEPS: Final = (6, 8, 10, 12, 14, 16, 18, 22)
"""The hours at which the host looks: what came in, what is due, what reps do."""
UNSUBSCRIBES: Final = 23
"""Every so manieth mail makes its reader unsubscribe."""
ACCOUNTS_SHOWN: Final = 3
BUYING_CENTER: Final = BuyingCenter(
    "drives", {"user": 2, "influencer": 1, "decider": 1, "buyer": 1}, weights={"decider": 2}
)


class Clock:
    """The present, which stands until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Ids:
    """Ids that are the same in every run, for numbers that are; hosts leave the making of ids to leadflow."""

    numbers: Iterator[int] = field(default_factory=count)

    def __call__(self, now: datetime) -> str:
        return f"{int(now.timestamp()):x}-{next(self.numbers):07x}"


@dataclass(frozen=True)
class WebForm:
    """What a host's own web form does: the browser is known, and consent comes with what was shown and ticked.

    The form asks for no language: the browser says which it prefers.
    """

    meaning: RowMapping

    def __call__(self, unit: Transaction, row: Row) -> RowOutcome:
        said = self.meaning.lead(row.cells, datetime.now(UTC)).capture
        assert said.at is not None and said.visitor is not None
        consents = []
        if row.cells["newsletter"] == "yes":
            proof = row.cells["consent_text"]
            given: dict[str, Any] = {"purpose": "newsletter", "channel": "email", "status": "given"}
            consents = [Consent(**given, at=said.at, proof=proof)]
        captured = unit.flow.identify(
            said.visitor, said.values, source=said.source, consents=consents, at=said.at, id=said.id
        )
        if not captured.repeated:
            preferred = f"{row.cells['language']},en;q=0.5"
            unit.flow.look_up(captured.lead_id, {"accept_language": preferred}, only="accept_language")
        return RowOutcome("repeated" if captured.repeated else captured.outcome, findings=captured.findings)


@dataclass
class Live:
    """Rows are written one by one, as they happen; the command line writes chunks of 250."""

    flow: LeadFlow
    ticks: bool = True

    @contextmanager
    def chunk(self) -> Iterator[Transaction]:
        yield Transaction(self.flow, nullcontext)


@dataclass
class Arrivals:
    """The rows of a file, and when they come in; they are handed over as time passes."""

    name: str
    rows: list[tuple[datetime, Row]]
    play: RowAction
    tally: Tally
    done: int = 0

    def upto(self, now: datetime) -> list[Row]:
        """Return the rows that have come in since they were last asked for."""
        begun = self.done
        while self.done < len(self.rows) and self.rows[self.done][0] <= now:
            self.done += 1
        return [row for _, row in self.rows[begun : self.done]]


def main(build: Path = BUILD, data: Path = DATA, *, quiet: bool = False) -> Accounts:
    """Run the demo, and return what it came to; an ``AssertionError`` says which numbers don't add up."""
    begun = time.monotonic()
    os.environ.setdefault("LEADFLOW_DEMO_SECRET", SECRET)
    shutil.rmtree(build, ignore_errors=True)
    build.mkdir(parents=True)
    settings = read_config(HERE / "demo.yaml")
    clock, sink, heard = Clock(FIRST_DAY), Sink(), list[StageChanged]()
    new_id = Ids()
    with running(sink) as smtp:
        rules = rules_of(settings) | {
            "mailer": SmtpMailer(smtp, sender=settings.sender),
            "clock": clock,
            "new_id": new_id,
        }
        rules["scoring"] = with_own_rules(settings.scoring)
        rules["buying_centers"] = [BUYING_CENTER]
        colleagues = CompanyFromColleagues(lambda domain: _colleagues(store.flow, domain))
        colleagues.where = ~path("company.name").is_known()
        rules["enrichers"] = [LanguageFromHeader(), colleagues]

        def flow_on(storage: Storage) -> LeadFlow:
            return LeadFlow(storage, **rules)

        with opened(f"sqlite:///{build / 'leads.db'}", flow_on) as store:
            store.flow.on(StageChanged, heard.append, name="warehouse")
            files = list(_arrivals(settings, data))
            reps = Reps(read_script(data / "sales.csv"))
            flow = store.flow
            ticks = _live(flow, clock, files, reps, sink)
            summary = summarise(flow.storage, flow.policy.lifecycle, now=clock())
            tallies = {one.name: one.tally for one in files}
            accounts = checked(flow, summary, tallies, sink, heard, reps, data / "truth.csv", ticks)
            report = build / "report.html"
            page = render_report(
                summary, title="Rotor & Kessel: the fair and four weeks", accounts=_largest_accounts(flow)
            )
            report.write_text(page, encoding="utf-8")
            if not quiet:
                telling.tell(flow, accounts, report, time.monotonic() - begun)
    return accounts


def _colleagues(flow: LeadFlow, domain: str) -> Iterable[Lead[Any]]:
    return flow.find(path("company.domain") == domain)


def _largest_accounts(flow: LeadFlow) -> list[AccountView]:
    """The companies with the most leads, each with its buying center."""
    keys = [key for key in flow.count(by="account") if key is not None]
    return [flow.account(key) for key in keys[:ACCOUNTS_SHOWN]]


def _steps() -> Iterator[datetime]:
    days = (LAST_DAY - FIRST_DAY).days
    yield from (FIRST_DAY + timedelta(days=day, hours=hour) for day in range(days) for hour in STEPS)


def _arrivals(settings: FlowFile, data: Path) -> Iterable[Arrivals]:
    """Read the files: the fair's list comes every evening, the web's rows and activities as they happen."""
    fair, meaning = leads_in(RunPlan(data / "fair.csv", config=settings, columns={"Nr": "id"}))
    evening = timedelta(hours=18)
    rows = [(_day_of(row, settings) + evening, row) for row in fair.rows()]
    yield Arrivals("fair", _in_order(rows), LeadAction(meaning, lambda: FIRST_DAY), Tally("fair.csv"))

    own = settings.but(consent=None, source="web form", ignore=("newsletter", "consent_text", "language"))
    web, meaning = leads_in(RunPlan(data / "web.csv", config=own, columns={"submission_id": "id"}))
    rows = [(moment_of(row.cells["submitted_at"]), row) for row in web.rows()]
    yield Arrivals("web", _in_order(rows), WebForm(meaning), Tally("web.csv"))

    log = table(data / "activities.csv")
    columns = choose_columns(log.columns, {}, ACTIVITY_HEADERS)
    rows = [(moment_of(row.cells["happened_at"]), row) for row in log.rows()]
    yield Arrivals("activities", _in_order(rows), ActivityAction(columns, settings), Tally("activities.csv"))


def _day_of(row: Row, settings: FlowFile) -> datetime:
    """Return the day of a scan; a broken row came with the first."""
    try:
        return moment_of(row.cells["Zeitpunkt"], settings.timezone).replace(hour=0, minute=0)
    except (KeyError, ValueError):
        return FIRST_DAY


def _in_order(rows: Iterable[tuple[datetime, Row]]) -> list[tuple[datetime, Row]]:
    """Let nothing come in before what stands ahead of it in the file: what is out of order there is late."""
    latest, found = FIRST_DAY, []
    for at, row in rows:
        latest = max(latest, at)
        found.append((latest, row))
    return found


def _live(flow: LeadFlow, clock: Clock, files: list[Arrivals], reps: Reps, sink: Sink) -> int:
    """Let time pass: what came in is played, what is due is done, reps work, readers unsubscribe."""
    done, read = 0, 0
    live = Live(flow)
    for clock.now in _steps():
        for file in files:
            rows = file.upto(clock.now)
            if rows:
                run_rows(live, rows, file.play, file.tally)
        done += len(flow.run_due().done)
        if clock.now.weekday() < 5 and 7 <= clock.now.hour <= 17:
            reps.play(flow, clock.now)
        for number in range(read, len(sink.mails)):
            if number % UNSUBSCRIBES == UNSUBSCRIBES - 1:
                flow.unsubscribe(sink.unsubscribe_token(number))
        read = len(sink.mails)
    return done + len(flow.run_due().done)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="The whole journey on messy leads.")
    asked.add_argument("--seed", type=int, help="other people than those in examples/data")
    seed = asked.parse_args().seed
    if seed is None:
        main()
    else:
        generated(seed).write(BUILD.parent / f"data-{seed}")
        main(data=BUILD.parent / f"data-{seed}")
