"""The pictures: each from one part of the summary, each number in it one of the summary's."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import Final

from leadflow.insights.attainment import Attainment
from leadflow.insights.defects import Defect
from leadflow.insights.durations import StageTime
from leadflow.insights.grading import CELL, Scores
from leadflow.insights.mailing import Mails
from leadflow.insights.origins import Source
from leadflow.insights.report.drawing import WIDTH, Bar, Part, bars, picture, rectangle, said
from leadflow.insights.report.markup import Markup, joined, tag
from leadflow.insights.report.words import counted, exact, number, percent, short, span
from leadflow.insights.sharing import Owner
from leadflow.insights.stages import Funnel

__all__ = [
    "MAIL_COLOURS",
    "defect_picture",
    "duration_picture",
    "funnel_picture",
    "level_picture",
    "mail_picture",
    "owner_picture",
    "score_picture",
    "source_picture",
]

MAIL_COLOURS: Final = (
    ("sent", "good", "sent"),
    ("failed", "bad", "refused by the mail server"),
    ("uncertain", "warn", "uncertain"),
    ("skipped", "faint", "not allowed to go"),
    ("open", "warn", "end not noted"),
    ("due", "soft", "a call or letter, by people"),
)
LEVEL_COLOURS: Final = (("met", "good"), ("late", "warn"), ("overdue", "bad"), ("running", "faint"))
SEVERITY_COLOURS: Final = {"error": "bad", "warning": "warn", "note": "faint"}
Place = Callable[[float, float], tuple[float, float]]
"""Where a point of the plane is in the picture."""
SHOWN: Final = 12
"""Rows of a picture; the table beside it has all."""


# ---------------------------------------------------------------------------------------------------- the funnel
def funnel_picture(funnel: Funnel) -> Markup:
    """Draw each stage as a bar in the middle: reached or beyond, and in it without leaving a stage out."""
    row, bar, left, right = 42, 26, 96, 96
    middle, room = (left + WIDTH - right) / 2, WIDTH - left - right
    most = max((step.reached for step in funnel.steps), default=0) or 1
    shapes: list[Markup] = []
    for place, step in enumerate(funnel.steps):
        top = place * row
        width, inner = room * step.reached / most, room * step.strict / most
        before = funnel.steps[place - 1].reached if place else 0
        if place:
            above = room * before / most
            corners = ((-above, top - row + bar), (above, top - row + bar), (width, top), (-width, top))
            path = " ".join(f"{middle + x / 2:.1f},{y}" for x, y in corners)
            shapes.append(tag("polygon", points=path, class_="between"))
        says = f"{step.stage}: {counted(step.reached, 'lead')} came this far, {step.strict} without leaving a stage out"
        shapes += [
            said(0, top + 17, short(step.stage, 13)),
            rectangle(middle - width / 2, top, width, bar, Part(step.reached, "soft", says)),
            rectangle(middle - inner / 2, top, inner, bar, Part(step.strict, "accent", says)),
            said(WIDTH, top + 12, number(step.reached), "strong", "end"),
            said(WIDTH, top + 25, percent(step.reached, before) + " go on" if place else "", "note", "end"),
        ]
    description = "; ".join(f"{step.stage} {step.reached}" for step in funnel.steps)
    return picture("funnel", "How many leads came how far", description, max(len(funnel.steps) * row, row), *shapes)


# ---------------------------------------------------------------------------------------------------- the scores
def score_picture(scores: Scores) -> Markup:
    """Draw fit by engagement: a bubble per cell, its area the number of leads, its colour their grade."""
    cells, size = _cells(scores)
    height, left, bottom = 330, 34, 36
    xs, ys = [x for x, _ in cells] or [0], [y for _, y in cells] or [0]
    x0, x1, y0, y1 = min(0, *xs), max(*xs, 0) + 1, min(0, *ys), max(*ys, 0) + 1
    across, up = (WIDTH - left - 4) / (x1 - x0), (height - bottom - 4) / (y1 - y0)
    most = max((grades.total() for grades in cells.values()), default=1)
    largest = min(across, up, 40) / 2 * 1.5

    def at(x: float, y: float) -> tuple[float, float]:
        return left + (x - x0) * across, height - bottom - (y - y0) * up

    shapes = [*_axes(at, (x0, x1), (y0, y1), size)]
    for (x, y), grades in sorted(cells.items(), key=lambda item: -item[1].total()):
        centre = at(x + 0.5, y + 0.5)
        total = grades.total()
        says = (
            f"fit {x * size} to {(x + 1) * size}, engagement {y * size} to {(y + 1) * size}: {counted(total, 'lead')}"
            f" ({', '.join(f'{n} {grade}' for grade, n in sorted(grades.items()))})"
        )
        shapes.append(
            tag(
                "circle",
                tag("title", says),
                cx=f"{centre[0]:.1f}",
                cy=f"{centre[1]:.1f}",
                r=f"{max(largest * sqrt(total / most), 2):.2f}",
                class_=f"bubble {_colour_of(grades)}",
                data_value=total,
            )
        )
    shapes += [
        said(WIDTH, height - 4, "fit →", "note", "end"),
        tag("text", "engagement →", x=0, y=0, class_="note", transform="translate(9 4) rotate(-90)", text_anchor="end"),
    ]
    scored = sum(scores.cells.values())
    description = f"{counted(scored, 'lead')} by fit and engagement; grades: " + ", ".join(
        f"{grade} {n}" for grade, n in scores.grades.items()
    )
    return picture("scores", "Fit by engagement", description, height, *shapes)


def _cells(scores: Scores) -> tuple[dict[tuple[int, int], Counter[str]], int]:
    """Return leads by cell and grade, with cells so large that a picture has at most two dozen in a row."""
    reach = max((max(abs(x), abs(y)) for x, y, _ in scores.cells), default=0) + 1
    times = -(-reach // 24)
    cells: defaultdict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    for (x, y, grade), leads in scores.cells.items():
        cells[x // times, y // times][grade] += leads
    return cells, times * CELL


def _axes(at: Place, xs: tuple[int, int], ys: tuple[int, int], size: int) -> list[Markup]:
    shapes: list[Markup] = []
    for x in range(xs[0], xs[1] + 1, _step(xs)):
        across, bottom = at(x, ys[0])
        shapes += [
            _line(across, bottom, across, at(x, ys[1])[1], x),
            said(across, bottom + 15, f"{x * size}", "note", "middle"),
        ]
    for y in range(ys[0], ys[1] + 1, _step(ys)):
        left, up = at(xs[0], y)
        shapes += [_line(left, up, at(xs[1], y)[0], up, y), said(left - 5, up + 4, f"{y * size}", "note", "end")]
    return shapes


def _step(ends: tuple[int, int]) -> int:
    return max(1, -(-(ends[1] - ends[0]) // 6))


def _line(x1: float, y1: float, x2: float, y2: float, value: int) -> Markup:
    class_ = "grid" if value else "axis"
    return tag("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", class_=class_)


def _colour_of(grades: Mapping[str, int]) -> str:
    """Return the colour of the most frequent letter: A is the strongest."""
    letters: Counter[str] = Counter()
    for grade, leads in grades.items():
        letters[grade[:1]] += leads
    letter = max(sorted(letters), key=lambda one: letters[one])
    return f"grade-{letter.lower()}" if letter in ("A", "B", "C", "D") else "grade-other"


# ------------------------------------------------------------------------------------------------------ the bars
def owner_picture(reps: Sequence[Owner]) -> Markup:
    """Draw what each rep got, with a stroke where the exact share is."""
    rows = []
    for one in sorted(reps, key=lambda rep: -(rep.assigned or rep.received))[:SHOWN]:
        got = one.received if one.assigned is None else one.assigned
        share = () if one.entitled is None else ((float(one.entitled), f"exact share: {exact(one.entitled)}"),)
        note = f"{number(got)}" if one.entitled is None else f"{number(got)} of {exact(one.entitled)}"
        part = Part(got, "accent", f"{one.rep}: {counted(got, 'lead')}")
        rows.append(Bar(one.rep, (part,), note, marks=share))
    return bars("owners", "Leads per rep, and the exact share", _listing(rows), rows)


def defect_picture(defects: Sequence[Defect]) -> Markup:
    """Draw the most frequent kinds of findings."""
    rows = [
        Bar(
            one.code.replace("_", " "),
            (Part(one.count, SEVERITY_COLOURS[one.severity], f"{one.code}: {one.count} ({one.severity})"),),
            number(one.count),
        )
        for one in sorted(defects, key=lambda one: -one.count)[:SHOWN]
    ]
    return bars("findings", "Findings by kind", _listing(rows), rows)


def duration_picture(stages: Sequence[StageTime]) -> Markup:
    """Draw the middle half of the latest stays in each stage, with a stroke at the median."""
    rows = []
    for one in stages:
        spread = one.latest
        middle = f"{one.stage}: half of the stays took {span(spread.lower)} to {span(spread.upper)}"
        parts = (Part(spread.lower, "none", middle), Part(spread.upper - spread.lower, "soft", middle))
        median = (spread.median, f"median {span(spread.median)}")
        rows.append(Bar(one.stage, parts, span(spread.median), marks=(median,)))
    return bars("durations", "Time in stage: median and middle half", _listing(rows), rows)


def level_picture(levels: Sequence[Attainment]) -> Markup:
    """Draw the deadlines of each stage by how they ended."""
    rows = []
    for one in levels:
        counts = ((int(getattr(one, what)), what, colour) for what, colour in LEVEL_COLOURS)
        parts = tuple(Part(n, colour, f"{one.stage}: {n} {what}") for n, what, colour in counts)
        rows.append(Bar(one.stage, parts, f"{percent(one.met, one.met + one.late + one.overdue)} met in time"))
    return bars("levels", "Service levels", _listing(rows), rows)


def mail_picture(mails: Mails) -> Markup:
    """Draw the messages of each content by what became of them."""
    rows = []
    for one in mails.contents[:SHOWN]:
        counts = ((int(getattr(one, what)), says, colour) for what, colour, says in MAIL_COLOURS)
        parts = tuple(Part(n, colour, f"{one.content}: {n} {says}") for n, says, colour in counts)
        rows.append(Bar(one.content, parts, f"{number(one.sent)} sent"))
    return bars("mails", "Messages by content", _listing(rows), rows)


def source_picture(found: Sequence[Source]) -> Markup:
    """Draw the leads of each source, and in that those who were qualified, and who bought."""
    rows = [
        Bar(
            one.source,
            (
                Part(one.first, "soft", f"{one.source}: {counted(one.first, 'lead')}"),
                Part(one.qualified, "accent", f"{one.source}: {one.qualified} qualified"),
                Part(one.customers, "good", f"{one.source}: {counted(one.customers, 'customer')}"),
            ),
            f"{number(one.first)} · {percent(one.qualified, one.first)} qualified",
            over=True,
        )
        for one in found[:SHOWN]
    ]
    return bars("sources", "Leads by first source", _listing(rows), rows)


def _listing(rows: Sequence[Bar]) -> str:
    return str(joined((Markup(f"{row.label} {row.note}") for row in rows), "; "))
