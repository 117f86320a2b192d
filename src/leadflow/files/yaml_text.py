"""YAML 1.2 (the core schema): ``NO`` is Norway, ``on`` a word, ``1:30`` and ``2026-01-31`` are text.

What YAML 1.1 and 1.2 read as different numbers (``010``), duplicate keys, merge keys (``<<``), and tags
beyond the core schema are errors with their line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from leadflow.entities.bounds import DIGITS_LIMIT
from leadflow.errors import DefinitionError, InvalidInput, require

__all__ = ["places_in", "yaml_file", "yaml_mapping"]

SIZE_LIMIT: Final = 1_000_000
VALUES_LIMIT: Final = 100_000
CORE: Final[dict[str, tuple[re.Pattern[str], list[str]]]] = {
    "null": (re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]),
    "bool": (re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")),
    "int": (re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z"), list("-+0123456789")),
    "float": (
        re.compile(
            r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
        ),
        list("-+.0123456789"),
    ),
}
"""Which plain scalars are not text: https://yaml.org/spec/1.2.2/#103-core-schema."""
TAGS: Final = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("str", "null", "bool", "map", "seq"))


def yaml_file(path: Path) -> dict[str, Any]:
    """Return the content of a YAML file; ``DefinitionError`` names the file, the line and what is wrong."""
    require("cli")

    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise InvalidInput("config", str(path), f"it has more than {SIZE_LIMIT:,} bytes; no config is that long")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidInput("config", str(path), f"it can't be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise InvalidInput("config", str(path), "it is not UTF-8; save it as UTF-8") from None
    return yaml_mapping(text, path)


def yaml_mapping(text: str, name: object) -> dict[str, Any]:
    """Return the keys and values that a YAML (or JSON) text has; ``DefinitionError`` names it and what is wrong."""
    import yaml

    try:
        loaded = yaml.load(text, Loader=_loader())  # noqa: S506 (a SafeLoader)
    except RecursionError:
        raise DefinitionError(f"{name}: it is nested too deep") from None
    except (yaml.YAMLError, ValueError) as error:
        raise DefinitionError(f"{name}: {_where(error)}") from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict) or not all(isinstance(key, str) for key in loaded):
        raise DefinitionError(f"{name}: it must have keys and values, such as 'source: web-form'")
    return loaded


def places_in(path: Path) -> Callable[[Iterable[int | str]], tuple[int, str]]:
    """Return what tells the line and the name of a place, such as ``("scoring", "fit", 0, "points")``.

    Parts that the file does not have (the kind of a rule, a field that is missing) are passed over, but for the last
    one, which belongs to the name; the line is that of what is around them.
    """
    import yaml

    root: Any = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=_loader())

    def place_of(where: Iterable[int | str]) -> tuple[int, str]:
        node, line = root, 1
        named: list[str] = []
        parts = [part for part in where if not str(part).startswith("function-")]
        for number, part in enumerate(parts, 1):
            below = _below(node, part)
            if below is not None:
                node, line = below[1], below[0].start_mark.line + 1
            if below is not None or (number == len(parts) and isinstance(part, str) and part.isidentifier()):
                named.append(str(part))
        return line, ".".join(named)

    return place_of


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
        """Safe, by the rules of YAML 1.2, without silent repetitions, and bounded whatever its aliases make of it."""

        def get_single_node(self) -> Any:
            node = super().get_single_node()
            _check_size(node, {})
            return node

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            seen: set[str] = set()
            for key, _ in node.value:
                if isinstance(key.value, str):
                    _check_key(key, seen)
                    seen.add(key.value)
            return dict(super().construct_mapping(node, deep=deep))

        def flatten_mapping(self, node: Any) -> None:
            """Merge keys are of YAML 1.1."""

    Loader.yaml_implicit_resolvers = {}
    for kind, (rule, beginnings) in CORE.items():
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", rule, beginnings)
    Loader.yaml_constructors = {
        tag: construct for tag, construct in yaml.SafeLoader.yaml_constructors.items() if tag in (*TAGS, None)
    }
    Loader.add_constructor("tag:yaml.org,2002:int", _whole)
    Loader.add_constructor("tag:yaml.org,2002:float", _decimal)
    return Loader


def _check_key(key: Any, seen: set[str]) -> None:
    if key.value in seen:
        raise _wrong(f"{key.value!r} is defined twice; keep one", key)
    if key.value == "<<" and key.style is None:
        raise _wrong("merge keys (<<) are not of YAML 1.2; write out what is merged", key)


def _check_size(node: Any, sizes: dict[int, int | None]) -> int:
    """How many values a node is once its aliases are written out; refused if too many, or if it holds itself."""
    if node is None or isinstance(node.value, str):
        return 1
    known = sizes.setdefault(id(node), 0)
    if known == 0:
        sizes[id(node)] = None
        parts = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
        sizes[id(node)] = known = 1 + sum(_check_size(part, sizes) for part in parts)
    if known is None:
        raise _wrong("it holds itself; write it out", node)
    if known > VALUES_LIMIT:
        raise _wrong(f"with its aliases written out it has more than {VALUES_LIMIT:,} values", node)
    return known


def _whole(loader: Any, node: Any) -> int:
    text = loader.construct_scalar(node)
    if CORE["int"][0].match(text) is None:
        raise _wrong(f"{text[:40]!r} is not a whole number", node)
    if len(text) > DIGITS_LIMIT:
        raise _wrong(f"the number has more than {DIGITS_LIMIT} digits", node)
    digits = text.lstrip("+-")
    if digits.isdecimal():
        if len(digits) > 1 and digits[0] == "0":
            raise _wrong(f"{text} is text (a postcode, say) or a number? Put it in quotes, or leave out the zero", node)
        return int(text)
    return int(text, 0)


def _decimal(loader: Any, node: Any) -> float:
    text = loader.construct_scalar(node)
    if CORE["float"][0].match(text) is None and CORE["int"][0].match(text) is None:
        raise _wrong(f"{text[:40]!r} is not a number", node)
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def _wrong(problem: str, node: Any) -> Exception:
    import yaml

    error: Exception = yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
    return error
