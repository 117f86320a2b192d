"""Files: what we write harms neither a spreadsheet nor another file; what we read is meant as it stands."""

from __future__ import annotations

import csv
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner

from leadflow.cli.commands import app
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.files.formulas import harmless, restored
from leadflow.files.output_files import check_outputs, csv_file, text_file
from leadflow.files.tables import table
from leadflow.files.yaml_text import yaml_file

LEADS = "email,first_name,outcome\nada@acme.example,Ada,won\nbob@acme.example,Bob,lost\n"
BEFORE = ("", " ", "\ufeff", "\u200b", "\u00a0", "\x00", "'", '"', "“", "‘", " '\u202e")
FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "⁼", "₊", "⩵", "−")


# -------------------------------------------------------------------------------------------------------- formulas
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("sign", FORMULAS)
def test_no_form_of_a_formula_passes(before, sign):
    text = f"{before}{sign}cmd|' /C calc'!A0"
    assert harmless(text) == f"'{text}"
    assert restored(str(harmless(text))) == text


@given(st.text())
def test_a_cell_comes_back_exactly(text):
    written = str(harmless(text))
    assert restored(written) == text
    assert unicodedata.normalize("NFKC", written.strip())[:1] not in ("=", "+", "-", "@")
    assert written[:1] not in ("\t", "\r", "\n")


@given(st.text(alphabet="'\"= +-@＝\t\n\ufeffa1", max_size=12))
def test_a_cell_of_nothing_but_signs_comes_back_exactly(text):
    assert restored(str(harmless(text))) == text
    assert restored(str(harmless(harmless(text)))) == harmless(text)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), min_size=1))
@example(["\r\x80<", " 5 < 7 ", "Â\x8d"])
def test_what_we_wrote_we_read_as_it_was(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("out") / "out.csv"
    rows = [[f"x{number}", cell] for number, cell in enumerate(cells)]
    with csv_file(path, ["id", "＝text"]) as writer:
        for row in rows:
            writer.writerow(row)
    read = table(path, encoding="utf-8", delimiter=",")
    assert read.columns == ("id", "＝text")
    for back, written in zip(read.rows(), rows, strict=True):
        # Text that looks like letters encoded twice is put right, and that is said.
        mended = {found.field for found in back.findings if found.code == "encoded_twice"}
        assert mended or list(back.cells.values()) == written


def test_numbers_stay_numbers(tmp_path):
    with csv_file(tmp_path / "out.csv", ["points"]) as writer:
        writer.writerow([-5])
        writer.writerow(["-5"])
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        assert [row[0] for row in csv.reader(file)] == ["points", "-5", "'-5"]


# ----------------------------------------------------------------------------------------------------------- paths
@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "flow.yaml").write_text("source: web\nscoring: {name: s, fit: []}\n")
    (tmp_path / "new.yaml").write_text("source: web\nscoring: {name: t, fit: []}\n")
    (tmp_path / "link.csv").symlink_to("leads.csv")
    os.link(tmp_path / "leads.csv", tmp_path / "hard.csv")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    return tmp_path


BAD = ("leads.csv", "./leads.csv", "link.csv", "hard.csv", "folder/../leads.csv", "flow.yaml", "pipe", "folder",
       "/dev/null", "/dev/stdout", "-", "no/such/out")  # fmt: skip
COMMANDS = {
    "run --report": "run leads.csv -c flow.yaml --db sqlite:///leads.db --report",
    "run --refused": "run leads.csv -c flow.yaml --db sqlite:///leads.db --refused",
    "score": "score leads.csv -c flow.yaml --out",
    "learn --out": "learn leads.csv --outcome outcome --out",
    "learn --report": "learn leads.csv --outcome outcome --report",
    "backtest": "backtest leads.csv -c flow.yaml --outcome outcome --report",
    "compare": "compare flow.yaml new.yaml leads.csv --report",
    "schema": "schema -c flow.yaml --out",
}


READS_LEADS = ("leads.csv", "./leads.csv", "link.csv", "hard.csv", "folder/../leads.csv")


@pytest.mark.parametrize(
    ("command", "path"),
    [
        (command, path)
        for command, line in COMMANDS.items()
        for path in BAD
        if (path != "flow.yaml" or "flow.yaml" in line) and (path not in READS_LEADS or "leads.csv" in line)
    ],
)
def test_no_command_overwrites_what_it_reads_or_a_special_file(folder, command, path):
    before = {name: (folder / name).read_bytes() for name in ("leads.csv", "flow.yaml")}
    ended = CliRunner().invoke(app, [*COMMANDS[command].split(), path])
    assert ended.exit_code == 2
    assert "name" in ended.output or "folder" in ended.output
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert not (folder / "leads.db").exists()
    assert not list(folder.glob(".*.part"))


@pytest.mark.parametrize("path", ["leads.db", "leads.db-wal", "./leads.db", "LINK.db"])
def test_a_report_never_overwrites_the_database(folder, path):
    ran = CliRunner().invoke(app, ["run", "leads.csv", "--db", "sqlite:///leads.db"])
    assert ran.exit_code == 0
    (folder / "LINK.db").symlink_to("leads.db")
    before = (folder / "leads.db").read_bytes()
    for url in ("sqlite:///leads.db", "leads.db"):
        ended = CliRunner().invoke(app, ["run", "leads.csv", "--db", url, "--report", path])
        assert (ended.exit_code, (folder / "leads.db").read_bytes()) == (2, before)


@pytest.mark.parametrize("other", ["out.html", "./out.html", "OUT.html", "same"])
def test_two_outputs_are_two_files(folder, other):
    (folder / "same").symlink_to("out.html")
    with pytest.raises(InvalidInput, match="another option writes that file"):
        check_outputs({"--report": Path("out.html"), "--refused": Path(other)}, ())


def test_a_link_stays_a_link_and_a_private_file_private(folder):
    (folder / "real.txt").write_text("old")
    (folder / "real.txt").chmod(0o600)
    (folder / "to").symlink_to("real.txt")
    with text_file(folder / "to") as file:
        file.write("new")
    assert (folder / "to").is_symlink()
    assert (folder / "real.txt").read_text() == "new"
    assert (folder / "real.txt").stat().st_mode & 0o777 == 0o600


# ------------------------------------------------------------------------------------------------------------ YAML
def _read(tmp_path: Path, text: str) -> object:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    return yaml_file(path)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1:30", "1:30"), ("190:20:30", "190:20:30"), ("no", "no"), ("NO", "NO"), ("Yes", "Yes"), ("on", "on"),
        ("off", "off"), ("y", "y"), ("2026-01-31", "2026-01-31"), ("2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"),
        ("1_000", "1_000"), ("0b11", "0b11"), ("0o17", 15), ("0x1F", 31), ("+12", 12), ("-0", 0), ("0", 0),
        ("1e3", 1000.0), ("1.5", 1.5), (".5", 0.5), ("-.inf", float("-inf")), ("true", True), ("FALSE", False),
        ("~", None), ("null", None), ("", None), ("nUll", "nUll"), ("'010'", "010"), ("+", "+"), ("1.2.3", "1.2.3"),
        ("=", "="),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(tmp_path, written, meant):
    read = _read(tmp_path, f"a: {written}\n")
    assert isinstance(read, dict)
    assert (type(read["a"]), read["a"]) == (type(meant), meant)


LAUGHS = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("ok: 1\nplz: 01067\n", "line 2: 01067 is text"),
        ("ok: 1\nn: -07\n", "line 2: -07 is text"),
        ("a: 1\nb: {c: 1, c: 2}\n", "line 2: 'c' is defined twice"),
        ("a: 1\n'a': 2\n", "line 2: 'a' is defined twice"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "line 3: merge keys"),
        ("a: &x [*x]\n", "line 1: it holds itself"),
        (LAUGHS, "line [0-9]+: with its aliases"),
        (f"a: {'9' * 5_000}\n", "line 1: the number has more than 300 digits"),
        ("a: !!python/object:os.system x\n", "line 1: "),
        ("a: !!timestamp 2026-01-01\n", "line 1: "),
        ("a: !!int '010'\n", "line 1: 010 is text"),
        ("a: !!float abc\n", "line 1: 'abc' is not a number"),
        ("a: 1\n--- \nb: 2\n", "line 2: "),
        ("[" * 3_000, "nested too deep|line"),
    ],
)
def test_what_may_be_meant_otherwise_is_refused_with_its_line(tmp_path, written, why):
    with pytest.raises(DefinitionError, match=why):
        _read(tmp_path, written)


def test_a_config_has_a_size(tmp_path):
    with pytest.raises(InvalidInput, match="1,000,000 bytes"):
        _read(tmp_path, "# " + "x" * 1_000_000)
