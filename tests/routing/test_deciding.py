from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.conditions import always, field
from leadflow.entities import Entity
from leadflow.entities.contact import Address
from leadflow.entities.lead import Lead
from leadflow.errors import InvalidInput
from leadflow.rotation.ledger import Ledger, released
from leadflow.rotation.roster import Gate, Rep, Router, Territory
from leadflow.rotation.turns import Contender, Turn, least_loaded, only
from leadflow.routing import Routed, ledger_ids, route
from leadflow.worktime import BusinessHours

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
DACH = field("address.country").is_in("DE", "AT", "CH")


def a_lead(country: str | None = "DE", **values: Any) -> Lead[Any]:
    lead = Lead[Any](id="lead-1", created_at=NOW, recorded_at=NOW, address=Address(country=country))
    return lead.but(**values)


class Desk:
    """Routes lead after lead and keeps the ledgers, as a flow would."""

    def __init__(self, router: Router) -> None:
        self.router = router.bind(Lead)
        self.ledgers: dict[str, Ledger] = {}
        self.got: Counter[str] = Counter()

    def route(self, lead: Lead[Any] | None = None, now: datetime = NOW, prefer: Sequence[str] = ()) -> Routed:
        lead = lead or a_lead()
        loaded = {rep: self.ledgers[rep] for rep in ledger_ids(self.router, lead, now) if rep in self.ledgers}
        routed = route(lead, self.router, loaded, now, prefer=prefer)
        self.ledgers.update({ledger.rep: ledger for ledger in routed.ledgers})
        self.got[routed.route.owner or f"queue {routed.route.queue}"] += 1
        return routed

    def each(self, moments: Iterable[datetime]) -> Counter[str]:
        before = self.got.copy()
        for moment in moments:
            self.route(now=moment)
        return self.got - before


def one_team(*reps: Rep, **named: Any) -> Desk:
    return Desk(Router([Territory("all", always(), reps=reps, **named)]))


# --- territories -------------------------------------------------------------------------------------------
def test_the_first_territory_that_matches_takes_the_lead() -> None:
    desk = Desk(
        Router(
            [
                Territory("Vienna", field("address.city") == "Wien", reps=["vera"]),
                Territory("DACH", DACH, reps=["anna"]),
                Territory("rest", always(), reps=["rita"]),
            ]
        )
    )
    routed = desk.route(a_lead("AT", address=Address(country="AT", city="Linz"))).route
    assert (routed.owner, routed.queue, routed.territory, routed.turn) == ("anna", None, "DACH", 1)
    assert [(one.name, one.outcome) for one in routed.gates] == [("Vienna", "false"), ("DACH", "true")]
    assert desk.route(a_lead("FR")).route.owner == "rita"


def test_a_missing_country_matches_no_territory_and_the_trace_says_that_it_is_unknown() -> None:
    router = Router([Territory("DACH", DACH, reps=["anna"]), Territory("abroad", ~DACH, reps=["ben"])])
    routed = Desk(router).route(a_lead(None))
    assert (routed.route.owner, routed.route.queue, routed.route.territory) == (None, "unrouted", None)
    assert [one.outcome for one in routed.route.gates] == ["unknown", "unknown"]
    assert routed.ledgers == ()
    assert routed.compared == frozenset()


@pytest.mark.parametrize(("queue", "stands_in"), [("DACH team", "DACH team"), (None, "unrouted")])
def test_a_lead_that_nobody_may_get_stands_in_the_queue_of_its_territory(queue: str | None, stands_in: str) -> None:
    desk = Desk(
        Router(
            [
                Territory("DACH", DACH, reps=[Rep("anna", active=False)], queue=queue),
                Territory("all", always(), reps=["b"]),
            ]
        )
    )
    routed = desk.route()
    assert (routed.route.owner, routed.route.queue, routed.route.territory) == (None, stands_in, "DACH")
    assert [(one.rep, one.eligible, one.because) for one in routed.route.candidates] == [
        ("anna", False, "is not active")
    ]
    assert routed.compared == {"anna"}


def test_or_it_falls_through_to_the_next_territory_if_the_host_says_so() -> None:
    full = Rep("anna", daily_cap=0)
    router = Router(
        [
            Territory("DACH", DACH, reps=[full], otherwise="next"),
            Territory("all", always(), reps=["ben", full], queue="all"),
        ]
    )
    routed = Desk(router).route()
    assert (routed.route.owner, routed.route.territory) == ("ben", "all")
    assert [one.rep for one in routed.route.candidates] == ["ben", "anna"]
    assert routed.compared == {"anna", "ben"}
    assert [ledger.rep for ledger in routed.ledgers] == ["ben"]


def test_a_lead_prefers_one_rep_until_that_one_is_full() -> None:  # Odoo: 11 leads, 8 prefer A, 5 a day for each
    anna, ben, carl = (Rep(name, daily_cap=5) for name in ("anna", "ben", "carl"))
    desk = Desk(
        Router(
            [
                Territory("hers", field("source") == "anna's", reps=[anna], otherwise="next"),
                Territory("all", always(), reps=[anna, ben, carl]),
            ]
        )
    )
    owners = [desk.route(a_lead(source="anna's" if n < 8 else "web")).route.owner for n in range(11)]
    assert owners[:5] == ["anna"] * 5
    assert desk.got == {"anna": 5, "ben": 3, "carl": 3}


# --- gates -------------------------------------------------------------------------------------------------
BIG = Gate(field("company.employees") >= 10, because="companies of ten and more", queue="small business")
REACHABLE = Gate(field("address.country").is_known(), because="we know where")


@pytest.mark.parametrize(
    ("employees", "country", "queue", "outcomes"),
    [
        (50, "DE", None, ["true", "true"]),
        (3, "DE", "small business", ["false", "true"]),
        (None, "DE", "review", ["unknown", "true"]),
        (None, None, "nurturing", ["unknown", "false"]),  # a false gate decides, whatever is unknown before it
        (3, None, "small business", ["false", "false"]),
    ],
)
def test_gates_let_only_true_pass_and_each_says_what_it_saw(
    employees: int | None, country: str | None, queue: str | None, outcomes: list[str]
) -> None:
    desk = Desk(Router([Territory("all", always(), reps=["anna"])], gates=[BIG, REACHABLE]))
    lead = a_lead(country)
    routed = desk.route(lead.but(company=lead.company.but(employees=employees)))
    assert (routed.route.queue, routed.route.owner) == (queue, None if queue else "anna")
    assert [one.outcome for one in routed.route.gates[:2]] == outcomes
    assert routed.route.gates[0].name == "companies of ten and more"
    assert "employees" in routed.route.gates[0].text
    assert bool(routed.compared) == (queue is None)


# --- owners ------------------------------------------------------------------------------------------------
def test_a_lead_that_a_rep_has_already_stays_there() -> None:
    desk = one_team(Rep("anna"), Rep("ben"))
    first = desk.route().route
    again = desk.route(a_lead(owner=first.owner, route=first))
    assert (again.route.owner, again.route.territory, again.route.turn) == (first.owner, "all", 1)
    assert (again.ledgers, again.compared) == ((), frozenset())
    assert again.route.candidates[0].because == "owns the lead already"


def test_leave_takes_no_lead_away_but_who_is_no_rep_any_more_loses_them() -> None:
    desk = one_team(Rep("anna", active=False), Rep("ben"))
    assert desk.route(a_lead(owner="anna")).route.owner == "anna"
    assert desk.route(a_lead(owner="zoe")).route.owner == "ben"


def test_a_host_may_let_every_lead_be_shared_out_anew() -> None:
    territories = [Territory("all", always(), reps=["anna", "ben"])]
    assert Desk(Router(territories)).route(a_lead(owner="ben")).route.owner == "ben"
    assert Desk(Router(territories, keep_owner=False)).route(a_lead(owner="ben")).route.owner == "anna"


def test_who_has_the_colleague_is_preferred_without_using_a_turn() -> None:
    desk = one_team(Rep("anna", daily_cap=3), Rep("ben"))
    preferred = [desk.route(prefer=["zoe", "anna"]).route for _ in range(2)]
    assert [one.owner for one in preferred] == ["anna", "anna"]
    assert preferred[1].candidates[0].because == "is preferred for this lead"
    assert desk.ledgers["anna"].owed == 0
    assert "ben" not in desk.ledgers
    assert {desk.route().route.owner, desk.route().route.owner} == {"anna", "ben"}
    assert desk.route(prefer=["anna"]).route.owner == "ben"  # anna is full


# --- capacity ----------------------------------------------------------------------------------------------
def test_a_monthly_cap_of_ten_is_exactly_ten() -> None:  # Odoo's rounding: none
    july = [datetime(2026, 7, 1, tzinfo=UTC) + n * timedelta(hours=6) for n in range(31 * 4)]
    desk = one_team(Rep("anna", monthly_cap=10), Rep("ben", monthly_cap=44))
    assert desk.each(july) == {"anna": 10, "ben": 44, "queue unrouted": 124 - 54}
    assert desk.each(moment + 31 * DAY for moment in july[:20]) == {"anna": 10, "ben": 10}


def test_days_begin_at_midnight_in_the_routers_zone() -> None:
    desk = Desk(Router([Territory("all", always(), reps=[Rep("anna", daily_cap=1)])], zone="Europe/Berlin"))
    before_midnight, after = datetime(2026, 7, 1, 21, 59, tzinfo=UTC), datetime(2026, 7, 1, 22, 0, tzinfo=UTC)
    owners = [desk.route(now=moment).route.owner for moment in (before_midnight, before_midnight, after, after)]
    assert owners == ["anna", None, "anna", None]


def test_who_is_away_or_not_at_work_gets_nothing_and_the_trace_says_why() -> None:
    desk = one_team(
        Rep("anna", absences=[("2026-07-01", "2026-07-14")]),
        Rep("ben", hours=BusinessHours(week={"mon-fri": "10:00-17:00"})),
    )
    candidates = desk.route(now=NOW).route.candidates
    assert [one.because for one in candidates] == ["is away until 2026-07-14", "is outside working hours"]
    assert desk.route(now=NOW + 13 * DAY).route.owner is None
    assert desk.route(now=NOW + 14 * DAY).route.owner == "anna"
    assert desk.route(now=NOW + timedelta(hours=1)).route.owner == "ben"


def test_an_open_cap_frees_up_when_a_lead_leaves() -> None:
    desk = one_team(Rep("anna", open_cap=2))
    assert [desk.route().route.owner for _ in range(3)] == ["anna", "anna", None]
    desk.ledgers["anna"] = released(desk.ledgers["anna"])
    assert [desk.route().route.owner for _ in range(2)] == ["anna", None]


Event = tuple[str, int, str]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["lead", "lead", "lead", "leaves"]), st.integers(-3, 20), st.sampled_from(["DE", "FR"])
        ),
        max_size=80,
    )
)
def test_no_cap_is_ever_exceeded_whatever_comes_when(events: list[Event]) -> None:
    caps: Mapping[str, Mapping[str, Any]] = {
        "anna": {"daily_cap": 2, "monthly_cap": 9},
        "ben": {"open_cap": 3},
        "carl": {"daily_cap": 1, "open_cap": 4, "weight": 3},
    }
    reps = {name: Rep(name, **cap) for name, cap in caps.items()}
    territories = [
        Territory("DE", field("address.country") == "DE", reps=[reps["anna"], reps["ben"]]),
        Territory(
            "FR", always(), reps=[reps["ben"].but(weight=5), reps["carl"]], policy=least_loaded, otherwise="next"
        ),
        Territory("all", always(), reps=list(reps.values())),
    ]
    desk, now = Desk(Router(territories)), NOW
    had: dict[str, list[date]] = {name: [] for name in caps}
    open_now: Counter[str] = Counter()
    for event, hours, country in events:
        now += timedelta(hours=hours)
        if event == "lead":
            owner = desk.route(a_lead(country), now).route.owner
            if owner:
                had[owner].append(max([now.date(), *had[owner]]))  # a clock set back begins no day anew
                open_now[owner] += 1
        elif having := sorted(name for name, count in open_now.items() if count):
            desk.ledgers[having[0]] = released(desk.ledgers[having[0]])
            open_now[having[0]] -= 1
        for name, cap in caps.items():
            months = Counter(day.month for day in had[name])
            assert open_now[name] <= cap.get("open_cap", 99)
            assert max(Counter(had[name]).values(), default=0) <= cap.get("daily_cap", 99)
            assert max(months.values(), default=0) <= cap.get("monthly_cap", 99)


# --- fairness, through the whole of it ---------------------------------------------------------------------
def test_a_thousand_leads_at_one_moment_are_shared_evenly() -> None:
    desk = one_team(*(Rep(f"rep{n}") for n in range(7)))
    owners = desk.each([NOW] * 1000)
    assert sum(owners.values()) == 1000
    assert max(owners.values()) - min(owners.values()) <= 1


def test_turns_are_distinct_and_without_gaps() -> None:
    desk = one_team(Rep("anna", weight=2.5), Rep("ben"))
    routes = [desk.route().route for _ in range(70)]
    assert sorted((one.owner, one.turn) for one in routes) == [
        *(("anna", turn + 1) for turn in range(50)),
        *(("ben", turn + 1) for turn in range(20)),
    ]


def test_a_rep_in_two_territories_has_one_ledger_and_makes_up_in_one_for_the_other() -> None:
    both, anna, ben = Rep("both"), Rep("anna"), Rep("ben")
    desk = Desk(
        Router(
            [
                Territory("DE", field("address.country") == "DE", reps=[both, anna]),
                Territory("FR", field("address.country") == "FR", reps=[both, ben]),
            ]
        )
    )
    for n in range(200):
        desk.route(a_lead(["DE", "FR"][n % 2]))
    assert desk.got == {"anna": 50, "ben": 50, "both": 100}
    assert all(abs(ledger.owed) <= 2 for ledger in desk.ledgers.values())


# --- what a flow relies on ---------------------------------------------------------------------------------
COUNTRIES = st.sampled_from([None, "DE", "AT", "FR"])


@settings(max_examples=60, deadline=None)
@given(st.lists(COUNTRIES, min_size=1, max_size=12), st.booleans(), st.sampled_from(["queue", "next"]))
def test_no_ledger_is_needed_that_was_not_named_before_and_changed_ones_were_compared(
    countries: list[str | None], gated: bool, otherwise: Literal["queue", "next"]
) -> None:
    capped = Rep("anna", daily_cap=1)
    territories = [
        Territory("DE", field("address.country") == "DE", reps=[capped], otherwise=otherwise),
        Territory("DACH", DACH, reps=[capped, Rep("ben", daily_cap=2)], otherwise=otherwise),
        Territory("rest", always(), reps=["carl"]),
    ]
    gates = [Gate(field("address.country") != "FR", because="not France")] if gated else []
    desk = Desk(Router(territories, gates=gates))
    for country in countries:
        named = ledger_ids(desk.router, a_lead(country), NOW)
        before = dict(desk.ledgers)
        routed = desk.route(a_lead(country))
        assert routed.compared <= named
        assert {ledger.rep for ledger in routed.ledgers} <= routed.compared
        assert (routed.route.owner is None) != (routed.route.queue is None)
        assert route(a_lead(country), desk.router, before, NOW) == routed


def test_the_trace_shows_the_claims_before_the_turn() -> None:
    desk = one_team(Rep("anna", weight=2), Rep("ben"), Rep("carl", active=False))
    desk.route()
    routed = desk.route().route
    candidates = {one.rep: one for one in routed.candidates}
    assert {rep: (one.eligible, one.entitled, one.assigned) for rep, one in candidates.items()} == {
        "anna": (True, "2/3", 1),
        "ben": (True, "1/3", 0),
        "carl": (False, "0", 0),
    }
    assert routed.owner == "anna"
    assert candidates["anna"].because == "is owed 1/3 of a lead, the first to reach a whole one"
    assert candidates["ben"].because == "others come first"


def test_a_policy_of_ones_own_chooses_and_is_held_to_the_contenders() -> None:
    def last(contenders: Sequence[Contender]) -> Turn:
        return only(contenders[-1], "is the last")

    def nobody(contenders: Sequence[Contender]) -> Turn:
        return Turn("zoe", {"zoe": contenders[0].weight}, "is my cousin")

    assert one_team(Rep("anna"), Rep("ben"), policy=last).route().route.owner == "ben"
    stands = one_team(Rep("anna"), Rep("ben"), policy=nobody).route()
    assert (stands.route.owner, stands.route.queue, stands.ledgers) == (None, "unrouted", ())
    assert "chose 'zoe'" in stands.route.error


def test_a_policy_or_condition_that_fails_is_a_reason_and_a_queue() -> None:
    def broken(_: Sequence[Contender]) -> Turn:
        raise ZeroDivisionError("no")

    stands = one_team(Rep("anna"), Rep("ben"), policy=broken).route().route
    assert (stands.owner, stands.queue) == (None, "unrouted")
    assert stands.error.endswith("failed: ZeroDivisionError: no")
    assert [(one.rep, one.eligible) for one in stands.candidates] == [("anna", True), ("ben", True)]


def test_a_property_of_the_hosts_own_that_fails_is_unknown_to_the_gate_that_asks_for_it() -> None:
    class Fleet(Entity):
        trucks: int = 0

        @property
        def per_driver(self) -> float:
            return 1 / self.trucks

    lead = a_lead().model_dump(exclude={"custom"})
    router = Router(
        [Territory("all", always(), reps=["anna"])], gates=[Gate(field("custom.per_driver") > 2, because="a fleet")]
    ).bind(Lead[Fleet])
    stands = route(Lead[Fleet].model_validate(lead), router, {}, NOW).route
    assert (stands.owner, stands.queue) == (None, "review")
    assert (stands.gates[0].outcome, "ZeroDivisionError" in stands.gates[0].text) == ("unknown", True)


def test_a_moment_without_a_zone_is_refused() -> None:
    router = Router([])
    for call in (
        lambda: route(a_lead(), router, {}, datetime(2026, 7, 1)),
        lambda: ledger_ids(router, a_lead(), datetime(2026, 7, 1)),
    ):
        with pytest.raises(InvalidInput):
            call()
