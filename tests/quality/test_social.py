import pytest

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
        ("linkedin", "https://www.linkedin.com/company/acme/"), ("xing", "https://www.xing.com/pages/acme")
    ],
    "invalid_profile": [
        ("linkedin", "https://www.linkedin.com/"), ("linkedin", "Ada Lovelace"), (None, "ada"), ("linkedin", "._."),
        ("linkedin", "https://evil.example/in/ada"), ("linkedin", "x" * 101)
    ],
    "too_long": [("linkedin", "x" * 501)],
}  # fmt: skip


@pytest.mark.parametrize(("network", "typed", "code"), [(*one, code) for code, some in REFUSED.items() for one in some])
def test_what_is_no_persons_profile_is_refused(network: str | None, typed: str, code: str) -> None:
    checked = check_profile(network, typed)
    assert checked.value is None
    assert [(finding.code, finding.severity) for finding in checked.findings] == [(code, "error")]
