"""The report: its pictures say what the summary says, it is safe whatever people are called, and it stands alone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.insights import (
    Attainment,
    ContentMails,
    Deals,
    Defect,
    Funnel,
    FunnelStep,
    Mails,
    Owner,
    Owners,
    Scores,
    Selling,
    Source,
    Spread,
    StageScores,
    StageTime,
    Summary,
    render_report,
)
from leadflow.insights.report import charts
from leadflow.insights.report.labels import counted, exact, number, percent, share, short, span
from leadflow.insights.report.markup import tag
from leadflow.insights.report.score_chart import score_picture
from leadflow.insights.report.svg import WIDTH
from pages import HOSTILE, read, svgs

NOW = datetime(2026, 3, 27, tzinfo=UTC)
CSS = files("leadflow.insights.report").joinpath("style.css").read_text(encoding="utf-8")


def a_summary(name: str = "Müller & Söhne") -> Summary:
    """A summary in which every number is another, and every name is the one given."""
    spread = Spread(4, 86_400, 43_200, 3_600, 90_000, 0, 100_000)
    return Summary(
        at=NOW,
        leads=150,
        submissions=171,
        pairs=7,
        stages={name: 150},
        funnel=Funnel((FunnelStep(name, 120, 150, 31), FunnelStep("mql", 40, 60, 12)), {name: 3}),
        velocity=(StageTime(name, spread, spread, Spread(), 2),),
        service_levels=(Attainment(name, begun=10, met=4, late=3, overdue=1, running=2),),
        scores=Scores(
            (StageScores(name, spread, spread, spread),),
            {"A1": 5, "C3": 9, f"Zx{name}": 2},
            {(8, 6, "A1"): 5, (-2, 0, name): 11},
        ),
        owners=Owners(
            (
                Owner(name, 9, 9, 5, 2, 1, 3, Fraction(28, 3), 9),
                Owner("ben", 4, 4, entitled=Fraction(11, 3), assigned=4),
            ),
            {name: 6},
            6,
        ),
        findings=(Defect(name, "warning", (name,), 13, 8), Defect("x", "error", ("email",), 2, 2)),
        mails=Mails((ContentMails(name, sent=17, failed=1, skipped=5),), {name: 5}),
        sources=(Source(name, 100, 110, 30, 8),),
        selling=Selling({name: 3}, {(name, name): 3}, (Deals("won", "EUR", 2, 1234),)),  # type: ignore[arg-type]
    )


# ------------------------------------------------------------------------------------------- numbers in pictures
def marks(picture: str, colour: str) -> list[tuple[float, float]]:
    """The values of the bars of a colour, and how wide they are."""
    found = ET.fromstring(picture).iter("rect")
    return [
        (float(one.get("data-value", "0")), float(one.get("width", "0"))) for one in found if one.get("class") == colour
    ]


def test_the_funnel_is_drawn_to_scale() -> None:
    picture = charts.funnel_picture(a_summary().funnel)
    reached, strict = marks(picture, "soft"), marks(picture, "accent")
    assert [value for value, _ in reached] == [150, 60] and [value for value, _ in strict] == [120, 40]
    scale = reached[0][1] / 150
    assert all(width == pytest.approx(value * scale, abs=0.01) for value, width in reached + strict)


def test_shares_are_drawn_to_scale_with_a_stroke_at_the_exact_one() -> None:
    picture = charts.owner_picture(a_summary().owners.reps)
    scale = WIDTH / (28 / 3)
    assert [value for value, _ in marks(picture, "accent")] == [9, 4]
    assert [width for _, width in marks(picture, "accent")] == pytest.approx([9 * scale, 4 * scale], abs=0.01)
    strokes = [float(one.get("x", "0")) for one in ET.fromstring(picture).iter("rect") if one.get("class") == "mark"]
    assert strokes == pytest.approx([WIDTH - 2, 11 / 3 * scale - 1], abs=0.01)


def test_bubbles_have_areas_like_their_numbers() -> None:
    picture = ET.fromstring(score_picture(Scores((), {}, {(8, 6, "A1"): 5, (2, 0, "C3"): 20, (2, 1, "C3"): 10})))
    bubbles = {float(one.get("data-value", "0")): float(one.get("r", "0")) for one in picture.iter("circle")}
    assert bubbles.keys() == {5, 10, 20}
    assert (bubbles[20] / bubbles[10]) ** 2 == pytest.approx(2, rel=0.01)
    assert (bubbles[20] / bubbles[5]) ** 2 == pytest.approx(4, rel=0.01)


@given(
    st.dictionaries(
        st.tuples(st.integers(-200, 400), st.integers(-200, 400), st.sampled_from(["A1", "B2", "D4", "–"])),
        st.integers(1, 10_000),
        max_size=40,
    )
)
@settings(deadline=None)
def test_all_scores_are_in_the_picture_and_within_it(cells: dict[tuple[int, int, str], int]) -> None:
    picture = ET.fromstring(score_picture(Scores((), {}, cells)))
    bubbles = list(picture.iter("circle"))
    assert sum(int(one.get("data-value", "0")) for one in bubbles) == sum(cells.values())
    _, _, width, height = map(float, picture.get("viewBox", "").split())
    assert all(0 <= float(one.get("cx", "")) <= width and 0 <= float(one.get("cy", "")) <= height for one in bubbles)
    assert len(bubbles) <= 17 * 17


@pytest.mark.parametrize(
    ("picture", "colours"),
    [
        (charts.defect_picture(a_summary().findings), {"warn": [13], "bad": [2]}),
        (
            charts.level_picture(a_summary().service_levels),
            {"good": [4], "warn": [3], "bad": [1], "faint": [2]},
        ),
        (charts.mail_picture(a_summary().mails), {"good": [17], "bad": [1], "faint": [5]}),
        (charts.source_picture(a_summary().sources), {"soft": [100], "accent": [30], "good": [8]}),
        (charts.duration_picture(a_summary().velocity), {"soft": [86_400]}),
    ],
)
def test_bars_hold_the_numbers_of_the_summary(picture: str, colours: dict[str, list[float]]) -> None:
    assert {colour: [value for value, _ in marks(picture, colour)] for colour in colours} == colours


def test_the_numbers_stand_in_the_tables_too() -> None:
    cells = re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", render_report(a_summary()))
    for text in ("150", "120", "31", "40 %", "9 1/3", "17", "13", "100", "30 %", "1,234", "50 %", "24 h", "12 h"):
        assert text in cells


# ----------------------------------------------------------------------------------------------------- safe names
def test_hostile_names_are_text_and_nothing_else() -> None:
    harmless, hostile = read(render_report(a_summary())), read(render_report(a_summary(HOSTILE), title=HOSTILE))
    assert [name for name, _ in hostile.elements] == [name for name, _ in harmless.elements]
    assert {name for name, _ in hostile.elements}.isdisjoint(
        {"script", "img", "iframe", "object", "link", "form", "use"}
    )
    assert not [key for _, attributes in hostile.elements for key in attributes if key.startswith("on")]
    assert "<script>alert(2)</script>" in hostile.text
    assert render_report(a_summary(HOSTILE), title=HOSTILE).encode("utf-8").find(b"\x00") == -1


def test_attributes_and_children_are_escaped_unless_they_are_markup() -> None:
    written = tag("a", '<b>"', tag("i", "x"), title=HOSTILE, class_="c", data_value=None)
    ((name, attributes), (inner, _)) = read(written).elements
    assert (name, inner) == ("a", "i") and attributes.keys() == {"title", "class"}
    assert read(written).text == '<b>"x' and (attributes["title"] or "").startswith('"><img src=x onerror=')


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=40)
def test_any_name_leaves_the_page_as_it_is(name: str) -> None:
    page = render_report(a_summary(name), title=name)
    assert [one for one, _ in read(page).elements] == [one for one, _ in read(render_report(a_summary())).elements]
    assert len(list(svgs(page))) == 8


# ------------------------------------------------------------------------------------------------------ alone, empty
def test_the_page_asks_for_nothing_and_runs_nothing() -> None:
    page = render_report(a_summary())
    assert not re.search(r"https?:|//[a-z]|url\(|@import|@font-face|src=|javascript:|data:", page, flags=re.IGNORECASE)
    links = [attributes["href"] for name, attributes in read(page).elements if name == "a"]
    ids = [attributes["id"] for _, attributes in read(page).elements if attributes.get("id")]
    assert links and all(link and link[1:] in ids for link in links) and len(ids) == len(set(ids))
    assert "default-src 'none'" in page.replace("&#x27;", "'")


def test_every_picture_is_named_and_described() -> None:
    for picture in svgs(render_report(a_summary())):
        title, description, *_ = picture
        assert picture.get("role") == "img" and (title.tag, description.tag) == ("title", "desc")
        assert picture.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert title.text and description.text


def test_what_is_empty_is_said() -> None:
    text = read(render_report(Summary(at=NOW))).text
    for sentence in (
        "There are no leads yet.",
        "No lead has a score",
        "No lead has been assigned to a rep.",
        "There were no service levels.",
        "No lead has been in a stage yet.",
        "There are no findings.",
        "No mails were sent.",
        "There were no submissions.",
        "No lead has moved",
    ):
        assert sentence in text
    assert not list(svgs(render_report(Summary(at=NOW))))


def test_skipped_mails_are_shown_but_none_was_sent() -> None:
    skipped = replace(a_summary(), mails=Mails((ContentMails("welcome", skipped=3),), {"no consent": 3}))
    text = read(render_report(skipped)).text
    assert "No mails were sent." in text and "no consent" in text


# ------------------------------------------------------------------------------------------------------- readable
def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z]+): (#[0-9a-f]{3,6});", block))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    channels = (int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


SCHEMES = dict(
    zip(("light", "dark", "paper"), map(colours, re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)), strict=True)
)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_and_bars_stand_out_from_the_paper(scheme: str) -> None:
    used = SCHEMES[scheme]
    for text in ("ink", "quiet", "accent"):
        assert contrast(used[text], used["paper"]) >= 4.5, f"{text} of {scheme}"
        assert text == "accent" or contrast(used[text], used["track"]) >= 4.5
    for shape in ("accent", "good", "bad", "a", "b"):
        assert contrast(used[shape], used["paper"]) >= 3, f"{shape} of {scheme}"


# ---------------------------------------------------------------------------------------------------------- words
def test_numbers_as_people_read_them() -> None:
    assert [number(value) for value in (1234, 0.25, -3, 1e6, 2.0)] == ["1,234", "0.2", "−3", "1,000,000", "2"]
    assert [percent(*pair) for pair in ((1, 3), (0, 5), (1, 1000), (999, 1000), (5, 5), (1, 0))] == [
        "33 %", "0 %", "< 1 %", "> 99 %", "100 %", "–",
    ]  # fmt: skip
    assert [share(value) for value in (0, 0.1234, 1)] == ["0.0 %", "12.3 %", "100.0 %"]
    assert [span(value) for value in (5, 90, 5400, 86_400, 3 * 86_400, 70 * 86_400)] == [
        "5 s", "1.5 min", "1.5 h", "24 h", "3 days", "10 weeks",
    ]  # fmt: skip
    fractions = (Fraction(28, 3), Fraction(2), Fraction(1, 2), Fraction(1, 2000), Fraction(0), None)
    assert [exact(one) for one in fractions] == ["9 1/3", "2", "1/2", "≈ 0.001", "0", "–"]
    assert (counted(1, "lead"), counted(2, "lead"), counted(0, "lead")) == ("1 lead", "2 leads", "no leads")
    assert (short("abcdef", 4), short("abcd", 4)) == ("abc…", "abcd")
