"""Random histories, on a storage and on a model that is too simple to be wrong; both must agree after every step."""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import deepcopy
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from leadflow.entities import Activity, Lead, Task
from leadflow.errors import InvalidInput, LeadflowError, Stale, Taken
from leadflow.events import Change, Claim, Fact, Redirect, Reply
from leadflow.ports import State, Storage
from leadflow.testing.changes import (
    CLAIMS,
    IDS,
    MATCH_KEYS,
    REPLIES,
    STATES,
    activity,
    at,
    claim,
    everything_in,
    fact,
    looked_at,
    redirect,
    reply,
    settlement,
    state,
    task,
    written,
)

__all__ = ["run_storage_machine"]

TASKS = ("task-1", "task-2", "task-3")


def run_storage_machine(new_storage: Callable[[], Storage], examples: int = 20, steps: int = 15, **chosen: Any) -> None:
    """Compare a storage with a simple model over random histories; fails with the shortest one that differs.

    ``chosen`` are further settings of Hypothesis.
    """

    class Machine(StorageMachine):
        def open(self) -> Storage:
            return new_storage()

    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    size = {"max_examples": examples, "stateful_step_count": steps}
    usual = {"deadline": None, "suppress_health_check": checks, "phases": set(Phase) - {Phase.explain}}
    run_state_machine_as_test(Machine, settings=settings(**{**size, **usual, **chosen}))


class Model:
    """The contents of a storage in plain dicts: a Change is applied step by step, and undone if anything is wrong."""

    def __init__(self) -> None:
        self.leads: dict[str, Lead[Any]] = {}
        self.match_keys: dict[str, set[str]] = {}
        self.features: dict[str, str] = {}
        self.states: dict[str, tuple[int, Any, str | None]] = {}
        self.facts: dict[tuple[str, int, int], Fact] = {}
        self.activities: dict[tuple[str, str], Activity] = {}
        self.tasks: dict[str, Task] = {}
        self.claims: dict[str, str] = {}
        self.redirects: dict[str, str] = {}
        self.replies: dict[str, Reply] = {}

    def save(self, change: Change) -> set[type[LeadflowError]]:
        """Apply it and return an empty set; or change nothing and return everything that is wrong with it."""
        before = deepcopy(vars(self))
        wrong = self._check(change)
        for lead_id in change.erase:
            self._erase(lead_id)
        self._write(change)
        wrong |= self._claim(change) | self._add(change)
        if wrong:
            vars(self).update(before)
        return wrong

    def version(self, lead_id: str) -> int:
        return self.leads[lead_id].version if lead_id in self.leads else 0

    def _check(self, change: Change) -> set[type[LeadflowError]]:
        moved = (
            any(self.version(write.id) != write.read_version for write in change.leads)
            or any(self.states.get(each.key, (0,))[0] != each.read_version for each in change.states)
            or any(s.key not in self.tasks or self.tasks[s.key].lease != s.lease for s in change.settle)
            or any(s.lease is None and self.tasks[s.key].status != "dead" for s in change.settle)
        )
        return {Stale} if moved else set()

    def _erase(self, lead_id: str) -> None:
        self.leads.pop(lead_id, None)
        self.match_keys.pop(lead_id, None)
        self.features.pop(lead_id, None)
        self.states = {k: v for k, v in self.states.items() if v[2] != lead_id}
        self.facts = {k: v for k, v in self.facts.items() if k[0] != lead_id}
        self.activities = {k: v for k, v in self.activities.items() if k[0] != lead_id}
        self.tasks = {k: v for k, v in self.tasks.items() if v.lead_id != lead_id}
        self.claims = {k: v for k, v in self.claims.items() if v != lead_id}
        self.redirects = {k: v for k, v in self.redirects.items() if lead_id not in (k, v)}
        self.replies = {k: v.but(value={}) if v.lead_id == lead_id else v for k, v in self.replies.items()}

    def _write(self, change: Change) -> None:
        for write in change.leads:
            if write.lead:
                self.leads[write.id] = write.lead
                if write.match_keys is not None:
                    self.match_keys[write.id] = set(write.match_keys)
                if write.features is not None:
                    self.features[write.id] = write.features
        for each in change.states:
            if each.value is not None:
                self.states[each.key] = (each.read_version + 1, each.value, each.lead_id)
        for s in change.settle:
            old = self.tasks.pop(s.key, None)
            if old and s.outcome == "begun":
                self.tasks[s.key] = old.but(attempts=old.attempts + 1, error=None)
            elif old and s.outcome != "done":
                ended = {"status": "waiting" if s.outcome == "retry" else "dead", "error": s.error}
                attempts = 0 if old.status == "dead" else old.attempts
                free = {"lease": None, "leased_until": None, "attempts": attempts}
                self.tasks[s.key] = old.but(due_at=s.due_at or old.due_at, **ended, **free)
        for key in change.cancel:
            self.tasks.pop(key, None)
        for each_task in change.put:
            self.tasks[each_task.key] = each_task

    def _claim(self, change: Change) -> set[type[LeadflowError]]:
        for released in change.release:
            if self.claims.get(released.key) == released.lead_id:
                del self.claims[released.key]
        for wanted in change.claims:
            if self.claims.setdefault(wanted.key, wanted.lead_id) != wanted.lead_id:
                return {Taken}
        return set()

    def _add(self, change: Change) -> set[type[LeadflowError]]:
        wrong: set[type[LeadflowError]] = set()
        for each in change.facts:
            if self.facts.setdefault((each.lead_id, each.version, each.seq), each) is not each:
                wrong |= {Stale, InvalidInput}
        for did in change.activities:
            if did.retracted_at is not None or (did.lead_id, did.id) not in self.activities:
                self.activities[did.lead_id, did.id] = did
        for way in change.redirects:
            self.redirects[way.absorbed] = way.survivor
        if any(self.end(lead_id) is None for lead_id in self.redirects):
            wrong.add(InvalidInput)
        for one in change.replies:
            if self.replies.setdefault(one.key, one) is not one:
                wrong.add(Taken)
        return wrong

    def end(self, lead_id: str) -> str | None:
        """Follow the redirects; None in a circle."""
        for _ in range(len(self.redirects) + 1):
            if lead_id not in self.redirects:
                return lead_id
            lead_id = self.redirects[lead_id]
        return None

    def lease(
        self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Collection[str] | None = None
    ) -> list[Task]:
        found = [t for t in self.tasks.values() if t.status == "waiting" and t.due_at <= now]
        found += [t for t in self.tasks.values() if t.leased_until and t.leased_until <= now]
        taken = []
        mine = (t for t in found if kinds is None or t.kind in kinds)
        for old in sorted(mine, key=lambda t: (t.due_at, t.key))[:limit]:
            new = old.but(status="leased", lease=token, leased_until=until)
            self.tasks[new.key] = new
            taken.append(new)
        return taken

    def everything(self) -> dict[str, Any]:
        """Return what ``everything_in`` returns for a storage."""
        ids = [*IDS, *(f"once-{id}" for id in IDS)]
        ends = {id: self.end(id) for id in ids}
        found = {key: sorted(id for id, keys in self.match_keys.items() if key in keys) for key in MATCH_KEYS}
        return {
            "leads": {id: self.leads[end] for id, end in ends.items() if end in self.leads},
            "scan": [self.leads[id] for id in sorted(self.leads) if id not in self.redirects],
            "ids": [id for id in sorted(self.leads) if id not in self.redirects],
            "facts": {id: [self.facts[place] for place in sorted(self.facts) if place[0] == id] for id in IDS},
            "activities": {
                id: sorted(
                    (did for did in self.activities.values() if did.lead_id == id),
                    key=lambda did: (did.happened_at, did.id),
                )
                for id in IDS
            },
            "named": {id: [self.activities[id, "x"]] if (id, "x") in self.activities else [] for id in IDS},
            "holders": self.claims,
            "matching": {key: [id for id in leads if id not in self.redirects] for key, leads in found.items()},
            "features": {id: found for id, found in self.features.items() if found},
            "states": {key: State(version, value) for key, (version, value, _) in self.states.items()},
            "tasks": sorted(self.tasks.values(), key=lambda t: (t.due_at, t.key)),
            "replies": {key: self.replies.get(key) for key in REPLIES},
        }


ids = st.sampled_from(IDS[:3])  # few names, so that collisions happen
few_ids = st.lists(ids, min_size=1, max_size=2, unique=True)
owners = st.none() | ids
claims = st.lists(st.builds(claim, st.sampled_from(CLAIMS), ids), min_size=1, max_size=2)
redirects = st.lists(st.builds(redirect, ids, ids), min_size=1, max_size=2)
activities = st.builds(
    activity,
    ids,
    st.sampled_from(["x", "y"]),
    st.integers(-2, 2),
    retracted_at=st.sampled_from([None, None, None, at(3)]),
)
kinds = st.sampled_from(["remind", "nurture:welcome"])
tasks = st.builds(task, st.sampled_from(TASKS), st.integers(0, 20), lead_id=owners, kind=kinds)
values = st.none() | st.fixed_dictionaries({"n": st.integers(0, 3)})
seldom = st.sampled_from([False] * 9 + [True])


def read_at(version: int) -> st.SearchStrategy[int]:
    """Return the version that a Change was based on: sometimes not the current one."""
    return st.sampled_from([version] * 8 + [version + 1, 0])


class StorageMachine(RuleBasedStateMachine):
    """Saves and leases at random; after each step storage and model must be equal."""

    def open(self) -> Storage:
        raise NotImplementedError

    @initialize()
    def begin(self) -> None:
        self.model, self.storage, self.minute, self.leases = Model(), self.open(), 0, 0
        self.save(Change(leads=[written(lead_id, keys=MATCH_KEYS[:2]) for lead_id in IDS[:3]]))
        self.save(Change(put=[task(key, minute) for minute, key in enumerate(TASKS)]))

    @rule(data=st.data(), ids=few_ids, claims=claims | st.just([]), activities=st.lists(activities, max_size=2))
    def save_leads(self, data: st.DataObject, ids: list[str], claims: list[Claim], activities: list[Activity]) -> None:
        leads, facts = [], []
        for lead_id in ids:
            version = data.draw(read_at(self.model.version(lead_id)))
            if data.draw(st.booleans()):
                keys = data.draw(st.none() | st.sets(st.sampled_from(MATCH_KEYS)))
                features = data.draw(st.none() | st.sampled_from(["", "[1]", "[2]"]))
                stage = data.draw(st.sampled_from(["lead", "mql"]))
                leads.append(written(lead_id, version + 1, keys, features=features, stage=stage))
                facts += [fact(lead_id, version + 1, seq) for seq in range(data.draw(st.integers(0, 2)))]
            else:
                leads.append(looked_at(lead_id, version))
        self.save(Change(leads=leads, facts=facts, claims=claims, activities=activities))

    @rule(data=st.data(), keys=st.lists(st.sampled_from(STATES), min_size=1, unique=True), erase=few_ids)
    def save_states(self, data: st.DataObject, keys: list[str], erase: list[str]) -> None:
        versions = {key: data.draw(read_at(self.model.states.get(key, (0,))[0])) for key in keys}
        states = [state(key, version, data.draw(values), data.draw(owners)) for key, version in versions.items()]
        self.save(Change(states=states, erase=erase if data.draw(seldom) else ()))

    @rule(claims=claims, release=claims)
    def hand_over(self, claims: list[Claim], release: list[Claim]) -> None:
        self.save(Change(claims=claims, release=release))

    @rule(redirects=redirects)
    def absorb(self, redirects: list[Redirect]) -> None:
        self.save(Change(redirects=redirects))

    @rule(keys=st.lists(st.sampled_from(REPLIES), min_size=1, max_size=2), owner=owners, erase=few_ids | st.just([]))
    def answer(self, keys: list[str], owner: str | None, erase: list[str]) -> None:
        self.save(Change(replies=tuple(reply(key, owner, by=owner) for key in keys), erase=erase))

    @rule(put=st.lists(tasks, min_size=1, max_size=2), cancel=st.lists(st.sampled_from(TASKS), max_size=1))
    def queue(self, put: list[Task], cancel: list[str]) -> None:
        self.save(Change(put=put, cancel=cancel))

    @rule(
        minutes=st.integers(0, 10),
        limit=st.integers(1, 3),
        lasts=st.integers(1, 8),
        kinds=st.none() | st.sets(kinds, min_size=1),
    )
    def lease(self, minutes: int, limit: int, lasts: int, kinds: set[str] | None) -> None:
        self.minute, self.leases = self.minute + minutes, self.leases + 1
        how = at(self.minute), limit, at(self.minute + lasts), f"lease-{self.leases}"
        assert self.storage.lease(*how, kinds=kinds) == self.model.lease(*how, kinds=kinds)

    @rule(
        data=st.data(),
        outcome=st.sampled_from(["done", "retry", "dead", "begun"]),
        put=st.lists(tasks, max_size=1),
        erase=few_ids,
    )
    def settle(self, data: st.DataObject, outcome: str, put: list[Task], erase: list[str]) -> None:
        held = {key: each.lease for key, each in sorted(self.model.tasks.items()) if each.status != "waiting"}
        key = data.draw(st.sampled_from(list(held) or TASKS))
        token = "lost" if data.draw(seldom) else held.get(key, "never had")
        due_at = data.draw(st.none() | st.integers(0, 60).map(at))
        more = {"due_at": due_at, "error": data.draw(st.none() | st.just("no"))}
        ended = settlement(task(key, lease=token), outcome, **more)
        self.save(Change(settle=[ended], put=put, erase=erase if data.draw(seldom) else ()))

    def save(self, change: Change) -> None:
        wrong = self.model.save(change)
        try:
            self.storage.save(change)
        except tuple(wrong):
            return
        assert not wrong, f"should have been refused with one of {wrong}"

    @invariant()
    def both_hold_the_same(self) -> None:
        if hasattr(self, "model"):
            assert everything_in(self.storage) == self.model.everything()

    def teardown(self) -> None:
        close = getattr(getattr(self, "storage", None), "close", None)
        if close is not None:
            close()
