"""What importing leadflow costs and shows: few dependencies, a sorted surface, extras that agree."""

from __future__ import annotations

import ast
import importlib
import json
import pickle
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import leadflow
from leadflow import errors

PYDANTIC = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
ROOT = Path(leadflow.__path__[0])
FOR_EXTRAS = ("leadflow.adapters", "leadflow.batch", "leadflow.testing", "leadflow.cli", "leadflow.insights.report")


def name_of(path: Path) -> str:
    parts = ("leadflow", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    name_of(path): path
    for path in sorted(ROOT.rglob("*.py"))
    if path.name != "__main__.py" and "migrations" not in path.parts  # alembic alone runs these
}
CORE = sorted(name for name in MODULES if not name.startswith(FOR_EXTRAS))


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter loads to run ``code``."""
    script = f"import json, sys; old = set(sys.modules)\n{code}\nprint(json.dumps([*set(sys.modules) - old]))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def third_party(modules: set[str]) -> set[str]:
    tops = {name.split(".")[0] for name in modules if not name.startswith("_sysconfigdata_")}
    return tops - sys.stdlib_module_names - {"leadflow"}


def test_importing_leadflow_loads_nothing_but_pydantic() -> None:
    assert third_party(loaded_by("import leadflow")) <= PYDANTIC


def test_importing_every_core_module_loads_nothing_but_pydantic() -> None:
    assert third_party(loaded_by(f"import {', '.join(CORE)}")) <= PYDANTIC


def test_a_host_that_only_scores_loads_nothing_for_mail_or_storage() -> None:
    loaded = loaded_by("from leadflow.scoring import ScoringModel")
    unwanted = {
        "smtplib",
        "sqlite3",
        "leadflow.nurturing",
        "leadflow.flow",
        "leadflow.adapters",
        "leadflow.cli",
    }
    assert not loaded & unwanted


def test_the_public_names_can_be_imported_and_are_all_there_is() -> None:
    assert len(leadflow.__all__) == len(set(leadflow.__all__))
    named = {name: getattr(getattr(leadflow, name), "__name__", name) for name in leadflow.__all__}
    assert named == {name: name for name in leadflow.__all__}
    modules = {name.split(".")[1] for name in MODULES if name.count(".") == 1}
    shown = {name for name in dir(leadflow) if not name.startswith("_")} - modules
    assert shown - {"annotations", "import_module", "TYPE_CHECKING"} == set(leadflow.__all__)


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(leadflow, "no_such_name")  # noqa: B009 (mypy would rightly refuse the plain one)


@pytest.mark.parametrize("name", MODULES)
def test_each_list_of_exports_is_true(name: str) -> None:  # and sorted: ruff's RUF022
    module = importlib.import_module(name)
    exported = list(getattr(module, "__all__", ()))
    assert len(exported) == len(set(exported))
    assert [one for one in exported if not hasattr(module, one)] == []


@pytest.mark.parametrize("name", MODULES)
def test_inside_the_package_nothing_is_imported_from_the_root(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    submodules = {one.split(".")[1] for one in MODULES if one.count(".") == 1}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "leadflow":
            assert {alias.name for alias in node.names} <= submodules, f"line {node.lineno}"


# ---------------------------------------------------------------------------------------------------- errors
TREE: list[type[Exception]] = [one for name in errors.__all__ if isinstance(one := getattr(errors, name), type)]
MADE_WITH: dict[str, tuple[object, ...]] = {
    "InvalidInput": ("email", "ada@", "give the part after the @"),
    "MoveNotAllowed": ("lead", "win", ("qualify", "disqualify"), "not by a rep"),
    "IdempotencyConflict": ("order-7",),
    "NotFound": ("lead", "l-1"),
    "Unreadable": ("lead l-1", "it is not JSON"),
    "TooNew": ("the database", "0009", "0002"),
}


@pytest.mark.parametrize("error", TREE)
def test_an_error_survives_the_way_to_another_process(error: type[Exception]) -> None:
    raised = error(*MADE_WITH.get(error.__name__, ("what happened",)))
    arrived = pickle.loads(pickle.dumps(raised))
    assert type(arrived) is error
    assert (str(arrived), vars(arrived)) == (str(raised), vars(raised))
    assert isinstance(arrived, errors.LeadflowError)


def test_the_tree_of_errors_is_drawn_as_it_is() -> None:
    drawn, path = {}, [""]
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"    ([│├└─ ]*)([A-Z]\w+)", line):
            depth = len(found[1]) // 4
            path[depth + 1 :] = [found[2]]
            drawn[found[2]] = path[depth]
    actual = {error.__name__: error.__bases__[0].__name__ for error in TREE if error is not errors.LeadflowError}
    assert drawn == {"LeadflowError": ""} | actual


# ---------------------------------------------------------------------------------------------------- extras
def extras() -> dict[str, list[Requirement]]:
    """What each extra adds: in a source tree as its own pyproject.toml has it (what was installed from it may be older,
    or come from another worktree), of an installed wheel as its metadata has it.
    """
    if (source := ROOT.parent.parent / "pyproject.toml").exists():
        listed = tomllib.loads(source.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
        return {extra: [Requirement(line) for line in lines] for extra, lines in listed.items()}
    needs = [need for line in metadata.requires("leadflow") or () if (need := Requirement(line)).marker]
    return {
        extra: [need for need in needs if need.marker.evaluate({"extra": extra}) > need.marker.evaluate({"extra": ""})]
        for extra in metadata.metadata("leadflow").get_all("Provides-Extra") or ()
    }


def needed_by(extra: str) -> set[str]:
    """The distributions that ``pip install leadflow[extra]`` adds, with those of the extras that it names itself."""
    found = set()
    for need in extras()[extra]:
        if canonicalize_name(need.name) == "leadflow":
            found |= {name for nested in need.extras for name in needed_by(nested)}
        else:
            found.add(canonicalize_name(need.name))
    return found


def test_the_extras_that_errors_names_are_those_that_can_be_installed() -> None:
    assert set(errors._EXTRAS) == set(extras()) - {"all", "dev"}


@pytest.mark.parametrize("extra", errors._EXTRAS)
def test_an_extra_installs_the_modules_that_it_is_required_for(extra: str) -> None:
    distributions = metadata.packages_distributions()
    for module in errors._EXTRAS[extra]:
        assert needed_by(extra) & {canonicalize_name(name) for name in distributions[module]}, module


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typer", None)
    with pytest.raises(errors.MissingExtra, match=r"typer is not installed; run: pip install 'leadflow\[cli\]'"):
        errors.require("cli")
