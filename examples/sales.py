"""The sales side of the demo: what each rep does with the first, second, third … lead in each stage."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from leadflow import Lead, LeadFlow
from leadflow.quality.buying_roles import RoleModel

__all__ = ["Reps", "Turn", "read_script"]


@dataclass(frozen=True)
class Turn:
    """What is done with a lead in a stage, so long after it came there."""

    stage: str
    after: timedelta
    move: str
    reason: str = ""
    revisit_days: int = 0
    amount: str = ""
    by: str = ""


def read_script(path: Path) -> dict[str, list[Turn]]:
    """Return the turns of each stage, in their order."""
    script: defaultdict[str, list[Turn]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            after, days = timedelta(hours=int(row["after_hours"])), int(row["revisit_days"] or 0)
            turn = Turn(row["stage"], after, row["move"], row["reason"], days, row["amount"], row["by"])
            script[row["stage"]].append(turn)
    return dict(script)


@dataclass
class Reps:
    """Plays the script: every lead gets its turn when a rep first sees it in a stage."""

    script: dict[str, list[Turn]]
    made: Counter[str] = field(default_factory=Counter)
    _turns: dict[tuple[str, str, datetime | None], Turn] = field(default_factory=dict)
    _seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def play(self, flow: LeadFlow, now: datetime) -> None:
        """Make the moves for which it is time."""
        for stage in ("opportunity", "sql", "sal", "mql", "customer"):
            for lead in sorted(flow.leads(stage), key=lambda one: (one.entered_at or now, one.id)):
                turn = self._turn(lead)
                if turn is not None and lead.entered_at is not None and lead.entered_at + turn.after <= now:
                    self._make(flow, lead, turn, now)

    def _turn(self, lead: Lead[Any]) -> Turn | None:
        """Return what will be done with the lead: the next turn of its owner, or of its queue."""
        place = "queue" if lead.stage == "mql" and lead.owner is None else lead.stage
        key = (lead.id, place, lead.entered_at)
        turns = self.script.get(place)
        if turns is None or (lead.owner is None and lead.queue is None):
            return None
        if key not in self._turns:
            whose = (lead.owner or lead.queue or "", place)
            self._turns[key] = turns[self._seen[whose] % len(turns)]
            self._seen[whose] += 1
        return self._turns[key]

    def _make(self, flow: LeadFlow, lead: Lead[Any], turn: Turn, now: datetime) -> None:
        move = _MOVES.get(turn.move)
        if move is not None:
            move(flow, lead, turn, now)
            self.made[turn.move] += 1


def _revisit(turn: Turn, now: datetime) -> Any:
    return (now + timedelta(days=turn.revisit_days)).date()


def _rep(lead: Lead[Any], turn: Turn) -> str:
    return turn.by or lead.owner or "nobody"


def _accept(flow: LeadFlow, lead: Lead[Any], turn: Turn, _: datetime) -> None:
    flow.accept(lead.id, by=_rep(lead, turn))


def _reject(flow: LeadFlow, lead: Lead[Any], turn: Turn, now: datetime) -> None:
    flow.reject(lead.id, by=_rep(lead, turn), reason=turn.reason, revisit=_revisit(turn, now))


def _confirm(flow: LeadFlow, lead: Lead[Any], turn: Turn, _: datetime) -> None:
    flow.confirm(lead.id, by=_rep(lead, turn))
    for likely in RoleModel().propose(lead)[:1]:  # by now sales knows which part they play in the purchase
        flow.correct(lead.id, {"buying_role": likely.role}, by=_rep(lead, turn))


def _recycle(flow: LeadFlow, lead: Lead[Any], turn: Turn, now: datetime) -> None:
    flow.recycle(lead.id, by=_rep(lead, turn), reason=turn.reason, revisit=_revisit(turn, now))


def _disqualify(flow: LeadFlow, lead: Lead[Any], turn: Turn, _: datetime) -> None:
    flow.disqualify(lead.id, by=_rep(lead, turn), reason=turn.reason)


def _open_deal(flow: LeadFlow, lead: Lead[Any], turn: Turn, _: datetime) -> None:
    deal = f"deal-{lead.id}-{len(lead.deals) + 1}"
    flow.open_deal(lead.id, deal, by=_rep(lead, turn), amount=turn.amount)


def _win(flow: LeadFlow, lead: Lead[Any], turn: Turn, _: datetime) -> None:
    flow.win(lead.id, by=_rep(lead, turn), amount=turn.amount or None)


def _lose(flow: LeadFlow, lead: Lead[Any], turn: Turn, now: datetime) -> None:
    flow.lose(lead.id, by=_rep(lead, turn), reason=turn.reason, revisit=_revisit(turn, now))


def _promote(flow: LeadFlow, lead: Lead[Any], turn: Turn, _: datetime) -> None:
    flow.promote(lead.id, by=_rep(lead, turn))


_MOVES: dict[str, Callable[[LeadFlow, Lead[Any], Turn, datetime], None]] = {
    "accept": _accept,
    "reject": _reject,
    "confirm": _confirm,
    "recycle": _recycle,
    "disqualify": _disqualify,
    "open_deal": _open_deal,
    "win": _win,
    "lose": _lose,
    "promote": _promote,
}
