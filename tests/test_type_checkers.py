"""What editors see: mypy --strict (without a plugin) and pyright accept the documentation, and mark mistakes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import leadflow
from editors.accepted import ACCEPTED
from editors.mistakes import MISTAKES
from leadflow.errors import DefinitionError
from test_docs import PAGES, ROOT, blocks

SOURCE = Path(leadflow.__path__[0]).parent
INSTALLED = SOURCE.name == "site-packages"  # then checkers find it by themselves
SEARCHED = [*([] if INSTALLED else [SOURCE]), ROOT / "tests", ROOT / "examples"]
CODE = [*sorted((ROOT / "examples").glob("*.py")), ROOT / "tests" / "editors"]
UNTYPED = "pandas.*,pyarrow.*"
REMEDY = """
The code of a page is read as one module, its lines numbered as in the page. Write it as a host with a strict type
checker would: functions with annotations, `assert lead is not None` before what may be None, another name for a
value of another type. If the page is right, the annotations of leadflow are wrong: mend those, and ignore nothing."""


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The folder with the code of each page in a module, and the page of each module."""
    folder, names = tmp_path_factory.mktemp("pages"), {}
    for page in PAGES:
        lines: list[str] = []
        for block in blocks(page.read_text(encoding="utf-8")):
            if block.language == "python" and block.mark is None:
                lines += [""] * (block.line - 1 - len(lines)) + block.code.splitlines()
        if lines:
            name = f"page_{len(names)}.py"
            names[name] = str(page.relative_to(ROOT))
            (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder, names


def complaints(checker: list[str], checked: tuple[Path, dict[str, str]]) -> str:
    """The output of a type checker if it has anything to complain about, naming pages."""
    folder, names = checked
    done = subprocess.run(
        [sys.executable, "-m", *checker], cwd=folder, capture_output=True, text=True, check=False, env=_environment()
    )
    if done.returncode == 0:
        return ""
    said = done.stdout + done.stderr
    for name, page in names.items():
        said = said.replace(f"{folder / name}:", f"{page}:").replace(f"{name}:", f"{page}:")
    return f"{said}{REMEDY}"


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "MYPYPATH"}}


def test_mypy_accepts_all_documentation_and_marks_every_mistake(checked: tuple[Path, dict[str, str]]) -> None:
    config = [
        "[mypy]",
        "strict = true",
        "explicit_package_bases = true",
        f"mypy_path = {os.pathsep.join(map(str, SEARCHED))}",
        f"[mypy-{UNTYPED}]",
        "ignore_missing_imports = true",
    ]
    (checked[0] / "mypy.ini").write_text("\n".join(config), encoding="utf-8")
    given = [*checked[1], *map(str, CODE)]
    cache = ["--cache-dir", str(ROOT / ".mypy_cache" / "editors"), "--follow-imports", "silent"]
    assert not (said := complaints(["mypy", "--config-file", "mypy.ini", *cache, *given], checked)), said


def test_pyright_accepts_all_documentation_and_marks_every_mistake(checked: tuple[Path, dict[str, str]]) -> None:
    config = {
        "include": [str(checked[0]), *map(str, CODE)],
        "typeCheckingMode": "standard",
        "reportUnnecessaryTypeIgnoreComment": "error",
        "enableTypeIgnoreComments": False,  # these are mypy's
        "extraPaths": list(map(str, SEARCHED)),
    }
    (checked[0] / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    given = ["--level", "error", "--pythonpath", sys.executable, "--project", str(checked[0])]
    assert not (said := complaints(["basedpyright", *given], checked)), said


@pytest.mark.parametrize("what", ACCEPTED)
def test_what_checkers_accept_is_accepted(what: str) -> None:
    assert ACCEPTED[what]() is not None


@pytest.mark.parametrize("what", MISTAKES)
def test_what_checkers_mark_is_refused(what: str) -> None:
    with pytest.raises(DefinitionError):
        MISTAKES[what]()
