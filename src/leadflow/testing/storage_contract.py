"""The storage contract as a test class: inherit it, define how to create your storage, run pytest.

::

    class TestMyStorage(StorageContract):
        def new_storage(self):
            return MyStorage(...)  # an empty one
"""

from __future__ import annotations

import pytest

from leadflow.ports import Storage
from leadflow.testing.contract_leads import LeadContract
from leadflow.testing.contract_races import RaceContract
from leadflow.testing.contract_rules import explained
from leadflow.testing.contract_stored_data import ReadingContract
from leadflow.testing.contract_tasks import TaskContract
from leadflow.testing.contract_text import TextContract
from leadflow.testing.stateful import run_storage_machine

__all__ = ["StorageContract"]


@explained
class StorageContract(LeadContract, TaskContract, TextContract, ReadingContract, RaceContract):
    """Every promise of ``Storage``. Define ``new_storage``; also ``another_on`` and ``other_tenant_on`` where possible,
    and ``rewrite`` if it keeps documents as text.

    Use an ``autouse`` fixture of your class for what the storage needs (a folder, a server).
    """

    machine_examples = 20
    """The number of random histories that are compared with a simple model."""

    def new_storage(self) -> Storage:
        """Return an empty storage, ready for use."""
        raise NotImplementedError(f"{type(self).__name__} must define how to create an empty storage")

    @pytest.fixture
    def storage(self) -> Storage:
        return self.new_storage()

    def test_any_history_gives_what_a_simple_model_gives(self) -> None:
        """Any sequence of Changes gives what a simple model of the port gives; Hypothesis prints the
        shortest one that does not.
        """
        run_storage_machine(self.new_storage, examples=self.machine_examples)
