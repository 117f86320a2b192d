"""``leadflow label``: a person says of some pairs whether they are the same, and the model learns from it."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from leadflow.cli.exit_codes import ALL_FINE
from leadflow.cli.options import ComparedColumns, Config, HomeCountry, Organisations, Output, mapped_columns
from leadflow.cli.rendering import say
from leadflow.errors import InvalidInput
from leadflow.files.config import read_config
from leadflow.files.duplicate_search import record_of, records_in
from leadflow.files.match_columns import match_columns
from leadflow.files.output_files import check_outputs, write_text
from leadflow.files.tables import Row
from leadflow.quality.matching.duplicates import features_among
from leadflow.quality.matching.labels import LabelSession

__all__ = ["label"]

AT_ONCE = 8
ANSWERS: Mapping[str, bool | None] = {"y": True, "n": False, "?": None}


def label(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A table: CSV, Excel or JSON lines.")],
    output: Output,
    save_model: Annotated[
        Path,
        typer.Option("--save-model", metavar="MODEL.json", help="Where to write the model, for dedupe."),
    ],
    config: Config = None,
    columns: ComparedColumns = None,
    organisations: Organisations = False,
    country: HomeCountry = None,
    labels: Annotated[int, typer.Option("--labels", min=1, max=10_000, help="How many pairs to ask about.")] = 80,
    truth: Annotated[
        str | None,
        typer.Option("--truth", metavar="COLUMN", help="Take the answers from this column."),
    ] = None,
) -> None:
    """Ask about the pairs that say most (y: same, n: not, ?: unknown, q: stop); write the model that follows."""
    check_outputs({"--save-model": save_model}, (file, config))
    settings = read_config(config)
    read = settings.table(file)
    aside = (truth,) if truth else ()
    if truth is not None and truth not in read.columns:
        raise InvalidInput("--truth", truth, f"the file has no such column; there are: {', '.join(read.columns)[:300]}")
    meanings = match_columns(read, mapped_columns(columns), aside=aside, organisations=organisations)
    with output.progress() as watch:
        rows, _ = records_in(read, watch=watch)
        records = {line: record_of(row, meanings) for line, row in rows.items()}
        known = features_among(records, country or settings.country)
        session = LabelSession(list(known.values()))
    lines = list(known)
    ask = _asked if truth is None else _looked_up(truth)
    while session.labelled < labels and (pairs := session.questions(min(AT_ONCE, labels - session.labelled))):
        answers: dict[tuple[int, int], bool | None] = {}
        for one, other in pairs:
            answer = ask(rows[lines[one]], rows[lines[other]])
            if answer == "q":
                break
            answers[one, other] = ANSWERS[answer]
        session.answer(answers)
        if len(answers) < len(pairs):
            break
    write_text(save_model, session.model.model_dump_json(indent=2))
    output.show(lambda: {"labels": session.labelled}, [f"{session.labelled} labels; the model is in {save_model}"])
    raise typer.Exit(ALL_FINE)


def _asked(one: Row, other: Row) -> str:
    say("", *_side_by_side(one, other))
    while (answer := typer.prompt("the same? y/n/?/q").strip().casefold()) not in (*ANSWERS, "q"):
        say("y: the same, n: not the same, ?: unknown, q: stop here")
    return str(answer)


def _side_by_side(one: Row, other: Row) -> Iterator[str]:
    yield f"lines {one.line} and {other.line}"
    for column, cell in one.cells.items():
        if cell.strip() or other.cells[column].strip():
            yield f"  {column}: {cell or '–'} | {other.cells[column] or '–'}"


def _looked_up(column: str) -> Callable[[Row, Row], str]:
    def answer(one: Row, other: Row) -> str:
        ours, others = one.cells[column].strip(), other.cells[column].strip()
        return "?" if not ours or not others else "y" if ours == others else "n"

    return answer
