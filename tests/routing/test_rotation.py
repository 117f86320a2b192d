from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.routing import Contender, Ledger, Turn, TurnPolicy, least_loaded, only, round_robin

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
TODAY = date(2026, 7, 1)
Weights = Mapping[str, Fraction]


class Team:
    """Plays turns on ledgers and keeps its own exact books of what was due, apart from those under test."""

    def __init__(self, policy: TurnPolicy = round_robin) -> None:
        self.policy, self.turns = policy, 0
        self.ledgers: dict[str, Ledger] = {}
        self.due: dict[str, Fraction] = {}
        self.got: Counter[str] = Counter()

    def turn(self, weights: Weights) -> str:
        self.turns += 1
        contenders = [
            Contender(rep, weight, self.ledgers.setdefault(rep, Ledger(rep=rep))) for rep, weight in weights.items()
        ]
        turn = self.policy(contenders)
        for rep, weight in weights.items():
            self.due[rep] = self.due.get(rep, Fraction(0)) + weight / sum(weights.values())
            self.ledgers[rep] = self.ledgers[rep].accrued(turn.shares.get(rep, Fraction(0)))
        now = NOW + timedelta(minutes=self.turns)
        self.ledgers[turn.rep] = self.ledgers[turn.rep].given(now, TODAY)
        self.got[turn.rep] += 1
        return turn.rep

    @property
    def off_by(self) -> Fraction:
        return max(abs(self.due[rep] - self.got[rep]) for rep in self.due)


def weights_of(*weights: float) -> dict[str, Fraction]:
    return {f"r{n}": Fraction(str(weight)) for n, weight in enumerate(weights)}


WEIGHT = st.one_of(
    st.integers(1, 5).map(Fraction),
    st.sampled_from([Fraction(1, 2), Fraction(1, 3), Fraction(7, 4), Fraction(100), Fraction(999)]),
    st.fractions(min_value=Fraction(1, 50), max_value=50, max_denominator=50),
)
TEAMS = st.lists(WEIGHT, min_size=1, max_size=9).map(lambda ws: {f"r{n}": w for n, w in enumerate(ws)})


# --- a fixed team ------------------------------------------------------------------------------------------
@settings(max_examples=150, deadline=None)
@given(TEAMS, st.integers(1, 120))
def test_a_fixed_team_is_within_one_lead_of_the_exact_share_at_every_moment(team: Weights, turns: int) -> None:
    rotation = Team()
    for _ in range(turns):
        rotation.turn(team)
        assert rotation.off_by < 1


def owed_most(contenders: Sequence[Contender]) -> Turn:
    """The naive twin: nginx's smooth weighted round robin, always to the largest claim."""
    total = sum(one.weight for one in contenders)
    shares = {one.rep: one.weight / total for one in contenders}
    first = max(contenders, key=lambda one: (one.ledger.owed + shares[one.rep], one.weight))
    return Turn(first.rep, shares, "is owed most")


def in_a_circle(contenders: Sequence[Contender]) -> Turn:
    """The other naive twin: each as often in a row as its weight says."""
    total = sum(one.weight for one in contenders)
    place = sum(one.ledger.assigned for one in contenders) % total
    for one in contenders:
        place -= one.weight
        if place < 0:
            return Turn(one.rep, {each.rep: each.weight / total for each in contenders}, "its place")
    raise AssertionError


@pytest.mark.parametrize("naive", [owed_most, in_a_circle])
def test_naive_rotations_miss_by_more_than_a_lead(naive: TurnPolicy) -> None:
    team, off_by = weights_of(1000, 100, 30, 30, 7, 5, 5, 3, 2), {}
    for policy in (naive, round_robin):
        rotation, misses = Team(policy), []
        for _ in range(1182):
            rotation.turn(team)
            misses.append(rotation.off_by)
        off_by[policy] = max(misses)
    assert off_by[naive] > 1 > off_by[round_robin]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_after_as_many_turns_as_the_weights_sum_to_everybody_has_exactly_the_weight(weights: list[int]) -> None:
    rotation = Team()
    for _ in range(3 * sum(weights)):
        rotation.turn(weights_of(*weights))
    assert [rotation.got[f"r{n}"] for n in range(len(weights))] == [3 * weight for weight in weights]


def test_four_reps_share_six_leads_two_two_one_one() -> None:
    rotation = Team()
    for _ in range(6):
        rotation.turn(weights_of(1, 1, 1, 1))
    assert sorted(rotation.got.values()) == [1, 1, 2, 2]


def test_two_equal_reps_with_a_lead_a_day_have_fifteen_each_after_thirty_days() -> None:  # Odoo: 11 and 19
    rotation = Team()
    for _ in range(30):
        rotation.turn(weights_of(1, 1))
    assert rotation.got == {"r0": 15, "r1": 15}


def with_counts(weights: Weights, counts: Sequence[int]) -> dict[str, Ledger]:
    """Ledgers of reps who together got so many leads, each entitled to its weight's share of them."""
    total = sum(weights.values())
    return {
        rep: Ledger(
            rep=rep, entitled=sum(counts) * weight / total, assigned=count, last_turn_at=NOW - timedelta(hours=n)
        )
        for n, ((rep, weight), count) in enumerate(zip(weights.items(), counts, strict=True))
    }


@pytest.mark.parametrize(
    ("weights", "counts", "next_one"),
    [
        ((200, 100), (3, 2), "r0"),
        ((150, 100), (3, 2), "r0"),  # both have their share: the heavier's next one is due sooner
        ((100, 100), (2, 2), "r1"),  # who waited longest
        ((100, 100), (3, 2), "r1"),
    ],
)
def test_who_is_next_among_two(weights: tuple[int, int], counts: tuple[int, int], next_one: str) -> None:
    team = weights_of(*weights)
    ledgers = with_counts(team, counts)
    assert round_robin([Contender(rep, weight, ledgers[rep]) for rep, weight in team.items()]).rep == next_one


def test_ties_go_to_the_heavier_then_to_who_waited_longest_then_by_id() -> None:
    def tied(rep: str, weight: int, owed: Fraction, hours_ago: int | None) -> Contender:
        last = NOW - timedelta(hours=hours_ago) if hours_ago is not None else None
        return Contender(rep, Fraction(weight), Ledger(rep=rep, entitled=1 + owed, assigned=1, last_turn_at=last))

    heavy = tied("heavy", 2, Fraction(0), 0)
    # after this turn heavy is owed 1/2 and gains 1/2 per turn, the others 3/4 and 1/4: all are owed a whole one next
    late, early = tied("b", 1, Fraction(1, 2), 1), tied("c", 1, Fraction(1, 2), 2)
    assert round_robin([late, early, heavy]).rep == "heavy"
    late, early, never = tied("b", 1, Fraction(0), 1), tied("c", 1, Fraction(0), 2), tied("d", 1, Fraction(0), None)
    assert round_robin([late, early]).rep == "c"
    assert round_robin([late, early, never]).rep == "d"
    assert round_robin([tied("y", 1, Fraction(0), 1), tied("x", 1, Fraction(0), 1)]).rep == "x"


# --- a team that changes -----------------------------------------------------------------------------------
@st.composite
def changing_teams(draw: st.DrawFn) -> tuple[int, list[Weights]]:
    reps = [f"r{n}" for n in range(draw(st.integers(2, 7)))]
    team = st.dictionaries(st.sampled_from(reps), WEIGHT, min_size=1)
    return len(reps), draw(st.lists(team, min_size=1, max_size=80))


@settings(max_examples=200, deadline=None)
@given(changing_teams())
def test_however_the_team_changes_nobody_is_off_by_more_than_the_reps_but_one(case: tuple[int, list[Weights]]) -> None:
    reps, teams = case
    rotation = Team()
    for team in teams:
        rotation.turn(team)
        assert rotation.off_by <= reps - 1
        assert sum(ledger.owed for ledger in rotation.ledgers.values()) == 0


def adversary(reps: int, turns: int, seed: int) -> Fraction:
    """Searches for the teams that hurt most: of twenty it takes the one that spreads the claims furthest."""
    dice, rotation, worst = random.Random(seed), Team(), Fraction(0)
    everybody = [f"r{n}" for n in range(reps)]

    def spread(team: Weights) -> Fraction:
        contenders = [Contender(r, w, rotation.ledgers.get(r, Ledger(rep=r))) for r, w in team.items()]
        turn = round_robin(contenders)
        after = {one.rep: one.ledger.owed + turn.shares[one.rep] - (one.rep == turn.rep) for one in contenders}
        return sum((a * a for a in after.values()), Fraction(0)) - sum(one.ledger.owed**2 for one in contenders)

    def some_team() -> Weights:
        size = dice.choice([2, 2, 2, 3, reps])
        return {rep: Fraction(dice.choice([1, 1, 1, 2, 5, 50])) for rep in dice.sample(everybody, min(size, reps))}

    for _ in range(turns):
        rotation.turn(max((some_team() for _ in range(20)), key=spread))
        worst = max(worst, rotation.off_by)
    return worst


@pytest.mark.parametrize("reps", [2, 3, 4, 5, 6])
def test_an_adversary_who_picks_the_team_at_every_turn_does_not_get_past_the_bound(reps: int) -> None:
    worst = adversary(reps, turns=60, seed=reps)
    assert worst <= reps - 1
    assert worst > Fraction(reps - 1, 4)  # which no rule can keep: the search does hurt


def test_who_is_owed_several_leads_comes_before_who_is_owed_one_for_longer() -> None:
    several = Contender("heavy", Fraction(99), Ledger(rep="heavy", entitled=Fraction(3)))
    one = Contender("light", Fraction(1), Ledger(rep="light", entitled=Fraction(5, 4)))
    assert round_robin([several, one]).rep == "heavy"  # though (1 - owed) / share is far less for the light one


def test_who_comes_back_from_leave_is_not_flooded() -> None:
    rotation, team = Team(), weights_of(1, 1, 1)
    without = {rep: weight for rep, weight in team.items() if rep != "r2"}
    for _ in range(10):
        rotation.turn(team)
    for _ in range(500):
        rotation.turn(without)
    assert rotation.got["r2"] in (3, 4)
    back = [rotation.turn(team) for _ in range(30)]
    assert 9 <= back.count("r2") <= 11
    assert back[:6].count("r2") <= 3


def test_who_is_new_gets_the_same_as_the_others_from_now_on() -> None:
    rotation = Team()
    for _ in range(400):
        rotation.turn(weights_of(1, 1))
    first = [rotation.turn(weights_of(1, 1, 1)) for _ in range(9)]
    assert Counter(first) == {"r0": 3, "r1": 3, "r2": 3}


# --- other policies ----------------------------------------------------------------------------------------
def loaded(**open_leads: int) -> list[Contender]:
    return [Contender(rep, Fraction(1), Ledger(rep=rep, open=count)) for rep, count in open_leads.items()]


def test_least_loaded_takes_who_has_the_fewest_open_leads_for_the_weight() -> None:
    assert least_loaded(loaded(anna=3, ben=2, carl=4)).rep == "ben"
    heavy = Contender("dora", Fraction(4), Ledger(rep="dora", open=7))
    assert least_loaded([*loaded(anna=3, ben=2), heavy]).rep == "dora"


def test_what_was_given_outside_the_rotation_is_owed_by_nobody() -> None:
    contenders = loaded(anna=3, ben=2)
    for turn in (least_loaded(contenders), only(contenders[1], "asked for")):
        assert turn.shares == {"ben": 1}


@given(st.permutations(["a", "b", "c", "d"]), st.sampled_from([round_robin, least_loaded]))
def test_the_order_in_which_reps_are_written_does_not_matter(
    order: Collection[str], policy: Callable[[Sequence[Contender]], Turn]
) -> None:
    reps = {"a": (1, 0), "b": (2, 1), "c": (2, 1), "d": (1, 2)}
    ledgers = {
        rep: Ledger(rep=rep, entitled=Fraction(count), assigned=count, open=count) for rep, (_, count) in reps.items()
    }
    contenders = [Contender(rep, Fraction(reps[rep][0]), ledgers[rep]) for rep in order]
    assert policy(contenders).rep == policy(sorted(contenders)).rep
