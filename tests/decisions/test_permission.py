"""What a person allows and takes back, driven by hand: words, unsubscribe links, complaints, erasure, suppression."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from decisions.by_hand import BARE, NOW, RULES, SECRET, UNSUPPRESSED, driven, held, lead, stored
from leadflow import Actor, InvalidInput, NotFound
from leadflow.decisions.commands import Complain, Erase, GiveWord, Suppress, Unsubscribe, Unsuppress
from leadflow.decisions.reads import Facts, Holders, Keys, Load, States
from leadflow.entities import Email
from leadflow.errors import Unreadable
from leadflow.events import ConsentChanged, FindingsNoted, LeadErased, TwinSuspected
from leadflow.nurturing import unsubscribe_token
from leadflow.ports import State
from leadflow.testing import a_consent

ADDRESS = "email:ada@acme.example"
OWN = held({ADDRESS: "lead-1"})
SIGNED = replace(BARE, secrets=(SECRET,))
DAY = timedelta(days=1)


def bans(done):
    """What is banned at each mailbox or number that is written, without where."""
    written = {key: value for key, value in done.states.items() if key.startswith("suppressed:") and value}
    return [[(ban["why"], ban["purpose"]) for ban in value["suppressions"]] for value in written.values()]


def closed_by(done):
    """The states that a decision has written, as they are read by the next."""
    return {States: {key: State(1, value) for key, value in done.states.items() if value is not None}}


# ------------------------------------------------------------------------------------------------------------- words
def test_a_yes_asks_what_is_suppressed_where_the_lead_is_reached_and_who_has_claimed_it():
    done = driven(GiveWord("lead-1", "newsletter", "email", proof="form 7"), UNSUPPRESSED, OWN, stored(lead()))
    assert done.asked == ["Load", "Keys", "Holders", "States"]
    assert done.keys_of(Holders) == {ADDRESS}
    (key,) = done.keys_of(States)
    assert key.startswith("suppressed:1:email:") and "ada" not in key


def test_a_yes_is_a_fact_with_its_proof_and_address_and_closes_nothing():
    done = driven(GiveWord("lead-1", "newsletter", "email", proof="form 7"), UNSUPPRESSED, OWN, stored(lead()))
    word = done.fact(ConsentChanged).consent
    assert (word.status, word.proof, word.at, word.address) == ("given", "form 7", NOW, "ada@acme.example")
    assert bans(done) == []


def test_with_rules_a_yes_enrols():
    done = driven(
        GiveWord("lead-1", "newsletter", "email", proof="form 7"), UNSUPPRESSED, OWN, stored(lead()), policy=RULES
    )
    assert done.put == {"nurture:lead-1:welcome": NOW + DAY}


def test_a_no_closes_the_mailbox_for_that_purpose_and_ends_the_sequence():
    enrolled = [{"sequence": "welcome", "due_at": NOW + DAY, "since": NOW}]
    known = lead(consents=(a_consent(at=NOW - DAY),), enrolments=enrolled)
    no = GiveWord("lead-1", "newsletter", "email", status="withdrawn", proof="a call")
    done = driven(no, UNSUPPRESSED, OWN, stored(known), policy=RULES)
    assert done.said == ["consent_changed", "lead_scored", "enrolment_changed"]
    assert done.lead().enrolments[0].ended == "consent withdrawn"
    assert bans(done) == [[("withdrawal", "newsletter")]]
    assert done.change.cancel == ("nurture:lead-1:welcome",)


def test_the_same_word_again_says_nothing():
    known = lead(consents=(a_consent(at=NOW, proof="form 7").but(address="ada@acme.example", recorded_at=NOW),))
    done = driven(GiveWord("lead-1", "newsletter", "email", proof="form 7"), UNSUPPRESSED, OWN, stored(known))
    assert done.change.is_empty


def test_a_yes_that_comes_in_late_opens_nothing_and_leaves_a_finding():
    no = a_consent(status="withdrawn", at=NOW - DAY).but(recorded_at=NOW - DAY)
    late = GiveWord("lead-1", "newsletter", "email", proof="form 7", at=NOW - 2 * DAY)
    done = driven(late, UNSUPPRESSED, OWN, stored(lead(consents=(no,))))
    assert done.said == ["findings_noted"]
    assert done.fact(FindingsNoted).findings[0].code == "consent_withdrawn"


def test_an_address_that_another_lead_has_claimed_is_not_closed():
    no = GiveWord("lead-1", "newsletter", "email", status="withdrawn", proof="a call")
    unclaimed = lead(email=Email(address="ada@acme.example", claimed=False))
    assert bans(driven(no, UNSUPPRESSED, held({ADDRESS: "vera"}), stored(unclaimed))) == []


def test_a_word_without_proof_is_none():
    with pytest.raises(InvalidInput, match="proof"):
        driven(GiveWord("lead-1", "newsletter", "email", proof=" "), UNSUPPRESSED, OWN, stored(lead()))


# ------------------------------------------------------------------------------------------------------- unsubscribing
MAILBOX = "suppressed:1:email:as it was when the mail went"


def token(**more):
    return unsubscribe_token("lead-1", "newsletter", "email", SECRET, **more)


def test_a_link_withdraws_what_it_names_and_closes_where_the_mail_went():
    known = lead(consents=(a_consent(at=NOW - DAY),))
    done = driven(Unsubscribe(token(mailbox=MAILBOX)), UNSUPPRESSED, OWN, stored(known), policy=SIGNED)
    assert done.lead().consent("newsletter", "email").status == "withdrawn"
    assert MAILBOX in done.states
    assert bans(done) == [[("withdrawal", "newsletter")]] * 2  # the lead's address, and where the mail went


def test_a_link_of_an_erased_lead_closes_the_mailbox_all_the_same():
    gone = {Load(("lead-1",)): {}}
    done = driven(Unsubscribe(token(mailbox=MAILBOX)), UNSUPPRESSED, gone, policy=SIGNED)
    assert (done.change.leads, done.change.facts) == ((), ())
    assert set(done.states) == {MAILBOX}
    assert (done.result.stage, done.result.lead_id) == ("erased", "lead-1")


def test_a_link_that_names_no_mailbox_finds_nothing_to_close_once_the_lead_is_erased():
    done = driven(Unsubscribe(token()), UNSUPPRESSED, {Load(("lead-1",)): {}}, policy=SIGNED)
    assert done.change.is_empty


@pytest.mark.parametrize("spoil", [lambda t: t[:-2] + "xx", lambda t: "x" + t, lambda _: "", lambda t: t.split(".")[0]])
def test_a_link_that_nobody_has_signed_reads_nothing(spoil):
    with pytest.raises(InvalidInput, match=r"token: .* use the link exactly as it appears in the mail"):
        driven(Unsubscribe(spoil(token())), policy=SIGNED)


def test_a_link_that_was_signed_with_an_earlier_secret_still_holds():
    newer = replace(BARE, secrets=(b"a newer secret of 16 bytes", SECRET))
    known = lead(consents=(a_consent(at=NOW - DAY),))
    done = driven(Unsubscribe(token()), UNSUPPRESSED, OWN, stored(known), policy=newer)
    assert done.said == ["consent_changed"]


# --------------------------------------------------------------------------------------------------------- complaints
def test_a_complaint_withdraws_all_mail_and_closes_every_mailbox_of_the_lead_but_no_phone():
    known = lead(
        consents=(a_consent(), a_consent("sales", "phone"), a_consent("offers")),
        phone="+4930901820",
    )
    done = driven(Complain("lead-1", proof="spam button"), UNSUPPRESSED, OWN, stored(known))
    assert done.lead().consented == ("sales/phone",)
    assert bans(done) == [[("complaint", None)]]
    assert done.result.stage == "lead"


def test_a_complaint_needs_a_proof():
    with pytest.raises(InvalidInput, match="proof: '' can't be used"):
        Complain("lead-1", proof="")


# ------------------------------------------------------------------------------------------------------------ erasure
NO_FACTS = {Facts("lead-1", 0, ("twin_suspected", "leads_unmerged"), None): []}


def test_an_erasure_leaves_one_fact_that_names_nobody_and_closed_mailboxes():
    known = lead(phone="+4930901820", absorbed=("visitor-1",), person={"last_name": "Lovelace"})
    done = driven(Erase("lead-1", by="anna"), UNSUPPRESSED, OWN, NO_FACTS, stored(known))
    (write,) = done.change.leads
    assert (write.id, write.read_version, write.lead) == ("lead-1", 3, None)
    assert done.change.erase == ("lead-1", "visitor-1")
    gone = done.fact(LeadErased)
    assert set(gone.model_dump(exclude_defaults=True)) == {"lead_id", "version", "happened_at", "recorded_at", "actor"}
    assert bans(done) == [[("erasure", None)]] * 2  # the mailbox and the number
    assert "purge" in done.put
    assert "Lovelace" not in str(done.change) and "ada@" not in str(done.change)


def test_a_submission_that_is_held_goes_with_whichever_lead_is_erased_first():
    suspected = TwinSuspected(
        lead_id="lead-1", version=2, happened_at=NOW, recorded_at=NOW, actor=Actor(kind="system"),
        twin={"lead_id": "bob", "likeness": 0.5}, held="held:7",
    )  # fmt: skip
    facts = {Facts("lead-1", 0, ("twin_suspected", "leads_unmerged"), None): [suspected, suspected]}
    done = driven(Erase("lead-1", by="anna"), UNSUPPRESSED, OWN, facts, stored(lead()))
    assert done.change.erase == ("lead-1", "held:7")


def test_an_open_leads_erasure_is_noted_in_its_reps_ledger_without_naming_the_lead_as_its_own():
    done = driven(Erase("lead-1", by="anna"), UNSUPPRESSED, OWN, NO_FACTS, stored(lead(stage="sal", owner="ben")))
    (note,) = (task for task in done.change.put if task.kind == "ledger")
    assert (note.payload["rep"], note.payload["what"], note.lead_id) == ("ben", "released", None)
    nurtured = driven(Erase("lead-1", by="anna"), UNSUPPRESSED, OWN, NO_FACTS, stored(lead()))
    assert [task.kind for task in nurtured.change.put] == ["purge"]


def test_an_address_that_another_lead_has_claimed_is_not_suppressed_with_the_erased():
    unclaimed = lead(email=Email(address="ada@acme.example", claimed=False))
    done = driven(Erase("lead-1", by="anna"), UNSUPPRESSED, held({ADDRESS: "vera"}), NO_FACTS, stored(unclaimed))
    assert bans(done) == []


def test_a_lead_that_can_not_be_read_is_erased_by_what_could_be_salvaged():
    torn = Unreadable("lead lead-1", "it is no JSON")
    torn.wrong, torn.leads, torn.salvaged = {"lead-1": torn}, {}, {"lead-1": lead()}
    done = driven(Erase("lead-1", by="anna"), UNSUPPRESSED, OWN, NO_FACTS, {Load(("lead-1",)): torn})
    assert done.asked[:2] == ["Load", "Load"]
    assert done.change.erase == ("lead-1",)
    assert bans(done) == [[("erasure", None)]]


def test_nobody_who_is_not_there_can_be_erased():
    with pytest.raises(NotFound, match="no lead 'nobody'"):
        driven(Erase("nobody", by="anna"), {Load(("nobody",)): {}})


def test_colleagues_are_asked_for_only_where_a_rule_looks_at_them():
    done = driven(Erase("lead-1", by="anna"), UNSUPPRESSED, OWN, NO_FACTS, stored(lead()), policy=RULES)
    assert done.asked == ["Load", "Keys", "Holders", "States", "Facts"]


# -------------------------------------------------------------------------------------------------------- suppression
def test_closing_a_mailbox_reads_its_state_and_writes_it_with_the_version_that_was_read():
    done = driven(Suppress("Ada@Acme.example", by="anna", reason="a letter"), {Keys: (SECRET,), States: {}})
    assert done.asked == ["Keys", "States"]
    assert bans(done) == [[("hand", None)]]
    assert [state.read_version for state in done.change.states] == [0]
    (ban,) = done.result
    assert (ban.by, ban.reason, ban.since) == ("rep anna", "a letter", NOW)


def test_the_same_ban_twice_writes_nothing():
    close = Suppress("ada@acme.example", by="anna", reason="a letter")
    first = driven(close, {Keys: (SECRET,), States: {}})
    again = driven(close, {Keys: (SECRET,)}, closed_by(first), now=NOW + DAY)
    assert again.change.is_empty
    assert again.result == first.result


def test_opening_a_purpose_leaves_the_others_closed():
    first = driven(Suppress("ada@acme.example", by="anna", reason="a letter"), {Keys: (SECRET,), States: {}})
    open_one = Unsuppress("ada@acme.example", by="anna", purpose="newsletter", proof="her mail")
    done = driven(open_one, {Keys: (SECRET,)}, closed_by(first))
    (ban,) = done.result
    assert [(one.purpose, one.proof) for one in ban.lifted] == [("newsletter", "her mail")]
    assert [state.read_version for state in done.change.states] == [1]
    all_open = driven(Unsuppress("ada@acme.example", by="anna", proof="her mail"), {Keys: (SECRET,)}, closed_by(first))
    assert all_open.result == ()


def test_what_is_kept_and_can_not_be_read_bans_everything():
    (key,) = driven(Suppress("ada@acme.example", by="anna", reason="x"), {Keys: (SECRET,), States: {}}).states
    torn = {States: {key: State(4, {"suppressions": "?"})}}
    done = driven(Suppress("ada@acme.example", by="anna", reason="x"), {Keys: (SECRET,)}, torn)
    assert [(ban.reason, ban.purpose) for ban in done.result] == [("its stored suppressions can't be read", None)]


@pytest.mark.parametrize("address", ["ada", "@acme.example", "12"])
def test_what_is_neither_an_address_nor_a_number_is_refused(address):
    with pytest.raises(InvalidInput, match=r"address: .* give an e-mail address such as"):
        driven(Suppress(address, by="anna", reason="x"))
