"""Routing: which rep gets a lead, shared out provably fairly, with every gate and candidate explained.

::

    router = Router(
        [
            Territory("DACH", field("address.country").is_in("DE", "AT", "CH"),
                      reps=[Rep("anna", weight=2), Rep("ben", daily_cap=5)], policy=round_robin),
        ],
        gates=[Gate(field("email.kind") != "disposable", because="sales sees real addresses only")],
        zone="Europe/Berlin",
    )
    routed = route(lead, router, ledgers, now)       # pure: the route with its trace, and the ledgers that changed

A lead passes the gates, then the first territory whose condition is true takes it; unknown does not match. Its policy
chooses among the reps who may get a lead now. Where nobody may, the lead stands in a named queue. Nothing is stored
here: one ``Ledger`` per rep, whatever the territory, goes in and comes out.
"""

from leadflow.routing.deciding import Routed, ledger_ids, route
from leadflow.routing.ledger import Ledger, released, taken
from leadflow.routing.roster import Absence, Gate, Rep, Router, Territory
from leadflow.routing.rotation import Contender, Policy, Turn, least_loaded, only, round_robin

__all__ = [
    "Absence",
    "Contender",
    "Gate",
    "Ledger",
    "Policy",
    "Rep",
    "Routed",
    "Router",
    "Territory",
    "Turn",
    "least_loaded",
    "ledger_ids",
    "only",
    "released",
    "round_robin",
    "route",
    "taken",
]
