"""For hosts' own tests: contracts that a storage must pass, and ways to write Changes."""

import sys

if "pytest" in sys.modules:  # failing contracts show their values, as a host's own tests do
    import pytest

    pytest.register_assert_rewrite(
        "leadflow.testing.contract_leads",
        "leadflow.testing.contract_races",
        "leadflow.testing.contract_tasks",
        "leadflow.testing.contract_text",
        "leadflow.testing.contracts",
        "leadflow.testing.mailer_contract",
        "leadflow.testing.stateful",
    )
