"""The commands of ``leadflow``, each with an example."""

from importlib.metadata import version
from typing import Annotated, Any, Final

import typer

from leadflow.cli.account_commands import account, accounts, merge_accounts, place
from leadflow.cli.columns_command import columns
from leadflow.cli.database_commands import doctor, explain, health, recount, refresh_features, retire, tick, unreadable
from leadflow.cli.dedupe_command import dedupe
from leadflow.cli.enrichment_commands import enrich, withdraw_source
from leadflow.cli.exit_codes import Commands
from leadflow.cli.file_commands import check, lint, score
from leadflow.cli.label_command import label
from leadflow.cli.lead_commands import erase, retract
from leadflow.cli.learn_command import learn
from leadflow.cli.merge_commands import merge, merge_all, not_same, unmerge
from leadflow.cli.migration_command import migrate_custom
from leadflow.cli.model_commands import backtest, compare
from leadflow.cli.options import with_groups
from leadflow.cli.ownership_commands import hand_over, reassign
from leadflow.cli.quality_command import quality
from leadflow.cli.reference_commands import lifecycle, schema
from leadflow.cli.rescore_command import rescore
from leadflow.cli.role_commands import learn_roles
from leadflow.cli.run_command import run_files
from leadflow.cli.search_commands import count, export, find, twins
from leadflow.cli.suppression_commands import suppress, unsuppress

__all__ = ["app"]

EXIT_CODES: Final = (
    "Exit codes: 0 all fine, 1 something was refused, failed or found, 2 the command or a file can't be used."
)
COMMANDS: Final[tuple[tuple[str, Any, str], ...]] = (
    ("run", run_files, "leadflow run leads.csv --db sqlite:///leads.db --report out.html"),
    ("columns", columns, "leadflow columns leads.csv --save flow.yaml"),
    ("check", check, "leadflow check leads.csv --json"),
    ("dedupe", dedupe, "leadflow dedupe leads.xlsx --out clusters.csv --review pairs.csv --report duplicates.html"),
    ("label", label, "leadflow label customers.xlsx --save-model model.json"),
    ("lint", lint, "leadflow lint flow.yaml --activities log.csv --json"),
    ("score", score, "leadflow score leads.csv --config flow.yaml --out scores.csv"),
    ("learn", learn, "leadflow learn past.csv --outcome Converted --time Created --report learned.html"),
    ("backtest", backtest, "leadflow backtest past.csv --outcome Won --time Created --config flow.yaml --after 7d"),
    ("compare", compare, "leadflow compare flow.yaml new.yaml leads.csv --max-regraded 0.05"),
    ("explain", explain, "leadflow explain ada@acme.example --db sqlite:///leads.db --config flow.yaml"),
    ("quality", quality, "leadflow quality --db sqlite:///leads.db --language de"),
    ("find", find, "leadflow find --db sqlite:///leads.db --stage mql --text 'ada acme' --order=-score.total"),
    ("count", count, "leadflow count --db sqlite:///leads.db --by stage"),
    ("twins", twins, "leadflow twins --db sqlite:///leads.db --stage lead --json"),
    ("account", account, "leadflow account acme.example --db sqlite:///leads.db --config flow.yaml"),
    (
        "accounts",
        accounts,
        "leadflow accounts --db sqlite:///leads.db --stage mql --config flow.yaml",
    ),
    ("learn-roles", learn_roles, "leadflow learn-roles --db sqlite:///leads.db --config flow.yaml --out roles.json"),
    ("place", place, "leadflow place --db sqlite:///leads.db --above 0.9 --dry-run"),
    ("merge-accounts", merge_accounts, "leadflow merge-accounts acme.example acme.de --db sqlite:///leads.db"),
    ("merge", merge, "leadflow merge ada@acme.example ada@home.example --db sqlite:///leads.db --dry-run"),
    ("unmerge", unmerge, "leadflow unmerge ada@acme.example 019cadc6-9a80 --db sqlite:///leads.db --dry-run"),
    ("not-same", not_same, "leadflow not-same ada@acme.example bob@acme.example --db sqlite:///leads.db"),
    ("merge-all", merge_all, "leadflow merge-all --db sqlite:///leads.db --above 0.99 --limit 500 --dry-run"),
    ("export", export, "leadflow export --db sqlite:///leads.db --stage mql --out mql.csv"),
    ("tick", tick, "leadflow tick --db sqlite:///leads.db --config flow.yaml --smtp smtp://localhost"),
    ("doctor", doctor, "leadflow doctor --db sqlite:///leads.db --config flow.yaml"),
    ("health", health, "leadflow health --db sqlite:///leads.db --json || alert"),
    ("suppress", suppress, "leadflow suppress refused.csv --db sqlite:///leads.db --config flow.yaml --reason letters"),
    ("unsuppress", unsuppress, "leadflow unsuppress asked.csv --db sqlite:///leads.db --proof 'letters of May'"),
    ("retire", retire, "leadflow retire nurture:welcome --db sqlite:///leads.db --config flow.yaml --dry-run"),
    ("rescore", rescore, "leadflow rescore --db sqlite:///leads.db --config flow.yaml --dry-run"),
    ("enrich", enrich, "leadflow enrich --db sqlite:///leads.db --config flow.yaml --dry-run"),
    ("withdraw-source", withdraw_source, "leadflow withdraw-source companies --db sqlite:///leads.db --dry-run"),
    ("migrate-custom", migrate_custom, "leadflow migrate-custom --db sqlite:///leads.db --config flow.yaml --dry-run"),
    ("reassign", reassign, "leadflow reassign --db sqlite:///leads.db --owner anna --to ben --reason 'anna left'"),
    ("hand-over", hand_over, "leadflow hand-over anna --db sqlite:///leads.db --config flow.yaml --dry-run"),
    ("retract", retract, "leadflow retract ada@acme.example --activity hit-1 --reason bot --db sqlite:///leads.db"),
    ("erase", erase, "leadflow erase ada@acme.example --db sqlite:///leads.db --config flow.yaml --yes"),
    ("recount", recount, "leadflow recount --db sqlite:///leads.db --config flow.yaml --repair"),
    ("refresh-features", refresh_features, "leadflow refresh-features --db sqlite:///leads.db --config flow.yaml"),
    ("unreadable", unreadable, "leadflow unreadable --db sqlite:///leads.db --config flow.yaml"),
    ("schema", schema, "leadflow schema --config flow.yaml --out flow.schema.json"),
    ("lifecycle", lifecycle, "leadflow lifecycle --diagram > lifecycle.mmd"),
)

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Lead management over files: capture, check, score, qualify, route, nurture, explain.",
    epilog=EXIT_CODES,
)
for _name, _command, _example in COMMANDS:
    app.command(_name, epilog=f"Example: {_example}   {EXIT_CODES}")(with_groups(_command))


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"leadflow {version('leadflow')}")
        raise typer.Exit


@app.callback()
def leadflow(
    _shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Lead management over files: capture, check, score, qualify, route, nurture, explain."""
