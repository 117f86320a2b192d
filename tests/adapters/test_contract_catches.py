"""Storages that break one promise each: the contract must catch every one of them.

Each stands beside the test that has to fail for it; the same test passes for the storage that it was made from.
"""

from __future__ import annotations

import inspect
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import nullcontext
from copy import copy
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase

from leadflow.adapters.memory import MemoryStorage
from leadflow.adapters.memory_tasks import TaskQueue, leased
from leadflow.entities import Activity, Lead, LeadId, Task
from leadflow.events import Change
from leadflow.ports import State, Storage
from leadflow.testing import MailerContract, SearchContract
from leadflow.testing.stateful import run_storage_machine
from leadflow.testing.storage_contract import StorageContract

Kinds = Collection[str] | None


# ------------------------------------------------------------------------------------------------ versions, atomicity
class IgnoresVersions(MemoryStorage):
    def _check_versions(self, change: Change) -> None: ...


class IgnoresWhatWasOnlyLookedAt(MemoryStorage):
    def _check_versions(self, change: Change) -> None:
        written = change.but(
            leads=tuple(write for write in change.leads if write.lead is not None),
            states=tuple(state for state in change.states if state.value is not None),
        )
        super()._check_versions(written)


class IgnoresThatItMustNotBeThere(MemoryStorage):
    def _check_versions(self, change: Change) -> None:
        read = change.but(
            leads=tuple(write for write in change.leads if write.read_version),
            states=tuple(state for state in change.states if state.read_version),
        )
        super()._check_versions(read)


class WritesHalf(MemoryStorage):
    def save(self, change: Change) -> None:
        self._check_versions(change)
        self._apply(Change(leads=change.leads))
        rest = change.but(leads=())
        super().save(rest)


class ForgetsTheLock(MemoryStorage):
    def __init__(self) -> None:
        super().__init__()
        self._lock = nullcontext()  # type: ignore[assignment]  # that is the defect

    def _check_replies(self, change: Change) -> None:
        super()._check_replies(change)
        time.sleep(0.002)


class SharesItsValues(MemoryStorage):
    def states(self, keys: Collection[str]) -> dict[str, State]:
        return {key: self._states[key][0] for key in keys if key in self._states}


# ------------------------------------------------------------------------------------------------------------- claims
class TakesClaimsFromOthers(MemoryStorage):
    def _check_claims(self, change: Change) -> None: ...


class NeverReleases(MemoryStorage):
    def save(self, change: Change) -> None:
        super().save(change.but(release=()))


class ReleasesForAnybody(MemoryStorage):
    def save(self, change: Change) -> None:
        for claim in change.release:
            self._claims.pop(claim.key, None)
        super().save(change)


class FoldsCase(MemoryStorage):
    def save(self, change: Change) -> None:
        super().save(change.but(claims=tuple(c.but(key=c.key.casefold()) for c in change.claims)))

    def holders(self, claims: Collection[str]) -> dict[str, LeadId]:
        return {key: self._claims[key.casefold()] for key in claims if key.casefold() in self._claims}


class CutsLongText(MemoryStorage):
    def save(self, change: Change) -> None:
        super().save(change.but(claims=tuple(c.but(key=c.key[:255]) for c in change.claims)))

    def holders(self, claims: Collection[str]) -> dict[str, LeadId]:
        return {key: self._claims[key[:255]] for key in claims if key[:255] in self._claims}


class AnswersTwice(MemoryStorage):
    def _check_replies(self, change: Change) -> None: ...


# ----------------------------------------------------------------------------------------------- redirects, look-ups
class FollowsOneRedirectOnly(MemoryStorage):
    def load(self, ids: Collection[LeadId]) -> dict[LeadId, Lead[Any]]:
        ends = {asked: self._redirects.get(asked, asked) for asked in ids}
        return {asked: self._leads[end] for asked, end in ends.items() if end in self._leads}


class GoesInCircles(MemoryStorage):
    def _check_redirects(self, change: Change) -> None: ...


class ShowsTheAbsorbed(MemoryStorage):
    def _found(self, key: str) -> Iterator[LeadId]:
        return iter(self._leads_with.get(key, ()))


class LimitsAllKeysTogether(MemoryStorage):
    def matching(self, keys: Collection[str], limit: int) -> dict[str, list[LeadId]]:
        found = super().matching(keys, limit)
        for key in found:
            found[key], limit = found[key][:limit], max(0, limit - len(found[key]))
        return found


class KeepsOldMatchKeys(MemoryStorage):
    def _index(self, lead_id: LeadId, keys: frozenset[str]) -> None:
        super()._index(lead_id, keys | self._keys_of.get(lead_id, frozenset()))


class BeginsThePageWithTheLastOne(MemoryStorage):
    def scan(self, after: LeadId | None, limit: int, stage: str | None = None) -> list[Lead[Any]]:
        return super().scan(after and after[:-1], limit, stage)


class NamesTheAbsorbed(MemoryStorage):
    def lead_ids(self, after: LeadId | None, limit: int) -> list[LeadId]:
        return [each for each in self._ids if after is None or each > after][:limit]


class SortsByLocale(MemoryStorage):
    def scan(self, after: LeadId | None, limit: int, stage: str | None = None) -> list[Lead[Any]]:
        found = sorted(super().scan(None, 10_000, stage), key=lambda lead: lead.id.casefold())
        return [lead for lead in found if after is None or lead.id.casefold() > after.casefold()][:limit]


# ------------------------------------------------------------------------------------------------- facts, erasure
class OverwritesActivities(MemoryStorage):
    def _apply(self, change: Change) -> None:
        for activity in change.activities:
            self._activities.get(activity.lead_id, {}).pop(activity.id, None)
        super()._apply(change)


class ListsActivitiesAsTheyCame(MemoryStorage):
    def activities(self, lead_id: LeadId, ids: Collection[str] | None = None, **page: Any) -> list[Activity]:
        as_they_came = list(self._activities.get(lead_id, {}).values())
        return super().activities(lead_id, ids, **page) if page or ids is not None else as_they_came


class PagesActivitiesAsTheyCame(MemoryStorage):
    def activities(self, lead_id: LeadId, ids: Collection[str] | None = None, **page: Any) -> list[Activity]:
        found = [one for one in self._activities.get(lead_id, {}).values() if one.id > (page.get("after") or "")]
        return found[: page["limit"]] if page else super().activities(lead_id, ids)


class PagesActivitiesFromTheBeginning(MemoryStorage):
    def activities(self, lead_id: LeadId, ids: Collection[str] | None = None, **page: Any) -> list[Activity]:
        return super().activities(lead_id, ids, **page | {"after": None})


class FindsActivitiesOfAnyLead(MemoryStorage):
    def activities(self, lead_id: LeadId, ids: Collection[str] | None = None, **page: Any) -> list[Activity]:
        everywhere = [one for of_lead in self._activities.values() for one in of_lead.values()]
        return super().activities(lead_id, **page) if ids is None else [one for one in everywhere if one.id in ids]


class ErasesTheLeadOnly(MemoryStorage):
    def _forget(self, lead_id: LeadId) -> None:
        self._leads.pop(lead_id, None)
        self._ids.discard(lead_id)


class KeepsRepliesOfTheErased(MemoryStorage):
    def _forget(self, lead_id: LeadId) -> None:
        replies = dict(self._replies)
        super()._forget(lead_id)
        self._replies = replies


class ErasesLast(MemoryStorage):
    def _apply(self, change: Change) -> None:
        super()._apply(change.but(erase=()))
        for lead_id in change.erase:
            self._forget(lead_id)


# -------------------------------------------------------------------------------------------------------------- tasks
class LeasesToEverybody(MemoryStorage):
    def lease(self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Kinds = None) -> list[Task]:
        before = copy(self._queue._tasks)
        taken = super().lease(now, limit, until, token, kinds=kinds)
        self._queue._tasks = before
        return taken


class NeverTakesALeaseBack(MemoryStorage):
    def lease(self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Kinds = None) -> list[Task]:
        held = {key: task for key, task in self._queue._tasks.items() if task.status == "leased"}
        kept = {key: task.but(leased_until=datetime.max.replace(tzinfo=now.tzinfo)) for key, task in held.items()}
        self._queue._tasks |= kept
        taken = super().lease(now, limit, until, token, kinds=kinds)
        self._queue._tasks |= held
        return taken


class CountsLeasesThatRanOut(MemoryStorage):
    def lease(self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Kinds = None) -> list[Task]:
        lost = {key for key, task in self._queue._tasks.items() if task.status == "leased"}
        leased = super().lease(now, limit, until, token, kinds=kinds)
        taken = [task.but(attempts=task.attempts + (task.key in lost)) for task in leased]
        self._queue._tasks |= {task.key: task for task in taken}
        return taken


class LeasesTheYoungestFirst(MemoryStorage):
    def lease(self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Kinds = None) -> list[Task]:
        due = [task for task in reversed(self.tasks("waiting", kinds=kinds)) if task.due_at <= now][:limit]
        taken = [leased(task, until, token) for task in due]
        self._queue._tasks |= {task.key: task for task in taken}
        return taken


class RoundsToSeconds(MemoryStorage):
    def lease(self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Kinds = None) -> list[Task]:
        return super().lease(
            datetime.fromtimestamp(round(now.timestamp()), tz=now.tzinfo), limit, until, token, kinds=kinds
        )


class SettlesWithoutTheLease(MemoryStorage):
    def __init__(self) -> None:
        super().__init__()
        self._queue = _Unchecked()


class _Unchecked(TaskQueue):
    def check(self, settlements: object) -> None: ...


class KeepsTheLeaseOfAReplacedTask(MemoryStorage):
    def save(self, change: Change) -> None:
        held = {key: t for key, t in self._queue._tasks.items() if t.status == "leased"}
        put = (t.but(status="leased", lease=held[t.key].lease) if t.key in held else t for t in change.put)
        super().save(change.but(put=tuple(put)))


class PutsBeforeItSettles(MemoryStorage):
    def __init__(self) -> None:
        super().__init__()
        self._queue = _PutsFirst()


class _PutsFirst(TaskQueue):
    def apply(self, change: Change) -> None:
        super().apply(Change(put=change.put))
        super().apply(change.but(put=()))


class LeasesTheDead(MemoryStorage):
    def lease(self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Kinds = None) -> list[Task]:
        for task in self.tasks("dead"):
            self._queue._put(task.but(status="waiting"))
        return super().lease(now, limit, until, token, kinds=kinds)


CAUGHT_BY: dict[type[MemoryStorage], str] = {
    IgnoresVersions: "test_a_lead_is_replaced_at_the_version_it_was_read_at",
    IgnoresWhatWasOnlyLookedAt: "test_what_was_looked_at_does_not_move_unseen",
    IgnoresThatItMustNotBeThere: "test_a_refused_change_writes_nothing",
    WritesHalf: "test_a_refused_change_writes_nothing",
    ForgetsTheLock: "test_one_of_many_claims_wins_and_the_others_leave_no_trace",
    SharesItsValues: "test_what_was_read_can_be_changed_without_changing_what_is_stored",
    TakesClaimsFromOthers: "test_a_refused_change_writes_nothing",
    NeverReleases: "test_a_claim_is_held_until_it_is_released",
    ReleasesForAnybody: "test_a_claim_is_held_until_it_is_released",
    FoldsCase: "test_keys_that_look_alike_are_different",
    CutsLongText: "test_keys_that_look_alike_are_different",
    AnswersTwice: "test_a_reply_is_given_once",
    FollowsOneRedirectOnly: "test_redirects_lead_to_the_last_survivor",
    GoesInCircles: "test_a_refused_change_writes_nothing",
    ShowsTheAbsorbed: "test_redirects_lead_to_the_last_survivor",
    LimitsAllKeysTogether: "test_each_match_key_has_a_limit_of_its_own",
    KeepsOldMatchKeys: "test_match_keys_are_replaced_or_left",
    BeginsThePageWithTheLastOne: "test_scan_walks_through_all_leads_in_order",
    NamesTheAbsorbed: "test_redirects_lead_to_the_last_survivor",
    SortsByLocale: "test_scan_walks_through_all_leads_in_order",
    OverwritesActivities: "test_an_activity_is_kept_once_as_it_first_came",
    ListsActivitiesAsTheyCame: "test_activities_come_in_the_order_they_happened",
    PagesActivitiesAsTheyCame: "test_activities_come_in_pages",
    PagesActivitiesFromTheBeginning: "test_activities_come_in_pages",
    FindsActivitiesOfAnyLead: "test_activities_are_found_by_their_ids",
    ErasesTheLeadOnly: "test_erasing_leaves_nothing_of_the_lead_and_all_of_the_others",
    KeepsRepliesOfTheErased: "test_erasing_leaves_nothing_of_the_lead_and_all_of_the_others",
    ErasesLast: "test_what_the_same_change_adds_outlives_the_erasure",
    LeasesToEverybody: "test_each_task_is_leased_once",
    NeverTakesALeaseBack: "test_a_leased_task_is_nobody_elses_until_the_lease_runs_out",
    CountsLeasesThatRanOut: "test_a_lease_that_ran_out_counts_no_attempt",
    LeasesTheYoungestFirst: "test_the_oldest_are_leased_first_up_to_the_limit",
    RoundsToSeconds: "test_a_task_is_leased_when_it_is_due_and_not_an_instant_before",
    SettlesWithoutTheLease: "test_a_lease_that_somebody_else_took_is_stale",
    KeepsTheLeaseOfAReplacedTask: "test_putting_a_leased_task_again_takes_it_away",
    PutsBeforeItSettles: "test_one_change_settles_then_cancels_then_puts",
    LeasesTheDead: "test_the_dead_are_kept_for_a_person",
}
# What a random history finds, too: all but what needs threads, long text, strange ids, or another's hands on a value
NOT_BY_HISTORY = {
    ForgetsTheLock,
    SharesItsValues,
    FoldsCase,
    CutsLongText,
    LimitsAllKeysTogether,
    BeginsThePageWithTheLastOne,
    SortsByLocale,
    PagesActivitiesAsTheyCame,
    PagesActivitiesFromTheBeginning,
    RoundsToSeconds,
    KeepsRepliesOfTheErased,
}
BY_HISTORY = [broken for broken in CAUGHT_BY if broken not in NOT_BY_HISTORY]


def run(test: str, make: Callable[[], Storage]) -> None:
    """Run one test of the contract, with all its parameters, as pytest would."""
    function = getattr(StorageContract, test)
    marks = [mark for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"]
    for values in product(*([*mark.args[1]] for mark in marks)):
        given = dict(zip((mark.args[0] for mark in marks), values, strict=True))
        function(StorageContract(), make(), **given)


BROKEN = (AssertionError, pytest.fail.Exception, Exception)


@pytest.mark.parametrize("broken", CAUGHT_BY, ids=lambda broken: broken.__name__)
def test_a_broken_storage_is_caught(broken: type[MemoryStorage]) -> None:
    run(CAUGHT_BY[broken], MemoryStorage)
    with pytest.raises(BROKEN) as caught:
        run(CAUGHT_BY[broken], broken)
    assert not isinstance(caught.value, TypeError | AttributeError | NameError), "the mutant itself is at fault"
    assert any(note.startswith("The rule: ") for note in caught.value.__notes__)


@pytest.mark.parametrize("contract", [StorageContract, SearchContract, MailerContract])
def test_every_test_of_a_contract_has_a_rule(contract: type) -> None:
    tests = [test for name, test in inspect.getmembers(contract) if name.startswith("test_")]
    assert len(tests) > 5 and all(test.__doc__ for test in tests)


def test_a_host_reads_the_rule_and_the_remedy(tmp_path: Path) -> None:
    test = tmp_path / "test_mine.py"
    test.write_text("""
from leadflow.adapters.memory import MemoryStorage
from leadflow.testing import StorageContract

class Careless(MemoryStorage):
    def _check_versions(self, change): ...

class TestMine(StorageContract):
    def new_storage(self):
        return Careless()
""")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", "looked_at_does_not_move", str(test)]
    said = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False).stdout
    assert "AssertionError: absent rows must be locked, too" in said
    assert "The rule: What a Change only looked at must not change until it is written." in said


@pytest.mark.parametrize("broken", BY_HISTORY, ids=lambda broken: broken.__name__)
def test_a_broken_storage_is_caught_by_some_history(broken: type[MemoryStorage]) -> None:
    with pytest.raises(BROKEN):
        run_storage_machine(broken, 600, phases=[Phase.generate], derandomize=True, database=None)
