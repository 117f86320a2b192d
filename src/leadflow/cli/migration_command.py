"""``leadflow migrate-custom``: stored custom fields as the config defines them now."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter

from leadflow.cli.exit_codes import ALL_FINE, SOME_REFUSED
from leadflow.cli.options import DatabaseOptions, DryRun, Output
from leadflow.errors import InvalidInput
from leadflow.files.rules import TYPES
from leadflow.flow.custom_migration import CustomMigration

__all__ = ["migrate_custom"]


def migrate_custom(
    stored: DatabaseOptions,
    output: Output,
    retype: Annotated[
        list[str] | None,
        typer.Option(
            "--retype", metavar="FIELD", help="Read its stored values as the type that it has now: 12 as '12'."
        ),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option("--drop", metavar="FIELD", help="Drop what is kept aside of this field; may be repeated."),
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Rewrite the stored custom fields as the config has them: renamed (its `renamed`), retyped, dropped.

    Nothing is lost unless --drop asks for it: what a field can't read is kept aside. Others may go on working.
    Interrupted, it is run again, and does the rest. Scores follow with the next event, or with leadflow rescore.

    Exit code 1: values stay aside that can't be read, or there are leads that can't be read.
    """
    types = stored.settings.custom
    for name in retype or ():
        if name not in types:
            raise InvalidInput("--retype", name, f"no such custom field; there are {', '.join(types) or 'none'}")
    functions = {name: _reader(TYPES[types[name]]) for name in retype or ()}
    with stored.opened() as flow, output.progress() as watch:
        done = flow.migrate_custom(
            retype=functions, drop=drop or (), dry_run=dry_run, watch=lambda seen: watch("leads", seen)
        )
    output.show(lambda: _as_json(done), _lines(done, dry=dry_run))
    left = done.unreadable or any(one.kept for one in done.fields.values())
    raise typer.Exit(SOME_REFUSED if left else ALL_FINE)


def _reader(kind: Any) -> Callable[[Any], object]:
    """Return what reads a stored value as a type: numbers and yes or no become text, and text what it spells."""
    adapter = TypeAdapter(kind)
    is_text = kind is TYPES["text"]

    def read(value: Any) -> object:
        return adapter.validate_python(str(value) if is_text else value.strip() if isinstance(value, str) else value)

    return read


def _lines(done: CustomMigration, *, dry: bool) -> Iterator[str]:
    if dry:
        yield "dry run: nothing was written; this is what would happen"
    yield from str(done).splitlines()


def _as_json(done: CustomMigration) -> dict[str, object]:
    return {
        "leads": done.leads,
        "fields": {
            name: {
                **{what: getattr(one, what) for what in ("renamed", "retyped", "dropped", "kept")},
                "examples": [example._asdict() for example in one.examples],
            }
            for name, one in done.fields.items()
        },
        "unreadable": [{"lead": one.lead_id, "why": one.why} for one in done.unreadable],
    }
