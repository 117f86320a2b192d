"""Searching: pages of leads by conditions, counts, the first match."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from leadflow.conditions import Condition, all_of, always, any_of, bind, condition_from, evaluate, field, leaves
from leadflow.conditions.nodes import And, Not, Or
from leadflow.entities import Lead
from leadflow.entities.lead import unknown
from leadflow.errors import InvalidInput, StorageError
from leadflow.flow.effects import OnStorage, Program
from leadflow.flow.runner import Fields, Runner
from leadflow.ports import Searchable
from leadflow.search import LeadSearch, Order, Page, check_countable, check_findable

__all__ = ["Where", "count", "find", "first"]

T = TypeVar("T")

Where = Condition | Mapping[str, object] | str | None
"""A condition, or one as JSON; None: all leads."""
AT_ONCE: Final = 1_000
STAGE: Final = "stage"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
NEWEST: Final = "-created_at"
UNABLE: Final = (
    "the storage can't find leads (it has no find and count, see leadflow.ports.Searchable); use one that can, such as "
    "SqlStorage, query the models of your own, or iterate over flow.leads()"
)


def find(
    runner: Runner[Fields], where: Where = None, *, order: str = NEWEST, limit: int = 50, after: str | None = None
) -> Program[Page[Fields]]:
    """Return a page of the leads for which a condition is true, newest first by default.

    ``order`` is a field of ``leadflow.search.ORDERS``, with a leading ``-`` to reverse it; ``after`` is the ``next`` of
    the previous page: all pages are as of the moment of the first. Scores, grades and stages are the stored ones (as of
    ``lead.score.at``). Unreadable leads are left out and logged. Raises ``DefinitionError`` for an unsupported
    condition, ``InvalidInput`` for other values that can't be used, ``StorageError`` if the storage can't search.
    """
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 < limit <= AT_ONCE:
        raise InvalidInput("limit", limit, f"give 1 to {AT_ONCE:,}; the next page continues after it")
    search = LeadSearch.of(_findable(runner, where), Order.read(order), limit, runner.now(), after)
    return (yield from _searched(runner, lambda storage: storage.find(search)))


def first(runner: Runner[Fields], where: Where = None, *, order: str = NEWEST) -> Program[Lead[Fields] | None]:
    """Return the first lead for which a condition is true, the newest by default; None if there is none."""
    after: str | None = None
    while True:
        page = yield from find(runner, where, order=order, limit=1, after=after)
        if page.leads or page.next is None:
            return next(iter(page), None)
        after = page.next


def count(runner: Runner, where: Where = None, by: str | None = None) -> Program[int | dict[Any, int]]:
    """Count the leads for which a condition is true; with ``by``, per value of that field, most leads first.

    Leads without a value are counted under None.
    """
    bound, now = _findable(runner, where), runner.now()
    path = None if by is None else check_countable(by, runner.policy.lead_type)
    counted = yield from _searched(runner, lambda storage: storage.count(bound, now, path))
    if by is None:
        return sum(counted.values())
    if by == STAGE:
        counted = _by_present_stage(counted, runner.policy.lifecycle.present)
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0] is None, str(one[0]))))


def _findable(runner: Runner, where: Where) -> Condition:
    lead_type, present = runner.policy.lead_type, runner.policy.lifecycle.present
    condition = always() if where is None else condition_from(where)
    bound = check_findable(condition, lead_type)
    return bound if not present else check_findable(_in_any_stage(condition, lead_type, present), lead_type)


def _in_any_stage(condition: Condition, lead_type: type[Lead[Any]], present: Mapping[str, str]) -> Condition:
    """Return the condition with what it says of a stage said also of the stages that are gone and stored."""
    match condition:
        case And():
            return all_of(*(_in_any_stage(one, lead_type, present) for one in condition.all))
        case Or():
            return any_of(*(_in_any_stage(one, lead_type, present) for one in condition.any))
        case Not():
            return ~_in_any_stage(condition.of, lead_type, present)
    if STAGE not in {leaf.path for leaf in leaves(condition)}:
        return condition
    bound, lead = bind(condition, lead_type), unknown(lead_type, "any", EPOCH)
    true = [old for old, stage in present.items() if evaluate(bound, lead.but(stage=stage), EPOCH) is True]
    otherwise = condition & ~field(STAGE).is_in(*present)
    return otherwise | field(STAGE).is_in(*true) if true else otherwise


def _by_present_stage(counted: Mapping[Any, int], present: Mapping[str, str]) -> Mapping[Any, int]:
    counts: Counter[Any] = Counter()
    for stage, number in counted.items():
        counts[present.get(stage, stage)] += number
    return counts


def _searched(runner: Runner, ask: Callable[[Searchable], T]) -> Program[T]:
    if not isinstance(runner.storage, Searchable):
        raise StorageError(UNABLE)
    found: T = yield OnStorage(ask)
    return found
