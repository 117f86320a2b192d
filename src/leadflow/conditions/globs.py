"""Text patterns of ``*`` (any characters) and ``?`` (one), compiled to a fast test.

Unlike regular expressions they mean the same in every engine, and no pattern can make a test take forever.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["glob_test"]


def glob_test(pattern: str) -> Callable[[str], bool]:
    """A test for texts that match a pattern of ``*`` and ``?``.

    The pieces between stars are searched from left to right, each at its first occurrence: without backtracking, so the
    time is at most the product of both lengths.
    """
    first, *rest = [_Piece.of(piece) for piece in pattern.split("*")]
    if not rest:
        return first.is_all
    return _Like(first, tuple(piece for piece in rest[:-1] if piece.length), rest[-1]).test


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a pattern without stars."""

    text: str
    length: int
    blanks: re.Pattern[str] | None

    @classmethod
    def of(cls, text: str) -> _Piece:
        source = "".join("." if sign == "?" else re.escape(sign) for sign in text)
        return cls(text, len(text), re.compile(source, re.DOTALL) if "?" in text else None)

    def is_all(self, text: str) -> bool:
        return len(text) == self.length and self.is_at(text, 0)

    def is_at(self, text: str, start: int) -> bool:
        return self.blanks.match(text, start) is not None if self.blanks else text.startswith(self.text, start)

    def find(self, text: str, start: int, end: int) -> int:
        if self.blanks is None:
            return text.find(self.text, start, end)
        found = self.blanks.search(text, start, end)
        return found.start() if found else -1


@dataclass(frozen=True, slots=True)
class _Like:
    """A pattern with at least one star: the start of the text, the pieces in order, the end."""

    first: _Piece
    middle: tuple[_Piece, ...]
    last: _Piece

    def test(self, text: str) -> bool:
        at, end = self.first.length, len(text) - self.last.length
        if end < at or not self.first.is_at(text, 0) or not self.last.is_at(text, end):
            return False
        for piece in self.middle:
            found = piece.find(text, at, end)
            if found < 0:
                return False
            at = found + piece.length
        return True
