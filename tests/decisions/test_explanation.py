"""An explanation is data; its texts say the same in every language."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from string import Formatter
from typing import Any, get_args

import pytest
from hypothesis import given

from conditions.trees import CONDITIONS
from leadflow.conditions import field
from leadflow.data_quality import quality_of
from leadflow.decisions import explanation_entries as entries
from leadflow.decisions.explanation import Explanation
from leadflow.decisions.explanation_text import condition_text, entry_lines
from leadflow.entities import Actor, Contribution
from leadflow.errors import InvalidInput
from leadflow.languages import ENGLISH, GERMAN, LANGUAGES
from leadflow.testing import a_lead

AT = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
LATER = AT + timedelta(days=3)
GATE = field("score.engagement") >= 29.5
STEP = entries.WayStep(
    text="2 × page viewed", activity="page_viewed", properties={"path": "/pricing"}, count=2, fit=0, engagement=6.25
)
CONTRIBUTIONS = (
    Contribution(rule="big", side="fit", points=25, because="enterprise"),
    Contribution(rule="demo", side="engagement", points=29.99, because="demo", raw=87.49, capped_by="rule", count=3),
    Contribution(rule="page", side="engagement", points=-0.5, because="page", raw=2, capped_by="veto", count=1),
    Contribution(rule="odd", side="fit", points=0, because="odd", error="KeyError: 7"),
)
LEAD = a_lead(email="ada@acme.example", confirmed={"email": {"at": AT, "by": "delivery"}})
EXAMPLES = [
    entries.StageEntry(stage="mql", since=AT, owner="anna"),
    entries.StageEntry(stage="mql", queue="review"),
    entries.MoveEntry(
        at=AT, move="fast_track", source="lead", target="sql", skipped=("mql", "sal"), by=Actor(kind="rep", id="ben")
    ),
    *(
        entries.MoveEntry(at=AT, move="qualify", source="lead", target="mql", by=Actor(kind=kind, id="x"), reason="met")
        for kind in ("rep", "marketing", "policy", "crm", "person", "system")
    ),
    *(entries.AheadEntry(event=event, at=LATER) for event in ("cools", "qualifies", "takes_effect")),
    *(entries.DeadlineEntry(due_at=AT, breached=breached) for breached in (True, False)),
    entries.ScoreEntry(
        fit=25, engagement=29.49, total=54.49, grade="B2", model="m@1", at=AT, contributions=CONTRIBUTIONS
    ),
    entries.ScoreEntry(fit=-1, engagement=0, total=-1, veto="competitor", at=AT),
    entries.StaleScoreEntry(model="m@1"),
    entries.StaleScoreEntry(),
    entries.ToleranceEntry(points=0.5),
    entries.PolicyEntry(outcome="move", stage="lead", move="qualify", to="mql", reason="met"),
    entries.PolicyEntry(outcome="returned", stage="lead", revisit=date(2026, 5, 6)),
    entries.PolicyEntry(
        outcome="not_qualified",
        stage="lead",
        unmet=(
            entries.UnmetCondition(condition=GATE, truth="false"),
            entries.UnmetCondition(condition=field("company.employees") >= 50, truth="unknown"),
            entries.UnmetCondition(condition=field("persona") == "it", truth="false"),
        ),
    ),
    *(
        entries.PolicyEntry(
            outcome="cooling", stage="mql", cool_at=at, unmet=(entries.UnmetCondition(condition=GATE, truth="false"),)
        )
        for at in (None, LATER)
    ),
    entries.PolicyEntry(outcome="nothing", stage="sql"),
    *(
        entries.OutlookEntry(goal="stay_mql", reached=True, foreseen=foreseen, turns=turns)
        for foreseen, turns in ((True, LATER), (True, None), (False, None))
    ),
    entries.OutlookEntry(goal="mql", reached=False, foreseen=True, turns=LATER, missing={"fit": 0.01, "total": 1}),
    entries.OutlookEntry(goal="mql", reached=False, foreseen=True, unmet=(field("persona").is_known(),)),
    entries.OutlookEntry(
        goal="mql", reached=False, foreseen=True, missing={"engagement": 6},
        ways=(entries.Way(steps=(STEP, STEP), fit=40, engagement=30.5),),
    ),
    entries.RouteEntry(at=AT, owner="anna", territory="DACH"),
    entries.RouteEntry(at=AT, queue="review", error="ZeroDivisionError: no"),
    entries.RouteEntry(at=AT),
    *(entries.GateEntry(name="DACH", outcome=outcome, text="country") for outcome in ("true", "false", "unknown")),
    entries.CandidateEntry(rep="ben", eligible=False, because="got 5 today, at most 5", assigned=2, entitled="7/3"),
    entries.CandidateEntry(rep="anna", eligible=True, because="owns the lead already"),
    entries.EnrolmentEntry(sequence="welcome", step=2, due_at=AT),
    entries.EnrolmentEntry(sequence="welcome", step=2, due_at=AT, overdue=True),
    entries.EnrolmentEntry(sequence="welcome", step=3, ended="finished"),
    entries.UnsentEntry(sequence="welcome", state="retry", attempts=1, due_at=LATER, error="no connection"),
    entries.UnsentEntry(sequence="welcome", state="dead", attempts=8, due_at=LATER, error="no connection"),
    entries.BlockedEntry(sequence="news", reasons=("no e-mail address", "the lead is disqualified")),
    entries.BlockedEntry(sequence="news", reasons=("outside the sending hours until 12",), earliest=LATER),
    *(
        entries.MessageEntry(message="1", content="hi", fate=fate, at=AT, why=("550 no",))
        for fate in ("claimed", "sent", "failed", "uncertain", "skipped")
    ),
    *(
        entries.TaskEntry(key="route:1", task="route", state=state, attempts=8, due_at=LATER, error="no")
        for state in ("retry", "dead")
    ),
    *(
        entries.EnrichmentEntry(path="need", value="pumps", source="ip", at=LATER, confidence=0.5, fills=fills)
        for fills in (True, False)
    ),
    entries.AccountEntry(
        account="acme.example", leads=3, center="fleet", coverage=25, missing=("buyer",), next_role="buyer",
        candidate="lead-2", candidate_name="Ben", confidence=64, because=("title: purchasing (90%)",),
    ),
    entries.AccountEntry(
        account="acme.example", leads=3, center="fleet", coverage=25, missing=("buyer",), next_role="buyer",
        candidate="lead-1", candidate_name="Ada", is_this=True, confidence=64, because=("title: purchasing (90%)",),
    ),
    entries.AccountEntry(account="acme.example", leads=3, center="fleet", coverage=25, next_role="buyer"),
    entries.QualityEntry(quality=quality_of(LEAD, AT)),
    *(entries.FindingEntry(code="c", field="email", severity=s, message="m") for s in ("error", "warning", "note")),
    entries.TwinEntry(lead_id="lead-2", likeness=87, evidence=("same name",)),
    *(
        kind(at=AT, lead_id="lead-4", by=Actor(kind="rep", id="ben"), conflicts=conflicts)
        for kind in (entries.MergeEntry, entries.UnmergeEntry)
        for conflicts in ((), ("person.job_title", "owner"))
    ),
    entries.ApartEntry(at=AT, lead_id="lead-3", by=Actor(kind="marketing", id="eva")),
]  # fmt: skip
KINDS = get_args(get_args(entries.AnyEntry)[0])


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def numbers(text: str) -> list[str]:
    """The numbers of a text, moments apart, as English writes them."""
    text = re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?|\d\d\.\d\d\.\d{4}( \d\d:\d\d)?", "", text)
    return sorted(re.findall(r"−?\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d)", ".", text)))


def moments(text: str) -> list[str]:
    english = re.findall(r"(\d{4})-(\d\d)-(\d\d)", text)
    german = [(year, month, day) for day, month, year in re.findall(r"(\d\d)\.(\d\d)\.(\d{4})", text)]
    return sorted("-".join(one) for one in english + german)


def test_every_text_stands_in_every_language_with_the_same_values() -> None:
    for language in LANGUAGES.values():
        assert language.texts.keys() == ENGLISH.texts.keys()
    for key, text in ENGLISH.texts.items():
        if key != "step":  # in English in the words of the rule
            assert places(text) == places(GERMAN.texts[key]), key


def test_every_kind_of_entry_has_an_example_and_a_text_in_every_language() -> None:
    assert {type(one) for one in EXAMPLES} == set(KINDS)
    assert set(entry_lines.registry) - {object} >= set(KINDS)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.kind)
def test_the_numbers_and_moments_are_the_same_in_both_languages(example: Any) -> None:
    english, german = ("\n".join(entry_lines(example, words)) for words in (ENGLISH, GERMAN))
    assert english and german
    assert numbers(english) == numbers(german)
    assert moments(english) == moments(german)
    for text in (english, german):
        assert "None" not in text and "{" not in text
    whole = Explanation(lead_id="1", at=AT, entries=(example,))
    assert Explanation.model_validate_json(whole.model_dump_json()) == whole


def test_german_is_german() -> None:
    text = Explanation(lead_id="1", at=AT, entries=tuple(EXAMPLES)).text("de")
    for line in (
        "Phase",
        "  mql seit 02.03.2026 09:05, betreut von anna",
        "  Fit 25 + Engagement 29,49 = 54,49 Punkte, Klasse B2 (m@1, 02.03.2026 09:05 UTC)",
        "    +29,99  Engagement  demo (3 Aktivitäten; 87,49 vor der Obergrenze der Regel)",
        "  Regelwerk: nicht qualifiziert: Schwelle score.engagement ≥ 29,5 nicht erreicht, "
        "company.employees ≥ 50 ist unbekannt, persona = it ist nicht erfüllt",
        "  zum MQL: es fehlen: 0,01 Punkte Fit, 1 Punkt gesamt",
        "  ben: kommt nicht infrage, zugeteilt 2, Anspruch 7/3; hat heute 5 erhalten, höchstens 5",
        "  welcome: noch nicht gesendet, 1 Versuch fehlgeschlagen, nächster Versuch am 05.03.2026 09:05: no connection",
        "  news darf nicht gesendet werden: keine E-Mail-Adresse; der Lead ist disqualifiziert",
        "Mögliche Dubletten",
    ):
        assert line in text.splitlines()


@given(CONDITIONS)
def test_a_condition_says_in_english_what_it_is_as_text(condition: Any) -> None:
    assert condition_text(condition, ENGLISH) == str(condition)
    assert condition_text(condition, GERMAN)


@pytest.mark.parametrize("language", ["fr", "", "DE"])
def test_an_unknown_language_is_refused_with_those_that_there_are(language: str) -> None:
    with pytest.raises(InvalidInput, match="give one of en, de"):
        Explanation(lead_id="1", at=AT, entries=()).text(language)
