"""Every command as a value: what somebody wants done, with its decision.

``flow.run(Capture({…}, source="fair"))`` carries one out; ``decide`` is for hosts that read and write by themselves.
"""

from leadflow.decisions.commands.adjustment import Adjust, WithdrawAdjustment
from leadflow.decisions.commands.command import Command, Wish
from leadflow.decisions.commands.enrichment import Enrich, WithdrawEnrichment
from leadflow.decisions.commands.intake import Capture, Correct, Record, Visit
from leadflow.decisions.commands.ownership import Assign, HandOver, Unassign
from leadflow.decisions.commands.permission import Complain, Erase, GiveWord, Unsubscribe
from leadflow.decisions.commands.retraction import Retract
from leadflow.decisions.commands.routing import RouteLeads
from leadflow.decisions.commands.sales import Accept, ChangeDeal, Lose, MakeMove, OpenDeal, ReopenDeal, Win
from leadflow.decisions.commands.suppression import Suppress, Unsuppress

__all__ = [
    "Accept",
    "Adjust",
    "Assign",
    "Capture",
    "ChangeDeal",
    "Command",
    "Complain",
    "Correct",
    "Enrich",
    "Erase",
    "GiveWord",
    "HandOver",
    "Lose",
    "MakeMove",
    "OpenDeal",
    "Record",
    "ReopenDeal",
    "Retract",
    "RouteLeads",
    "Suppress",
    "Unassign",
    "Unsubscribe",
    "Unsuppress",
    "Visit",
    "Win",
    "Wish",
    "WithdrawAdjustment",
    "WithdrawEnrichment",
]
