"""Three leads and what they did, under a model that every engine can score."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from leadflow.conditions import activity, field
from leadflow.scoring import half_life, on, points

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FIT = [
    points(25, field("company.employees") >= 250, because="enterprise"),
    points(40, field("address.country") == "DE", because="at home"),
]
ENGAGEMENT = [
    on("demo", 40, decay=half_life(days=30), cap=60),
    on("page", 3, where=activity("path").starts_with("/pricing"), limit=(2, "day"), name="pricing"),
]
LEADS: dict[str, list[Any]] = {"id": ["ada", "ben", "eve"], "employees": [900, 10, None], "country": ["DE", "DE", None]}
TOLD = [
    ("1", "ada", "demo", NOW - timedelta(days=30), None),
    ("2", "ada", "page", NOW - timedelta(hours=1), "/pricing"),
    ("3", "ada", "page", NOW - timedelta(hours=2), "/pricing/eu"),
    ("4", "ada", "page", NOW - timedelta(hours=3), "/pricing"),
    ("4", "ada", "demo", NOW - timedelta(hours=2), None),  # an id again
    ("5", "ben", "page", NOW - timedelta(hours=1), "/jobs"),
    ("6", "ben", "demo", NOW + timedelta(seconds=1), None),
    ("7", "who", "demo", NOW, None),
]
NAMES = ["id", "lead_id", "kind", "happened_at", "path"]
ACTIVITIES: dict[str, list[Any]] = dict(zip(NAMES, map(list, zip(*TOLD, strict=True)), strict=True))
