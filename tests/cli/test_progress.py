"""Progress: a bar on a terminal, lines in a pipe, and the rows of which it is about right."""

import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadflow.cli import progress as shown
from leadflow.cli.commands import app
from leadflow.files.tables import table

MANY = 400


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    path.write_text("email\n" + "".join(f"ada{n}@acme.example\n" for n in range(MANY)), encoding="utf-8")
    return path


def test_a_pipe_gets_lines_with_the_count_and_the_time_that_is_left(leads, monkeypatch):
    monkeypatch.setattr(shown, "PAUSE", 0.0)
    lines = CliRunner().invoke(app, ["check", str(leads)]).stderr.splitlines()
    assert lines[99].startswith("leads: 100 of about 400 rows, about ")
    assert lines[-1] == "leads: 400 of about 400 rows"
    assert len(lines) == MANY


@pytest.mark.parametrize("option", ["--quiet", "--json"])
def test_whoever_wants_quiet_or_json_gets_no_progress(leads, monkeypatch, option):
    monkeypatch.setattr(shown, "PAUSE", 0.0)
    assert CliRunner().invoke(app, ["check", str(leads), option]).stderr == ""


def test_a_terminal_gets_a_bar(leads):
    own, terminal = pty.openpty()
    command = [sys.executable, "-m", "leadflow.cli", "check", str(leads)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=terminal, env=os.environ | {"TERM": "xterm"}):
        os.close(terminal)
        seen = b""
        with suppress(OSError):  # the end of a terminal
            while read := os.read(own, 1 << 16):
                seen += read
    os.close(own)
    assert re.search(r"leads .*400 of about 400 rows", re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen.decode()))


@pytest.mark.parametrize(
    ("text", "about"), [("email\n", 0), ("email", 0), ("sep=;\nemail\na@b.example\n", 1), ("email\r\na\r\nb\r\n", 2)]
)
def test_the_rows_are_counted_below_the_header(tmp_path, text, about):
    path = tmp_path / "leads.csv"
    path.write_bytes(text.encode())
    assert table(path).about == about
