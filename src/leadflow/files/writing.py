"""Files that we write: whole or not at all, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol, TextIO

from leadflow.errors import InvalidInput

__all__ = ["Writer", "csv_file", "harmless", "text_file"]

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Writer(Protocol):
    """Takes the rows of a CSV file."""

    def writerow(self, row: Sequence[object], /) -> object: ...


def harmless(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


class _Harmless:
    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(file)

    def writerow(self, row: Sequence[object], /) -> object:
        return self._writer.writerow([harmless(cell) for cell in row])


@contextmanager
def text_file(path: Path) -> Iterator[TextIO]:
    """Write a text file that appears, or replaces the old one, when it is complete."""
    try:
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise InvalidInput("file", str(path), f"it can't be written ({error.strerror or error})") from None
    part = Path(name)
    try:
        with open(number, "w", encoding="utf-8", newline="", errors="replace") as file:  # noqa: PTH123 (a descriptor)
            yield file
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    except OSError as error:
        raise InvalidInput("file", str(path), f"it can't be written ({error.strerror or error})") from None
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def csv_file(path: Path, columns: Sequence[str]) -> Iterator[Writer]:
    """Write a CSV file with these columns, whole or not at all."""
    with text_file(path) as file:
        writer = _Harmless(file)
        writer.writerow(columns)
        yield writer


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
