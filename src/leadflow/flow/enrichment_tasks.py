"""Lookups as tasks and on demand: reserve, ask the source, record, in this order."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

from leadflow.decisions.arguments import flag_of, lead_id_of, lines_of, mapping_of, text_of
from leadflow.decisions.derived_records import tasks_of
from leadflow.decisions.lookups import Lookup, Reservation, is_restricted, meter_key, recorded, released, reserved
from leadflow.decisions.policy import Policy
from leadflow.decisions.reads import lead_with, states, task_with
from leadflow.enrichment.enricher import REQUEST, Enricher
from leadflow.enrichment.meter import Meter
from leadflow.entities import EnrichedValue, Lead, LeadId, Task
from leadflow.errors import Deferred, InvalidInput, described, shown
from leadflow.events import Change
from leadflow.flow.effects import Program, call
from leadflow.flow.mailing import never_connected
from leadflow.flow.runner import Fields, Runner
from leadflow.flow.search import Where, find
from leadflow.flow.tasks import holds

__all__ = ["ENRICH", "EnricherUse", "companions", "do_enrich", "enrichers", "look_up", "look_up_all"]

_log = logging.getLogger("leadflow")
ENRICH: Final = "enrich"
PAGE: Final = 100
ID_LIMIT: Final = 200
HEADER_LIMIT: Final = 2_000
"""What browsers send is shorter; what is longer is cut, since it is no error of the host's."""


def companions(runner: Runner, task: Task, waiting: Collection[Task]) -> list[Task]:
    """Return further tasks that are asked for together with this one, which none of them has hurt so far."""
    enricher = runner.policy.enrichers.get(task.kind.partition(":")[2]) if task.kind.startswith(f"{ENRICH}:") else None
    if enricher is None or task.attempts:
        return []
    return [one for one in waiting if one.kind == task.kind and not one.attempts][: enricher.batch - 1]


def do_enrich(runner: Runner, tasks: Sequence[Task]) -> Program[dict[str, str | None]]:
    """Look up the leads of tasks of one enricher; return why each waits, by key, or None if it is done."""
    enricher = runner.policy.enrichers[tasks[0].kind.partition(":")[2]]
    lookups = [Lookup(task.lead_id or "", task=task) for task in tasks]
    waits = yield from _looked_up(runner, enricher, lookups)
    return {task.key: waits.get(task.lead_id or "") for task in tasks}


def look_up(
    runner: Runner[Fields],
    lead_id: LeadId,
    request: Mapping[str, str] | None = None,
    *,
    only: str | Iterable[str] | None = None,
) -> Program[Lead[Fields]]:
    """Look a lead up now, by all enrichers that have what they need (or ``only`` some), and return the lead.

    ``request`` is what its web request tells: ``{"ip": …, "user_agent": …, "accept_language": …}``; it is not stored.
    An enricher that can't be asked now (its budget is used up, it is down) is asked by ``tick`` later. One that was
    taken back from the lead is asked again only if it is named in ``only``.
    """
    lead_id = lead_id_of("lead_id", lead_id)
    web = _web(request)
    lead = yield from lead_with(lead_id)
    for name in _named(runner.policy, only):
        lookup = Lookup(lead.id, web=web, named=only is not None)
        yield from _looked_up(runner, runner.policy.enrichers[name], [lookup])
    return (yield from lead_with(lead_id))


def _looked_up(runner: Runner, enricher: Enricher, lookups: Sequence[Lookup]) -> Program[dict[LeadId, str]]:
    def reserve() -> Program[Reservation]:
        now = runner.now()
        ends = [one.task.leased_until for one in lookups if one.task is not None and one.task.leased_until is not None]
        until = min(ends, default=now + runner.lease)
        found = yield from runner.asked(reserved(runner.policy, enricher, lookups, now, until))
        yield from runner.save(found.change)
        return found

    found = yield from runner.until_saved(reserve)
    waits = dict(found.waits)
    if not found.for_answer:
        return waits
    answers, failure = yield from _asked(enricher, found)
    if isinstance(failure, Deferred):
        put_off = failure
        waits |= {one.lead_id: described(failure) for one, digest in found.for_answer if digest in found.asked}

        def release() -> Program[None]:
            found.for_answer = yield from _still_held(found.for_answer)
            yield from runner.save((yield from runner.asked(released(enricher, found, put_off, runner.now()))))

        yield from runner.until_saved(release)
        found.for_answer = [(one, digest) for one, digest in found.for_answer if digest in answers]
    lost = failure is not None and not isinstance(failure, Deferred)

    def record() -> Program[None]:
        found.for_answer = yield from _still_held(found.for_answer)
        change = yield from runner.asked(recorded(runner.policy, enricher, found, answers, runner.now(), lost=lost))
        yield from runner.save(change)

    yield from runner.until_saved(record)
    if failure is not None:
        _log.warning("enricher %s failed: %s", enricher.name, type(failure).__name__)
    return waits


def _still_held(lookups: Sequence[tuple[Lookup, str]]) -> Program[list[tuple[Lookup, str]]]:
    """Return the lookups without tasks that others hold by now: a late answer is kept all the same."""
    kept: list[tuple[Lookup, str]] = []
    for one, digest in lookups:
        ours = one.task is None or (yield from holds(one.task))
        kept.append((one if ours else replace(one, task=None), digest))
    return kept


def _asked(
    enricher: Enricher, found: Reservation
) -> Program[tuple[dict[str, Sequence[EnrichedValue]], Exception | None]]:
    """Return the answers, and why there are none for what was to be asked."""
    answers = dict(found.answers)
    if not found.asked:
        return answers, None
    try:
        came = yield from call(enricher.look_up, [*found.asked.values()])
        several = [tuple(one) for one in came]
        if len(several) != len(found.asked):
            raise ValueError(f"{enricher.name} gave {len(several)} answers to {len(found.asked)} requests")
        if odd := [value for one in several for value in one if not isinstance(value, EnrichedValue)]:
            raise TypeError(f"{enricher.name} gave {shown(odd[0])} as a value; give EnrichedValue(path=…, value=…)")
    except Deferred as failure:
        return answers, failure
    except Exception as error:
        if not enricher.sends:
            raise
        if never_connected(error):
            return answers, Deferred(described(error))
        return answers | dict.fromkeys(found.asked, ()), error
    return answers | dict(zip(found.asked, several, strict=True)), None


def _web(request: Mapping[str, str] | None) -> dict[str, str]:
    """Return what a web request tells, by path."""
    told: dict[str, str] = {}
    for name, value in () if request is None else mapping_of("request", request).items():
        text = text_of(f"request.{name}"[:ID_LIMIT], value[:HEADER_LIMIT] if isinstance(value, str) else value)
        if text is not None:
            told[f"{REQUEST}{name}"] = text
    return told


class EnricherUse(NamedTuple):
    """An enricher in use: what of a lead it sends away, its calls so far, how many are left (None: any number).

    ``opens_at`` is when it may be asked again, if no calls are left.
    """

    name: str
    sends: tuple[str, ...]
    today: int = 0
    this_month: int = 0
    left: int | None = None
    opens_at: datetime | None = None


def enrichers(runner: Runner) -> Program[tuple[EnricherUse, ...]]:
    """Return the enrichers of this flow, with what each sends and how much of its budget is used."""
    now, policy = runner.now(), runner.policy
    stored = yield from states([meter_key(name) for name in policy.enrichers])
    used: list[EnricherUse] = []
    for name, one in policy.enrichers.items():
        state = stored.get(meter_key(name))
        meter = Meter(one.budget, state.value if state else {}, now)
        opens_at = meter.opens_at if meter.left is not None and meter.left <= 0 else None
        used.append(EnricherUse(name, tuple(one.sends), meter.today, meter.this_month, meter.left, opens_at))
    return tuple(used)


def look_up_all(
    runner: Runner,
    where: Where = None,
    *,
    only: str | Iterable[str] | None = None,
    dry_run: bool = False,
    watch: Callable[[int], object] | None = None,
) -> Program[dict[str, int]]:
    """Let ``tick`` look up the leads that are there already; return how many by each enricher.

    Leads that come in, or change, are looked up by themselves: this is for an enricher that is new. ``only`` names some
    enrichers, ``dry_run`` counts and writes nothing, ``watch`` is called with the number of leads seen so far.
    """
    names = _named(runner.policy, only)
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes how many leads were looked at by now")
    dry_run, counted, seen, after = flag_of("dry_run", dry_run), dict.fromkeys(names, 0), 0, None
    while True:
        page, put = (yield from find(runner, where, order="id", limit=PAGE, after=after)), list[Task]()
        for lead in page:
            tasks = tasks_of(lead, runner.policy)
            for name in names:
                task = tasks.get(f"{ENRICH}:{lead.id}:{name}")
                if task is None or task.due_at > runner.now() or (yield from task_with(task.key)) is not None:
                    continue
                if runner.policy.enrichers[name].sends and (
                    yield from runner.asked(is_restricted(runner.policy, lead))
                ):
                    continue
                counted[name] += 1
                put.append(task)
        if put and not dry_run:
            yield from runner.save(Change(put=tuple(put)))
        seen += len(page.leads)
        if watch is not None and page.leads:
            watch(seen)
        if page.next is None:
            return counted
        after = page.next


def _named(policy: Policy, only: str | Iterable[str] | None) -> list[str]:
    names = [*policy.enrichers] if only is None else [*lines_of("only", only)]
    for name in names:
        if name not in policy.enrichers:
            there = ", ".join(policy.enrichers) or "(none)"
            raise InvalidInput("only", name, f"there is no such enricher; give some of {there}")
    return names
