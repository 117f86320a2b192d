"""What a person sees: summaries as lines of text."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import typer
from rich.console import Console

from leadflow.entities import safe_line
from leadflow.files.file_check import FileCheck
from leadflow.files.lint_config import LintResult
from leadflow.files.output_files import Writer
from leadflow.files.run_summary import IDENTICAL, RunSummary
from leadflow.files.scores import Scored
from leadflow.flow import Ticked
from leadflow.flow.health import Health
from leadflow.languages import Language
from leadflow.scoring import points_text

__all__ = [
    "SHOWN",
    "Ranking",
    "check_lines",
    "columns_read",
    "health_lines",
    "lint_lines",
    "refusal_lines",
    "say",
    "say_json",
    "score_lines",
    "summary_lines",
    "tick_lines",
]

SHOWN: Final = 20


def say(*lines: str) -> None:
    """Print lines; what came out of files can't move the cursor or colour the screen."""
    console = Console(markup=False, highlight=False, emoji=False, soft_wrap=True)
    for line in lines:
        indent = line[: len(line) - len(line.lstrip(" "))]
        console.print(f"{indent}{safe_line(line)}")


def say_json(data: object) -> None:
    """Print data for programs."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


def columns_read(columns: Mapping[str, Mapping[str, str]], unknown: Sequence[str], guessed: bool) -> Iterator[str]:
    """Say what each column was taken for."""
    for name, meant in columns.items():
        how = "columns, as guessed from their names" if guessed and name == "leads" else "columns"
        yield f"{name}: {how}: {', '.join(f'{column} = {key}' for column, key in meant.items())}"
    if unknown:
        yield f"leads: kept with the submission, but no field of a lead: {', '.join(unknown)}"


def summary_lines(summary: RunSummary, *, dry: bool) -> Iterator[str]:
    """Say what became of every row, why rows were refused, and where the leads stand."""
    if dry:
        yield "dry run: nothing was written; this is what would happen"
    yield from (_sum(name, counts) for name, counts in summary.counts.items())
    yield from refusal_lines(summary, "; --refused FILE.csv writes all")
    yield from _findings(summary)
    yield f"stages: {', '.join(f'{count:,} {stage}' for stage, count in summary.stages.most_common()) or 'no leads'}"
    mails = ", ".join(f"{count:,} {word}" for word, count in summary.mails.items()) or "none"
    yield f"mails: {mails}; {summary.waiting}" if summary.waiting else f"mails: {mails}"
    if summary.tasks_failed:
        key, error = summary.tasks_failed[0]
        yield f"tasks that failed: {len(summary.tasks_failed)}, such as {key}: {error}"
    yield f"written to {summary.where}; {summary.seconds:,.1f} s"


def _sum(name: str, counts: Mapping[str, int]) -> str:
    words = [word for word in counts if word not in ("rows", IDENTICAL)]
    same = f" (of the updated, {counts[IDENTICAL]:,} identical to earlier ones)" if counts.get(IDENTICAL) else ""
    return f"{name}: {counts['rows']:,} rows = {' + '.join(f'{counts[word]:,} {word}' for word in words)}{same}"


def refusal_lines(summary: RunSummary, hint: str = "") -> Iterator[str]:
    """Say which rows were not used, and why."""
    shown = [one for tally in summary.tallies.values() for one in tally.refusals][:SHOWN]
    if not shown:
        return
    yield f"refused: {summary.refused:,} rows"
    yield from (f"  {one.file}, line {one.row.line}: {one.reason}" for one in shown)
    if summary.refused > len(shown):
        yield f"  … and {summary.refused - len(shown):,} more{hint}"


def _findings(summary: RunSummary) -> Iterator[str]:
    tally = summary.tallies.get("leads")
    found = [] if tally is None else [(kind, n) for kind, n in tally.findings.most_common() if kind[2] != "unknown_key"]
    if found:
        count = sum(count for _, count in found)
        yield f"findings: {count:,} in {len(found)} kinds; `leadflow check` shows lines and values"
        yield from (f"  {count:,} × {severity}: {field}: {code}" for (severity, field, code), count in found[:10])


def check_lines(found: FileCheck, words: Language, *, guessed: bool) -> Iterator[str]:
    """Say what is doubtful in a file, with the reasons in a language."""
    yield f"{found.file}: {found.form}"
    yield from found.notes
    yield from columns_read({"leads": found.columns}, found.unknown, guessed)
    yield f"leads: {found.rows:,} rows, {found.refused:,} of them would be refused"
    yield from (f"  line {line}: {words.phrase(reason)}" for line, reason in found.refusals)
    if found.refused > len(found.refusals):
        yield f"  … and {found.refused - len(found.refusals):,} more"
    yield f"findings: {found.counts.total():,} in {len(found.counts)} kinds"
    for kind, count in found.kinds:
        yield f"  {count:,} × {kind.severity}: {kind.field}: {kind.code}"
        for one in found.examples[kind]:
            value = "" if one.value is None else f"{one.value!r} "
            meant = words("meant", suggestion=one.suggestion) if one.suggestion else ""
            yield f"      line {one.line}: {value}{words.reason(kind.code, one.message)}{meant}"
        if remedy := words.remedies.get(kind.code):
            yield f"      → {remedy}"


def lint_lines(found: LintResult) -> Iterator[str]:
    """Say what is doubtful about a model."""
    yield f"{found.model}: fit is {found.fit}, engagement is {found.engagement}"
    counts = Counter(flaw.severity for flaw in found.flaws)
    yield ", ".join(f"{count} {word}{'s' if count > 1 else ''}" for word, count in counts.items()) or "no flaws found"
    yield from (f"  {flaw}" for flaw in found.flaws)


class Ranking:
    """The best scores of many, and how often each grade was given."""

    def __init__(self) -> None:
        self.best: list[Scored] = []
        self.grades: Counter[str] = Counter()

    def taker(self, writer: Writer | None) -> Callable[[Scored], None]:
        """Return a callback for every score, which ranks it and writes it."""

        def take(one: Scored) -> None:
            self.grades[one.grade] += 1
            self.best = heapq.nlargest(SHOWN, (*self.best, one), key=lambda scored: scored.total)
            if writer is not None:
                writer.writerow(one)

        return take


def score_lines(summary: RunSummary, ranking: Ranking) -> Iterator[str]:
    """Show the best scores and how many leads have each grade."""
    yield from (_sum(name, counts) for name, counts in summary.counts.items())
    yield from refusal_lines(summary)
    yield f"grades: {', '.join(f'{count:,} {grade}' for grade, count in sorted(ranking.grades.items())) or 'none'}"
    for one in ranking.best:
        who = f"{one.lead} ({one.name})" if one.name else one.lead
        total, fit, engagement = map(points_text, (one.total, one.fit, one.engagement))
        yield f"  {total:>6} {one.grade} {who}: fit {fit}, engagement {engagement}; {one.because}"


def health_lines(health: Health) -> Iterator[str]:
    """Say what is due, overdue, failing and dead."""
    yield "good" if health.is_good else "not good"
    oldest = f", the oldest since {health.oldest_due:%Y-%m-%d %H:%M} UTC" if health.oldest_due else ""
    yield f"due: {health.due:,}{oldest}; overdue: {health.overdue:,}"
    for one in health.failing:
        yield f"failing since {one.since:%Y-%m-%d %H:%M} UTC: {one.tasks:,} {one.kind}: {one.error}"
    yield f"failed for good: {health.dead:,}"


def tick_lines(ticked: Ticked) -> Iterator[str]:
    """Say what was done and what failed, by kind of task, and when the next is due."""
    done = Counter(key.partition(":")[0] for key in ticked.done)
    yield f"done: {', '.join(f'{count:,} {kind}' for kind, count in done.most_common()) or 'nothing was due'}"
    tried_again = [one for one in ticked.failed if one[0] not in ticked.dead]
    for_good = [one for one in ticked.failed if one[0] in ticked.dead]
    ends = ((tried_again, "failed, to be tried again"), (for_good, "failed for good"), (ticked.waiting, "put off"))
    for failed, what in ends:
        if failed:
            yield f"{what}: {len(failed):,}"
            yield from (f"  {key}: {error}" for key, error in failed[:SHOWN])
    if ticked.skipped:
        yield "left alone, of the first hundred due, for the rules (--config) or the mail server (--smtp) are not here:"
        yield from (f"  {number:,} {kind}" for kind, number in ticked.skipped[:SHOWN])
    if ticked.next_due:
        yield f"next: {ticked.next_due:%Y-%m-%d %H:%M} UTC"
