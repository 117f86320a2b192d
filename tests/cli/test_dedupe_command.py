"""``leadflow dedupe``: the duplicates of any table."""

import csv
import json

import pytest
from typer.testing import CliRunner

from leadflow.cli.commands import app

FILE = """Vorname;Nachname;Geburtsdatum;Firma;Straße;Ort;Rating;Wer
Anna;Müller;2.1.1970;Acme GmbH;Hauptstr. 5;Berlin;7;a
Mueller;Anna;1970-01-02;ACME;;Berlin;3;a
Peter;Schmidt;;Acme GmbH;Hauptstr. 5;Berlin;7;p
Anna;Müller;;;;;1;x
"""


@pytest.fixture
def people(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(FILE, encoding="utf-8")
    return path


def dedupe(*arguments):
    return CliRunner().invoke(app, ["dedupe", *map(str, arguments)])


def table(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_clusters_and_pairs_to_decide_with_the_truth_beside_them(people, tmp_path):
    out, review, report = (tmp_path / name for name in ("out.csv", "review.csv", "report.html"))
    done = dedupe(people, "--truth", "Wer", "--out", out, "--review", review, "--report", report, "--json")
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert said["columns"] == {"Vorname": "first_name", "Nachname": "last_name", "Geburtsdatum": "born",
                               "Firma": "company", "Straße": "street", "Ort": "city"}  # fmt: skip
    assert said["clusters"] == [[2, 3]]
    assert {(one["one"], one["other"]) for one in said["unsure"]} == {(2, 5), (3, 5)}
    assert said["accuracy"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert "colleagues" in said["estimate_refused"]
    rows = table(out)
    assert [(row["cluster"], row["line"], row["Rating"]) for row in rows] == [
        ("1", "2", "7"), ("1", "3", "3"), ("2", "4", "7"), ("3", "5", "1"),
    ]  # fmt: skip
    assert [row["line"] for row in table(review)] == ["2", "5", "3", "5"]
    assert report.read_text(encoding="utf-8").count("<svg") == 3


def test_columns_are_set_and_left_out_by_hand(people):
    done = dedupe(people, "--map", "Wer=identifier.crew", "--map", "Firma=-", "--json")
    columns = json.loads(done.stdout)["columns"]
    assert columns["Wer"] == "identifier.crew"
    assert "Firma" not in columns


def test_a_saved_model_compares_the_next_file(people, tmp_path):
    model = tmp_path / "model.json"
    first = dedupe(people, "--save-model", model, "--json")
    assert (
        json.loads(dedupe(people, "--model", model, "--json").stdout)["clusters"]
        == json.loads(first.stdout)["clusters"]
    )


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(["--truth", "Who"], "Who"), (["--map", "Wer=emial"], "email"), (["--map", "Who=email"], "Who"),
     (["--model", "people.csv"], "match model")],
)  # fmt: skip
def test_what_can_not_be_used_is_one_line_that_says_what_to_do(people, monkeypatch, arguments, word):
    monkeypatch.chdir(people.parent)
    done = dedupe(people, *arguments)
    assert done.exit_code == 2
    assert word in str(done.exception or done.output) + done.output


def test_a_table_that_identifies_nobody_says_so(tmp_path):
    (tmp_path / "t.csv").write_text("Colour,Size\nred,3\n", encoding="utf-8")
    assert dedupe(tmp_path / "t.csv").exit_code == 2


def test_organisations_by_a_column_called_name(tmp_path):
    path = tmp_path / "places.csv"
    rows = ["name,addr,phone", "Art's Deli,12224 Ventura Blvd.,818/762-1221", "ARTS DELI,12224 Ventura,818-762-1221"]
    path.write_text("\n".join(rows), encoding="utf-8")
    assert json.loads(dedupe(path, "--organisations", "--json").stdout)["clusters"] == [[2, 3]]
