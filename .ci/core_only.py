"""Run where only the wheel and its core dependencies are installed: what needs no extra works without one."""

import importlib.util
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from leadflow import LeadFlow, errors
from leadflow.adapters.memory import MemoryStorage
from leadflow.conditions import field
from leadflow.entities import Activity, Company, Lead
from leadflow.lifecycle import DEFAULT
from leadflow.scoring import ScoringModel, half_life, on, points

for optional in (
    "duckdb",
    "pyspark",
    "sqlglot",
    "sqlalchemy",
    "typer",
    "rich",
    "yaml",
    "liquid",
    "pytest",
    "hypothesis",
):
    assert importlib.util.find_spec(optional) is None, f"{optional} came with the core"

for extra in errors._EXTRAS:
    try:
        errors.require(extra)
    except errors.MissingExtra as missing:
        assert f"pip install 'leadflow[{extra}]'" in str(missing)
    else:
        raise AssertionError(f"{extra} is there without being installed")

now = datetime(2026, 11, 22, tzinfo=UTC)
month_ago = now - timedelta(days=30)
model = ScoringModel(
    name="smoke",
    fit=[points(25, field("company.employees") >= 250, because="enterprise")],
    engagement=[on("demo_requested", 30, decay=half_life(days=30))],
)
lead = Lead(id="l-1", created_at=month_ago, recorded_at=month_ago, company=Company(employees=900))
demo = Activity(id="a-1", lead_id="l-1", kind="demo_requested", happened_at=month_ago, recorded_at=month_ago)
score = model.bind(Lead).score(lead, [demo], now)
assert (score.fit, score.engagement) == (25, 15), score
assert "statemachine" not in sys.modules and "phonenumbers" not in sys.modules, "scoring loads what it does not need"

captured = LeadFlow(storage=MemoryStorage(), scoring=model).capture(
    {"email": "ADA@acme.example", "phone": "+49 30 901820", "company": "Acme GmbH", "employees": 900}, source="fair"
)
assert captured.outcome == "captured", captured
assert DEFAULT.machine_class() is not None  # python-statemachine came with the core

command = subprocess.run(
    [Path(sys.executable).with_name("leadflow"), "--help"], capture_output=True, text=True, check=False
)
assert command.returncode != 0
assert "leadflow[cli]" in command.stderr, command.stderr
assert "Traceback" not in command.stderr, command.stderr
print("the core works alone, and names the extras for the rest")
