"""What rules can ask for: the lead, its company, custom fields, findings, consents, its score, its account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow import Entity, Lead, field
from leadflow.conditions import Condition, bind
from leadflow.entities import Account, Finding, Score
from leadflow.scoring import ScoringModel, points
from leadflow.testing import NOW, a_consent, a_lead


class Fleet(Entity):
    vans: int | None = None


LEAD = a_lead(
    company={"employees": 900},
    custom=Fleet(vans=12),
    consents=(
        a_consent("newsletter"),
        a_consent("offers"),
        a_consent("offers", status="withdrawn", at=NOW + timedelta(days=1)),
    ),
    findings=(Finding(field="phone", code="impossible", severity="warning", message="too short"),),
    score=Score(fit=30),
)


@pytest.mark.parametrize(
    ("condition", "true"),
    [
        (field("company.employees") >= 250, True),
        (field("custom.vans") >= 10, True),
        (field("findings.code").contains("impossible"), True),
        (field("findings.code").contains("disposable"), False),
        (field("consented").contains("newsletter/email"), True),
        (field("consented").contains("newsletter/phone"), False),
        (field("consented").contains("offers/email"), False),
        (field("score.fit") >= 30, True),
        (field("account.score") >= 50, True),
        (field("account.roles").contains("decider"), True),
        (field("account.coverage") > 90, False),
    ],
)
def test_a_rule_reaches_it(condition: Condition, true: bool) -> None:
    model = ScoringModel(name="m", fit=[points(1, condition)]).bind(Lead[Fleet])
    account = Account(key="acme.example", fit=30, engagement=20, roles=("decider",), coverage=20)
    assert model.score(LEAD, [], NOW, account=account).fit == (1 if true else 0)


def test_without_an_account_nothing_is_known_of_it() -> None:
    asked = field("account.score") >= 0
    rules = [points(1, asked), points(2, ~asked, name="not"), points(4, ~field("account.score").is_known())]
    model = ScoringModel(name="m", fit=rules)
    assert model.score(LEAD, [], NOW).fit == 4


@given(st.lists(st.tuples(st.sampled_from(["news", "offers"]), st.sampled_from(["email", "phone"]), st.booleans())))
def test_the_last_word_counts(words: list[tuple[str, str, bool]]) -> None:
    said = tuple(
        a_consent(purpose, channel, "given" if yes else "withdrawn", at=NOW + timedelta(hours=n))  # type: ignore[arg-type]
        for n, (purpose, channel, yes) in enumerate(words)
    )
    last = {f"{purpose}/{channel}": yes for purpose, channel, yes in words}
    lead = a_lead(consents=said)
    assert set(lead.consented) == {name for name, yes in last.items() if yes}
    bind(field("consented").contains("news/email"), Lead)
