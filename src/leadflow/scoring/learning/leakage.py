"""Columns that give the outcome away, by name and with the reason: what they hold was hardly known beforehand.

The name of a column does not matter, only its values, where they are missing, and what was won. What is
``certain`` can't be used to predict; the rest is suspicious, and a person who knows the process decides.

====================  ========  ====================================================================================
kind                  certain   seen by
====================  ========  ====================================================================================
tells_outcome         yes       by itself it ranks won before lost nearly perfectly (AUC ≥ 0.9)
filled_for_one        yes       it is filled, or missing, only for leads of one outcome
ranks_alone           no        by itself it ranks as well as a whole model (AUC ≥ 0.8)
outranks_all          no        by itself it ranks better than all other columns together (and AUC ≥ 0.77)
decides_both_ways     no        some values are nearly always won and others nearly never, as in a verdict
mostly_for_one        no        whether it is filled changes the odds more than tenfold
filled_in_periods     no        it is filled in some stretches of time and empty in others
latest_event          no        its values are things that happened, such as "Mail Opened", the latest in place of all
after_the_moment      no        its dates lie after the moment of the lead
identifier            no        it names single leads
====================  ========  ====================================================================================
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Final, Literal, NamedTuple, TypeAlias

from leadflow.entities.base import safe_line
from leadflow.errors import InvalidInput
from leadflow.scoring.learning.column_profile import ColumnProfile, ColumnValue, kind_of_column, outranking, tidy

__all__ = ["Leak", "find_leaks"]

LeakKind: TypeAlias = Literal[
    "tells_outcome", "filled_for_one", "ranks_alone", "outranks_all", "decides_both_ways", "mostly_for_one",
    "filled_in_periods", "latest_event", "after_the_moment", "identifier",
]  # fmt: skip

PERFECT: Final = 0.9
STRONG: Final = 0.8
PARTS: Final = 5
SAMPLE: Final = 30_000
"""The most leads that are examined, drawn by chance where there are more."""

SEEN: Final = 20
"""A value, or filled cells, of fewer leads prove nothing."""
EXPECTED: Final = 8.0
"""Nor does the absence of won leads where fewer than that were to be expected."""
DECIDES: Final = 0.9
ODDS: Final = 10.0

BLOCKS: Final = 20
FILLED: Final = 0.9
EMPTY: Final = 0.1
HAPPENED: Final = re.compile(
    r"(?:\w{3,}(?:ed|ied)|sent|won|lost|made|done|met|left|spoken|given|taken|bought|paid|read|seen|"
    r"(?:ab|an|auf|aus|ein|zu|vor|nach|mit|weg|zurück)?ge\w{3,}(?:t|en)|(?:be|ver)\w{3,}t)",
    re.IGNORECASE,
)
"""A past participle, in English or German; the words before it name what."""
EVENTS: Final = 3
EVENTS_SHARE: Final = 0.25
LATE_SHARE: Final = 0.05


class Leak(NamedTuple):
    """A column that gives the outcome away (``certain``) or may do so, and how that shows."""

    column: str
    kind: LeakKind
    certain: bool
    because: str


def find_leaks(
    columns: Mapping[str, Sequence[object]], outcomes: Sequence[bool], times: Sequence[datetime] | None = None
) -> tuple[Leak, ...]:
    """The columns that give the outcome away or may do so, certain ones first; each is named once, for its best reason.

    Columns are values by name, one per lead; ``times`` are the moments from which a lead should have been scored.
    """
    won = [bool(one) for one in outcomes]
    for name, values in columns.items():
        if len(values) != len(won):
            raise InvalidInput(name, len(values), f"a column has one value for each of the {len(won)} outcomes")
    if len(set(won)) < 2:
        return ()
    places = _places(len(won), times)
    kept = [won[place] for place in places]
    moments = None if times is None else [times[place] for place in places]
    chance = random.Random(0)  # noqa: S311  # repeatable, not secret
    parts = [chance.randrange(PARTS) for _ in places]

    def profile(values: Sequence[object]) -> ColumnProfile:
        settled = tidy(values[at] for at in places)
        return ColumnProfile(settled, kind_of_column(settled), kept, parts, moments)

    seen = {name: profile(values) for name, values in columns.items()}
    found = {name: leak for name, one in seen.items() if (leak := _leak(name, one)) is not None}
    rest = {name: one for name, one in seen.items() if name not in found and one.kind in ("text", "number")}
    found |= {name: _outranks(name, own, together) for name, own, together in outranking(rest)}
    return tuple(sorted((found[name] for name in columns if name in found), key=lambda leak: not leak.certain))


def _places(count: int, times: Sequence[datetime] | None) -> list[int]:
    """Which leads are examined, in the order of time, or of the file."""
    places = list(range(count))
    if count > SAMPLE:
        places = sorted(random.Random(0).sample(places, SAMPLE))  # noqa: S311  # repeatable, not secret
    return places if times is None else sorted(places, key=times.__getitem__)


def _leak(name: str, column: ColumnProfile) -> Leak | None:
    for kind, seen in SIGNS:
        because = seen(column)
        if because is not None:
            return Leak(name, kind, kind in CERTAIN, because)
    return None


# --- by itself ---------------------------------------------------------------------------------------------------


def _names_leads(column: ColumnProfile) -> str | None:
    if column.kind != "identifier":
        return None
    return "nearly every lead has a value of its own, so it can't predict the next one"


def _tells(column: ColumnProfile) -> str | None:
    return _ranks(column.auc, PERFECT)


def _ranks_alone(column: ColumnProfile) -> str | None:
    return _ranks(column.auc, STRONG)


def _ranks(reached: float, least: float) -> str | None:
    if reached < least:
        return None
    return f"by itself it ranks won leads before lost ones with an AUC of {reached:.2f}"


def _outranks(name: str, own: float, together: float) -> Leak:
    because = f"by itself it ranks leads better (AUC {own:.2f}) than all other columns together ({together:.2f})"
    return Leak(name, "outranks_all", certain=False, because=because)


def _decides(column: ColumnProfile) -> str | None:
    if column.kind not in ("text", "number"):
        return None
    counts, base = _counted(column), column.base
    usual = base / (1 - base)
    always = [(value, won, n) for value, (won, n) in counts.items() if n >= SEEN and _is_decided(won, n, usual)]
    never = [
        (value, won, n) for value, (won, n) in counts.items()
        if n >= SEEN and n * base >= EXPECTED and (won + 0.5) / (n - won + 0.5) <= usual / ODDS
    ]  # fmt: skip
    if not always or not never:
        return None
    first, last = max(always, key=lambda one: one[2]), max(never, key=lambda one: one[2])
    return f"{_share(*first)} were won, and only {_share(*last)}: that decides like a verdict given afterwards"


def _is_decided(won: int, count: int, usual: float) -> bool:
    return won >= DECIDES * count and won / (count - won + 0.5) >= usual * ODDS


def _share(value: ColumnValue, won: int, count: int) -> str:
    return f"{won:,} of {count:,} with {str(safe_line(str(value)))[:60]!r}"


def _counted(column: ColumnProfile) -> dict[ColumnValue, tuple[int, int]]:
    counts: dict[ColumnValue, list[int]] = defaultdict(lambda: [0, 0])
    for value, is_won in zip(column.values, column.won, strict=True):
        if value is not None:
            counts[value][0] += is_won
            counts[value][1] += 1
    return {value: (won, n) for value, (won, n) in counts.items()}


# --- by what is missing ------------------------------------------------------------------------------------------


def _filled(column: ColumnProfile) -> dict[bool, tuple[int, int]]:
    """How many were won, of how many, where there is a value and where there is none."""
    counts = {True: [0, 0], False: [0, 0]}
    for value, is_won in zip(column.values, column.won, strict=True):
        counts[value is not None][0] += is_won
        counts[value is not None][1] += 1
    return {filled: (won, n) for filled, (won, n) in counts.items()}


def _only_for_one(column: ColumnProfile) -> str | None:
    for filled, (won, n) in _filled(column).items():
        word = "is filled" if filled else "is empty"
        if n >= SEEN and won == n and n * (1 - column.base) >= EXPECTED:
            return f"it {word} for {n:,} leads, and every one of them was won"
        if n >= SEEN and won == 0 and n * column.base >= EXPECTED:
            return f"it {word} for {n:,} leads, and none of them was won"
    return None


def _mostly_for_one(column: ColumnProfile) -> str | None:
    (won, n), (won_empty, n_empty) = (_filled(column)[filled] for filled in (True, False))
    if min(n, n_empty) < SEEN or min(n, n_empty) * min(column.base, 1 - column.base) < EXPECTED:
        return None
    odds, odds_empty = (won + 0.5) / (n - won + 0.5), (won_empty + 0.5) / (n_empty - won_empty + 0.5)
    if max(odds / odds_empty, odds_empty / odds) < ODDS:
        return None
    rates = f"{won / n:.0%} were won where it is filled, {won_empty / n_empty:.0%} where it is empty"
    return f"{rates}: it seems to be filled once the outcome shows"


def _in_periods(column: ColumnProfile) -> str | None:
    size = len(column.values) // BLOCKS
    if size < SEEN or (column.times is None and _blocky([is_won or None for is_won in column.won], size)):
        return None
    if not _blocky(column.values, size):
        return None
    order = "of the file" if column.times is None else "of time"
    return f"it is filled in some stretches {order} and empty in others, so it was not known of every lead in its turn"


def _blocky(values: Sequence[object], size: int) -> bool:
    shares = [sum(value is not None for value in values[at * size :][:size]) / size for at in range(BLOCKS)]
    return sum(share >= FILLED for share in shares) >= 2 and sum(share <= EMPTY for share in shares) >= 2


# --- by its content ---------------------------------------------------------------------------------------------


def _says_what_happened(column: ColumnProfile) -> str | None:
    counts = Counter(value for value in column.values if isinstance(value, str))
    happened = [(value, n) for value, n in counts.most_common() if _is_event(value)]
    if len(happened) < EVENTS or sum(n for _, n in happened) < EVENTS_SHARE * len(column.values):
        return None
    shown = ", ".join(repr(safe_line(value[:40])) for value, _ in happened[:EVENTS])
    return f"its values are things that happened ({shown}): it holds the latest one, maybe of after the outcome"


def _is_event(value: str) -> bool:
    """Two to four words with a participle that is not the first: "Mail Opened", "Form submitted on website"."""
    words = re.findall(r"\w+", value)
    return 2 <= len(words) <= 5 and any(HAPPENED.fullmatch(word) for word in words[1:])


def _after(column: ColumnProfile) -> str | None:
    if column.times is None:
        return None
    dates = [(value, at) for value, at in zip(column.values, column.times, strict=True) if isinstance(value, date)]
    late = sum(_moment(value) > at for value, at in dates)
    if late < SEEN or late < LATE_SHARE * len(dates):
        return None
    return f"{late:,} of its {len(dates):,} dates lie after the moment of the lead"


def _moment(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)


CERTAIN: Final[frozenset[LeakKind]] = frozenset({"tells_outcome", "filled_for_one"})
SIGNS: Final[tuple[tuple[LeakKind, Callable[[ColumnProfile], str | None]], ...]] = (
    ("filled_for_one", _only_for_one),
    ("identifier", _names_leads),
    ("tells_outcome", _tells),
    ("after_the_moment", _after),
    ("ranks_alone", _ranks_alone),
    ("decides_both_ways", _decides),
    ("mostly_for_one", _mostly_for_one),
    ("filled_in_periods", _in_periods),
    ("latest_event", _says_what_happened),
)
"""What is looked for, the strongest first."""
