"""Merging all pairs that are alike enough, as far as a budget goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Final, NamedTuple

from leadflow.decisions.arguments import acting, flag_of
from leadflow.decisions.commands.merges import Merge, Merged
from leadflow.decisions.merge_choices import Survivorship, progress
from leadflow.entities import ActedBy, Lead, LeadId
from leadflow.errors import InvalidInput, NotFound, Refused
from leadflow.flow.effects import Program
from leadflow.flow.runner import Runner
from leadflow.flow.twins import TwinPair, twins
from leadflow.quality import likeness

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
    """What ``merge_all`` has merged (or would merge), and what was refused; ``more``: the budget was used up.

    ``precision`` is the expected share of right merges: the mean probability of the pairs; None without any.
    """

    merged: tuple[Merged, ...] = ()
    refused: tuple[MergeRefusal, ...] = ()
    more: bool = False
    precision: float | None = None


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
    """Merge the pairs of ``twins`` that are one person with a probability of at least ``above``, at most ``limit``.

    So at least that share of the merges is right, as far as the match model's probabilities are. The two are compared
    as they are now; a pair whose verdict is not ``same`` (it rests on what anybody can type in, or names contradict) is
    left to people, and so is one with a held submission.

    The lead that is further on the journey survives, of two at the same stage the older one. Each merge is a Change of
    its own: if interrupted and run again, it does the rest. What ``merge`` refuses is reported. ``watch`` is called
    with the number so far. A dry run answers with the fields in which each pair differs, and writes nothing.
    """
    _check(above, limit, watch)
    by, dry_run = acting(by), flag_of("dry_run", dry_run)
    done = _SoFar()
    again, after = False, None
    while True:
        page = yield from twins(runner, limit=AT_ONCE, after=after)
        for pair in page:
            like = likeness(pair.one, pair.other)
            if like.verdict != "same" or like.probability < above or pair.held:
                continue
            if done.gone & {pair.one.id, pair.other.id}:
                again = True  # what it is now is compared in the next round
                continue
            if len(done.merged) == limit:
                return done.result(more=True)
            survivor, absorbed = _in_order(runner, pair)
            command = Merge(survivor, absorbed, by=by, survivorship=survivorship, dry_run=dry_run)
            try:
                done.add((yield from runner.run(command)), like.probability)
            except (Refused, NotFound) as error:
                done.refused[survivor, absorbed] = str(error)
                continue
            if watch is not None:
                watch(len(done.merged))
        after = page.next
        if after is None and not again:
            return done.result()
        if after is None:
            again, done.gone = False, set()


def _check(above: object, limit: object, watch: object) -> None:
    if not isinstance(above, int | float) or isinstance(above, bool) or not 0 < above <= 1:
        raise InvalidInput("above", above, "give a probability above 0 and up to 1, such as 0.99")
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 < limit <= MOST:
        raise InvalidInput("limit", limit, f"give 1 to {MOST:,}")
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes the number so far")


@dataclass
class _SoFar:
    merged: list[Merged] = default(default_factory=list)
    refused: dict[tuple[LeadId, LeadId], str] = default(default_factory=dict)
    gone: set[LeadId] = default(default_factory=set)
    expected: float = 0.0

    def add(self, answer: Merged, probability: float) -> None:
        if answer.repeated:
            return
        self.merged.append(answer)
        self.expected += probability
        if not answer.dry_run:
            self.gone.add(answer.absorbed_id)

    def result(self, *, more: bool = False) -> MergedAll:
        refused = tuple(MergeRefusal(*pair, why) for pair, why in self.refused.items())
        precision = self.expected / len(self.merged) if self.merged else None
        return MergedAll(tuple(self.merged), refused, more, precision)


def _in_order(runner: Runner, pair: TwinPair[Any]) -> tuple[LeadId, LeadId]:
    def rank(lead: Lead[Any]) -> tuple[int, float]:
        return progress(runner.policy, lead), -lead.created_at.timestamp()

    one, other = pair.one, pair.other
    return (other.id, one.id) if rank(other) > rank(one) else (one.id, other.id)
