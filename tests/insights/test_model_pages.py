"""Pages on backtests and comparisons: every number from the values, true to scale, safe whatever things are called."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from leadflow.conditions import field
from leadflow.insights import backtest_page, comparison_page, replay_page
from leadflow.insights.report.model_charts import (
    calibration_picture,
    cut_picture,
    lift_picture,
    load_picture,
    roc_picture,
)
from leadflow.insights.report.svg import WIDTH
from leadflow.insights.report.tables import migration_table
from leadflow.scoring import Grades, ScoringModel, points, veto
from leadflow.scoring.comparison import Comparison, RepLoad, compare
from leadflow.scoring.evaluation import Backtest, measure
from leadflow.testing import NOW, a_lead
from pages import HOSTILE, read, svgs

FORBIDDEN = {"script", "img", "iframe", "object", "link", "form", "use"}


def a_backtest(*, chances: bool = True) -> Backtest:
    chance = random.Random(2)
    said = [chance.random() for _ in range(400)]
    won = [chance.random() < one for one in said]
    times = [NOW + timedelta(hours=hour) for hour in range(400)]
    return measure(said, won, times) if chances else measure([100 * one for one in said], won, times)


def a_comparison(name: str = "enterprise") -> Comparison:
    old = ScoringModel(
        name="old", fit=[points(30, field("company.employees") >= 250, because=name)],
        grades=Grades(fit=(30,), engagement=(10,)),
    )  # fmt: skip
    new = old.but(fit=(points(30, field("company.employees") >= 50, because=name),),
                  vetoes=(veto(field("company.employees") >= 1000, because=name[:200]),))  # fmt: skip
    sizes = (10, 100, 120, 300, 2000)
    leads = [a_lead(id=f"{name} {size}", company={"employees": size}, owner=name) for size in sizes]
    outcomes = {lead.id: lead.company.employees > 110 for lead in leads}
    return compare(old, new, leads, NOW, qualifies=field("score.fit") >= 30, outcomes=outcomes)


def a_page(name: str = "harmless") -> str:
    judged = {name: a_backtest(), f"{name} 2": a_backtest(chances=False)}
    return replay_page(judged, a_comparison(name), title=name)


# ----------------------------------------------------------------------------------------------------- to scale
def test_the_roc_curve_goes_through_the_points_of_the_backtest() -> None:
    tested = measure([4, 3, 2, 1], [True, False, True, False])
    line = ET.fromstring(roc_picture("roc", {"m": tested})).find("polyline")
    assert line is not None
    drawn = [tuple(map(float, pair.split(","))) for pair in line.get("points", "").split()]
    (left, foot), (right, top) = drawn[0], drawn[-1]
    scaled = [((x - left) / (right - left), (foot - y) / (foot - top)) for x, y in drawn]
    assert scaled == [(0, 0), (0, 0.5), (0.5, 0.5), (0.5, 1), (1, 1)] == tested.roc


def test_a_long_roc_curve_is_thinned_but_begins_and_ends_where_it_did() -> None:
    tested = measure(range(5000), [place % 3 == 0 for place in range(5000)])
    line = ET.fromstring(roc_picture("roc", {"m": tested})).find("polyline")
    assert line is not None and len(line.get("points", "").split()) == 200
    assert line.get("points", "").split()[0] == "46.0,368.0"


def test_calibrated_chances_lie_on_the_diagonal() -> None:
    chances = [0.2] * 10 + [0.4] * 10
    outcomes = [True] * 2 + [False] * 8 + [True] * 4 + [False] * 6
    tested = measure(chances, outcomes)
    picture = ET.fromstring(calibration_picture("c", tested.calibration or ()))
    dots = [(float(dot.get("cx", 0)) - 46, 368 - float(dot.get("cy", 0))) for dot in picture.iter("circle")]
    assert [round(place) for dot in dots for place in dot] == [180, 180, 360, 360]  # up to 40 %


def widths(picture: str, colour: str) -> list[float]:
    return [float(one.get("width", 0)) for one in ET.fromstring(picture).iter("rect") if one.get("class") == colour]


def test_bars_are_as_long_as_their_numbers() -> None:
    tested = a_backtest()
    rates = [one.rate for one in tested.deciles]
    assert widths(lift_picture("l", tested), "accent") == pytest.approx(
        [WIDTH * rate / max(rates) for rate in rates], abs=0.01
    )
    leads, won = (widths(cut_picture("c", tested), colour) for colour in ("soft", "accent"))
    assert leads[-1] == WIDTH and won[-1] == pytest.approx(WIDTH * tested.base_rate, abs=0.01)
    loads = (RepLoad("anna", 10, 20), RepLoad("ben", 40, 10))
    assert widths(load_picture("l", loads), "accent") == [WIDTH / 4, WIDTH / 2]  # ben first, on a scale up to 40


def test_grades_stand_best_first_with_who_stays_on_the_diagonal() -> None:
    grades = {("A+1", "D1"): 3, ("D1", "A+1"): 1, ("C1", "C1"): 7}
    drawn = migration_table(grades, order=("A+1", "C1", "D1"))
    rows = [re.findall(r">([^<>]*)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", drawn)]
    assert rows == [
        ["before ↓ after →", "A+1", "C1", "D1"],
        ["A+1", "·", "·", "3"],
        ["C1", "·", "7", "·"],
        ["D1", "1", "·", "·"],
    ]
    assert drawn.count('class="number stays"') == 3
    assert 'class="number shade-5">3<' in drawn and 'class="number shade-2">1<' in drawn


# ------------------------------------------------------------------------------------------------------- numbers
def test_the_numbers_stand_in_the_tables() -> None:
    tested, page = a_backtest(), backtest_page(a_backtest(), title="b2b")
    cells = re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", page)
    assert tested.auc is not None and tested.brier is not None
    for text in (f"{tested.auc:.4f}", f"{tested.brier:.4f}", f"{tested.deciles[0].lift:.2f}", "400"):
        assert text in cells
    assert f"{100 * tested.cuts[0].precision:.1f} %" in cells


def test_a_comparison_says_who_and_why_and_what_sales_gets() -> None:
    text = read(comparison_page(a_comparison())).text
    for words in (
        "3 leads of 5 (60 %) change grade", "enterprise +30", "vetoed: enterprise", "2 → 3", "B2 · 0", "+50 %",
        "2 leads would newly go to sales; 1 no longer.",
    ):  # fmt: skip
        assert words in text, words


def test_points_without_chances_say_so_and_thresholds_are_points() -> None:
    text = read(backtest_page(a_backtest(chances=False))).text
    assert "There are no probabilities to judge" in text
    assert "too few leads" in text
    assert "From this many points on" in text


def test_what_is_empty_is_said() -> None:
    alike = measure([0.5, 0.7], [True, True])
    assert "All leads have the same outcome" in read(backtest_page(alike)).text
    text = read(comparison_page(Comparison(0, {}, ()))).text
    assert "No lead changes grade." in text and "Which leads go to sales was not specified." in text


# ------------------------------------------------------------------------------------------------ safe and alone
def test_hostile_names_are_text_and_nothing_else() -> None:
    harmless, hostile = read(a_page()), read(a_page(HOSTILE))
    assert [name for name, _ in hostile.elements] == [name for name, _ in harmless.elements]
    assert FORBIDDEN.isdisjoint(name for name, _ in hostile.elements)
    assert not [key for _, attributes in hostile.elements for key in attributes if key.startswith("on")]
    assert "<script>alert(2)</script>" in hostile.text


@pytest.mark.parametrize("name", ["", " ", "x" * 900, "👩‍🚀" * 50, "\u202eevil"])
def test_any_name_leaves_the_page_as_it_is(name: str) -> None:
    page = replay_page({name: a_backtest(), "other": a_backtest()}, title=name)
    plain = replay_page({"a": a_backtest(), "other": a_backtest()}, title="a")
    assert [one for one, _ in read(page).elements] == [one for one, _ in read(plain).elements]
    assert len(list(svgs(page))) == 7


def test_the_page_asks_for_nothing_and_runs_nothing() -> None:
    page = a_page()
    assert not re.search(r"https?:|//[a-z]|url\(|@import|@font-face|src=|javascript:|data:", page, flags=re.IGNORECASE)
    links = [attributes["href"] for name, attributes in read(page).elements if name == "a"]
    ids = [attributes["id"] for _, attributes in read(page).elements if attributes.get("id")]
    assert links and all(link and link[1:] in ids for link in links) and len(ids) == len(set(ids))


def test_every_picture_is_named_and_described() -> None:
    for picture in svgs(a_page()):
        title, description, *_ = picture
        assert picture.get("role") == "img" and (title.tag, description.tag) == ("title", "desc")
        assert title.text and description.text
