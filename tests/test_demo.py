"""The demo: the same data for the same seed, books that add up, and a report."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

pytest.importorskip("aiosmtpd")
pytest.importorskip("rich")

import demo
from accounts import Accounts, Found
from generate import DATA, SEED, generated
from leadflow.files.tables import table
from sales import read_script


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    generated(7, fair=50, web=40, activities=300).write(folder)
    return folder


@pytest.fixture(scope="module")
def accounts(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Accounts:
    """The demo's own checks compare every number with another way to count it; an AssertionError would end it."""
    build = tmp_path_factory.mktemp("build") / "demo"
    accounts = demo.main(build, small, quiet=True)
    assert (build / "leads.db").is_file()
    page = (build / "report.html").read_text(encoding="utf-8")
    assert "Rotor &amp; Kessel" in page
    assert "Not said by people: person.language from accept_language" in page
    return accounts


def rows_of(content: bytes, encoding: str = "utf-8", delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline=""), delimiter=delimiter))


# ------------------------------------------------------------------------------------------------------- the data
def test_the_committed_data_is_what_the_generator_writes() -> None:
    files = generated(SEED).content
    assert {path.name for path in DATA.iterdir()} == files.keys()
    for name, content in files.items():
        assert (DATA / name).read_bytes() == content, (
            f"{name} differs: python examples/generate.py, then look at the diff"
        )


def test_another_seed_gives_other_people() -> None:
    one, other = (generated(seed, fair=20, web=20, activities=50).content for seed in (1, 2))
    assert one == generated(1, fair=20, web=20, activities=50).content
    assert one["fair.csv"] != other["fair.csv"] and one["sales.csv"] == other["sales.csv"]


def test_nobody_in_the_data_can_be_reached() -> None:
    files = generated(SEED).content
    addresses = {
        row["E-Mail"].lower() for row in rows_of(files["fair.csv"], "cp1252", ";") if row["E-Mail"].count("@") == 1
    }
    addresses |= {row["email"].lower() for row in rows_of(files["web.csv"])}
    elsewhere = {one.rpartition("@")[2] for one in addresses if not one.endswith(".example")}
    assert elsewhere <= {
        "gmail.com",
        "web.de",
        "gmx.de",
        "outlook.com",
        "t-online.de",
        "gmial.com",
        "outlok.com",
        "t-onlin.de",
    }
    private = [one for one in addresses if not one.endswith(".example")]
    assert all(any(c.isdigit() for c in one) for one in private)  # made-up numbers, so that it is nobody's mailbox


def test_the_data_is_as_messy_as_it_should_be() -> None:
    files = generated(SEED).content
    with pytest.raises(UnicodeDecodeError):
        files["fair.csv"].decode("utf-8")
    fair = rows_of(files["fair.csv"], "cp1252", ";")
    assert sum(row["Nachname"].isupper() for row in fair) > 20
    assert sum(not row["E-Mail"] for row in fair) > 20
    assert any(row["E-Mail"].endswith(("gmial.com", "outlok.com")) for row in fair)
    assert {
        len(row) for row in csv.reader(io.StringIO(files["fair.csv"].decode("cp1252"), newline=""), delimiter=";")
    } == {19, 20}
    log = rows_of(files["activities.csv"])
    moments = [row["happened_at"] for row in log]
    assert moments != sorted(moments) and len({row["id"] for row in log}) < len(log)
    assert table(DATA / "fair.csv").form == "cp1252, semicolon"


def test_duplicates_are_planted_within_and_across_the_files() -> None:
    truth = rows_of(generated(SEED).content["truth.csv"])
    files_of: dict[str, list[str]] = {}
    for row in truth:
        files_of.setdefault(row["person"], []).append(row["row"][0])
    groups = ["".join(sorted(files)) for files in files_of.values()]
    assert (
        min(sum("FF" in one for one in groups), sum("WW" in one for one in groups), sum("FW" in one for one in groups))
        > 20
    )


# ------------------------------------------------------------------------------------------------------- the story
def test_every_row_is_accounted_for(accounts: Accounts) -> None:
    rows = {name: tally.rows for name, tally in accounts.tallies.items()}
    assert rows == {"fair": 50, "web": 41, "activities": 300}  # one form was sent twice
    assert all(tally.rows == sum(tally.outcomes.values()) for tally in accounts.tallies.values())
    assert accounts.tallies["web"].outcomes["repeated"] == 1


def test_leads_go_the_whole_way_and_come_back(accounts: Accounts) -> None:
    reached = accounts.summary.funnel.counts("reached")
    assert reached["prospect"] == accounts.summary.leads == sum(accounts.summary.stages.values())
    assert reached["customer"] >= 1
    assert accounts.moves_by_reps["accept"] >= 3 and accounts.moves_by_reps["reject"] >= 1
    assert accounts.heard == sum(accounts.summary.selling.moves.values())


def test_the_mail_server_got_what_the_facts_call_sent(accounts: Accounts) -> None:
    mails = accounts.summary.mails
    assert accounts.received == mails.total("sent") > 20
    assert accounts.refused_mails == mails.total("failed")
    assert mails.total("open") == mails.total("uncertain") == 0
    assert accounts.unsubscribed == accounts.received // demo.UNSUBSCRIBES


def test_duplicates_are_measured_against_the_truth(accounts: Accounts) -> None:
    joined, suspected = accounts.joined, accounts.suspected
    assert joined.true == suspected.true > 10
    assert joined.right <= suspected.right <= suspected.true
    assert joined.precision == 1.0  # nobody is taken for somebody else without a person looking at it
    assert suspected.recall >= 0.8


def test_precision_and_recall_by_hand() -> None:
    assert (Found(8, 5, 4).precision, Found(8, 5, 4).recall) == (0.8, 0.5)
    assert (Found(0, 0, 0).precision, Found(0, 0, 0).recall) == (1.0, 1.0)


def test_the_same_data_gives_the_same_numbers(accounts: Accounts, small: Path, tmp_path: Path) -> None:
    assert demo.main(tmp_path / "demo", small, quiet=True) == accounts


def test_the_script_knows_every_stage_that_sales_works_in() -> None:
    assert {"mql", "queue", "sal", "sql", "opportunity", "customer"} == set(read_script(DATA / "sales.csv"))
