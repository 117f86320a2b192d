"""The engagement state of many leads: what later scoring needs of their activities, to read none of them again.

::

    states = EngagementStates.of(model, activities, last_week, "states/")   # reads all activities, once
    states = states.after(model, activities, now)                           # reads those that are new
    score_many(model, leads, None, now, state=states)                       # reads none

It lies in a folder (see ``shelf``). Rules are known by their kind, condition, decay and limit, and the zone if they
have a limit; points, caps, groups and names may change freely.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

import duckdb
import numpy as np

from leadflow.batch.duck import opened
from leadflow.batch.keeping import Array, Moment, keeping
from leadflow.batch.places import column_of, numbered, places
from leadflow.batch.query import NO_MAPPING, Recalled
from leadflow.batch.scoring import Source
from leadflow.batch.shelf import Shelf, found, stored
from leadflow.batch.tables import Columns
from leadflow.batch.telling import Telling, check_same, kept_rules, lead_of
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.scoring.counting import FrequencyRule
from leadflow.scoring.decay import number
from leadflow.scoring.engaging import AnyEngagement
from leadflow.scoring.memory import composes, digest
from leadflow.scoring.model import ScoringModel


@dataclass(frozen=True)
class EngagementStates:
    """What each engagement rule keeps of all leads' activities: those that had happened and were recorded by ``as_of``.

    Methods that give a later state write it into a folder; a state that another has replaced there is gone.
    """

    folder: Path
    _shelf: Shelf

    @property
    def as_of(self) -> datetime:
        """All activities until this moment are counted, and none that are later."""
        return self._shelf.as_of

    @classmethod
    def open(cls, folder: str | PathLike[str]) -> Self:
        """The state that lies in a folder."""
        return cls(Path(folder), found(Path(folder)))

    @classmethod
    def of(
        cls,
        model: ScoringModel,
        activities: Source,
        as_of: datetime,
        folder: str | PathLike[str],
        *,
        columns: Columns = NO_MAPPING,
        connection: duckdb.DuckDBPyConnection | None = None,
    ) -> Self:
        """The state after all activities until ``as_of``, each of which is read once.

        Activities and ``columns`` are as for ``score_many``. Rules that don't compose are left out: those that look at
        the lead, which may change, or ask whether a property lies ``within(…)`` some days.
        """
        at, nothing = _utc(as_of), {key: keeping(rule).nothing() for key, rule in kept_rules(model).items()}
        begun, told = Shelf(at, None, 0, "", nothing), Telling(model, activities, None, at, columns, connection)
        return cls(Path(folder), told.after(begun, folder))

    def after(
        self,
        model: ScoringModel,
        activities: Source,
        as_of: datetime,
        *,
        seen: Source | None = None,
        folder: str | PathLike[str] | None = None,
        columns: Columns = NO_MAPPING,
        connection: duckdb.DuckDBPyConnection | None = None,
    ) -> Self:
        """The state at a later moment, with the activities that had not happened or were not recorded before.

        Others are left out, so giving all of them again changes nothing. One that is recorded again later under its id
        is told from a new one if the first is given, too: in ``activities``, or in ``seen``, a table of those that were
        counted before. Rules that the state doesn't know stay unknown, and those that left the model are dropped.
        """
        if _utc(as_of) < self.as_of:
            raise InvalidInput("as_of", as_of, f"the state is as of {self.as_of}; it can't go back")
        into = Path(self.folder if folder is None else folder)
        told = Telling(model, activities, seen, _utc(as_of), columns, connection)
        return type(self)(into, told.after(self._shelf, into))

    def merged(self, model: ScoringModel, other: EngagementStates, folder: str | PathLike[str]) -> Self:
        """The state of two sets of activities that have none in common, both as of one moment."""
        mine, theirs = self._shelf, other._shelf
        if theirs.as_of != mine.as_of:
            raise InvalidInput("other", theirs.as_of, f"bring both to one moment first; this one is as of {mine.as_of}")
        lead = lead_of(mine)
        check_same(lead, lead_of(theirs), "other state")
        assert theirs.leads is not None
        with duckdb.connect() as con, places(con, lead, mine.leads) as leads:
            (told,) = leads.told(numbered(con, theirs.leads), in_parts=False)
            place = np.empty(theirs.many, np.int64)
            place[told["there"]] = told["who"]
            at = Moment(leads.many, number(mine.as_of), 0)
            kept = (
                (key, keeping(rule).joined(mine.kept[key], theirs.kept[key], place, at))
                for key, rule in kept_rules(model).items()
                if key in mine.kept and key in theirs.kept
            )
            return type(self)(Path(folder), stored(Path(folder), mine.as_of, kept, leads))

    def recalled(
        self, model: ScoringModel, as_of: datetime, on: duckdb.DuckDBPyConnection, *, alone: bool
    ) -> Recalled | None:
        """What the state tells of the model's engagement rules at a moment, as a view of the connection.

        Rules that it can't tell are a ``DefinitionError`` if it is asked alone.
        """
        shelf, passed = self._shelf, number(_utc(as_of)) - number(self.as_of)
        if passed < 0:
            raise InvalidInput(
                "as_of", as_of, f"the state counts all activities until {self.as_of}; score then or later"
            )
        at, known, zone = Moment(shelf.many, number(as_of), passed), dict[str, Array](), ZoneInfo(model.zone)
        for index, rule in enumerate(model.engagement):
            if not isinstance(rule, FrequencyRule) and not rule.points:
                continue
            kept = shelf.kept.get(digest(rule, zone)) if composes(rule) else None
            if kept is not None:
                known[f"e{index}"] = keeping(rule).told(kept, at)
            elif alone:
                raise _unknown(rule)
        if not known:
            return None
        assert shelf.leads is not None
        leads, lead_id = column_of(shelf.leads), lead_of(shelf)
        if isinstance(leads, dict):
            return Recalled(opened(on, "states", leads | known).name, lead_id, tuple(known))
        table, beside = opened(on, "states", leads), opened(on, "states", known)
        both = f"{beside.name}_of"
        on.execute(f"CREATE TEMP VIEW {both} AS FROM {table.name} POSITIONAL JOIN {beside.name}")
        return Recalled(both, lead_id, tuple(known))


def _unknown(rule: AnyEngagement) -> DefinitionError:
    if not composes(rule):
        return DefinitionError(
            f"rule {rule.name!r} looks at the lead, or at the age of a property, so that no state can tell it; "
            "give the activities, too"
        )
    return DefinitionError(
        f"the state doesn't know rule {rule.name!r} with this condition, decay and limit; "
        "make it anew with EngagementStates.of(…), or give the activities, too"
    )


def _utc(as_of: datetime) -> datetime:
    if as_of.tzinfo is None:
        raise InvalidInput("as_of", as_of, "give an aware datetime, for example datetime.now(UTC)")
    return as_of.astimezone(UTC)
