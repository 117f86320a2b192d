"""The storage contract: concurrent writes, from threads and from other instances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TypeVar

import pytest

from leadflow.errors import Collision, InvalidInput, Stale, StorageError, Taken
from leadflow.events import Change
from leadflow.ports import State, Storage
from leadflow.testing.changes import (
    claim,
    everything_in,
    fact,
    full,
    leased,
    redirect,
    reply,
    settlement,
    state,
    task,
    written,
)
from leadflow.testing.contract_rules import explained

__all__ = ["RaceContract"]

T = TypeVar("T")
THREADS = 4


def at_once(*actions: Callable[[], T]) -> list[T]:
    """Run all of them at the same time, and return their results."""
    barrier = Barrier(len(actions))

    def together(action: Callable[[], T]) -> T:
        barrier.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(together, actions))


def accepted(storage: Storage, change: Change) -> bool:
    """Save, and return whether the Change was written."""
    try:
        storage.save(change)
    except (Stale, Taken, InvalidInput):
        return False
    return True


@explained
class RaceContract:
    """Tests of threads that use one storage, and of a second storage on the same database."""

    def another_on(self, storage: Storage) -> Storage | None:
        """Return a second storage on the same database, as another process would open it; None if impossible."""

    def other_tenant_on(self, storage: Storage) -> Storage | None:
        """Return a storage for another tenant on the same database; None if there are no tenants."""

    # --------------------------------------------------------------------------------------------------- collisions
    @pytest.mark.parametrize("kind", ["leads", "states", "tasks", "claims", "replies"])
    def test_a_collision_names_what_collided_and_nothing_else(self, storage: Storage, kind: str) -> None:
        """At least one of the two that collided here."""
        long = "k" * 900
        storage.save(Change(leads=(written("a"), written("b")), claims=(claim("c-1", "a"), claim(long, "a"))))
        storage.save(Change(states=(state("s-1", 0, {}), state(long, 0, {})), replies=(reply("r-1"), reply(long))))
        fine = Change(
            leads=(written("a", 2), written("x")), states=(state("s-1", 1, {}), state("s-2", 0, {})), put=(task("t"),)
        )
        wrong = {
            "leads": Change(leads=(written("b"), written("b-2"))),
            "states": Change(states=(state(long, 0, {}), state("s-3", 0, {}))),
            "tasks": Change(settle=(settlement(task("gone")),)),
            "claims": Change(claims=(claim(long, "b"), claim("c-1", "b"), claim("c-2", "b"))),
            "replies": Change(replies=(reply("r-2"), reply(long), reply("r-1"))),
        }[kind]
        collided = {
            "leads": {"b"},
            "states": {long},
            "tasks": {"gone"},
            "claims": {long, "c-1"},
            "replies": {long, "r-1"},
        }
        both = {name: (*getattr(fine, name), *getattr(wrong, name)) for name in Change.model_fields}
        with pytest.raises(Collision) as caught:
            storage.save(Change(**both))
        named = {name: getattr(caught.value, name) for name in collided}
        assert named[kind] and named[kind] <= collided[kind]
        assert not any(names for name, names in named.items() if name != kind)
        assert storage.load(["a", "x"])["a"].version == 1

    # ------------------------------------------------------------------------------------------------------ threads
    def test_one_of_many_claims_wins_and_the_others_leave_no_trace(self, storage: Storage) -> None:
        """Of writers who claim the same absent key one succeeds: a unique key must decide, and the
        transactions of the others are rolled back.
        """
        for nr in range(10):
            key, ids = f"address-{nr}", [f"{nr}-{thread}" for thread in range(THREADS)]
            tries = [Change(leads=(written(id),), facts=(fact(id),), claims=(claim(key, id),)) for id in ids]
            won = at_once(*(partial(accepted, storage, change) for change in tries))
            winners = won.count(True)
            assert winners == 1, "of those who claim an absent key one wins"
            winner = ids[won.index(True)]
            assert storage.holders([key]) == {key: winner}
            assert storage.load(ids).keys() == {winner}
            assert [id for id in ids if storage.facts(id)] == [winner]

    def test_no_update_is_lost(self, storage: Storage) -> None:
        """Checking a version and writing is one step: lock the row, or write with ``WHERE version = …`` and
        count the rows.
        """

        def count(times: int) -> None:
            for _ in range(2000):  # far more than needed, but not for ever
                read = storage.states(["state-1"]).get("state-1", State(0, {"n": 0}))
                more = state("state-1", read.version, {"n": read.value["n"] + 1})
                times -= accepted(storage, Change(states=(more,)))
                if not times:
                    return

        at_once(*(partial(count, 15) for _ in range(THREADS)))
        assert storage.states(["state-1"]) == {"state-1": State(15 * THREADS, {"n": 15 * THREADS})}

    @pytest.mark.parametrize("version", [0, 1])
    def test_what_was_looked_at_does_not_move_unseen(self, storage: Storage, version: int) -> None:
        """What a Change only looked at must not change until it is written. Absent rows must be locked, too:
        insert them and delete them again, take advisory locks, or use SERIALIZABLE.
        """
        for nr in range(15):
            left, right = f"left-{nr}", f"right-{nr}"
            if version:
                storage.save(Change(states=(state(left, 0, {}), state(right, 0, {}))))
            one = Change(states=(state(left, version), state(right, version, {"by": "one"})))
            other = Change(states=(state(right, version), state(left, version, {"by": "other"})))
            won = at_once(*(partial(accepted, storage, change) for change in (one, other)))
            written = won.count(True)
            assert written == 1, (
                "absent rows must be locked, too" if not version else "what is only looked at must be locked, too"
            )

    def test_each_task_is_leased_once(self, storage: Storage) -> None:
        """Two calls of ``lease`` never return the same task: select and update in one step (FOR UPDATE SKIP
        LOCKED, or one writer at a time).
        """
        storage.save(Change(put=tuple(task(f"t{nr:03}") for nr in range(60))))

        def drain(name: str) -> list[str]:
            return [each.key for _ in range(20) for each in leased(storage, 1, name, limit=7)]

        got = at_once(*(partial(drain, f"thread-{n}") for n in range(THREADS)))
        assert Counter(key for keys in got for key in keys) == {f"t{nr:03}": 1 for nr in range(60)}

    def test_a_command_given_twice_at_once_acts_once(self, storage: Storage) -> None:
        """The key of a reply is unique among concurrent writers, too."""
        for nr in range(10):
            change = full("a", nr).but(leads=(), facts=(), redirects=(), claims=())
            written = at_once(*(partial(accepted, storage, change) for _ in range(2)))
            assert sorted(written) == [False, True], "of two replies with one key one is written"

    def test_two_redirects_never_close_a_circle(self, storage: Storage) -> None:
        """Writers of redirects must take turns (a lock for all of them): two could close a circle that neither sees."""
        for nr in range(15):
            one, other = f"{nr}-one", f"{nr}-other"
            ways = Change(redirects=(redirect(one, other),)), Change(redirects=(redirect(other, one),))
            written = at_once(*(partial(accepted, storage, way) for way in ways))
            assert sorted(written) == [False, True], "redirects to each other: one is written, and one is refused"

    # ------------------------------------------------------------------------------------------ the same, from afar
    def test_another_storage_on_the_database_sees_the_same(self, storage: Storage) -> None:
        """Nothing is kept in the process: what one storage has saved another one sees at once."""
        other = self.another_on(storage)
        if other is None:
            pytest.skip("this database can be opened by a single storage only")
        storage.save(full("a"))
        assert everything_in(other) == everything_in(storage)
        other.save(Change(leads=(written("a", 2),), claims=(claim("claim-2", "a"),)))
        assert everything_in(other) == everything_in(storage)
        with pytest.raises(Stale):
            storage.save(Change(leads=(written("a", 2),)))
        with pytest.raises(Taken):
            storage.save(Change(claims=(claim("claim-2", "b"),)))
        leased(other, 0, "theirs")
        assert leased(storage, 1) == []

    # ------------------------------------------------------------------------------------------------------ tenants
    def test_tenants_never_meet(self, storage: Storage) -> None:
        """Every statement is limited to the tenant, reads as well as writes."""
        other = self.other_tenant_on(storage)
        if other is None:
            pytest.skip("there are no tenants")
        nothing = everything_in(other)
        storage.save(full("a"))
        mine = everything_in(storage)
        assert everything_in(other) == nothing
        assert leased(other, 99) == []
        other.save(full("a").but(leads=(written("a", note="theirs"),)))
        assert everything_in(storage) == mine
        with pytest.raises(StorageError):
            other.save(full("a"))
        leased(other, 0, "theirs")
        other.save(Change(erase=("a",)))
        assert everything_in(storage) == mine
        assert [each.lease for each in leased(storage)] == ["mine"]
