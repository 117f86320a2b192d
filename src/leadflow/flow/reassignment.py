"""Leads that are handed on many at once: a rep leaves, is ill, or changes territory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from leadflow.conditions import field
from leadflow.decisions.arguments import acting, flag_of, line_of
from leadflow.decisions.commands.ownership import Assign, HandOver, Unassign
from leadflow.decisions.commands.sales import SalesCommand
from leadflow.decisions.handover import is_open, rotates, way_of
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import readable
from leadflow.decisions.roster import check_actor, check_given_to, check_queue, nearest, why_absent
from leadflow.entities import ActedBy, Lead, LeadId
from leadflow.errors import InvalidInput, LeadflowError, NotFound, Refused
from leadflow.flow.effects import Program
from leadflow.flow.foresight import Foresight
from leadflow.flow.group import carry_group
from leadflow.flow.runner import Runner
from leadflow.flow.search import Where, count, find

__all__ = ["Reassigned", "hand_over", "reassign"]

PAGE: Final = 50


class Reassigned(NamedTuple):
    """How many leads somebody has now, or the queue that was asked for; which were refused, each with the reason.

    ``owners`` says how many each rep has got. ``unplaced`` are leads that were offered to the rotation and that nobody
    can get now, each with where it waits.
    """

    leads: int = 0
    refused: tuple[tuple[LeadId, str], ...] = ()
    owners: Mapping[str, int] = MappingProxyType({})
    unplaced: tuple[tuple[LeadId, str], ...] = ()

    def plus(self, other: Reassigned) -> Reassigned:
        """Return the result of both."""
        owners = dict(Counter(self.owners) + Counter(other.owners))
        refused, unplaced = (*self.refused, *other.refused), (*self.unplaced, *other.unplaced)
        return Reassigned(self.leads + other.leads, refused, owners, unplaced)


def reassign(
    runner: Runner,
    where: Where,
    *,
    to: str | None = None,
    queue: str | None = None,
    by: ActedBy,
    reason: str,
    dry_run: bool = False,
    watch: Callable[[int], object] | None = None,
) -> Program[Reassigned]:
    """Hand on all leads for which a condition is true: ``to`` a rep, into a ``queue``, or (neither) to the rotation.

    ``where=(field("owner") == "anna") & field("stage").is_in("mql", "sal")`` are open leads of a rep who leaves. Each
    is handed on as by ``assign`` or ``unassign``; one that is refused stays, and is reported. The rotation takes leads
    of marketing and sales: others, such as customers, are refused there. ``dry_run`` writes nothing and says what
    would become of each at this moment, and who would get how many. ``watch`` is called with the number that were
    looked at. Interrupted, run it again: who has left the condition is passed over.
    """
    if to is not None and queue is not None:
        raise InvalidInput("queue", queue, "give a rep or a queue, not both")
    check_actor(runner.policy, acting(by))
    if to is not None:
        check_given_to(runner.policy, line_of("to", to))
    if queue is not None:
        check_queue(runner.policy, line_of("queue", queue))
    policy = runner.policy

    def command_for(lead: Lead[Any]) -> SalesCommand | LeadflowError:
        return _handed_on(policy, lead, to, queue, by, reason)

    return (yield from _each_of(runner, where, command_for, dry_run, watch, queue))


def hand_over(
    runner: Runner,
    rep: str | None = None,
    *,
    by: ActedBy,
    reason: str | None = None,
    dry_run: bool = False,
    watch: Callable[[int], object] | None = None,
) -> Program[Reassigned]:
    """Hand on the open leads of a rep who is away or gone (or of all such reps), as the router's ``handover`` says.

    Open are leads for sales, and customers with an open deal. Whoever comes back finds what is still theirs, and gets
    nothing back. The rest is as with ``reassign``; run it daily, or when somebody leaves. ``InvalidInput`` for a rep
    who is there, or whom neither the roster nor a lead knows.
    """
    policy, now = runner.policy, runner.now()
    if policy.router is None:
        raise InvalidInput("router", None, "give LeadFlow a router: it says who is there, and where leads go")
    check_actor(policy, acting(by))
    counted = yield from count(runner, None, by="owner")
    owners: set[str] = {one for one in counted if one is not None} if isinstance(counted, dict) else set()
    if rep is not None:
        rep = line_of("rep", rep)
        if rep not in owners | policy.roster:
            raise InvalidInput("rep", rep, f"nobody is called so; {nearest(rep, owners | policy.roster)}")
        if why_absent(policy, rep, now) is None:
            raise InvalidInput("rep", rep, "this rep is there; give who is away or gone, or use flow.reassign")
    stages = [one.name for one in policy.lifecycle.stages if one.kind in ("marketing", "sales", "customer")]
    handed_on = Reassigned()
    for owner in sorted(owners if rep is None else {rep}):
        if why_absent(policy, owner, now) is None or way_of(policy, owner) == "keep":
            continue
        theirs = (field("owner") == owner) & field("stage").is_in(*stages)
        some = yield from _each_of(runner, theirs, _leaving(policy, owner, by, reason), dry_run, watch)
        handed_on = handed_on.plus(some)
    return handed_on


def _leaving(
    policy: Policy, owner: str, by: ActedBy, reason: str | None
) -> Callable[[Lead[Any]], SalesCommand | LeadflowError | None]:
    return lambda lead: HandOver(lead.id, owner, by=by, reason=reason) if is_open(policy, lead) else None


def _handed_on(
    policy: Policy, lead: Lead[Any], to: str | None, queue: str | None, by: ActedBy, reason: str
) -> SalesCommand | LeadflowError:
    if to is not None:
        return Assign(lead.id, to, by=by, reason=reason)
    if queue is None and not rotates(policy, lead):
        return Refused(
            f"lead {lead.id} is at {lead.stage}, and the rotation takes leads of marketing and sales only; "
            "give a rep or a queue"
        )
    return Unassign(lead.id, queue, by=by, reason=reason)


def _each_of(
    runner: Runner,
    where: Where,
    command_for: Callable[[Lead[Any]], SalesCommand | LeadflowError | None],
    dry_run: bool,
    watch: Callable[[int], object] | None,
    queue: str | None = None,
) -> Program[Reassigned]:
    """Carry out, or foretell, a command for each lead for which the condition is true, page by page."""
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes how many were looked at by now")
    foresight = Foresight(runner) if flag_of("dry_run", dry_run) else None
    after: str | None = None
    handed_on, seen = Reassigned(), 0
    while True:
        page = yield from find(runner, where, order="id", limit=PAGE, after=after)
        commands = {lead.id: command for lead in page if (command := command_for(lead)) is not None}
        results = yield from (foresight.of(commands) if foresight else _carried_out(runner, commands))
        handed_on = handed_on.plus(_counted(results, queue))
        seen += len(commands)
        if watch is not None and commands:
            watch(seen)
        if page.next is None:
            return handed_on
        after = page.next


def _counted(results: Mapping[LeadId, Lead[Any] | LeadflowError], queue: str | None) -> Reassigned:
    """Count where leads are now; one that the rotation put into a queue of its own, or left open, is unplaced."""
    leads = {lead_id: one for lead_id, one in results.items() if not isinstance(one, LeadflowError)}
    unplaced = {
        lead_id: f"it waits in queue {lead.queue}" if lead.queue else "it waits for a process that routes"
        for lead_id, lead in leads.items()
        if lead.owner is None and (lead.queue is None or (lead.queue != queue and lead.route and lead.route.gates))
    }
    refused = [(lead_id, str(one)) for lead_id, one in results.items() if isinstance(one, LeadflowError)]
    owners = Counter(lead.owner for lead in leads.values() if lead.owner is not None)
    return Reassigned(len(leads) - len(unplaced), tuple(refused), dict(owners), tuple(unplaced.items()))


def _carried_out(
    runner: Runner, commands: Mapping[LeadId, SalesCommand | LeadflowError]
) -> Program[dict[LeadId, Lead[Any] | LeadflowError]]:
    carried = yield from carry_group(runner, list(enumerate(commands.values())))
    errors = {lead_id: one.error for lead_id, one in zip(commands, carried, strict=True)}
    leads = yield from readable([lead_id for lead_id, error in errors.items() if error is None])
    gone = {lead_id: error or NotFound("lead", lead_id) for lead_id, error in errors.items() if lead_id not in leads}
    return {lead_id: leads.get(lead_id) or gone[lead_id] for lead_id in commands}
