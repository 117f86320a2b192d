"""A whole run over files: leads, activities, sales, what is due, and a summary in which every row is accounted for."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from leadflow.entities import Message
from leadflow.errors import InvalidInput
from leadflow.files.chunks import run_rows
from leadflow.files.column_headers import ACTIVITY_HEADERS, LEAD_KEYS, SALES_HEADERS
from leadflow.files.column_meanings import ColumnMeanings, understood
from leadflow.files.column_relations import ColumnRelations
from leadflow.files.columns import choose_columns, is_contact, known_column, known_key
from leadflow.files.config import ConsentColumn, FlowFile, OptOutColumn, SalesMoves
from leadflow.files.destination import Store, opened, shown
from leadflow.files.row_actions import ActivityAction, LeadAction, SalesAction
from leadflow.files.row_mapping import RowMapping
from leadflow.files.rules import rules_of
from leadflow.files.run_summary import Refusal, RowOutcome, RunSummary, Tally
from leadflow.files.tables import FileTable, Row, Watch, table, unwatched, watched
from leadflow.flow import LeadFlow
from leadflow.ports import Mailer, Storage

__all__ = ["RunPlan", "RunSummary", "activities_in", "columns_in", "leads_in", "run"]

TASKS_AT_ONCE: Final = 500


@dataclass(frozen=True)
class RunPlan:
    """What to run, on what, by which rules. ``now`` None: the clock's."""

    leads: Path
    activities: Path | None = None
    sales: Path | None = None
    config: FlowFile = field(default_factory=FlowFile)
    columns: dict[str, str] = field(default_factory=dict)
    source: str | None = None
    db: str | None = None
    dry: bool = False
    now: datetime | None = None
    limit: int | None = None
    mailer: Mailer | None = None

    def clock(self) -> datetime:
        """The moment of the run."""
        return self.now or datetime.now(UTC)


class _Counting:
    """Hands mails on, and counts them; without a mailer behind it, it only counts."""

    def __init__(self, mailer: Mailer | None, counts: Counter[str]) -> None:
        self._mailer, self._counts = mailer, counts

    def send(self, message: Message) -> None:
        if self._mailer is None:
            self._counts["would be sent"] += 1
            return
        try:
            self._mailer.send(message)
        except Exception as error:
            self._counts[type(error).__name__.lower()] += 1
            raise
        self._counts["sent"] += 1


def run(
    plan: RunPlan,
    *,
    watch: Watch = unwatched,
    refused: Callable[[Refusal], None] = lambda _refusal: None,
    after: Callable[[LeadFlow], None] = lambda _flow: None,
) -> RunSummary:
    """Run the plan. ``refused`` gets every row that was not used, ``after`` gets the flow when all is done."""
    begun = time.monotonic()
    summary = RunSummary(_where(plan))
    jobs = list(_jobs(plan, summary, watch))
    mailer = _Counting(plan.mailer if not plan.dry else None, summary.mails)
    rules = rules_of(plan.config)

    def build(storage: Storage) -> LeadFlow:
        return LeadFlow(storage, **rules, clock=plan.clock, mailer=mailer)

    with opened(plan.db, build, dry=plan.dry) as store:
        for name, read, rows, action in jobs:
            tally = summary.tallies[name] = Tally(read.path.name)
            run_rows(store, rows, action, tally, _refusal_callback(read.path.name, refused))
            summary.notes = read.notes if name == "leads" else summary.notes
        _tick(plan, store, summary)
        summary.stages.update(lead.stage for lead in store.flow.leads())
        summary.seconds = time.monotonic() - begun
        after(store.flow)
    return summary


Job = tuple[str, FileTable, Iterable[Row], LeadAction | ActivityAction | SalesAction]


def _jobs(plan: RunPlan, summary: RunSummary, watch: Watch) -> Iterator[Job]:
    """Look at every file before the first row of any is used, so that a wrong name changes nothing."""
    config = plan.config
    leads, meaning = leads_in(plan)
    summary.columns["leads"] = dict(meaning.columns)
    summary.unknown = tuple(c for c in leads.columns if c not in meaning.columns and c not in meaning.ignored)
    yield "leads", leads, watched("leads", leads, watch, plan.limit), LeadAction(meaning, plan.clock)
    if plan.activities is not None:
        read, activities = activities_in(plan.activities, config)
        summary.columns["activities"] = dict(activities.columns)
        yield "activities", read, watched("activities", read, watch), activities
    if config.sales_in_leads is not None:
        yield _sales("sales in leads", leads, config.sales_in_leads, plan, summary, watch, meaning)
    if plan.sales is not None:
        yield _sales("sales", table(plan.sales), config.sales, plan, summary, watch)


def _sales(
    name: str,
    read: FileTable,
    moves: SalesMoves,
    plan: RunPlan,
    summary: RunSummary,
    watch: Watch,
    meaning: RowMapping | None = None,
) -> Job:
    given = moves.columns
    if meaning is not None and "lead" not in given.values():
        identity = next((c for k in ("external_id", "email") for c, key in meaning.columns.items() if key == k), None)
        given = given | ({identity: "lead"} if identity else {})
    columns = _columns(name, read, given, SALES_HEADERS, guess=meaning is None and not moves.columns)
    if "lead" not in columns.values():
        raise InvalidInput(name, str(read.path), "no column says whose row it is; map one to 'lead'")
    if not moves.moves and "move" not in columns.values():
        raise InvalidInput(name, str(read.path), "no column says what was done; map one to 'move'")
    _check_columns(name, read, moves)
    summary.columns[name] = columns
    action = SalesAction(columns, moves, plan.config, name)
    all_rows = watched(name, read, watch, plan.limit if meaning else None)
    rows = (row for row in all_rows if row.problem or action.concerns(row))
    return name, read, (row for row in rows if meaning is None or row.problem is None), action


def _check_columns(name: str, read: FileTable, moves: SalesMoves) -> None:
    for column in (*moves.where, *moves.columns_read()):
        known_column(column, read.columns, name)


def _columns(
    name: str, read: FileTable, given: dict[str, str], headers: dict[str, str], *, guess: bool = True
) -> dict[str, str]:
    return choose_columns(read.columns, given, headers, where=f"{name}.columns", guess=guess and not given)


def activities_in(path: Path, config: FlowFile) -> tuple[FileTable, ActivityAction]:
    """Look at a file of activities: its form, what its columns mean."""
    read = table(path)
    return read, ActivityAction(_columns("activities", read, config.activities.columns, ACTIVITY_HEADERS), config)


def leads_in(plan: RunPlan) -> tuple[FileTable, RowMapping]:
    """Look at the leads file: its form, what its columns mean. ``InvalidInput`` if nobody in it could be reached."""
    config = plan.config
    read, meanings = columns_in(plan)
    columns = meanings.keys
    if not is_contact(columns.values()):
        raise InvalidInput(
            "columns", ", ".join(read.columns)[:200],
            "none is known to hold an e-mail address, a phone number or an id; say which with --map 'Column=email'",
        )  # fmt: skip
    settings = _settings(config, meanings)
    spoken: dict[str, ConsentColumn | OptOutColumn | None] = {
        "consent.column": settings.consent,
        "opt_out.column": settings.opt_out,
    }
    for where, one in spoken.items():
        if one is not None:
            known_column(one.column, read.columns, where)
    aside = {one.column for one in spoken.values() if one is not None}
    for_sales = {*config.sales_in_leads.where} if config.sales_in_leads else set()
    ignored = frozenset({*config.ignore, *((aside | for_sales) - set(columns))})
    source = plan.source or config.source or plan.leads.stem
    return read, RowMapping(
        columns,
        settings,
        source,
        ignored,
        meanings.date_orders,
        meanings.decimal_signs,
        meanings.date_doubts,
        ColumnRelations.of(read.columns, columns),
    )


def columns_in(plan: RunPlan) -> tuple[FileTable, ColumnMeanings]:
    """Look at the columns of the leads file: what each means, and by what that is known."""
    config = plan.config
    read = config.table(plan.leads)
    for key in plan.columns.values():
        _check_key(key, config)
    given = choose_columns(read.columns, config.columns | plan.columns, {}, ignore=config.ignore, guess=False)
    return read, understood(read, given, guess=not config.columns, ignore=config.ignore)


def _settings(config: FlowFile, meanings: ColumnMeanings) -> FlowFile:
    """The settings, with what a known export says beyond its columns, unless they say it themselves."""
    more: dict[str, object] = {}
    if meanings.system is not None and "external_system" not in config.model_fields_set:
        more["external_system"] = meanings.system
    if meanings.opt_out is not None and config.opt_out is None:
        values = {"values": ("*",)} if meanings.is_opt_out_dated else {}
        more["opt_out"] = OptOutColumn(column=meanings.opt_out, **values)
    return config.model_copy(update=more)


def _check_key(key: str, config: FlowFile) -> None:
    try:
        known_key(key, LEAD_KEYS, config.custom)
    except ValueError as wrong:
        raise InvalidInput("--map", key, str(wrong)) from None


def _refusal_callback(file: str, refused: Callable[[Refusal], None]) -> Callable[[Row, RowOutcome], None]:
    def tell(row: Row, outcome: RowOutcome) -> None:
        if outcome.word == "refused":
            refused(Refusal(file, row, outcome.reason))

    return tell


def _tick(plan: RunPlan, store: Store, summary: RunSummary) -> None:
    """Do what is due, unless it would need what is not there."""
    if not store.ticks:
        summary.waiting = "what is due was not looked at: this dry run is one transaction that is rolled back"
    elif plan.config.nurturing.sequences and plan.mailer is None and not plan.dry:
        summary.waiting = "what is due waits for a mail server: --smtp URL, or `leadflow tick --smtp URL` later"
    else:
        ticked = store.flow.run_due(TASKS_AT_ONCE)
        summary.tasks_done, summary.tasks_failed = len(ticked.done), list(ticked.failed)


def _where(plan: RunPlan) -> str:
    if plan.dry:
        return "nowhere (dry run)"
    return shown(plan.db) if plan.db else "a temporary database, gone when the run ends (--db keeps it)"
