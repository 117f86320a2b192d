"""Acceptance cases on merging, as other systems' users and tests have them; the numbers are those of the research.

| case | test |
|---|---|
| 12 a duplicate merged into an owned opportunity keeps its owner, also if it was won or lost | `test_12_…` |
| 17 50 + 100 points are 150, after reload, too; replayed duplicates don't double | `test_17_…` |
| 18 newest activity, oldest identification; of several companies a lead has one, a conflict | `test_18_…` |
| 19 old ids resolve; a merge with itself raises; two addresses on one browser are two people | `test_19_…` |
| 20 matching is symmetric, and not by parts of words ("charlie", "odoo.com") | `test_20_…` |
| 21 three scores of 10: recomputed from all activities within the caps, or their sum or maximum | `test_21_…` |
| merge A into B while B into A, among 16 writers; kills | `test_merge_races.py` |
| `unmerge(merge(a, b))` restores both, in chains of five in any order | `test_merge_worlds.py` |
| either side opted out: the result has; a merge begins no enrolment and no mail | `test_merging.py` |
| erasing one side leaves nothing on the other | `test_nested_merges.py`, `tests/promises/test_erasure.py` |
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from acme import acme_flow, consistent
from leadflow import Actor, LeadFlow
from leadflow.errors import InvalidInput
from leadflow.flow import Survivorship
from leadflow.quality import likeness
from leadflow.scoring import ScoringModel, on

EVA = Actor(kind="marketing", id="eva")


@pytest.fixture
def flow(storage, clock) -> LeadFlow:
    return acme_flow(storage, clock)


def lead(flow: LeadFlow, name: str, **more: Any) -> str:
    visitor = more.pop("visitor", None)
    return flow.capture({"email": f"{name}@{name}.example"} | more, source=name, visitor=visitor).lead_id


@pytest.mark.parametrize("ended", [None, "win", "lose"])
@pytest.mark.parametrize("owned_survives", [True, False])
def test_12_an_owned_opportunity_keeps_its_owner(flow, ended, owned_survives) -> None:
    owned, new = lead(flow, "ada"), lead(flow, "home")
    flow.fast_track(owned, by="ben", to="sql", reason="called")
    flow.open_deal(owned, "d", by="ben", amount="10")
    if ended == "win":
        flow.win(owned, by="ben")
    elif ended == "lose":
        flow.lose(owned, by="ben", reason="price", revisit=date(2026, 6, 1))
    before = flow.get(owned)
    flow.merge(*((owned, new) if owned_survives else (new, owned)), by=EVA)
    after = flow.get(owned)
    assert (after.owner, after.stage, after.deals) == (before.owner, before.stage, before.deals)
    assert ended == "lose" or after.owner == "ben"
    assert flow.recount() == ()


def test_17_points_are_added_once(flow) -> None:
    one, two = lead(flow, "ada"), lead(flow, "home")
    flow.adjust(one, 50, reason="met", by="anna", id="a")
    flow.adjust(two, 100, reason="met", by="anna", id="b")
    flow.merge(one, two, by=EVA)
    for _ in range(2):
        assert flow.get(one).score.engagement + flow.get(one).score.fit == 150
        flow.rescore(stale_only=False)
    for who in (one, two):
        assert flow.adjust(who, 100, reason="met", by="anna", id="b").repeated
    assert flow.merge(one, two, by=EVA).repeated
    assert flow.get(two).score.total == 150
    consistent(flow)


def test_18_the_newest_activity_the_oldest_identification_and_one_company(flow, clock) -> None:
    one = lead(flow, "ada", company="Acme GmbH")
    began = flow.get(one).created_at
    flow.record(one, "page_viewed", id="early")
    clock.advance(days=3)
    two = lead(flow, "home", company="Beta AG")
    clock.advance(days=1)
    flow.record(two, "page_viewed", id="late")
    newest = clock()
    done = flow.merge(two, one, by=EVA)
    after = flow.get(two)
    assert (after.created_at, after.source) == (began, "ada")
    scored = {id for one in after.score.contributions for id in one.activities}
    assert scored == {"early", "late"}
    assert max(act.happened_at for whose in (one, two) for act in flow.storage.activities(whose)) == newest
    assert (after.company.name, done.conflicts) == ("Beta", ("company",))
    assert flow.get(two).person == after.person


def test_19_old_ids_resolve_and_two_people_on_one_browser_stay_two(flow) -> None:
    one, two = lead(flow, "ada", first_name="Ada", visitor="v"), lead(flow, "bob", first_name="Bob", visitor="v")
    assert one != two
    with pytest.raises(InvalidInput, match="two different leads"):
        flow.merge(one, one, by=EVA)
    flow.merge(one, two, by=EVA)
    assert flow.get(two) == flow.get(one) == flow.by_email("bob@bob.example")
    assert flow.record(two, "page_viewed").lead_id == one


def test_20_likeness_is_symmetric_and_not_by_parts_of_words(flow) -> None:
    some = [
        lead(flow, "c", first_name="Charlie"),
        lead(flow, "d", first_name="Charlie", last_name="Chapelin"),
        lead(flow, "odoo", company="Odoo"),
        lead(flow, "myodoo", company="Myodoo"),
    ]
    leads = [flow.get(one) for one in some]
    for one in leads:
        for other in leads:
            assert likeness(one, other)[:3] == likeness(other, one)[:3]
            assert one is other or likeness(one, other).verdict == "different"
    assert len(flow.twins()) == 0


@pytest.mark.parametrize(("policy", "totals"), [("recomputed", (20, 20)), ("sum", (20, 30)), ("max", (10, 10))])
def test_21_three_scores_of_ten_are_recomputed_within_the_cap_or_added_or_the_largest(
    storage, clock, policy, totals
) -> None:
    rules = ScoringModel(name="m", engagement=[on("seen", 10, cap=20)])
    flow = LeadFlow(storage, scoring=rules, clock=clock)
    three = [lead(flow, name) for name in ("a", "b", "c")]
    for number, one in enumerate(three):
        flow.record(one, "seen", id=str(number))
        assert flow.score(one).total == 10
    by_policy = Survivorship(score=policy)
    for one, total in zip(three[1:], totals, strict=True):
        flow.merge(three[0], one, by=EVA, survivorship=by_policy)
        assert flow.score(one).total == total
        assert sum(part.points for part in flow.score(one).contributions) == total
        consistent(flow)
    for one in three[1:]:
        flow.unmerge(three[0], one, by=EVA)
    assert [flow.score(one).total for one in three] == [10, 10, 10]
