"""Looking at a leads file without writing anything: what is doubtful in it, how often, with examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from leadflow.decisions.policy import Policy
from leadflow.entities import Finding, Severity
from leadflow.errors import LeadflowError
from leadflow.files.chunks import reason_of
from leadflow.files.journey import RunPlan, leads_in
from leadflow.files.row_mapping import RowMapping
from leadflow.files.rules import lead_type_of
from leadflow.files.tables import Row, Watch, unwatched, watched

__all__ = ["FileCheck", "FindingExample", "FindingKind", "check_file"]

EXAMPLES: Final = 3
REFUSALS: Final = 20
UNREACHABLE: Final = "give an e-mail address, phone number, postal address or social profile"


class FindingKind(NamedTuple):
    """A kind of finding: how bad it is, where, what."""

    severity: Severity
    field: str
    code: str


class FindingExample(NamedTuple):
    """A finding in the file: line, value, the message, and what it should probably be."""

    line: int
    value: str | None
    message: str
    suggestion: str | None


@dataclass
class FileCheck:
    """What is doubtful in a file: findings by kind with the first examples, and the rows that would be refused."""

    file: str
    form: str
    columns: dict[str, str]
    unknown: tuple[str, ...]
    notes: tuple[str, ...] = ()
    rows: int = 0
    refused: int = 0
    refusals: list[tuple[int, str]] = field(default_factory=list)
    counts: Counter[FindingKind] = field(default_factory=Counter)
    examples: dict[FindingKind, list[FindingExample]] = field(default_factory=dict)

    def count(self, row: Row, findings: tuple[Finding, ...], problem: str | None) -> None:
        """Take note of a row."""
        self.rows += 1
        if problem is not None:
            self.refused += 1
            self.refusals += [(row.line, problem)] if len(self.refusals) < REFUSALS else []
        for one in findings:
            if one.code == "unknown_key":  # an extra column: reported once, not per row
                continue
            kind = FindingKind(one.severity, one.field, one.code)
            self.counts[kind] += 1
            shown = self.examples.setdefault(kind, [])
            if len(shown) < EXAMPLES:
                shown.append(FindingExample(row.line, one.value, one.message, one.suggestion))

    @property
    def kinds(self) -> list[tuple[FindingKind, int]]:
        """The kinds of findings, errors first, the most frequent first."""
        order = {"error": 0, "warning": 1, "note": 2}
        return sorted(self.counts.items(), key=lambda one: (order[one[0].severity], -one[1], one[0]))

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "file": self.file,
            "form": self.form,
            "notes": list(self.notes),
            "columns": self.columns,
            "unknown_columns": list(self.unknown),
            "rows": self.rows,
            "refused": self.refused,
            "first_refused": [{"line": line, "reason": reason} for line, reason in self.refusals],
            "findings": [
                {**kind._asdict(), "count": count, "examples": [one._asdict() for one in self.examples[kind]]}
                for kind, count in self.kinds
            ],
        }


def check_file(plan: RunPlan, watch: Watch = unwatched) -> FileCheck:
    """Check every row of a leads file as ``LeadFlow.capture`` would, and write nothing."""
    read, meaning = leads_in(plan)
    unknown = tuple(c for c in read.columns if c not in meaning.columns and c not in meaning.ignored)
    result = FileCheck(read.path.name, read.form, dict(meaning.columns), unknown, read.notes)
    policy = Policy(lead_type=lead_type_of(plan.config), country=plan.config.country)
    for row, findings, problem in _looked_at(watched("leads", read, watch, plan.limit), meaning, policy, plan):
        result.count(row, findings, problem)
    result.notes = read.notes
    return result


def _looked_at(
    rows: Iterator[Row], meaning: RowMapping, policy: Policy, plan: RunPlan
) -> Iterator[tuple[Row, tuple[Finding, ...], str | None]]:
    for row in rows:
        if row.problem is not None:
            yield row, (), row.problem
            continue
        try:
            findings, reachable = _submitted(row, meaning, policy, plan)
        except LeadflowError as wrong:
            yield row, (), row.refused(reason_of(wrong))
        else:
            yield row, findings, None if reachable else row.refused(UNREACHABLE)


def _submitted(row: Row, meaning: RowMapping, policy: Policy, plan: RunPlan) -> tuple[tuple[Finding, ...], bool]:
    now = plan.clock()
    lead = meaning.lead_in(row, now)
    submission = lead.capture.submission(policy, now)
    details = {name: value for name, value in submission.details.items() if name != "custom"}
    blank = policy.lead_type(id="new", created_at=now, recorded_at=now)
    return submission.findings, blank.but(**details, external_ids=submission.external_ids).is_reachable
