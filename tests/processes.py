"""Processes that begin together, for races."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable

__all__ = ["FORK", "PROCESSES", "all_at_once"]

PROCESSES = 6
FORK = multiprocessing.get_context("fork")


def all_at_once(work: Callable[..., None], *args: object) -> None:
    """Run ``work(number, *args)`` in processes that begin together."""
    barrier = FORK.Barrier(PROCESSES)

    def begin(number: int) -> None:
        barrier.wait()
        work(number, *args)

    processes = [FORK.Process(target=begin, args=(number,)) for number in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
