"""The storage contract: the task queue."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadflow.entities import Task
from leadflow.errors import InvalidInput, Stale
from leadflow.events import Change
from leadflow.ports import Storage
from leadflow.testing.changes import at, leased, settlement, task
from leadflow.testing.contract_rules import explained

__all__ = ["TaskContract"]

INSTANT = timedelta(microseconds=1)


def keys(tasks: list[Task]) -> list[str]:
    return [task.key for task in tasks]


@explained
class TaskContract:
    """Tests of leases, and of the tasks that Changes put, cancel and settle."""

    # ------------------------------------------------------------------------------------------------------- leases
    def test_a_task_is_leased_when_it_is_due_and_not_an_instant_before(self, storage: Storage) -> None:
        """Moments are exact to the microsecond, in UTC, in whatever zone they are given: a column that
        rounds, or text that does not sort like time, breaks this.
        """
        due = task("t", 5, lead_id="a", payload={"step": 2, "tags": ["x"]})
        storage.save(Change(put=(due,)))
        assert storage.lease(due.due_at - INSTANT, 9, at(99), "early") == []
        assert storage.tasks() == [due]
        (taken,) = storage.lease(due.due_at, 9, at(99), "mine")
        assert taken == due.but(status="leased", lease="mine", leased_until=at(99))
        assert storage.tasks() == [taken]

    def test_a_leased_task_is_nobody_elses_until_the_lease_runs_out(self, storage: Storage) -> None:
        """A leased task is due again at ``leased_until``, not before."""
        storage.save(Change(put=(task("t"),)))
        leased(storage, 0, "first", minutes=10)
        assert storage.lease(at(10) - INSTANT, 9, at(99), "second") == []
        (again,) = leased(storage, 10, "second", minutes=10)
        assert (again.lease, again.leased_until) == ("second", at(20))

    def test_a_lease_that_ran_out_counts_no_attempt(self, storage: Storage) -> None:
        """An expired lease changes no ``attempts``: only the settlement ``begun`` counts."""
        storage.save(Change(put=(task("t", attempts=3, error="no connection"),)))
        for minute, token in ((0, "first"), (10, "second"), (20, "third")):
            (mine,) = leased(storage, minute, token, minutes=10)
            assert (mine.attempts, mine.error) == (3, "no connection")
            assert storage.task("t") == mine

    def test_only_the_kinds_that_are_asked_for_are_leased(self, storage: Storage) -> None:
        """``kinds`` selects by equality, not by a pattern; other kinds stay untouched."""
        others = [task(f"other-{number}", number, kind="nurture:_elcome") for number in range(12)]
        storage.save(Change(put=(*others, task("b", 30, kind="nurture:welcome"), task("a", 30, kind="notify:x"))))
        assert storage.lease(at(50), 9, at(60), "none", kinds=()) == []
        (only,) = storage.lease(at(50), 9, at(60), "mine", kinds=["nurture:welcome", "nurture:%"])
        assert only.key == "b"
        assert keys(storage.lease(at(50), 99, at(60), "more", kinds={"notify:x", "nurture:welcome"})) == ["a"]
        assert storage.tasks("waiting", limit=99) == others
        assert keys(storage.lease(at(60), 99, at(70), "again", kinds={"notify:x"})) == ["a"]
        assert len(storage.lease(at(60), 99, at(70), "all")) == 13

    def test_tasks_of_some_kinds_are_listed(self, storage: Storage) -> None:
        """``tasks`` applies status, lead, kinds and limit together; no kinds at all give no tasks."""
        storage.save(Change(put=[task(f"t{n}", n, kind=f"k{n % 3}", lead_id="a") for n in range(9)]))
        (mine,) = leased(storage, 0)
        storage.save(Change(settle=(settlement(mine, "dead"),)))
        assert keys(storage.tasks(kinds=["k0"])) == ["t0", "t3", "t6"]
        assert keys(storage.tasks("dead", kinds=["k0", "k1"])) == ["t0"]
        assert keys(storage.tasks("waiting", kinds={"k1", "k0"}, limit=3)) == ["t1", "t3", "t4"]
        assert keys(storage.tasks("waiting", "a", kinds=["k2"], limit=2)) == ["t2", "t5"]
        assert storage.tasks(kinds=()) == []

    def test_the_oldest_are_leased_first_up_to_the_limit(self, storage: Storage) -> None:
        """Tasks are leased in order of (due_at, key)."""
        storage.save(Change(put=(task("d", 3), task("c", 1), task("b", 2), task("a", 2), task("z", 0), task("y", 99))))
        assert keys(leased(storage, 50, limit=2)) == ["z", "c"]
        assert keys(leased(storage, 50, limit=2)) == ["a", "b"]
        assert keys(leased(storage, 50, limit=2)) == ["d"]
        assert leased(storage, 50, limit=2) == []

    def test_a_lease_that_ran_out_takes_its_turn_by_age(self, storage: Storage) -> None:
        """A task whose lease has expired is leased by its ``due_at``, like all others."""
        storage.save(Change(put=(task("old", 0),)))
        leased(storage, 0, "lost", minutes=30)
        storage.save(Change(put=(task("young", 20),)))
        assert keys(leased(storage, 40, limit=1)) == ["old"]

    def test_nothing_is_leased_for_nothing(self, storage: Storage) -> None:
        """A ``limit`` of 0 leases nothing."""
        storage.save(Change(put=(task("t"),)))
        assert leased(storage, limit=0) == []
        assert storage.tasks() == [task("t")]

    def test_a_moment_without_a_zone_is_refused(self, storage: Storage) -> None:
        """A moment without a time zone is ``InvalidInput`` (``leadflow.worktime.in_utc`` does it): never
        guess a zone.
        """
        storage.save(Change(put=(task("t"),)))
        with pytest.raises(InvalidInput):
            storage.lease(at(0).replace(tzinfo=None), 1, at(9), "mine")
        with pytest.raises(InvalidInput):
            storage.lease(at(0), 1, at(9).replace(tzinfo=None), "mine")
        assert storage.tasks() == [task("t")]

    # -------------------------------------------------------------------------------------------------- settlements
    def test_what_is_done_is_gone(self, storage: Storage) -> None:
        """The settlement ``done`` removes the task; settling it again is ``Stale``."""
        storage.save(Change(put=(task("t"), task("u", 50))))
        (mine,) = leased(storage)
        storage.save(Change(settle=(settlement(mine),)))
        assert storage.tasks() == [task("u", 50)]
        with pytest.raises(Stale):
            storage.save(Change(settle=(settlement(mine),)))

    def test_a_retry_waits_until_it_is_due_again(self, storage: Storage) -> None:
        """The settlement ``retry`` frees the task, with its new ``due_at`` and error."""
        storage.save(Change(put=(task("t", payload={"n": 1}),)))
        (mine,) = leased(storage)
        storage.save(Change(settle=(settlement(mine, "retry", due_at=at(30), error="no connection"),)))
        waits = task("t", 30, payload={"n": 1}, error="no connection")
        assert storage.tasks() == [waits]
        assert leased(storage, 29) == []
        (again,) = leased(storage, 30, "again")
        assert again == waits.but(status="leased", lease="again", leased_until=at(40))
        storage.save(Change(settle=(settlement(again, "retry"),)))
        assert storage.tasks() == [task("t", 30, payload={"n": 1})]

    def test_the_dead_are_kept_for_a_person(self, storage: Storage) -> None:
        """The settlement ``dead`` keeps the task for listing, and ``lease`` never returns it."""
        storage.save(Change(put=(task("t", lead_id="a"), task("u", 50))))
        (mine,) = leased(storage)
        storage.save(Change(settle=(settlement(mine, "dead", error="gone for good"),)))
        dead = task("t", lead_id="a", status="dead", error="gone for good")
        assert storage.tasks("dead") == [dead]
        assert keys(leased(storage, 1000)) == ["u"]
        storage.save(Change(put=(task("t", 3, lead_id="a"),)))
        assert keys(leased(storage, 1000, "again")) == ["t"]

    def test_what_was_not_tried_waits_as_it_was(self, storage: Storage) -> None:
        """A ``retry`` without ``due_at`` and error returns the task as it was."""
        storage.save(Change(put=(task("t", 3, attempts=2),)))
        (mine,) = leased(storage, 5)
        storage.save(Change(settle=(settlement(mine, "retry"),)))
        assert storage.tasks() == [task("t", 3, attempts=2)]

    def test_an_attempt_is_noted_under_the_lease_that_goes_on(self, storage: Storage) -> None:
        """The settlement ``begun`` counts an attempt, clears the error and keeps the lease."""
        storage.save(Change(put=(task("t", attempts=2, error="no connection"),)))
        (mine,) = leased(storage)
        storage.save(Change(settle=(settlement(mine, "begun"),)))
        assert storage.tasks() == [mine.but(attempts=3, error=None)]
        storage.save(Change(settle=(settlement(mine, "retry", error="slow"),)))
        assert storage.tasks() == [task("t", attempts=3, error="slow")]
        with pytest.raises(Stale):
            storage.save(Change(settle=(settlement(mine, "begun"),)))

    @pytest.mark.parametrize("outcome", ["done", "retry"])
    def test_the_dead_are_settled_without_a_lease_as_long_as_they_are_dead(
        self, storage: Storage, outcome: str
    ) -> None:
        """A settlement without a lease applies to dead tasks only; retried, they begin with 0 attempts."""
        storage.save(Change(put=(task("t", attempts=5),)))
        (mine,) = leased(storage)
        no_lease = mine.but(lease=None)
        with pytest.raises(Stale):
            storage.save(Change(settle=(settlement(no_lease, outcome),)))
        storage.save(Change(settle=(settlement(mine, "dead", error="gone for good"),)))
        storage.save(Change(settle=(settlement(no_lease, outcome, due_at=at(7)),)))
        assert storage.tasks() == ([] if outcome == "done" else [task("t", 7)])
        with pytest.raises(Stale):
            storage.save(Change(settle=(settlement(no_lease, outcome),)))
        assert storage.tasks() == ([] if outcome == "done" else [task("t", 7)])

    def test_a_lease_that_ran_out_settles_as_long_as_nobody_else_took_it(self, storage: Storage) -> None:
        """An expired lease still settles its task, as long as nobody else has leased it."""
        storage.save(Change(put=(task("t"),)))
        (mine,) = leased(storage, 0, "mine", minutes=1)
        storage.save(Change(settle=(settlement(mine),)))
        assert storage.tasks() == []

    @pytest.mark.parametrize("outcome", ["done", "retry", "dead"])
    def test_a_lease_that_somebody_else_took_is_stale(self, storage: Storage, outcome: str) -> None:
        """A settlement is ``Stale`` unless the task has exactly its lease; then nothing of the Change is written."""
        storage.save(Change(put=(task("t"),)))
        (mine,) = leased(storage, 0, "mine", minutes=1)
        (theirs,) = leased(storage, 5, "theirs")
        with pytest.raises(Stale):
            storage.save(Change(settle=(settlement(mine, outcome),), put=(task("more"),)))
        assert storage.tasks() == [theirs]

    def test_putting_a_leased_task_again_takes_it_away(self, storage: Storage) -> None:
        """Putting a task replaces all of it, the lease too: who held it is ``Stale``."""
        storage.save(Change(put=(task("t"),)))
        (mine,) = leased(storage)
        storage.save(Change(put=(task("t", 7, kind="other"),)))
        assert storage.tasks() == [task("t", 7, kind="other")]
        with pytest.raises(Stale):
            storage.save(Change(settle=(settlement(mine),)))
        assert storage.tasks() == [task("t", 7, kind="other")]

    def test_cancelling_a_leased_task_takes_it_away(self, storage: Storage) -> None:
        """Cancelling removes a task whoever has leased it; an unknown key is no error."""
        storage.save(Change(put=(task("t"),)))
        (mine,) = leased(storage)
        storage.save(Change(cancel=("t", "unknown")))
        assert storage.tasks() == []
        with pytest.raises(Stale):
            storage.save(Change(settle=(settlement(mine, "retry"),)))

    def test_one_change_settles_then_cancels_then_puts(self, storage: Storage) -> None:
        """Within a Change tasks are settled, then cancelled, then put."""
        storage.save(Change(put=(task("again"), task("stop"), task("moved"))))
        again, moved, stop = leased(storage)
        assert keys([again, moved, stop]) == ["again", "moved", "stop"]
        storage.save(
            Change(
                settle=(settlement(again), settlement(stop, "retry", due_at=at(5)), settlement(moved, "dead")),
                cancel=("stop", "moved"),
                put=(task("again", 60), task("moved", 70)),
            )
        )
        assert storage.tasks() == [task("again", 60), task("moved", 70)]

    # ------------------------------------------------------------------------------------------------------ listing
    def test_putting_the_same_key_replaces_all_of_it(self, storage: Storage) -> None:
        """A task that is put replaces every column of the one with its key."""
        storage.save(Change(put=(task("t", 1, lead_id="a", payload={"n": 1}, attempts=3, error="x"),)))
        other = task("t", 2, lead_id="b", kind="mail", payload={"m": 2})
        storage.save(Change(put=(other,)))
        assert storage.tasks() == [other]
        assert storage.tasks(lead_id="a") == []

    def test_a_task_is_found_by_its_key(self, storage: Storage) -> None:
        """``task`` looks up one key; keys of 900 characters must fit (a database's index may hold less:
        store a digest).
        """
        storage.save(Change(put=(task("t", 1, lead_id="a"), task("u", 2), task("x" * 900, 3))))
        (mine,) = leased(storage, 1)
        assert [storage.task(key) for key in ("t", "u", "x" * 900, "v")] == [
            mine,
            task("u", 2),
            task("x" * 900, 3),
            None,
        ]
        storage.save(Change(settle=(settlement(mine, "dead", error="no"),)))
        assert storage.task("t") == task("t", 1, lead_id="a", status="dead", error="no")
        assert keys(storage.tasks()) == ["t", "u", "x" * 900]
        storage.save(Change(cancel=("u",)))
        assert storage.task("u") is None

    def test_tasks_are_listed_by_what_is_next(self, storage: Storage) -> None:
        """``tasks`` is ordered by (due_at, key)."""
        tasks = (task("d", 3, lead_id="a"), task("c", 1), task("b", 2, lead_id="a"), task("a", 2, lead_id="b"))
        storage.save(Change(put=tasks))
        (mine,) = leased(storage, 1)
        assert keys(storage.tasks()) == ["c", "a", "b", "d"]
        assert keys(storage.tasks(limit=2)) == ["c", "a"]
        assert storage.tasks("leased") == [mine]
        assert keys(storage.tasks("waiting", limit=1)) == ["a"]
        assert keys(storage.tasks(lead_id="a")) == ["b", "d"]
        assert keys(storage.tasks("waiting", "a", limit=1)) == ["b"]
        assert storage.tasks("leased", "a") == []
        assert storage.tasks("dead") == []
