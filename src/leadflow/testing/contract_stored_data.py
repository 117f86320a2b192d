"""The storage contract: unreadable data is kept, affects only itself, and is never quoted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from leadflow.entities import Entity, Lead, kept_aside
from leadflow.errors import Unreadable
from leadflow.events import Change
from leadflow.ports import Storage
from leadflow.testing.changes import at, fact, full, lead, leased, looked_at, task, written
from leadflow.testing.contract_rules import explained

__all__ = ["ReadingContract"]

SECRET = "nobody's business"
BROKEN = ["", "{", "[]", "null", f'"{SECRET}"', '{"created_at": "' + SECRET + '"}']


class _Had(Entity):
    size: int | None = None


class _Has(Entity):
    size: bool | None = None


@explained
class ReadingContract:
    """Tests of reading under different definitions than at the time of writing, and of damaged JSON."""

    def rewrite(self, storage: Storage, what: str, key: str, text: str) -> None:  # noqa: ARG002
        """Replace the text of a stored document: of a ``lead``, of the ``task`` with this key, of all facts of a lead
        (``fact``). Implement it, unless your storage keeps no text.
        """
        pytest.skip("implement rewrite(…) to replace a stored document, if there are any")

    def test_leads_are_read_as_the_class_that_was_bound_last(self, storage: Storage) -> None:
        """``bind`` sets the class as which leads are read from then on."""
        had: Any = Lead[_Had]
        storage.bind(had)
        kept = had(**lead("a").model_dump(exclude={"custom"}), custom=_Had(size=7))
        storage.save(Change(leads=(written("a").but(lead=kept),)))
        storage.bind(Lead[_Has])
        found = storage.load(["a"])["a"]
        assert (type(found.custom), found.custom.size) == (_Has, None)
        assert kept_aside(found) == {"custom.size": 7}
        assert [one.field for one in found.findings] == ["custom.size"]
        assert storage.scan(None, 9) == [found]
        storage.save(Change(leads=(written("a", 2).but(lead=found.but(version=2, note="new")),)))
        storage.bind(had)
        assert storage.load(["a"]) == {"a": kept.but(version=2, note="new")}

    def test_what_is_not_known_is_written_back(self, storage: Storage) -> None:
        """What the class does not know is kept aside and written back: store ``lead_json(lead)`` and
        ``stored_json(…)``, not ``model_dump_json()``.
        """
        storage.save(full("a"))
        doc = json.loads(lead("a").model_dump_json()) | {"later": [1, {"x": None}]}
        doc["person"] = {"middle_name": "King"}
        self.rewrite(storage, "lead", "a", json.dumps(doc))
        found = storage.load(["a"])["a"]
        assert kept_aside(found) == {"later": [1, {"x": None}], "person.middle_name": "King"}
        storage.save(Change(leads=(written("a", 2).but(lead=found.but(version=2)),)))
        assert kept_aside(storage.load(["a"])["a"]) == kept_aside(found)

    @pytest.mark.parametrize("text", BROKEN)
    def test_a_lead_that_can_not_be_read_costs_only_itself(self, storage: Storage, text: str) -> None:
        """An unreadable lead raises ``Unreadable`` with the readable ones from ``load``, and is left out by
        ``scan``: use ``read_leads`` and ``scanned``.
        """
        storage.save(full("a"))
        storage.save(full("b", 2))
        self.rewrite(storage, "lead", "a", text)
        with pytest.raises(Unreadable, match="can't be read") as caught:
            storage.load(["a", "b"])
        assert caught.value.leads == {"b": lead("b")}
        assert caught.value.wrong.keys() == caught.value.salvaged.keys() == {"a"}
        assert (caught.value.salvaged["a"].id, caught.value.salvaged["a"].version) == ("a", 1)
        assert SECRET not in str(caught.value)
        assert storage.load(["b"]) == {"b": lead("b")}
        assert storage.scan(None, 1) == [lead("b")]
        assert storage.lead_ids(None, 9) == ["a", "b"]
        storage.save(Change(leads=(looked_at("a", 1),), erase=("a",)))
        assert storage.load(["a", "b"]) == {"b": lead("b")}

    @pytest.mark.parametrize("text", BROKEN[:-1])
    def test_a_task_that_can_not_be_read_is_dead_and_takes_nobodys_place(self, storage: Storage, text: str) -> None:
        """An unreadable task becomes dead and does not count for the ``limit`` of ``lease``: use
        ``read_task``, and lease again if none was readable.
        """
        storage.save(Change(put=(task("t", 0, lead_id="a"), task("u", 0), task("v", 1))))
        for key in ("t", "u"):
            self.rewrite(storage, "task", key, text)
        assert [one.key for one in leased(storage, 5, limit=1)] == ["v"]
        dead = storage.tasks("dead")
        assert [(one.key, one.kind, one.due_at, one.lead_id) for one in dead] == [
            ("t", "remind", at(0), "a"), ("u", "remind", at(0), None)
        ]  # fmt: skip
        assert all(one.error and "can't be read" in one.error and SECRET not in one.error for one in dead)
        storage.save(Change(cancel=("t", "u")))
        assert [one.key for one in storage.tasks()] == ["v"]

    @pytest.mark.parametrize("text", [*BROKEN, '{"kind": "of_the_future", "x": 1}'])
    def test_a_fact_that_can_not_be_read_is_still_a_fact(self, storage: Storage, text: str) -> None:
        """An unreadable fact keeps its place: use ``read_fact`` with the columns beside the document."""
        storage.save(Change(facts=(fact("a"), fact("b"))))
        self.rewrite(storage, "fact", "a", text)
        (found,) = storage.facts("a")
        assert (found.lead_id, found.version, found.seq) == ("a", 1, 0)
        assert kept_aside(found)
        assert storage.facts("b") == [fact("b")]
