"""Findings, mails, sources, scores, moves and deals, counted by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from leadflow.entities import Deal, Finding, Score
from leadflow.events import (
    ContactDue,
    LeadCaptured,
    MessageClaimed,
    MessageFailed,
    MessageSent,
    MessageSkipped,
    MessageUncertain,
)
from leadflow.insights import ContentMails, Deals, Defect, Source, findings, mails, scores, selling, sources
from story import ANNA, START, Story, day


def a_finding(code: str, severity: str, field: str = "email") -> Finding:
    return Finding(code=code, severity=severity, field=field, message="…")


def test_findings_are_counted_by_severity_and_kind_with_their_fields() -> None:
    typo, phone = a_finding("typo", "warning"), a_finding("typo", "warning", "phone")
    several = Story("a").at(0, LeadCaptured, source="x", findings=(typo, phone))
    several.at(1, LeadCaptured, source="x", findings=(typo, a_finding("bad", "error")))
    other = Story("b").at(0, LeadCaptured, source="x", findings=(a_finding("typo", "note"),))
    assert findings([several.journey(), other.journey()]) == (
        Defect("bad", "error", ("email",), 1, 1),
        Defect("typo", "warning", ("email", "phone"), 3, 1),
        Defect("typo", "note", ("email",), 1, 1),
    )


def mail(story: Story, number: float, fact: Any, message: str, content: str = "welcome", **more: Any) -> Story:
    return story.at(number, fact, message=message, content=content, **more)


def test_every_message_has_one_outcome_however_often_it_was_tried() -> None:
    story = Story("a")
    mail(mail(mail(story, 1, MessageClaimed, "m1"), 1, MessageClaimed, "m1"), 1, MessageSent, "m1")  # greylisted first
    mail(mail(story, 2, MessageClaimed, "m2"), 2, MessageFailed, "m2", error="550")
    mail(mail(story, 3, MessageClaimed, "m3", "case"), 3, MessageUncertain, "m3", "(unknown)", error="lost sight")
    mail(story, 4, MessageClaimed, "m4", "case")
    mail(story, 5, MessageSkipped, "m5", reasons=("no consent", "suppressed"))
    mail(story, 6, ContactDue, "m6", "call", channel="phone")
    found = mails([story.journey()])
    assert found.contents == (
        ContentMails("call", due=1),
        ContentMails("case", uncertain=1, open=1),
        ContentMails("welcome", sent=1, failed=1, skipped=1),
    )
    assert found.skipped_because == {"no consent": 1, "suppressed": 1}
    assert found.total("sent") == 1 and found.total("open") == 1


def test_sources_count_first_contacts_submissions_and_how_far_they_came() -> None:
    bought = Story("a").at(0, LeadCaptured, source="fair").at(0, LeadCaptured, source="web")
    bought.through("lead", "mql", "customer")
    back = Story("b").at(0, LeadCaptured, source="fair").through("lead", "mql", "lead")
    new = Story("c").at(0, LeadCaptured, source="web").through("lead")
    fast = Story("e").at(0, LeadCaptured, source="web").through("lead").to(2, "customer", "fast_track")
    visitor = Story("d")
    some = [
        bought.journey(source="fair"),
        back.journey(source="fair"),
        new.journey(source="web"),
        fast.journey(source="web"),
    ]
    some.append(visitor.journey())
    assert sources(some) == (
        Source("web", first=2, touches=3, qualified=1, customers=1),
        Source("fair", first=2, touches=2, qualified=2, customers=1),
    )


def test_scores_by_stage_grade_and_cell() -> None:
    def scored(name: str, stage: str, fit: float, engagement: float, grade: str | None) -> Any:
        return Story(name, stage).journey(score=Score(fit=fit, engagement=engagement, grade=grade, at=START))

    found = scores(
        [
            scored("a", "mql", 40, 31, "A1"),
            scored("b", "lead", 10, 4, "C3"),
            scored("c", "lead", -18, 0, "D4"),
            scored("d", "lead", 12, 2, "C3"),
            Story("e").journey(),
        ]
    )
    lead, mql = found.stages
    assert (lead.stage, lead.fit.median, lead.engagement.mean, lead.total.most) == ("lead", 10, 2, 14)
    assert (mql.total.count, mql.total.median) == (1, 71)
    assert found.grades == {"A1": 1, "C3": 2, "D4": 1} and found.unscored == 1
    assert found.cells == {(-4, 0, "D4"): 1, (2, 0, "C3"): 2, (8, 6, "A1"): 1}


def test_moves_reasons_and_deals() -> None:
    lost = Story("a").through("lead").to(2, "sal", "accept", ANNA)
    lost.to(3, "lead", "recycle", ANNA, reason="no budget", round_ended=True)
    out = Story("b").through("lead").to(2, "disqualified", "disqualify", ANNA, reason="a rival")
    deals = [
        Deal(id="1", amount=Decimal("10.50"), status="won", opened_at=day(1)),
        Deal(id="2", amount=Decimal("9.50"), status="won", opened_at=day(1)),
        Deal(id="3", status="open", opened_at=day(1), currency="CHF"),
    ]
    found = selling([lost.journey(deals=deals[:2]), out.journey(deals=deals[2:])])
    assert found.moves == {"move": 2, "accept": 1, "disqualify": 1, "recycle": 1}
    assert found.reasons == {("disqualify", "a rival"): 1, ("recycle", "no budget"): 1}
    assert found.deals == (Deals("open", "CHF", 1, Decimal(0)), Deals("won", "EUR", 2, Decimal(20)))
