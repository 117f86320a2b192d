"""Routing: which rep gets a lead, provably fair, with every gate and candidate explained.

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

A lead passes the gates; then the first territory whose condition is true takes it (unknown does not match). The policy
of the territory chooses among the eligible reps. If there is none, the lead waits in a named queue, until it is offered
again. Nothing is stored here: the ledgers, one per rep for all territories, are passed in and returned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from leadflow.conditions import Condition, Truth, evaluate
from leadflow.entities.lead import Lead
from leadflow.entities.route import Candidate, GateResult, Route
from leadflow.errors import DefinitionError, described
from leadflow.rotation.ledger import Ledger, released, taken
from leadflow.rotation.roster import Absence, Gate, Handover, HandoverTo, Rep, Router, Territory
from leadflow.rotation.teams import Team, WhoMay
from leadflow.rotation.turns import Contender, Turn, TurnPolicy, least_loaded, only, round_robin
from leadflow.worktime import in_utc

__all__ = [
    "Absence",
    "Contender",
    "Gate",
    "Handover",
    "HandoverTo",
    "Ledger",
    "Rep",
    "Routed",
    "Router",
    "Team",
    "Territory",
    "Turn",
    "TurnPolicy",
    "WhoMay",
    "decides_otherwise",
    "is_same_wait",
    "least_loaded",
    "ledger_ids",
    "only",
    "released",
    "round_robin",
    "route",
    "taken",
]


class Routed(NamedTuple):
    """The route, the changed ledgers, and the reps whose ledgers were compared (including the changed ones).

    Write the changed ledgers, and assert that no compared one has changed since it was read.
    """

    route: Route
    ledgers: tuple[Ledger, ...] = ()
    compared: frozenset[str] = frozenset()


class _Considered(NamedTuple):
    """A territory's reps: who is eligible, why the others are not, and when that ends at the earliest."""

    territory: Territory
    contenders: tuple[Contender, ...]
    refused: tuple[Candidate, ...]
    free_at: datetime | None


def route(
    lead: Lead[Any], router: Router, ledgers: Mapping[str, Ledger], now: datetime, *, prefer: Sequence[str] = ()
) -> Routed:
    """Decide where the lead goes now. A rep without a ledger gets a new one; nothing is written here.

    ``prefer`` names preferred reps, such as the owner of a colleague's lead: a contender among them gets the lead
    without using a turn of the rotation. A lead whose owner is a rep of the router stays with that owner.
    """
    now = in_utc(now, "now")
    if _stays(lead, router):
        return Routed(_kept(lead, now))
    gates, queue = _through_the_gates(lead, router, now)
    if queue is not None:
        return Routed(Route(at=now, queue=queue, gates=gates, next_offer_at=_next_offer(router, now)))
    return _into_a_territory(lead, router, ledgers, now, gates, prefer)


def ledger_ids(router: Router, lead: Lead[Any], now: datetime) -> frozenset[str]:
    """The reps whose ledgers ``route`` may need for this lead: load these first."""
    now = in_utc(now, "now")
    if _stays(lead, router) or _through_the_gates(lead, router, now)[1] is not None:
        return frozenset()
    ids: set[str] = set()
    for territory in router.territories:
        if _judged(territory.name, territory.condition, lead, now)[0] is True:
            ids.update(rep.id for rep in territory.reps)
            if territory.otherwise == "queue":
                break
    return frozenset(ids)


def is_same_wait(one: Route, other: Route) -> bool:
    """Whether two routes leave the lead in one queue for the same reasons."""
    return _wait(one) == _wait(other)


def decides_otherwise(lead: Lead[Any], router: Router, now: datetime) -> bool:
    """Whether a gate or a territory decides otherwise by now than when the lead came into its queue."""
    if lead.route is None:
        return False
    judged, queue = _through_the_gates(lead, router, now)
    if queue is None:
        judged += tuple(_judged(one.name, one.condition, lead, now)[1] for one in router.territories)
    now_so, names = {(one.name, one.outcome) for one in judged}, {one.name for one in judged}
    return any(one.name in names and (one.name, one.outcome) not in now_so for one in lead.route.gates)


def _wait(route: Route) -> tuple[object, ...]:
    gates = tuple((one.name, one.outcome) for one in route.gates)
    candidates = tuple((one.rep, one.eligible, one.because) for one in route.candidates)
    return route.owner, route.queue, route.territory, route.error, gates, candidates


def _next_offer(router: Router, now: datetime, *free: datetime | None) -> datetime | None:
    """When a lead in a queue is offered again: after the router's pause, or when somebody is free before."""
    if router.offer_every is None:
        return None
    return min([now + router.offer_every, *(at for at in free if at is not None and at > now)])


# --- gates -------------------------------------------------------------------------------------------------
def _stays(lead: Lead[Any], router: Router) -> bool:
    return router.keep_owner and lead.owner in router.reps


def _kept(lead: Lead[Any], now: datetime) -> Route:
    before = lead.route if lead.route is not None and lead.route.owner == lead.owner else Route(at=now)
    owner = Candidate(rep=lead.owner or "", eligible=True, because="owns the lead already")
    return Route(at=now, owner=lead.owner, territory=before.territory, turn=before.turn, candidates=(owner,))


def _through_the_gates(lead: Lead[Any], router: Router, now: datetime) -> tuple[tuple[GateResult, ...], str | None]:
    """The result of every gate, and the queue of the first that is false, else of the first that is unknown."""
    judged = [(gate, *_judged(gate.because, gate.condition, lead, now)) for gate in router.gates]
    closed = [gate.queue for gate, truth, _ in judged if truth is False]
    unclear = [gate.review for gate, truth, _ in judged if truth is None]
    return tuple(result for _, _, result in judged), next(iter(closed + unclear), None)


def _judged(name: str, condition: Condition, lead: Lead[Any], now: datetime) -> tuple[Truth, GateResult]:
    """Whether a condition holds, with its trace; one that raises on this lead is unknown, with the reason."""
    text = str(condition)
    try:
        truth = evaluate(condition, lead, now)
    except Exception as wrong:  # noqa: BLE001  # a property of the host's own fields may raise anything
        truth, text = None, f"{text}: {described(wrong)}"
    outcome = "unknown" if truth is None else "true" if truth else "false"
    return truth, GateResult.model_validate({"name": name, "outcome": outcome, "text": text})


# --- territories -------------------------------------------------------------------------------------------
def _into_a_territory(
    lead: Lead[Any],
    router: Router,
    ledgers: Mapping[str, Ledger],
    now: datetime,
    gates: tuple[GateResult, ...],
    prefer: Sequence[str],
) -> Routed:
    refused: tuple[Candidate, ...] = ()
    queue, matched = router.fallback_queue, None
    free: list[datetime | None] = []
    for territory in router.territories:
        truth, result = _judged(territory.name, territory.condition, lead, now)
        gates = (*gates, result)
        if truth is not True:
            continue
        considered = _considered(territory, router, ledgers, now)
        refused, matched = tuple({one.rep: one for one in refused + considered.refused}.values()), territory.name
        queue = territory.queue or router.fallback_queue
        free.append(considered.free_at)
        if considered.contenders:
            stands = Route(at=now, territory=matched, gates=gates, candidates=refused)
            try:
                turn = _chosen(considered, prefer)
            except Exception as wrong:  # noqa: BLE001  # the host's own policy may raise anything
                undecided = _undecided(considered, stands, queue, described(wrong))
                return Routed(undecided.but(next_offer_at=_next_offer(router, now, *free)))
            return _given(turn, considered, stands, router)
        if territory.otherwise == "queue":
            break
    again = _next_offer(router, now, *free)
    stands = Route(at=now, queue=queue, territory=matched, gates=gates, candidates=refused, next_offer_at=again)
    return Routed(stands, compared=frozenset(candidate.rep for candidate in refused))


def _considered(territory: Territory, router: Router, ledgers: Mapping[str, Ledger], now: datetime) -> _Considered:
    day = router.day_of(now)
    contenders, refused, free = [], [], []
    for rep in territory.reps:
        ledger = ledgers.get(rep.id) or Ledger(rep=rep.id)
        why_not = rep.why_not(ledger, now, day)
        if why_not is None:
            contenders.append(Contender(rep.id, rep.weight, ledger))
        else:
            refused.append(_candidate(ledger, eligible=False, because=why_not))
            free.append(rep.free_at(ledger, now, day, router.midnight))
    earliest = min((at for at in free if at is not None), default=None)
    return _Considered(territory, tuple(contenders), tuple(refused), earliest)


def _chosen(considered: _Considered, prefer: Sequence[str]) -> Turn:
    contenders = {one.rep: one for one in considered.contenders}
    for rep in prefer:
        if rep in contenders:
            return only(contenders[rep], "is preferred for this lead")
    turn = considered.territory.policy(considered.contenders)
    if not (turn.rep in turn.shares and contenders.keys() >= turn.shares.keys() and sum(turn.shares.values()) == 1):
        raise DefinitionError(
            f"the policy of territory {considered.territory.name!r} chose {turn.rep!r} with the shares {turn.shares}; "
            f"choose among {', '.join(contenders)}, with shares that sum to 1"
        )
    return turn


def _undecided(considered: _Considered, stands: Route, queue: str, why: str) -> Route:
    """The policy could not choose: the lead goes to the queue at once, and the route has the reason."""
    error = f"the policy of territory {considered.territory.name!r} failed: {why}"
    open_to = tuple(_candidate(one.ledger, eligible=True, because="nobody was chosen") for one in considered.contenders)
    return stands.but(queue=queue, candidates=open_to + stands.candidates, error=error)


def _given(turn: Turn, considered: _Considered, stands: Route, router: Router) -> Routed:
    before = {one.rep: one.ledger for one in considered.contenders}
    after = {rep: before[rep].accrued(share) for rep, share in turn.shares.items()}
    after[turn.rep] = after[turn.rep].given(stands.at, router.day_of(stands.at))
    considered_too = tuple(
        _candidate(ledger, eligible=True, because=turn.because if rep == turn.rep else "others come first")
        for rep, ledger in before.items()
    )
    candidates = considered_too + stands.candidates
    given = stands.but(owner=turn.rep, turn=after[turn.rep].assigned, candidates=candidates)
    return Routed(given, tuple(after.values()), frozenset(candidate.rep for candidate in candidates))


def _candidate(ledger: Ledger, *, eligible: bool, because: str) -> Candidate:
    entitled = str(ledger.entitled)
    return Candidate(rep=ledger.rep, eligible=eligible, because=because, entitled=entitled, assigned=ledger.assigned)
