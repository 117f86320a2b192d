"""The match model: what is compared, what each agreement is worth, where candidates are looked for, what is decided."""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from leadflow.entities.base import Line, Number
from leadflow.entities.definition import Definition, Name
from leadflow.errors import DefinitionError

__all__ = [
    "CandidateBlock",
    "Comparator",
    "EvidenceGroup",
    "EvidenceLevel",
    "FieldComparison",
    "KeyPart",
    "MatchModel",
    "SubjectModel",
]

Comparator: TypeAlias = Literal[
    "name", "born", "email", "phone", "profile", "external_id", "identifier", "company", "place", "home",
    "organisation", "domain", "site", "generation",
]  # fmt: skip
EvidenceGroup: TypeAlias = Literal["person", "contact", "organisation"]
KeyPart: TypeAlias = Literal[
    "mailbox", "local_part", "phone", "profile", "external_id", "identifier", "words", "first", "initial", "last",
    "last_sound", "born", "domain", "company", "postcode", "city", "street", "home", "organisation",
    "organisation_start",
]  # fmt: skip
Trust: TypeAlias = Literal[
    "plain", "certain", "listed", "typed", "unclaimed", "shared", "implied", "family", "contradicts"
]  # fmt: skip


_COARSER: Mapping[Comparator, Mapping[str, str]] = {
    "name": {"script": "near", "kin": "last", "siblings": "last", "first_apart": "last", "first": "different"},
    "born": {"slip_apart": "near_birth", "within_year": "other_birth", "generation_apart": "other_birth"},
    "generation": {"other_generation": "one_generation"},
    "email": {"same_listed_email": "same_email", "spelled_apart": "other_email", "colleague_email": "other_email"},
    "phone": {"same_mobile": "same_line", "same_private_line": "same_line", "other_mobile": "other_line"},
    "identifier": {"near_identifier": "other_identifier"},
    "company": {"shared_domain": "same_domain"},
    "place": {"same_street": "same_postcode", "other_city": "other_postcode"},
    "home": {"same_home": "near_home", "near_home": "same_town"},
    "organisation": {"within_title": "part_title"},
    "site": {"other_number": "other_site"},
}
"""What a level counts as where a model does not list it: what it was part of before it was told apart."""


class EvidenceLevel(Definition):
    """One way in which a field of two records may agree or differ, and its weight in bits.

    Bits are the base-2 logarithm of how much more often it occurs in pairs of one person than in pairs of two.
    ``trust`` says what else it means: ``certain`` evidence asks a person if the names contradict it; what anybody can
    type in (``typed``) needs something else that agrees, what a table lists (``listed``) only where both have names,
    and an ``unclaimed`` address never decides; what colleagues share (``shared``) doesn't count under different names;
    what follows from the names (``implied``) counts nothing where these agree. Names that a household may have, too
    (``shared``), make what it shares count once only; under those of siblings (``family``) what twins share
    contradicts. What ``contradicts`` leaves a pair unsure at most, unless something certain or personal agrees, and
    weighs against a common cluster.
    """

    positional = ("level", "bits", "text")

    level: Name
    bits: Annotated[float, Field(ge=-30, le=30, allow_inf_nan=False)]
    text: Line
    trust: Trust = "plain"

    if TYPE_CHECKING:

        def __init__(self, level: str, bits: float, text: str, *, trust: Trust = "plain") -> None: ...


class FieldComparison(Definition):
    """A field that is compared, the group it belongs to, and its levels. What either record lacks is neutral.

    A level that is not listed counts as the next coarser one that is: dates of birth ``within_year`` as
    ``other_birth``. So a model that was saved before there was a level goes on as it did.
    """

    positional = ("by", "group", "levels")

    by: Comparator
    group: EvidenceGroup
    levels: Annotated[tuple[EvidenceLevel, ...], Field(min_length=1)]

    if TYPE_CHECKING:

        def __init__(self, by: Comparator, group: EvidenceGroup, levels: Iterable[EvidenceLevel]) -> None: ...

    @cached_property
    def by_level(self) -> dict[str, EvidenceLevel]:
        """The levels by their names, and by those of finer ones that are not listed."""
        found = {one.level: one for one in self.levels}
        coarser = _COARSER.get(self.by, {})
        for level in coarser:
            nearest: str | None = level
            while nearest is not None and nearest not in found:
                nearest = coarser.get(nearest)
            if nearest is not None:
                found[level] = found[nearest]
        return found

    @model_validator(mode="after")
    def _each_level_once(self) -> Self:
        twice = [level for level, times in Counter(one.level for one in self.levels).items() if times > 1]
        if twice:
            raise DefinitionError(f"comparison by {self.by}: the level {twice[0]!r} is given twice")
        return self


class SubjectModel(Definition):
    """How two persons, or two organisations, are compared: the name first.

    ``prior`` are the bits of any pair of candidates before something is known. The evidence of a group counts up to its
    cap: most people of a company share both its name and its address.
    """

    comparisons: Annotated[tuple[FieldComparison, ...], Field(min_length=1)]
    prior: Number = -7.0
    caps: Mapping[EvidenceGroup, Number] = Field(default_factory=dict)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            comparisons: Iterable[FieldComparison],
            prior: float = -7.0,
            caps: Mapping[EvidenceGroup, float] = ...,
        ) -> None: ...

    @model_validator(mode="after")
    def _each_field_once(self) -> Self:
        twice = [by for by, times in Counter(one.by for one in self.comparisons).items() if times > 1]
        if twice:
            raise DefinitionError(f"{twice[0]!r} is compared twice")
        if self.comparisons[0].by not in ("name", "organisation"):
            raise DefinitionError(f"the name must be compared first, not {self.comparisons[0].by!r}")
        return self


class CandidateBlock(Definition):
    """Records with the same values of all ``keys`` are compared, unless more than ``cap`` records have them."""

    positional = ("keys",)

    keys: Annotated[tuple[KeyPart, ...], Field(min_length=1, max_length=4)]
    cap: Annotated[int, Field(ge=2, le=100_000)] = 50

    if TYPE_CHECKING:

        def __init__(self, keys: Iterable[KeyPart], *, cap: int = 50) -> None: ...


class MatchModel(Definition):
    """One definition for one pair online and for a million records in a batch.

    A pair whose probability reaches ``same`` is the same, one that reaches ``unsure`` is for a person to decide. Since
    they are probabilities, thresholds are the expected precision at the threshold: of the pairs at .95, one in twenty
    is expected to be wrong, and far fewer above it.
    """

    persons: SubjectModel
    organisations: SubjectModel
    blocks: Annotated[tuple[CandidateBlock, ...], Field(min_length=1)]
    same: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    unsure: Annotated[float, Field(gt=0, lt=1)] = 0.35
    largest_cluster: Annotated[int, Field(ge=2)] = 100

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            persons: SubjectModel,
            organisations: SubjectModel,
            blocks: Iterable[CandidateBlock],
            same: float = 0.95,
            unsure: float = 0.35,
            largest_cluster: int = 100,
        ) -> None: ...

    def but(self, **values: object) -> Self:
        """Return a copy with some values replaced; ``DefinitionError`` for what can't work, as when it is built."""
        given: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self)(**given | values)

    @model_validator(mode="after")
    def _thresholds_fall(self) -> Self:
        if self.unsure > self.same:
            raise DefinitionError(f"unsure ({self.unsure}) must not be above same ({self.same})")
        return self
