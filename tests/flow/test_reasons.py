"""Why a lead was moved: codes with labels where a lifecycle lists them, free words beside."""

from __future__ import annotations

from datetime import date

import pytest

from acme import ADA, acme_flow, consistent
from leadflow import DefinitionError, InvalidInput, Lifecycle, StageChanged, field
from leadflow.insights import summarise
from leadflow.lifecycle import DEFAULT

LATER = date(2026, 9, 1)
WHY = {"no_budget": "No budget this year", "no_need": "No need"}
LISTED = DEFAULT.extend(reasons={"reject": WHY, "lose": WHY | {"price": "Too expensive"}, "fast_track": {"met": "Met"}})


@pytest.fixture
def flow(every_storage, clock, outbox):
    return acme_flow(every_storage, clock, outbox, lifecycle=LISTED)


def test_a_code_is_kept_its_label_is_shown_and_free_words_stand_beside(flow, mql):
    flow.reject(mql, by="anna", reason="no_budget", note="next year\nperhaps", revisit=LATER)
    assert flow.get(mql).reason == "no_budget"
    last = [fact for fact in flow.history(mql) if isinstance(fact, StageChanged)][-1]
    assert (last.reason, last.note) == ("no_budget", "next year\nperhaps")
    assert "by rep anna: No budget this year: next year" in str(flow.explain(mql))
    consistent(flow)


@pytest.mark.parametrize(
    ("reason", "remedy"), [("no_bugdet", "did you mean 'no_budget'"), ("x", "No need"), ("", "of:")]
)
def test_an_unknown_code_is_refused_with_the_list(flow, mql, reason, remedy):
    with pytest.raises(InvalidInput, match=remedy):
        flow.reject(mql, by="anna", reason=reason, revisit=LATER)
    with pytest.raises(InvalidInput, match=remedy):
        flow.move(mql, "reject", by="anna", reason=reason, revisit=LATER)
    assert flow.get(mql).stage == "mql"


def test_without_a_list_any_text_is_a_reason_and_the_policy_gives_its_own(flow, mql):
    flow.disqualify(mql, by="anna", reason="a competitor", note="their CTO")
    assert flow.get(mql).reason == "a competitor"
    qualified = next(one for one in flow.history(mql) if isinstance(one, StageChanged) and one.move == "qualify")
    assert "score.fit" in qualified.reason


def test_codes_are_found_and_counted(flow):
    for number, why in enumerate(["no_budget", "no_budget", "no_need"]):
        person = ADA | {"email": f"p{number}@f{number}.example", "last_name": f"N{number}", "company": f"F{number}"}
        lead_id = flow.capture(person, source="fair").lead_id
        flow.record(lead_id, "demo_requested", id=f"d{number}")
        flow.reject(lead_id, by=flow.get(lead_id).owner, reason=why, revisit=LATER)
    assert flow.count(field("reason") == "no_budget") == 2
    assert flow.count(by="reason") == {"no_budget": 2, "no_need": 1}
    assert summarise(flow.storage).selling.reasons == {("reject", "no_budget"): 2, ("reject", "no_need"): 1}


def test_deals_are_lost_for_a_code_too(flow, ada):
    flow.fast_track(ada, by="anna", to="sql", reason="met")
    flow.open_deal(ada, "d", by="anna")
    with pytest.raises(InvalidInput, match=r"price \(Too expensive\)"):
        flow.lose(ada, by="anna", reason="dear", revisit=LATER)
    flow.lose(ada, by="anna", reason="price", note="twice of others", revisit=LATER)
    deal = flow.get(ada).deal("d")
    assert (deal.status, deal.reason, deal.note) == ("lost", "price", "twice of others")
    flow.reopen_deal(ada, by="anna", reason="they called again")
    assert (flow.get(ada).stage, flow.get(ada).deal("d").note) == ("opportunity", None)
    consistent(flow)


def test_the_lists_go_to_json_and_name_moves_that_exist():
    assert Lifecycle.model_validate_json(LISTED.model_dump_json()) == LISTED
    assert LISTED.extend(reasons={"reject": {"other": "Other"}}).reasons["lose"] == LISTED.reasons["lose"]
    with pytest.raises(DefinitionError, match="no such move; did you mean 'reject'"):
        DEFAULT.extend(reasons={"rejekt": WHY})
    with pytest.raises(DefinitionError, match="nobody could make it"):
        DEFAULT.extend(reasons={"reject": {}})


def test_a_command_with_a_key_is_the_same_with_its_note(flow, mql):
    first = flow.reject(mql, by="anna", reason="no_need", note="n", revisit=LATER, key="k")
    assert flow.reject(mql, by="anna", reason="no_need", note="n", revisit=LATER, key="k") == first
