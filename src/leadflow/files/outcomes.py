"""What became of leads, as files spell it: won, lost, or still open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final, Literal, TypeAlias

from leadflow.errors import InvalidInput

__all__ = ["Meaning", "meanings"]

Meaning: TypeAlias = Literal["won", "lost", "open"]

WON: Final = frozenset(
    {"1", "1.0", "true", "t", "yes", "y", "ja", "j", "won", "win", "gewonnen", "converted", "customer", "kunde",
     "success", "closed won", "closed - won", "sold", "verkauft"}
)  # fmt: skip
LOST: Final = frozenset(
    {"0", "0.0", "false", "f", "no", "n", "nein", "lost", "loss", "verloren", "not converted", "failure", "closed lost",
     "closed - lost", "disqualified"}
)  # fmt: skip
LOST_DEALS: Final = frozenset({"lost", "loss", "verloren", "closed lost", "closed - lost", "disqualified"})
"""Where one of these is among the outcomes, they are stages of deals, and what is neither won nor lost is open."""
OPEN: Final = frozenset({"open", "offen", "pending", "in progress", "in bearbeitung", "ongoing", "new", "neu"})
SHOWN: Final = 8


def meanings(
    counts: Mapping[str, int], won: Collection[str], lost: Collection[str], outcome: str
) -> dict[str, Meaning]:
    """What each outcome means: as given, else by its word; ``InvalidInput`` where that is not sure."""
    listed = ", ".join(repr(value[:40]) for value, _ in Counter(counts).most_common(SHOWN))
    for option, given in (("--won", won), ("--lost", lost)):
        if unknown := [value for value in given if value not in counts]:
            raise InvalidInput(option, unknown[0], f"{outcome!r} never has this value; it has {listed}")
    if both := [value for value in won if value in lost]:
        raise InvalidInput("--lost", both[0], "it was said to mean won; give it once")
    if len(counts) == 1:
        raise InvalidInput("--outcome", outcome, f"every lead has the outcome {listed}; won and lost ones are needed")
    yes = [value for value in counts if value.casefold() in WON and value not in lost]
    no = [value for value in counts if value.casefold() in LOST]
    are_stages = any(value.casefold() in LOST_DEALS for value in no)
    if not won:
        if not ((yes and (are_stages or lost)) or _are_two(counts, yes, no)):
            remedy = f"{outcome!r} has {listed}; say which mean that a lead was won: --won VALUE"
            raise InvalidInput("--won", None, remedy)
        won = yes or [value for value in counts if value not in no]
    gone = lost or (no if are_stages else [value for value in counts if value.casefold() not in OPEN])
    return {value: "won" if value in won else "lost" if value in gone else "open" for value in counts}


def _are_two(counts: Iterable[str], yes: Iterable[str], no: Iterable[str]) -> bool:
    """There are two outcomes, however they are spelled, and one of them says what it means."""
    spelled, said_yes, said_no = ({value.casefold() for value in values} for values in (counts, yes, no))
    return len(spelled) == 2 and (len(said_yes) == 1 or len(said_no) == 1)
