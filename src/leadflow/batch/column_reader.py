"""Reading the columns of a table, in one process or several."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import current_process, get_context
from typing import Any, Final, Self

from leadflow.batch.column_values import value_rows
from leadflow.errors import InvalidInput

__all__ = ["MOST_WORKERS", "VALUES_AT_ONCE", "ColumnReader"]

MOST_WORKERS: Final = 61
"""Windows can't wait for more processes at once."""
VALUES_AT_ONCE: Final = 5_000
_FEW: Final = 4
"""So many portions are read sooner than processes start."""


class ColumnReader:
    """Reads values of columns, in so many processes; they start with the first columns that have many.

    A daemonic process, such as a worker of a queue, may not start others: there all are read in this one.
    """

    def __init__(self, workers: int = 1) -> None:
        self._workers = 1 if current_process().daemon else workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def rows(
        self, part: str, keys: Sequence[str], country: str | None, portions: Iterator[Sequence[Any]]
    ) -> Iterator[bytes]:
        """Return what ``value_rows`` gives for each portion of values, in their order."""
        few = [*islice(portions, _FEW)] if self._workers > 1 else []
        if len(few) < _FEW:
            yield from (value_rows(part, keys, country, some) for some in chain(few, portions))
        else:
            yield from self._from_processes(part, keys, country, chain(few, portions))

    def _from_processes(
        self, part: str, keys: Sequence[str], country: str | None, portions: Iterable[Sequence[Any]]
    ) -> Iterator[bytes]:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._workers, get_context("spawn"))
        waiting = deque[Future[bytes]]()
        try:
            for some in portions:
                waiting.append(self._pool.submit(value_rows, part, keys, country, some))
                if len(waiting) > 2 * self._workers:  # no more than that is in memory
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as broken:
            raise InvalidInput(
                "workers",
                self._workers,
                "a process did not start, or was stopped; keep what the script does under "
                "if __name__ == '__main__':, or give workers=1",
            ) from broken
