"""The memory storage keeps the contract."""

from leadflow.adapters.memory import MemoryStorage
from leadflow.testing.contract_search import SearchContract
from leadflow.testing.storage_contract import StorageContract


class TestMemoryStorage(StorageContract, SearchContract):
    def new_storage(self) -> MemoryStorage:
        return MemoryStorage()
