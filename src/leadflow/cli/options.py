"""What the commands have in common: options, in groups that a command takes as one parameter, and how they are read."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, is_dataclass
from datetime import UTC, datetime
from functools import cached_property, wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from leadflow.cli.progress import progress
from leadflow.cli.rendering import say, say_json
from leadflow.entities import Actor
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.files.config import FlowFile, read_config
from leadflow.files.date_parsing import moment_of
from leadflow.files.destination import existing, opened
from leadflow.files.journey import RunPlan
from leadflow.files.rules import rules_of
from leadflow.files.tables import Watch
from leadflow.flow import LeadFlow
from leadflow.ports import Mailer, Storage

__all__ = [
    "ActivitiesOption",
    "AsJson",
    "By",
    "ComparedColumns",
    "Config",
    "DatabaseOptions",
    "Db",
    "DryRun",
    "HomeCountry",
    "LanguageOption",
    "LeadFileOptions",
    "Leads",
    "Organisations",
    "OutcomeOptions",
    "Output",
    "Quiet",
    "Report",
    "ScoringConfig",
    "Smtp",
    "mailer_at",
    "mapped_columns",
    "naming",
    "present",
    "somebody",
    "with_groups",
]

Leads = Annotated[Path, typer.Argument(metavar="LEADS.csv", help="The leads, with a line of column names.")]
Config = Annotated[Path | None, typer.Option("--config", "-c", metavar="FLOW.yaml", help="Columns and rules.")]
ScoringConfig = Annotated[Path, typer.Option("--config", "-c", metavar="FLOW.yaml", help="Columns, and the scoring.")]
ActivitiesOption = Annotated[
    Path | None, typer.Option("--activities", metavar="A.csv", help="What the leads did: lead, kind, at, …")
]
Db = Annotated[str | None, typer.Option("--db", metavar="URL", help="sqlite:///leads.db or postgresql://…")]
Now = Annotated[
    str | None, typer.Option("--now", metavar="MOMENT", help="Take this for the present, such as 2026-03-02T09:00Z.")
]
Smtp = Annotated[str | None, typer.Option("--smtp", metavar="URL", help="The mail server, smtp://localhost:1025.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]
ComparedColumns = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="COLUMN=KEY", help="What a column means: 'Firma=company'; 'Rating=-' for nothing."),
]
Organisations = Annotated[bool, typer.Option("--organisations", help="The names are of organisations, not of persons.")]
HomeCountry = Annotated[
    str | None, typer.Option("--country", metavar="DE", help="How numbers without + and addresses are read.")
]
Report = Annotated[Path | None, typer.Option("--report", metavar="OUT.html", help="Write a report with pictures.")]
LanguageOption = Annotated[str, typer.Option("--language", metavar="en|de", help="The language of the text.")]
By = Annotated[str, typer.Option("--by", metavar="WHO", help="Who wants it, for the history.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")]


@dataclass(frozen=True)
class Output:
    """The form of the output: lines for people, JSON for programs, or nothing."""

    quiet: Quiet = False
    as_json: AsJson = False

    def progress(self) -> AbstractContextManager[Watch]:
        """Show how many rows are done; nothing beside JSON."""
        return progress(self.quiet or self.as_json)

    def show(self, data: Callable[[], object], lines: Iterable[str]) -> None:
        """Print it in that form."""
        if self.as_json:
            say_json(data())
        elif not self.quiet:
            say(*lines)


@dataclass(frozen=True)
class LeadFileOptions:
    """How a file of leads is read."""

    map: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="COLUMN=KEY", help="What a column means, such as 'E-Mail=email'; may be repeated."
        ),
    ] = None
    now: Now = None
    source: Annotated[
        str | None, typer.Option("--source", help="Where the leads come from; else the config's, else the file's name.")
    ] = None
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Read only so many rows of the leads.")] = None

    def plan(self, leads: Path, config: FlowFile, **more: Any) -> RunPlan:
        """Return what to do with the file."""
        columns, now = mapped_columns(self.map), present(self.now, config)
        return RunPlan(leads, config=config, columns=columns, source=self.source, now=now, limit=self.limit, **more)


@dataclass(frozen=True)
class OutcomeOptions:
    """Which outcomes of leads of the past mean what."""

    won: Annotated[
        list[str] | None, typer.Option("--won", metavar="VALUE", help="An outcome that means won; may be repeated.")
    ] = None
    lost: Annotated[
        list[str] | None,
        typer.Option(
            "--lost", metavar="VALUE", help="An outcome that means lost; all others are open. May be repeated."
        ),
    ] = None


@dataclass(frozen=True)
class DatabaseOptions:
    """A database that is there already, and the rules that go with it."""

    db: Annotated[str, typer.Option("--db", metavar="URL", help="sqlite:///leads.db or postgresql://…")]
    config: Config = None
    now: Now = None

    @cached_property
    def settings(self) -> FlowFile:
        """The config."""
        return read_config(self.config)

    @contextmanager
    def opened(self, mailer: Mailer | None = None, *, dry: bool = False) -> Iterator[LeadFlow]:
        """Open the database, with the rules of the config; ``dry``: what is written is gone after it."""
        settings = self.settings
        with naming(self.config), ExitStack() as stack:
            moment = present(self.now, settings)
            rules = rules_of(settings, mails=mailer is not None)

            def build(storage: Storage) -> LeadFlow:
                return LeadFlow(storage, **rules, mailer=mailer, clock=lambda: moment or datetime.now(UTC))

            flow = stack.enter_context(existing(self.db, build))
            yield stack.enter_context(opened(self.db, build, dry=True)).flow if dry else flow


def with_groups(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of each group in place of the parameter that takes the group."""
    parameters: list[Parameter] = []
    groups: dict[str, tuple[Any, list[str]]] = {}
    for name, parameter in signature(command, eval_str=True).parameters.items():
        group = parameter.annotation
        if isinstance(group, type) and is_dataclass(group):
            members = signature(group, eval_str=True).parameters
            groups[name] = group, list(members)
            parameters += members.values()
        else:
            parameters.append(parameter)

    @wraps(command)
    def run(**given: Any) -> None:
        made = {name: group(**{member: given.pop(member) for member in of}) for name, (group, of) in groups.items()}
        command(**given, **made)

    named = [parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in parameters]
    run.__signature__ = Signature(named)  # type: ignore[attr-defined]  # what typer reads
    return run


def mapped_columns(written: list[str] | None) -> dict[str, str]:
    """Return the columns that ``--map`` gives, with their keys."""
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


def somebody(by: str) -> Actor:
    """Return who gives a command on the command line, as ``--by`` says."""
    return Actor(kind="marketing", id=by)


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
