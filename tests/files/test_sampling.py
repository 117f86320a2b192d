"""What a file is, is seen from a stated sample of it, however large it is; a config says the same again."""

from pathlib import Path

import pytest

from leadflow.files.config import read_config
from leadflow.files.config_draft import config_draft
from leadflow.files.encodings import about_lines
from leadflow.files.journey import RunPlan, columns_in
from leadflow.files.tables import table

IO = Path("/proc/self/io")
CSV = "E-Mail;Vorname;Umsatz\n" + "a@x.example;Jürgen;1.234,5\n" * 2_000
JSON = '{"email": "a@x.example", "name": "Jürgen"}\n' * 100_000


def bytes_read() -> int:
    return int(IO.read_text().split("rchar: ")[1].split()[0])


@pytest.mark.skipif(not IO.exists(), reason="only Linux counts the bytes that a process reads")
@pytest.mark.parametrize(("name", "text"), [("leads.csv", CSV), ("leads.jsonl", JSON)])
def test_of_two_gigabytes_less_than_twenty_megabytes_are_looked_at(tmp_path, name, text):
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(text.encode())
        file.truncate(2 << 30)  # the rest is a hole
    before = bytes_read()
    read, meanings = columns_in(RunPlan(path))
    config_draft(read, meanings)
    assert bytes_read() - before < 20 << 20
    assert {"email"} < {*meanings.keys.values()}


@pytest.mark.parametrize(("encoding", "name"), [("utf-8", "utf-8"), ("cp1252", "cp1252"), ("cp1251", "cp1251")])
def test_letters_that_come_late_tell_the_encoding_of_a_large_file(tmp_path, encoding, name):
    word = "Мария" if encoding == "cp1251" else "Jürgen"
    plain, lettered = "a@x.example;Ada;some more words\n" * 150_000, f"b@x.example;{word};x\n" * 40_000
    (tmp_path / "leads.csv").write_bytes(f"E-Mail;Vorname;N\n{plain}{lettered}".encode(encoding))
    read = table(tmp_path / "leads.csv")
    assert read.form.startswith(name)
    assert abs(about_lines(read.path) - 190_001) < 19_000


def test_what_the_sample_has_not_shown_is_put_right_cell_by_cell(tmp_path):
    line = b"x;" + b"y" * 1_000 + b"\n"  # 9 MB of it, of which each second 64 kB are looked at
    (tmp_path / "leads.csv").write_bytes(b"a;b\n" + line * 99 + "J\xfcrgen;y\n".encode("cp1252") + line * 9_000)
    (row,) = (row for row in table(tmp_path / "leads.csv").rows() if row.findings)
    assert (row.line, row.cells["a"], row.findings[0].code) == (101, "Jürgen", "other_encoding")


def test_keys_of_json_that_come_late_are_kept(tmp_path):
    (tmp_path / "leads.jsonl").write_text(JSON + '{"email": "b@x.example", "farbe": "rot"}\n', encoding="utf-8")
    *_, last = table(tmp_path / "leads.jsonl").rows()
    assert last.cells == {"email": "b@x.example", "name": "", "(other keys)": '{"farbe": "rot"}'}


def test_a_saved_config_is_not_surer_than_the_sample(tmp_path):
    (tmp_path / "leads.csv").write_text('Email,Revenue,Budget\na@x.example,"1.234,5",1.500\n', encoding="utf-8")
    read, meanings = columns_in(RunPlan(tmp_path / "leads.csv"))
    (tmp_path / "flow.yaml").write_text(config_draft(read, meanings), encoding="utf-8")
    config = read_config(tmp_path / "flow.yaml")
    assert config.decimal_sign is None
    assert columns_in(RunPlan(tmp_path / "leads.csv", config=config))[1].decimal_signs == meanings.decimal_signs
