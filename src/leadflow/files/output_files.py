"""Files that we write: whole or not at all, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol, TextIO

from leadflow.errors import InvalidInput
from leadflow.files.formulas import harmless

__all__ = ["Writer", "check_outputs", "csv_file", "text_file", "write_text"]


NO_FILES: Final = (("dev",), ("proc",), ("sys",))
"""/dev/stdout may lead to a regular file: replacing that would not be what was asked for."""


class Writer(Protocol):
    """Takes the rows of a CSV file."""

    def writerow(self, row: Sequence[object], /) -> object: ...


class _Harmless:
    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(file)

    def writerow(self, row: Sequence[object], /) -> object:
        return self._writer.writerow([harmless(cell) for cell in row])


def check_outputs(outputs: Mapping[str, Path | None], inputs: Iterable[Path | None]) -> None:
    """Refuse, before any work, files that can't be written or would overwrite what is read.

    ``outputs`` are paths by the option that names them, ``inputs`` all that the command reads, databases included.
    Links, also hard ones, and other spellings of a name are seen through.
    """
    taken: dict[str, str] = {}
    for option, path in outputs.items():
        if path is None:
            continue
        target = _target(path, option)
        read = next((one for one in inputs if one is not None and _is_same(target, one)), None)
        if read is not None:
            raise InvalidInput(option, str(path), f"it is read by this command ({read}); name another file")
        spelled = str(target).casefold()
        other = taken.setdefault(spelled, option)
        if other != option or any(_is_same(target, Path(one)) for one in taken if one != spelled):
            raise InvalidInput(option, str(path), "another option writes that file; name another one")


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return os.path.realpath(one) == os.path.realpath(other)


def _target(path: Path, field: str = "file") -> Path:
    """The regular file that a path leads to, there or not; a link stays one."""
    try:
        target = Path(os.path.realpath(path))
        is_there = target.exists()
        mode = target.stat().st_mode if is_there else 0
    except (OSError, ValueError) as error:
        raise InvalidInput(field, str(path), f"it can't be written ({error})") from None
    if str(path) == "-" or path.absolute().parts[1:2] in NO_FILES or (is_there and not stat.S_ISREG(mode)):
        raise InvalidInput(field, str(path), "it is not a regular file (but a folder, a device, a pipe); name a file")
    if not target.parent.is_dir():
        raise InvalidInput(field, str(path), "it can't be written (there is no such folder); make it first")
    return target


@contextmanager
def text_file(path: Path) -> Iterator[TextIO]:
    """Write a text file that appears, or replaces the old one, when it is complete; devices and pipes are refused."""
    target = _target(path)
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
    try:
        number, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".part")
    except OSError as error:
        raise InvalidInput("file", str(path), f"it can't be written ({error.strerror or error})") from None
    part = Path(name)
    try:
        with open(number, "w", encoding="utf-8", newline="", errors="replace") as file:  # noqa: PTH123 (a descriptor)
            yield file
        part.chmod(mode)
        part.replace(target)
    except OSError as error:
        raise InvalidInput("file", str(path), f"it can't be written ({error.strerror or error})") from None
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path | None, text: str) -> None:
    """Write a text into a file, whole or not at all; nothing without a path."""
    if path is not None:
        with text_file(path) as file:
            file.write(text)


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
