"""Redraws what docs/lifecycle.md shows of the table: `make docs` writes it, tests/test_docs.py compares it."""

import re
from pathlib import Path

from leadflow.lifecycle import DEFAULT

PAGE = Path(__file__).with_name("lifecycle.md")
DRAWN = re.compile(r"(<!-- drawn: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
EVERYWHERE = ("disqualify", "fast_track")  # from nearly every stage: in the picture they would hide the rest


def stages() -> str:
    rows = [f"| {stage.name} | {stage.kind} | {stage.description} |" for stage in DEFAULT.stages]
    return "\n".join(["| stage | kind | what it says of a lead |", "|---|---|---|", *rows]) + "\n"


def diagram() -> str:
    return f"```mermaid\n{DEFAULT.diagram(without=EVERYWHERE).rstrip()}\n```\n"


PARTS = {"stages": stages, "diagram": diagram, "moves": DEFAULT.table}


def drawn(page: str) -> str:
    """The page with each marked part as the table has it now."""
    return DRAWN.sub(lambda mark: f"{mark[1]}\n{PARTS[mark[2]]()}\n{mark[3]}", page)


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"drawn: docs/{PAGE.name}")
