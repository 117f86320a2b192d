"""What the commands have in common: their options, and how what was typed is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from leadflow.errors import DefinitionError, InvalidInput
from leadflow.files.config import FlowFile
from leadflow.files.moments import moment_of
from leadflow.ports import Mailer

Leads = Annotated[Path, typer.Argument(metavar="LEADS.csv", help="The leads, with a line of column names.")]
Config = Annotated[Path | None, typer.Option("--config", "-c", metavar="FLOW.yaml", help="Columns and rules.")]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="COLUMN=KEY", help="What a column means, such as 'E-Mail=email'; may be repeated."),
]
Activities = Annotated[
    Path | None, typer.Option("--activities", metavar="A.csv", help="What the leads did: lead, kind, at, …")
]
Db = Annotated[str | None, typer.Option("--db", metavar="URL", help="sqlite:///leads.db or postgresql://…")]
Database = Annotated[str, typer.Option("--db", metavar="URL", help="sqlite:///leads.db or postgresql://…")]
Now = Annotated[
    str | None, typer.Option("--now", metavar="MOMENT", help="Take this for the present, such as 2026-03-02T09:00Z.")
]
Source = Annotated[
    str | None, typer.Option("--source", help="Where the leads come from; else the config's, else the file's name.")
]
Smtp = Annotated[str | None, typer.Option("--smtp", metavar="URL", help="The mail server, smtp://localhost:1025.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, help="Read only so many rows of the leads.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


def mapped(written: list[str] | None) -> dict[str, str]:
    """Return what ``--map`` said of columns."""
    pairs = {}
    for one in written or ():
        column, sign, key = one.rpartition("=")
        if not sign or not column.strip() or not key.strip():
            raise InvalidInput("--map", one, "write COLUMN=KEY, such as --map 'E-Mail=email'")
        pairs[column.strip()] = key.strip()
    return pairs


def present(text: str | None, settings: FlowFile) -> datetime | None:
    """Return the moment that ``--now`` names; None: the clock's."""
    try:
        return moment_of(text, settings.timezone) if text else None
    except ValueError as wrong:
        raise InvalidInput("--now", text, str(wrong)) from None


def mailer_at(url: str | None, settings: FlowFile) -> Mailer | None:
    """Return the way to the mail server that ``--smtp`` names."""
    if url is None:
        return None
    from leadflow.adapters.smtp import SmtpMailer

    return SmtpMailer(url, sender=settings.sender)


@contextmanager
def naming(config: Path | None, *others: Path) -> Iterator[None]:
    """Name the file in which rules stand that can't work, unless it is named, or one of the others is."""
    try:
        yield
    except DefinitionError as wrong:
        if config is None or str(wrong).startswith((str(config), *map(str, others))):
            raise
        raise DefinitionError(f"{config}: {wrong}") from None
    except ValidationError as wrong:
        if not wrong.title.startswith("Lead"):
            raise
        fields = ", ".join(".".join(map(str, error["loc"])) for error in wrong.errors(include_url=False))
        remedy = f"the leads have fields that it doesn't define ({fields}); give the one that they were captured with"
        raise InvalidInput("--config", str(config or "none"), remedy) from None
