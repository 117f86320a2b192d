"""A lead absorbs a stated number of anonymous visitors; whoever comes after them costs nobody anything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from acme import consistent
from leadflow.decisions.identity import ABSORBED_LIMIT
from leadflow.entities import Actor
from leadflow.errors import NotFound
from leadflow.events import Change, LeadWrite, Redirect, VisitorAbsorbed

ADA = {"email": "ada@acme.example"}


@pytest.fixture
def ada(flow, clock) -> str:
    """A lead that can absorb one more."""
    lead = flow.get(flow.capture(ADA, source="web").lead_id)
    clock.advance(minutes=1)
    gone = [f"gone-{number}" for number in range(ABSORBED_LIMIT - 1)]
    facts = tuple(
        VisitorAbsorbed(
            lead_id=lead.id, version=version, happened_at=clock(), recorded_at=clock(), actor=Actor(kind="person"),
            absorbed=one, into=lead.id,
        )
        for version, one in enumerate(gone, lead.version + 1)
    )  # fmt: skip
    last = facts[-1].version
    after = lead.but(version=last, absorbed=tuple(gone), acted_in=last, recorded_at=clock())
    redirects = tuple(Redirect(absorbed=one, survivor=lead.id) for one in gone)
    write = LeadWrite(id=lead.id, read_version=lead.version, lead=after)
    flow.storage.save(Change(leads=(write,), facts=facts, redirects=redirects))
    return lead.id


def seen(flow, visitor: str, submission: str):
    """A visitor looks at a page, and turns out to be Ada."""
    prospect = flow.visit(visitor, "page_viewed", id=f"page-{visitor}").lead_id
    return prospect, flow.capture(ADA, source="web", visitor=visitor, id=submission)


def test_the_last_one_is_absorbed_and_the_browsers_of_the_next_move(flow, storage, ada, clock):
    last, captured = seen(flow, "last", "s1")
    assert flow.get(last).id == captured.lead_id == ada
    assert "too_many_visitors" not in {one.code for one in captured.findings}
    for number in range(3):
        clock.advance(minutes=1)
        prospect, captured = seen(flow, f"more{number}", f"m{number}")
        assert captured.lead_id == ada
        assert captured.public.findings == (), "a form does not show it"
        (found,) = (one for one in captured.findings if one.code == "too_many_visitors")
        assert (found.field, found.value) == ("visitors", None)
        assert found in flow.get(ada).findings
        stays = flow.get(prospect)
        assert (stays.id, stays.stage, stays.visitors, stays.absorbed_by) == (prospect, "prospect", (), None)
        assert [one.id for one in storage.activities(prospect)] == [f"page-more{number}"], "nothing is lost"
        assert flow.visit(f"more{number}", "page_viewed").lead_id == ada, "from now on it is hers"
    assert len(flow.get(ada).absorbed) == ABSORBED_LIMIT
    assert storage.holders(["visitor:more0", "visitor:more2"]) == {"visitor:more0": ada, "visitor:more2": ada}
    consistent(flow)


def test_what_was_taken_back_on_a_browser_counts_although_it_stays_apart(flow, ada):
    seen(flow, "last", "s1")
    flow.consent(ada, "newsletter", "email", proof="form 1")
    prospect = flow.visit("more", "page_viewed").lead_id
    flow.consent(prospect, "newsletter", "email", status="withdrawn", proof="clicked")
    flow.capture(ADA, source="web", visitor="more", id="m")
    assert flow.get(ada).consent("newsletter", "email").status == "withdrawn"
    consistent(flow)


def test_all_that_is_hers_is_shown_and_erased(flow, storage, ada, clock):
    last, _ = seen(flow, "last", "s1")
    stays, _ = seen(flow, "more", "m")
    lines = list(flow.export(ada))
    assert {"page-last"} <= {line["activity"]["id"] for line in lines if "activity" in line}
    assert sum(fact.kind == "visitor_absorbed" for fact in flow.history(ada)) == ABSORBED_LIMIT + 1  # one on both sides
    flow.erase(ada, by="anna")
    for one in (ada, last, "gone-0", f"gone-{ABSORBED_LIMIT - 2}"):
        with pytest.raises(NotFound):
            flow.get(one)
    assert not storage.activities(last)
    assert flow.get(stays).stage == "prospect"
    clock.now += timedelta(days=1)
    assert not flow.run_due().failed
