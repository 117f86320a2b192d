import pytest

from leadflow.quality import check
from leadflow.quality.social import check_profile


@pytest.mark.parametrize(
    ("network", "typed", "expected"),
    [
        ("linkedin", "https://www.linkedin.com/in/Ada-Lovelace/", ("linkedin", "ada-lovelace")),
        ("linkedin", "de.linkedin.com/in/ada-lovelace?trk=x", ("linkedin", "ada-lovelace")),
        ("linkedin", "ada-lovelace", ("linkedin", "ada-lovelace")),
        ("linkedin", "in/ada-lovelace", ("linkedin", "ada-lovelace")),
        ("xing", "https://www.xing.com/profile/Ada_Lovelace", ("xing", "ada_lovelace")),
        ("twitter", "@Ada", ("twitter", "ada")),
        ("X", "https://x.com/Ada", ("twitter", "ada")),
        (None, "https://github.com/ada", ("github", "ada")),
        ("linkedin", "https://github.com/ada", ("github", "ada")),
        ("linkedin", "jürgen-müller", ("linkedin", "jürgen-müller")),
        ("linkedin", "https://www.linkedin.com/in/j%C3%BCrgen-m%C3%BCller/", ("linkedin", "jürgen-müller")),
        ("linkedin", "https://www.linkedin.com/mwlite/in/ada", ("linkedin", "ada")),
        ("linkedin", "LinkedIn: ada", ("linkedin", "ada")),
        ("linkedin", "(https:/uk.linkedin.com/in/ada/de)", ("linkedin", "ada")),
        ("linkedin", "linkedin.com/in/ACoAABCDEFGHIJKLMN", ("linkedin", "ACoAABCDEFGHIJKLMN")),
        ("xing", "https://www.xing.com/app/profile?name=Ada_Lovelace", ("xing", "ada_lovelace")),
        ("twitter", "https://x.com/ada/status/123", ("twitter", "ada")),
        ("twitter", "https://twitter.com/#!/ada", ("twitter", "ada")),
        ("twitter", "https://twitter.com/intent/user?screen_name=ada", ("twitter", "ada")),
        (None, "Twitter: @ada", ("twitter", "ada")),
        (None, "instagr.am/ada?igshid=x", ("instagram", "ada")),
        (None, "https://www.facebook.com/profile.php?id=1000123", ("facebook", "1000123")),
        (None, "https://www.facebook.com/people/Ada-Lovelace/1000123", ("facebook", "1000123")),
        (None, "https://de-de.facebook.com/ada", ("facebook", "ada")),
        (None, "https://www.tiktok.com/@ada/video/123", ("tiktok", "ada")),
        (None, "https://www.youtube.com/channel/UC1234567890abcdefABCDEF", ("youtube", "UC1234567890abcdefABCDEF")),
        (None, "https://gist.github.com/ada/1", ("github", "ada")),
        (None, "https://bsky.app/profile/ada.bsky.social", ("bluesky", "ada.bsky.social")),
    ],
)
def test_a_profile_is_network_and_handle(network: str | None, typed: str, expected: tuple[str, str]) -> None:
    checked = check_profile(network, typed)
    assert checked.findings == ()
    assert checked.value is not None
    assert (checked.value.network, checked.value.handle) == expected
    assert check_profile(*expected) == checked


REFUSED = {
    "not_a_person": [
        ("linkedin", "https://www.linkedin.com/company/acme/"), ("xing", "https://www.xing.com/pages/acme"),
        (None, "https://www.facebook.com/groups/x"), (None, "https://github.com/orgs/acme")
    ],
    "invalid_profile": [
        ("linkedin", "https://www.linkedin.com/"), ("linkedin", "Ada Lovelace"), (None, "ada"), ("linkedin", "._."),
        ("linkedin", "https://evil.example/in/ada"), ("linkedin", "x" * 101),
        ("linkedin", "https://www.linkedin.com/feed/"), ("linkedin", "https://www.linkedin.com/sales/lead/ACwAA"),
        ("linkedin", "https://www.linkedin.com/posts/ada_hello-123"), ("linkedin", "https://lnkd.in/abc"),
        ("twitter", "https://twitter.com/search?q=x"), (None, "https://www.instagram.com/p/Cabc/"),
        (None, "https://www.youtube.com/watch?v=x"), (None, "https://www.facebook.com/sharer.php?u=x"),
        (None, "https://vm.tiktok.com/abc")
    ],
    "too_long": [("linkedin", "x" * 501)],
}  # fmt: skip


@pytest.mark.parametrize(("network", "typed", "code"), [(*one, code) for code, some in REFUSED.items() for one in some])
def test_what_is_no_persons_profile_is_refused(network: str | None, typed: str, code: str) -> None:
    checked = check_profile(network, typed)
    assert checked.value is None
    assert [(finding.code, finding.severity) for finding in checked.findings] == [(code, "error")]


def test_several_profiles_in_one_cell_are_taken() -> None:
    cell = "https://www.linkedin.com/in/ada https://github.com/ada"
    checked = check({"linkedin": cell, "instagram": "@ada"}).value
    assert checked is not None
    found = [(one.network, one.handle) for one in checked.values["social"]]  # type: ignore[attr-defined]
    assert found == [("linkedin", "ada"), ("github", "ada"), ("instagram", "ada")]
