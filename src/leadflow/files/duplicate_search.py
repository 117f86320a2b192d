"""The duplicates in a file: its rows as records, clusters and pairs to review as tables, and how good it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from leadflow.errors import InvalidInput
from leadflow.files.match_columns import match_columns
from leadflow.files.output_files import csv_file
from leadflow.files.row_mapping import has_value
from leadflow.files.tables import FileTable, Row, Watch, watched
from leadflow.quality.matching.duplicates import Duplicates, MatchedPair, duplicates_among
from leadflow.quality.matching.model import MatchModel

__all__ = ["Accuracy", "FileDuplicates", "duplicates_in", "record_of", "records_in", "write_clusters", "write_review"]

JOINT: Final = "; "


class Accuracy(NamedTuple):
    """How good the clusters are against a truth, in pairs."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class FileDuplicates:
    """What was found in a file. Rows are named by the line that each begins in; ``unread`` could not be used."""

    read: FileTable
    columns: Mapping[str, str]
    rows: Mapping[str, Row]
    unread: tuple[Row, ...]
    found: Duplicates
    accuracy: Accuracy | None

    @property
    def repeated(self) -> int:
        """The number of rows that a cluster has too many."""
        return sum(len(cluster) - 1 for cluster in self.found.clusters)


def duplicates_in(
    read: FileTable,
    given: Mapping[str, str],
    model: MatchModel,
    *,
    estimated: bool = False,
    organisations: bool = False,
    truth: str | None = None,
    country: str | None = None,
    limit: int | None = None,
    watch: Watch,
) -> FileDuplicates:
    """Find the duplicates in a file; ``truth`` is a column in which rows of one person or organisation are equal."""
    if truth is not None and truth not in read.columns:
        raise InvalidInput("--truth", truth, f"the file has no such column; there are: {', '.join(read.columns)[:300]}")
    columns = match_columns(read, given, aside={truth} if truth else (), organisations=organisations)
    rows, unread = records_in(read, limit=limit, watch=watch)
    records = {line: record_of(row, columns) for line, row in rows.items()}
    found = duplicates_among(records, model, estimated=estimated, default_country=country)
    accuracy = None if truth is None else _accuracy(found, {line: row.cells[truth] for line, row in rows.items()})
    return FileDuplicates(read, columns, rows, tuple(unread), found, accuracy)


def records_in(read: FileTable, *, limit: int | None = None, watch: Watch) -> tuple[dict[str, Row], list[Row]]:
    """Read the rows by the lines that they begin in, and those that can't be read apart."""
    rows: dict[str, Row] = {}
    unread: list[Row] = []
    for row in watched("rows", read, watch, limit):
        if row.problem is None:
            rows[str(row.line)] = row
        else:
            unread.append(row)
    return rows, unread


def record_of(row: Row, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the cells by what they mean; of several columns of one meaning the first value, or all contacts."""
    record: dict[str, str] = dict.fromkeys(columns.values(), "")
    for column, key in columns.items():
        cell = row.cells[column].strip()
        if not has_value(cell):
            continue
        several = record[key] and key.startswith(("email", "phone"))
        record[key] = f"{record[key]}{JOINT}{cell}" if several else record[key] or cell
    return record


def _accuracy(found: Duplicates, truth: Mapping[str, str]) -> Accuracy:
    """Compare in numbers of pairs, without listing them: a cluster of a thousand has half a million."""
    entities = {line: entity.strip() for line, entity in truth.items() if entity.strip()}
    right = said = 0
    for cluster in found.clusters:
        inside = Counter(entities[line] for line in cluster if line in entities)
        right += sum(map(_pairs, inside.values()))
        said += _pairs(sum(inside.values()))
    true = sum(map(_pairs, Counter(entities.values()).values()))
    precision, recall = right / said if said else 1.0, right / true if true else 1.0
    return Accuracy(precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0)


def _pairs(members: int) -> int:
    return members * (members - 1) // 2


def write_clusters(path: Path, result: FileDuplicates) -> None:
    """Write the rows with their cluster, those of one cluster one below the other; who is alone is a cluster too."""
    with csv_file(path, ["cluster", "line", *result.read.columns]) as writer:
        for number, cluster in enumerate(_all_clusters(result), 1):
            for line in cluster:
                writer.writerow([number, line, *_cells(result, line)])


def _all_clusters(result: FileDuplicates) -> Iterator[Sequence[str]]:
    first = {cluster[0]: cluster for cluster in result.found.clusters}
    others = {line for cluster in result.found.clusters for line in cluster[1:]}
    for line in result.rows:
        if line not in others:
            yield first.get(line, (line,))


def write_review(path: Path, result: FileDuplicates, pairs: Iterable[MatchedPair]) -> None:
    """Write pairs that a person has to decide, the two rows of each one below the other, with what speaks for it."""
    with csv_file(path, ["pair", "same?", "probability", "because", "line", *result.read.columns]) as writer:
        for number, pair in enumerate(pairs, 1):
            because = "; ".join(pair.likeness.evidence)
            for line in (pair.one, pair.other):
                probability = f"{pair.likeness.probability:.3f}"
                writer.writerow([number, "", probability, because, line, *_cells(result, line)])


def _cells(result: FileDuplicates, line: str) -> list[str]:
    cells = result.rows[line].cells
    return [cells[column] for column in result.read.columns]
