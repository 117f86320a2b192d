"""Merging all pairs that are alike enough, as far as a budget goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from leadflow.decisions.arguments import acting, flag_of
from leadflow.decisions.commands.merges import Merge, Merged
from leadflow.decisions.merge_choices import Survivorship, progress
from leadflow.entities import ActedBy, Lead, LeadId
from leadflow.errors import InvalidInput, NotFound, Refused
from leadflow.flow.effects import Program
from leadflow.flow.runner import Runner
from leadflow.flow.twins import TwinPair, twins

__all__ = ["MergeRefusal", "MergedAll", "merge_all"]

AT_ONCE: Final = 100
MOST: Final = 1_000_000
BY_DEFAULT: Final = Survivorship()


class MergeRefusal(NamedTuple):
    """A pair that was not merged, and why."""

    survivor: LeadId
    absorbed: LeadId
    why: str


@dataclass(frozen=True)
class MergedAll:
    """What ``merge_all`` has merged (or would merge), and what was refused; ``more``: the budget was used up."""

    merged: tuple[Merged, ...] = ()
    refused: tuple[MergeRefusal, ...] = ()
    more: bool = False


def merge_all(
    runner: Runner,
    *,
    above: float,
    by: ActedBy,
    survivorship: Survivorship = BY_DEFAULT,
    limit: int = 1_000,
    dry_run: bool = False,
    watch: Callable[[int], object] | None = None,
) -> Program[MergedAll]:
    """Merge the pairs of ``twins`` whose likeness is at least ``above``, at most ``limit`` of them.

    The lead that is further on the journey survives, of two at the same stage the older one. Each merge is a Change of
    its own: if interrupted and run again, it does the rest. Pairs with a held submission are left to people, and what
    ``merge`` refuses is reported. ``watch`` is called with the number so far. A dry run answers with the fields in
    which each pair differs, and writes nothing.
    """
    if not isinstance(above, int | float) or isinstance(above, bool) or not 0 < above <= 1:
        raise InvalidInput("above", above, "give a likeness above 0 and up to 1, such as 0.99")
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 < limit <= MOST:
        raise InvalidInput("limit", limit, f"give 1 to {MOST:,}")
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes the number so far")
    by, dry_run = acting(by), flag_of("dry_run", dry_run)
    merged: list[Merged] = []
    refused: list[MergeRefusal] = []
    after: str | None = None
    while True:
        page = yield from twins(runner, limit=AT_ONCE, after=after)
        for pair in page:
            if pair.likeness < above or pair.held:
                continue
            if len(merged) == limit:
                return MergedAll(tuple(merged), tuple(refused), more=True)
            survivor, absorbed = _in_order(runner, pair)
            command = Merge(survivor, absorbed, by=by, survivorship=survivorship, dry_run=dry_run)
            try:
                answer = yield from runner.run(command)
            except (Refused, NotFound) as error:
                refused.append(MergeRefusal(survivor, absorbed, str(error)))
                continue
            merged += [] if answer.repeated else [answer]
            if watch is not None:
                watch(len(merged))
        if page.next is None:
            return MergedAll(tuple(merged), tuple(refused))
        after = page.next


def _in_order(runner: Runner, pair: TwinPair[Any]) -> tuple[LeadId, LeadId]:
    def rank(lead: Lead[Any]) -> tuple[int, float]:
        return progress(runner.policy, lead), -lead.created_at.timestamp()

    one, other = pair.one, pair.other
    return (other.id, one.id) if rank(other) > rank(one) else (one.id, other.id)
