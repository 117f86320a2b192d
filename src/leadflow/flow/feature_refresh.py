"""Refreshing features and accounts: for leads stored without them, or with those of an older algorithm."""

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
    """Compute the features of all leads that lack them, store leads under their present account; return their number.

    Run it once after an update of leadflow if the changelog says so, or if ``doctor`` does. Captures are correct
    without features, only slower: a lead without them is read when it is compared. A lead under a former account is not
    found by the present one. It goes through the leads while others continue to work, and
    calls ``watch`` with the number so far: if interrupted and run again, it does the rest.
    """
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes the number so far")
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
