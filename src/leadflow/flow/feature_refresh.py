"""Features for what is stored: of leads that were written before there were any, or with another algorithm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from leadflow.decisions.feature_refresh import refreshed
from leadflow.entities import LeadId
from leadflow.errors import InvalidInput
from leadflow.flow.effects import Program, on_storage, save
from leadflow.flow.runner import Runner

__all__ = ["refresh_features"]

AT_ONCE: Final = 200


def refresh_features(runner: Runner, *, watch: Callable[[int], object] | None = None) -> Program[int]:
    """Make the features of all leads that lack them, and return how many that were: 0 if all is well.

    Run it once after an update of leadflow whose changelog says so; captures are right without it, only slower: a lead
    without features is read when it is compared. It walks through the leads, while others go on working, and tells
    ``watch`` how many it has made: interrupted, or run again, it makes what is left.
    """
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes how many are made by now")
    made, after = 0, None
    while ids := (yield from _ids(after)):
        new = yield from runner.until_saved(partial(_refreshed, runner, ids))
        made, after = made + new, ids[-1]
        if new and watch is not None:
            watch(made)
    return made


def _ids(after: LeadId | None) -> Program[list[LeadId]]:
    return (yield from on_storage(lambda storage: storage.lead_ids(after, AT_ONCE)))


def _refreshed(runner: Runner, ids: Sequence[LeadId]) -> Program[int]:
    change = yield from runner.asked(refreshed(ids))
    if not change.is_empty:
        yield from save(change)
    return len(change.leads)
