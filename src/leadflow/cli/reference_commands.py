"""The commands that describe: what may be written in a file, as JSON Schema for editors; the lifecycle."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from leadflow.cli.options import Config
from leadflow.conditions import Condition, json_schema
from leadflow.files.config import FlowFile, read_config
from leadflow.files.output_files import check_outputs, write_text
from leadflow.files.rules import lead_type_of
from leadflow.lifecycle import DEFAULT
from leadflow.scoring import ScoringModel

__all__ = ["lifecycle", "schema"]


class What(StrEnum):
    """What is described."""

    CONFIG = "config"
    MODEL = "model"
    CONDITION = "condition"


KINDS: dict[What, Any] = {What.CONFIG: FlowFile, What.MODEL: ScoringModel, What.CONDITION: Condition}


def schema(
    what: Annotated[
        What, typer.Option("--what", help="The config of a run, a scoring model, or a condition.")
    ] = What.CONFIG,
    config: Config = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="SCHEMA.json", help="Write it into a file, not to the screen.")
    ] = None,
) -> None:
    """Describe what may be written in a file, as JSON Schema: editors complete it, and mark what is wrong.

    With --config only fields that a lead has are right, and the custom ones of that file.
    """
    check_outputs({"--out": out}, (config,))
    described = json_schema(KINDS[what], lead_type=None if config is None else lead_type_of(read_config(config)))
    text = json.dumps(described, indent=2, ensure_ascii=False)
    if out is None:
        typer.echo(text)
    write_text(out, text + "\n")


def lifecycle(
    diagram: Annotated[bool, typer.Option("--diagram", help="Draw it, as Mermaid text.")] = False,
    all_moves: Annotated[
        bool, typer.Option("--all", help="Also the moves that are possible from nearly everywhere.")
    ] = False,
) -> None:
    """Show the lifecycle: its moves as a table, or drawn."""
    without = () if all_moves else ("disqualify", "fast_track")
    typer.echo((DEFAULT.diagram(without=without) if diagram else DEFAULT.table()).rstrip())
