"""Letters that went through a wrong encoding: put right where only one reading is possible, always with a finding."""

from __future__ import annotations

import html
import re
from collections.abc import MutableMapping
from typing import Final

from leadflow.entities import Finding
from leadflow.files.code_pages import guess_code_page
from leadflow.quality.results import warning

__all__ = ["LOST", "has_lost_letters", "mended"]

ROUNDS: Final = 3
LOST: Final = "\ufffd"
TWICE: Final = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
                          "\u2013-\u203a\u20ac\u2122]")  # fmt: skip
"""What a letter of UTF-8 looks like when its bytes are read as Windows-1252."""
ENTITY: Final = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,5});")
TAG: Final = re.compile(r"</?(?:a|b|i|u|p|br|div|span|strong|em|font|li|ul)(?:\s[^<>]*)?/?>", re.IGNORECASE)
BREAK: Final = re.compile(r"<(?:br|/p|/div|/li)\b[^<>]*>", re.IGNORECASE)
BYTES: Final = re.compile(r"(?:=[C-F][0-9A-F](?:=[89AB][0-9A-F])+)+|(?:%[C-Fc-f][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f])+)+")
"""Letters as mails (``=C3=BC``) and addresses of pages (``%C3%BC``) spell them."""
QUESTIONED: Final = re.compile(r"(?<=[^\W\d_])\?(?=[^\W\d_])|(?<![^\s])\?(?=[a-z])")
"""A question mark in a word: what programs write for a letter that their encoding doesn't have."""
SUSPECT: Final = re.compile(f"{ENTITY.pattern}|{BYTES.pattern}|{QUESTIONED.pattern}|</?[A-Za-z]")
HOLES: Final = dict.fromkeys((0x81, 0x8D, 0x8F, 0x90, 0x9D))


def mended(cells: MutableMapping[str, str]) -> list[Finding]:
    """Put right what was encoded twice, or otherwise than the rest of the file; say so, and what is lost for good."""
    findings = []
    for column, cell in cells.items():
        if cell.isascii() and SUSPECT.search(cell) is None:
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
    if has_lost_letters(cell):
        return cell, "lost_letters", "has letters that were lost in a wrong encoding; export it again as UTF-8"
    if "://" not in cell and (once := _spelled_out(cell)) != cell:
        return once, "encoded_twice", "was encoded for a page or a mail; read as it was before"
    if (once := _decoded(cell)) != cell:
        return once, "encoded_twice", "was encoded twice; read as it was before"
    return cell, "", ""


def has_lost_letters(cell: str) -> bool:
    """Whether letters of a text are gone: a program has put the sign for that, or a question mark, in their places."""
    return LOST in cell or ("?" in cell and "/" not in cell and "=" not in cell and QUESTIONED.search(cell) is not None)


def _spelled_out(cell: str) -> str:
    """A text without the tags and entities of HTML, and with letters for their bytes."""
    plain = TAG.sub("", BREAK.sub("\n", cell)) if "<" in cell else cell
    text = plain.strip() if plain != cell else cell
    text = html.unescape(text) if ENTITY.search(text) else text
    try:
        return BYTES.sub(lambda found: bytes.fromhex(re.sub("[=%]", "", found[0])).decode("utf-8"), text)
    except UnicodeDecodeError:
        return text


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
