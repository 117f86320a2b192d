"""The command line over files: run, check, score, explain, tick, schema, lifecycle. ``leadflow --help`` says more."""

from __future__ import annotations

import sys

from leadflow.errors import MissingExtra, require

__all__ = ["main"]


def main() -> None:
    """Run the command that the arguments name; says what to install if the extra ``cli`` is missing."""
    try:
        require("cli")
    except MissingExtra as missing:
        print(f"leadflow: {missing}", file=sys.stderr)
        raise SystemExit(2) from None
    from leadflow.cli.commands import app

    app()
