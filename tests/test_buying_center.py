"""What all leads of a company tell of it."""

from hypothesis import given
from hypothesis import strategies as st

from leadflow.buying_center import BUYING_ROLES, BuyingCenter, CenterMember, Member, account_of, buying_center_of

ROLES = st.sampled_from(BUYING_ROLES)
CENTERS = st.dictionaries(ROLES, st.integers(1, 3), min_size=1).map(lambda wanted: BuyingCenter("any", wanted))


def test_an_account_is_the_best_fit_and_the_engagement_of_all() -> None:
    members = [Member(40, 5, "user"), Member(25, 12.5, "decider"), Member(-10, 0, None, has_bought=True)]
    account = account_of("acme.example", members, [])
    assert (account.leads, account.engaged, account.customers) == (3, 2, 1)
    assert (account.fit, account.engagement, account.score) == (40, 17.5, 57.5)


def test_coverage_is_the_percentage_that_is_filled_of_what_is_wanted() -> None:
    members = [Member(role="user"), Member(role="user"), Member(role="buyer")]
    center = BuyingCenter("fleet", {"decider": 1, "user": 3, "influencer": 1, "buyer": 1})
    account = account_of("acme.example", members, [center])
    assert account.roles == ("user", "buyer")
    assert account.missing == ("user", "influencer", "decider")
    assert account.coverage == 50


def test_of_two_centers_the_one_with_the_least_counts_and_what_either_lacks_is_missing() -> None:
    centers = [BuyingCenter("fleet", {"user": 1, "buyer": 1}), BuyingCenter("press", {"user": 1, "decider": 3})]
    account = account_of("acme.example", [Member(role="user")], centers)
    assert (account.coverage, account.missing) == (25, ("decider", "buyer"))


def test_of_nobody_nothing_is_known() -> None:
    account = account_of("acme.example", [], [BuyingCenter("any", {"user": 1})])
    assert (account.leads, account.fit, account.engagement, account.roles, account.coverage) == (0, 0, 0, (), 0)


@given(st.lists(st.none() | ROLES, max_size=8), CENTERS)
def test_rules_and_the_view_count_the_same(roles: list, center: BuyingCenter) -> None:
    account = account_of("acme.example", [Member(role=role) for role in roles], [center])
    state = buying_center_of(center, [CenterMember(f"{nr}", "Ada", role) for nr, role in enumerate(roles)])
    filled = sum(min(roles.count(role), number) for role, number in center.wanted.items())
    assert account.coverage == state.coverage == 100 * filled / sum(center.wanted.values())
    assert account.missing == state.missing
    assert (account.coverage == 100) == (account.missing == ()) == (state.next is None)
