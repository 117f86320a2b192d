"""The expected load of reps: each lead as shares, for comparing models without simulating a rotation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from leadflow.entities import Lead
from leadflow.routing import Router, Territory, route

__all__ = ["by_route"]


def by_route(router: Router, now: datetime) -> Callable[[Lead[Any]], Mapping[str, float]]:
    """Return a function that splits a lead among the reps of its territory, by their weights.

    For ``compare(…, rep=by_route(router, now))``. It assumes that every active rep is at work and that no cap is
    reached. Leads without a rep count for ``queue NAME``; owned leads stay with their owner if the router says so.
    """
    at_work = router.but(territories=tuple(map(_at_work, router.territories)))
    weights = {one.name: {rep.id: rep.weight for rep in one.reps} for one in router.territories}

    def shares(lead: Lead[Any]) -> Mapping[str, float]:
        routed = route(lead, at_work, {}, now).route
        if routed.territory is None or routed.owner is None:
            return {routed.owner or f"queue {routed.queue}": 1.0}
        if router.keep_owner and lead.owner in router.reps:
            return {routed.owner: 1.0}
        takes = {one.rep: weights[routed.territory][one.rep] for one in routed.candidates if one.eligible}
        total = sum(takes.values(), Fraction(0))
        return {rep: float(weight / total) for rep, weight in takes.items()}

    return shares


def _at_work(territory: Territory) -> Territory:
    free = {"hours": None, "absences": (), "daily_cap": None, "monthly_cap": None, "open_cap": None}
    return territory.but(reps=tuple(rep.but(**free) for rep in territory.reps))
