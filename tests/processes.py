"""Processes that begin together, for races."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable

__all__ = ["FORK", "PROCESSES", "all_at_once"]

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
