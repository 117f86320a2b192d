"""docs/architecture.md names real things: every dotted name and every path in it exists in the package."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import leadflow

PACKAGE = Path(leadflow.__path__[0])
PAGE = Path(__file__).parent.parent / "docs" / "architecture.md"
PROSE = re.sub(r"```.*?```", "", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
QUOTED = sorted(set(re.findall(r"`([^`\s]+)`", PROSE)))
PATHS = [one for one in QUOTED if re.fullmatch(r"[a-z_/]+(\.py|/)", one)]
NAMES = [one for one in QUOTED if re.fullmatch(r"[a-z_]+(\.\w+)+", one) and one not in PATHS]


@pytest.mark.parametrize("path", PATHS)
def test_every_path_is_there(path: str) -> None:
    assert (PACKAGE / path).exists()


@pytest.mark.parametrize("name", NAMES)
def test_every_dotted_name_is_there(name: str) -> None:
    assert reached(name) is not None


def test_the_walk_names_what_it_passes() -> None:
    assert len(NAMES) > 30
    assert len(PATHS) > 10


def test_a_name_that_is_gone_is_noticed() -> None:
    with pytest.raises(AttributeError):
        reached("decisions.draft.Draft.no_such_method")
    with pytest.raises(ModuleNotFoundError):
        reached("no_such_module.name")


def reached(name: str) -> object:
    """What a dotted name below ``leadflow`` leads to: the deepest module, then attributes."""
    found: object = leadflow
    parts = name.split(".")
    for at, part in enumerate(parts):
        inside = PACKAGE.joinpath(*parts[: at + 1])
        is_module = inside.is_dir() or inside.with_suffix(".py").is_file()
        if is_module or at == 0:
            found = importlib.import_module(".".join(["leadflow", *parts[: at + 1]]))
        else:
            found = getattr(found, part)
    return found
