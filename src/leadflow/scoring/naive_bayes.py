"""How likely a lead is won, counted from won and lost leads, as Odoo's predictive lead scoring publishes it.

For every team, field and value it is counted how many leads with that value were won and lost; P is naive Bayes over
the values of a lead. Learning, and taking it back, costs one lead at a time::

    frequency = Frequency(fields=("source", "country"), stages=("new", "offer", "won"))
    frequency.learn(lead, "won")
    frequency.percent(another)                 # 74.3, or None without won or without lost leads

Counts are whole numbers; the 0.1 that keeps a chance from being zero is added when they are read. So taking back what
was learned restores every count exactly, leaves no empty cells behind, and no order of calls changes a P.

Source of the formulas: Odoo, addons/crm/models/crm_lead.py (``_pls_*``), as described in its tests.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from leadflow.conditions.values import read
from leadflow.errors import InvalidInput

__all__ = ["Frequency", "LeadOutcome"]

LeadOutcome: TypeAlias = Literal["won", "lost", "open"]

SMOOTHING: Final = 0.1
"""Added to both counts of every cell that exists in a team."""
LOWEST, HIGHEST = 0.01, 99.99
MANY_MINIMUM: Final = 50
STAGE: Final = "(stage)"
BLANK: Final = "(blank)"
SHOWN: Final = 3
FORM: Final = 1
_AT: Final[Mapping[str, int]] = {"won": 0, "lost": 1}

_Cell: TypeAlias = tuple[str, str]
"""Field and value."""
_Counts: TypeAlias = dict[str, dict[str, tuple[int, int]]]
"""By field and value: how many were won, how many lost."""


class _Pair(NamedTuple):
    """Something of the won leads, and the same of the lost ones."""

    won: float
    lost: float


class Driver(NamedTuple):
    """A value that speaks for winning (``score`` above ½) or against it; ½ is neutral.

    ``won`` and ``lost`` are the parts of the won and lost leads that have it.
    """

    field: str
    value: str
    won: float
    lost: float
    score: float


class Frequency:
    """Counts of won and lost leads per team, field and value, and the chance that follows from them.

    Args:
        fields: paths of the values that are counted.
        stages: names of the stages, in order; their first gives the totals. Without any, all leads count alike.
        stage: the path of a lead's stage.
        team: the path of a lead's team; a lead whose team has learned nothing is compared with all teams together.
        many: those fields that hold several values (tags); of them only values seen ``minimum`` times count.
        blank_counts: those fields in which a missing value is a value, too.
        good: the good value of fields that grade a contact (e-mail state); absurd explanations are left out then.
    """

    def __init__(
        self,
        fields: Iterable[str],
        *,
        stages: Iterable[str] = (),
        stage: str = "stage",
        team: str | None = None,
        many: Iterable[str] = (),
        blank_counts: Iterable[str] = (),
        good: Mapping[str, str] | None = None,
        minimum: int = MANY_MINIMUM,
    ) -> None:
        self.fields, self.stages, self.stage, self.team = tuple(fields), tuple(stages), stage, team
        self.many, self.blank_counts = frozenset(many), frozenset(blank_counts)
        self.good, self.minimum = dict(good or {}), minimum
        self._counts: dict[str, _Counts] = {}
        self._sums: dict[tuple[str | None, str], _Pair] = {}
        """Sums of whole fields, by team (None: all) and field, until something is learned."""

    # --- learning ----------------------------------------------------------------------------------------------

    def learn(self, lead: object, outcome: LeadOutcome, *, times: int = 1) -> None:
        """Count a lead that was won or lost; an open one is not counted."""
        if outcome == "open":
            return
        self._sums.clear()
        counts = self._counts.setdefault(self._team_of(lead), {})
        for field, value in self._cells(lead, outcome):
            cells = counts.setdefault(field, {})
            cells[value] = _plus(cells.get(value, (0, 0)), outcome, times)

    def unlearn(self, lead: object, outcome: LeadOutcome, *, times: int = 1) -> None:
        """Take back what was learned from this lead, given as it was then; what was never learned is refused."""
        if outcome == "open":
            return
        team, cells = self._team_of(lead), self._cells(lead, outcome)
        counts = self._counts.get(team, {})
        left = {cell: _plus(counts.get(cell[0], {}).get(cell[1], (0, 0)), outcome, -times) for cell in cells}
        for (field, value), pair in left.items():
            if min(pair) < 0:
                raise InvalidInput(field, value, f"no {outcome} lead like this was learned; give it as it was then")
        self._sums.clear()
        for (field, value), pair in left.items():
            counts[field][value] = pair
        self._drop_empty(team)

    def _drop_empty(self, team: str) -> None:
        """Leave no trace of cells, fields and teams in which nothing is counted any more."""
        kept = {field: {v: pair for v, pair in of.items() if any(pair)} for field, of in self._counts[team].items()}
        self._counts[team] = {field: of for field, of in kept.items() if of}
        if not self._counts[team]:
            del self._counts[team]

    def change(self, lead: object, was: LeadOutcome, now: LeadOutcome) -> None:
        """Follow a lead whose outcome changed; where it did not (a won lead is archived), nothing does."""
        if was != now:
            self.unlearn(lead, was)
            self.learn(lead, now)

    # --- chances -----------------------------------------------------------------------------------------------

    def percent(self, lead: object) -> float | None:
        """The chance in percent, two decimals, from 0.01 to 99.99; None where nothing was won or nothing lost."""
        chance = self._chance(lead)
        return None if chance is None else min(max(round(100 * chance, 2), LOWEST), HIGHEST)

    def probability(self, lead: object) -> float | None:
        """The same from 0.0001 to 0.9999, not rounded."""
        chance = self._chance(lead)
        return None if chance is None else min(max(chance, LOWEST / 100), HIGHEST / 100)

    def _chance(self, lead: object) -> float | None:
        team = self._asked(lead)
        totals = self._totals(self._of(team))
        if totals is None:
            return None
        logs = [math.log(totals.won / totals.lost)]
        logs += [math.log(share.won / share.lost) for _, share in self._shares(lead, team, totals)]
        return 1 / (1 + math.exp(min(-math.fsum(logs), 700.0)))

    def drivers(self, lead: object) -> tuple[tuple[Driver, ...], tuple[Driver, ...]]:
        """The three values that speak most for winning, and the three that speak most against it."""
        team = self._asked(lead)
        totals = self._totals(self._of(team))
        if totals is None:
            return (), ()
        found = [_driver(cell, share) for cell, share in self._shares(lead, team, totals)]
        sensible = [one for one in found if not self._absurd(one)]
        best = sorted((one for one in sensible if one.score > 0.5), key=lambda one: (-one.score, one.field))
        worst = sorted((one for one in sensible if one.score < 0.5), key=lambda one: (one.score, one.field))
        return tuple(best[:SHOWN]), tuple(worst[:SHOWN])

    def _absurd(self, one: Driver) -> bool:
        return one.field in self.good and (one.value == self.good[one.field]) != (one.score > 0.5)

    def count(self, field: str, value: object, outcome: LeadOutcome, *, team: str | None = None) -> float:
        """The smoothed count of one value in one team (Odoo's ``won_count``, ``lost_count``); 0 if it has no cell."""
        counts = self._counts.get(_text(team))
        pair = None if counts is None else self._smoothed([counts], field, _text(value))
        return 0.0 if pair is None else pair[_AT[outcome]]

    # --- cells -------------------------------------------------------------------------------------------------

    def _team_of(self, lead: object) -> str:
        return _text(read(lead, self.team)) if self.team else ""

    def _asked(self, lead: object) -> str | None:
        """The lead's team, or None for all together where it has none, or its team has learned nothing."""
        team = self._team_of(lead)
        return team if team and team in self._counts else None

    def _of(self, team: str | None) -> Collection[_Counts]:
        return self._counts.values() if team is None else (self._counts[team],)

    def _cells(self, lead: object, outcome: LeadOutcome) -> list[_Cell]:
        return [*self._reached(lead, outcome), *self._values(lead)]

    def _reached(self, lead: object, outcome: LeadOutcome) -> list[_Cell]:
        """The stages that count: all for a won lead, those up to its own for a lost one."""
        if not self.stages:
            return [(STAGE, "")]
        if outcome == "won":
            return [(STAGE, stage) for stage in self.stages]
        return [(STAGE, stage) for stage in self.stages[: self._place(lead) + 1]]

    def _place(self, lead: object) -> int:
        stage = _text(read(lead, self.stage))
        if stage not in self.stages:
            raise InvalidInput(self.stage, stage, f"give one of the stages {', '.join(self.stages)}")
        return self.stages.index(stage)

    def _values(self, lead: object) -> Iterator[_Cell]:
        for field in self.fields:
            value = read(lead, field)
            for one in dict.fromkeys(value) if isinstance(value, tuple) else (value,):
                text = _text(one)
                if text or field in self.blank_counts:
                    yield field, text or BLANK

    def _shares(self, lead: object, team: str | None, totals: _Pair) -> Iterator[tuple[_Cell, _Pair]]:
        teams = self._of(team)
        if self.stages:
            stage = self.stages[self._place(lead)]
            pair = self._smoothed(teams, STAGE, stage)
            if pair is not None:
                yield (STAGE, stage), _Pair(pair.won / totals.won, pair.lost / totals.lost)
        for field, value in self._values(lead):
            pair = self._smoothed(teams, field, value)
            if pair is not None:
                of_field = self._of_field(team, field)
                yield (field, value), _Pair(pair.won / of_field.won, pair.lost / of_field.lost)

    def _totals(self, teams: Collection[_Counts]) -> _Pair | None:
        """All won and all lost leads, as the first stage has them; None if one of both is missing."""
        first = self.stages[0] if self.stages else ""
        won, lost = (sum(counts.get(STAGE, {}).get(first, (0, 0))[at] for counts in teams) for at in (0, 1))
        return self._smoothed(teams, STAGE, first) if won and lost else None

    def _of_field(self, team: str | None, field: str) -> _Pair:
        known = self._sums.get((team, field))
        if known is None:
            pairs = [self._pair(counts, field, value) for counts in self._of(team) for value in counts.get(field, ())]
            known = self._sums[team, field] = _summed(pair for pair in pairs if pair is not None)
        return known

    def _smoothed(self, teams: Iterable[_Counts], field: str, value: str) -> _Pair | None:
        """A value's counts, with 0.1 for each team in which there is such a cell; None if there is none."""
        there = [pair for counts in teams if (pair := self._pair(counts, field, value)) is not None]
        return _summed(there) if there else None

    def _pair(self, counts: _Counts, field: str, value: str) -> tuple[int, int] | None:
        pair = counts.get(field, {}).get(value)
        return None if pair is None or (field in self.many and sum(pair) < self.minimum) else pair

    # --- as data -----------------------------------------------------------------------------------------------

    def to_json(self) -> str:
        """The counts and what is counted, as JSON; ``from_json`` gives an equal one."""
        counts = {
            team: {field: {value: [*pair] for value, pair in sorted(of.items())} for field, of in sorted(both.items())}
            for team, both in sorted(self._counts.items())
        }
        return json.dumps({"form": FORM, **self._settings(), "counts": counts}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Frequency:
        """Read what ``to_json`` wrote."""
        try:
            written = json.loads(text)
            counts = written.pop("counts")
            if written.pop("form") != FORM:
                raise ValueError("another form")
            read_back = cls(**written)
            for team, fields in counts.items():
                read_back._counts[team] = {
                    field: {value: _counted(*pair) for value, pair in of.items()} for field, of in fields.items()
                }
        except (ValueError, TypeError, KeyError, AttributeError):
            raise InvalidInput("text", text, "give what Frequency.to_json wrote") from None
        return read_back

    def _settings(self) -> dict[str, Any]:
        many, blank = sorted(self.many), sorted(self.blank_counts)
        return {"fields": self.fields, "stages": self.stages, "stage": self.stage, "team": self.team, "many": many,
                "blank_counts": blank, "good": self.good, "minimum": self.minimum}  # fmt: skip

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frequency):
            return NotImplemented
        return self._settings() == other._settings() and self._counts == other._counts

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        cells = sum(len(of) for counts in self._counts.values() for of in counts.values())
        return f"Frequency({len(self.fields)} fields, {cells} cells)"


def _plus(pair: tuple[int, int], outcome: LeadOutcome, times: int) -> tuple[int, int]:
    won, lost = pair
    return (won + times, lost) if outcome == "won" else (won, lost + times)


def _summed(pairs: Iterable[tuple[int, int]]) -> _Pair:
    """The sum of cells, with 0.1 for each of them."""
    there = list(pairs)
    return _Pair(*(sum(counts) + SMOOTHING * len(there) for counts in zip(*there, strict=True)))


def _driver(cell: _Cell, share: _Pair) -> Driver:
    """A stage is explained by how few of the lost leads came so far, since every won one did."""
    score = 1 - share.lost if cell[0] == STAGE else share.won / (share.won + share.lost)
    return Driver(cell[0].strip("()"), cell[1], share.won, share.lost, score)


def _text(value: object) -> str:
    """A value as it is counted: by its text, as Odoo does; missing is empty."""
    return "" if value is None else str(value)


def _counted(won: object, lost: object) -> tuple[int, int]:
    if isinstance(won, int) and isinstance(lost, int) and won >= 0 and lost >= 0 and won + lost:
        return won, lost
    raise ValueError("a count is a whole number")
