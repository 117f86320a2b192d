"""Two leads become one: nothing is lost, consent narrows, no mail begins, and the stored lead is what its facts say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from acme import ADA, acme_flow, activities_of, consistent
from leadflow import Actor, Consent, ExternalId
from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.sql import SqlStorage
from leadflow.decisions.merge_choices import Kept, MergedField, Survivorship
from leadflow.errors import InvalidInput, NotFound, Refused

EVA = Actor(kind="marketing", id="eva")
HOME = {"email": "ada.home@gmail.com", "phone": "+49 30 901820", "job_title": "Engineer", "interests": "pumps"}


@pytest.fixture
def flow(every_storage, clock):
    return acme_flow(every_storage, clock)


def two(flow, clock=None) -> tuple[str, str]:
    ada = flow.capture(ADA | {"job_title": "CTO"}, source="fair", external_id=ExternalId(system="crm", id="1")).lead_id
    if clock is not None:
        clock.advance(days=1)
    home = flow.capture(HOME, source="web", visitor="v-home").lead_id
    return ada, home


def test_the_survivor_has_what_both_had(flow, clock) -> None:
    ada, home = two(flow, clock)
    flow.record(ada, "page_viewed", id="a")
    flow.record(home, "demo_requested", id="b")
    flow.adjust(home, 3, reason="met", by="anna", id="x")
    before = {one: flow.get(one) for one in (ada, home)}
    clock.advance(days=1)
    merged = flow.merge(ada, home, by=EVA)
    assert (merged.lead_id, merged.absorbed_id, merged.conflicts[0]) == (ada, home, "person.job_title")
    lead = flow.get(home)
    assert lead == flow.get(ada)
    assert [one.address for one in lead.emails] == ["ada@acme.example", "ada.home@gmail.com"]
    assert [one.number for one in lead.phones][-1] == "+4930901820"
    assert (lead.person.job_title, lead.person.first_name) == ("CTO", "Ada")
    assert "pumps" in lead.interests and "v-home" in lead.visitors
    assert len(lead.touches) == 2 and [one.id for one in lead.adjustments] == ["x"]
    assert (lead.absorbed, lead.merged, lead.created_at) == ((home,), (home,), before[ada].created_at)
    assert {flow.by_email(one).id for one in ("ada@acme.example", "ada.home@gmail.com")} == {ada}
    assert flow.by_visitor("v-home").id == ada and [one.id for one in flow.by_phone("+49 30 901820")] == [ada]
    assert {part for one in lead.score.contributions for part in one.activities} == {"a", "b"}
    assert [one.id for one in flow.leads()] == [ada]
    assert flow.as_of(ada, clock() - timedelta(hours=1)) == before[ada]
    assert {fact.lead_id for fact in flow.history(ada) if fact.kind == "leads_merged"} == {ada, home}
    consistent(flow)


def test_activities_count_once_and_later_ones_go_to_the_survivor(flow) -> None:
    ada, home = two(flow)
    for one in (ada, home):
        flow.record(one, "page_viewed", id="same")
    flow.merge(ada, home, by=EVA)
    (page,) = [one for one in flow.score(ada).contributions if "same" in one.activities]
    assert page.count == 1
    assert flow.record(home, "page_viewed", id="same").repeated
    assert flow.record(home, "demo_requested", id="new").lead_id == ada
    flow.retract(ada, "same", by=EVA, reason="bot")
    consistent(flow)


@pytest.mark.parametrize("who", [0, 1])
def test_a_withdrawal_of_either_side_counts_and_no_mail_begins(flow, clock, outbox, who) -> None:
    flow = acme_flow(flow.storage, clock, outbox)
    yes = Consent(purpose="newsletter", channel="email", status="given", at=clock(), proof="form")
    pair = [flow.capture(one, source="web", consents=[yes]).lead_id for one in (ADA, HOME)]
    clock.advance(days=1)
    flow.consent(pair[who], "newsletter", "email", status="withdrawn", proof="letter")
    flow.merge(*pair, by=EVA)
    assert flow.get(pair[0]).consent("newsletter", "email").status == "withdrawn"
    clock.advance(days=30)
    flow.run_due()
    assert outbox.sent == []
    consistent(flow)


def test_no_message_is_sent_twice(flow, clock, outbox) -> None:
    flow = acme_flow(flow.storage, clock, outbox)
    yes = Consent(purpose="newsletter", channel="email", status="given", at=clock(), proof="form")
    home = flow.capture(HOME, source="web", consents=[yes]).lead_id
    clock.advance(days=3)
    flow.run_due()
    sent = [one.subject for one in outbox.sent]
    assert sent
    ada = flow.capture(ADA, source="web", consents=[yes]).lead_id
    further = flow.get(home).enrolments
    flow.merge(ada, home, by=EVA)
    assert flow.get(ada).enrolments == further
    clock.advance(days=60)
    flow.run_due()
    subjects = [one.subject for one in outbox.sent]
    assert len(subjects) == len(set(subjects)) > len(sent) - 1
    consistent(flow)


def test_a_merge_begins_no_enrolment(flow, clock) -> None:
    yes = Consent(purpose="newsletter", channel="email", status="given", at=clock(), proof="form")
    silent = acme_flow(flow.storage, clock, sequences=[])
    pair = [silent.capture(one, source="web", consents=[yes]).lead_id for one in (ADA, HOME)]
    flow.merge(*pair, by=EVA)
    assert flow.get(pair[0]).enrolments == ()


def test_the_furthest_stage_counts_and_an_owned_opportunity_keeps_its_owner(flow) -> None:
    ada, home = two(flow)
    flow.fast_track(home, by="ben", to="sql", reason="called")
    flow.open_deal(home, "d", by="ben", amount="10")
    owner = flow.get(home).owner
    assert (flow.merge(ada, home, by=EVA).stage, owner) == ("opportunity", "ben")
    lead = flow.get(ada)
    assert (lead.stage, lead.owner, [one.id for one in lead.deals]) == ("opportunity", "ben", ["d"])
    flow.win(ada, by="ben")
    assert flow.get(home).stage == "customer"
    assert flow.recount() == ()


def test_a_dry_run_shows_both_values_and_writes_nothing(flow, clock) -> None:
    ada, home = two(flow, clock)
    before = [flow.get(one) for one in (ada, home)]
    title = flow.merge(ada, home, by=EVA, dry_run=True).fields[0]
    assert (title.path, title.survivor, title.absorbed, title.kept) == (
        "person.job_title", "CTO", "Engineer", "survivor",
    )  # fmt: skip
    assert (title.survivor_source, title.absorbed_source) == ("fair", "web")
    assert title.absorbed_at - title.survivor_at == timedelta(days=1)
    assert [flow.get(one) for one in (ada, home)] == before


@pytest.mark.parametrize(
    ("rules", "title"),
    [
        (Survivorship(), "CTO"),
        (Survivorship("newest"), "Engineer"),
        (Survivorship("longest"), "Engineer"),
        (Survivorship("survivor", {"person": "newest"}), "Engineer"),
        (Survivorship("newest", {"person.job_title": "survivor"}), "CTO"),
        (Survivorship("most_trusted", trusted=["web", "fair"]), "Engineer"),
        (Survivorship("most_trusted", trusted=["fair"]), "CTO"),
        (Survivorship(fields={"person.job_title": lambda one: "absorbed"}), "Engineer"),
    ],
)
def test_a_rule_decides_where_both_have_a_value(clock, rules, title) -> None:
    flow = acme_flow(MemoryStorage(), clock)
    ada, home = two(flow, clock)
    flow.merge(ada, home, by=EVA, survivorship=rules)
    assert flow.get(ada).person.job_title == title
    consistent(flow)


def _is_first(_: MergedField) -> Kept:
    return "absorbed"


@pytest.mark.parametrize(
    ("rules", "position", "name"),
    [
        (Survivorship(), 0, 0),
        (Survivorship("longest"), 1, 1),
        (Survivorship("newest"), 1, 1),
        (Survivorship(_is_first), 1, 1),
        (Survivorship(fields={"person.job_title": "newest"}), 1, 0),
        (Survivorship(fields={"person.last_name": "longest"}), 0, 1),
        (Survivorship("newest", {"person.department": "survivor"}), 0, 1),
    ],
)
def test_names_and_positions_are_never_mixed(clock, rules, position, name) -> None:
    flow = acme_flow(MemoryStorage(), clock)
    pair = [
        {"email": "a@a.example", "job_title": "CTO", "first_name": "Anna", "last_name": "Gross", "salutation": "Frau"},
        {"email": "b@b.example", "job_title": "Sales Clerk", "first_name": "Annette", "last_name": "Grossmann"},
    ]
    ids = []
    for one in pair:
        ids.append(flow.capture(one, source="web").lead_id)
        clock.advance(days=1)
    before = [flow.get(one).person for one in ids]
    assert before[0].seniority != before[1].seniority
    flow.merge(*ids, by=EVA, survivorship=rules)
    after = flow.get(ids[0]).person
    for part, side in ((("job_title", "department", "seniority"), position), (("first_name", "last_name"), name)):
        assert [getattr(after, one) for one in part] == [getattr(before[side], one) for one in part]
    assert after.salutation == before[name].salutation
    consistent(flow)


def test_a_field_of_a_position_that_is_named_has_a_rule_of_its_own_and_the_fuller_name_counts(clock) -> None:
    flow = acme_flow(MemoryStorage(), clock)
    one = flow.capture({"email": "a@a.example", "job_title": "CTO", "last_name": "Gross"}, source="web").lead_id
    typed = {"email": "b@b.example", "job_title": "Sales Clerk", "first_name": "Anna", "last_name": "Grossmann"}
    two = flow.capture(typed, source="web").lead_id
    rules = Survivorship(fields={"person.job_title": _is_first, "person.seniority": "survivor"})
    seniority = flow.get(one).person.seniority
    flow.merge(one, two, by=EVA, survivorship=rules)
    person = flow.get(one).person
    assert (person.job_title, person.seniority, person.full_name) == ("Sales Clerk", seniority, "Anna Grossmann")
    consistent(flow)


def _fails(field: MergedField) -> Kept:
    raise KeyError(field.survivor)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_rule_that_fails_is_named_with_its_field_and_nothing_is_written(flow, dry_run) -> None:
    ada, home = two(flow)
    rules = Survivorship(fields={"person.job_title": _fails})
    with pytest.raises(
        InvalidInput, match=r"^survivorship\.person\.job_title: '_fails' can't be used.* KeyError"
    ) as error:
        flow.merge(ada, home, by=EVA, survivorship=rules, dry_run=dry_run)
    assert "CTO" not in str(error.value) and isinstance(error.value.__cause__, KeyError)
    assert [flow.get(one).id for one in (ada, home)] == [ada, home]


@pytest.mark.parametrize("path", ["person.jobtitle", "address.city", "company.name", "note.x", "emails"])
def test_a_rule_for_a_path_that_has_none_is_refused(path) -> None:
    with pytest.raises(InvalidInput, match="give a path of"):
        Survivorship(fields={path: "newest"})


def test_what_is_said_again_is_as_new_as_that(flow, clock) -> None:
    ada, home = two(flow)
    clock.advance(days=1)
    flow.capture({"email": HOME["email"], "job_title": HOME["job_title"]}, source="later")
    title = flow.merge(ada, home, by=EVA, survivorship=Survivorship("newest"), dry_run=True).fields[0]
    assert (title.kept, title.absorbed_source, title.absorbed_at) == ("absorbed", "later", clock())


def test_what_a_person_has_corrected_beats_a_machine(flow, clock) -> None:
    ada, home = two(flow, clock)
    flow.correct(home, {"job_title": "VP"}, by="anna")
    flow.merge(ada, home, by=EVA, survivorship=Survivorship(fields={"person": "newest"}))
    assert flow.get(ada).person.job_title == "VP"


@pytest.mark.parametrize("survivor", [0, 1])
def test_a_message_on_its_way_is_waited_for(flow, clock, outbox, survivor) -> None:
    flow = acme_flow(flow.storage, clock, outbox)
    yes = Consent(purpose="newsletter", channel="email", status="given", at=clock(), proof="form")
    pair = [flow.capture(ADA, source="web", consents=[yes]).lead_id, flow.capture(HOME, source="web").lead_id]
    tried: list[Any] = []

    def send(message: Any) -> None:
        with pytest.raises(Refused, match="on its way"):
            flow.merge(pair[survivor], pair[1 - survivor], by=EVA)
        tried.append(message)

    outbox.send = send
    clock.advance(days=2)
    flow.run_due()
    assert tried
    assert flow.merge(pair[survivor], pair[1 - survivor], by=EVA).lead_id == pair[survivor]


def test_chains_of_merges_end_at_one_lead(flow) -> None:
    ada, home = two(flow)
    third = flow.capture({"email": "ada@third.example", "note": "third"}, source="web").lead_id
    flow.merge(home, third, by=EVA)
    flow.merge(ada, home, by=EVA)
    lead = flow.get(third)
    assert (lead.id, lead.merged, lead.note) == (ada, (home, third), "third")
    assert len(lead.emails) == 3
    consistent(flow)
    flow.erase(third, by="dpo")
    for gone in (ada, home, third):
        with pytest.raises(NotFound):
            flow.get(gone)
        assert flow.storage.activities(gone) == []
        assert {fact.kind for fact in flow.storage.facts(gone)} <= {"lead_erased"}


def test_what_cannot_be_merged_is_refused(flow) -> None:
    ada, home = two(flow)
    third = flow.capture(
        {"email": "ada@third.example"}, source="web", external_id=ExternalId(system="crm", id="3")
    ).lead_id
    with pytest.raises(InvalidInput, match="two different leads"):
        flow.merge(ada, ada, by=EVA)
    with pytest.raises(InvalidInput, match="dry run"):
        flow.merge(ada, home, by=EVA, dry_run=True, key="k")
    for one in (ada, third):
        flow.fast_track(one, by="anna", to="customer", reason="bought")
    with pytest.raises(Refused, match="two customers in crm"):
        flow.merge(ada, third, by=EVA)
    flow.not_same(home, third, by=EVA)
    with pytest.raises(Refused, match="different people"):
        flow.merge(third, home, by=EVA)
    flow.merge(ada, home, by=EVA, key="once")
    assert flow.merge(ada, home, by=EVA, key="once").absorbed_id == home
    assert flow.merge(home, ada, by=EVA).repeated
    with pytest.raises(Refused, match="different people"):  # what was decided follows the merge
        flow.merge(ada, third, by=EVA)
    with pytest.raises(Refused, match=f"was merged into {ada}"):
        flow.merge(third, home, by=EVA)
    flow.erase(third, by="dpo")
    with pytest.raises(NotFound):
        flow.merge(ada, third, by=EVA)


def test_twins_that_are_merged_wait_no_more(flow) -> None:
    ada = flow.capture(ADA, source="fair").lead_id
    twin = flow.capture(ADA | {"email": "ada.lovelace@web.example"}, source="web").lead_id
    (pair,) = flow.twins()
    flow.merge(pair.one.id, pair.other.id, by=EVA)
    assert list(flow.twins()) == []
    assert f"{pair.other.id} was merged into this lead by marketing eva" in flow.explain(ada).text()
    assert f"{pair.other.id} wurde mit diesem Lead zusammengeführt durch Marketing eva" in flow.explain(twin).text("de")


def test_two_merges_crosswise_and_writers_end_at_one_lead(url, opened, clock) -> None:
    """A into B while B into A: one of the two happens, the other is a repetition, and no activity is lost."""
    flows = [acme_flow(opened(SqlStorage(url).migrate()), clock, router=None, service_levels=()) for _ in range(4)]
    ada, home = two(flows[0])

    def act(number: int) -> Any:
        flow = flows[number]
        if number < 2:
            return flow.merge(*((ada, home) if number else (home, ada)), by=EVA).repeated
        return [flow.record((ada, home)[number % 2], "page_viewed", id=f"{number} {n}").activity_id for n in range(4)]

    with ThreadPoolExecutor(len(flows)) as pool:
        done = list(pool.map(act, range(len(flows))))
    assert sorted(done[:2]) == [False, True]
    lead = flows[0].get(ada)
    assert lead == flows[0].get(home) and len(lead.merged) == 1
    assert {one.id for one in activities_of(flows[0], lead)} == {one for some in done[2:] for one in some}
    consistent(flows[0])


def test_all_pairs_above_a_likeness_are_merged_as_far_as_the_budget_goes(flow) -> None:
    for number in range(3):
        person = {"first_name": f"Ada{number}", "last_name": f"Lovelace{number}x", "company": f"Firm{number} GmbH"}
        for mailbox in ("a", "b"):
            typed = {"email": f"{mailbox}@firm{number}.example", "phone": f"+49 30 90182{number}"}
            flow.capture(person | typed, source="web")
    pairs = [pair for pair in flow.twins() if pair.likeness >= 0.9]
    assert len(pairs) == 3
    foretold = flow.merge_all(above=0.9, by=EVA, dry_run=True)
    assert (len(foretold.merged), len(flow.twins())) == (3, 3)
    flow.not_same(pairs[0].one.id, pairs[0].other.id, by=EVA)
    done: list[int] = []
    first = flow.merge_all(above=0.9, by=EVA, limit=1, watch=done.append)
    assert (len(first.merged), first.more, done) == (1, True, [1])
    rest = flow.merge_all(above=0.9, by=EVA)
    assert (len(rest.merged), rest.more, rest.refused) == (1, False, ())
    assert len(list(flow.leads())) == 4 and len(flow.twins()) == 0
    assert flow.merge_all(above=0.9, by=EVA).merged == ()
    consistent(flow)
