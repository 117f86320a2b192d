"""``leadflow dedupe``: the duplicates in any table, with what a person has to decide."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from leadflow.cli.exit_codes import ALL_FINE, SOME_REFUSED
from leadflow.cli.options import ComparedColumns, Config, HomeCountry, Organisations, Output, Report, mapped_columns
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.files.config import read_config
from leadflow.files.duplicate_report import duplicate_report
from leadflow.files.duplicate_search import FileDuplicates, duplicates_in, write_clusters, write_review
from leadflow.files.output_files import check_outputs, write_text
from leadflow.insights.report.labels import counted
from leadflow.quality.matching.default_model import MATCH_MODEL
from leadflow.quality.matching.model import MatchModel

__all__ = ["dedupe"]

SHOWN = 5


def dedupe(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table: CSV, Excel or JSON lines.")],
    output: Output,
    config: Config = None,
    columns: ComparedColumns = None,
    organisations: Organisations = False,
    country: HomeCountry = None,
    truth: Annotated[
        str | None,
        typer.Option("--truth", metavar="COLUMN", help="Rows of one person are equal here: say how good it is."),
    ] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate/--preset", help="Fit the weights to these rows first, without labels.")
    ] = True,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="MODEL.json", help="Compare by this model, as --save-model wrote it."),
    ] = None,
    save_model: Annotated[
        Path | None, typer.Option("--save-model", metavar="MODEL.json", help="Write the model that was compared by.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="OUT.csv", help="Write all rows, each with its cluster.")
    ] = None,
    review: Annotated[
        Path | None, typer.Option("--review", metavar="PAIRS.csv", help="Write the pairs that a person has to decide.")
    ] = None,
    report: Report = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Read only so many rows.")] = None,
) -> None:
    """Find the rows that are one person or one organisation. Columns that identify nobody are ignored."""
    outputs = {"--out": out, "--review": review, "--report": report, "--save-model": save_model}
    check_outputs(outputs, (file, config, model))
    settings = read_config(config)
    chosen = MATCH_MODEL if model is None else _read_model(model)
    with output.progress() as watch:
        result = duplicates_in(
            settings.table(file), mapped_columns(columns), chosen, estimated=estimate and model is None,
            organisations=organisations, truth=truth, country=country or settings.country, limit=limit, watch=watch,
        )  # fmt: skip
    if out is not None:
        write_clusters(out, result)
    if review is not None:
        write_review(review, result, result.found.unsure)
    if report is not None:
        write_text(report, duplicate_report(result))
    write_text(save_model, result.found.model.model_dump_json(indent=2))
    output.show(lambda: _as_json(result), _lines(result, review))
    raise typer.Exit(SOME_REFUSED if result.unread else ALL_FINE)


def _read_model(path: Path) -> MatchModel:
    try:
        return MatchModel.model_validate_json(path.read_bytes())
    except (OSError, DefinitionError, ValidationError) as wrong:
        raise InvalidInput("--model", str(path), f"it is no match model ({wrong})") from None


def _lines(result: FileDuplicates, review: Path | None) -> Iterator[str]:
    found = result.found
    yield from result.read.notes
    yield f"compared: {', '.join(f'{column} = {key}' for column, key in result.columns.items())}"
    ignored = [column for column in result.read.columns if column not in result.columns]
    if ignored:
        yield f"not compared: {', '.join(ignored)}"
    if found.refused:
        yield f"preset weights, since they can't be estimated: {found.refused}"
    yield f"{counted(len(result.rows), 'row')}, {counted(found.compared, 'pair')} compared"
    rows = counted(result.repeated, "row")
    yield f"{counted(len(found.clusters), 'cluster')} with {rows} too many" if found.clusters else "no duplicates"
    hint = "" if review else "; --review PAIRS.csv writes all"
    yield f"{counted(len(found.unsure), 'pair')} to decide{hint}"
    for pair in found.unsure[:SHOWN]:
        because = "; ".join(pair.likeness.evidence)
        yield f"  lines {pair.one} and {pair.other}, {pair.likeness.probability:.0%}: {because}"
    if found.uncompared:
        yield f"{found.uncompared:,} groups with something in common were too large to be compared"
    for row in result.unread[:SHOWN]:
        yield f"  line {row.line}: {row.problem}"
    if result.accuracy is not None:
        right = result.accuracy
        yield f"against the truth: precision {right.precision:.4f}, recall {right.recall:.4f}, F1 {right.f1:.4f}"


def _as_json(result: FileDuplicates) -> dict[str, object]:
    found = result.found
    return {
        "rows": len(result.rows),
        "unread": len(result.unread),
        "columns": dict(result.columns),
        "compared": found.compared,
        "uncompared": found.uncompared,
        "clusters": [[int(line) for line in cluster] for cluster in found.clusters],
        "unsure": [
            {"one": int(pair.one), "other": int(pair.other), "probability": round(pair.likeness.probability, 6),
             "because": list(pair.likeness.evidence)}
            for pair in found.unsure
        ],
        "estimate_refused": found.refused,
        "accuracy": None if result.accuracy is None else result.accuracy._asdict(),
    }  # fmt: skip
