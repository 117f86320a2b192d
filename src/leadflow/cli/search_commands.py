"""``leadflow find``, ``count``, ``export`` and ``twins``: leads of a database, by conditions."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from leadflow.cli.options import AsJson, DatabaseOptions, Quiet
from leadflow.cli.progress import progress
from leadflow.cli.rendering import say, say_json
from leadflow.conditions import Condition, all_of, condition_from, field, leaves
from leadflow.conditions.values import is_of_account
from leadflow.entities import Lead, lead_json
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.files.destination import database_files
from leadflow.files.lead_export import COLUMNS, checked_columns, found_leads, leads_file
from leadflow.files.output_files import check_outputs
from leadflow.files.yaml_text import yaml_mapping
from leadflow.flow.twins import TwinPair
from leadflow.scoring import points_text

__all__ = ["PageLength", "PageStart", "Selection", "count", "export", "find", "twins"]

OrderOption = Annotated[
    str, typer.Option("--order", metavar="FIELD", help="Sorted by it; -FIELD is the other way: --order=-score.total.")
]
PageLength = Annotated[int, typer.Option("--limit", min=1, max=1_000, help="So many on a page.")]
PageStart = Annotated[
    str | None, typer.Option("--after", metavar="NEXT", help="Go on where a page ended, as that page says.")
]
NEWEST = "-created_at"


@dataclass(frozen=True)
class Selection:
    """Which leads to take."""

    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="CONDITION",
            help="A condition in JSON or YAML: '{op: ge, field: score.total, value: 40}'. Several: all must hold.",
        ),
    ] = None
    text: Annotated[
        str | None,
        typer.Option("--text", metavar="WORDS", help="Words that begin those of name, company, e-mail, phone."),
    ] = None
    stage: Annotated[str | None, typer.Option("--stage", help="Only leads in this stage.")] = None
    owner: Annotated[str | None, typer.Option("--owner", metavar="REP", help="Only leads of this rep.")] = None

    @property
    def parted(self) -> tuple[Condition | None, Condition | None]:
        """What is true of an account, and of one of its leads; ``--where`` may be about either."""
        given = [_written(one) for one in self.where or ()]
        of_account = [one for one in given if all(is_of_account(leaf.path) for leaf in leaves(one))]
        of_leads = replace(self, where=None).condition
        rest = [one for one in given if one not in of_account]
        return all_of(*of_account) if of_account else None, all_of(of_leads, *rest)

    @property
    def condition(self) -> Condition:
        """What is true of them."""
        parts: list[Condition] = [_written(one) for one in self.where or ()]
        parts += [field("text").matches(self.text)] if self.text is not None else []
        named = (("stage", self.stage), ("owner", self.owner))
        return all_of(*parts, *(field(path) == value for path, value in named if value is not None))

    @property
    def narrowed(self) -> Condition | None:
        """The same; None if all leads are meant, also those that can't be read."""
        return None if self == Selection() else self.condition


def find(
    stored: DatabaseOptions,
    selection: Selection,
    order: OrderOption = NEWEST,
    limit: PageLength = 20,
    after: PageStart = None,
    as_json: AsJson = False,
) -> None:
    """Find leads in a database, the newest first, page by page. Nothing is written, nothing computed anew."""
    with stored.opened() as flow:
        page = flow.find(selection.condition, order=order, limit=limit, after=after)
    if as_json:
        leads = [json.loads(lead_json(lead)) for lead in page]
        say_json({"leads": leads, "next": page.next})
        return
    say(*map(_line, page), *([] if len(page) else ["no lead is like that"]))
    if page.next:
        say(f"more: --after {page.next}")


def twins(
    stored: DatabaseOptions,
    selection: Selection,
    limit: PageLength = 20,
    after: PageStart = None,
    as_json: AsJson = False,
) -> None:
    """List pairs of leads that are probably one person, until somebody decides; one of the two is as asked for."""
    with stored.opened() as flow:
        page = flow.twins(selection.narrowed, limit=limit, after=after)
    if as_json:
        say_json({"pairs": [_pair(pair) for pair in page], "next": page.next})
        return
    for pair in page:
        say(str(pair), f"  {_line(pair.one)}", f"  {_line(pair.other)}")
    say(*([] if len(page) else ["no pair waits"]), *([f"more: --after {page.next}"] if page.next else []))


def _pair(pair: TwinPair[Any]) -> dict[str, Any]:
    return {
        "one": json.loads(lead_json(pair.one)),
        "other": json.loads(lead_json(pair.other)),
        "likeness": pair.likeness,
        "evidence": list(pair.evidence),
        "since": pair.since and pair.since.isoformat(),
        "held": [held.id for held in pair.held],
    }


def count(
    stored: DatabaseOptions,
    selection: Selection,
    by: Annotated[
        str | None, typer.Option("--by", metavar="FIELD", help="For each of its values: stage, owner, source, …")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Count leads in a database, all or by a field."""
    condition = selection.condition
    with stored.opened() as flow:
        found = {None: flow.count(condition)} if by is None else flow.count(condition, by=by)
    if by is None:
        typer.echo(found[None])
    elif as_json:
        say_json([{"value": value, "leads": many} for value, many in found.items()])
    else:
        say(*(f"{many:>9,}  {'(none)' if value is None else value}" for value, many in found.items()))


def export(
    stored: DatabaseOptions,
    selection: Selection,
    out: Annotated[Path, typer.Option("--out", metavar="LEADS.csv", help="Where to: CSV, or JSON lines (.jsonl).")],
    column: Annotated[
        list[str] | None, typer.Option("--column", metavar="FIELD", help="A column of the CSV; may be repeated.")
    ] = None,
    order: OrderOption = "id",
    quiet: Quiet = False,
) -> None:
    """Write leads of a database into a file, whole or not at all; no cell is a formula to a spreadsheet.

    JSON lines have everything that stands on a lead. For all that is known of one person: LeadFlow.export.
    """
    check_outputs({"--out": out}, (stored.config, *database_files(stored.db)))
    condition = selection.condition
    with stored.opened() as flow, progress(quiet) as watch:
        columns = checked_columns(column or COLUMNS, flow.policy.lead_type)
        rows, of = 0, flow.count(condition)
        with leads_file(out, columns) as write:
            for rows, lead in enumerate(found_leads(flow, condition, order), 1):
                write(lead)
                watch("leads", rows, of)
    if not quiet:
        say(f"{out}: {rows:,} leads")


def _written(text: str) -> Condition:
    try:
        return condition_from(yaml_mapping(text, "--where"))
    except DefinitionError as wrong:
        remedy = "write one like '{op: eq, field: stage, value: mql}'; `leadflow schema --what condition` has them all"
        raise InvalidInput("--where", text, f"{remedy} ({wrong})") from None


def _line(lead: Lead[Any]) -> str:
    score = f"{points_text(lead.score.total)}{f' {lead.score.grade}' if lead.score.grade else ''}"
    who = [lead.person.full_name, lead.company.name, lead.email.address or lead.phone.number]
    stands = [lead.stage, *([lead.owner] if lead.owner else []), score]
    return f"{lead.id}: {', '.join(stands)}; {', '.join(part for part in who if part)}"
