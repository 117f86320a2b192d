"""Pages as a browser sees them: elements with attributes, text, pictures; and a name that tries to be markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>\x00\ud800&amp;</title></style></svg>\u202eÖztürk'


class Nodes(HTMLParser):
    """Collects every element with its attributes, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Nodes:
    nodes = Nodes()
    nodes.feed(page)
    return nodes


def svgs(page: str) -> Iterator[ET.Element]:
    for text in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
        yield ET.fromstring(text)
