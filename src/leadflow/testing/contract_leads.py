"""The storage contract: leads, states, facts, claims, redirects, replies and erasure."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from leadflow.errors import InvalidInput, LeadflowError, Stale, Taken
from leadflow.events import Change, RevisitDue
from leadflow.ports import State, Storage
from leadflow.testing.changes import (
    BY,
    activity,
    at,
    claim,
    everything_in,
    fact,
    full,
    leased,
    looked_at,
    redirect,
    reply,
    rich_lead,
    settlement,
    state,
    task,
    written,
)
from leadflow.testing.contract_rules import explained

__all__ = ["LeadContract"]

# Writes that make a whole Change fail, in a storage that holds full("a"), state-2 and a leased task
REFUSALS: dict[str, tuple[Callable[[], Change], type[LeadflowError]]] = {
    "a lead that moved": (lambda: Change(leads=(written("a", 1),)), Stale),
    "a lead that was never there": (lambda: Change(leads=(written("c", 3),)), Stale),
    "a lead from the future": (lambda: Change(leads=(written("a", 3),)), Stale),
    "a lead looked at that moved": (lambda: Change(leads=(looked_at("a", 2),)), Stale),
    "a lead looked at that must not exist": (lambda: Change(leads=(looked_at("a", 0),)), Stale),
    "a state that moved": (lambda: Change(states=(state("state-1", 0, {}),)), Stale),
    "a state that was never there": (lambda: Change(states=(state("state-3", 1, {}),)), Stale),
    "a state looked at that moved": (lambda: Change(states=(state("state-1", 2),)), Stale),
    "a state looked at that must not exist": (lambda: Change(states=(state("state-1", 0),)), Stale),
    "one of many states that moved": (lambda: Change(states=(state("state-3", 0, {}), state("state-1", 7))), Stale),
    "a claim of another lead": (lambda: Change(claims=(claim("claim-1", "b"),)), Taken),
    "one of many claims": (lambda: Change(claims=(claim("claim-3", "b"), claim("claim-1", "b"))), Taken),
    "one claim for two leads": (lambda: Change(claims=(claim("claim-3", "b"), claim("claim-3", "c"))), Taken),
    "a reply that is there": (lambda: Change(replies=(reply("reply-1", other=1),)), Taken),
    "a fact that is there": (lambda: Change(facts=(fact("a", 1, 1),)), Stale),
    "a lease of nobody": (lambda: Change(settle=(settlement(task("task-1", lease="mine")),)), Stale),
    "a lease of another": (lambda: Change(settle=(settlement(task("leased", lease="yours")),)), Stale),
    "a task that is gone": (lambda: Change(settle=(settlement(task("gone", lease="mine")),)), Stale),
    "a redirect to itself": (lambda: Change(redirects=(redirect("a", "a"),)), InvalidInput),
    "a redirect in a circle": (lambda: Change(redirects=(redirect("a", "once-a"),)), InvalidInput),
    "a redirect into a circle": (lambda: Change(redirects=(redirect("b", "c"), redirect("c", "c"))), InvalidInput),
}


@explained
class LeadContract:
    """Tests of what ``save`` writes and reads return."""

    # -------------------------------------------------------------------------------------------------- whole or not
    def test_an_empty_change_changes_nothing(self, storage: Storage) -> None:
        """An empty Change writes nothing: don't open a transaction for it, and don't fail."""
        storage.save(Change())
        assert everything_in(storage) == everything_in(storage)
        assert storage.scan(None, 10) == []

    def test_what_a_change_writes_is_there(self, storage: Storage) -> None:
        """Every part of a Change is stored, and read back equal: store the documents that leadflow's
        ``lead_json`` and ``stored_json`` return.
        """
        change = full("a")
        storage.save(change)
        assert storage.load(["a"]) == {"a": change.leads[0].lead}
        assert storage.states(["state-1"]) == {"state-1": State(1, {"n": 1})}
        assert storage.facts("a") == list(change.facts)
        assert storage.activities("a") == list(change.activities)
        assert storage.tasks() == list(change.put)
        assert storage.holders(["claim-1"]) == {"claim-1": "a"}
        assert storage.matching(["match-1"], 5) == {"match-1": ["a"]}
        assert storage.load(["once-a"]) == {"once-a": change.leads[0].lead}
        assert (storage.reply("reply-1"),) == change.replies

    @pytest.mark.parametrize("refusal", REFUSALS)
    def test_a_refused_change_writes_nothing(self, storage: Storage, refusal: str) -> None:
        """``save`` writes all or nothing: check, and write, in one transaction that is rolled back on any error."""
        make, error = REFUSALS[refusal]
        storage.save(full("a"))
        storage.save(Change(states=(state("state-2", 0, {"x": 1}),), put=(task("leased"), task("task-0"))))
        leased(storage, limit=1)
        rest = full("b", 2).but(
            states=(state("state-2", 1, {"x": 2}),),
            cancel=("task-0",),
            release=(claim("claim-1", "a"),) if error is not Taken else (),
        )
        bad = make()
        before = everything_in(storage)
        with pytest.raises(error):
            storage.save(_joined(rest, bad))
        with pytest.raises(error):
            storage.save(_joined(bad, rest))
        assert everything_in(storage) == before

    def test_a_stale_lead_is_not_erased(self, storage: Storage) -> None:
        """Versions are checked before anything is erased."""
        storage.save(full("a"))
        before = everything_in(storage)
        with pytest.raises(Stale):
            storage.save(Change(leads=(looked_at("a", 2),), erase=("a",)))
        assert everything_in(storage) == before

    # -------------------------------------------------------------------------------------------------------- leads
    def test_a_lead_comes_back_as_it_was(self, storage: Storage) -> None:
        """A lead is read back with every field and type: store ``lead_json(lead)``, and read it with ``read_leads``."""
        storage.save(Change(leads=(written("a").but(lead=rich_lead("a")),)))
        assert storage.load(["a"])["a"].model_dump() == rich_lead("a").model_dump()

    def test_unknown_leads_are_left_out(self, storage: Storage) -> None:
        """``load`` leaves out ids that nobody has; it raises no error for them."""
        storage.save(full("a"))
        assert storage.load(["x", "a", "y"]).keys() == {"a"}
        assert storage.load([]) == {}

    def test_a_lead_is_replaced_at_the_version_it_was_read_at(self, storage: Storage) -> None:
        """A lead is written only if its stored version is the ``read_version``; otherwise raise ``Stale``."""
        storage.save(Change(leads=(written("a", stage="lead", note="old"),)))
        storage.save(Change(leads=(written("a", 2, stage="mql"),)))
        assert storage.load(["a"])["a"] == written("a", 2, stage="mql").lead
        with pytest.raises(Stale):
            storage.save(Change(leads=(written("a", 2, stage="sal"),)))
        assert storage.load(["a"])["a"].stage == "mql"

    def test_a_lead_that_was_only_looked_at_stays(self, storage: Storage) -> None:
        """A LeadWrite without a lead only asserts the version: nothing of the lead is written."""
        storage.save(full("a"))
        before = everything_in(storage)
        storage.save(Change(leads=(looked_at("a", 1), looked_at("b", 0))))
        assert everything_in(storage) == before
        storage.save(Change(leads=(written("b"),)))

    # --------------------------------------------------------------------------------------------------- match keys
    def test_match_keys_are_replaced_or_left(self, storage: Storage) -> None:
        """``match_keys`` replaces all keys of the lead; None leaves them, an empty set removes them."""
        storage.save(Change(leads=(written("a", keys={"match-1", "match-2"}), written("b", keys={"match-2"}))))
        storage.save(Change(leads=(written("a", 2, keys={"match-2", "match-3"}), written("b", 2))))
        assert storage.matching(["match-1", "match-2", "match-3"], 9) == {
            "match-1": [],
            "match-2": ["a", "b"],
            "match-3": ["a"],
        }
        storage.save(Change(leads=(written("a", 3, keys=()),)))
        assert storage.matching(["match-2", "match-3"], 9) == {"match-2": ["b"], "match-3": []}

    def test_each_match_key_has_a_limit_of_its_own(self, storage: Storage) -> None:
        """``matching`` gives up to ``limit`` leads for each key: one common key must not crowd out the others."""
        colleagues = [written(f"l{n:03}", keys={"domain"}) for n in range(60)]
        storage.save(Change(leads=(*colleagues, written("z", keys={"domain", "address"}))))
        found = storage.matching(["domain", "address"], 5)
        assert found == {"domain": ["l000", "l001", "l002", "l003", "l004"], "address": ["z"]}

    def test_many_match_keys_at_once(self, storage: Storage) -> None:
        """``matching`` takes hundreds of keys: split the query if your database limits its parameters."""
        names = {f"key-{n}" for n in range(300)}
        storage.save(Change(leads=(written("a", keys=names),)))
        assert storage.matching(names | {"other"}, 2) == {**{name: ["a"] for name in names}, "other": []}

    # ----------------------------------------------------------------------------------------------------- features
    def test_features_are_replaced_or_left_or_taken_away(self, storage: Storage) -> None:
        """``features`` of a LeadWrite replaces the stored ones; None leaves them, an empty text removes them."""
        storage.save(Change(leads=(written("a", features='["Ünal"]'), written("b"), written("c", features="[3]"))))
        assert storage.features(["a", "b", "c", "d"]) == {"a": '["Ünal"]', "c": "[3]"}
        storage.save(Change(leads=(written("a", 2), written("b", 2, features="[2]"), written("c", 2, features=""))))
        assert storage.features(["a", "b", "c"]) == {"a": '["Ünal"]', "b": "[2]"}
        storage.save(Change(leads=(looked_at("a", 2),)))
        storage.save(Change(erase=("a",)))
        assert (storage.features(["a"]), storage.features([])) == ({}, {})

    # ------------------------------------------------------------------------------------------------------- states
    def test_states_count_their_versions(self, storage: Storage) -> None:
        """A written state gets the version ``read_version`` + 1, the first one 1."""
        for version in range(3):
            storage.save(Change(states=(state("state-1", version, {"n": version, "deep": [{"x": 1.5}]}),)))
        found = storage.states(["state-1", "state-2"])
        assert found == {"state-1": State(3, {"n": 2, "deep": [{"x": 1.5}]})}
        assert storage.states([]) == {}

    def test_a_state_that_was_only_looked_at_stays(self, storage: Storage) -> None:
        """A StateWrite without a value only asserts the version: nothing is written, not even an empty row."""
        storage.save(Change(states=(state("state-1", 0, {"n": 1}),)))
        storage.save(Change(states=(state("state-1", 1), state("state-2", 0))))
        assert storage.states(["state-1", "state-2"]) == {"state-1": State(1, {"n": 1})}
        storage.save(Change(states=(state("state-2", 0, {}),)))
        assert storage.states(["state-2"]) == {"state-2": State(1, {})}

    def test_what_was_read_can_be_changed_without_changing_what_is_stored(self, storage: Storage) -> None:
        """Values that are returned are the caller's own: return copies, never what you keep."""
        storage.save(Change(states=(state("state-1", 0, {"list": [1]}),)))
        read = dict(storage.states(["state-1"])["state-1"].value)
        read["list"].append(2)
        assert storage.states(["state-1"])["state-1"].value == {"list": [1]}

    # ----------------------------------------------------------------------------------------- facts and activities
    def test_facts_come_in_the_order_of_versions(self, storage: Storage) -> None:
        """Facts are ordered by version and seq as numbers (2 before 10), those of other leads left out."""
        facts = [fact("a", version, seq) for version in (1, 2, 10) for seq in (0, 1, 11)]
        storage.save(Change(facts=tuple(reversed(facts[3:]))))
        storage.save(Change(facts=(*facts[:3], fact("b", 1))))
        assert storage.facts("a") == facts
        assert storage.facts("a", since_version=1) == facts[3:]
        assert storage.facts("a", since_version=10) == []
        assert storage.facts("c") == []

    def test_facts_are_found_by_their_kinds_and_in_pages(self, storage: Storage) -> None:
        """``kinds`` and ``limit`` of ``facts`` are applied by the database, in order of version and seq; no
        kinds at all give no facts.
        """
        moved = [fact("a", version, seq) for version in (1, 2, 3) for seq in (0, 2)]
        due = [
            RevisitDue(lead_id="a", version=n, seq=1, happened_at=at(n), recorded_at=at(n), actor=BY) for n in (1, 2)
        ]
        storage.save(Change(facts=(*moved, *due, fact("b", 7))))
        everything = sorted((*moved, *due), key=lambda one: (one.version, one.seq))
        assert storage.facts("a", kinds=["revisit_due"]) == due
        assert storage.facts("a", kinds={"revisit_due", "stage_changed"}) == everything
        assert storage.facts("a", kinds=["lead_scored"]) == storage.facts("a", kinds=[]) == []
        assert storage.facts("a", limit=4) == everything[:4]
        assert storage.facts("a", 1, limit=2) == everything[3:5]
        assert storage.facts("a", 1, kinds=["stage_changed"], limit=3) == moved[2:5]
        assert storage.facts("a", limit=0) == []

    def test_two_facts_in_one_place_are_refused(self, storage: Storage) -> None:
        """(lead, version, seq) is unique among facts: make it the primary key, and refuse the whole Change."""
        with pytest.raises((InvalidInput, Stale)):
            storage.save(Change(facts=(fact("a"), fact("a"))))
        assert storage.facts("a") == []

    def test_an_activity_is_kept_once_as_it_first_came(self, storage: Storage) -> None:
        """(lead, id) is unique among activities: the first one stays, a later one is ignored and is no error."""
        first = activity("a", "x", properties={"path": "/pricing"})
        storage.save(Change(activities=(first,)))
        storage.save(Change(activities=(activity("a", "x", 5), activity("b", "x", 6))))
        assert storage.activities("a") == [first]
        assert storage.activities("b") == [activity("b", "x", 6)]

    def test_an_activity_that_is_retracted_replaces_the_one_that_counted(self, storage: Storage) -> None:
        """It is written again with ``retracted_at``, and stays as it is when the first one comes once more."""
        first, other = activity("a", "x", properties={"path": "/pricing"}), activity("a", "y", 1)
        retracted = first.but(retracted_at=at(9))
        storage.save(Change(activities=(first, other)))
        storage.save(Change(activities=(retracted, activity("b", "x", 2).but(retracted_at=at(9)))))
        storage.save(Change(activities=(first,)))
        assert storage.activities("a") == [retracted, other]
        assert storage.activities("a", ["x"]) == [retracted]
        assert [one.retracted_at for one in storage.activities("b")] == [at(9)]

    def test_activities_come_in_the_order_they_happened(self, storage: Storage) -> None:
        """Without ``limit`` activities are ordered by (happened_at, id)."""
        late, early, same = activity("a", "1", 9), activity("a", "3", -7), activity("a", "2", 9)
        storage.save(Change(activities=(late, same)))
        storage.save(Change(activities=(early,)))
        assert storage.activities("a") == [early, late, same]

    def test_activities_are_found_by_their_ids(self, storage: Storage) -> None:
        """``ids`` selects activities by id, each once; keys of 900 characters must fit (a database's index
        may hold less: store a digest).
        """
        one, two, three = (activity("a", id, n) for n, id in enumerate(("z", "y", "x" * 900)))
        storage.save(Change(activities=(one, two, three, activity("b", "z", 4))))
        assert storage.activities("a", ["x" * 900, "z", "nobody's"]) == [one, three]
        assert storage.activities("a", ["z", "z"]) == [one]
        assert storage.activities("a", []) == []
        assert storage.activities("c", ["z"]) == []

    def test_activities_come_in_pages(self, storage: Storage) -> None:
        """With ``limit`` activities are ordered by id, by code point: give the column a binary collation."""
        told = [
            activity("a", id, 9 - n) for n, id in enumerate(("10", "9", "Z", "z", "\u00e4", "\uffee", "\U0001f600"))
        ]
        storage.save(Change(activities=(*reversed(told), activity("b", "x", 5))))
        assert storage.activities("a", limit=7) == told
        assert storage.activities("a", limit=3) == told[:3]
        assert storage.activities("a", after="9", limit=2) == told[2:4]
        assert storage.activities("a", after="\U0001f600", limit=2) == storage.activities("a", limit=0) == []

    # ------------------------------------------------------------------------------------------------------- claims
    def test_a_claim_is_held_until_it_is_released(self, storage: Storage) -> None:
        """A claim has one holder; claiming it again is no error, and only its holder releases it."""
        storage.save(Change(claims=(claim("claim-1", "a"), claim("claim-2", "a"))))
        storage.save(Change(claims=(claim("claim-1", "a"), claim("claim-1", "a"))))
        storage.save(Change(release=(claim("claim-1", "b"), claim("claim-3", "b"))))
        assert storage.holders(["claim-1", "claim-2", "claim-3"]) == {"claim-1": "a", "claim-2": "a"}
        storage.save(Change(release=(claim("claim-1", "a"),)))
        storage.save(Change(claims=(claim("claim-1", "b"),)))
        assert storage.holders(["claim-1", "claim-2"]) == {"claim-1": "b", "claim-2": "a"}
        assert storage.holders([]) == {}

    def test_a_claim_is_handed_over_in_one_change(self, storage: Storage) -> None:
        """Claims are released before others are taken."""
        storage.save(Change(claims=(claim("claim-1", "a"),)))
        storage.save(Change(claims=(claim("claim-1", "b"),), release=(claim("claim-1", "a"),)))
        assert storage.holders(["claim-1"]) == {"claim-1": "b"}

    # ---------------------------------------------------------------------------------------------------- redirects
    @pytest.mark.parametrize("ways", ["ab bc cd", "cd bc ab", "bc ab cd"])
    def test_redirects_lead_to_the_last_survivor(self, storage: Storage, ways: str) -> None:
        """``load`` follows redirects to the end, in whatever order they were written; ``matching``, ``scan``
        and ``lead_ids`` leave absorbed leads out; facts and activities are not redirected.
        """
        storage.save(Change(leads=tuple(written(id, keys={"match-1"}) for id in "abcd"), facts=(fact("a"),)))
        for way in ways.split():
            storage.save(Change(redirects=(redirect(way[0], way[1]),)))
        assert storage.load(["a", "b", "c", "d", "e"]) == dict.fromkeys("abcd", written("d").lead)
        assert storage.matching(["match-1"], 9) == {"match-1": ["d"]}
        assert storage.scan(None, 9) == [written("d").lead]
        assert storage.lead_ids(None, 9) == ["d"]
        assert storage.facts("a") == [fact("a")]
        assert storage.facts("d") == []
        with pytest.raises(InvalidInput):
            storage.save(Change(redirects=(redirect("d", "a"),)))
        assert storage.load(["d"]).keys() == {"d"}

    def test_a_redirect_can_be_turned(self, storage: Storage) -> None:
        """A redirect replaces an earlier one of the same lead."""
        storage.save(Change(leads=(written("a"), written("b"), written("c")), redirects=(redirect("a", "b"),)))
        storage.save(Change(redirects=(redirect("a", "c"),)))
        assert storage.load(["a"])["a"].id == "c"
        storage.save(Change(redirects=(redirect("b", "a"),)))
        assert storage.load(["b"])["b"].id == "c"

    def test_forgotten_facts_are_gone_and_no_others(self, storage: Storage) -> None:
        """``forget`` removes facts by lead, version and number; another one may take the place in the same Change."""
        told = (fact("a", 1), fact("a", 1, 1), fact("a", 2), fact("b", 1))
        storage.save(Change(leads=(written("a"), written("b")), facts=told))
        other = fact("a", 2).but(recorded_at=at(9))
        storage.save(Change(forget=(("a", 1, 0), ("a", 2, 0), ("nobody", 1, 0)), facts=(other,)))
        assert storage.facts("a") == [told[1], other]
        assert storage.facts("b") == [told[3]]

    def test_a_restored_lead_stands_for_itself_again(self, storage: Storage) -> None:
        """``restored`` removes the redirects from these leads, and no others; it may be redirected anew at once."""
        ways = (redirect("a", "b"), redirect("c", "a"))
        storage.save(Change(leads=(written("a"), written("b"), written("c")), redirects=ways))
        storage.save(Change(restored=("a", "nobody")))
        assert [storage.load([one])[one].id for one in "abc"] == ["a", "b", "a"]
        assert [each.id for each in storage.scan(None, 9)] == ["a", "b"]
        storage.save(Change(restored=("c",), redirects=(redirect("c", "b"),)))
        assert storage.load(["c"])["c"].id == "b"

    def test_an_absorbed_lead_can_still_be_written(self, storage: Storage) -> None:
        """A redirect stops no write of the absorbed lead; it stays absorbed."""
        storage.save(Change(leads=(written("a"), written("b")), redirects=(redirect("a", "b"),)))
        storage.save(Change(leads=(written("a", 2, absorbed_by="b"),), facts=(fact("a", 2),)))
        assert [each.id for each in storage.scan(None, 9)] == ["b"]
        with pytest.raises(Stale):
            storage.save(Change(leads=(written("a", 2),)))

    # ------------------------------------------------------------------------------------------------------ replies
    def test_a_reply_is_given_once(self, storage: Storage) -> None:
        """The key of a reply is unique: a second one raises ``Taken``, and the first one stays."""
        first = reply("reply-1", "a", outcome="created", n=[1, {"x": None}])
        storage.save(Change(replies=(first,)))
        with pytest.raises(Taken):
            storage.save(Change(replies=(first,)))
        assert storage.reply("reply-1") == first
        assert storage.reply("reply-2") is None

    def test_a_change_may_give_several_replies(self, storage: Storage) -> None:
        """A group of commands is one Change; a single taken key makes all of it fail."""
        one, other = reply("reply-1", "a"), reply("reply-2", "b", n=1)
        storage.save(Change(replies=(one, other)))
        assert (storage.reply("reply-1"), storage.reply("reply-2")) == (one, other)
        with pytest.raises(Taken):
            storage.save(Change(replies=(reply("reply-3"), reply("reply-1", "b"))))
        assert storage.reply("reply-3") is None
        with pytest.raises(Taken):
            storage.save(Change(replies=(reply("reply-4"), reply("reply-4", "b"))))
        assert storage.reply("reply-4") is None

    # ------------------------------------------------------------------------------------------------------ erasure
    def test_erasing_leaves_nothing_of_the_lead_and_all_of_the_others(self, storage: Storage) -> None:
        """``erase`` removes every row with the lead's id (facts, activities, states, claims, tasks, match
        keys, redirects both ways) and empties the value of its replies.
        """
        storage.save(full("b", 2))
        only_b = everything_in(storage)
        storage.save(full("a"))
        storage.save(Change(redirects=(redirect("c", "a"), redirect("a", "d"))))
        storage.save(Change(leads=(looked_at("a", 1),), erase=("a",)))
        said = storage.reply("reply-1")
        assert said is not None
        emptied = {"reply-1": reply("reply-1", "a").but(digest=said.digest)}
        assert said.value == {}
        assert everything_in(storage) == only_b | {"replies": only_b["replies"] | emptied}
        storage.save(full("a").but(replies=()))

    def test_an_emptied_reply_keeps_its_key_taken(self, storage: Storage) -> None:
        """Erasing empties a reply and keeps its row: the key stays taken."""
        storage.save(Change(replies=(reply("reply-1", "a", said="personal"),)))
        storage.save(Change(erase=("a",)))
        assert storage.reply("reply-1") == reply("reply-1", "a").but(value={})
        with pytest.raises(Taken):
            storage.save(Change(replies=(reply("reply-1", "b"),)))
        with pytest.raises(Taken):
            storage.save(Change(replies=(reply("reply-1", "a"),), erase=("a",)))

    def test_what_the_same_change_adds_outlives_the_erasure(self, storage: Storage) -> None:
        """Within a Change ``erase`` comes first: what it adds afterwards stays."""
        storage.save(full("a"))
        storage.save(Change(put=(task("erase", lead_id="a"),)))
        (mine,) = storage.lease(at(0), 1, at(5), "mine")
        storage.save(
            Change(
                leads=(looked_at("a", 1),),
                erase=("a",),
                settle=(settlement(mine),),
                facts=(fact("a", 1), fact("a", 2)),
                put=(task("purge"),),
                replies=(reply("reply-2", "a", erased=True),),
            )
        )
        assert storage.facts("a") == [fact("a", 1), fact("a", 2)]
        assert storage.tasks() == [task("purge")]
        assert storage.reply("reply-2") == reply("reply-2", "a", erased=True)
        assert storage.load(["a", "once-a"]) == {}
        assert storage.holders(["claim-1"]) == {}

    def test_a_lead_can_be_erased_and_written_anew_at_once(self, storage: Storage) -> None:
        """Versions are checked against what was there before the erasure; what is written anew continues them."""
        storage.save(full("a"))
        again = Change(
            erase=("a",),
            leads=(written("a", 2, keys={"match-2"}),),
            states=(state("state-1", 1, {"n": 2}),),
            claims=(claim("claim-1", "b"),),
        )
        storage.save(again)
        assert storage.load(["a"]) == {"a": written("a", 2).lead}
        assert storage.states(["state-1"]) == {"state-1": State(2, {"n": 2})}
        assert storage.matching(["match-1", "match-2"], 9) == {"match-1": [], "match-2": ["a"]}
        assert storage.holders(["claim-1"]) == {"claim-1": "b"}
        assert storage.facts("a") == []

    def test_erasing_whom_nobody_knows_changes_nothing(self, storage: Storage) -> None:
        """Erasing an unknown id is no error."""
        storage.save(full("a"))
        before = everything_in(storage)
        storage.save(Change(erase=("x",)))
        assert everything_in(storage) == before

    # --------------------------------------------------------------------------------------------------------- scan
    def test_scan_walks_through_all_leads_in_order(self, storage: Storage) -> None:
        """``scan`` and ``lead_ids`` are ordered by id, by code point, whatever the locale: give the column a
        binary collation.
        """
        ids = ["B", "a", "a b", "é", "Z", "💶", "ﬀ", "b", "0", "_", "ab"]  # by code point, whatever the locale
        storage.save(Change(leads=tuple(written(id, stage="mql" if id < "a" else "lead") for id in ids)))
        assert _walked(storage, 3) == sorted(ids)
        assert _walked(storage, 100) == sorted(ids)
        assert _walked(storage, 2, stage="mql") == sorted(id for id in ids if id < "a")
        assert storage.scan("ab", 2, "mql") == []
        assert storage.scan(None, 0) == []
        assert storage.lead_ids(None, 100) == sorted(ids)
        assert storage.lead_ids("ab", 2) == sorted(id for id in ids if id > "ab")[:2]
        assert storage.lead_ids(max(ids), 2) == storage.lead_ids(None, 0) == []


def _joined(one: Change, other: Change) -> Change:
    return Change(**{name: (*getattr(one, name), *getattr(other, name)) for name in Change.model_fields})


def _walked(storage: Storage, size: int, stage: str | None = None) -> list[str]:
    found: list[str] = []
    for _ in range(100):  # a storage that goes round in circles ends here
        page = storage.scan(found[-1] if found else None, size, stage)
        assert len(page) <= size
        found += [each.id for each in page]
        if not page:
            break
    return found
