"""Account merges among writers, and killed at work: no circle, each lead under one key, and all of it ends later."""

from __future__ import annotations

import os
import random
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest

from acme import START
from leadflow import LeadFlow, field
from leadflow.adapters.sql import SqlStorage
from leadflow.decisions.account_links import link_key
from leadflow.errors import LeadflowError, Refused, Stale
from leadflow.events import Change, replay
from processes import FORK, all_at_once, killed_in_the_middle

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("everything_is_loaded")]
ROUNDS = 100 if os.environ.get("LEADFLOW_TORTURE") else 3
NAMES = ["a.example", "b.example", "c.example", "d.example"]
WRITERS = 6
TURNS = 4


def flow_on(storage, days: int = 0) -> LeadFlow:
    return LeadFlow(storage, clock=lambda: START + timedelta(days=days))


def captured(flow: LeadFlow, name: str, unique: str) -> str:
    """Who has an address at a company, or only its name; what was answered is in the facts, or the test fails."""
    company = f"Firm {name[0].upper()} Pumps"
    email = f"{unique}@gmail.com" if unique.endswith("home") else f"{unique}@{name}"
    return flow.capture({"email": email, "company": company}, source="race").lead_id


def links(storage) -> dict[str, dict]:
    found = storage.states([link_key(name) for name in NAMES])
    return {state.value["account"]: dict(state.value) for state in found.values()}


def end(into: dict[str, str], name: str) -> str:
    """Where an account was merged to; a circle fails."""
    passed = [name]
    while name in into:
        name = into[name]
        assert name not in passed, f"a circle: {passed}"
        passed.append(name)
    return name


def whole(flow: LeadFlow) -> dict[str, str]:
    """No circle, and both sides of each merge agree."""
    known = links(flow.storage)
    into = {name: link["into"] for name, link in known.items() if link.get("into")}
    absorbed = sorted((one, name) for name, link in known.items() for one in link.get("absorbed", ()))
    assert absorbed == sorted(into.items())
    for name in NAMES:
        end(into, name)
    return into


def everybody_has_arrived(flow: LeadFlow, answered: set[str]) -> None:
    """After what was due, each lead is where its own account, or the chosen one, was merged to, and nowhere else."""
    into, leads = whole(flow), {lead.id: lead for lead in flow.leads()}
    assert answered <= leads.keys()
    for lead in leads.values():
        named = lead.placement.chosen if lead.placement and lead.placement.chosen else lead.company.domain
        wanted = end(into, named) if named else lead.account
        assert lead.account == wanted
        assert replay(flow.storage.facts(lead.id)) == lead
    assert all(lead.company.domain or lead.placement for lead in leads.values() if lead.account in NAMES)
    keys = {lead.account for lead in leads.values() if lead.account} | {*NAMES}
    listed = Counter(lead.id for key in keys for lead in flow.find(field("account") == key, limit=1000))
    assert listed == Counter([lead.id for lead in leads.values() if lead.account])


# ----------------------------------------------------------------------------------------------------------- races
def works(number: int, storage: type[SqlStorage], url: str, turns: int) -> None:
    """Two merge crosswise, two in a circle over a third, one places everybody, the others capture."""
    own = storage(url)
    flow, crosswise = flow_on(own), [(0, 1), (1, 0), (1, 2), (2, 0)]
    for turn in range(turns):
        try:
            if number < len(crosswise):
                one, other = (NAMES[n] for n in crosswise[number])
                (flow.unmerge_accounts if turn % 2 else flow.merge_accounts)(one, other, by="anna")
            elif number == len(crosswise):
                flow.place_all(above=0.7, by="anna")
            else:
                for name in NAMES:
                    captured(flow, name, f"w{number}t{turn}")
        except Refused:
            continue
    own.close()


def race(opened, url: str, storage: type[SqlStorage], writers: int = WRITERS, turns: int = TURNS) -> LeadFlow:
    setup = opened(SqlStorage(url)).migrate()
    flow = flow_on(setup, days=1)
    for name in NAMES:
        captured(flow, name, "first")
        captured(flow, name, f"{name[0]}-home")
    setup.close()
    all_at_once(works, storage, url, turns, processes=writers)
    return flow


def test_merges_crosswise_and_in_a_circle_among_captures_and_placements_leave_everybody_in_one_account(
    url, opened
) -> None:
    flow = race(opened, url, SqlStorage)
    whole(flow)
    flow.run_due()
    everybody_has_arrived(flow, set())
    assert flow.count() == 2 * len(NAMES) + TURNS * len(NAMES) * (WRITERS - 5)


DECIDED = FORK.Barrier(4)


class WithoutVersions(SqlStorage):
    """The naive way: write the links that were computed, whatever has happened to them since all have decided."""

    def save(self, change: Change) -> None:
        if not any(one.key.startswith("account:") for one in change.states):
            return super().save(change)
        DECIDED.wait(60)
        while True:
            now = {key: state.version for key, state in self.states([one.key for one in change.states]).items()}
            blind = [one.but(read_version=now.get(one.key, 0)) for one in change.states]
            with suppress(Stale):
                return super().save(change.but(states=tuple(blind)))


def test_the_naive_twin_forgets_one_side_of_a_merge(url, opened) -> None:
    flow = race(opened, url, WithoutVersions, writers=4, turns=1)
    with pytest.raises(AssertionError):
        whole(flow)


# ----------------------------------------------------------------------------------------------------------- kills
def links_and_leads(url: str, journal, round_number: int, done) -> None:
    """Merge, take back, place and capture at random, for ever; note who was answered."""
    dice, flow = random.Random(round_number), flow_on(SqlStorage(url), days=round_number)
    with journal.open("ab", buffering=0) as file:
        for number in count():
            done.value += 1
            one, other = dice.sample(NAMES, 2)
            try:
                match dice.randrange(6):
                    case 0 | 1:
                        flow.merge_accounts(one, other, by="anna")
                    case 2:
                        flow.unmerge_accounts(one, other, by="anna")
                    case 3:
                        file.write(f"{captured(flow, one, f'r{round_number}n{number}')}\n".encode())
                    case 4:
                        captured(flow, one, f"r{round_number}-home")
                        flow.place_all(above=0.7, by="anna")
                    case 5:
                        flow.tick(20)
            except LeadflowError:
                continue


def test_killed_merges_of_accounts_are_finished_by_who_comes_next(url, opened, tmp_path) -> None:
    storage, journal = opened(SqlStorage(url)).migrate(), tmp_path / "journal"
    for name in NAMES:
        captured(flow_on(storage), name, "first")
    storage.close()
    for round_number in range(ROUNDS):
        killed_in_the_middle(links_and_leads, *((url, journal, 2 * round_number + n) for n in range(2)), steps=6)
        whole(flow_on(storage))
        storage.close()
    flow = flow_on(storage, days=2 * ROUNDS + 1)
    flow.run_due()
    everybody_has_arrived(flow, set(journal.read_text().split()))
    assert any(lead.placement for lead in flow.leads())
