"""examples/fastapi_app.py, spoken to as a browser, a rep and a mail program do."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from fastapi_app import create_app
from leadflow import field
from leadflow.decisions.commands import Record

SITE = "https://acme.example"
ANNA, BEN = ("anna", "a-word"), ("ben", "b-word")
TEAM = {"anna": ANNA, "ben": BEN}
ADA = {"email": "ada@big.example", "name": "Ada Lovelace", "company": "Big GmbH", "employees": "900"}


class Outbox:
    def __init__(self) -> None:
        self.sent: asyncio.Queue[Any] = asyncio.Queue()

    async def send(self, message: Any) -> None:
        self.sent.put_nowait(message)

    async def next(self) -> Any:
        return await asyncio.wait_for(self.sent.get(), 30)


@pytest.fixture
def database(tmp_path) -> str:
    return f"sqlite:///{tmp_path}/leads.db"


def app_on(database: str, mailer: Any = None) -> FastAPI:
    secret, passwords = b"sixteen bytes or more", dict([ANNA, BEN])
    return create_app(database, site=SITE, secret=secret, passwords=passwords, mailer=mailer, every=0.01)


@asynccontextmanager
async def browsing(app: FastAPI, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE, **more) as client:
        yield client


@asynccontextmanager
async def running(database: str, mailer: Any = None) -> AsyncIterator[tuple[Any, httpx.AsyncClient]]:
    """The flow of a running application, and a browser."""
    app = app_on(database, mailer)
    async with app.router.lifespan_context(app), browsing(app) as client:
        yield app.state.flow, client


async def interested(client: httpx.AsyncClient, **values: str) -> httpx.Response:
    """Somebody looks around, and fills in the form."""
    client.cookies.clear()
    assert (await client.get("/")).status_code == (await client.get("/pricing")).status_code == 200
    return await client.post("/contact", data=ADA | values)


@pytest.mark.parametrize("on", ["sqlite", "postgresql"])
def test_from_the_first_visit_to_accepted_and_rejected(on, database, request):
    url = database if on == "sqlite" else request.getfixturevalue("pg_dsn")

    async def story() -> None:
        async with running(url) as (flow, client):
            await client.get("/")
            assert "prospect (1)" in (await client.get("/board", auth=ANNA)).text
            assert (await client.get("/pricing")).status_code == 200
            assert (await client.post("/contact", data=ADA)).status_code == 202
            assert await flow.count() == 1  # whoever looked around is who wrote
            assert (await interested(client, email="bob@big.example", name="Bob King")).status_code == 202
            board = (await client.get("/board", auth=ANNA)).text
            assert "mql (2)" in board and "Ada Lovelace, " in board and "Bob King, " in board
            ada, bob = [await flow.first(field("email.address") == f"{name}@big.example") for name in ("ada", "bob")]
            assert {ada.owner, bob.owner} == {"anna", "ben"}
            hers, his = (ANNA, BEN) if ada.owner == "anna" else (BEN, ANNA)
            inbox = (await client.get("/inbox", auth=hers)).text
            assert "Ada Lovelace" in inbox and "60 points" in inbox and "Bob" not in inbox

            shown = (await client.get("/accounts/big.example", auth=ANNA)).text
            assert "2 leads" in shown and "decider (1 wanted): nobody" in shown and "Bob King" in shown
            assert (await client.get("/accounts/nobody.example", auth=ANNA)).status_code == 404
            await flow.correct(bob.id, {"job_title": "Einkäufer"}, by="anna")
            inbox = (await client.get("/inbox", auth=his)).text
            assert "win as buyer, <a href='/accounts/big.example'>" in inbox

            to_accept, rejected = f"/leads/{ada.id}/accept", {"reason": "no budget", "revisit": "2030-01-31"}
            assert (await client.post(to_accept, auth=his)).status_code == 404
            assert (await client.post(f"/leads/{ada.id}/reject", data=rejected, auth=his)).status_code == 404
            done = await client.post(to_accept, auth=hers)
            assert (done.status_code, done.headers["location"]) == (303, "/inbox")
            again = await client.post(to_accept, auth=hers)
            assert again.status_code == 409 and "sal" not in again.text
            to_reject = f"/leads/{bob.id}/reject"
            assert (await client.post(to_reject, data=rejected | {"revisit": "soon"}, auth=his)).status_code == 422
            assert (await client.post(to_reject, data=rejected, auth=his)).status_code == 303
            assert await flow.count(by="stage") == {"sal": 1, "lead": 1}
            assert "0 leads for" in (await client.get("/inbox", auth=hers)).text

    asyncio.run(story())


def test_an_inbox_has_as_many_pages_as_it_needs(database):
    async def story() -> None:
        async with running(database) as (flow, client):
            rows = [{"email": f"p{nr}@b{nr}.example", "name": f"Per N{nr}x", "employees": 900} for nr in range(44)]
            leads = [one.result().lead_id async for one in flow.capture_many(rows, source="fair")]
            assert all([one.error is None async for one in flow.record_many(Record(id, "page_viewed") for id in leads)])
            link: str | None = "/inbox"
            seen: list[str] = []
            while link:
                shown = (await client.get(link, auth=ANNA)).text
                seen += re.findall(r"N\d+x", shown)
                link = next(iter(re.findall(r"href='(/inbox[^']+)'", shown)), None)
            assert len(seen) == len(set(seen)) == 22
            assert (await client.get("/inbox?after=made-up", auth=ANNA)).status_code == 422

    asyncio.run(story())


def test_a_form_answers_the_same_whether_somebody_is_known_or_not(database):
    async def story() -> None:
        async with running(database) as (_, client):
            first = await interested(client, employees="many")
            known = await interested(client, employees="many", name="Eve Other")
            assert "employees" in first.text
            assert (known.status_code, known.text) == (first.status_code, first.text)

    asyncio.run(story())


def test_a_hostile_form_gets_nowhere(database):
    script = "<script>alert(1)</script>"
    more = {"owner": "ben", "verified": "true", "stage": "customer", "score.total": "99", "external_id": "crm:1"}

    async def story() -> None:
        async with running(database) as (flow, client):
            sent = await interested(client, name=script, company=f"'\"{script}", phone=script, employees=script, **more)
            assert sent.status_code == 202 and script not in sent.text
            assert not any(name in sent.text for name in more)  # what was not asked for goes no further
            lead = await flow.first()
            assert (lead.stage, lead.email.verified, lead.external_ids) == ("lead", False, ())
            for shown in ("/board", "/inbox"):
                assert "<script" not in (await client.get(shown, auth=ANNA)).text.lower()
            await interested(client, email="big@big.example", company=script, name=f"Cy {script}")
            owner = (await flow.first(field("stage") == "mql")).owner
            inbox = (await client.get("/inbox", auth=TEAM[owner])).text
            assert "1 leads" in inbox and "&lt;script" in inbox.lower() and "<script" not in inbox.lower()

            post = client.post
            assert (await post("/contact", data={"name": "Nobody"})).status_code == 202  # a known browser
            client.cookies.clear()
            refused = await post("/contact", data={"name": f"Nobody {script}"})
            assert refused.status_code == 422 and "Nobody" not in refused.text
            assert (await post("/contact", content=b"email=" + b"a" * 30_000)).status_code == 413
            assert (await post("/contact", content=b"\xff=1&email=%00")).status_code == 400
            assert (await post("/contact", content=b"&".join(b"a%d=1" % nr for nr in range(99)))).status_code == 400
            assert (await post("/contact", content=b"email=%00%ff%ED%A0%80&name=%0d%0aBcc:x")).status_code == 422
            assert await flow.count() == 2

    asyncio.run(story())


def test_a_visitor_is_known_by_the_cookie_that_was_given_and_by_no_other(database):
    async def story() -> None:
        async with running(database) as (flow, client):
            given = (await client.get("/")).headers["set-cookie"]
            assert all(word in given for word in ("HttpOnly", "Secure", "SameSite=lax"))
            client.cookies.clear()
            for made_up in ("c-1", "x" * 5000, "ä" * 43):
                header = {b"Cookie": f"visitor={made_up}".encode()}
                assert made_up not in (await client.get("/", headers=header)).headers["set-cookie"]
            assert await flow.count(field("stage") == "prospect") == 4

    asyncio.run(story())


def test_the_team_signs_in_and_no_other_site_does_it_for_them(database):
    async def story() -> None:
        async with running(database) as (flow, client):
            await interested(client)
            lead = await flow.first()
            rep = TEAM[lead.owner]
            for auth in (None, ("anna", ""), ("anna", "b-word"), ("nobody", ""), ("ännä", "ü")):
                for path in ("/board", "/inbox"):
                    assert (await client.get(path, auth=auth)).status_code == 401
                assert (await client.post(f"/leads/{lead.id}/accept", auth=auth)).status_code == 401
            for site in ("cross-site", "same-site"):
                headers = {"Sec-Fetch-Site": site}
                forged = await client.post(f"/leads/{lead.id}/accept", auth=rep, headers=headers)
                assert forged.status_code == 403
            assert (await flow.get(lead.id)).stage == "mql"
            for nobody in ("nobody", "%00", "x" * 3000, "%ff", "..%2f..%2f"):
                assert (await client.post(f"/leads/{nobody}/accept", auth=rep)).status_code in (404, 422)

    asyncio.run(story())


def test_one_click_unsubscribes_and_the_second_changes_nothing(database):
    async def story() -> None:
        outbox = Outbox()
        async with running(database, outbox) as (flow, client):
            await interested(client, employees="9", news="yes")
            message = await outbox.next()
            link = message.headers["List-Unsubscribe"].strip("<>")
            assert message.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            assert message.to == "ada@big.example" and link.startswith(f"{SITE}/unsubscribe?token=")
            lead_id = (await flow.first()).id

            async def allowed() -> str:
                return (await flow.get(lead_id)).consent("newsletter", "email").status

            button = await client.get(link)
            assert "<form method=post>" in button.text and await allowed() == "given"
            no_cookies = httpx.AsyncClient(transport=client._transport, base_url=SITE)
            one_click = {"List-Unsubscribe": "One-Click"}
            answers = [await no_cookies.post(link, data=one_click) for _ in range(2)]
            answers.append(await no_cookies.post(link, files={"List-Unsubscribe": (None, "One-Click")}))
            assert {one.status_code for one in answers} == {200} and len({one.text for one in answers}) == 1
            assert await allowed() == "withdrawn" and "Ada" not in answers[0].text
            for made_up in ("", "?token=", f"?token={link[-20:]}", "?token=%00.%ff"):
                assert (await no_cookies.post(f"/unsubscribe{made_up}")).status_code == 422

    asyncio.run(story())


def test_the_ticking_ends_with_the_application(database):
    async def story() -> None:
        before = asyncio.all_tasks()
        async with running(database):
            assert len(asyncio.all_tasks() - before) >= 1
        assert asyncio.all_tasks() == before

    asyncio.run(story())


def test_an_application_that_ends_in_the_middle_of_a_mail_sends_it_no_second_time(database):
    class Slow(Outbox):
        async def send(self, message: Any) -> None:
            await super().send(message)
            await asyncio.Event().wait()

    async def story() -> None:
        slow, outbox = Slow(), Outbox()
        async with running(database, slow) as (flow, client):
            await interested(client, employees="9", news="yes")
            await slow.next()
            lead_id = (await flow.first()).id
        async with running(database, outbox) as (flow, _):
            assert [one.fate for one in await flow.messages(lead_id)] == ["claimed"]
            flow.clock = lambda: datetime.now(UTC) + timedelta(days=1)  # by then its sender would have said something
            async with asyncio.timeout(60):  # the application ticks, too, and may be at it
                while [one.fate for one in await flow.messages(lead_id)] == ["claimed"]:
                    await flow.run_due()
            assert [one.fate for one in await flow.messages(lead_id)] == ["uncertain"]
        assert outbox.sent.empty() and slow.sent.empty()

    asyncio.run(story())


class Heard(logging.Handler):
    """What the application logs, as soon as it does."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: asyncio.Queue[str] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.put_nowait(record.getMessage())


def test_a_database_that_is_gone_for_a_while_is_a_503_and_ends_no_ticking(database, caplog):
    def rename(one: str, other: str) -> None:
        connection = sqlite3.connect(database.removeprefix("sqlite:///"), timeout=30)
        connection.execute(f"alter table {one} rename to {other}")
        connection.close()

    async def story() -> None:
        outbox, heard = Outbox(), Heard()
        logging.getLogger("acme").addHandler(heard)
        async with running(database, outbox) as (_, client):
            rename("leadflow_tasks", "away")
            refused = await client.post("/contact", data=ADA | {"employees": "9", "news": "yes"})
            assert refused.status_code == 503 and "leadflow" not in refused.text
            while not (await asyncio.wait_for(heard.lines.get(), 30)).startswith("tick: "):
                pass
            rename("away", "leadflow_tasks")
            assert (await interested(client, employees="9", news="yes")).status_code == 202
            assert (await outbox.next()).to == "ada@big.example"
        logging.getLogger("acme").removeHandler(heard)
        assert "ada@" not in caplog.text

    asyncio.run(story())


def test_the_team_decides_about_twins_side_by_side_and_can_undo_it(database):
    person = {"name": "Ada Lovelace", "company": "Acme <b> GmbH", "phone": "+49 30 901820"}

    async def decide(client: httpx.AsyncClient, shown: str, act: str, nth: int = 0, **more: Any) -> httpx.Response:
        form = re.findall(rf"action='/twins/{act}'>(.*?)</form>", shown, re.DOTALL)[nth]
        fields = dict(re.findall(r"name=(\w+) value='([^']*)'", form))
        return await client.post(f"/twins/{act}", data=fields, auth=ANNA, **more)

    async def look(client: httpx.AsyncClient, at: str = "/twins") -> str:
        return (await client.get(at, auth=ANNA)).text

    async def story() -> None:
        async with running(database) as (flow, client):
            for box in ("ada@acme.example", "ada@acme.test", "ada@mail.example"):
                await flow.capture(person | {"email": box}, source=f"fair {box[-9:]}")
            assert len(await flow.twins()) == 3
            shown = await look(client)
            assert "<svg" in shown and "ada@" in shown and "&lt;b&gt;" in shown
            assert "≠" in shown and "<b>" not in shown
            later = re.findall(r"href='(/twins\?after=[^']+)'>Later", shown)[0]
            second = await look(client, later)
            assert re.findall("value='([^']+)'", second) != re.findall("value='([^']+)'", shown)

            done = await decide(client, second, "merge", nth=1)
            assert done.status_code == 303 and await flow.count() == 2
            after = await look(client, done.headers["location"])
            assert "Undo the last merge" in after
            assert (await decide(client, after, "undo")).headers["location"] == later
            assert await flow.count() == 3
            assert (await decide(client, after, "undo")).status_code == 409
            assert (await decide(client, shown, "not-same")).headers["location"] == "/twins"
            assert len(await flow.twins()) == 2
            assert (await decide(client, shown, "merge")).status_code == 409  # somebody said that they are two
            explained = (await flow.explain((await flow.first()).id)).text()
            assert "anna" in explained
            assert (await client.get("/twins")).status_code == 401
            crossed = {"Sec-Fetch-Site": "cross-site"}
            assert (await decide(client, second, "merge", headers=crossed)).status_code == 403

    asyncio.run(story())
