"""A storage in memory, for tests and short runs: the reference for every other storage."""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from heapq import nsmallest
from itertools import islice
from threading import RLock
from typing import Any

from leadflow.adapters.memory_tasks import Ordered, TaskQueue
from leadflow.conditions import Condition
from leadflow.entities import Activity, Lead, LeadId, Task, TaskStatus, lead_json, read_leads, scanned, utc
from leadflow.errors import InvalidInput, Stale, Taken
from leadflow.events import Change, Claim, Fact, Reply
from leadflow.ports import State
from leadflow.search import LeadSearch, Page, counted, page_of

__all__ = ["MemoryStorage"]

FARTHEST = 2**63


class MemoryStorage:
    """Keeps everything in this process, safe for threads; gone when the process ends.

    ``save`` checks the whole Change before it changes anything, so that a refused one has no effect.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._lead_type: type[Lead[Any]] | None = None
        self._leads: dict[LeadId, Lead[Any]] = {}
        self._ids: Ordered[LeadId] = Ordered()
        self._keys_of: dict[LeadId, frozenset[str]] = {}
        self._leads_with: dict[str, Ordered[LeadId]] = {}
        self._features: dict[LeadId, str] = {}
        self._states: dict[str, tuple[State, LeadId | None]] = {}
        self._facts: dict[LeadId, dict[tuple[int, int], Fact]] = {}
        self._places: dict[LeadId, Ordered[tuple[int, int]]] = {}
        self._activities: dict[LeadId, dict[str, Activity]] = {}
        self._queue = TaskQueue()
        self._claims: dict[str, LeadId] = {}
        self._redirects: dict[LeadId, LeadId] = {}
        self._replies: dict[str, Reply] = {}

    def bind(self, lead_type: type[Lead[Any]]) -> None:
        self._lead_type = lead_type

    # ------------------------------------------------------------------------------------------------- writing
    def save(self, change: Change) -> None:
        with self._lock:
            self._check_versions(change)
            self._queue.check(change.settle)
            self._check_facts(change)
            self._check_claims(change)
            self._check_redirects(change)
            self._check_replies(change)
            self._apply(change)

    def _check_versions(self, change: Change) -> None:
        for write in change.leads:
            lead = self._leads.get(write.id)
            if (lead.version if lead else 0) != write.read_version:
                raise Stale(f"lead {write.id} is no longer at version {write.read_version}", leads=[write.id])
        for state in change.states:
            if self._state(state.key).version != state.read_version:
                raise Stale(f"state {state.key} is no longer at version {state.read_version}", states=[state.key])

    def _check_facts(self, change: Change) -> None:
        seen: set[tuple[LeadId, int, int]] = set()
        for fact in change.facts:
            place = (fact.lead_id, fact.version, fact.seq)
            if place in seen:
                raise InvalidInput("facts", place, "give each fact of a lead its own version and seq")
            seen.add(place)
            forgotten = fact.lead_id in change.erase or place in change.forget
            if not forgotten and place[1:] in self._facts.get(fact.lead_id, {}):
                raise Stale(f"lead {fact.lead_id} has a fact {fact.version}.{fact.seq} already", leads=[fact.lead_id])

    def _check_claims(self, change: Change) -> None:
        released, erased = set(change.release), set(change.erase)
        taken: dict[str, LeadId] = {}
        for claim in change.claims:
            holder = self._claims.get(claim.key)
            if holder in erased or (holder is not None and Claim(key=claim.key, lead_id=holder) in released):
                holder = None
            holder = taken.setdefault(claim.key, holder or claim.lead_id)
            if holder != claim.lead_id:
                raise Taken(f"{claim.key} is held by lead {holder}, not by {claim.lead_id}", claims=[claim.key])

    def _check_redirects(self, change: Change) -> None:
        if not change.redirects:
            return
        added = {redirect.absorbed: redirect.survivor for redirect in change.redirects}
        ways = ChainMap(added, dict(self._without(change.erase)) if change.erase else self._redirects)
        for redirect in change.redirects:
            if redirect.absorbed in _steps(redirect.absorbed, ways):
                raise InvalidInput("redirects", redirect.absorbed, "it would lead back to itself; absorb it by another")

    def _check_replies(self, change: Change) -> None:
        keys = Counter(reply.key for reply in change.replies)
        for key, times in keys.items():
            if times > 1 or key in self._replies:
                raise Taken(f"the key {key} has a reply already", replies=[key])

    def _apply(self, change: Change) -> None:
        for lead_id in change.erase:
            self._forget(lead_id)
        for write in change.leads:
            if write.lead is not None:
                self._leads[write.id] = write.lead
                self._ids.add(write.id)
                if write.match_keys is not None:
                    self._index(write.id, write.match_keys)
                if write.features is not None:
                    self._features[write.id] = write.features
        for state in change.states:
            if state.value is not None:
                self._states[state.key] = State(state.read_version + 1, state.value), state.lead_id
        for claim in change.release:
            if self._claims.get(claim.key) == claim.lead_id:
                del self._claims[claim.key]
        self._claims |= {claim.key: claim.lead_id for claim in change.claims}
        self._queue.apply(change)
        self._write_facts(change)
        self._add_activities(change.activities)
        if change.restored:
            self._redirects = {one: way for one, way in self._redirects.items() if one not in change.restored}
        self._redirects |= {redirect.absorbed: redirect.survivor for redirect in change.redirects}
        self._replies |= {reply.key: reply for reply in change.replies}

    def _write_facts(self, change: Change) -> None:
        for lead_id, version, seq in change.forget:
            if self._facts.get(lead_id, {}).pop((version, seq), None) is not None:
                self._places[lead_id].discard((version, seq))
        for fact in change.facts:
            self._facts.setdefault(fact.lead_id, {})[fact.version, fact.seq] = fact
            self._places.setdefault(fact.lead_id, Ordered()).add((fact.version, fact.seq))

    def _add_activities(self, activities: Iterable[Activity]) -> None:
        for activity in activities:
            of_lead = self._activities.setdefault(activity.lead_id, {})
            if activity.retracted_at is not None or activity.id not in of_lead:
                of_lead[activity.id] = activity

    def _forget(self, lead_id: LeadId) -> None:
        self._leads.pop(lead_id, None)
        self._ids.discard(lead_id)
        self._facts.pop(lead_id, None)
        self._places.pop(lead_id, None)
        self._activities.pop(lead_id, None)
        self._index(lead_id, frozenset())
        self._features.pop(lead_id, None)
        self._states = {key: (state, whose) for key, (state, whose) in self._states.items() if whose != lead_id}
        self._claims = {key: holder for key, holder in self._claims.items() if holder != lead_id}
        self._queue.forget(lead_id)
        self._redirects = dict(self._without((lead_id,)))
        emptied = {key: reply.but(value={}) for key, reply in self._replies.items() if reply.lead_id == lead_id}
        self._replies |= emptied

    def _without(self, erased: Collection[LeadId]) -> Iterator[tuple[LeadId, LeadId]]:
        return (way for way in self._redirects.items() if way[0] not in erased and way[1] not in erased)

    def _index(self, lead_id: LeadId, keys: frozenset[str]) -> None:
        for key in self._keys_of.get(lead_id, frozenset()) - keys:
            self._leads_with[key].discard(lead_id)
            if not self._leads_with[key]:
                del self._leads_with[key]
        for key in keys:
            self._leads_with.setdefault(key, Ordered()).add(lead_id)
        self._keys_of[lead_id] = keys
        if not keys:
            del self._keys_of[lead_id]

    # ------------------------------------------------------------------------------------------------- reading
    def load(self, ids: Collection[LeadId]) -> dict[LeadId, Lead[Any]]:
        with self._lock:
            ends = {asked: _end(asked, self._redirects) for asked in ids}
            found = {asked: self._leads[end] for asked, end in ends.items() if end in self._leads}
        if all(map(self._is_known, found.values())):
            return found
        return read_leads(self._lead_type or Lead, ((asked, *_row(lead)) for asked, lead in found.items()))

    def _is_known(self, lead: Lead[Any]) -> bool:
        return self._lead_type is None or type(lead) is self._lead_type

    def holders(self, claims: Collection[str]) -> dict[str, LeadId]:
        with self._lock:
            return {key: self._claims[key] for key in claims if key in self._claims}

    def matching(self, keys: Collection[str], limit: int) -> dict[str, list[LeadId]]:
        with self._lock:
            return {key: list(islice(self._found(key), limit)) for key in keys}

    def _found(self, key: str) -> Iterator[LeadId]:
        return (lead_id for lead_id in self._leads_with.get(key, ()) if lead_id not in self._redirects)

    def features(self, ids: Collection[LeadId]) -> dict[LeadId, str]:
        with self._lock:
            return {each: found for each in ids if (found := self._features.get(each))}

    def states(self, keys: Collection[str]) -> dict[str, State]:
        with self._lock:
            return {key: deepcopy(self._states[key][0]) for key in keys if key in self._states}

    def _state(self, key: str) -> State:
        return self._states[key][0] if key in self._states else State(0, {})

    def facts(
        self, lead_id: LeadId, since_version: int = 0, *, kinds: Collection[str] | None = None, limit: int | None = None
    ) -> list[Fact]:  # fmt: skip
        with self._lock:
            facts = self._facts.get(lead_id, {})
            places = self._places.get(lead_id, Ordered()).above((since_version, FARTHEST))
            return list(islice((facts[at] for at in places if kinds is None or facts[at].kind in kinds), limit))

    def activities(
        self,
        lead_id: LeadId,
        ids: Collection[str] | None = None,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[Activity]:
        with self._lock:
            of_lead = self._activities.get(lead_id, {})
            if limit is not None:
                above = (id for id in of_lead if after is None or id > after)
                return [of_lead[id] for id in nsmallest(limit, above)]
            asked = of_lead.values() if ids is None else [of_lead[id] for id in {*ids} if id in of_lead]
            return sorted(asked, key=lambda a: (a.happened_at, a.id))

    def lead_ids(self, after: LeadId | None, limit: int) -> list[LeadId]:
        with self._lock:
            return list(islice((each for each in self._ids.above(after) if each not in self._redirects), limit))

    def scan(self, after: LeadId | None, limit: int, stage: str | None = None) -> list[Lead[Any]]:
        with self._lock:
            leads = (self._leads[each] for each in self._ids.above(after) if each not in self._redirects)
            found = list(islice((lead for lead in leads if stage in (None, lead.stage)), limit))
        return found if all(map(self._is_known, found)) else scanned(self._lead_type or Lead, map(_row, found))

    def find(self, search: LeadSearch) -> Page[Any]:
        return page_of(self._reachable(), search)

    def count(self, where: Condition, now: datetime, by: str | None = None) -> dict[Any, int]:
        return counted(self._reachable(), where, now, by)

    def _reachable(self) -> list[Lead[Any]]:
        with self._lock:
            found = [self._leads[each] for each in self._ids if each not in self._redirects]
        return found if all(map(self._is_known, found)) else scanned(self._lead_type or Lead, map(_row, found))

    def reply(self, key: str) -> Reply | None:
        with self._lock:
            return self._replies.get(key)

    # --------------------------------------------------------------------------------------------------- tasks
    def lease(
        self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Collection[str] | None = None
    ) -> list[Task]:
        now, until = _moment("now", now), _moment("until", until)
        with self._lock:
            return self._queue.lease(now, limit, until, token, kinds)

    def task(self, key: str) -> Task | None:
        with self._lock:
            return self._queue.task(key)

    def tasks(
        self,
        status: TaskStatus | None = None,
        lead_id: LeadId | None = None,
        limit: int = 100,
        *,
        kinds: Collection[str] | None = None,
    ) -> list[Task]:
        with self._lock:
            return self._queue.tasks(status, lead_id, limit, kinds)


def _row(lead: Lead[Any]) -> tuple[LeadId, int, str, str]:
    """Return a lead in stored form, to be read as a different class."""
    return lead.id, lead.version, lead.stage, lead_json(lead, exclude_defaults=True)


def _steps(start: LeadId, ways: Mapping[LeadId, LeadId]) -> Iterator[LeadId]:
    here, seen = start, set()
    while here in ways and here not in seen:
        seen.add(here)
        here = ways[here]
        yield here


def _end(start: LeadId, ways: Mapping[LeadId, LeadId]) -> LeadId:
    return [start, *_steps(start, ways)][-1]


def _moment(name: str, value: datetime) -> datetime:
    try:
        return utc(value)
    except ValueError as naive:
        raise InvalidInput(name, value, str(naive)) from None
