"""The chart of all scores: fit across, engagement up, a bubble for the leads of each cell."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final

from leadflow.insights.report.labels import counted
from leadflow.insights.report.markup import Markup, tag
from leadflow.insights.report.svg import WIDTH, picture, said
from leadflow.insights.score_distribution import CELL, Scores

__all__ = ["score_picture"]

HEIGHT: Final = 350
LEFT, TOP, RIGHT, BOTTOM = 30, 24, 6, 34
"""Space for the numbers along the axes."""
MOST_CELLS: Final = 16
TICKS: Final = 7
LARGEST, LEAST = 22.0, 2.6
"""Radius of a bubble, in units of the picture."""
_CellCounts = Mapping[tuple[int, int], Counter[str]]


@dataclass(frozen=True, slots=True)
class _Plane:
    """The range of cells, across and up, and the width of a cell in points."""

    x0: int
    x1: int
    y0: int
    y1: int
    points: int

    @classmethod
    def of(cls, cells: _CellCounts, points: int) -> _Plane:
        xs, ys = [x for x, _ in cells], [y for _, y in cells]
        return cls(min(0, *xs, 0), max(0, *xs, 0) + 1, min(0, *ys, 0), max(0, *ys, 0) + 1, points)

    @property
    def across(self) -> float:
        return (WIDTH - LEFT - RIGHT) / (self.x1 - self.x0)

    @property
    def up(self) -> float:
        return (HEIGHT - TOP - BOTTOM) / (self.y1 - self.y0)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return LEFT + (x - self.x0) * self.across, HEIGHT - BOTTOM - (y - self.y0) * self.up


def score_picture(scores: Scores) -> Markup:
    """Draw fit against engagement: a bubble per cell, its area the leads (at least a dot), its colour the grade."""
    cells, points = _cells(scores)
    plane = _Plane.of(cells, points)
    most = max((grades.total() for grades in cells.values()), default=1)
    largest = min(LARGEST, 0.7 * min(plane.across, plane.up))
    fullest_first = sorted(cells.items(), key=lambda item: (-item[1].total(), item[0]))
    shapes = (_bubble(plane, cell, grades, largest * sqrt(grades.total() / most)) for cell, grades in fullest_first)
    names = (said(0, 11, "engagement ↑", "note"), said(WIDTH, HEIGHT - 2, "fit →", "note", "end"))
    by_grade = ", ".join(f"{grade} {leads}" for grade, leads in scores.grades.items())
    description = f"{counted(sum(scores.cells.values()), 'lead')} by fit and engagement; grades: {by_grade}"
    return picture("scores", "Fit by engagement", description, HEIGHT, *_axes(plane), *shapes, *names)


def _cells(scores: Scores) -> tuple[_CellCounts, int]:
    """Return leads by cell and grade, and the width of a cell in points, chosen so that there are few cells."""
    width = max(_width(x for x, _, _ in scores.cells), _width(y for _, y, _ in scores.cells))
    times = -(-width // MOST_CELLS)
    cells: defaultdict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    for (x, y, grade), leads in scores.cells.items():
        cells[x // times, y // times][grade] += leads
    return cells, times * CELL


def _width(places: Iterable[int]) -> int:
    known = [0, *places]
    return max(known) - min(known) + 1


def _bubble(plane: _Plane, cell: tuple[int, int], grades: Counter[str], radius: float) -> Markup:
    (x, y), points = cell, plane.points
    centre = plane.at(x + 0.5, y + 0.5)
    by_grade = ", ".join(f"{leads} {grade}" for grade, leads in sorted(grades.items()))
    says = (
        f"fit {x * points} to {(x + 1) * points}, engagement {y * points} to {(y + 1) * points}: "
        f"{counted(grades.total(), 'lead')} ({by_grade})"
    )
    return tag(
        "circle",
        tag("title", says),
        cx=f"{centre[0]:.1f}",
        cy=f"{centre[1]:.1f}",
        r=f"{max(radius, LEAST):.2f}",
        class_=f"bubble {_colour_of(grades)}",
        data_value=grades.total(),
    )


def _colour_of(grades: Mapping[str, int]) -> str:
    """Return the colour of the most frequent letter: A is the strongest."""
    letters: Counter[str] = Counter()
    for grade, leads in grades.items():
        letters[grade[:1]] += leads
    letter = max(sorted(letters), key=lambda one: letters[one])
    return f"grade-{letter.lower()}" if letter in ("A", "B", "C", "D") else "grade-other"


def _axes(plane: _Plane) -> list[Markup]:
    shapes: list[Markup] = []
    for x in _ticks(plane.x0, plane.x1):
        foot, head = plane.at(x, plane.y0), plane.at(x, plane.y1)
        shapes += [_line(foot, head, x), said(foot[0], foot[1] + 15, _signed(x * plane.points), "note", "middle")]
    for y in _ticks(plane.y0, plane.y1):
        left, right = plane.at(plane.x0, y), plane.at(plane.x1, y)
        shapes += [_line(left, right, y), said(left[0] - 5, left[1] + 4, _signed(y * plane.points), "note", "end")]
    return shapes


def _ticks(first: int, last: int) -> list[int]:
    step = -(-(last - first) // TICKS)
    return [place for place in range(first, last + 1) if place % step == 0]


def _signed(number: int) -> str:
    return f"{number}".replace("-", "−")


def _line(one: tuple[float, float], other: tuple[float, float], place: int) -> Markup:
    ends = zip(("x1", "y1", "x2", "y2"), (*one, *other), strict=True)
    return tag("line", class_="grid" if place else "axis", **{name: f"{value:.1f}" for name, value in ends})
