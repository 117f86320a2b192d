"""The summary page: its sections, and the texts for empty ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from leadflow.buying_center import AccountView
from leadflow.data_quality import subject_name
from leadflow.insights.data_quality_counts import AGES
from leadflow.insights.report import charts
from leadflow.insights.report.account_pages import account_section
from leadflow.insights.report.labels import counted, exact, listed, moment, number, percent, span
from leadflow.insights.report.markup import Markup, joined, tag
from leadflow.insights.report.page_frame import ReportSection, beside, framed, nothing, says
from leadflow.insights.report.score_chart import score_picture
from leadflow.insights.report.svg import legend
from leadflow.insights.report.tables import TableCell, grade_table, table
from leadflow.insights.summary import Summary
from leadflow.languages import ENGLISH

__all__ = ["render_report"]


def render_report(summary: Summary, *, title: str = "Leads", accounts: Iterable[AccountView] = ()) -> str:
    """Return the report as one HTML page: charts with tables; it loads and runs nothing.

    ``accounts`` (``flow.account(key)``) are shown with their buying centers: who is there, and who is missing.
    """
    shown = tuple(accounts)
    return framed(
        [*(make(summary) for make in SECTIONS), *([account_section(shown)] if shown else [])],
        kicker="Lead report",
        title=title,
        when=f"As of {moment(summary.at)}",
        figures=_figures(summary),
        made_from="the recorded facts",
    )


def _figures(summary: Summary) -> Iterable[tuple[str, str]]:
    reached = summary.funnel.counts("reached")
    won = [one for one in summary.selling.deals if one.status == "won"]
    return [
        (number(summary.leads), "leads and visitors"),
        (number(summary.submissions), "submissions"),
        (number(reached.get("mql", 0)), "became MQL"),
        (number(reached.get("customer", 0)), "became customers"),
        (number(summary.mails.total("sent")), "mails sent"),
        *((number(float(one.amount)), f"{one.currency} won in {counted(one.count, 'deal')}") for one in won),
    ]


# --------------------------------------------------------------------------------------------------- the sections
def _funnel(summary: Summary) -> ReportSection:
    steps = summary.funnel.steps
    if not summary.leads:
        return "funnel", "Funnel", nothing("There are no leads yet.")
    before = [0, *(step.reached for step in steps)]
    rows = [
        (step.stage, step.here, step.reached, step.strict, percent(step.reached, last) if last else "–")
        for step, last in zip(steps, before, strict=False)
    ]
    aside = [(stage, n, None, None, None) for stage, n in (summary.funnel.aside or {}).items()]
    key = legend((("soft", "got at least this far"), ("accent", "… without skipping a stage")))
    columns = ("Stage", "here now", "this far", "strictly", "of the previous stage")
    content = beside(charts.funnel_picture(summary.funnel), key, table("Leads by stage", columns, [*rows, *aside]))
    return "funnel", "Funnel", content


def _scores(summary: Summary) -> ReportSection:
    scores = summary.scores
    if not scores.cells:
        return "scores", "Scores", nothing("No lead has a score: there is no scoring model, or nothing to score.")
    rows = [
        (one.stage, one.total.count, one.fit.median, one.engagement.median, one.total.median, one.total.most)
        for one in scores.stages
    ]
    columns = ("Stage", "leads", "fit", "engagement", "total", "best")
    key = legend((f"grade-{letter.lower()}", f"grade {letter}") for letter in "ABCD")
    more = [key, grade_table(scores.grades), table("Scores by stage (medians)", columns, rows)]
    if scores.unscored:
        more.append(says(f"{counted(scores.unscored, 'lead')} without a score."))
    return "scores", "Scores", beside(score_picture(scores), *more)


def _owners(summary: Summary) -> ReportSection:
    owners = summary.owners
    queues = [(queue, n) for queue, n in owners.queues.items()]
    waiting = table("Leads waiting in a queue", ("Queue", "leads"), queues) if queues else Markup()
    if not owners.reps:
        nobody = nothing("No lead has been assigned to a rep.")
        return "owners", "Leads and reps", joined([nobody, waiting])
    rows = [
        (one.rep, one.received if one.assigned is None else one.assigned, exact(one.entitled),
         one.accepted, one.given_back, one.won, one.open)
        for one in owners.reps
    ]  # fmt: skip
    columns = ("Rep", "got", "exact share", "accepted", "gave back", "won", "open now")
    more = [legend((("accent", "got"), ("mark", "the exact share"))), table("Leads by rep", columns, rows), waiting]
    return "owners", "Leads and reps", beside(charts.owner_picture(owners.reps), *more)


def _levels(summary: Summary) -> ReportSection:
    levels = summary.service_levels
    if not levels:
        return (
            "levels",
            "Service levels",
            nothing("There were no service levels."),
        )
    rows = [
        (
            one.stage, one.begun, one.met, one.late, one.overdue, one.running, one.reminded,
            percent(one.met, one.met + one.late + one.overdue),
        )
        for one in levels
    ]  # fmt: skip
    columns = ("Stage", "begun", "met", "late", "overdue", "running", "reminders", "met in time")
    key = legend((("good", "met"), ("warn", "late"), ("bad", "overdue"), ("faint", "running")))
    return (
        "levels",
        "Service levels",
        beside(charts.level_picture(levels), key, table("Deadlines by stage", columns, rows)),
    )


def _durations(summary: Summary) -> ReportSection:
    if not summary.velocity:
        return "durations", "Time in stage", nothing("No lead has been in a stage yet.")
    rows = [
        (
            one.stage, one.latest.count, one.still, span(one.latest.median), span(one.latest.mean),
            span(one.cumulative.median),
        )
        for one in summary.velocity
    ]  # fmt: skip
    columns = ("Stage", "leads", "still there", "median", "mean", "median of all stays together")
    key = legend((("soft", "the middle half of the stays"), ("mark", "median")))
    note = says("The latest stay of each lead; current stays are counted up to now.")
    return (
        "durations",
        "Time in stage",
        beside(charts.duration_picture(summary.velocity), key, table("Time in stage", columns, rows), note),
    )


def _quality(summary: Summary) -> ReportSection:
    quality = summary.quality
    if not quality.leads:
        return "quality", "Data quality", nothing("There are no leads that could be reached.")
    complete = [
        (subject_name(f"completeness.{name}", ENGLISH), leads, percent(leads, quality.leads))
        for name, leads in quality.complete.items()
    ]
    ages: list[tuple[TableCell, ...]] = [
        (subject_name(f"freshness.{group}", ENGLISH), *(counts[age] for age in AGES))
        for group, counts in quality.ages.items()
    ]
    missing = [(path, leads, percent(leads, quality.leads)) for path, leads in [*quality.missing.items()][:12]]
    fresh = legend((("good", "fresh"), ("warn", "ageing"), ("bad", "outdated: confirm it, or let it go")))
    said = says(
        f"{number(quality.mean)} of 100 on average over {counted(quality.leads, 'reachable lead')}. "
        "Whether they may be written to is another question: that is consent."
    )
    what = table("Leads that have everything for a purpose", ("Purpose", "leads", "share"), complete)
    lacks = table("What is missing for some purpose", ("Field", "leads", "share"), missing)
    when = table("Leads by age of the last confirmation", ("Fields", *AGES), ages)
    content = joined(
        [
            beside(charts.quality_picture(quality), said),
            beside(charts.completeness_picture(quality), what, lacks),
            beside(charts.age_picture(quality), fresh, when),
        ]
    )
    return "quality", "Data quality", content


def _findings(summary: Summary) -> ReportSection:
    if not summary.findings:
        return (
            "findings",
            "Findings",
            nothing("There are no findings."),
        )
    rows = [
        (
            one.code.replace("_", " "),
            one.severity,
            one.count,
            one.leads,
            listed(one.fields),
            ENGLISH.remedies.get(one.code, ""),
        )
        for one in summary.findings
    ]
    key = legend((("bad", "error: not used"), ("warn", "warning: used, doubtful"), ("faint", "note: corrected")))
    pairs = says(_pairs(summary.pairs))
    columns = ("Finding", "severity", "times", "leads", "fields", "what to do")
    more = (key, table("Findings by kind", columns, rows, words=("severity", "fields", "what to do")), pairs)
    return "findings", "Findings", beside(charts.defect_picture(summary.findings), *more)


def _pairs(pairs: int) -> str:
    if not pairs:
        return "No two leads look like the same person."
    return f"{counted(pairs, 'pair')} of leads look like the same person and wait for a decision."


def _mails(summary: Summary) -> ReportSection:
    mails = summary.mails
    if not mails.contents:
        return "mails", "Nurturing", nothing("No mails were sent.")
    rows: list[tuple[TableCell, ...]] = [
        (one.content, *(int(getattr(one, what)) for what, _, _ in charts.MAIL_COLOURS)) for one in mails.contents
    ]
    columns = ("Content", "sent", "refused", "uncertain", "skipped", "open", "by people")
    seen = [(colour, says) for what, colour, says in charts.MAIL_COLOURS if mails.total(what)]
    reasons = table("Why messages did not go", ("Reason", "times"), list(mails.skipped_because.items()))
    more = (legend(seen), table("Messages by content", columns, rows), reasons if mails.skipped_because else Markup())
    none = Markup() if mails.total("sent") else nothing("No mails were sent.")
    return "mails", "Nurturing", joined([none, beside(charts.mail_picture(mails), *more)])


def _sources(summary: Summary) -> ReportSection:
    if not summary.sources:
        return "sources", "Sources", nothing("There were no submissions.")
    rows = [
        (one.source, one.first, one.touches, one.qualified, one.customers, percent(one.qualified, one.first))
        for one in summary.sources
    ]
    columns = ("Source", "leads", "submissions", "qualified", "customers", "share qualified")
    key = legend((("soft", "leads"), ("accent", "qualified"), ("good", "customers")))
    more = (key, table("Leads by first source", columns, rows))
    return "sources", "Sources", beside(charts.source_picture(summary.sources), *more)


def _selling(summary: Summary) -> ReportSection:
    selling = summary.selling
    if not selling.moves:
        return "moves", "Moves and deals", nothing("No lead has moved, and there are no deals.")
    deals = [
        (f"{one.status}, {one.currency}", one.count, number(float(one.amount)) if one.amount else None)
        for one in selling.deals
    ]
    reasons = [(reason, move.replace("_", " "), n) for (move, reason), n in selling.reasons.items()]
    why = table("Why leads were returned or disqualified", ("Reason", "move", "times"), reasons, words=("move",))
    tables = [
        table("Moves", ("Move", "times"), [(move.replace("_", " "), n) for move, n in selling.moves.items()]),
        table("Deals", ("Status", "deals", "amount"), deals) if deals else nothing("There are no deals."),
        why if reasons else Markup(),
    ]
    return "moves", "Moves and deals", tag("div", *tables, class_="columns")


SECTIONS: Final[tuple[Callable[[Summary], ReportSection], ...]] = (
    _funnel, _scores, _owners, _levels, _durations, _quality, _findings, _mails, _sources, _selling,
)  # fmt: skip
