"""Which encoding a text file has, found out before the first row is read."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from leadflow.errors import InvalidInput
from leadflow.files.code_pages import guess_code_page

__all__ = ["Encoding", "about_lines", "encoding_of", "openable", "sampled_lines"]

SAMPLE: Final = 1 << 16
SPOTS: Final = 64
"""A file of more than so many samples is looked at in so many places, 4 MB in all; a smaller one as a whole."""
ODD_LINES: Final = 400
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins like that one's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Encoding(NamedTuple):
    """What Python calls it, and what is done with bytes that don't belong to it.

    ``others`` are encodings in which the bytes would be other, likely letters.
    """

    name: str
    errors: str = "replace"
    is_guess: bool = False
    others: tuple[str, ...] = ()


def openable(path: Path) -> Path:
    """Return the path if there is a file with something in it, or raise ``InvalidInput`` with what is wrong with it."""
    try:
        with path.open("rb") as file:
            first = file.read(1)
    except FileNotFoundError:
        raise InvalidInput("file", str(path), "there is no such file; check the name") from None
    except IsADirectoryError:
        raise InvalidInput("file", str(path), "it is a folder; name a file in it") from None
    except OSError as error:
        raise InvalidInput("file", str(path), f"it can't be read ({error.strerror or error})") from None
    if not first:
        raise InvalidInput("file", str(path), "it is empty; a table begins with a line of column names")
    return path


def encoding_of(path: Path, given: str | None = None) -> Encoding:
    """Return the encoding given, or the one that the file's own bytes speak for.

    A byte order mark decides; else zeros in every second byte mean UTF-16. What is valid UTF-8 is UTF-8, also when a
    few lines are not (they keep a trace); of the rest the letters tell the code page. Of a large file 4 MB are looked
    at, spread over it.
    """
    if given is not None:
        return _encoding(_known(given))
    with openable(path).open("rb") as file:
        start = file.read(SAMPLE)
    for mark, name in MARKS:
        if start.startswith(mark):
            return _encoding(name)
    if (wide := _wide(start)) is not None:
        return wide
    good, bad, odd = _utf8_lines(sampled_lines(path))
    if bad > good:
        guess = guess_code_page(odd)
        return Encoding(guess.name, is_guess=True, others=guess.others)
    return _encoding("utf-8")


def _encoding(name: str) -> Encoding:
    return Encoding(name, "surrogateescape" if name in ("utf-8", "utf-8-sig") else "replace")


def sampled_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file, of a large one those in places that are spread over it, 4 MB in all."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= SPOTS * SAMPLE:
            yield from file.read().split(b"\n")
            return
        for spot in range(SPOTS):
            file.seek(spot * (size - SAMPLE) // (SPOTS - 1))
            lines = file.read(SAMPLE).split(b"\n")
            yield from lines[1:-1] if len(lines) > 2 else lines  # the outer ones are torn


def about_lines(path: Path) -> int:
    """Return about how many lines a file has; exactly, unless it is large."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= SPOTS * SAMPLE:
            return file.read().count(b"\n")
    lines = [len(line) + 1 for line in sampled_lines(path)]
    return round(size * len(lines) / sum(lines))


def _known(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise InvalidInput("encoding", name, "give one that Python knows, such as utf-8 or cp1252") from None


def _wide(sample: bytes) -> Encoding | None:
    pairs = len(sample) // 2
    if pairs == 0:
        return None
    first, second = sample[0 : 2 * pairs : 2].count(0), sample[1 : 2 * pairs : 2].count(0)
    if second > 0.6 * pairs and first < 0.1 * pairs:
        return Encoding("utf-16-le")
    if first > 0.6 * pairs and second < 0.1 * pairs:
        return Encoding("utf-16-be")
    return None


def _utf8_lines(lines: Iterable[bytes]) -> tuple[int, int, list[bytes]]:
    """Count the lines beyond ASCII that are UTF-8, and those that are not; with some of the latter."""
    good = bad = 0
    odd: list[bytes] = []
    for line in lines:
        if not line.isascii():
            valid = _is_utf8(line)
            good, bad = good + valid, bad + (not valid)
            if not valid and len(odd) < ODD_LINES:
                odd.append(line[:SAMPLE])
    return good, bad, odd


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
