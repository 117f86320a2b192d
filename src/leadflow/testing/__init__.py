"""For the host's own tests: builders, clocks, fakes, assertions; and contracts for storages, mailers and enrichers."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadflow.testing.assertions import assert_scores
    from leadflow.testing.builders import a_consent, a_lead, an_account, an_activity, an_adjustment
    from leadflow.testing.clock import NOW, ClockAt, CountingIds, TickingClock
    from leadflow.testing.contract_search import SearchContract
    from leadflow.testing.enricher_contract import EnricherContract
    from leadflow.testing.fakes import FakeMailer
    from leadflow.testing.loop_thread import LoopThread, blocking
    from leadflow.testing.mailer_contract import MailerContract
    from leadflow.testing.storage_contract import StorageContract
    from leadflow.testing.timeline import Timeline

__all__ = [
    "NOW",
    "ClockAt",
    "CountingIds",
    "EnricherContract",
    "FakeMailer",
    "LoopThread",
    "MailerContract",
    "SearchContract",
    "StorageContract",
    "TickingClock",
    "Timeline",
    "a_consent",
    "a_lead",
    "an_account",
    "an_activity",
    "an_adjustment",
    "assert_scores",
    "blocking",
]

_HOMES = {
    "NOW": "clock",
    "ClockAt": "clock",
    "CountingIds": "clock",
    "EnricherContract": "enricher_contract",
    "FakeMailer": "fakes",
    "LoopThread": "loop_thread",
    "MailerContract": "mailer_contract",
    "SearchContract": "contract_search",
    "StorageContract": "storage_contract",
    "TickingClock": "clock",
    "Timeline": "timeline",
    "a_consent": "builders",
    "a_lead": "builders",
    "an_account": "builders",
    "an_activity": "builders",
    "an_adjustment": "builders",
    "assert_scores": "assertions",
    "blocking": "loop_thread",
}

if "pytest" in sys.modules:  # so that failing contracts show values, as the host's own tests do
    import pytest

    pytest.register_assert_rewrite(
        "leadflow.testing.contract_leads",
        "leadflow.testing.contract_races",
        "leadflow.testing.contract_search",
        "leadflow.testing.contract_stored_data",
        "leadflow.testing.contract_tasks",
        "leadflow.testing.contract_text",
        "leadflow.testing.storage_contract",
        "leadflow.testing.enricher_contract",
        "leadflow.testing.mailer_contract",
        "leadflow.testing.stateful",
    )


def __getattr__(name: str) -> Any:
    # Imported on first use: a builder needs neither pytest nor a scoring model.
    if name in _HOMES:
        return getattr(import_module(f"leadflow.testing.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
