"""Whose lead it is, as people decide: given to a rep, put into a queue, or offered to the rotation anew."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from leadflow.decisions.arguments import line_of
from leadflow.decisions.commands.sales import SalesCommand
from leadflow.decisions.draft import Draft
from leadflow.decisions.handover import hand_over, take_away, way_of
from leadflow.decisions.roster import check_given_to, check_queue
from leadflow.errors import Refused

__all__ = ["Assign", "HandOver", "Unassign"]


@dataclass(frozen=True)
class Assign(SalesCommand):
    """Give the lead to a rep, whoever has it now. It counts for the rep's caps, and uses no turn of the rotation.

    ``InvalidInput`` for a rep who is not on the roster, or no longer active; ``Refused`` for a lead that nobody can
    own: an anonymous or a disqualified one.
    """

    verb = "assign"

    rep: str
    _: KW_ONLY
    reason: str

    def __post_init__(self) -> None:
        super().__post_init__()
        self._read(rep=line_of("rep", self.rep), reason=line_of("reason", self.reason))

    def step(self, draft: Draft) -> None:
        _check_stage(draft)
        check_given_to(draft.policy, self.rep)
        if draft.lead.owner != self.rep:
            take_away(draft, self.reason, rep=self.rep)


@dataclass(frozen=True)
class Unassign(SalesCommand):
    """Take the lead from its rep: into a queue, or, without one, back to the rotation.

    The rotation gives a lead of marketing or sales to whoever's turn it is: at once where the flow has a router, else
    when a process with one ticks. ``InvalidInput`` for a queue that the router does not know.
    """

    verb = "unassign"

    queue: str | None = None
    _: KW_ONLY
    reason: str

    def __post_init__(self) -> None:
        super().__post_init__()
        queue = None if self.queue is None else line_of("queue", self.queue)
        self._read(queue=queue, reason=line_of("reason", self.reason))

    def step(self, draft: Draft) -> None:
        _check_stage(draft)
        if self.queue is not None:
            check_queue(draft.policy, self.queue)
        stays = (draft.lead.owner, draft.lead.queue) == (None, self.queue)
        if not stays or draft.policy.next_offer(draft.lead):  # by hand: it is not offered again by itself
            take_away(draft, self.reason, queue=self.queue)


@dataclass(frozen=True)
class HandOver(SalesCommand):
    """Take an open lead from a rep who is away or gone, as the ``handover`` of the router says.

    Nothing happens if the rep is there, or the lead is somebody else's by now.
    """

    verb = "unassign"

    rep: str
    _: KW_ONLY
    reason: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        reason = None if self.reason is None else line_of("reason", self.reason)
        self._read(rep=line_of("rep", self.rep), reason=reason)

    def step(self, draft: Draft) -> None:
        if draft.lead.owner == self.rep:
            hand_over(draft, way_of(draft.policy, self.rep), self.reason)


def _check_stage(draft: Draft) -> None:
    lead, lifecycle = draft.lead, draft.policy.lifecycle
    if lifecycle.stage(lead.stage).kind in ("prospect", "out"):
        raise Refused(f"lead {lead.id} is at {lead.stage}, where nobody can own it")
