"""Processes that begin together, for races, or are killed at work, and what must lose a race."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable
from multiprocessing.synchronize import Semaphore

from leadflow.adapters.sql import SqlStorage
from leadflow.errors import Taken
from leadflow.events import Change

__all__ = ["FORK", "PROCESSES", "ChecksThenActs", "all_at_once", "killed_at_work", "killed_in_the_middle"]

PROCESSES = 6
FORK = multiprocessing.get_context("fork")


def all_at_once(work: Callable[..., None], *args: object, processes: int = PROCESSES) -> float:
    """Run ``work(number, *args)`` in processes that begin together; return the seconds that they took."""
    barrier = FORK.Barrier(processes + 1)

    def begin(number: int) -> None:
        barrier.wait()
        work(number, *args)

    workers = [FORK.Process(target=begin, args=(number,)) for number in range(processes)]
    for worker in workers:
        worker.start()
    barrier.wait()
    started = time.perf_counter()
    for worker in workers:
        worker.join(300)
    assert [worker.exitcode for worker in workers] == [0] * processes
    return time.perf_counter() - started


def killed_at_work(work: Callable[..., None], *calls: tuple[object, ...], begun: Semaphore | None = None) -> int:
    """Let a process work with each of these arguments for a moment, kill them, and say how many were still at it.

    ``begun``: the moment begins when each of them has released it; until then they only prepare.
    """
    workers = [FORK.Process(target=work, args=arguments) for arguments in calls]
    for worker in workers:
        worker.start()
    if begun is not None:
        assert all(begun.acquire(timeout=60) for _ in calls)
    time.sleep(random.uniform(0.05, 0.3))
    alive = sum(worker.is_alive() for worker in workers)
    for worker in workers:
        worker.kill()
        worker.join()
    return alive


def killed_in_the_middle(work: Callable[..., None], *calls: tuple[object, ...], steps: int) -> None:
    """Let a process work with each of these arguments, and kill all in the middle of it.

    ``work`` gets, last, the number of steps that it has made, to count on: each process makes so many at least.
    """
    counts = [FORK.Value("i", 0) for _ in calls]
    workers = [
        FORK.Process(target=work, args=(*arguments, done)) for arguments, done in zip(calls, counts, strict=True)
    ]
    for worker in workers:
        worker.start()
    while min(done.value for done in counts) < steps:
        time.sleep(0.01)
    time.sleep(random.uniform(0, 0.1))
    assert all(worker.is_alive() for worker in workers)
    for worker in workers:
        worker.kill()
        worker.join()


class ChecksThenActs(SqlStorage):
    """The naive way with claims: look whether somebody has the key, and take it if not."""

    def save(self, change: Change) -> None:
        held = self.holders([claim.key for claim in change.claims])
        if any(held.get(claim.key, claim.lead_id) != claim.lead_id for claim in change.claims):
            raise Taken("somebody has it")
        time.sleep(0.05)  # what a busy machine does anyway; short pauses pass unseen where all wait for a core
        super().save(change.but(claims=()))
        for claim in change.claims:
            try:
                super().save(Change(claims=(claim,)))
            except Taken:
                continue
