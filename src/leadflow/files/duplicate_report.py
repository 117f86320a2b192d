"""The report on the duplicates in a file: what was found, and pairs with their rows side by side and a waterfall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from leadflow.files.duplicate_search import FileDuplicates
from leadflow.insights.report.markup import Markup, joined, tag
from leadflow.insights.report.page_frame import ReportSection, beside, framed, nothing
from leadflow.insights.report.tables import table
from leadflow.quality.matching.duplicates import MatchedPair
from leadflow.quality.matching.waterfall import waterfall_svg

__all__ = ["duplicate_report"]

SHOWN: Final = 50
LONGEST: Final = 120


def duplicate_report(result: FileDuplicates) -> str:
    """Return one HTML page that loads nothing: figures, columns, pairs to decide, and the weakest that were joined."""
    found = result.found
    figures = [
        (f"{len(result.rows):,}", "rows"),
        (f"{len(found.clusters):,}", "clusters"),
        (f"{result.repeated:,}", "rows too many"),
        (f"{len(found.unsure):,}", "pairs to decide"),
    ]
    if result.accuracy is not None:
        figures += [(f"{value:.4f}", name) for name, value in result.accuracy._asdict().items()]
    return framed(
        list(_sections(result)), kicker="Duplicates", title=result.read.path.name, when="", figures=figures,
        made_from=result.read.path.name,
    )  # fmt: skip


def _sections(result: FileDuplicates) -> Iterator[ReportSection]:
    compared = table("What each column was compared as", ("column", "compared as"), list(result.columns.items()))
    yield "columns", "What was compared", compared
    yield "unsure", "Pairs to decide", _pairs(result, result.found.unsure, "There are none.")
    ids = {id for cluster in result.found.clusters for id in cluster}
    undecided = set(result.found.unsure)
    joined_ones = [one for one in result.found.pairs if one.one in ids and one.other in ids and one not in undecided]
    weakest = sorted(joined_ones, key=lambda pair: (pair.likeness.probability, pair.one, pair.other))
    yield "joined", "The weakest pairs that were joined", _pairs(result, weakest, "None was joined.")


def _pairs(result: FileDuplicates, pairs: Sequence[MatchedPair], none: str) -> Markup:
    if not pairs:
        return nothing(none)
    shown = joined(_pair(result, pair) for pair in pairs[:SHOWN])
    more = tag("p", f"{len(pairs) - SHOWN:,} more are not shown.") if len(pairs) > SHOWN else Markup()
    return joined((shown, more))


def _pair(result: FileDuplicates, pair: MatchedPair) -> Markup:
    one, other = result.rows[pair.one].cells, result.rows[pair.other].cells
    rows = [(column, _short(one[column]), _short(other[column])) for column in _filled(result, one, other)]
    return beside(
        Markup(waterfall_svg(pair.likeness)),  # escapes what it shows, which are no values
        table(f"Lines {pair.one} and {pair.other}", ("column", f"line {pair.one}", f"line {pair.other}"), rows),
    )


def _filled(result: FileDuplicates, *rows: Mapping[str, str]) -> Iterable[str]:
    return [column for column in result.read.columns if any(row[column].strip() for row in rows)]


def _short(cell: str) -> str:
    return cell if len(cell) <= LONGEST else f"{cell[:LONGEST]}…"
