"""Letters that went through a wrong encoding: put right where only one reading is possible, always with a finding."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Final

from leadflow.entities import Finding
from leadflow.files.code_pages import guess_code_page
from leadflow.quality.results import warning

__all__ = ["LOST", "mended"]

ROUNDS: Final = 3
LOST: Final = "\ufffd"
TWICE: Final = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
                          "\u2013-\u203a\u20ac\u2122]")  # fmt: skip
"""What a letter of UTF-8 looks like when its bytes are read as Windows-1252."""
HOLES: Final = dict.fromkeys((0x81, 0x8D, 0x8F, 0x90, 0x9D))


def mended(cells: MutableMapping[str, str]) -> list[Finding]:
    """Put right what was encoded twice, or otherwise than the rest of the file; say so, and what is lost for good."""
    findings = []
    for column, cell in cells.items():
        if cell.isascii():
            continue
        right, code, message = _right(cell)
        if code:
            cells[column] = right
            findings.append(warning(code, column, message, _visible(cell), right if right != cell else None))
    return findings


def _right(cell: str) -> tuple[str, str, str]:
    if any("\udc80" <= c <= "\udcff" for c in cell):
        raw = cell.encode("utf-8", "surrogateescape")
        page = guess_code_page([raw]).name
        return raw.decode(page, "replace"), "other_encoding", f"is not UTF-8 like the rest of the file; read as {page}"
    if LOST in cell:
        return cell, "lost_letters", "has letters that were lost in a wrong encoding; export it again as UTF-8"
    if (once := _decoded(cell)) != cell:
        return once, "encoded_twice", "was encoded twice; read as it was before"
    return cell, "", ""


def _visible(cell: str) -> str:
    return cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _decoded(cell: str) -> str:
    for _ in range(ROUNDS):
        if TWICE.search(cell) is None:
            break
        try:
            cell = _bytes_of(cell).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            break
    return cell


def _bytes_of(cell: str) -> bytes:
    """The bytes that Windows-1252 reads as this text; its five holes are read as control characters."""
    return b"".join(bytes([ord(c)]) if ord(c) in HOLES else c.encode("cp1252") for c in cell)
