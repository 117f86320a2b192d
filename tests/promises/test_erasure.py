"""Nothing of an erased person is left in any column, and nothing that comes in again makes the person anew."""

from __future__ import annotations

from hashlib import sha256

import pytest
import sqlalchemy as sa

from acme import ADA, acme_flow, consistent
from leadflow import LeadErased, NotFound, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.adapters.sql.tables import metadata
from leadflow.entities import Actor, Consent, ExternalId
from leadflow.errors import IdempotencyConflict, Rejected, Uncertain
from leadflow.scoring import ScoringModel, points

CANARY = "canary7f3a"


def stored(storage) -> str:
    """Everything that is stored, as text: every column of every table that the schema has, or every attribute."""
    if isinstance(storage, MemoryStorage):
        return repr(vars(storage)).casefold()
    with storage.engine.connect() as connection:
        schema = sa.MetaData()
        schema.reflect(connection)
        assert set(metadata.tables) <= set(schema.tables)
        rows = [tuple(row) for table in schema.tables.values() for row in connection.execute(sa.select(table))]
    return repr(rows).casefold()


def typed(who: str) -> dict:
    return ADA | {
        "email": f"{CANARY}.{who}@{CANARY}-{who}.example",
        "emails": f"{CANARY}.{who}.2@gmail.com",
        "first_name": f"First {CANARY} {who}",
        "last_name": f"Last {CANARY} {who}",
        "company": f"Company {CANARY} {who}",
        "street": f"{CANARY} street {who}",
        "city": f"City {CANARY}",
        "job_title": f"Director of {CANARY}",
        "linkedin": f"https://www.linkedin.com/in/{CANARY}{who}",
        "note": f"Note {CANARY}",
        f"unknown_{CANARY}": f"value {CANARY}",
        "utm_campaign": f"campaign {CANARY}",
    }


def said_yes(clock, who: str) -> Consent:
    return Consent(purpose="newsletter", channel="email", status="given", at=clock(), proof=f"form {CANARY} {who}")


def lived(flow, clock, outbox, who: str) -> str:
    """A lead with a canary in every string that comes in."""
    flow.visit(f"cookie {CANARY} {who}", "page_viewed", id=f"{CANARY} p", source=CANARY, properties={CANARY: CANARY})
    lead_id = flow.capture(
        typed(who),
        source=f"source {CANARY}",
        visitor=f"cookie {CANARY} {who}",
        external_id=ExternalId(system=f"crm {CANARY}", id=f"{CANARY} {who}"),
        consents=[said_yes(clock, who)],
        id=f"submission {CANARY} {who}",
        key=f"{CANARY} {who}@a.example",
    ).lead_id
    flow.record(lead_id, "demo_requested", id=f"demo {CANARY}", properties={"said": CANARY}, key=f"demo {CANARY} {who}")
    flow.record(lead_id, f"odd_{CANARY}", key=f"odd {CANARY} {who}")
    flow.correct(lead_id, {"need": f"need {CANARY}"}, by="anna", key=f"correct {CANARY} {who}")
    flow.adjust(lead_id, 5, reason=f"because {CANARY}", by="anna", id=f"hand {CANARY}", key=f"adjust {CANARY} {who}")
    flow.consent(lead_id, "offers", "phone", proof=f"call {CANARY}", key=f"consent {CANARY} {who}")
    clock.advance(days=1)
    outbox.failures = [Uncertain(f"550 <{CANARY}@a.example> maybe")]
    flow.run_due()
    flow.accept(lead_id, by="anna", key=f"accept {CANARY} {who}")
    flow.confirm(lead_id, by="anna")
    flow.open_deal(lead_id, f"deal {CANARY}", by="anna", name=f"Deal {CANARY}", amount=1)
    flow.disqualify(lead_id, by="anna", reason=f"reason {CANARY}", key=f"out {CANARY} {who}")
    return lead_id


@pytest.mark.parametrize("by_whom", ["a rep", "the person"])
def test_nothing_of_the_erased_is_left_in_any_column(flow, storage, clock, outbox, by_whom):
    lead_id = lived(flow, clock, outbox, "vera")
    assert CANARY in stored(storage)
    by = "anna" if by_whom == "a rep" else Actor(kind="person", id=f"{CANARY}@a.example")
    flow.erase(lead_id, by=by, key=f"erase {CANARY}")
    assert CANARY not in stored(storage)
    flow.run_due()
    assert CANARY not in stored(storage)
    assert [type(fact) for fact in storage.facts(lead_id)] == [LeadErased]
    assert flow.recount() == ()


def test_nothing_of_the_erased_is_left_in_sqlites_file(tmp_path, clock, outbox):
    storage = SqlStorage(f"sqlite:///{tmp_path}/erased.db").migrate()
    flow = acme_flow(storage, clock, outbox)
    flow.erase(lived(flow, clock, outbox, "vera"), by="anna")
    clock.advance(minutes=1)
    flow.run_due()
    assert CANARY.encode() not in b"".join(file.read_bytes() for file in tmp_path.glob("erased.db*"))
    storage.close()


@pytest.mark.parametrize("rejected", [True, False])
def test_what_a_mail_server_said_goes_with_the_lead(flow, storage, clock, outbox, rejected):
    lead_id = flow.capture(ADA, source="web", consents=[said_yes(clock, "ada")]).lead_id
    clock.advance(days=1)
    outbox.failures = [Rejected(f"550 {CANARY}") if rejected else RuntimeError(f"boom {CANARY}")]
    flow.run_due()
    assert CANARY in stored(storage)
    flow.erase(lead_id, by="anna")
    flow.run_due()
    assert CANARY not in stored(storage)


# -------------------------------------------------------------------------------------------------- held submissions
def pair(flow, clock) -> tuple[str, str]:
    bob = flow.capture({"email": "bob@x.example"}, source="crm", external_id=ExternalId(system="crm", id="7")).lead_id
    eve = flow.capture({"email": "eve@y.example"}, source="web").lead_id
    gone = said_yes(clock, "eve").but(status="withdrawn", address=f"{CANARY}@z.example")
    held = {
        "email": "eve@y.example",
        "first_name": CANARY,
        "phone": "+49 30 901820",
        "note": f"my number is {CANARY}",
        f"odd {CANARY}": "x",
    }
    answer = flow.capture(
        held, source=f"web {CANARY}", external_id=ExternalId(system="crm", id="7"), visitor=f"cookie {CANARY}",
        consents=[gone], id=f"id {CANARY}", key=f"held {CANARY}",
    )  # fmt: skip
    assert answer.outcome == "unsure"
    return bob, eve


@pytest.mark.parametrize("first", [0, 1])
def test_a_held_submission_goes_with_whichever_of_the_two_is_erased_first(flow, storage, clock, first):
    two = pair(flow, clock)
    for lead_id in two:
        (held,) = flow.held(lead_id)
        assert held.submission["note"] == f"my number is {CANARY}"  # nothing readable is lost
        assert (held.submission_id, held.visitor, set(held.leads)) == (f"id {CANARY}", f"cookie {CANARY}", {*two})
        assert CANARY not in repr(list(flow.history(lead_id))), "facts name other leads by id only"
        assert CANARY not in repr(flow.get(lead_id))
    flow.erase(two[first], by="anna")
    left = two[1 - first]
    assert flow.held(left) == []
    flow.run_due()
    assert CANARY not in stored(storage), "the answer that is kept under its key included"
    flow.erase(left, by="anna")
    flow.run_due()
    assert CANARY not in stored(storage)


def test_an_export_has_what_is_held_of_a_lead(flow, clock):
    for lead_id in pair(flow, clock):
        (held,) = (part["held"] for part in flow.export(lead_id) if "held" in part)
        assert held["submission"]["note"] == f"my number is {CANARY}"
        assert held["visitor"] == f"cookie {CANARY}"


def test_the_answer_of_a_held_submission_has_its_findings_each_time(flow):
    flow.capture({"email": "bob@x.example"}, source="crm", external_id=ExternalId(system="crm", id="7"))
    flow.capture({"email": "eve@y.example"}, source="web")
    answers = [
        flow.capture(
            {"email": "eve@y.example", "phone": "call me"},
            source="web",
            external_id=ExternalId(system="crm", id="7"),
            key="k",
        )
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert answers[0].findings and answers[0].findings == answers[0].public.findings


def test_a_held_submission_that_comes_again_is_held_once(flow, clock):
    bob, eve = pair(flow, clock)
    again = {"email": "eve@y.example", "first_name": "Zoe"}
    for _ in range(2):
        flow.capture(again, source="web", external_id=ExternalId(system="crm", id="7"))
    assert len(flow.held(bob)) == len(flow.held(eve)) == 2
    flow.erase(eve, by="anna")
    assert flow.capture(again, source="web", external_id=ExternalId(system="crm", id="7")).repeated
    assert [lead.id for lead in flow.leads()] == [bob]


# ---------------------------------------------------------------------------------------------------- what comes again
@pytest.mark.parametrize("key", ["vera@a.example", None])
def test_a_submission_that_comes_again_after_the_erasure_makes_nobody(flow, storage, clock, outbox, key):
    lead_id = flow.capture(ADA, source="web", key=key).lead_id
    flow.erase(lead_id, by="anna")
    other_process = acme_flow(storage, clock, outbox, secrets=(b"a newer secret of 16 bytes", *flow.policy.secrets))
    for again in (flow, other_process):
        answer = again.capture(ADA, source="web", key=key)
        assert (answer.lead_id, answer.erased, answer.repeated) == (lead_id, True, True)
    assert list(flow.leads()) == []
    assert "vera@a.example" not in stored(storage)
    genuinely_new = flow.capture(ADA | {"note": "it is me again"}, source="web")
    assert genuinely_new.lead_id != lead_id
    assert not genuinely_new.erased
    if key is not None:
        with pytest.raises(IdempotencyConflict):
            flow.capture(ADA | {"note": "something else"}, source="web", key=key)


def test_every_command_with_a_key_answers_empty_after_the_erasure(flow, clock, outbox):
    lead_id = lived(flow, clock, outbox, "vera")
    flow.erase(lead_id, by="anna", key="erase")
    answers = [
        flow.record(
            lead_id, "demo_requested", id=f"demo {CANARY}", properties={"said": CANARY}, key=f"demo {CANARY} vera"
        ),
        flow.correct(lead_id, {"need": f"need {CANARY}"}, by="anna", key=f"correct {CANARY} vera"),
        flow.adjust(
            lead_id, 5, reason=f"because {CANARY}", by="anna", id=f"hand {CANARY}", key=f"adjust {CANARY} vera"
        ),
        flow.accept(lead_id, by="anna", key=f"accept {CANARY} vera"),
    ]
    assert all(answer.erased and answer.lead_id == lead_id for answer in answers)
    assert CANARY not in repr(answers)
    assert flow.erase(lead_id, by="anna", key="erase").stage == "erased"
    with pytest.raises(NotFound):
        flow.record(lead_id, "page_viewed")
    assert list(flow.leads()) == []


def test_one_submission_to_two_processes_is_one_whatever_their_secrets(storage, clock, outbox):
    flows = [
        acme_flow(storage, clock, outbox, secrets=s)
        for s in ((b"the old secret, 16 bytes",), (b"x" * 16, b"the old secret, 16 bytes"))
    ]
    first = flows[0].capture(ADA, source="web", key="one")
    assert flows[1].capture(ADA, source="web", key="one") == first
    assert flows[1].capture(ADA, source="web").repeated
    consistent(flows[0])


# ------------------------------------------------------------------------------------------------- in odd circumstances
def test_a_prospect_that_was_absorbed_goes_with_its_lead(flow, storage):
    lead_id = flow.capture({"email": "ada@acme.example"}, source="web").lead_id
    flow.visit(f"cookie {CANARY}", "page_viewed", id=CANARY, key=f"visit {CANARY}")
    flow.identify(f"cookie {CANARY}", {"email": "ada@acme.example", "note": "x"}, source="web")
    assert flow.get(lead_id).absorbed
    flow.erase(lead_id, by="anna")
    assert CANARY not in stored(storage)


def test_a_task_that_is_being_done_brings_nothing_back(flow, storage, clock, outbox):
    lead_id = flow.capture(ADA | {"note": CANARY}, source="web", consents=[said_yes(clock, "ada")]).lead_id
    clock.advance(days=1)

    class Erasing:
        def send(self, message):
            flow.erase(lead_id, by="anna")

    acme_flow(storage, clock, Erasing()).run_due()
    flow.run_due()
    assert CANARY not in stored(storage)
    assert list(flow.leads()) == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_both_of_two_twins_can_be_erased(flow, storage, clock, order):
    ids = [
        flow.capture(ADA | {"email": f"{CANARY}{n}@acme.example", "note": CANARY}, source="web").lead_id for n in "ab"
    ]
    assert flow.get(ids[1]).twins
    for place in order:
        flow.erase(ids[place], by="anna")
        with pytest.raises(NotFound):
            flow.erase(ids[place], by="anna")
    flow.run_due()
    assert CANARY not in stored(storage)


def test_an_erasure_is_whole_or_not_at_all(flow, storage, clock, outbox, monkeypatch):
    lead_id = lived(flow, clock, outbox, "vera")
    before = stored(storage)
    with monkeypatch.context() as broken:

        def dies(change):
            raise SystemExit

        broken.setattr(storage, "save", dies)
        with pytest.raises(SystemExit):
            flow.erase(lead_id, by="anna")
    assert stored(storage) == before
    flow.erase(lead_id, by="anna")
    assert CANARY not in stored(storage)


def test_an_error_that_quotes_the_erased_is_not_kept(flow, storage, clock):
    def tells_the_crm(fact):
        raise RuntimeError(f"no such contact: {CANARY}@a.example")

    flow.on(LeadErased, tells_the_crm, name="crm")
    lead_id = flow.capture(ADA, source="web").lead_id
    flow.erase(lead_id, by="anna")
    assert CANARY in repr(flow.run_due().failed)  # whoever ticks hears it
    assert [task.error for task in storage.tasks(lead_id=lead_id)] == ["RuntimeError"]
    assert CANARY not in stored(storage)


# ------------------------------------------------------------------------------------------------------------- accounts
ACCOUNTS = ScoringModel(name="accounts", fit=[points(15, field("account.leads") >= 2, because="more than one of them")])


@pytest.mark.parametrize("colleague", [True, False])
def test_an_account_is_named_no_more_when_nobody_is_left_at_it(storage, clock, colleague):
    flow = acme_flow(storage, clock, scoring=ACCOUNTS, qualification=None)
    ada = flow.capture(ADA, source="web").lead_id
    bob = flow.capture({"email": "bob@acme.example"}, source="web").lead_id if colleague else None
    digest = sha256(flow.get(ada).account.encode()).hexdigest()[:32]
    flow.run_due()
    assert digest in stored(storage)
    assert bob is None or flow.get(bob).score.fit == 15
    flow.erase(ada, by="anna")
    assert (digest in stored(storage)) == colleague
    flow.run_due()
    if bob is not None:
        assert flow.get(bob).score.fit == 0  # it was looked at again


# ----------------------------------------------------------------------------------------------- what others have typed
def test_an_address_that_a_stranger_typed_stays_on_the_strangers_lead_and_is_nobodys(flow, storage, clock, outbox):
    evil = flow.capture(
        {"email": "m@evil.example", "emails": "vera@a.example"}, source="web", consents=[said_yes(clock, "m")]
    ).lead_id
    vera = flow.capture({"email": "vera@a.example"}, source="web", verified=True).lead_id
    assert [twin.lead_id for twin in flow.get(vera).twins] == [evil]  # where to look before the erasure
    flow.erase(vera, by="anna")
    assert storage.holders(["email:vera@a.example"]) == {}
    assert [email.claimed for email in flow.get(evil).emails] == [True, False]
    for _ in range(6):
        clock.advance(days=1)
        flow.run_due()
    assert {mail.to for mail in outbox.sent} == {"m@evil.example"}
    flow.capture({"email": "m@evil.example", "emails": "vera@a.example", "note": "again"}, source="web")
    assert storage.holders(["email:vera@a.example"]) == {}
    flow.erase(evil, by="anna")
    flow.run_due()
    assert "vera@a.example" not in stored(storage)


# ------------------------------------------------------------------------------------------------ merged for a time
def apart_again(flow, clock) -> dict[str, str]:
    """Two people who were one lead for a time; each has a word of their own in all that came from them."""
    who = {name: flow.capture(of_one(name), source=f"{name} fair", visitor=f"{name} v").lead_id for name in PEOPLE}
    flow.merge(who[VERA], who[OTTO], by=EVE)
    clock.advance(hours=1)
    for name in PEOPLE:
        typed_in = of_one(name) | {"interests": f"{name} pumps", "job_title": f"{name} cto"}
        yes = said_yes(clock, name).but(purpose=f"{name} news")
        flow.capture(typed_in, source=f"{name} web", consents=[yes])
        flow.record(who[name], "page_viewed", id=str(len(name)), properties={"on": f"{name} page"})
        flow.consent(who[name], f"{name} offers", "email", proof=f"{name} box")
    flow.consent(who[VERA], "newsletter", "email", status="withdrawn", proof="letter")
    flow.unmerge(who[VERA], who[OTTO], by=EVE)
    return who


def of_one(name: str) -> dict:
    return {"email": f"{name}@{name}.example", "phone": "+49 30 90182" + str(len(name)), "note": f"{name} note"}


VERA, OTTO, EVE = "verax7", "otto7f3a", Actor(kind="marketing", id="eve")
PEOPLE = (VERA, OTTO)


@pytest.mark.parametrize(("gone", "stays"), [(OTTO, VERA), (VERA, OTTO)])
def test_nothing_of_who_was_merged_for_a_time_is_left_with_the_other(flow, storage, clock, gone, stays):
    who = apart_again(flow, clock)
    for mine, other in ((gone, stays), (stays, gone)):
        exported = repr(list(flow.export(who[mine]))).casefold()
        assert f"{mine} pumps" in exported
        assert f"{mine} page" in exported
        assert other not in exported
    before = flow.get(who[stays])
    flow.erase(who[gone], by="anna")
    flow.run_due()
    assert gone not in stored(storage)
    assert flow.get(who[stays]) == before
    assert stays in repr(list(flow.export(who[stays])))
    consistent(flow)


def test_who_is_merged_again_is_exported_in_whole(flow, clock):
    who = apart_again(flow, clock)
    flow.merge(who[VERA], who[OTTO], by=EVE)
    exported = repr(list(flow.export(who[OTTO]))).casefold()
    assert all(f"{name} web" in exported and f"{name} page" in exported for name in PEOPLE)
