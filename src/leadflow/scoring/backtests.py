"""A model replayed over past leads: what it would have given each at its moment, and what became of the lead.

::

    history = [PastLead(lead, at=moment, won=True, activities=done), …]      # or insights.history_of(flow.storage)
    result = backtest(model, history)
    result.auc, result.log_loss, result.brier
    result.slots(per_week=40)                             # the threshold that fills exactly forty calls a week

Only what was recorded by the moment counts, also of what happened before. Points are not probabilities: how much a
total says about winning is learned from earlier leads only, and judged on the later ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, Self, TypeAlias, overload

from leadflow.entities.base import LeadId
from leadflow.entities.behaviour import Activity
from leadflow.entities.lead import Lead
from leadflow.entities.score import Account
from leadflow.errors import InvalidInput
from leadflow.events.facts import Fact
from leadflow.events.replay import replay
from leadflow.scoring.evaluation import Backtest, folds, measure
from leadflow.scoring.learning.learned_model import LearnedModel
from leadflow.scoring.model import Scorer, ScoringModel
from leadflow.scoring.platt_scaling import chance_of, line_of

__all__ = ["PastLead", "backtest"]

LEAST: Final = 10
"""With fewer earlier leads that were won, or lost, nothing is predicted of the later ones' chances."""

RankedBy: TypeAlias = Literal["total", "fit", "engagement"]


@dataclass(frozen=True, slots=True)
class PastLead:
    """A lead with a known outcome, as it was known ``at`` the moment of scoring, and what it did.

    ``lead`` is a ``Lead``, or any object or mapping that the rules can read. Activities may be all that there are;
    those that had not happened, or were not recorded by then, don't count (``known``). ``account`` is what rules on the
    account read, as it was known then.
    """

    lead: Any
    at: datetime
    won: bool
    activities: Sequence[Activity] = ()
    account: Account | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise InvalidInput("at", self.at, "give an aware datetime, for example with tzinfo=UTC")
        if isinstance(self.lead, Lead) and self.lead.recorded_at > self.at:
            remedy = (
                f"lead {self.lead.id!r} has what was recorded later, at {self.lead.recorded_at:%Y-%m-%d %H:%M:%S}; "
                "give it as it was known by then, or its facts: PastLead.of_facts(…)"
            )
            raise InvalidInput("at", self.at, remedy)

    @classmethod
    def of_facts(
        cls,
        facts: Iterable[Fact],
        *,
        at: datetime,
        won: bool,
        activities: Sequence[Activity] = (),
        account: Account | None = None,
        lead_type: type[Lead[Any]] = Lead,
        facts_of: Callable[[LeadId], Iterable[Fact]] | None = None,
    ) -> Self:
        """The past lead that results from these facts, oldest first, replayed up to the moment.

        ``facts_of=storage.facts`` is for leads that have absorbed others by a merge.
        """
        lead = replay(facts, lead_type, recorded_by=at, facts_of=facts_of)
        if lead is None:
            raise InvalidInput("at", at, "nothing was recorded of this lead by then; give a later moment")
        return cls(lead, at, won, activities, account)

    @property
    def known(self) -> list[Activity]:
        """What the lead had done by the moment, as far as that was recorded by then."""
        return [one for one in self.activities if one.happened_at <= self.at and one.recorded_at <= self.at]


@overload
def backtest(
    model: ScoringModel | LearnedModel,
    history: Iterable[PastLead],
    *,
    since: datetime | None = None,
    by: RankedBy = "total",
) -> Backtest: ...


@overload
def backtest(model: Iterable[float], history: Iterable[bool], times: Iterable[datetime] | None = None) -> Backtest: ...


def backtest(
    model: Any,
    history: Iterable[Any],
    times: Iterable[datetime] | None = None,
    *,
    since: datetime | None = None,
    by: RankedBy = "total",
) -> Backtest:
    """How good a model would have been on past leads, or how good predictions were (``measure``).

    A ``ScoringModel`` ranks all leads ``by`` its points. What chance they stand for is learned from earlier leads only,
    each part of the later ones from all before it; so log loss, Brier and calibration are those of the later leads.
    (Where all have one moment, each part is judged by the others.) A ``LearnedModel`` gives chances itself, and is
    judged on leads from after the time that it was learned from. With ``since``, leads from that moment on are judged,
    and earlier ones only learned from.
    """
    if isinstance(model, LearnedModel):
        return _of_learned(model, history, since)
    if isinstance(model, ScoringModel):
        return _of_points(model, history, since, by)
    return measure(model, history, times)


class _Prediction(NamedTuple):
    """What the model gave a lead, and what became of it."""

    at: datetime
    number: float
    won: bool


def _of_learned(model: LearnedModel, history: Iterable[PastLead], since: datetime | None) -> Backtest:
    def is_new(past: PastLead) -> bool:
        if since is not None:
            return past.at >= since
        return model.until is None or past.at > model.until

    new = (one for one in history if is_new(one))
    predict = model.bind().predict
    predicted = [_Prediction(one.at, model.chance(predict(one.lead, one.at).points), one.won) for one in new]
    if not predicted:
        learned_from = "" if since or not model.until else f"; it was learned from leads up to {model.until:%Y-%m-%d}"
        raise InvalidInput("history", 0, f"no lead is left to judge{learned_from}; give later leads")
    return measure([one.number for one in predicted], [one.won for one in predicted], [one.at for one in predicted])


def _of_points(model: ScoringModel, history: Iterable[PastLead], since: datetime | None, by: RankedBy) -> Backtest:
    scorers: dict[type, Scorer] = {}
    predicted = []
    for one in history:
        kind = type(one.lead)
        scorer = scorers.get(kind) or scorers.setdefault(kind, model.bind(kind))
        score = scorer.score(one.lead, one.known, one.at, account=one.account)
        predicted.append(_Prediction(one.at, getattr(score, by), one.won))
    chances: list[float | None] = [None] * len(predicted)
    for earlier, later in _parts(predicted, since):
        totals, won = [predicted[place].number for place in earlier], [predicted[place].won for place in earlier]
        if min(sum(won), len(won) - sum(won)) >= LEAST:
            line = line_of(totals, won)
            for place in later:
                chances[place] = chance_of(predicted[place].number, *line)
    places = [place for place, one in enumerate(predicted) if since is None or one.at >= since]
    if not places:
        raise InvalidInput("history", len(predicted), "no lead is left to judge; give leads from then on, too")
    picked = [predicted[place] for place in places]
    return measure(
        [one.number for one in picked],
        [one.won for one in picked],
        [one.at for one in picked],
        chances=[chances[place] for place in places],
    )


def _parts(predicted: Sequence[_Prediction], since: datetime | None) -> Iterator[tuple[list[int], list[int]]]:
    if since is None:
        times = [one.at for one in predicted]
        return folds([one.won for one in predicted], times if len(set(times)) > 1 else None)
    earlier, later = (
        [place for place, one in enumerate(predicted) if (one.at >= since) is late] for late in (False, True)
    )
    return iter([(earlier, later)] if earlier and later else [])
