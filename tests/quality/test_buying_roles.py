"""Buying roles that are proposed from a job title: kinds of titles, and whatever people type."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.entities import BuyingRole, Person, RoleProposal
from leadflow.errors import DefinitionError
from leadflow.quality.buying_roles import RoleModel
from leadflow.quality.seniority import seniority_of
from leadflow.testing import a_lead


def proposed(title: str | None, **parts: Any) -> tuple[RoleProposal, ...]:
    return RoleModel().propose(a_lead(**parts).but(person=Person.model_construct(job_title=title)))


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Buchdruckerin", "user"),  # a trade that no row names
        ("Illustrator", "user"),
        ("Sortimentsmanager", "influencer"),  # who manages a matter …
        ("Purchasing and Sales Manager", "buyer"),
        ("Hotel Manager", "decider"),  # … or a house
        ("Unternehmensinhaberin", "decider"),
        ("Practice Leader", "decider"),
        ("Education administrator", "user"),  # who administers an office …
        ("Netzwerkadministrator", "gatekeeper"),  # … or a network
        ("Assistenzprofessor", "user"),
        ("Assistentin der Geschäftsführung", "gatekeeper"),
        ("Einkaufsleiterin", "buyer"),
    ],
)
def test_kinds_of_titles(title: str, role: BuyingRole) -> None:
    assert proposed(title)[0].role == role


def test_owners_are_found_in_compounds() -> None:
    assert seniority_of("Unternehmensinhaber") == seniority_of("Inhaberin") == seniority_of("Mitinhaber") == "c-level"


def test_a_title_that_says_nothing_proposes_nothing() -> None:
    assert proposed("Xyz") == proposed("経理") == proposed(None) == ()


@given(st.none() | st.text(max_size=60), st.sampled_from([None, "user", "decider"]))
def test_whatever_is_typed_the_proposals_are_shares_with_reasons(title: str | None, said: BuyingRole | None) -> None:
    proposals = proposed(title, buying_role=said)
    shares = [one.confidence for one in proposals]
    assert shares == sorted(shares, reverse=True) and sum(shares) <= 1.01
    assert all(one.because and 0 < one.confidence <= 1 for one in proposals)
    assert len({one.role for one in proposals}) == len(proposals)
    if said is not None and title is None:
        assert proposals[0].role == said


@pytest.mark.parametrize("counts", [{"king": 1}, {"user": -1}, {"user": 0.5}, {"user": "many"}])
def test_counts_of_no_role_or_below_nothing_are_refused(counts: dict[str, object]) -> None:
    with pytest.raises(DefinitionError, match="taught"):
        RoleModel.model_validate({"taught": {"title: purchasing": counts}})
