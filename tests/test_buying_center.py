"""What all leads of a company tell of it."""

from leadflow.buying_center import Member, account_of


def test_an_account_is_the_best_fit_and_the_engagement_of_all() -> None:
    members = [Member(40, 5, "user"), Member(25, 12.5, "decider"), Member(-10, 0, None, has_bought=True)]
    account = account_of("acme.example", members)
    assert (account.leads, account.engaged, account.customers) == (3, 2, 1)
    assert (account.fit, account.engagement, account.score) == (40, 17.5, 57.5)


def test_coverage_is_the_percentage_of_the_roles_wanted() -> None:
    members = [Member(role="user"), Member(role="user"), Member(role="buyer")]
    account = account_of("acme.example", members, wanted=("decider", "user", "influencer", "buyer"))
    assert account.roles == ("user", "buyer")
    assert account.coverage == 50


def test_of_nobody_nothing_is_known() -> None:
    account = account_of("acme.example", [])
    assert (account.leads, account.fit, account.engagement, account.roles, account.coverage) == (0, 0, 0, (), 0)
