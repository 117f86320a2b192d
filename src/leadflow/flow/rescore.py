"""Rescoring what is stored, page by page, while others continue to work."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias, cast

from leadflow.decisions.arguments import flag_of
from leadflow.decisions.reads import Asking, leads_with
from leadflow.decisions.rescore import ScoreChange, is_stale, rescored
from leadflow.entities import Lead, LeadId
from leadflow.errors import Collision, InvalidInput, StorageError, TooNew, Unreadable
from leadflow.flow.effects import Program, on_storage
from leadflow.flow.runner import Runner
from leadflow.flow.search import Where, count, find

__all__ = ["Rescored", "rescore"]

_log = logging.getLogger("leadflow")

AT_ONCE: Final = 200
COUNTED: Final = 10_000
NO_RULES: Final = "give LeadFlow a scoring model: LeadFlow(…, scoring=ScoringModel(…))"

_Refusal: TypeAlias = tuple[LeadId, str]


@dataclass(frozen=True)
class Rescored:
    """What a rescore did, or would do: how many leads were evaluated, and which of them ``changes``, with the reasons.

    ``current`` leads were left alone: their score is of the current model. ``refused`` are leads that can't be read or
    scored, each with the reason; they stay as they are. ``str()`` of a change is for people.
    """

    leads: int = 0
    current: int = 0
    changes: tuple[ScoreChange, ...] = ()
    refused: tuple[_Refusal, ...] = ()

    @property
    def moves(self) -> tuple[ScoreChange, ...]:
        """The changes of leads that leave their stage."""
        return tuple(one for one in self.changes if one.moves)


class _Page(NamedTuple):
    """Leads to look at, those among them that can't be read, and where to continue (None: this is the end)."""

    leads: Sequence[Lead[Any]] = ()
    refused: tuple[_Refusal, ...] = ()
    after: str | None = None


def rescore(
    runner: Runner,
    where: Where = None,
    *,
    dry_run: bool = False,
    stale_only: bool = True,
    watch: Callable[[int, int], object] | None = None,
) -> Program[Rescored]:
    """Evaluate stored leads by the current rules: score, moves of the policy, plans to cool, enrolments, routing.

    After a change of the scoring model, with a new ``version``: all leads (for which ``where`` is true) whose score is
    of another model or version. After a change of other rules: ``stale_only=False``. ``dry_run`` writes nothing, and
    returns what would change and why. ``watch`` is called with how many leads were looked at, and of how many. Others
    may continue to work. Interrupted, run it again: it does the rest.
    """
    if runner.policy.scoring is None and runner.policy.qualification is None:
        raise InvalidInput("scoring", None, NO_RULES)
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes how many were looked at, and of how many")
    dry_run, stale_only = flag_of("dry_run", dry_run), flag_of("stale_only", stale_only)
    rescoring = _Rescoring(runner, dry_run=dry_run, stale_only=stale_only and runner.policy.scoring is not None)
    total = yield from _total(runner, where)
    done, seen, page = Rescored(), 0, _Page()
    changes: list[ScoreChange] = []
    refused: list[_Refusal] = []
    while True:
        page = yield from (_all(page.after) if where is None else _found(runner, where, page.after))
        leads = [lead for lead in page.leads if rescoring.concerns(lead)]
        told, wrong = yield from rescoring.carried_out(leads)
        changes += told
        refused += (*page.refused, *wrong)
        done = replace(done, leads=done.leads + len(leads), current=done.current + len(page.leads) - len(leads))
        seen += len(page.leads) + len(page.refused)
        if watch is not None and (page.leads or page.refused):
            watch(seen, max(seen, total))
        if page.after is None:
            return replace(done, changes=tuple(changes), refused=tuple(refused))


# ------------------------------------------------------------------------------------------------------------ the leads
def _total(runner: Runner, where: Where) -> Program[int]:
    if where is not None:
        return cast("int", (yield from count(runner, where)))
    total, after = 0, None
    while ids := (yield from _ids(after, COUNTED)):
        total, after = total + len(ids), ids[-1]
    return total


def _ids(after: LeadId | None, limit: int) -> Program[list[LeadId]]:
    return (yield from on_storage(lambda storage: storage.lead_ids(after, limit)))


def _found(runner: Runner, where: Where, after: str | None) -> Program[_Page]:
    page = yield from find(runner, where, order="id", limit=AT_ONCE, after=after)
    return _Page(page.leads, after=page.next)


def _all(after: LeadId | None) -> Program[_Page]:
    ids = yield from _ids(after, AT_ONCE)
    leads, refused = yield from _read(ids)
    return _Page(leads, refused, ids[-1] if ids else None)


def _read(ids: Collection[LeadId]) -> Asking[tuple[list[Lead[Any]], tuple[_Refusal, ...]]]:
    """Read leads in this order; those that were erased or absorbed meanwhile are left out."""
    refused: tuple[_Refusal, ...] = ()
    try:
        found = yield from leads_with(ids)
    except Unreadable as error:
        found = dict(error.leads)
        refused = tuple((one, str(error.wrong[one])) for one in ids if one in error.wrong)
    return [found[one] for one in ids if one in found and found[one].id == one], refused


# ----------------------------------------------------------------------------------------------------------- the change
@dataclass(frozen=True)
class _Rescoring:
    """Evaluates leads, as many as possible in one Change."""

    runner: Runner
    dry_run: bool
    stale_only: bool

    def concerns(self, lead: Lead[Any]) -> bool:
        return not self.stale_only or is_stale(self.runner.policy, lead)

    def carried_out(self, leads: Sequence[Lead[Any]]) -> Program[tuple[Sequence[ScoreChange], Sequence[_Refusal]]]:
        """Decide and save; what fails together is halved, and a lead that collides alone is read again."""
        if not leads:
            return (), ()
        try:
            return (yield from self._together(leads)), ()
        except Collision:
            if not self.runner.lasting:
                raise
            if len(leads) == 1:
                return (yield from self.runner.until_saved(partial(self._again, leads[0].id)))
        except Exception as error:
            why = _refusal(error)
            if why is None:
                raise
            if len(leads) == 1:
                _log.warning("lead %s can't be scored: %s", leads[0].id, why)
                return (), ((leads[0].id, why),)
        half = len(leads) // 2
        some = yield from self.carried_out(leads[:half])
        others = yield from self.carried_out(leads[half:])
        return (*some[0], *others[0]), (*some[1], *others[1])

    def _together(self, leads: Sequence[Lead[Any]]) -> Program[Sequence[ScoreChange]]:
        decided = yield from self.runner.asked(rescored(self.runner.policy, leads, self.runner.now()))
        if not self.dry_run:
            yield from self.runner.save(decided.change)
        return decided.result

    def _again(self, lead_id: LeadId) -> Program[tuple[Sequence[ScoreChange], Sequence[_Refusal]]]:
        leads, refused = yield from _read([lead_id])
        return (yield from self._together([lead for lead in leads if self.concerns(lead)])), refused


def _refusal(error: Exception) -> str | None:
    """Return why a lead can't be scored, without what is stored of it; None if that is not the lead's fault."""
    if isinstance(error, TooNew | Unreadable):
        return str(error)
    return None if isinstance(error, StorageError) else type(error).__name__  # the host's own fields may raise anything
