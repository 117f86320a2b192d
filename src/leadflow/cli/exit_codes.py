"""How the command line ends: errors as one line that says what to do, and an exit code for scripts."""

from __future__ import annotations

import os
from typing import Any, Final

import typer
from typer.core import TyperGroup

from leadflow.errors import LeadflowError

__all__ = ["ALL_FINE", "CAN_NOT", "SOME_REFUSED", "Commands"]

ALL_FINE: Final = 0
SOME_REFUSED: Final = 1
CAN_NOT: Final = 2
STOPPED: Final = 130
DEBUG: Final = "LEADFLOW_DEBUG"
ITS_OWN: Final[tuple[type[BaseException], ...]] = (
    typer.Exit,
    typer.Abort,
    BrokenPipeError,
    # Click's, or that of the copy of Click that newer versions of typer carry
    *(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"),
)


class Commands(TyperGroup):
    """Commands that never end in a traceback, unless ``LEADFLOW_DEBUG`` asks for one."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ITS_OWN:
            raise
        except LeadflowError as error:
            raise _ended(str(error), error) from None
        except KeyboardInterrupt:
            typer.echo("leadflow: stopped; chunks of rows that were complete are written", err=True)
            raise typer.Exit(STOPPED) from None
        except Exception as error:  # noqa: BLE001 (a person at a terminal gets a line, not a traceback)
            text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            raise _ended(f"unexpected {text} ({DEBUG}=1 shows where)", error) from None


def _ended(text: str, error: BaseException) -> typer.Exit:
    if os.environ.get(DEBUG):
        raise error
    typer.echo(f"leadflow: {text}", err=True)
    return typer.Exit(CAN_NOT)
