"""Mails from the command line: sent to a real server, counted; not sent by a dry run; waiting without a server."""

import json
import socket

import pytest
from aiosmtpd.controller import Controller
from typer.testing import CliRunner

from leadflow.cli.commands import app

CONFIG = """
consent: {column: Newsletter, proof: ticked at the fair}
nurturing:
  contents: [{name: welcome, subject: "Welcome {{ person.first_name }}", body: Good to have you.}]
  sequences: [{name: welcome, steps: [{after: 0h, content: welcome}]}]
sender: Acme <news@acme.example>
unsubscribe_url: https://acme.example/u?t={token}
secrets_from: TEST_LEADFLOW_SECRET
"""
NOON = "2026-03-02T12:00Z"


class Inbox:
    def __init__(self, port: int) -> None:
        self.url = f"smtp://127.0.0.1:{port}"
        self.subjects: list[str] = []

    async def handle_DATA(self, _server, _session, envelope):
        lines = envelope.content.decode().splitlines()
        self.subjects += [line.partition(": ")[2] for line in lines if line.startswith("Subject: ")]
        return "250 OK"


@pytest.fixture
def inbox():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    inbox = Inbox(port)
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield inbox
    controller.stop()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_LEADFLOW_SECRET", "a-secret-of-16-bytes-or-more")
    leads = "E-Mail,Vorname,Newsletter\nada@acme.example,Ada,ja\nbob@beta.example,Bob,nein\n"
    (tmp_path / "leads.csv").write_text(leads, encoding="utf-8")
    (tmp_path / "flow.yaml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def lead(command, folder, *arguments):
    files = [folder / "leads.csv"] if command == "run" else []
    database = ["--config", folder / "flow.yaml", "--db", folder / "leads.db", "--now", NOON]
    return CliRunner().invoke(app, [str(one) for one in (command, *files, *database, *arguments)])


def test_those_who_agreed_get_their_mail_once(folder, inbox):
    done = lead("run", folder, "--smtp", inbox.url)
    assert done.exit_code == 0, done.output
    assert "mails: 1 sent" in done.stdout
    assert "mails: none" in lead("run", folder, "--smtp", inbox.url).stdout
    assert inbox.subjects == ["Welcome Ada"]


def test_a_dry_run_counts_mails_and_sends_none(folder, inbox):
    done = lead("run", folder, "--smtp", inbox.url, "--dry-run")
    assert "mails: 1 would be sent" in done.stdout
    assert inbox.subjects == []


def test_without_a_server_mails_wait_for_a_tick_with_one(folder, inbox):
    assert "waits for a mail server" in lead("run", folder).stdout
    assert "--smtp" in lead("tick", folder).stderr
    assert lead("tick", folder, "--smtp", inbox.url).exit_code == 0
    assert inbox.subjects == ["Welcome Ada"]


def test_what_does_not_fit_the_config_any_more_is_seen_by_scripts(folder, inbox):
    lead("run", folder)
    fits = lead("doctor", folder)
    assert (fits.exit_code, fits.stdout.strip()) == (0, "everything that is stored fits")
    config = folder / "flow.yaml"
    config.write_text(config.read_text().replace("sequences: [{name: welcome", "sequences: [{name: hello"))
    gone = lead("doctor", folder)
    assert gone.exit_code == 1
    assert "sequence welcome: 1 (" in gone.stdout and "flow.retire" in gone.stdout
    (misfit,) = json.loads(lead("doctor", folder, "--json").stdout)["misfits"]
    assert (misfit["kind"], misfit["what"], misfit["number"]) == ("sequence", "welcome", 1)


def test_a_mail_server_that_is_down_is_seen_by_scripts_and_by_monitoring(folder, inbox):
    lead("run", folder)
    assert lead("health", folder).exit_code == 0
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"smtp://127.0.0.1:{free.getsockname()[1]}"
    ticked = lead("tick", folder, "--smtp", nobody)
    assert ticked.exit_code == 1
    assert "failed, to be tried again: 1" in ticked.stdout and "no connection" in ticked.stdout
    sick = lead("health", folder)
    assert sick.exit_code == 1
    assert "failing since 2026-03-02 12:00 UTC: 1 nurture:welcome: " in sick.stdout
    data = json.loads(lead("health", folder, "--json").stdout)
    assert (data["is_good"], data["dead"], data["failing"][0]["kind"]) == (False, 0, "nurture:welcome")
    assert "Refused" not in lead("health", folder, "--grace", "soon").stdout
    assert lead("health", folder, "--grace", "soon").exit_code == 2
