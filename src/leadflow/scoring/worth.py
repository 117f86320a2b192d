"""The numbers that rules are made of."""

from typing import Annotated, Final

from pydantic import Field

__all__ = ["Cap", "Points"]

POINTS_LIMIT: Final = 1_000_000

Points = Annotated[float, Field(ge=-POINTS_LIMIT, le=POINTS_LIMIT, allow_inf_nan=False)]
"""What a rule is worth, at most a million either way: sums of them stay exact."""
Cap = Annotated[float, Field(gt=0, le=POINTS_LIMIT, allow_inf_nan=False)]
"""A bound of the absolute value: with a cap of 30, rules of −10 give −30 at the lowest."""
