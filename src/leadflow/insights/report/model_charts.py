"""Charts of the quality of predictions: ranking, calibration, lift, thresholds, load by rep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from leadflow.insights.report.labels import counted, number, percent, share
from leadflow.insights.report.markup import Markup, tag
from leadflow.insights.report.svg import WIDTH, Bar, Part, bars, picture, said
from leadflow.scoring.comparison import RepLoad
from leadflow.scoring.evaluation import Backtest, RankingUnit
from leadflow.scoring.metrics import Bin, Cut

__all__ = ["CURVES", "calibration_picture", "cut_picture", "lift_picture", "load_picture", "roc_picture", "threshold"]

CURVES: Final = ("accent", "bad", "warn", "faint")
"""The colours of the curves; further curves are not drawn."""
MOST_POINTS: Final = 200
SHOWN: Final = 12
REACHES: Final = (0.04, 0.08, 0.2, 0.4, 0.6, 0.8, 1.0)
LEFT, TOP, SIDE = 46, 8, 360
HEIGHT: Final = TOP + SIDE + 40
TICKS: Final = 5

_Projection = Callable[[float, float], tuple[float, float]]


def threshold(value: float, unit: RankingUnit) -> str:
    """A threshold as text: a probability in percent, points unchanged."""
    return share(value) if unit == "chance" else number(value)


# ---------------------------------------------------------------------------------------------------- in a square
def roc_picture(name: str, of: Mapping[str, Backtest]) -> Markup:
    """Draw the ROC curve: the share of won leads called against the share of lost ones, for every threshold."""
    at, shapes = _square(1.0, "of the lost leads, called →", "of the won leads, called ↑")
    for (called, one), colour in reversed(list(zip(of.items(), CURVES, strict=False))):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in _thinned(one.roc)))
        shapes.append(tag("polyline", tag("title", called), points=path, class_=f"curve stroke-{colour}"))
    told = "; ".join(f"{called}: AUC {_auc(one.auc)}" for called, one in of.items())
    return picture(name, "Won and lost leads called, threshold by threshold (ROC)", told, HEIGHT, *shapes)


def calibration_picture(name: str, of: Sequence[Bin]) -> Markup:
    """Draw the calibration: predicted probability against the share won, with its interval; ideal is the diagonal."""
    reach = next(one for one in REACHES if one >= max(max(each.mean, each.rate) for each in of) or one == REACHES[-1])
    at, shapes = _square(reach, "predicted probability →", "share won ↑")
    for one in of:
        says = f"predicted {share(one.mean)}: {one.won:,} of {counted(one.leads, 'lead')} won, {share(one.rate)}"
        (x, foot), (_, head) = at(one.mean, one.at_least), at(one.mean, min(one.at_most, reach))
        shapes.append(_line((x, min(foot, TOP + SIDE)), (x, head), "whisker"))
        x, y = at(one.mean, one.rate)
        shapes.append(tag("circle", tag("title", says), cx=f"{x:.1f}", cy=f"{y:.1f}", r="5", class_="dot accent"))
    told = "; ".join(f"predicted {share(one.mean)}, won {share(one.rate)}" for one in of)
    return picture(name, "Predicted probabilities against the share won", told, HEIGHT, *shapes)


def _square(reach: float, across: str, up: str) -> tuple[_Projection, list[Markup]]:
    """Return the projection of values from 0 to ``reach``, and the axes with the diagonal."""

    def at(x: float, y: float) -> tuple[float, float]:
        return LEFT + x / reach * SIDE, TOP + SIDE - y / reach * SIDE

    shapes: list[Markup] = []
    for tick in range(TICKS):
        value = reach * tick / (TICKS - 1)
        text = f"{100 * value:.3g} %"
        (x, foot), (left, y) = at(value, 0), at(0, value)
        anchor = "middle" if tick < TICKS - 1 else "end"
        shapes += [
            _line((x, foot), (x, TOP), "grid" if tick else "axis"),
            _line((left, y), (LEFT + SIDE, y), "grid" if tick else "axis"),
            said(min(x, WIDTH), foot + 15, text, "note", anchor),
            said(LEFT - 6, y + 4, text, "note", "end"),
        ]
    shapes.append(_line(at(0, 0), at(reach, reach), "axis dashed"))
    shapes += [said(LEFT + SIDE, HEIGHT - 4, across, "note", "end"), said(LEFT + 8, TOP + 14, up, "note halo")]
    return at, shapes


def _line(one: tuple[float, float], other: tuple[float, float], class_: str) -> Markup:
    ends = zip(("x1", "y1", "x2", "y2"), (*one, *other), strict=True)
    return tag("line", class_=class_, **{name: f"{value:.1f}" for name, value in ends})


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A limited number of the points, including the first and the last."""
    if len(points) <= MOST_POINTS:
        return [*points]
    step = (len(points) - 1) / (MOST_POINTS - 1)
    return [points[round(step * place)] for place in range(MOST_POINTS)]


def _auc(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


# ------------------------------------------------------------------------------------------------------- in bars
def lift_picture(name: str, of: Backtest) -> Markup:
    """Draw the share won in each tenth, best first, with a mark at the average."""
    rows = [
        Bar(
            f"{_ordinal(one.rank)} tenth",
            (Part(one.rate, "accent", f"{number(one.won)} of {counted(one.leads, 'lead')} won"),),
            f"{percent(one.won, one.leads)} won · {one.lift:.1f} ×",
            marks=((of.base_rate, f"the average, {share(of.base_rate)}"),),
        )
        for one in of.deciles
    ]
    return bars(name, "Lift per tenth", _listing(rows), rows)


def _ordinal(rank: int) -> str:
    return f"{rank}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(rank, 'th') }"


def cut_picture(name: str, of: Backtest) -> Markup:
    """Draw how many leads are above a threshold, and how many of these were won."""
    rows = [
        Bar(
            f"from {threshold(one.threshold, of.unit)}{' points' if of.unit == 'points' else ''}",
            (
                Part(one.leads, "soft", f"{counted(one.leads, 'lead')}"),
                Part(one.won, "accent", f"{number(one.won)} won"),
            ),
            f"{percent(one.won, one.leads)} of {number(one.leads)}{_a_week(one)}",
            over=True,
        )
        for one in _spread(of.cuts)
    ]
    return bars(name, "Precision and volume per threshold", _listing(rows), rows)


def _spread(cuts: Sequence[Cut]) -> Sequence[Cut]:
    """An even selection of the thresholds, down to the last."""
    step = -(-len(cuts) // SHOWN)
    return cuts[::-1][::step][::-1]


def _a_week(cut: Cut) -> str:
    return "" if cut.per_week is None else f" · {cut.per_week:.1f} a week"


def load_picture(name: str, loads: Sequence[RepLoad]) -> Markup:
    """Draw how many leads each rep would get, with a mark at the number before."""
    largest = sorted(loads, key=lambda one: -max(one.before, one.after))[:SHOWN]
    rows = [
        Bar(
            one.rep,
            (Part(one.after, "accent", f"{one.rep}: {number(one.after)} after"),),
            f"{number(one.before)} → {number(one.after)}",
            marks=((one.before, f"{number(one.before)} before"),),
        )
        for one in largest
    ]
    return bars(name, "Leads per rep, before and after", _listing(rows), rows)


def _listing(rows: Sequence[Bar]) -> str:
    return "; ".join(f"{row.label} {row.note}" for row in rows)
