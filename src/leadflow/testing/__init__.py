"""For hosts' own tests: builders, clocks, fakes and assertions; the contracts that storages and mailers must pass."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadflow.testing.assertions import assert_scores
    from leadflow.testing.builders import a_consent, a_lead, an_account, an_activity, an_adjustment
    from leadflow.testing.clock import NOW, ClockAt, CountingIds, TickingClock
    from leadflow.testing.fakes import FakeMailer
    from leadflow.testing.loop_thread import LoopThread, blocking
    from leadflow.testing.mailer_contract import MailerContract
    from leadflow.testing.timeline import Timeline

__all__ = [
    "NOW",
    "ClockAt",
    "CountingIds",
    "FakeMailer",
    "LoopThread",
    "MailerContract",
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
    "FakeMailer": "fakes",
    "LoopThread": "loop_thread",
    "MailerContract": "mailer_contract",
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

if "pytest" in sys.modules:  # failing contracts show their values, as a host's own tests do
    import pytest

    pytest.register_assert_rewrite(
        "leadflow.testing.contract_leads",
        "leadflow.testing.contract_races",
        "leadflow.testing.contract_search",
        "leadflow.testing.contract_tasks",
        "leadflow.testing.contract_text",
        "leadflow.testing.contracts",
        "leadflow.testing.mailer_contract",
        "leadflow.testing.stateful",
    )


def __getattr__(name: str) -> Any:
    # Each comes from its module when it is asked for: a builder needs neither pytest nor a scoring model.
    if name in _HOMES:
        return getattr(import_module(f"leadflow.testing.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
