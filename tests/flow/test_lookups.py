"""Sources are asked once for the same, within their budget, and not about people who don't want it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from acme import Clock
from leadflow import Entity, LeadFlow, field
from leadflow.adapters.memory import MemoryStorage
from leadflow.enrichment import Budget, CompanyFromColleagues, Enricher, LanguageFromHeader, TimeZoneFromAddress
from leadflow.entities import EnrichedValue
from leadflow.errors import Deferred, DefinitionError, InvalidInput


class Register(Enricher):
    """Knows the industry of every company, and fails as it is told."""

    name = "register"
    needs = sends = ("company.domain",)
    gives: Sequence[str] = ("company.industry",)
    personal = False

    def __init__(self, budget: Budget | None = None, batch: int = 1) -> None:
        self.asked: list[list[str]] = []
        self.failures: list[Exception] = []
        self.budget, self.batch = budget, batch

    def look_up(self, asked: Sequence[Mapping[str, Any]]) -> list[list[EnrichedValue]]:
        self.asked.append([one["company.domain"] for one in asked])
        assert all(one.keys() == {"company.domain"} for one in asked)  # it is given nothing else
        if self.failures:
            raise self.failures.pop(0)
        return [[EnrichedValue(path="company.industry", value="pumps", confidence=0.9)] for _ in asked]


class Place(Entity):
    time_zone: str | None = None


def new_flow(*enrichers: Enricher, clock: Clock | None = None) -> LeadFlow[Place]:
    return LeadFlow(MemoryStorage(), custom=Place, enrichers=enrichers, clock=clock or Clock(), delivers=False)


def colleague(flow: LeadFlow[Any], number: int, company: str = "acme", **more: object) -> str:
    return flow.capture({"email": f"p{number}@{company}.example", **more}, source="fair").lead_id


def test_a_new_lead_is_looked_up_by_tick_and_colleagues_are_not_paid_for_again() -> None:
    register = Register()
    flow = new_flow(register)
    ids = [colleague(flow, number) for number in range(3)]
    assert flow.run_due().failed == ()
    assert register.asked == [["acme.example"]]
    assert [flow.get(one).company.industry for one in ids] == ["pumps"] * 3
    assert "pumps, from register" in flow.explain(ids[0])["Enrichment"][0]
    assert flow.enrichers()[0][:5] == ("register", ("company.domain",), 1, 1, None)
    assert flow.run_due().done == ()


def test_an_answer_counts_for_a_time_and_what_is_known_is_not_asked() -> None:
    clock, register = Clock(), Register()
    flow = new_flow(register, clock=clock)
    colleague(flow, 1)
    colleague(flow, 2, "beta", industry="cranes")
    flow.run_due()
    clock.advance(days=89)
    flow.run_due()
    assert register.asked == [["acme.example"]]
    clock.advance(days=2)
    flow.run_due()
    assert register.asked == [["acme.example"]] * 2


def test_another_value_is_another_question() -> None:
    register = Register()
    flow = new_flow(register)
    lead_id = colleague(flow, 1)
    flow.run_due()
    flow.correct(lead_id, {"website": "beta.example"}, by="anna")
    flow.run_due()
    assert register.asked == [["acme.example"], ["beta.example"]]


def test_several_are_asked_together() -> None:
    register = Register(batch=3)
    flow = new_flow(register)
    for number in range(5):
        colleague(flow, number, f"c{number}")
    flow.run_due()
    assert sorted(map(len, register.asked)) == [2, 3]
    assert flow.count(field("company.industry").known_by("enrichment")) == 5


def test_the_budget_of_a_day_and_of_a_month_is_kept_and_the_rest_waits() -> None:
    clock, register = Clock(), Register(Budget(per_day=2, per_month=3, zone="Europe/Berlin"), batch=5)
    clock.now = datetime(2026, 3, 29, 21, tzinfo=UTC)  # 23:00 in Berlin, where the clocks were changed on that day
    flow = new_flow(register, clock=clock)
    for number in range(6):
        colleague(flow, number, f"c{number}")
    ticked = flow.run_due()
    assert (ticked.failed, len(ticked.waiting), flow.health().is_good) == ((), 4, True)
    assert "budget is used up" in ticked.waiting[0][1]
    assert sum(map(len, register.asked)) == 2
    (used,) = flow.enrichers()
    assert (used.today, used.left, used.opens_at) == (2, 0, datetime(2026, 3, 29, 22, tzinfo=UTC))
    clock.advance(hours=1)
    flow.run_due()
    assert sum(map(len, register.asked)) == 3
    assert flow.enrichers()[0].opens_at == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert {task.due_at for task in flow.tasks("waiting") if task.due_at < clock.now + timedelta(days=30)} == {
        datetime(2026, 3, 31, 22, tzinfo=UTC)
    }
    clock.now = datetime(2026, 3, 31, 22, tzinfo=UTC)
    flow.run_due()
    assert sum(map(len, register.asked)) == 5


def test_who_is_down_is_asked_again_at_the_moment_that_it_names_and_nothing_was_spent() -> None:
    clock, register = Clock(), Register(Budget(per_day=2, zone="UTC"))
    flow = new_flow(register, clock=clock)
    lead_id = colleague(flow, 1)
    colleague(flow, 2, "beta")
    register.failures = [Deferred("429", until=clock.now + timedelta(minutes=10))]
    assert flow.tick().done == ()
    assert len(register.asked) == 1  # the second knows of the pause
    assert flow.enrichers()[0][2:] == (0, 0, 0, clock.now + timedelta(minutes=10))
    clock.advance(minutes=10)
    flow.run_due()
    assert flow.get(lead_id).company.industry == "pumps"
    assert {task.attempts for task in flow.tasks("waiting")} == {0}


def test_a_call_without_an_answer_is_reported_and_made_again_only_by_hand() -> None:
    register = Register()
    flow = new_flow(register)
    lead_id = colleague(flow, 1)
    register.failures = [TimeoutError("no answer")]
    flow.run_due()
    flow.run_due()
    colleague(flow, 2)
    flow.run_due()
    assert len(register.asked) == 1
    (letter,) = flow.tasks("dead")
    assert letter.error is not None
    assert "may have been paid for" in letter.error
    assert "vielleicht wurde dafür bezahlt" in flow.explain(lead_id).text("de")
    assert flow.get(lead_id).enrichments[0].values == ()
    flow.retry(letter.key)
    flow.run_due()
    assert len(register.asked) == 2
    assert flow.get(lead_id).company.industry == "pumps"
    assert flow.tasks("dead") == []


@pytest.mark.parametrize("how", ["suppressed", "suppressed for it", "withdrawn", "disqualified"])
def test_who_does_not_want_it_is_not_looked_up(how: str) -> None:
    register = Register()
    flow = new_flow(register)
    lead_id = colleague(flow, 1)
    if how.startswith("suppressed"):
        flow.suppress(
            "p1@acme.example", purpose="enrichment" if "for" in how else None, why="hand", reason="asked", by="anna"
        )
    elif how == "withdrawn":
        flow.consent(lead_id, "enrichment", "email", proof="a letter", status="withdrawn")
    else:
        flow.disqualify(lead_id, by="anna", reason="student")
    flow.run_due()
    flow.look_up(lead_id)
    flow.look_up(lead_id, only="register")
    assert register.asked == []
    assert flow.enrichers()[0].today == 0


def test_a_mailbox_that_refuses_mail_restricts_nothing() -> None:
    register = Register()
    flow = new_flow(register)
    colleague(flow, 1)
    flow.suppress("p1@acme.example", why="bounce", reason="550", by="anna")
    flow.run_due()
    assert len(register.asked) == 1


def test_answers_about_a_person_are_erased_with_the_lead_and_the_count_stays() -> None:
    register = Register()
    register.personal = True
    flow = new_flow(register)
    lead_id = colleague(flow, 1)
    flow.run_due()
    assert "pumps" in repr(vars(flow.storage))
    flow.erase(lead_id, by="anna")
    assert "pumps" not in repr(vars(flow.storage))
    assert flow.enrichers()[0].today == 1


def test_on_demand_with_what_a_web_request_tells_none_of_which_is_stored() -> None:
    flow = new_flow(LanguageFromHeader(), TimeZoneFromAddress("custom.time_zone"))
    lead_id = colleague(flow, 1, country="DE")
    lead = flow.look_up(lead_id, {"accept_language": "de-AT;q=0.9, en-us", "ip": "81.2.69.142"})
    assert (lead.person.language, lead.custom.time_zone) == ("en-US", "Europe/Berlin")
    assert lead.enriched == ("custom.time_zone", "person.language")
    assert not any(text in repr(vars(flow.storage)) for text in ("81.2.69.142", "de-AT;q"))
    with pytest.raises(InvalidInput, match=r"request\.ip"):
        flow.look_up(lead_id, {"ip": 7})  # type: ignore[dict-item]
    with pytest.raises(InvalidInput, match="accept_language, time_zone"):
        flow.look_up(lead_id, only="register")


def test_the_company_as_colleagues_have_said_it() -> None:
    flow = new_flow(CompanyFromColleagues(lambda domain: flow.find(field("company.domain") == domain)))
    colleague(flow, 1, company_name="x", industry="pumps", employees=80)
    colleague(flow, 2, industry="pumps", employees=90)
    colleague(flow, 3, industry="valves")
    new = colleague(flow, 4)
    flow.run_due()
    company = flow.get(new).company
    assert (company.industry, company.employees) == ("pumps", None)  # no majority for a number of employees
    (known,) = flow.get(new).enrichments
    assert known.values[0].confidence == pytest.approx(2 / 3)


def test_leads_that_are_there_already_are_looked_up_when_it_is_asked_for() -> None:
    before = new_flow()
    ids = [colleague(before, number, f"c{number}") for number in range(3)]
    register = Register()
    flow = LeadFlow(before.storage, custom=Place, enrichers=[register], clock=before.clock, delivers=False)
    assert flow.run_due().done == ()
    assert flow.look_up_all(dry_run=True) == {"register": 3}
    assert flow.look_up_all(field("company.domain") == "c1.example") == {"register": 1}
    assert flow.look_up_all() == {"register": 2}
    assert flow.look_up_all() == {"register": 0}
    flow.run_due()
    assert {flow.get(one).company.industry for one in ids} == {"pumps"}


def test_a_process_without_the_enricher_leaves_its_tasks_alone() -> None:
    register = Register()
    flow = new_flow(register)
    colleague(flow, 1)
    other = LeadFlow(flow.storage, custom=Place, clock=flow.clock, delivers=False)
    assert other.tick().skipped == (("enrich:register", 1),)
    assert other.retire("enrich:register", by="anna") == 1


class GivesTwice(Register):
    gives = ("emails",)


class Sends(Register):
    needs = ("company.domain",)
    sends = ("email.address",)


@pytest.mark.parametrize(
    ("enrichers", "why"),
    [
        ([Register(), Register()], "a name of its own"),
        ([GivesTwice()], "gives 'emails'"),
        ([Sends()], "neither needs nor wants"),
        ([Register(batch=0)], "batch is 0"),
        ([Register(Budget(zone="Mars"))], "no time zone"),
        (["register"], "is no enricher"),
    ],
)
def test_what_can_not_work_is_refused_at_the_start(enrichers: list[Any], why: str) -> None:
    with pytest.raises(DefinitionError, match=why):
        new_flow(*enrichers)


def test_what_an_enricher_does_not_say_that_it_gives_is_a_finding() -> None:
    class Talkative(Register):
        def look_up(self, asked: Sequence[Mapping[str, Any]]) -> list[list[EnrichedValue]]:
            more = EnrichedValue(path="company.employees", value=250)
            return [[*values, more] for values in super().look_up(asked)]

    flow = new_flow(Talkative())
    lead = flow.look_up(colleague(flow, 1))
    assert (lead.company.industry, lead.company.employees, lead.enriched) == ("pumps", None, ("company.industry",))
    assert [(one.code, one.field) for one in lead.findings] == [("enrichment_unusable", "company.employees")]


@pytest.mark.parametrize("dry_run", [True, False])
def test_only_those_are_counted_who_may_be_looked_up(dry_run: bool) -> None:
    flow = LeadFlow(MemoryStorage(), delivers=False, clock=Clock())
    ids = [colleague(flow, number, f"beta{number}") for number in range(3)]
    flow.suppress("p0@beta0.example", purpose="enrichment", reason="asked for it", by="anna")
    flow.consent(ids[1], "enrichment", "email", proof="a letter", status="withdrawn")
    register = Register()
    later = LeadFlow(flow.storage, enrichers=[register], delivers=False, clock=Clock())
    assert later.look_up_all(dry_run=dry_run) == {"register": 1}
    later.run_due()
    assert register.asked == ([] if dry_run else [["beta2.example"]])


# ------------------------------------------------------------------------------------------------ what sources may do
@pytest.mark.parametrize("until", [-60, 0, None])
def test_a_moment_that_is_no_later_one_is_a_failure_like_any_other(until: int | None) -> None:
    clock, register = Clock(), Register()
    naive = datetime(2030, 1, 1)
    register.failures = [Deferred("429", until=naive if until is None else clock.now + timedelta(seconds=until))] * 2
    flow = new_flow(register, clock=clock)
    colleague(flow, 1)
    assert len(flow.run_due().failed) == len(register.asked) == 1
    assert flow.enrichers()[0][2:] == (0, 0, 0, clock.now + timedelta(minutes=1))
    clock.advance(days=1)
    flow.run_due()
    assert len(register.asked) == 2


@pytest.mark.parametrize("failure", [Deferred("no credits left"), ConnectionRefusedError("nobody there")])
def test_a_source_that_is_down_is_tried_for_one_lead_at_a_time(failure: Exception) -> None:
    clock, register = Clock(), Register()
    flow = new_flow(register, clock=clock)
    for number in range(9):
        colleague(flow, number, f"c{number}")
    register.failures = [failure] * 3
    for minutes in (0, 1, 2):
        clock.advance(minutes=minutes)
        before = len(register.asked)
        flow.run_due()
        assert len(register.asked) == before + 1
    assert flow.enrichers()[0][2:4] == (0, 0)
    clock.advance(minutes=15)
    flow.run_due()
    assert len(register.asked) == 12
    assert flow.count(field("company.industry").known_by("enrichment")) == 9


@pytest.mark.parametrize("answer", [[["pumps"]], ["pumps"], [[{"path": "company.industry", "value": "pumps"}]], None])
def test_an_answer_of_another_kind_counts_as_lost_at_once(answer: Any) -> None:
    class Odd(Register):
        def look_up(self, asked: Sequence[Mapping[str, Any]]) -> Any:
            super().look_up(asked)
            return answer

    odd = Odd()
    flow = new_flow(odd)
    colleague(flow, 1)
    assert flow.run_due().failed == ()
    assert [task.key.partition(":")[0] for task in flow.tasks("dead")] == ["lost"]
    flow.run_due()
    assert len(odd.asked) == 1


def test_calls_that_were_not_made_are_given_back_to_the_day_in_which_they_counted() -> None:
    clock = Clock()
    clock.now = datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)

    class AcrossMidnight(Register):
        def look_up(self, asked: Sequence[Mapping[str, Any]]) -> list[list[EnrichedValue]]:
            clock.advance(seconds=2)
            for one in others[:2]:
                elsewhere.look_up(one)
            raise Deferred("down")

    budget = Budget(per_day=2, per_month=9, zone="UTC")
    register = Register(budget)
    flow = new_flow(AcrossMidnight(budget), clock=clock)
    elsewhere = LeadFlow(flow.storage, custom=Place, enrichers=[register], clock=clock, delivers=False)
    lead_id, *others = (colleague(flow, number, f"c{number}") for number in range(4))
    flow.look_up(lead_id)
    assert elsewhere.enrichers()[0][2:5] == (2, 2, 0)
    elsewhere.look_up(others[2])
    assert len(register.asked) == 2


def test_a_clock_that_goes_back_over_midnight_opens_no_second_budget() -> None:
    clock, register = Clock(), Register(Budget(per_day=2, per_month=3, zone="UTC"))
    flow = new_flow(register, clock=clock)
    ids = [colleague(flow, number, f"c{number}") for number in range(8)]
    for number, lead_id in enumerate(ids):
        clock.now = datetime(2026, 4, 1, tzinfo=UTC) - timedelta(seconds=number % 2)
        flow.look_up(lead_id)
    assert len(register.asked) == 2
    assert flow.enrichers()[0].opens_at == datetime(2026, 4, 2, tzinfo=UTC)
    clock.now = datetime(2026, 4, 2, tzinfo=UTC)
    flow.run_due()
    assert len(register.asked) == 3


def test_a_source_that_was_taken_back_is_asked_again_only_by_name() -> None:
    register = Register()
    flow = new_flow(register)
    lead_id, other = colleague(flow, 1), colleague(flow, 2, "beta")
    flow.run_due()
    flow.withdraw_source("register", where=field("company.domain") == "acme.example", by="anna")
    flow.run_due()
    flow.correct(lead_id, {"website": "gamma.example"}, by="anna")
    flow.run_due()
    flow.look_up(lead_id)
    assert flow.look_up_all() == {"register": 0}
    assert (flow.get(lead_id).enriched, flow.get(other).company.industry) == ((), "pumps")
    assert [lead.id for lead in flow.find(field("withdrawn_sources").contains("register"))] == [lead_id]
    assert flow.look_up(lead_id, only="register").company.industry == "pumps"
    assert flow.get(lead_id).withdrawn_sources == ()


def test_a_source_that_is_taken_back_stays_so_in_a_merge_unless_the_other_lead_has_it() -> None:
    register = Register()
    flow = new_flow(register)
    one, other, third = (colleague(flow, number, f"c{number}") for number in range(3))
    flow.run_due()
    for lead_id in (one, other):
        flow.withdraw_enrichment(lead_id, "register", by="anna")
    flow.merge(one, other, by="anna")
    flow.run_due()
    assert (flow.get(one).withdrawn_sources, flow.get(one).enriched) == (("register",), ())
    flow.merge(one, third, by="anna")
    assert (flow.get(one).withdrawn_sources, flow.get(one).enriched) == ((), ("company.industry",))


@pytest.mark.parametrize("what", ["withdraw", "erase", "disqualify", "correct", "said"])
def test_what_happens_to_a_lead_while_it_is_looked_up_counts(what: str) -> None:
    class Slow(Register):
        def look_up(self, asked: Sequence[Mapping[str, Any]]) -> list[list[EnrichedValue]]:
            if len(self.asked) == 1:
                do[what]()
            return super().look_up(asked)

    clock, slow = Clock(), Slow()
    slow.personal = True
    flow = new_flow(slow, clock=clock)
    lead_id = colleague(flow, 1)
    do = {
        "withdraw": lambda: flow.withdraw_source("register", by="anna"),
        "erase": lambda: flow.erase(lead_id, by="anna"),
        "disqualify": lambda: flow.disqualify(lead_id, by="anna", reason="student"),
        "correct": lambda: flow.correct(lead_id, {"website": "beta.example"}, by="anna"),
        "said": lambda: colleague(flow, 1, industry="valves"),
    }
    flow.run_due()
    clock.advance(days=91)
    flow.run_due()
    assert len(slow.asked) == (3 if what == "correct" else 2)
    if what == "erase":
        assert "pumps" not in repr(vars(flow.storage))
        assert flow.tasks("dead") == []
    elif what == "withdraw":
        assert flow.get(lead_id).enrichments == ()
    else:
        assert flow.get(lead_id).company.industry == ("valves" if what == "said" else "pumps")


@pytest.mark.parametrize("failure", [TimeoutError("no answer"), Deferred("down")])
def test_nothing_is_left_of_a_lead_that_is_erased_while_its_source_fails(failure: Exception) -> None:
    class Failing(Register):
        def look_up(self, asked: Sequence[Mapping[str, Any]]) -> list[list[EnrichedValue]]:
            flow.erase(lead_id, by="anna")
            raise failure

    failing = Failing()
    failing.personal = True
    flow = new_flow(failing)
    lead_id = colleague(flow, 1)
    flow.run_due()
    assert {task.kind for status in ("dead", "waiting") for task in flow.tasks(status)} == {"purge"}
    assert "acme" not in repr(vars(flow.storage))


def test_browsers_may_send_what_they_like() -> None:
    flow = new_flow(LanguageFromHeader())
    lead_id = colleague(flow, 1)
    for header in ("de," * 50_000, "-" * 100_000, "a" + "-aaaaaaaa" * 12_000, "\ud800", "de\x00"):
        assert flow.look_up(lead_id, {"accept_language": header, "user_agent": "(" * 100_000}).person.language in (
            None, "de",
        )  # fmt: skip
