"""Deals: opportunities to sell."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field

from leadflow.entities.base import Entity, Line, Moment, Text

__all__ = ["Deal", "DealStatus"]

DealStatus = Literal["open", "won", "lost"]


class Deal(Entity):
    """An opportunity to sell, with amount and expected date; ``currency`` is ISO 4217."""

    id: Line
    name: Line | None = None
    amount: Decimal | None = Field(default=None, ge=0, max_digits=40, decimal_places=20, allow_inf_nan=False)
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")
    expected: date | None = None
    status: DealStatus = "open"
    opened_at: Moment
    closed_at: Moment | None = None
    reason: Line | None = None
    note: Text | None = None
    """What else was said when it was lost, in free words."""
