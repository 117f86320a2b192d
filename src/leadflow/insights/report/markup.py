"""HTML and SVG from values: everything that is not markup already is escaped, so that no value becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Final

__all__ = ["Markup", "joined", "tag"]

UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that are not allowed in HTML or XML."""
VOID: Final = frozenset({"meta"})


class Markup(str):
    """Text that is already markup."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: object) -> Markup:
    """Return an element. Children are escaped unless they are ``Markup``; attributes always are; None is left out.

    ``class_`` stands for ``class``, ``aria_label`` for ``aria-label``.
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{said}>" if name in VOID else f"<{name}{said}>{joined(children)}</{name}>")


def joined(parts: Iterable[str], between: str = "") -> Markup:
    """Return the parts concatenated, escaped unless they are ``Markup``."""
    return Markup(_escaped(between).join(part if isinstance(part, Markup) else _escaped(part) for part in parts))


def _escaped(text: str) -> str:
    return escape(UNFIT.sub("�", text), quote=True)
