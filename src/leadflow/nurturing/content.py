"""Contents, and choosing the one that suits a lead best: the more is known, the more individual.

A tag that agrees with the lead counts in favour of a content, one that contradicts it excludes the content, and one
about which nothing is known is neutral.
"""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from pydantic import model_validator

from leadflow.entities import Channel, Lead
from leadflow.entities.definition import Definition, Name, UniqueWords
from leadflow.nurturing.templates import check

__all__ = ["Choice", "Content", "choose"]


class Content(Definition):
    """Something worth sending, tagged with its audience. ``subject``, ``body`` and ``html`` are Liquid.

    Without tags of a kind it suits everybody. A template that can't be parsed is a ``DefinitionError`` with its line.
    """

    positional = ("name", "subject", "body")

    name: Name
    subject: str
    body: str
    html: str | None = None
    stages: UniqueWords = ()
    personas: UniqueWords = ()
    buying_roles: UniqueWords = ()
    interests: UniqueWords = ()
    channel: Channel = "email"
    language: str | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            subject: str,
            body: str,
            *,
            html: str | None = None,
            stages: Iterable[str] = (),
            personas: Iterable[str] = (),
            buying_roles: Iterable[str] = (),
            interests: Iterable[str] = (),
            channel: Channel = "email",
            language: str | None = None,
        ) -> None: ...

    @model_validator(mode="after")
    def _templates_can_be_read(self) -> Self:
        for part, source in self.templates().items():
            check(source, html=part == "html", where=part)
        return self

    def templates(self) -> dict[str, str]:
        """Return its templates by part: subject, body and, if present, html."""
        parts = {"subject": self.subject, "body": self.body}
        return parts if self.html is None else {**parts, "html": self.html}


class Choice(NamedTuple):
    """The content that suits best (or None), and why; ``passed_over`` has the reason against each other one."""

    content: Content | None
    because: tuple[str, ...]
    passed_over: tuple[tuple[str, str], ...] = ()


class _Suitability(NamedTuple):
    matches: tuple[str, ...]
    unconfirmed: int
    against: str | None


def choose(
    contents: Iterable[Content], lead: Lead[Any], already_sent: Collection[str], *, channel: Channel = "email"
) -> Choice:
    """Return the content with the most agreeing tags that has not been sent yet.

    Among equals the one that assumes less about the lead wins, then the one given first.
    """
    open_ones: list[tuple[Content, _Suitability]] = []
    passed: list[tuple[str, str]] = []
    for content in (one for one in contents if one.channel == channel):
        suits = _suitability(content, lead)
        against = "sent already" if content.name in already_sent else suits.against
        if against:
            passed.append((content.name, against))
        else:
            open_ones.append((content, suits))
    if not open_ones:
        return Choice(None, ("no suitable content is left",), tuple(passed))
    best, suits = min(open_ones, key=lambda one: (-len(one[1].matches), one[1].unconfirmed))
    passed += [(one.name, f"suits less well than {best.name!r}") for one, _ in open_ones if one is not best]
    return Choice(best, suits.matches or ("suits everyone",), tuple(passed))


def _suitability(content: Content, lead: Lead[Any]) -> _Suitability:
    matches: list[str] = []
    unconfirmed = 0
    for tag, wanted, known in _tags(content, lead):
        agreeing = [word for word in wanted if _agrees(tag, word, known)]
        if known and wanted and not agreeing:
            return _Suitability((), 0, f"{tag} {_listed(known)}, it is for {_listed(wanted)}")
        matches += [f"{tag} {word}" for word in agreeing]
        unconfirmed += bool(wanted and not known)
    return _Suitability(tuple(matches), unconfirmed, None)


def _tags(content: Content, lead: Lead[Any]) -> Iterable[tuple[str, Collection[str], Collection[str]]]:
    """Each kind of tag with what the content requires and what is known of the lead."""
    yield "stage", content.stages, _known(lead.stage)
    yield "persona", content.personas, _known(lead.persona)
    yield "buying role", content.buying_roles, _known(lead.buying_role)
    yield "interest", content.interests, (*lead.interests, *lead.product_interest)
    yield "language", _known(content.language), _known(lead.person.language)


def _agrees(tag: str, word: str, known: Iterable[str]) -> bool:
    if tag == "language":  # "de" suits speakers of "de-AT"; "de-AT" does not necessarily suit "de-CH"
        return any(f"{spoken.casefold()}-".startswith(f"{word.casefold()}-") for spoken in known)
    return word.casefold() in {one.casefold() for one in known}


def _known(word: str | None) -> tuple[str, ...]:
    return (word,) if word else ()


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
