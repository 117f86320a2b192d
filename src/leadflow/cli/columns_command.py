"""``leadflow columns``: what the columns of a file of leads are taken for, before anything is written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from leadflow.cli.exit_codes import ALL_FINE
from leadflow.cli.options import Config, LeadFileOptions, Leads, Output, naming
from leadflow.cli.rendering import say
from leadflow.files.column_meanings import ColumnMeaning, ColumnMeanings
from leadflow.files.config import read_config
from leadflow.files.config_draft import config_draft
from leadflow.files.journey import columns_in
from leadflow.files.output_files import check_outputs, write_text
from leadflow.files.tables import FileTable

__all__ = ["columns"]

REASONS = {"given": "as given", "export": "in this export", "name": "by its name", "values": "by its values"}
SIGNS = {",": "comma", ".": "point"}


def columns(
    leads: Leads,
    reading: LeadFileOptions,
    output: Output,
    config: Config = None,
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FLOW.yaml", help="Write it as a config, to be edited.")
    ] = None,
) -> None:
    """Say how a file of leads is read and what each column means, as seen from its first 1,000 rows."""
    check_outputs({"--save": save}, (leads, config))
    settings = read_config(config)
    with naming(config):
        read, meanings = columns_in(reading.plan(leads, settings))
    if save is not None:
        write_text(save, config_draft(read, meanings))
    output.show(lambda: _as_json(read, meanings), _lines(read, meanings))
    if save is not None and not output.as_json and not output.quiet:
        say(f"config: {save}")
    raise typer.Exit(ALL_FINE)


def _lines(read: FileTable, meanings: ColumnMeanings) -> Iterator[str]:
    yield f"{read.path.name}: {read.form}"
    yield from read.notes
    if meanings.export is not None:
        yield f"it looks like an export of {meanings.export.system}"
    if meanings.opt_out is not None:
        yield f"who opted out of mail: {meanings.opt_out}"
    yield f"seen from the first {meanings.rows:,} rows:"
    yield from (_line(one) for one in meanings.columns)


def _line(one: ColumnMeaning) -> str:
    examples = ", ".join(repr(example) for example in one.examples) or "no values"
    order = f", {one.date_order} first" if one.date_order else ""
    order += f", decimal {SIGNS[one.decimal_sign]}" if one.decimal_sign else ""
    if one.key is None or one.reason is None:
        return f"  {one.column}: no field of a lead, kept with the submission ({examples})"
    return f"  {one.column} = {one.key}, {REASONS[one.reason]}{order} ({examples})"


def _as_json(read: FileTable, meanings: ColumnMeanings) -> dict[str, object]:
    return {
        "file": read.path.name,
        "form": read.form,
        "notes": list(read.notes),
        "header_line": read.header_line,
        "rows_seen": meanings.rows,
        "export": meanings.export.system if meanings.export else None,
        "opt_out": meanings.opt_out,
        "columns": [
            {
                "column": one.column, "means": one.key, "by": one.reason, "filled": one.filled,
                "examples": list(one.examples), "date_order": one.date_order,
                "decimal_sign": one.decimal_sign,
            }
            for one in meanings.columns
        ],
    }  # fmt: skip
