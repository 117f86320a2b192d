"""Teams: who works together, and who besides the owner may act on a lead."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from leadflow.entities.base import Line
from leadflow.entities.definition import Definition, UniqueWords
from leadflow.errors import DefinitionError

__all__ = ["Team", "WhoMay"]

WhoMay = Literal["owner", "deputy", "team", "anyone"]
"""Who may act on a lead that somebody owns; each includes those before it.

``deputy``: the leads of the owner's team, and the owner's substitutes while the owner is absent or gone.
"""


class Team(Definition):
    """Reps who work together: ``Team("north", ["anna", "ben"], leads=["carla"], substitutes={"anna": ["ben"]})``.

    ``who_may`` says who, besides the owner, may make a move (or ``assign``, ``unassign``, ``change_deal``,
    ``reopen_deal``) with a lead of a member; ``otherwise`` applies to all others. Without named substitutes every
    member is one. Actors who are no reps (marketing, the CRM) are not affected: the lifecycle says what they may do.
    """

    positional = ("name", "members")

    name: Line
    members: UniqueWords
    leads: UniqueWords = ()
    substitutes: Mapping[Line, UniqueWords] = Field(default_factory=dict)
    who_may: Mapping[Line, WhoMay] = Field(default_factory=dict)
    otherwise: WhoMay = "deputy"

    if TYPE_CHECKING:

        def __init__(
            self,
            name: str,
            members: Iterable[str],
            *,
            leads: Iterable[str] = (),
            substitutes: Mapping[str, Iterable[str]] = {},
            who_may: Mapping[str, WhoMay] = {},
            otherwise: WhoMay = "deputy",
        ) -> None: ...

    @model_validator(mode="after")
    def _known_to_each_other(self) -> Self:
        for rep in self.substitutes:
            if rep not in self.people:
                raise DefinitionError(f"team {self.name!r}: {rep!r} has substitutes, but is no member")
        return self

    @property
    def people(self) -> tuple[str, ...]:
        """Members, leads and substitutes, each once."""
        substitutes = (one for several in self.substitutes.values() for one in several)
        return tuple(dict.fromkeys((*self.members, *self.leads, *substitutes)))

    def substitutes_of(self, rep: str) -> tuple[str, ...]:
        """Who stands in for a member who is absent or gone."""
        return self.substitutes.get(rep, self.members)

    def allowed(self, move: str, owner: str, *, absent: bool) -> tuple[str, ...] | None:
        """Who may make a move with a lead of this owner, the owner first; None for everybody."""
        who = self.who_may.get(move, self.otherwise)
        if who == "anyone":
            return None
        deputies = (*self.leads, *(self.substitutes_of(owner) if absent else ()))
        others = {"owner": (), "deputy": deputies, "team": (*deputies, *self.members)}[who]
        return tuple(dict.fromkeys((owner, *others)))
