"""The charts of the summary page; every number in them is one of the summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from leadflow.data_quality import subject_name
from leadflow.insights.attainment import Attainment
from leadflow.insights.data_quality_counts import BANDS, QualityCounts, band_name
from leadflow.insights.durations import StageTime
from leadflow.insights.finding_counts import Defect
from leadflow.insights.lead_sources import Source
from leadflow.insights.mail_outcomes import Mails
from leadflow.insights.ownership import Owner
from leadflow.insights.report.labels import counted, exact, number, percent, short, span
from leadflow.insights.report.markup import Markup, joined, tag
from leadflow.insights.report.svg import WIDTH, Bar, Part, bars, picture, rectangle, said
from leadflow.insights.stages import Funnel
from leadflow.languages import ENGLISH

__all__ = [
    "MAIL_COLOURS",
    "age_picture",
    "completeness_picture",
    "defect_picture",
    "duration_picture",
    "funnel_picture",
    "level_picture",
    "mail_picture",
    "owner_picture",
    "quality_picture",
    "source_picture",
]

MAIL_COLOURS: Final = (
    ("sent", "good", "sent"),
    ("failed", "bad", "refused by the mail server"),
    ("uncertain", "warn", "uncertain"),
    ("skipped", "faint", "skipped"),
    ("open", "warn", "outcome not recorded"),
    ("due", "soft", "a call or letter, by people"),
)
LEVEL_COLOURS: Final = (("met", "good"), ("late", "warn"), ("overdue", "bad"), ("running", "faint"))
SEVERITY_COLOURS: Final = {"error": "bad", "warning": "warn", "note": "faint"}
AGE_COLOURS: Final = {"fresh": "good", "ageing": "warn", "outdated": "bad"}
SHOWN: Final = 12
"""The most rows of a chart; the table beside it has all."""


# ---------------------------------------------------------------------------------------------------- the funnel
def funnel_picture(funnel: Funnel) -> Markup:
    """Draw each stage as a centred bar: leads that got this far, and within it those that skipped no stage."""
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
        says = f"{step.stage}: {counted(step.reached, 'lead')} got this far, {step.strict} without skipping a stage"
        shapes += [
            said(0, top + 17, short(step.stage, 13)),
            rectangle(middle - width / 2, top, width, bar, Part(step.reached, "soft", says)),
            rectangle(middle - inner / 2, top, inner, bar, Part(step.strict, "accent", says)),
            said(WIDTH, top + 12, number(step.reached), "strong", "end"),
            said(WIDTH, top + 25, percent(step.reached, before) + " go on" if place else "", "note", "end"),
        ]
    description = "; ".join(f"{step.stage} {step.reached}" for step in funnel.steps)
    return picture("funnel", "Leads that reached each stage", description, max(len(funnel.steps) * row, row), *shapes)


# ------------------------------------------------------------------------------------------------------ the bars
def owner_picture(reps: Sequence[Owner]) -> Markup:
    """Draw what each rep got, with a mark at the exact share."""
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


def quality_picture(quality: QualityCounts) -> Markup:
    """Draw the leads by quality score, in bands of ten points."""
    most = max(quality.bands) or 1
    across, foot, high = WIDTH / BANDS, 150, 118
    shapes: list[Markup] = []
    for band, leads in enumerate(quality.bands):
        name = band_name(band)
        height = high * leads / most
        part = Part(leads, "bad" if band < 4 else "warn" if band < 7 else "good", f"{name}: {counted(leads, 'lead')}")
        shapes.append(rectangle(band * across + 2, foot - height, across - 4, height, part))
        shapes.append(said((band + 0.5) * across, foot + 16, name, "note", "middle"))
        if leads:
            shapes.append(said((band + 0.5) * across, foot - height - 5, number(leads), "note", "middle"))
    description = "; ".join(f"{band_name(band)}: {leads}" for band, leads in enumerate(quality.bands) if leads)
    title = "Leads by quality score"
    return picture(
        "quality", title, description, foot + 24, tag("line", class_="axis", x1=0, x2=WIDTH, y1=foot, y2=foot), *shapes
    )


def completeness_picture(quality: QualityCounts) -> Markup:
    """Draw for each purpose the share of leads that have everything for it."""
    rows = [
        Bar(
            subject_name(f"completeness.{name}", ENGLISH),
            (Part(leads, "good", f"complete for {name}: {leads} of {quality.leads}"),),
            percent(leads, quality.leads),
        )
        for name, leads in quality.complete.items()
    ]
    return bars("completeness", "Leads that are complete, by purpose", _listing(rows), rows, most=quality.leads)


def age_picture(quality: QualityCounts) -> Markup:
    """Draw for each group of fields how long ago it was confirmed."""
    rows = [
        Bar(
            subject_name(f"freshness.{group}", ENGLISH),
            tuple(Part(ages[age], colour, f"{group}, {age}: {ages[age]}") for age, colour in AGE_COLOURS.items()),
            _outdated(ages, quality.leads),
        )
        for group, ages in quality.ages.items()
    ]
    return bars("ages", "When the data was last confirmed", _listing(rows), rows, most=quality.leads)


def _outdated(ages: Mapping[str, int], leads: int) -> str:
    there = leads - ages["nothing"]
    return f"{percent(ages['outdated'], there)} outdated" if there else "no lead has it"


def duration_picture(stages: Sequence[StageTime]) -> Markup:
    """Draw the middle half of the latest stays in each stage, with a mark at the median."""
    rows = []
    for one in stages:
        spread = one.latest
        middle = f"{one.stage}: half of the stays took {span(spread.lower)} to {span(spread.upper)}"
        parts = (Part(spread.lower, "none", middle), Part(spread.upper - spread.lower, "soft", middle))
        median = (spread.median, f"median {span(spread.median)}")
        rows.append(Bar(one.stage, parts, span(spread.median), marks=(median,)))
    return bars("durations", "Time in stage: median and middle half", _listing(rows), rows)


def level_picture(levels: Sequence[Attainment]) -> Markup:
    """Draw the deadlines of each stage by outcome."""
    rows = []
    for one in levels:
        counts = ((int(getattr(one, what)), what, colour) for what, colour in LEVEL_COLOURS)
        parts = tuple(Part(n, colour, f"{one.stage}: {n} {what}") for n, what, colour in counts)
        rows.append(Bar(one.stage, parts, f"{percent(one.met, one.met + one.late + one.overdue)} met in time"))
    return bars("levels", "Service levels", _listing(rows), rows)


def mail_picture(mails: Mails) -> Markup:
    """Draw the messages of each content by outcome."""
    rows = []
    for one in mails.contents[:SHOWN]:
        counts = ((int(getattr(one, what)), says, colour) for what, colour, says in MAIL_COLOURS)
        parts = tuple(Part(n, colour, f"{one.content}: {n} {says}") for n, says, colour in counts)
        rows.append(Bar(one.content, parts, f"{number(one.sent)} sent"))
    return bars("mails", "Messages by content", _listing(rows), rows)


def source_picture(found: Sequence[Source]) -> Markup:
    """Draw the leads of each source, and within it those who qualified and who bought."""
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
