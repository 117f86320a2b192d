"""The storage contract: text from outside is data, and comes back unchanged."""

from __future__ import annotations

import pytest

from leadflow.errors import InvalidInput, StorageError
from leadflow.events import Change, LeadCaptured
from leadflow.ports import State, Storage
from leadflow.testing.changes import (
    BY,
    activity,
    at,
    claim,
    everything_in,
    full,
    lead,
    reply,
    state,
    task,
    written,
)
from leadflow.testing.contract_rules import explained

__all__ = ["HOSTILE", "TextContract"]

HOSTILE = {
    "quotes": """'; DROP TABLE leads; --" ` \\' \\""",
    "wildcards": "100%_[a-z]*?",
    "placeholders": ":tenant %(tenant)s %s ? {id} {{id}} $1 @p",
    "json": '{"a": [1, null, "\\u0000"]}',
    "markup": "<script>alert(1)</script>&amp;",
    "emoji": "👩🏽‍🚀 flag 🇩🇪",
    "right to left": "שלום مرحبا",
    "combining": "é Å n̈",
    "wide": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ﬀ ß İ ı",
    "blank-like": "a\u200b\u2060\ufeffb",
    "formula": "=1+1",
    "numbers": "1e999 NaN null None",
    "long": "".join(chr(0x20000 + nr * nr * 31 % 40_009) for nr in range(1000)),  # 4 bytes each, and incompressible
}


@explained
class TextContract:
    """Tests with texts that would break a careless storage."""

    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_text_comes_back_as_it_was(self, storage: Storage, name: str) -> None:
        """Text is data: pass it as a parameter, escape wildcards, store it as Unicode; a key of 4,000 bytes
        must fit (a database's index may hold less: store a digest).
        """
        text = HOSTILE[name]
        moments = {"happened_at": at(1), "recorded_at": at(1)}
        captured = LeadCaptured(
            lead_id="a", version=1, source=text, submission={text: [text, {text: text}]}, actor=BY, **moments
        )
        did = activity("a", text, source=text, properties={text: text})
        todo = task(text, lead_id="a", payload={text: text}, error=text)
        change = Change(
            leads=(written("a", keys={text}, note=text, person={"last_name": text}),),
            states=(state(text, 0, {text: text}, lead_id="a"),),
            facts=(captured,),
            activities=(did,),
            put=(todo,),
            claims=(claim(text, "a"),),
            replies=(reply(text, "a", text=text),),
        )
        storage.save(change)
        found = storage.load(["a"])["a"]
        assert (found.note, found.person.last_name) == (text, text)
        assert storage.states([text]) == {text: State(1, {text: text})}
        assert storage.facts("a") == [captured]
        assert storage.activities("a") == [did]
        assert storage.tasks() == [todo]
        assert storage.holders([text, "other"]) == {text: "a"}
        assert storage.matching([text], 9) == {text: ["a"]}
        assert (storage.reply(text),) == change.replies
        (mine,) = storage.lease(at(1), 9, at(2), "mine")
        assert mine.key == text

    def test_keys_that_look_alike_are_different(self, storage: Storage) -> None:
        """Keys are equal only if every character is: give the column a binary collation, and cut no long key."""
        alike = ["straße", "strasse", "STRASSE", "Strasse", "é", "e", "É", "x", "x" * 300, "x" * 301, "x" * 1000]
        for n, key in enumerate(alike):
            storage.save(Change(claims=(claim(key, f"l{n}"),), states=(state(key, 0, {"n": n}),), put=(task(key, n),)))
        assert storage.holders(alike) == {key: f"l{n}" for n, key in enumerate(alike)}
        assert {key: found.value["n"] for key, found in storage.states(alike).items()} == {
            key: n for n, key in enumerate(alike)
        }
        assert [each.key for each in storage.tasks()] == alike

    @pytest.mark.parametrize("id", ["a\0b", "\0", "a\ud800"])
    def test_what_can_not_be_stored_is_refused_whole(self, storage: Storage, id: str) -> None:
        """Text that your database can't hold (NUL, lone surrogates) is ``InvalidInput``, and nothing of the
        Change is written.
        """
        storage.save(full("a"))
        before = everything_in(storage)
        unchecked = written("c").but(id=id, lead=lead("c").but(id=id))  # bypassing validation, as a host might
        try:
            storage.save(Change(leads=(written("b"), unchecked), claims=(claim("claim-2", "b"),), put=(task("t"),)))
        except (InvalidInput, StorageError):
            assert everything_in(storage) == before
        else:
            assert storage.load([id, "a"]) == {id: unchecked.lead, "a": lead("a")}
