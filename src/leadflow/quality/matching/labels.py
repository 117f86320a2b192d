"""Labels: the pairs about which a person's word says most, and the weights that follow from such words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log, sqrt
from typing import Final, NamedTuple, TypeAlias

from leadflow.errors import InvalidInput
from leadflow.quality.matching.default_model import MATCH_MODEL
from leadflow.quality.matching.duplicates import PythonSearch
from leadflow.quality.matching.estimation import estimate
from leadflow.quality.matching.features import Features
from leadflow.quality.matching.likeness import LevelPattern, Matcher
from leadflow.quality.matching.model import FieldComparison, MatchModel, SubjectModel

__all__ = ["LabelSession", "LabelledPair", "informative_pairs", "labelled_model"]

TRUST: Final = 3.0
"""By so many bits a weight may be off before labels are: the standard deviation of what was set or estimated."""
STEPS: Final = 400
MOST_BITS: Final = 20.0
SURPRISE: Final = 0.01
"""How worthwhile it is to ask about what seems certain."""


class LabelledPair(NamedTuple):
    """Two records, and whether a person said that they are the same."""

    one: Features
    other: Features
    same: bool


def informative_pairs(
    features: Sequence[Features],
    candidates: Iterable[tuple[int, int]],
    model: MatchModel,
    labelled: Iterable[tuple[int, int]] = (),
    *,
    count: int = 8,
) -> list[tuple[int, int]]:
    """Return the pairs to ask about next: uncertain ones, whose pattern many others share, of different patterns.

    The answer about one tells of all with its pattern, the less the more of them are labelled already.
    """
    matcher = Matcher(model)
    known = {*labelled}
    asked = Counter(_kind(matcher, features, pair) for pair in known)
    groups: dict[tuple[bool, LevelPattern], list[tuple[int, int]]] = {}
    for one, other in candidates:
        if bool(features[one].organisation) == bool(features[other].organisation) and (one, other) not in known:
            groups.setdefault(_kind(matcher, features, (one, other)), []).append((one, other))

    def worth(kind: tuple[bool, LevelPattern]) -> float:
        probability = matcher.weighed(kind[1], organisations=kind[0]).probability
        return sqrt(len(groups[kind])) * (probability * (1 - probability) + SURPRISE) / (1 + asked[kind])

    best = sorted(groups, key=lambda kind: (-worth(kind), groups[kind][0]))[:count]
    return [groups[kind][len(groups[kind]) // 2] for kind in best]


def _kind(matcher: Matcher, features: Sequence[Features], pair: tuple[int, int]) -> tuple[bool, LevelPattern]:
    one, other = features[pair[0]], features[pair[1]]
    return bool(one.organisation), matcher.pattern(one, other)


def labelled_model(model: MatchModel, labels: Iterable[LabelledPair]) -> MatchModel:
    """Return the model with the weights that the labels suggest: as near to those given as these allow.

    That is logistic regression on the levels, drawn towards the weights of the model; pairs of a person and an
    organisation say nothing.
    """
    matcher, all_labels = Matcher(model), [*labels]
    for organisations, name in ((False, "persons"), (True, "organisations")):
        subject: SubjectModel = getattr(model, name)
        said = Counter(
            (matcher.pattern(one, other), same)
            for one, other, same in all_labels
            if bool(one.organisation) == bool(other.organisation) == organisations
        )
        if said:
            model = model.but(**{name: _fit(subject, said)})
    return model


class LabelSession:
    """Asking a person about the pairs that say most, a few at a time: each answer changes what is asked next."""

    def __init__(self, features: Sequence[Features], model: MatchModel = MATCH_MODEL) -> None:
        self._features = features
        self._candidates = [*PythonSearch(features, len(features), False).candidates(model, 1)]
        pairs = ((features[one], features[other]) for one, other in self._candidates)
        self._start = estimate(features, pairs, model).model
        self._answers: dict[tuple[int, int], bool | None] = {}
        self.model = self._start
        """The model with what is known up to now."""

    @property
    def labelled(self) -> int:
        """The number of pairs that were answered with yes or no."""
        return sum(answer is not None for answer in self._answers.values())

    def questions(self, count: int = 8) -> list[tuple[int, int]]:
        """Return the pairs to ask about next; none if there is nothing left to ask."""
        return informative_pairs(self._features, self._candidates, self.model, self._answers, count=count)

    def answer(self, answers: Mapping[tuple[int, int], bool | None]) -> None:
        """Take answers: same, not the same, or unknown (None), which is not asked again.

        ``InvalidInput``, and none of them taken, for a pair that is no two of the records, and for another answer.
        """
        for pair, said in answers.items():
            if not self._is_pair(pair):
                raise InvalidInput("answers", pair, f"give two different places below {len(self._features)}")
            if said not in (True, False, None):
                raise InvalidInput("answers", said, f"the answer about {pair} must be True, False or None")
        self._answers.update(answers)
        self.model = labelled_model(
            self._start,
            [
                LabelledPair(self._features[one], self._features[other], same)
                for (one, other), same in self._answers.items()
                if same is not None
            ],
        )

    def _is_pair(self, pair: object) -> bool:
        places = range(len(self._features))
        return isinstance(pair, tuple) and len({*pair}) == len(pair) == 2 and all(one in places for one in pair)


LevelKey: TypeAlias = tuple[int, str]
PRIOR: Final[LevelKey] = (-1, "")


def _fit(subject: SubjectModel, said: Mapping[tuple[LevelPattern, bool], int]) -> SubjectModel:
    start = {(place, level.level): level.bits for place, one in enumerate(subject.comparisons) for level in one.levels}
    start[PRIOR] = subject.prior
    rows = [(_keys(pattern, start), same, count) for (pattern, same), count in said.items()]
    # Nesterov's descent, with a step that can't overshoot: a row's curvature is at most a quarter per key
    steepest = 1 / TRUST**2 + log(2) ** 2 / 4 * sum(len(keys) * count for keys, _, count in rows)
    weights, ahead = dict(start), dict(start)
    for step in range(STEPS):
        slope = _slope(ahead, start, rows)
        moved = {key: ahead[key] + slope[key] / steepest for key in ahead}
        ahead = {key: moved[key] + step / (step + 3) * (moved[key] - weights[key]) for key in moved}
        weights = moved
    return SubjectModel(
        comparisons=[_with(one, place, weights) for place, one in enumerate(subject.comparisons)],
        prior=round(weights[PRIOR], 2),
        caps=subject.caps,
    )


def _slope(
    weights: Mapping[LevelKey, float], start: Mapping[LevelKey, float], rows: Iterable[tuple[list[LevelKey], bool, int]]
) -> dict[LevelKey, float]:
    slope = {key: (start[key] - weights[key]) / TRUST**2 for key in weights}
    for keys, same, count in rows:
        odds = 2.0 ** max(-99.0, min(99.0, sum(weights[key] for key in keys)))
        for key in keys:
            slope[key] += (same - odds / (1 + odds)) * log(2) * count
    return slope


def _keys(pattern: LevelPattern, known: Mapping[LevelKey, float]) -> list[LevelKey]:
    levels = [(place, level) for place, level in enumerate(pattern) if level is not None]
    return [PRIOR, *(key for key in levels if key in known)]


def _with(comparison: FieldComparison, place: int, weights: Mapping[LevelKey, float]) -> FieldComparison:
    levels = [
        level.but(bits=round(max(-MOST_BITS, min(MOST_BITS, weights[place, level.level])), 2))
        for level in comparison.levels
    ]
    return FieldComparison(comparison.by, comparison.group, levels)
