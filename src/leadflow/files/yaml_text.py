"""YAML as people mean it: ``NO`` is Norway and ``on`` a word; a key that is there twice is an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from leadflow.errors import DefinitionError, InvalidInput, require

__all__ = ["lines_in", "yaml_file"]


def yaml_file(path: Path) -> dict[str, Any]:
    """Return what a YAML file says; ``DefinitionError`` names the file, the line and what is wrong."""
    require("cli")
    import yaml

    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidInput("config", str(path), f"it can't be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise InvalidInput("config", str(path), "it is not UTF-8; save it as UTF-8") from None
    try:
        said = yaml.load(text, Loader=_loader())  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise DefinitionError(f"{path}: {_where(error)}") from None
    if said is None:
        return {}
    if not isinstance(said, dict) or not all(isinstance(key, str) for key in said):
        raise DefinitionError(f"{path}: it must have keys and values, such as 'source: web-form'")
    return said


def lines_in(path: Path) -> Callable[[Iterable[int | str]], int]:
    """Return what tells the line of a place in the file, such as ``("scoring", "fit", 0, "points")``.

    Parts of the place that the file does not have are passed over: the line is that of what is around them.
    """
    import yaml

    root: Any = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=_loader())

    def line_of(place: Iterable[int | str]) -> int:
        node, line = root, 1
        for part in place:
            below = _below(node, part)
            if below is not None:
                node, line = below[1], below[0].start_mark.line + 1
        return line

    return line_of


def _below(node: Any, part: int | str) -> tuple[Any, Any] | None:
    """The key and the value that a part of a place leads to."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).split("\n", maxsplit=1)[0]
    return f"line {mark.line + 1}: {problem}" if mark else f"not YAML ({problem})"


def _loader() -> type[Any]:
    import yaml

    class Loader(yaml.SafeLoader):
        """Safe, without YAML 1.1's yes, no, on and off, and without silent repetitions."""

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            seen: set[str] = set()
            for key, _ in node.value:
                if key.value in seen and isinstance(key.value, str):
                    problem = f"{key.value!r} is there twice; keep one"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen |= {key.value} if isinstance(key.value, str) else set()
            return dict(super().construct_mapping(node, deep=deep))

    Loader.yaml_implicit_resolvers = {
        first: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader
