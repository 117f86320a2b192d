"""The numbers that rules are made of."""

from typing import Annotated

from pydantic import Field

from leadflow.entities.base import NoTruth
from leadflow.entities.score import POINTS_LIMIT, Points

__all__ = ["POINTS_LIMIT", "Cap", "Points"]

Cap = Annotated[float, Field(gt=0, le=POINTS_LIMIT, allow_inf_nan=False, strict=True), NoTruth]
"""A bound of the absolute value: with a cap of 30, rules of −10 give −30 at the lowest."""
