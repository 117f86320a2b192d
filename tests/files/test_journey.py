"""Whole runs over files: every row accounted for, nothing twice, whole chunks or nothing."""

import csv
import random
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadflow.adapters.sql import SqlStorage
from leadflow.entities import ExternalId
from leadflow.errors import InvalidInput, StorageError
from leadflow.events import StageChanged
from leadflow.files import chunks
from leadflow.files.config import FlowFile
from leadflow.files.destination import shown
from leadflow.files.journey import RunPlan, run
from leadflow.files.row_actions import LeadAction, find_lead_id
from leadflow.files.rules import rules_of
from leadflow.flow import LeadFlow

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULES = FlowFile.model_validate(
    {
        "source": "fair",
        "country": "DE",
        "scoring": {
            "name": "fair",
            "fit": [{"points": 40, "when": {"op": "ge", "field": "company.employees", "value": 250}}],
            "engagement": [{"activity": "demo_requested", "points": 30}],
        },
        "qualification": {
            "mql": {
                "op": "and",
                "all": [
                    {"op": "ge", "field": "score.fit", "value": 40},
                    {"op": "ge", "field": "score.engagement", "value": 30},
                ],
            }
        },
        "routing": {"territories": [{"name": "all", "condition": {"op": "always"}, "reps": ["anna"]}]},
    }
)
LEADS = """\
E-Mail,Vorname,Nachname,Firma,Mitarbeiter,Kunden-Nr.
ada@acme.example,Ada,Lovelace,Acme GmbH,900,K1
bob@beta.example,Bob,Braun,Beta AG,300,K2
ada@acme.example,Ada,Lovelace,Acme GmbH,900,K1
cec@gamma.example,Cec,Clark,Gamma,3,K3
,Dora,Dunn,,,
too,many,cells,in,this,row,x
"""
ACTIVITIES = """\
lead,event,timestamp,path
ada@acme.example,demo_requested,2026-03-01 10:00,/demo
K2,demo_requested,2026-03-01 11:00,
ada@acme.example,demo_requested,2026-03-01 10:00,/demo
nobody@x.example,demo_requested,2026-03-01 10:00,
ada@acme.example,page_viewed,,
"""
SALES = """\
lead,move,by,at,reason,revisit,deal,amount
ada@acme.example,"accept, confirm, open_deal, win",anna,2026-03-02 10:00,,,D1,"12.500,00"
K2,reject,owner,2026-03-02,no budget,2027-01-15,,
cec@gamma.example,accept,anna,,,,,
ada@acme.example,"accept, fly",anna,,,,,
"""


@pytest.fixture
def files(tmp_path):
    for name, text in {"leads": LEADS, "activities": ACTIVITIES, "sales": SALES}.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def whole(folder, **more) -> RunPlan:
    given = {"leads": folder / "leads.csv", "activities": folder / "activities.csv", "sales": folder / "sales.csv"}
    return RunPlan(**(given | {"config": RULES, "now": NOW} | more))


def stored(path: Path, config: FlowFile = RULES) -> LeadFlow:
    return LeadFlow(SqlStorage(f"sqlite:///{path}"), **rules_of(config))


def moves_of(flow: LeadFlow, name: str, system: str = "file") -> list[StageChanged]:
    return [fact for fact in flow.history(find_lead_id(flow, name, system)) if isinstance(fact, StageChanged)]


def test_every_row_is_accounted_for(files):
    summary = run(whole(files))
    assert summary.counts == {
        "leads": {"rows": 6, "captured": 3, "updated": 1, "unsure": 0, "refused": 2, "identical": 1},
        "activities": {"rows": 5, "recorded": 2, "repeated": 1, "refused": 2},
        "sales": {"rows": 4, "played": 2, "repeated": 0, "refused": 2},
    }
    assert summary.stages == {"customer": 1, "lead": 2}
    refused = {(one.file, one.row.line): one.reason for tally in summary.tallies.values() for one in tally.refusals}
    assert refused["leads.csv", 6].startswith("give an e-mail address")
    assert refused["leads.csv", 7].startswith("has 7 cells, but there are 6 columns; put cells with delimiters")
    assert refused["leads.csv", 7].endswith(refused["leads.csv", 6])
    assert refused["activities.csv", 5] == "no lead 'nobody@x.example'"
    assert "say when" in refused["activities.csv", 6]
    assert "can't accept a lead that is lead" in refused["sales.csv", 4]


def test_what_happened_stands_in_the_history(files):
    db = files / "leads.db"
    run(whole(files, db=str(db)))
    flow = stored(db)
    ada = flow.get(find_lead_id(flow, "ada@acme.example"))
    assert (ada.stage, ada.deals[0].amount) == ("customer", Decimal(12500))
    assert ada.external_ids == (ExternalId(system="file", id="K1"),)
    moves = moves_of(flow, "ada@acme.example")
    assert [fact.move for fact in moves] == ["identify", "qualify", "accept", "confirm", "open_deal", "win"]
    assert moves[-1].happened_at == datetime(2026, 3, 2, 10, tzinfo=UTC)
    bob = flow.get(find_lead_id(flow, "K2"))
    assert (bob.stage, bob.reason, bob.revisit) == ("lead", "no budget", date(2027, 1, 15))


def test_the_same_files_again_change_nothing(files):
    db = files / "leads.db"
    first = run(whole(files, db=str(db)))
    before = _everything(db)
    second = run(whole(files, db=str(db)))
    assert second.counts["leads"] == {"rows": 6, "captured": 0, "updated": 4, "unsure": 0, "refused": 2, "identical": 4}
    assert second.counts["activities"] == {"rows": 5, "recorded": 0, "repeated": 3, "refused": 2}
    assert second.counts["sales"] == {"rows": 4, "played": 0, "repeated": 2, "refused": 2}
    assert (second.stages, _everything(db)) == (first.stages, before)


def test_a_row_of_sales_is_played_whole_or_not_at_all(files):
    (files / "sales.csv").write_text('lead,move,by\nada@acme.example,"accept, win",anna\n', encoding="utf-8")
    db = files / "leads.db"
    summary = run(whole(files, db=str(db)))
    assert summary.counts["sales"]["refused"] == 1
    flow = stored(db)
    assert flow.get(find_lead_id(flow, "ada@acme.example")).stage == "mql"


def test_a_dry_run_says_the_same_and_writes_nothing(files):
    db = files / "leads.db"
    said = run(whole(files, db=str(db), dry=True))
    assert not db.exists()
    assert said.counts == run(whole(files, db=str(db))).counts
    before = {path.name: path.read_bytes() for path in files.iterdir()}
    (files / "more.csv").write_text("E-Mail\nnew@delta.example\n", encoding="utf-8")
    assert run(whole(files, leads=files / "more.csv", db=str(db), dry=True)).counts["leads"]["captured"] == 1
    assert (
        before.items() <= {path.name: path.read_bytes() for path in files.iterdir() if path.suffix != ".db-shm"}.items()
    )


def test_a_dry_run_in_a_transaction_writes_nothing(files, pg_dsn):
    said = run(whole(files, db=pg_dsn, dry=True))
    assert said.counts["leads"]["captured"] == 3
    assert said.stages == {"customer": 1, "lead": 2}
    assert run(whole(files, db=pg_dsn)).counts == said.counts
    assert run(whole(files, db=pg_dsn)).counts["leads"]["captured"] == 0


def test_visitors_become_the_leads_that_they_turn_out_to_be(tmp_path):
    (tmp_path / "leads.csv").write_text("E-Mail,Visitor ID\nada@acme.example,v1\n", encoding="utf-8")
    (tmp_path / "activities.csv").write_text(
        "visitor,kind,at,id\nv1,page_viewed,2026-03-01,a1\nv2,page_viewed,2026-03-01,a2\n", encoding="utf-8"
    )
    db = tmp_path / "leads.db"
    plan = RunPlan(tmp_path / "leads.csv", tmp_path / "activities.csv", now=NOW, db=str(db))
    assert run(plan).stages == {"lead": 1, "prospect": 1}
    flow = stored(db, FlowFile())
    assert [one.id for one in flow.storage.activities(find_lead_id(flow, "ada@acme.example"))] == ["a1"]
    assert flow.get(find_lead_id(flow, "v2")).stage == "prospect"


def test_outcomes_in_the_leads_file_are_played(tmp_path):
    (tmp_path / "leads.csv").write_text("Nr,Won,Agent\nA,1,eva\nB,0,\nC,1,\n", encoding="utf-8")
    settings = {
        "columns": {"Nr": "external_id"},
        "external_system": "crm",
        "reachable_elsewhere": True,
        "sales_in_leads": {
            "where": {"Won": "1"},
            "moves": "fast_track",
            "to": "customer",
            "by": {"column": "Agent", "otherwise": "policy"},
            "reason": "bought in the shop",
        },
    }
    db = tmp_path / "leads.db"
    config = FlowFile.model_validate(settings)
    summary = run(RunPlan(tmp_path / "leads.csv", config=config, db=str(db)))
    assert summary.counts["sales in leads"] == {"rows": 2, "played": 2, "repeated": 0, "refused": 0}
    assert summary.stages == {"customer": 2, "lead": 1}
    flow = stored(db, config)
    moves = [fact for name in ("A", "C") for fact in moves_of(flow, name, "crm") if fact.move == "fast_track"]
    actors = [str(fact.actor) for fact in moves]
    assert actors == ["rep eva", "policy leadflow"]


def test_consent_comes_with_its_proof(tmp_path):
    (tmp_path / "leads.csv").write_text("E-Mail,Newsletter\na@x.example,Ja\nb@x.example,nein\n", encoding="utf-8")
    config = FlowFile.model_validate({"consent": {"column": "Newsletter", "proof": "ticked at the fair"}})
    db = tmp_path / "leads.db"
    summary = run(RunPlan(tmp_path / "leads.csv", config=config, db=str(db), now=NOW))
    assert summary.unknown == ()
    flow = stored(db, config)
    consents = [[(one.status, one.proof) for one in lead.consents] for lead in flow.leads()]
    assert sorted(consents) == [[], [("given", "ticked at the fair")]]


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"columns": {"Mail": "email"}}, "the file has no such column; did you mean 'E-Mail'"),
        ({"columns": {"E-Mail": "emial"}}, "did you mean 'email'"),
        ({"sales": "leads.csv"}, "no column says what was done"),
        ({"leads": "sales.csv"}, "none is known to hold"),
        ({"activities": "nope.csv"}, "there is no such file"),
    ],
)
def test_what_can_not_work_is_said_before_the_first_row(files, plan, said):
    (files / "sales.csv").write_text("colour,size\nred,3\n", encoding="utf-8")
    named = {name: files / value if isinstance(value, str) else value for name, value in plan.items()}
    db = files / "leads.db"
    with pytest.raises(InvalidInput, match=said):
        run(whole(files, db=str(db), **({"sales": None} | named)))
    assert not db.exists()


def test_a_crash_leaves_whole_chunks_and_the_next_run_the_rest(files, monkeypatch):
    rows = [f"lead{n}@acme.example,L{n}" for n in range(1, 26)]
    (files / "leads.csv").write_text("\n".join(["E-Mail,Vorname", *rows]), encoding="utf-8")
    monkeypatch.setattr(chunks, "ROWS_PER_CHUNK", 10)
    db = files / "leads.db"
    plan = RunPlan(files / "leads.csv", db=str(db))

    def breaks(_name: str, number: int, *_) -> None:
        if number == 18:
            raise KeyboardInterrupt

    def fails(self, row, original=LeadAction.command):
        if "lead18@acme.example" in row.cells.values():
            raise RuntimeError("the power went out")
        return original(self, row)

    with monkeypatch.context() as broken:
        broken.setattr(LeadAction, "command", fails)
        with pytest.raises(RuntimeError):
            run(plan)
    assert sum(1 for _ in stored(db).leads()) == 10
    with pytest.raises(KeyboardInterrupt):
        run(plan, watch=breaks)
    assert sum(1 for _ in stored(db).leads()) == 10
    assert run(plan).counts["leads"] == {
        "rows": 25, "captured": 15, "updated": 10, "unsure": 0, "refused": 0, "identical": 10,
    }  # fmt: skip


def test_what_collides_with_other_writers_is_played_again_and_counted_once(files, monkeypatch):
    failures = [StorageError("locked"), StorageError("locked")]

    def fails(self, row, original=LeadAction.command):
        if failures and any(cell.startswith("cec") for cell in row.cells.values()):
            raise failures.pop()
        return original(self, row)

    monkeypatch.setattr(LeadAction, "command", fails)
    summary = run(whole(files))
    assert not failures
    assert summary.counts["leads"]["captured"] == 3
    assert summary.adds_up


value = st.sampled_from(
    ["ada@acme.example", "bob@beta.example", "broken@", "", "Ada", "0301234567", "info@acme.example"]
)
odd = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(value | odd, min_size=1, max_size=5), max_size=8), st.randoms(use_true_random=False))
def test_the_sums_add_up_whatever_is_in_the_files(tmp_path, rows: list, order: random.Random):
    for name, header in {
        "leads": ["E-Mail", "Name", "Telefon", "Ort"],
        "sales": ["lead", "move", "by", "reason"],
    }.items():
        order.shuffle(rows)
        with (tmp_path / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header, *rows])
    summary = run(RunPlan(tmp_path / "leads.csv", sales=tmp_path / "sales.csv", now=NOW))
    for counts in summary.counts.values():
        parts = {word: count for word, count in counts.items() if word not in ("rows", "identical")}
        assert sum(parts.values()) == counts["rows"]
    assert summary.adds_up
    assert summary.stages.total() == summary.counts["leads"]["captured"] + sum(
        one.outcomes["unsure"] for one in summary.tallies.values()
    )


def _everything(db: Path) -> dict[str, list]:
    flow = stored(db)
    return {lead.id: [lead, [*flow.history(lead.id)], flow.storage.activities(lead.id)] for lead in flow.leads()}


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("postgresql://ann:s3cret@host/db", "postgresql://ann:***@host/db"),
        ("postgresql://:s3:c@host:5432/db", "postgresql://:***@host:5432/db"),
        ("sqlite:///leads.db", "sqlite:///leads.db"),
    ],
)
def test_a_password_is_not_shown(url, meant):
    assert shown(url) == meant


def test_words_for_nothing_are_nothing(tmp_path):
    (tmp_path / "leads.csv").write_text("E-Mail,City,Stadt\na@x.example,Select, Select\n", encoding="utf-8")
    config = FlowFile.model_validate({"missing": ["Select"]})
    db = tmp_path / "leads.db"
    run(RunPlan(tmp_path / "leads.csv", config=config, db=str(db)))
    flow = stored(db, config)
    (lead,) = flow.leads()
    assert (lead.address.city, lead.findings) == (None, ())


def test_moments_in_files_are_meant_in_the_zone_of_the_config(tmp_path):
    (tmp_path / "leads.csv").write_text("E-Mail,Datum\na@x.example,02.07.2025 09:00\n", encoding="utf-8")
    config = FlowFile(zone="Europe/Berlin")
    db = tmp_path / "leads.db"
    run(RunPlan(tmp_path / "leads.csv", config=config, db=str(db), now=NOW))
    (captured, *_) = moves_of(stored(db, config), "a@x.example")
    assert captured.happened_at == datetime(2025, 7, 2, 7, tzinfo=UTC)
