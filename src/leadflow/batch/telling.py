"""New activities told to an engagement state: read by DuckDB, counted by NumPy, written into a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from os import PathLike
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
from sqlglot import exp

from leadflow.batch.duck import opened
from leadflow.batch.keeping import Kept, Moment, keeping
from leadflow.batch.lowering import Lowering
from leadflow.batch.news import News, by_rule
from leadflow.batch.places import Places, Rows, places
from leadflow.batch.query import check_columns, check_same_ids
from leadflow.batch.scoring import Source
from leadflow.batch.shelf import Shelf, stored
from leadflow.batch.tables import Columns, Reading, Table, Value
from leadflow.errors import DefinitionError
from leadflow.scoring.decay import number
from leadflow.scoring.memory import Remembered, composes, digest
from leadflow.scoring.model import ScoringModel


@dataclass(frozen=True)
class Telling:
    """Activities until a moment, for the rules of a model."""

    model: ScoringModel
    activities: Source
    seen: Source | None
    as_of: datetime
    columns: Columns
    connection: duckdb.DuckDBPyConnection | None

    def after(self, before: Shelf, folder: str | PathLike[str]) -> Shelf:
        """The state before with those that are new to it, written into a folder."""
        rules = {key: rule for key, rule in kept_rules(self.model).items() if key in before.kept}
        if not rules:
            raise DefinitionError(
                "there is no engagement rule of the model that the state could tell; score without one"
            )
        con = duckdb.connect() if self.connection is None else self.connection
        with ExitStack() as tables:
            news = self._news(before, lambda what, source: tables.enter_context(_open(con, what, source)))
            leads = tables.enter_context(places(con, news.lead_id, before.leads))
            counting = partial(self._counted, rules, leads)
            parts = leads.told(news.query([*rules.values()]).sql("duckdb"), in_parts=before.leads is None)
            kept, passed, rows = before.kept, number(self.as_of) - number(before.as_of), next(parts)
            for following in parts:
                kept, passed, rows = dict(counting(kept, rows, passed)), 0, following
            return stored(Path(folder), self.as_of, counting(kept, rows, passed), leads)

    def _counted(
        self, rules: dict[str, Remembered], leads: Places, kept: Mapping[str, Kept], rows: Rows, passed: int
    ) -> Iterator[tuple[str, Kept]]:
        """What is kept of each rule, one after the other, with what these rows tell."""
        at = Moment(leads.many, number(self.as_of), passed)
        for (key, rule), told in zip(rules.items(), by_rule([*rules.values()], rows), strict=True):
            yield key, keeping(rule).later(kept[key], told, at)

    def _news(self, before: Shelf, table_of: Callable[[str, Source], Table]) -> News:
        def read(what: str, source: Source) -> tuple[exp.Expr, Reading]:
            table = table_of(what, source)
            check_columns("activities", table)
            return exp.to_table(table.name, dialect="duckdb"), Reading(table, self.columns.activity, what, "duckdb")

        table, activity = read("activities", self.activities)
        lead = activity.needed("lead_id")
        if before.leads is not None:
            check_same(lead_of(before), lead, "activities")
        return News(
            table=table,
            activity=activity,
            leads=table,  # rules that compose don't look at leads
            lead_id=lead,
            lowering=Lowering(lambda leaf: activity.at(leaf.path), self.as_of, "duckdb"),
            now=self.as_of,
            zone=self.model.zone,
            dialect="duckdb",
            since=None if before.leads is None else before.as_of,
            seen=None if self.seen is None else read("seen", self.seen),
        )


@contextmanager
def _open(con: duckdb.DuckDBPyConnection, what: str, source: Source) -> Iterator[Table]:
    """The source as a table of the connection for now."""
    table = opened(con, what, source)
    try:
        yield table
    finally:
        if table.name.startswith(f"leadflow_{what}_"):
            con.unregister(table.name)
            con.execute(f"DROP VIEW IF EXISTS {table.name}")


def kept_rules(model: ScoringModel) -> dict[str, Remembered]:
    """The rules that compose, by what they are known by."""
    zone = ZoneInfo(model.zone)
    return {digest(rule, zone): rule for rule in model.engagement if composes(rule)}


def lead_of(shelf: Shelf) -> Value:
    """The ids of the leads of a state: their type, and what kind of values that is."""
    return Reading(Table("state", {"lead_id": shelf.lead_type}), {}, "state", "duckdb").needed("lead_id")


def check_same(mine: Value, theirs: Value, where: str) -> None:
    """Raise ``DefinitionError`` where ids of leads are of another kind than those of the state."""
    check_same_ids(mine, theirs, "state", where)
    if mine.whole != theirs.whole:  # 1.5 is nobody's place
        raise DefinitionError(
            f"lead ids are {mine.type} in the state and {theirs.type} in the {where}; cast one of them"
        )
