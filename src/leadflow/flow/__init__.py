"""LeadFlow: what a host calls. It loads, lets the decisions decide, and saves."""

from __future__ import annotations

from leadflow.decisions.adjusting import Adjusted
from leadflow.decisions.capturing import Captured
from leadflow.decisions.commands import adjustment, intake, permission, sales, suppression
from leadflow.decisions.explaining import Explanation
from leadflow.decisions.message_log import MessageFate
from leadflow.decisions.miscounts import Miscount
from leadflow.decisions.recording import Corrected, Recorded
from leadflow.decisions.steps import Moved
from leadflow.flow.group import CommandResult
from leadflow.flow.reading import UnreadableLead
from leadflow.flow.recounting import Recounting
from leadflow.flow.retiring import Retiring
from leadflow.flow.search import Searching
from leadflow.flow.ticking import Ticked, Ticking
from leadflow.flow.verbs import verb, wish

__all__ = [
    "Adjusted",
    "Captured",
    "CommandResult",
    "Corrected",
    "Explanation",
    "LeadFlow",
    "MessageFate",
    "Miscount",
    "Moved",
    "Recorded",
    "Ticked",
    "UnreadableLead",
]


class LeadFlow(Recounting, Retiring, Searching, Ticking):
    """The whole journey of your leads, with your rules, on your storage and mail server.

    Give at least a ``storage``. ``scoring``, ``qualification``, ``router``, ``sequences`` with ``contents``, and
    ``service_levels`` are your rules; each is checked here, once, against the lead with your ``custom`` fields.
    ``secrets`` (the newest first; keep the old ones) sign unsubscribe links and hash suppressed addresses; without
    them a key that is kept in the storage hashes, which is weaker: whoever has the database has the key.
    ``clock`` and ``new_id`` are for tests. ``by`` is a rep's id, or an ``Actor`` for everybody else:
    ``Actor(kind="marketing", id="eva")``. Every command may be given a ``key``: given twice with one key it acts
    once. Any command raises ``Refused`` when it can't be carried out, ``InvalidInput`` for a value that can't be
    used, ``NotFound`` for an unknown id, and ``StorageError`` when it collided with others for longer than
    ``budget``; nothing is written then.
    """

    # something new becomes known of a person
    capture = verb(intake.Capture)
    identify = verb(intake.identify)
    visit = verb(intake.Visit)
    record = verb(intake.Record)
    correct = verb(intake.Correct)

    # a person allows, and takes back
    consent = verb(permission.GiveWord)
    unsubscribe = verb(permission.Unsubscribe)
    complain = verb(permission.Complain)
    erase = verb(permission.Erase)
    suppress = wish(suppression.Suppress)
    unsuppress = wish(suppression.Unsuppress)

    # marketing and sales move a lead; ``by`` is a rep's id or an ``Actor``; ``at`` is when it happened, if not now
    move = verb(sales.MakeMove)
    qualify = verb(sales.qualify)
    accept = verb(sales.Accept)
    reject = verb(sales.reject)
    confirm = verb(sales.confirm)
    recycle = verb(sales.recycle)
    step_back = verb(sales.step_back)
    fast_track = verb(sales.fast_track)
    promote = verb(sales.promote)
    settle = verb(sales.settle)
    lapse = verb(sales.lapse)
    disqualify = verb(sales.disqualify)
    reopen = verb(sales.reopen)
    open_deal = verb(sales.OpenDeal)
    win = verb(sales.Win)
    lose = verb(sales.Lose)
    adjust = verb(adjustment.Adjust)
    withdraw_adjustment = verb(adjustment.WithdrawAdjustment)
