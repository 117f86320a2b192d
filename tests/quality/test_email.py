import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.entities import Email
from leadflow.errors import InvalidInput
from leadflow.quality.email import check_email, email_key, is_own_domain, same_mailbox


def address(text: object) -> str | None:
    checked = check_email(text).value
    return checked.address if checked else None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ADA@Acme.Example", "ada@acme.example"),
        ("  ada@acme.example ", "ada@acme.example"),
        ("Ada Lovelace <ADA@acme.example>", "ada@acme.example"),
        ('"Lovelace, Ada" <ada@acme.example>', "ada@acme.example"),
        ("<ada@acme.example>", "ada@acme.example"),
        ("mailto:ada@acme.example?subject=hi", "ada@acme.example"),
        ("ada@acme.example.", "ada@acme.example"),
        ("ada@acme.example;", "ada@acme.example"),
        ("a\u200bda@acme.example", "ada@acme.example"),
        ("x@y.test", "x@y.test"),
        ("x@example.com", "x@example.com"),
        ("jo\u0308rg@firma.de", "jörg@firma.de"),
        ("x@MÜNCHEN.de", "x@xn--mnchen-3ya.de"),
        ("x@xn--mnchen-3ya.de", "x@xn--mnchen-3ya.de"),
        ("x@straße.de", "x@xn--strae-oqa.de"),
        ("a" * 64 + "@x.de", "a" * 64 + "@x.de"),
    ],
)
def test_one_spelling_for_one_address(typed: str, meant: str) -> None:
    assert address(typed) == meant
    assert email_key(typed) == f"email:{meant}"
    assert address(meant) == meant


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("alice@example.org]<bob@example.org>", "several_addresses"),
        ("a@b.de, c@d.de", "several_addresses"),
        ("a@b@c.de", "several_addresses"),
        ("Ada <a@b.de> <c@d.de>", "several_addresses"),
        ("ada", "invalid_email"),
        ("ada@acme", "invalid_email"),
        ("ada@localhost", "invalid_email"),
        ("ada@intern.local", "invalid_email"),
        ("x@test", "invalid_email"),
        ("a b@acme.example", "invalid_email"),
        ("a..b@acme.example", "invalid_email"),
        ("ada@acme..example", "invalid_email"),
        ("ada@[127.0.0.1]", "invalid_email"),
        ("ada\0lovelace@acme.example", "invalid_email"),
        ("a" * 65 + "@x.de", "invalid_email"),
        ("ü" * 33 + "@x.de", "invalid_email"),
        ("a@" + ".".join(["b" * 60] * 5) + ".de", "invalid_email"),
        ("x" * 20_000 + "@y.de", "too_long"),
        (b"ada@acme.example", "not_text"),
        (True, "not_text"),
    ],
)
def test_what_is_no_single_address_is_refused(typed: object, code: str) -> None:
    checked = check_email(typed)
    assert checked.value is None
    assert [(finding.code, finding.severity, finding.field) for finding in checked.findings] == [
        (code, "error", "email")
    ]


@pytest.mark.parametrize("nothing", [None, "", "   ", "-", "n/a", "k.A.", "NULL", float("nan")])
def test_nothing_is_no_finding(nothing: object) -> None:
    assert check_email(nothing) == (check_email(None))
    assert check_email(nothing).findings == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ada@acme.example", "business"),
        ("ada@gmail.com", "free"),
        ("ada@gmx.at", "free"),
        ("ada@bluewin.ch", "free"),
        ("info@acme.example", "role"),
        ("Vertrieb@acme.example", "role"),
        ("info2@acme.example", "role"),
        ("buchhaltung+re@acme.example", "role"),
        ("vertrieb-nord@acme.example", "role"),
        ("info.berlin@acme.example", "role"),
        ("office@gmx.de", "role"),
        ("office.mueller@gmx.de", "free"),
        ("informatik@acme.example", "business"),
        ("salesforce@acme.example", "business"),
        ("ada@mailinator.com", "disposable"),
        ("info@mailinator.com", "disposable"),
    ],
)
def test_the_kind_of_mailbox(text: str, kind: str) -> None:
    checked = check_email(text).value
    assert checked is not None
    assert checked.kind == kind


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("outlok.de", "outlook.de"),
        ("yaho.com", "yahoo.com"),
        ("t-onlien.de", "t-online.de"),
    ],
)
def test_a_slip_is_suggested_and_not_applied(typed: str, meant: str) -> None:
    checked = check_email(f"ada@{typed}")
    assert checked.value is not None
    assert checked.value.domain == typed
    assert [(f.code, f.severity, f.suggestion) for f in checked.findings] == [("email_typo", "warning", f"ada@{meant}")]
    assert not is_own_domain(typed)


@pytest.mark.parametrize(
    "domain",
    [
        "mail.com",
        "weg.de",
        "gmx.at",
        "gmx.de",
        "web.de",
        "ymail.com",
        "email.com",
        "yahoo.pl",
        "acme.example",
        "me.com",
        "wob.de",
        "gmx.li",
        "mail.ru",
        "cloud.com",
        "aol.de",
        "hotmail.ch",
    ],
)
def test_real_domains_are_no_slips(domain: str) -> None:
    assert check_email(f"ada@{domain}").findings == ()


def test_verified_is_passed_on() -> None:
    checked = check_email("ada@acme.example", verified=True).value
    assert checked == Email(address="ada@acme.example", domain="acme.example", kind="business", verified=True)


@pytest.mark.parametrize("text", ["noreply@acme.example", "test@test.de"])
def test_mailboxes_that_nobody_reads_are_doubted(text: str) -> None:
    assert [finding.code for finding in check_email(text).findings] == ["fake_email"]


def test_no_claim_without_an_address() -> None:
    assert email_key(Email(address="ada@acme.example")) == "email:ada@acme.example"
    for nothing in (Email(), "", "ada"):
        with pytest.raises(InvalidInput):
            email_key(nothing)


def test_tags_and_gmail_dots_are_one_mailbox() -> None:
    assert same_mailbox("a.da+news@googlemail.com") == same_mailbox("ada@gmail.com")
    assert same_mailbox("ada+news@acme.example") == "ada@acme.example"
    assert same_mailbox("a.da@acme.example") != same_mailbox("ada@acme.example")


@given(st.emails())
def test_a_valid_address_is_its_own_normal_form(text: str) -> None:
    once = address(text)
    assert once is None or (once == once.lower() and address(once) == once)
