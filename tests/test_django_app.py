"""examples/django_app: its storage keeps the contract on both databases; its pages are used as people use them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import django
import pytest

with mock.patch.dict(
    os.environ, {"SECRET_KEY": "x" * 50, "HOSTS": "testserver", "DJANGO_SETTINGS_MODULE": "django_app.settings"}
):
    django.setup()

from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.test import Client

import postgres
from django_app import settings
from django_app.leads import models, storage
from django_app.leads.policy import flow
from django_app.leads.storage import DjangoStorage
from leadflow import StageChanged
from leadflow.errors import Stale, StorageError
from leadflow.events import Change, LeadWrite
from leadflow.ports import Storage
from leadflow.testing import StorageContract

ADA = {"email": "ada@big.example", "name": "Ada Lovelace", "company": "Big GmbH", "employees": "900"}
TABLES = [model._meta.db_table for model in apps.get_app_config("leads").get_models()]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database of each kind, as ``default``, and through other connections as ``another``."""
    if request.param == "sqlite":
        with connected(settings.SQLITE | {"NAME": str(tmp_path_factory.mktemp("django") / "leads.db")}):
            yield "sqlite"
        return
    with postgres.fresh_database(request.getfixturevalue("pg_url")) as url:
        given = urlsplit(url)
        where = {"HOST": given.hostname or parse_qs(given.query)["host"][0], "PORT": given.port or ""}
        name = {"USER": given.username, "PASSWORD": given.password or "", "NAME": given.path[1:]}
        with connected(settings.POSTGRES | where | name):
            yield "postgresql"


@contextmanager
def connected(config: dict[str, Any]) -> Iterator[None]:
    """Connect this process's Django with a database, as long as the block."""
    given = connections.configure_settings({"default": config})["default"]
    with mock.patch.dict(connections.settings, {"default": given, "another": given}):
        forget()
        call_command("migrate", verbosity=0)
        yield
        forget()


def forget() -> None:
    """Close this thread's connections; the next ones are made as the settings say by then."""
    for alias in ("default", "another"):
        connections[alias].close()
        del connections[alias]


@pytest.fixture(autouse=True)
def empty(database: str) -> str:
    wipe(*TABLES, "django_session", "django_admin_log", "auth_user")
    flow.cache_clear()
    return database


def wipe(*tables: str) -> None:
    with connections["default"].cursor() as cursor:
        for table in tables:
            cursor.execute(f'DELETE FROM "{table}"')


class OfThreads(DjangoStorage):
    """Closes the connections of threads that end, as Django does after each request."""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in ("save", "states", "lease") or threading.current_thread() is threading.main_thread():
            return found

        def closing(*given: Any, **named: Any) -> Any:
            try:
                return found(*given, **named)
            finally:
                connections["default"].close()

        return closing


class TestDjangoStorage(StorageContract):
    def new_storage(self) -> Storage:
        wipe(*TABLES)
        return OfThreads()

    def another_on(self, storage: Storage) -> Storage:
        return DjangoStorage("another")

    def rewrite(self, storage: Storage, what: str, key: str, text: str) -> None:
        rows: dict[str, Any] = {"lead": models.Lead, "task": models.Task, "fact": models.Fact}
        column = {"lead": "id", "task": "key", "fact": "lead_id"}[what]
        rows[what].objects.filter(**{column: key}).update(doc=text)


def test_it_fits_into_250_lines() -> None:
    assert len(Path(storage.__file__).read_text(encoding="utf-8").splitlines()) <= 250


# ----------------------------------------------------------------------------------------------------------- the pages
@pytest.fixture
def anna() -> Client:
    return signed_in("anna")


def signed_in(name: str, **rights: bool) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(name, password="a word", **rights))
    return client


def capture(**values: Any) -> str:
    return flow().capture(ADA | values, source="web").lead_id


def an_mql(**values: Any) -> str:
    lead_id = capture(**values)
    flow().record(lead_id, "page_viewed", id=f"a {lead_id}")
    return lead_id


def owner(lead_id: str) -> str | None:
    return models.Lead.objects.get(id=lead_id).owner


def test_a_form_is_captured_with_what_its_browser_did_before_and_says_nothing_about_who_is_known() -> None:
    answers = []
    for _ in range(2):
        client = Client()
        assert b"<form" in client.get("/contact/").content
        answers.append(client.post("/contact/", ADA).content)
        flow().run_due()
    lead = flow().get(
        models.Lead.objects.get(stage="mql").id
    )  # 40 points for the company, 10 for each look at the form
    assert (lead.email.address, lead.score.engagement, lead.owner in ("anna", "ben")) == ("ada@big.example", 20, True)
    assert answers[0] == answers[1] and b"Thank you" in answers[0]


def test_a_form_without_an_address_is_shown_again() -> None:
    shown = Client().post("/contact/", {"name": "Ada"})
    assert b"<form" in shown.content and models.Lead.objects.exclude(stage="prospect").count() == 0


def test_what_the_host_rolls_back_was_never_captured() -> None:
    def fails() -> None:
        with transaction.atomic():
            User.objects.create_user("ada")
            capture()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert not User.objects.exists() and not any(
        model.objects.exists() for model in (models.Lead, models.Fact, models.Task)
    )
    with transaction.atomic():
        User.objects.create_user("ada")
        kept = an_mql()
    assert User.objects.exists() and owner(kept) is None  # the reps' ledgers are not locked by a host's transaction
    assert "route" in {task.kind for task in flow().tasks(lead_id=kept)}  # for tick, in half a minute; or the host:
    flow().route(kept)
    assert owner(kept) in ("anna", "ben")


def test_a_collision_inside_a_transaction_is_raised_at_once_and_the_rest_of_it_can_be_kept(empty: str) -> None:
    first = capture()
    with transaction.atomic():
        User.objects.create_user("ada")
        with pytest.raises(Stale):
            DjangoStorage().save(Change(leads=(LeadWrite(id=first, read_version=99),)))
        with pytest.raises(StorageError, match="outside"):
            flow().tick()
    assert User.objects.exists()


def test_the_board_shows_each_lead_in_its_column_and_the_inbox_only_ones_own(anna: Client) -> None:
    mine, theirs = (an_mql(email=f"{n}@big.example", name=f"Ada No{n}") for n in "ab")
    assert {owner(mine), owner(theirs)} == {"anna", "ben"}
    capture(email="c@small.example", name="Cy Small", company="Small", employees="2")
    columns = anna.get("/board/").content.decode().split("<section")
    assert [part[5 : part.index('"', 5)] for part in columns[1:4]] == ["lead", "mql", "sal"]
    assert "lead (1)" in columns[1] and "Cy Small" in columns[1]
    assert "mql (2)" in columns[2] and "Ada Noa" in columns[2] and "Ada Nob" in columns[2]
    inbox = anna.get("/inbox/").content.decode()
    annas, bens = ("Noa", "Nob") if owner(mine) == "anna" else ("Nob", "Noa")
    assert annas in inbox and bens not in inbox


def test_a_rep_accepts_and_confirms_by_buttons(anna: Client) -> None:
    lead_id = an_mql()
    assert owner(lead_id) == "anna"
    for move, stage in (("accept", "sal"), ("confirm", "sql")):
        assert anna.post(f"/leads/{lead_id}/{move}/").status_code == 302
        assert models.Lead.objects.get(id=lead_id).stage == stage


def test_a_reject_needs_reason_and_date(anna: Client) -> None:
    lead_id = an_mql()
    assert b"needs a date" in anna.post(f"/leads/{lead_id}/reject/", {"reason": "no budget"}).content
    assert anna.post(f"/leads/{lead_id}/reject/", {"reason": "no budget", "revisit": "soon"}).status_code == 422
    assert anna.post(f"/leads/{lead_id}/reject/", {"reason": "no budget", "revisit": "2099-01-31"}).status_code == 302
    assert models.Lead.objects.get(id=lead_id).stage == "lead"


def test_what_is_not_allowed_moves_nothing(anna: Client) -> None:
    lead_id = an_mql()
    assert owner(lead_id) == "anna"
    assert anna.get(f"/leads/{lead_id}/accept/").status_code == 405
    assert anna.post(f"/leads/{lead_id}/confirm/").status_code == 409  # it must be accepted first
    assert anna.post(f"/leads/{lead_id}/win/").status_code == 404  # no button of this board
    assert anna.post("/leads/nobody/accept/").status_code == 404
    assert signed_in("ben").post(f"/leads/{lead_id}/accept/").status_code == 404
    assert Client().post(f"/leads/{lead_id}/accept/").status_code == 302  # to the login
    assert Client(enforce_csrf_checks=True).post("/contact/", ADA).status_code == 403
    assert models.Lead.objects.get(id=lead_id).stage == "mql"


def test_the_admin_lists_searches_explains_and_erases() -> None:
    boss = signed_in("boss", is_staff=True, is_superuser=True)
    an_mql()
    lead_id = capture(email="cy@small.example", name="Cy Small", company="Small", employees="2")
    rep = models.Lead.objects.exclude(owner=None).get().owner
    shown = {
        query: boss.get(f"/admin/leads/lead/?{query}").content.decode() for query in ("", "q=small", f"owner={rep}")
    }
    assert "Ada Lovelace" in shown[""] and "Cy Small" in shown[""]
    assert "Ada Lovelace" not in shown["q=small"] and "Cy Small" in shown["q=small"]
    assert "Ada Lovelace" in shown[f"owner={rep}"] and "Cy Small" not in shown[f"owner={rep}"]
    assert "identify prospect → lead" in boss.get(f"/admin/leads/lead/{lead_id}/change/").content.decode()
    erase = {"action": "erase", "_selected_action": [lead_id]}
    assert boss.post("/admin/leads/lead/", erase).status_code == 302
    assert not models.Lead.objects.filter(id=lead_id).exists()
    assert boss.get("/admin/leads/lead/add/").status_code == 403


def test_tick_does_what_is_due_and_fails_if_something_fails() -> None:
    def fail(fact: object) -> None:
        raise ZeroDivisionError

    said = StringIO()
    call_command("tick", stdout=said)
    assert "0 failed" in said.getvalue()
    flow().on(StageChanged, fail, name="warehouse")
    capture()
    with pytest.raises(CommandError, match=r"notify:warehouse.*ZeroDivisionError"):
        call_command("tick", stdout=said)


def test_the_migrations_are_those_of_the_models() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_own_columns_find_leads_by_an_index(empty: str) -> None:
    if empty == "postgresql":
        pytest.skip("a table that is almost empty is read as a whole")
    mine = models.Lead.objects.filter(owner="anna", stage="mql").order_by("-score")
    assert "leads_of_owner" in mine.explain()
