"""The nurturing plan: all sequences and contents of a host, checked together."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator

from leadflow.conditions import bind, field
from leadflow.entities import Lead
from leadflow.entities.definition import Definition
from leadflow.errors import DefinitionError
from leadflow.nurturing.content import Content
from leadflow.nurturing.sequence import Sequence
from leadflow.nurturing.templates import custom_fields_in

__all__ = ["Nurturing"]


class Nurturing(Definition):
    """The sequences and contents with which a host nurtures its leads."""

    positional = ("sequences", "contents")

    sequences: tuple[Sequence, ...] = ()
    contents: tuple[Content, ...] = ()

    if TYPE_CHECKING:

        def __init__(self, sequences: Iterable[Sequence] = (), contents: Iterable[Content] = ()) -> None: ...

    @model_validator(mode="after")
    def _each_name_once(self) -> Self:
        _refuse_twice("sequence", self.sequences)
        _refuse_twice("content", self.contents)
        return self

    def bind(self, lead_type: type[Lead[Any]]) -> Self:
        """Return the same plan, checked: everything named by a sequence, an audience or a template exists."""
        for content in self.contents:
            _check_custom_fields(content, lead_type)
        return self.but(sequences=tuple(one.bind(lead_type, self.contents) for one in self.sequences))

    def sequence(self, name: str) -> Sequence | None:
        """Return the sequence with this name."""
        return next((one for one in self.sequences if one.name == name), None)

    def content(self, name: str) -> Content | None:
        """Return the content with this name."""
        return next((one for one in self.contents if one.name == name), None)


def _refuse_twice(kind: str, named: Iterable[Sequence | Content]) -> None:
    twice = [name for name, times in Counter(one.name for one in named).items() if times > 1]
    if twice:
        raise DefinitionError(f"{kind} {twice[0]!r} is defined more than once; give each its own name")


def _check_custom_fields(content: Content, lead_type: type[Lead[Any]]) -> None:
    for part, source in content.templates().items():
        where = f"content {content.name!r}, {part}"
        for name in sorted(custom_fields_in(source, html=part == "html", where=where)):
            try:
                bind(field(f"custom.{name}").is_known(), lead_type)
            except DefinitionError as wrong:
                raise DefinitionError(f"{where}: {wrong}") from None
