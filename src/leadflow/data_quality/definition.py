"""What the data of a lead is needed for, how long it stays fresh, and what that is worth.

::

    DataQuality(
        purposes=[
            Purpose("mailing", ["email.address"]),
            Purpose("calling", [FieldNeed("phone.number", worth=3), ["person.last_name", "company.name"]]),
            Purpose("letter", [FieldNeed.all("address.street", "address.postcode", "address.city")]),
        ],
        freshness=[Freshness("email", "365 days")],
    )
"""

# No `from __future__ import annotations`: pydantic reads these annotations.
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from leadflow.entities.confirmation import FieldGroup
from leadflow.entities.definition import Definition
from leadflow.entities.duration import Duration
from leadflow.errors import DefinitionError

__all__ = ["DataQuality", "FieldNeed", "Freshness", "Purpose"]

NeededPath = Annotated[str, Field(pattern=r"^[A-Za-z]\w*(\.[A-Za-z]\w*)*$")]
QualityWeight = Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False)]
LONGEST: Final = timedelta(days=36_525)


def _identifier(name: str) -> str:
    if not name.isidentifier() or name.startswith("_"):
        raise ValueError(f"{name!r} is not a name for conditions; write letters, digits and _, such as hand_over")
    return name


class FieldNeed(Definition):
    """What a purpose needs: a field, one of several (a list), or several together (a list within the list).

    ``FieldNeed(["person.last_name", "company.name"])`` needs one of the two, ``FieldNeed.all("address.street",
    "address.city")`` both. ``worth`` is what it counts for beside the other needs of the purpose.
    """

    positional = ("any_of",)

    any_of: Annotated[tuple[Annotated[tuple[NeededPath, ...], Field(min_length=1)], ...], Field(min_length=1)]
    worth: float = Field(default=1.0, gt=0, le=1_000, allow_inf_nan=False)

    if TYPE_CHECKING:

        def __init__(self, any_of: str | Iterable[str | Iterable[str]], *, worth: float = 1.0) -> None: ...

    @classmethod
    def all(cls, *paths: str, worth: float = 1.0) -> Self:
        """Several fields, all of them needed."""
        return cls([paths], worth=worth)

    @field_validator("any_of", mode="before")
    @classmethod
    def _as_alternatives(cls, written: Any) -> Any:
        if isinstance(written, str):
            return [[written]]
        if isinstance(written, list | tuple):
            return [[one] if isinstance(one, str) else one for one in written]
        return written

    @classmethod
    def _by_name(cls, written: Any) -> Any:
        if isinstance(written, str | list | tuple):
            return {"any_of": written}
        return super()._by_name(written)


class Purpose(Definition):
    """What the data is needed for: a name, and its needs; ``weight`` beside the other purposes."""

    positional = ("name", "needs")

    name: Annotated[str, AfterValidator(_identifier)]
    needs: Annotated[tuple[FieldNeed, ...], Field(min_length=1)]
    weight: QualityWeight = 1.0

    if TYPE_CHECKING:

        def __init__(
            self, name: str, needs: Iterable[FieldNeed | str | Iterable[str | Iterable[str]]], *, weight: float = 1.0
        ) -> None: ...


class Freshness(Definition):
    """How long a confirmation of a group of fields lasts: after half of ``lasts`` it counts half, then nothing.

    ``weight`` beside the other groups.
    """

    positional = ("group", "lasts")

    group: FieldGroup
    lasts: Duration = Field(gt=timedelta(0), le=LONGEST)
    weight: QualityWeight = 1.0

    if TYPE_CHECKING:

        def __init__(self, group: FieldGroup, lasts: timedelta | str, *, weight: float = 1.0) -> None: ...


_NAMED: Final = FieldNeed(["person.last_name", "company.name"])
DEFAULT_PURPOSES: Final = (
    Purpose("mailing", [FieldNeed("email.address")]),
    Purpose("calling", [FieldNeed("phone.number", worth=3), _NAMED]),
    Purpose("letter", [FieldNeed.all("address.street", "address.postcode", "address.city", worth=3), _NAMED]),
    Purpose(
        "routing",
        [
            FieldNeed(["address.country", "company.country", "phone.country"]),
            FieldNeed(["company.name", "company.domain"]),
        ],
    ),
    Purpose(
        "hand_over",
        [
            FieldNeed(["email.address", "phone.number"], worth=3),
            FieldNeed("person.last_name", worth=2),
            FieldNeed(["company.name", "company.domain"], worth=2),
            FieldNeed(["product_interest", "interests", "need", "intended_use"]),
            FieldNeed(["person.job_title", "person.seniority", "buying_role"]),
        ],
    ),
)
"""What business customers are usually needed for."""
DEFAULT_FRESHNESS: Final = (
    Freshness("email", timedelta(days=365)),
    Freshness("phone", timedelta(days=730)),
    Freshness("address", timedelta(days=730)),
    Freshness("company", timedelta(days=730)),
    Freshness("person", timedelta(days=365)),
)
"""People change jobs: what belongs to the person at work ages faster than the company."""


class DataQuality(Definition):
    """What makes the data of a lead good, as 0 to 100 points: complete, valid, fresh, each with its weight.

    Weights are relative to each other. Completeness is shared by the ``purposes``, freshness by its groups. Of validity
    each open warning takes ``per_warning`` percent and each open error ``per_error``; notes take nothing, and where
    nothing is known, nothing is valid.
    """

    purposes: tuple[Purpose, ...] = DEFAULT_PURPOSES
    freshness: tuple[Freshness, ...] = DEFAULT_FRESHNESS
    completeness_weight: QualityWeight = 40.0
    validity_weight: QualityWeight = 30.0
    freshness_weight: QualityWeight = 30.0
    per_warning: float = Field(default=20.0, ge=0, le=100, allow_inf_nan=False)
    per_error: float = Field(default=10.0, ge=0, le=100, allow_inf_nan=False)

    if TYPE_CHECKING:

        def __init__(
            self,
            *,
            purposes: Iterable[Purpose] = DEFAULT_PURPOSES,
            freshness: Iterable[Freshness] = DEFAULT_FRESHNESS,
            completeness_weight: float = 40.0,
            validity_weight: float = 30.0,
            freshness_weight: float = 30.0,
            per_warning: float = 20.0,
            per_error: float = 10.0,
        ) -> None: ...

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        purposes, groups = [one.name for one in self.purposes], [str(one.group) for one in self.freshness]
        for what, names in (("purpose", purposes), ("group", groups)):
            if twice := [name for name in names if names.count(name) > 1]:
                raise DefinitionError(f"{what} {twice[0]!r} is defined twice; leave one out")
        if not self.shares:
            raise DefinitionError("nothing has a weight; give one to completeness, validity or freshness")
        return self

    @cached_property
    def most(self) -> Mapping[str, float]:
        """The points that each part of the score can give, in hundredths that sum to exactly 100."""
        names, shares = zip(*self.shares, strict=True)
        ends = [0, *(round(10_000 * end) for end in accumulate(shares))]
        return {name: (end - start) / 100 for name, (start, end) in zip(names, pairwise(ends), strict=True)}

    @property
    def shares(self) -> tuple[tuple[str, float], ...]:
        """The parts of the score, each with its share of 1 before it is rounded."""
        purposes = sum(one.weight for one in self.purposes)
        groups = sum(one.weight for one in self.freshness)
        weights = {
            **{f"completeness.{p.name}": self.completeness_weight * p.weight / (purposes or 1) for p in self.purposes},
            "validity": self.validity_weight,
            **{f"freshness.{f.group}": self.freshness_weight * f.weight / (groups or 1) for f in self.freshness},
        }
        whole = sum(weights.values())
        return tuple((part, weight / whole) for part, weight in weights.items()) if whole else ()
