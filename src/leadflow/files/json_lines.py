"""JSON lines: an object on each line. Objects within are columns of their own, lists of plain values one cell.

The columns are the keys in the first 4 MB; what has another key stands in one more column. Of a key that an object has
twice, with different values, the second is a column of its own, ``phone (2)``, with a finding.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple, Self

from leadflow.errors import InvalidInput
from leadflow.files.encodings import about_lines
from leadflow.files.table_source import CellDoubt, TableRecord

__all__ = ["JsonLines", "json_lines"]

LINE_LIMIT: Final = 4 << 20
SAMPLE: Final = 4 << 20
OTHERS: Final = "(other keys)"
COLUMNS_LIMIT: Final = 1_000
DEPTH: Final = 4
TWICE: Final = "the object has this key twice, with different values; this is the further one"
SUFFIXES: Final = frozenset({".jsonl", ".ndjson", ".json"})


@dataclass(frozen=True)
class JsonLines:
    """A file of JSON lines with all keys of its objects."""

    path: Path
    keys: tuple[str, ...]

    form = "JSON lines"
    notes: tuple[str, ...] = ()
    delimiter = None

    @staticmethod
    def begins_like(path: Path, start: bytes) -> bool:
        """Whether a file is one, by its name or by how it begins."""
        return path.suffix.lower() in SUFFIXES or start.lstrip(b"\xef\xbb\xbf \r\n").startswith((b'{"', b"[{"))

    @cached_property
    def length(self) -> int:
        """About the number of lines."""
        return about_lines(self.path)

    def records(self) -> Iterator[TableRecord]:
        """Read the keys, as a record of column names in line 0, then the objects."""
        yield TableRecord(0, list(self.keys))
        for number, found in _objects(self.path):
            if isinstance(found, str):
                yield TableRecord(number, [], found)
            else:
                texts = found.texts
                cells = [texts.get(key, "") for key in self.keys]
                if self.keys[-1] == OTHERS and (others := {key: texts[key] for key in texts.keys() - {*self.keys}}):
                    cells[-1] = json.dumps(others, ensure_ascii=False, sort_keys=True)
                places = (self.keys.index(key if key in self.keys else OTHERS) for key in found.further)
                yield TableRecord(number, cells, doubts=tuple(CellDoubt(at, "repeated_key", TWICE) for at in places))

    @classmethod
    def of(cls, path: Path) -> Self:
        """Look at the objects in the first 4 MB for their keys."""
        keys: dict[str, None] = {}
        problem = ""
        for _, found in _objects(path, SAMPLE):
            if isinstance(found, str):
                problem = problem or found
            else:
                keys |= dict.fromkeys(found.texts)
            if len(keys) > COLUMNS_LIMIT:
                raise InvalidInput("file", str(path), f"its objects have more than {COLUMNS_LIMIT} different keys")
        if not keys:
            raise InvalidInput(
                "file", str(path), f"it has no JSON object with values; {problem or 'write one per line'}"
            )
        return cls(path, (*keys, OTHERS) if path.stat().st_size > SAMPLE else tuple(keys))


def json_lines(path: Path) -> JsonLines:
    """Look at a file of JSON lines; ``InvalidInput`` for a JSON array."""
    with path.open("rb") as file:
        if file.read(1 << 12).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            raise InvalidInput("file", str(path), "it is a JSON array; write one object per line (jq -c '.[]' FILE)")
    return JsonLines.of(path)


class _Cells(NamedTuple):
    """The texts of an object by column, and which of them are further values of a key that it has twice."""

    texts: dict[str, str]
    further: list[str]


class _Object(dict[str, object]):
    """An object of JSON; the further values of a key stand under ``key (2)``, a list if there are several."""

    def __init__(self, pairs: Iterable[tuple[str, object]]) -> None:
        super().__init__()
        further: dict[str, list[object]] = {}
        for key, value in pairs:
            if self.setdefault(key, value) != value:
                further.setdefault(key, []).append(value)
        self.further = {f"{key} (2)": values[0] if len(values) == 1 else values for key, values in further.items()}
        for name, value in self.further.items():
            self.setdefault(name, value)


def _objects(path: Path, most: int | None = None) -> Iterator[tuple[int, _Cells | str]]:
    """Yield the objects as columns with texts, each with its line; what is none as the reason why.

    ``most`` is after how many characters to end.
    """
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        number = seen = 0
        while (most is None or seen < most) and (line := file.readline(LINE_LIMIT)):
            number, seen = number + 1, seen + len(line)
            if len(line) >= LINE_LIMIT:
                while line and not line.endswith("\n"):
                    line = file.readline(LINE_LIMIT)
                yield number, f"has more than {LINE_LIMIT:,} characters"
            elif line.strip():
                yield number, _read(line)


def _read(line: str) -> _Cells | str:
    try:
        found = json.loads(
            line, parse_float=str, parse_int=str, parse_constant=lambda _: None, object_pairs_hook=_Object
        )
        if not isinstance(found, _Object):
            return "is no JSON object; write one per line"
        further: list[str] = []
        return _Cells(dict(_flat(found, further)), further)
    except (ValueError, RecursionError) as error:
        return f"is no JSON object ({str(error)[:80]}); write one per line"


def _flat(value: _Object, further: list[str], before: str = "", depth: int = 1) -> Iterator[tuple[str, str]]:
    for key, one in value.items():
        if isinstance(one, _Object) and depth < DEPTH:
            yield from _flat(one, further, f"{before}{key}.", depth + 1)
        else:
            further += [f"{before}{key}"] if key in value.further else []
            yield f"{before}{key}", _text(one)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return "; ".join(map(_text, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
