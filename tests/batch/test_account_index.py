"""The index of accounts finds what comparing a lead with all records of all accounts would find."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.batch import AccountIndex
from leadflow.buying_center import account_name
from leadflow.entities import Lead, with_fields
from leadflow.errors import InvalidInput
from leadflow.quality import check
from leadflow.quality.account_evidence import suggested_accounts

ACME = {
    "company": "Acme Maschinenbau GmbH", "website": "www.acme.example", "phone": "0221 4711-100", "street": "Ring",
    "house_number": "3", "postcode": "50667", "city": "Köln",
}  # fmt: skip
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "company": st.sampled_from(
            ["Acme GmbH", "ACME Maschinen-Bau", "Acme Maschinenbau", "Akme", "Müller & Co. KG", "Mueller", "Ümbrella"]
        ),
        "website": st.sampled_from(["acme.example", "www.mueller.example", "umbrella.example"]),
        "email": st.sampled_from(["a@acme.example", "b@mail.mueller.example", "c@gmail.com"]),
        "phone": st.sampled_from(["+49 221 4711100", "+49 221 4711222", "+49 171 2345678", "+49 30 1234567"]),
        "street": st.sampled_from(["Ring", "Ring-Weg", "ring"]),
        "house_number": st.sampled_from(["3", "4"]),
        "postcode": st.sampled_from(["50667", "10115"]),
        "country": st.sampled_from(["DE", "AT"]),
    },
)
NUMBERS = count()


def a_record(row: dict[str, str]) -> Lead[Any]:
    checked = check(row, default_country="DE", gazetteer=None).value
    assert checked is not None
    empty = Lead[Any](id=f"lead-{next(NUMBERS)}", created_at=(now := datetime.now(UTC)), recorded_at=now, version=1)
    return with_fields(empty, checked.values)


@given(st.lists(st.tuples(st.sampled_from("abcd"), ROWS), max_size=8), ROWS)
def test_it_finds_what_comparing_with_everybody_finds(accounts: list[tuple[str, dict[str, str]]], row: Any) -> None:
    index, members = AccountIndex(default_country="DE"), defaultdict[str, list[Lead[Any]]](list)
    for account, one in accounts:
        members[account].append(record := a_record(one))
        index.add(account, record)
    lead = a_record(row)
    found, all_of_them = index.find(lead), suggested_accounts(lead, members, account_name)
    missed = [one for one in all_of_them if one not in found]
    assert [one for one in all_of_them if one in found] == found
    for other in missed:  # only names that are spelled alike, and share not even the sound of a word
        assert any("is spelled like" in because for because in other.because)
    assert not missed or "company" in row


def test_a_row_is_read_as_a_capture_reads_it_and_a_flow_suggests_the_same() -> None:
    flow = LeadFlow(MemoryStorage(), country="DE")
    flow.capture({"email": "ada@acme.example", **ACME}, source="fair")
    row = {"email": "gus@gmail.com", "company": "ACME Maschinen-Bau", "postcode": "50667", "city": "Köln"}
    gus = flow.capture(row, source="web").lead_id
    index = AccountIndex(default_country="DE")
    index.add("acme.example", {"email": "ada@acme.example", **ACME, "Kundennummer": 4711})
    assert index.find(row) == index.find(flow.get(gus)) == flow.suggest_accounts(gus)
    assert (len(index), "acme.example" in index, "other" in index) == (1, True, False)


@pytest.mark.parametrize(
    ("row", "because"),
    [
        ({"email": "ada@mail.acme.example"}, "an e-mail address at acme.example"),
        ({"website": "https://acme.example/jobs"}, "the domain acme.example"),
        ({"company": "ACME Maschinen-Bau"}, "the company ACME Maschinen-Bau is Acme Maschinenbau"),
        ({"phone": "+49 221 4711100"}, "the phone number +492214711100"),
        ({"street": "Ring 3", "postcode": "50667"}, "the address Ring 3"),
        ({"phone": "+49 221 4711222", "postcode": "50667"}, "phone numbers that begin with +492214711"),
    ],
)
def test_each_clue_finds_the_account(row: dict[str, str], because: str) -> None:
    index = AccountIndex(default_country="DE")
    index.add("crm-1", ACME)
    index.add("crm-2", {"company": "Umbrella AG"})
    (found,) = index.find(row)
    assert (found.account, found.because[0]) == ("crm-1", because)


def test_what_many_share_finds_nothing_by_itself_and_large_accounts_stay_cheap() -> None:
    index = AccountIndex()
    for number in range(200):
        index.add(f"acme-{number:03}", {"company": f"Acme {number:03}"})
        index.add("large", {"company": "Umbrella", "email": f"x{number}@gmail.com"})
    assert index.find({"company": "Acme 170"})[0].account == "acme-170"  # all know Acme; the whole name is its own
    alike = index.find({"company": "Acme 17"}, limit=500)
    assert {one.account for one in alike} <= {f"acme-{number:03}" for number in range(50)}  # by a word of all
    assert [one.account for one in index.find({"company": "Umbrella"})] == ["large"]
    index.add("large", {"phone": "+49 221 4711100"})  # one of too many
    assert index.find({"phone": "+49 221 4711100"}) == []
    assert index.find({"email": "x1@gmail.com"}) == index.find({}) == []


def test_what_is_no_record_or_no_account_is_refused() -> None:
    index = AccountIndex()
    for wrong in ("", None, 7):
        with pytest.raises(InvalidInput, match="account"):
            index.add(wrong, ACME)  # type: ignore[arg-type]  # the mistake
    with pytest.raises(InvalidInput, match="give a lead, or a mapping"):
        index.find("Acme")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(InvalidInput, match="default_country"):
        AccountIndex(default_country="Nowhere")
