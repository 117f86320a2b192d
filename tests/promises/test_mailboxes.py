"""Permission is a matter of the mailbox: what it has refused holds for every lead and spelling that reaches it."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from acme import CONTENTS, WELCOME, acme_flow, consistent
from leadflow import Consent, InvalidInput, LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.decisions.commands.suppression import contact_point_at
from leadflow.decisions.suppression import suppressions
from leadflow.entities import Actor
from leadflow.errors import Deferred, MailRefused, Rejected, Stale
from leadflow.events import Change, MessageClaimed, MessageSkipped
from leadflow.nurturing import Content, Sequence, Step, mailboxes, unsubscribe_token

SECRET, NEWER = b"a secret of 16 bytes or more", b"a newer secret of 16 bytes or so"
PERSON = "vera.meyer@gmail.com"
SPELLINGS = ("v.e.r.a.meyer+x@googlemail.com", "VeraMeyer@GMAIL.com", "verameyer+shop@gmail.com")
OFFERS = Sequence("offers", [Step(timedelta(days=1), "case")], purpose="offers")


def subscribes(flow: LeadFlow, address: str, purpose: str = "newsletter", **more) -> str:
    lead_id = flow.capture({"email": address}, source="web", id=f"{address} {more}", **more).lead_id
    flow.consent(lead_id, purpose, "email", proof="a form")
    return lead_id


def unsubscribes(flow: LeadFlow, lead_id: str, purpose: str = "newsletter") -> None:
    flow.unsubscribe(unsubscribe_token(lead_id, purpose, "email", SECRET))


def yes(clock, purpose: str = "newsletter") -> Consent:
    return Consent(purpose=purpose, channel="email", status="given", at=clock(), proof="double opt-in")


def mailed(flow: LeadFlow, clock, outbox) -> list[str]:
    """Let a day pass and everything be done; return where mails went."""
    before = len(outbox.sent)
    clock.advance(days=1)
    flow.run_due()
    consistent(flow)
    return [message.to for message in outbox.sent[before:]]


@pytest.mark.parametrize("other", SPELLINGS)
@pytest.mark.parametrize("agreed_before", [True, False])
def test_a_withdrawal_holds_for_every_spelling(flow, clock, outbox, other, agreed_before):
    vera = subscribes(flow, PERSON)
    if agreed_before:
        subscribes(flow, other)
    unsubscribes(flow, vera)
    if not agreed_before:
        clock.advance(hours=1)
        subscribes(flow, other)
    assert mailed(flow, clock, outbox) == []
    assert "consent was withdrawn" in str(flow.suppressed(other)[0])


ONE_MAILBOX = [
    ("jo\u0308rg@mu\u0308ller.example", "JÖRG@müller.example"), ("ada@xn--mller-kva.example", "ada@MÜLLER.example"),
    ("a.b+c@outlook.com", "A.B@outlook.com"), ("ab+c@icloud.com", "ab@icloud.com"),
    ("ab+c@fastmail.com", "ab@fastmail.com"), ("ab+c@proton.me", "ab@proton.me"),
]  # fmt: skip
TWO_MAILBOXES = [
    ("ab+c@acme.example", "ab@acme.example"),  # where plus is a letter like any other
    ("a.b@outlook.com", "ab@outlook.com"), ("ab@outlook.com", "ab@hotmail.com"),
    ("ab@gmail.com", "ab@gmail.example"), ("a.b@acme.example", "ab@acme.example"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "is_one"), [*((*two, True) for two in ONE_MAILBOX), *((*two, False) for two in TWO_MAILBOXES)]
)
def test_spellings_are_one_mailbox_where_the_provider_says_so_and_nowhere_else(one, other, is_one):
    flow = LeadFlow(MemoryStorage())
    flow.suppress(one, by="anna", reason="a letter")
    assert bool(flow.suppressed(other)) is is_one


def test_a_withdrawal_holds_for_its_purpose_alone(storage, clock, outbox):
    flow = acme_flow(storage, clock, outbox, sequences=[WELCOME, OFFERS])
    vera, twin = subscribes(flow, PERSON), subscribes(flow, SPELLINGS[0])
    for one in (vera, twin):
        flow.consent(one, "offers", "email", proof="a form")
    unsubscribes(flow, vera)
    assert {message.id.split(".")[1] for message in sent_by(flow, clock, outbox)} == {"offers"}
    assert len(outbox.sent) == 2


def sent_by(flow, clock, outbox):
    mailed(flow, clock, outbox)
    return outbox.sent


# ------------------------------------------------------------------------------------------------ bounces, complaints
def test_a_mailbox_that_refused_mail_gets_none_for_any_lead_or_purpose(storage, clock, outbox):
    flow = acme_flow(storage, clock, outbox, sequences=[WELCOME, OFFERS])
    vera = subscribes(flow, PERSON)
    outbox.failures = [Rejected("550 5.1.1 no such user: vera.meyer@gmail.com")]
    assert mailed(flow, clock, outbox) == []
    flow.consent(vera, "offers", "email", proof="a form")  # the next sequence
    subscribes(flow, SPELLINGS[0])
    assert mailed(flow, clock, outbox) == []
    (ban,) = flow.suppressed(PERSON)
    assert (ban.purpose, ban.why) == (None, "bounce")
    assert "vera" not in ban.model_dump_json()


def test_a_refused_mail_closes_no_mailbox(flow, clock, outbox):
    subscribes(flow, PERSON)
    outbox.failures = [MailRefused("554 5.7.1 your server is on a list")]
    mailed(flow, clock, outbox)
    assert flow.suppressed(PERSON) == ()
    subscribes(flow, SPELLINGS[0])
    assert len(mailed(flow, clock, outbox)) == 1


def test_a_deferred_mail_closes_no_mailbox(flow, clock, outbox):
    subscribes(flow, PERSON)
    outbox.failures = [Deferred("451 later")]
    mailed(flow, clock, outbox)
    assert flow.suppressed(PERSON) == ()


def test_a_complaint_holds_for_all_purposes_leads_and_later_addresses(storage, clock, outbox):
    flow = acme_flow(storage, clock, outbox, sequences=[WELCOME, OFFERS])
    vera = subscribes(flow, PERSON)
    twin = subscribes(flow, SPELLINGS[0], "offers")
    flow.complain(vera, proof="feedback loop, 2026-03-02")
    flow.correct(vera, {"email": "vera@new.example"}, by="anna")
    assert mailed(flow, clock, outbox) == []
    assert [ban.why for ban in flow.suppressed(PERSON)] == ["complaint"]
    assert "a complaint" in str(flow.explain(twin))
    assert flow.get(vera).consented == ()


def test_a_complaint_outlives_a_browser_that_moves(flow, clock, outbox):
    vera = subscribes(flow, PERSON, visitor="browser")
    flow.complain(vera, proof="feedback loop")
    flow.visit("other", "page_viewed")
    subscribes(flow, SPELLINGS[0], visitor="browser")
    flow.capture({"email": PERSON}, source="web", visitor="other", consents=yes(clock))
    assert mailed(flow, clock, outbox) == []


# ------------------------------------------------------------------------------------------------------- opened again
def test_a_later_yes_on_the_same_lead_takes_its_own_withdrawal_back(flow, clock, outbox):
    vera, twin = subscribes(flow, PERSON), subscribes(flow, SPELLINGS[0])
    unsubscribes(flow, vera)
    clock.advance(hours=1)
    flow.consent(vera, "newsletter", "email", proof="a new form")
    assert "suppressed" not in str(flow.explain(vera))
    assert "suppressed" in str(flow.explain(twin))  # nobody has proven to be the person: it counts for the lead alone


@pytest.mark.parametrize("closed_by", ["withdrawal", "complaint", "bounce", "hand", "erasure"])
def test_a_verified_yes_opens_whatever_closed_the_mailbox(flow, clock, outbox, closed_by):
    vera = subscribes(flow, PERSON)
    match closed_by:
        case "withdrawal":
            unsubscribes(flow, vera)
        case "complaint":
            flow.complain(vera, proof="feedback loop")
        case "erasure":
            flow.erase(vera, by="anna")
        case why:
            flow.suppress(PERSON, by="anna", reason="so", why=why)
    clock.advance(hours=1)
    typed = flow.capture({"email": PERSON}, source="web", consents=yes(clock), id="typed").lead_id
    assert mailed(flow, clock, outbox) == []
    clock.advance(hours=1)
    proven = flow.capture({"email": PERSON}, source="portal", verified=True, consents=yes(clock), id="x").lead_id
    assert proven == typed
    assert [ban.lifted[0].purpose for ban in _all_bans(flow, PERSON)] == ["newsletter"]
    assert "may not be sent" not in str(flow.explain(proven))


def _all_bans(flow, address):
    point = contact_point_at(address, None)
    listed = flow._do(flow._runner.asked(suppressions([point])))
    return [ban for key in listed.place(point) for ban in listed._bans.get(key, ())]


def test_a_verified_yes_opens_for_its_purpose_alone(flow, clock):
    flow.suppress(PERSON, by="anna", reason="a letter")
    clock.advance(hours=1)
    flow.capture({"email": PERSON}, source="portal", verified=True, consents=yes(clock))
    assert flow.suppressed(PERSON, "newsletter") == ()
    assert flow.suppressed(PERSON, "offers")
    assert flow.suppressed(PERSON)


def test_an_old_yes_that_comes_late_opens_nothing(flow, clock, outbox):
    old = yes(clock)
    clock.advance(hours=1)
    flow.suppress(PERSON, by="anna", reason="a letter")
    clock.advance(hours=1)
    flow.capture({"email": PERSON}, source="portal", verified=True, consents=old)
    assert mailed(flow, clock, outbox) == []


def test_an_import_opens_nothing(flow, clock, outbox):
    flow.suppress(PERSON, by="anna", reason="a letter")
    clock.advance(hours=1)
    imported = yes(clock).but(origin="import")
    flow.capture({"email": PERSON}, source="crm", verified=True, consents=imported)
    assert mailed(flow, clock, outbox) == []


def test_at_a_shared_mailbox_a_yes_opens_its_own_lead_alone(flow, clock, outbox):
    leads = [
        flow.capture({"email": "info@acme.example", "name": name}, source="web", verified=True).lead_id
        for name in ("Ada Lovelace", "Ben Stone", "Cleo Finch")
    ]
    for one in leads[1:]:
        flow.consent(one, "newsletter", "email", proof="a form")
    flow.suppress("info@acme.example", by="anna", reason="a letter")
    clock.advance(hours=1)
    flow.consent(leads[0], "newsletter", "email", proof="a form")
    clock.advance(days=1)
    flow.run_due()
    assert {message.id.split(".")[0] for message in outbox.sent} == {leads[0]}
    assert flow.suppressed("info@acme.example")


def test_unsuppressing_opens_the_mailbox_and_no_lead_that_has_withdrawn(flow, clock, outbox):
    vera, twin = subscribes(flow, PERSON), subscribes(flow, SPELLINGS[0])
    unsubscribes(flow, vera)
    assert flow.unsuppress(SPELLINGS[1], by="anna", proof="letter 7 of 2026-03-02") == ()
    assert mailed(flow, clock, outbox) == [flow.get(twin).email.address]
    (ban,) = _all_bans(flow, PERSON)
    assert (ban.lifted[0].proof, ban.lifted[0].by) == ("letter 7 of 2026-03-02", "rep anna")


# ------------------------------------------------------------------------------------------------------------ by hand
def test_suppressing_in_the_middle_of_a_sequence_ends_it_with_the_reason(flow, clock, outbox):
    vera = subscribes(flow, PERSON)
    assert mailed(flow, clock, outbox) == [PERSON]
    flow.suppress(SPELLINGS[0], by="anna", reason="called us")
    assert mailed(flow, clock, outbox) == []
    clock.advance(days=2)
    flow.run_due()
    (enrolment,) = flow.get(vera).enrolments
    assert "suppressed since 2026-03-03: by rep anna, called us" in enrolment.ended
    assert [fact.reasons[0] for fact in flow.history(vera) if isinstance(fact, MessageSkipped)] == [enrolment.ended]


def test_suppressing_twice_changes_nothing_and_a_lifted_ban_can_come_again(flow, clock):
    first = flow.suppress(PERSON, by="anna", reason="called us")
    clock.advance(hours=1)
    assert flow.suppress(PERSON, by="ben", reason="again") == first == flow.suppressed(PERSON)
    flow.unsuppress(PERSON, by="anna", proof="a letter")
    flow.unsuppress(PERSON, by="anna", proof="a letter")
    clock.advance(hours=1)
    assert flow.suppress(PERSON, by="ben", reason="again")[0].since == clock()


@pytest.mark.parametrize("address", ["", "   ", "vera", "vera@", "a@b.de, c@d.de", "12", 7, None])
def test_what_is_no_address_is_refused(flow, address):
    for command in (flow.suppressed, lambda one: flow.suppress(one, by="anna", reason="so")):
        with pytest.raises(InvalidInput, match="address"):
            command(address)


def test_a_phone_number_is_suppressed_however_it_is_written(storage, clock, outbox):
    calls = Sequence("calls", [Step(timedelta(days=1), "call")], channel="phone", purpose="sales")
    call = Content("call", "", "Ask for needs", channel="phone")
    flow = acme_flow(storage, clock, outbox, sequences=[calls], contents=[*CONTENTS, call])
    lead_id = flow.capture({"email": PERSON, "phone": "030 901820"}, source="fair").lead_id
    flow.consent(lead_id, "sales", "phone", proof="said so")
    flow.suppress("+49 30 901820", by="anna", reason="called us")
    mailed(flow, clock, outbox)
    assert "suppressed" in flow.get(lead_id).enrolments[0].ended


# ------------------------------------------------------------------------------------------- never refused, never lost
def test_unsubscribing_works_whatever_became_of_the_lead(flow, clock, outbox):
    vera = subscribes(flow, PERSON)
    mailed(flow, clock, outbox)
    link = outbox.sent[0].headers["List-Unsubscribe"]
    token = link.partition("?t=")[2].rstrip(">")
    flow.erase(vera, by="anna")
    clock.advance(hours=1)
    again = flow.capture({"email": PERSON}, source="portal", verified=True, consents=yes(clock)).lead_id
    assert flow.suppressed(PERSON, "newsletter") == ()
    for _ in range(2):  # a mail of years ago
        assert flow.unsubscribe(token).stage == "erased"
    assert [ban.why for ban in flow.suppressed(PERSON, "newsletter")] == ["withdrawal"]
    assert mailed(flow, clock, outbox) == []
    assert "suppressed" in str(flow.explain(again))


def test_unsubscribing_closes_where_the_mail_went_also_when_the_lead_has_moved(flow, clock, outbox):
    vera = subscribes(flow, PERSON)
    mailed(flow, clock, outbox)
    token = outbox.sent[0].headers["List-Unsubscribe"].partition("?t=")[2].rstrip(">")
    flow.correct(vera, {"email": "vera@new.example"}, by="anna")
    subscribes(flow, SPELLINGS[0])
    flow.unsubscribe(token)
    assert flow.suppressed(PERSON, "newsletter")
    assert flow.suppressed("vera@new.example", "newsletter")
    assert mailed(flow, clock, outbox) == []


def test_unsubscribing_again_closes_again(flow, clock, outbox):
    vera, twin = subscribes(flow, PERSON), subscribes(flow, SPELLINGS[0])
    unsubscribes(flow, vera)
    flow.unsuppress(PERSON, by="anna", proof="a letter")
    clock.advance(hours=1)
    unsubscribes(flow, vera)
    assert mailed(flow, clock, outbox) == []
    assert "suppressed" in str(flow.explain(twin))


def test_a_lead_without_any_address_can_withdraw(flow, clock):
    lead_id = flow.capture({"name": "Ada Lovelace", "city": "Kiel", "postcode": "24103"}, source="letter").lead_id
    flow.consent(lead_id, "newsletter", "letter", proof="a card")
    flow.consent(lead_id, "newsletter", "letter", status="withdrawn", proof="a card")
    flow.consent(lead_id, "newsletter", "email", status="withdrawn", proof="a card")
    assert flow.get(lead_id).consented == ()


def test_an_address_that_another_lead_has_claimed_is_not_closed_with_who_typed_it(flow, clock, outbox):
    stranger = flow.capture({"email": "m@evil.example", "emails": [PERSON]}, source="web").lead_id
    subscribes(flow, PERSON, verified=True)
    flow.consent(stranger, "newsletter", "email", status="withdrawn", proof="a form")
    flow.erase(stranger, by="anna")
    assert mailed(flow, clock, outbox) == [PERSON]


def test_a_suppression_outlives_secrets_and_rules_that_change(storage, clock, monkeypatch):
    bare = acme_flow(storage, clock, secrets=(), sequences=[], unsubscribe_url=None)
    bare.suppress("bare@gmail.com", by="anna", reason="so")
    acme_flow(storage, clock, secrets=(SECRET,)).suppress("first@gmail.com", by="anna", reason="so")
    rotated = acme_flow(storage, clock, secrets=(NEWER, SECRET))
    rotated.suppress("newer@gmail.com", by="anna", reason="so")

    def second(point):
        return f"second {point.value}"

    monkeypatch.setattr(mailboxes, "RULES", {**mailboxes.RULES, 2: second})
    rotated.suppress("later@gmail.com", by="anna", reason="so")
    for name in ("bare", "first", "newer", "later"):
        assert rotated.suppressed(f"{name}@gmail.com"), name
    assert rotated.suppressed("n.e.w.e.r@gmail.com")
    rotated.unsuppress("first@gmail.com", by="anna", proof="a letter")
    assert not rotated.suppressed("first@gmail.com")


def test_what_is_kept_tells_neither_address_nor_lead(flow, clock, storage):
    vera = subscribes(flow, PERSON)
    flow.consent(vera, "newsletter", "email", status="withdrawn", proof="x", by=Actor(kind="person", id="vera meyer"))
    flow.complain(vera, proof="vera.meyer complained")
    flow.erase(vera, by=Actor(kind="person", id="vera meyer"))
    point = contact_point_at(PERSON, None)
    kept = repr(storage.states(flow._do(flow._runner.asked(suppressions([point]))).place(point)))
    assert "erasure" in kept
    for secret in ("vera", "meyer", "gmail", vera):
        assert secret not in kept.casefold()


def test_a_mailbox_of_a_thousand_withdrawals_stays_small_and_closed(storage, clock):
    flow = acme_flow(storage, clock)
    point = contact_point_at("info@acme.example", None)
    for number in range(120):
        lead_id = flow.capture({"email": "info@acme.example", "name": f"Ada N{number}"}, source="web").lead_id
        flow.consent(lead_id, "newsletter", "email", status="withdrawn", proof="a form")
    listed = flow._do(flow._runner.asked(suppressions([point])))
    assert 0 < len([ban for key in listed.place(point) for ban in listed._bans.get(key, ())]) <= 50
    assert flow.suppressed("info@acme.example", "newsletter")


# -------------------------------------------------------------------------------------------------------------- races
class Between:
    """A storage that lets something happen between what a claim has read and what it writes."""

    def __init__(self, storage, happens) -> None:
        self._storage, self._happens, self.collisions = storage, happens, 0

    def __getattr__(self, name):
        return getattr(self._storage, name)

    def save(self, change: Change) -> None:
        if any(isinstance(fact, MessageClaimed) for fact in change.facts) and self._happens:
            happens, self._happens = self._happens, None
            happens()
        try:
            self._storage.save(change)
        except Stale:
            self.collisions += 1
            raise


class Naive(Between):
    """Its claims don't look again at what was suppressed."""

    def save(self, change: Change) -> None:
        if any(isinstance(fact, MessageClaimed) for fact in change.facts):
            change = change.but(states=tuple(state for state in change.states if state.value is not None))
        super().save(change)


@pytest.mark.parametrize("how", ["suppress", "twin withdraws", "twin is erased"])
@pytest.mark.parametrize(("kind", "goes"), [(Between, 0), (Naive, 1)])
def test_what_is_closed_while_a_message_is_claimed_stops_it(storage, clock, outbox, kind, goes, how):
    host = acme_flow(storage, clock, outbox)
    twin = host.capture({"email": SPELLINGS[0]}, source="web").lead_id
    subscribes(host, PERSON)

    def happens() -> None:
        if how == "suppress":
            host.suppress(PERSON, by="anna", reason="called us")
        elif how == "twin withdraws":
            host.consent(twin, "newsletter", "email", status="withdrawn", proof="a form")
        else:
            host.erase(twin, by="anna")

    racing = kind(storage, happens)
    clock.advance(days=1)
    acme_flow(racing, clock, outbox).run_due()
    assert len(outbox.sent) == goes
    assert racing.collisions == (1 if kind is Between else 0)


FORK = multiprocessing.get_context("fork")
LEADS = 30


def closes_all(url, now, ready) -> None:
    flow = acme_flow(SqlStorage(url), lambda: now)
    ready.wait()
    for number in range(LEADS):
        flow.suppress(f"p{number}@acme.example", by="anna", reason="so")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_claim_is_committed_after_a_suppression(request, tmp_path, clock, outbox, database):
    url = request.getfixturevalue("pg_dsn") if database == "postgresql" else f"sqlite:///{tmp_path}/race.db"
    storage = SqlStorage(url).migrate()
    flow = acme_flow(storage, clock, outbox)
    ids = {f"p{number}@acme.example": subscribes(flow, f"p{number}@acme.example") for number in range(LEADS)}
    clock.advance(days=1)
    ready = FORK.Event()
    other = FORK.Process(target=closes_all, args=(url, clock(), ready))
    storage.engine.dispose()
    other.start()
    ready.set()
    flow.run_due()
    other.join()
    assert other.exitcode == 0
    went = {message.to for message in outbox.sent}
    for address, lead_id in ids.items():
        skipped = [fact for fact in flow.history(lead_id) if isinstance(fact, MessageSkipped)]
        assert (address in went) != bool(skipped)
    clock.advance(days=10)
    before = len(outbox.sent)
    flow.run_due()
    assert len(outbox.sent) == before
    storage.close()


def test_two_that_close_one_mailbox_at_once_both_count(storage, clock):
    at_once = Barrier(2)

    def closes(purpose: str) -> None:
        flow = acme_flow(storage, clock)
        at_once.wait()
        flow.suppress(PERSON, by="anna", reason="so", purpose=purpose)

    threads = [Thread(target=closes, args=(purpose,)) for purpose in ("newsletter", "offers")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {ban.purpose for ban in acme_flow(storage, clock).suppressed(PERSON)} == {"newsletter", "offers"}


# --------------------------------------------------------------------------------------------------- where a mail goes
def test_a_message_goes_to_the_address_that_consent_was_given_with(flow, clock, outbox):
    vera = flow.capture({"email": "vera@work.example"}, source="web").lead_id
    flow.capture({"email": PERSON}, source="portal", verified=True, external_id=None, visitor=None)
    lead_id = flow.capture({"email": "first@acme.example"}, source="portal", verified=True).lead_id
    flow.consent(lead_id, "newsletter", "email", proof="a form")
    assert flow.get(lead_id).consents[0].address == "first@acme.example"
    assert mailed(flow, clock, outbox) == ["first@acme.example"]
    assert flow.get(vera).consents == ()


def test_consent_given_with_an_address_that_is_gone_sends_nothing(flow, clock, outbox):
    lead_id = subscribes(flow, "old@acme.example")
    flow.correct(lead_id, {"email": "new@acme.example"}, by="anna")
    assert mailed(flow, clock, outbox) == []
    assert "no longer belongs to the lead" in flow.get(lead_id).enrolments[0].ended


def test_another_spelling_of_the_same_mailbox_is_the_same_address(flow, clock, outbox):
    lead_id = subscribes(flow, PERSON)
    flow.correct(lead_id, {"email": "verameyer@gmail.com"}, by="anna")
    assert mailed(flow, clock, outbox) == ["verameyer@gmail.com"]
