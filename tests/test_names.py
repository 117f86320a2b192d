"""One vocabulary: no type name twice, modules named by nouns of the field, no circle of imports between files."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import leadflow

ROOT = Path(leadflow.__file__).parent
MODULES = {
    ".".join(("leadflow", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
    if "migrations" not in path.parts
}
NOUNS_IN_ING = set(
    "binding casing finding fitting folding formatting learning linting mailing mapping matching nurturing parsing "
    "rendering ring routing scaling scoring testing tracking training".split()
)
"""The words in -ing that the field itself uses for a thing."""


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def types_in(module: ast.Module) -> Iterator[str]:
    """The public classes and type aliases that a module defines."""
    for node in module.body:
        match node:
            case ast.ClassDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                if name[0].isupper() and not name.isupper() and not _is_type_variable(node):
                    yield name


def _is_type_variable(node: ast.AnnAssign | ast.Assign) -> bool:
    return isinstance(node.value, ast.Call) and ast.unparse(node.value.func) in ("TypeVar", "ParamSpec")


def test_no_public_type_name_stands_twice_in_the_package():
    places = defaultdict(list)
    for name, path in MODULES.items():
        for found in types_in(tree(path)):
            if not found.startswith("_"):
                places[found].append(name)
    assert {"Lead", "Change", "ScoringModel"} <= places.keys()
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_modules_are_named_by_nouns():
    """A word in -ing or -ed says what is done, not what is there, unless the field uses it for the thing."""
    words = {name: name.rpartition(".")[2].split("_") for name in MODULES}
    assert words["leadflow.scoring"] == ["scoring"]
    wrong = [n for n, parts in words.items() if parts[-1].endswith(("ing", "ed")) and parts[-1] not in NOUNS_IN_ING]
    assert wrong == []


def test_what_a_module_gives_to_others_stands_in_its_all():
    """``__all__`` says what others may use: nothing else is imported from a module, by name."""
    offered = {name: names for name in MODULES if (names := offered_by(tree(MODULES[name]))) is not None}
    without = [name for name, path in MODULES.items() if name not in offered and _defines(tree(path))]
    assert without == []
    taken = {
        (node.module, one.name)
        for path in MODULES.values()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.module in offered
        for one in node.names
        if one.name != "*" and f"{node.module}.{one.name}" not in MODULES
    }
    assert ("leadflow.entities", "Lead") in taken
    assert sorted(f"{module}.{name}" for module, name in taken if name not in offered[module]) == []


def offered_by(module: ast.Module) -> set[str] | None:
    """The names in ``__all__``, also those that stand in the ``__all__`` of another module and are added whole."""
    offered: set[str] | None = None
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            offered = set(ast.literal_eval(node.value))
        elif isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "__all__":
            other = ast.unparse(node.value).removesuffix(".__all__")
            (source,) = (
                one.module for one in module.body if isinstance(one, ast.ImportFrom) and one.names[0].name == other
            )
            offered = (offered or set()) | (offered_by(tree(MODULES[f"{source}.{other}"])) or set())
    return offered


def _defines(module: ast.Module) -> bool:
    return any(isinstance(node, ast.ClassDef | ast.FunctionDef) for node in module.body)


def imports_of(name: str) -> Iterator[str]:
    """The modules of the package that one imports, also within functions and for types only."""
    for node in ast.walk(tree(MODULES[name])):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None, f"{name}: imports are absolute"
            for one in node.names:
                full = f"{node.module}.{one.name}"
                yield full if full in MODULES else node.module


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The groups of modules that import one another: those that reach each other."""
    reached = {name: _reached_from(name, graph) for name in graph}
    groups = {frozenset(other for other in reached[name] if name in reached[other]) for name in graph}
    return sorted(sorted(group) for group in groups if group)


def _reached_from(name: str, graph: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [*graph[name]]
    while waiting:
        if (one := waiting.pop()) not in found:
            found.add(one)
            waiting += graph[one]
    return found


def test_no_files_import_one_another_in_a_circle():
    graph = {name: {one for one in imports_of(name) if one in MODULES and one != name} for name in MODULES}
    assert "leadflow.entities" in graph["leadflow.ports"]
    assert circles(graph) == []


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, [["a", "b", "c"]]),
    ],
)
def test_a_circle_is_found(graph, expected):
    assert circles(graph) == expected
