"""The contract of a ``Searchable`` storage: it finds what ``leadflow.search.page_of`` finds among all its leads.

::

    class TestMyStorage(StorageContract, SearchContract):
        def new_storage(self):
            return MyStorage(...)  # an empty one
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from leadflow.conditions import Condition, all_of, always, any_of, evaluate, field
from leadflow.entities import Company, Deal, Email, Lead, Person, Phone, Route, Score
from leadflow.events import Change, LeadWrite
from leadflow.ports import Searchable
from leadflow.search import ORDERS, LeadSearch, Order, check_findable, counted, page_of
from leadflow.search.words import word_index
from leadflow.testing.changes import START, at, lead, redirect, rich_lead
from leadflow.testing.contract_rules import explained

__all__ = ["SearchContract"]

CONDITIONS: tuple[Condition, ...] = (
    always(),
    field("stage") == "mql",
    field("stage").is_in("lead", "mql"),
    field("owner") == "anna",
    field("owner").is_known(),
    field("owner").starts_with("b"),
    field("account") == "acme.example",
    field("account").like("*|DE"),
    field("score.grade") != "A1",
    field("score.total") >= 12.5,
    field("score.fit").between(0, 5),
    field("created_at").within(days=2),
    field("recorded_at") > at(2),
    field("company.employees") > 7,
    field("company.revenue") == 0.1 + 0.2,
    field("company.name").contains("é%"),
    field("company.country") == "DE",
    field("email.domain").ends_with(".example"),
    field("email.verified") == True,  # noqa: E712
    field("emails.domain").contains("acme.example"),
    field("interests").contains("it's"),
    field("phone.number").is_known(),
    field("person.full_name") < "B",
    field("is_reachable") == False,  # noqa: E712
    field("consented").contains("newsletter/email"),
    field("authority") != True,  # noqa: E712
    field("revisit") <= date(2026, 3, 1),
    field("deals.status").contains("open"),
    field("deals.currency").contains("EUR"),
    field("route").is_known(),
    field("route.turn") == 0,
    field("text").matches("ada"),
    field("text").matches("mull ACME"),
    field("text").matches("030 1234"),
)
"""Custom fields that some leads have, some lack, and some omit because they have the default."""


def leads() -> list[Lead[Any]]:
    """Return leads with and without values of every kind."""
    names = ("Acme", "é%_b", None, "Zoë & Söhne")
    return [rich_lead("r"), *(_varied(nr, names[nr % 4]) for nr in range(16))]


def _varied(nr: int, company: str | None) -> Lead[Any]:
    email = Email(address=f"p{nr}@acme.example", domain="acme.example", kind="business", verified=nr % 2 == 0)
    values: dict[str, Any] = {
        "stage": ("prospect", "lead", "mql")[nr % 3],
        "owner": (None, "anna", "ben")[nr % 3],
        "emails": (email,) if nr % 4 else (),
        "phones": (Phone(number="+4930123456"),) if nr % 5 == 0 else (),
        "person": Person(first_name=("Ada", None, "Bob")[nr % 3], last_name=("Müller", "Lovelace")[nr % 2]),
        "company": Company(name=company, employees=nr if nr % 2 else None, country="DE" if nr % 3 else None),
        "score": Score() if nr % 4 == 0 else Score(fit=nr / 2, engagement=7.1, grade=("A1", "B2")[nr % 2]),
        "interests": ("it's", "b")[: nr % 3],
        "authority": (None, True, False)[nr % 3],
        "revisit": None if nr % 2 else date(2026, 2, 27) + timedelta(days=nr),
        "deals": (Deal(id="d", opened_at=START),) if nr % 6 == 0 else (),
        "route": (None, Route(at=at(nr)), Route(at=at(nr), turn=nr))[nr % 3],
        "entered_at": at(nr // 4) if nr % 3 else None,
    }
    moments = {"created_at": START - timedelta(days=nr % 4), "recorded_at": at(nr / 4)}
    return lead(f"l{nr:02}", **values).but(**moments)


def stored(*some: Lead[Any], version: int = 0) -> Change:
    """Return the Change that stores leads with their words; ``version`` is the one at which they were read."""
    return Change(
        leads=tuple(
            LeadWrite(id=one.id, read_version=version, lead=one, match_keys=word_index(one) | {"match-1"})
            for one in some
        )
    )


def walked(storage: Any, where: Condition, order: str, limit: int = 5) -> list[str]:
    """Return the ids of the leads on all pages of a search."""
    ids: list[str] = []
    after = None
    while True:
        page = storage.find(LeadSearch.of(check_findable(where, Lead), Order.read(order), limit, at(5), after))
        assert len(page) <= limit
        ids += (one.id for one in page)
        if page.next is None:
            return ids
        after = page.next


@explained
class SearchContract:
    """Tests of ``find`` and ``count``; inherit them together with ``StorageContract``, whose hooks they use."""

    def test_it_can_find(self, storage: Any) -> None:
        """A ``Searchable`` storage has ``find`` and ``count``; leave out ``SearchContract`` if yours has not."""
        assert isinstance(storage, Searchable)
        assert walked(storage, always(), "id") == []
        assert sum(storage.count(always(), at(5)).values()) == 0

    def test_it_finds_and_counts_what_the_reference_does(self, storage: Any) -> None:
        """``find`` and ``count`` give what ``page_of`` and ``counted`` of ``leadflow.search`` give: unknown
        values are neither true nor false.
        """
        several = leads()
        storage.save(stored(*several))
        for one, other in zip(CONDITIONS, (*CONDITIONS[7:], *CONDITIONS[:7]), strict=True):
            for where in (one, ~one, all_of(one, ~other), any_of(one, other), ~any_of(~one, other)):
                search = LeadSearch.of(check_findable(where, Lead), Order.read("id"), 100, at(5))
                assert storage.find(search) == page_of(several, search), str(where)
                for by in (None, "stage", "owner", "email.verified"):
                    found = {value: many for value, many in storage.count(search.where, at(5), by).items() if many}
                    assert found == counted(several, search.where, at(5), by), (str(where), by)

    @pytest.mark.parametrize("order", sorted(ORDERS))
    def test_pages_are_in_order_and_miss_nobody(self, storage: Any, order: str) -> None:
        """Pages continue after (sorted value, id): no lead is skipped or repeated, and leads without a value
        come last.
        """
        several = leads()
        storage.save(stored(*several))
        for written in (order, f"-{order}"):
            search = LeadSearch.of(always(), Order.read(written), 100, at(5))
            whole = [one.id for one in page_of(several, search)]
            for limit in (1, 4, 100):
                assert walked(storage, always(), written, limit) == whole, (written, limit)

    def test_a_lead_is_found_as_it_is_now(self, storage: Any) -> None:
        """The columns that are searched are written with every write of the lead."""
        storage.save(stored(lead("a", owner="anna", person=Person(last_name="Lovelace"))))
        now = lead("a", 2, owner="ben", person=Person(last_name="King"), score=Score(fit=7, grade="A1"))
        storage.save(stored(now, version=1))
        for where in (field("owner") == "ben", field("text").matches("king"), field("score.total") == 7):
            assert walked(storage, where, "id") == ["a"], str(where)
        for where in (field("owner") == "anna", field("text").matches("lovelace"), field("score.grade") == "B1"):
            assert walked(storage, where, "id") == [], str(where)

    def test_who_is_erased_or_absorbed_is_not_found(self, storage: Any) -> None:
        """``find`` and ``count`` leave out erased and absorbed leads."""
        storage.save(stored(*(lead(id, person=Person(last_name="King")) for id in ("a", "b", "c"))))
        storage.save(Change(erase=("a",), redirects=(redirect("b", "c"),)))
        for where in (always(), field("text").matches("king"), field("stage") == "prospect"):
            assert walked(storage, where, "-created_at") == ["c"], str(where)
            assert storage.count(where, at(5), "stage") == {"prospect": 1}

    def test_a_lead_that_can_not_be_read_is_in_nobodys_way(self, storage: Any) -> None:
        """An unreadable lead is logged and left out of a page, and the page after it goes on."""
        several = leads()
        storage.save(stored(*several))
        broken = {"l03": "", "l04": "[]", "l05": '{"created_at": "x"}', "l12": '"nobody\'s business"'}
        for id, text in broken.items():
            self.rewrite(storage, "lead", id, text)  # type: ignore[attr-defined]
        for order in ("-created_at", "score.fit", "company.name"):
            found = walked(storage, field("company.employees") != 99, order, 2)
            wanted = [one for one in several if evaluate(field("company.employees") != 99, one, at(5))]
            assert sorted(found) == sorted(one.id for one in wanted if one.id not in broken)

    def test_a_page_ends_where_it_says(self, storage: Any) -> None:
        """``next`` is None on the last page, and only there."""
        storage.save(stored(*leads()))
        order = Order.read("-score.total")
        first = storage.find(LeadSearch.of(always(), order, 3, at(5)))
        again = storage.find(LeadSearch.of(always(), order, 3, at(9), first.next))
        assert (len(first), len(again), again.now) == (3, 3, at(5))
        assert first[-1].score.total >= again[0].score.total
