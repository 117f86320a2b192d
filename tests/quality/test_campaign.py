"""Where a visit came from, as forms and files say it."""

from __future__ import annotations

import pytest

from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.conditions import field
from leadflow.quality import check
from leadflow.quality.campaign import check_campaign, check_url


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("HTTPS://WWW.Acme.Example:443/Page?utm_source=x&id=7&gclid=abc#top", "https://www.acme.example/Page?id=7#top"),
        ("https://müller.example/", "https://xn--mller-kva.example/"),
        ("https://user:secret@acme.example/", "https://acme.example/"),
        ("http://acme.example:8080/a?b", "http://acme.example:8080/a?b"),
        ("/pricing?utm_medium=mail", "/pricing"),
        ("https://acme.example/?a=1&amp;b=2", "https://acme.example/?a=1&amp;b=2"),
        ("direct", "direct"),
        ("android-app://com.google.android.gm/", "android-app://com.google.android.gm/"),
        ("https://[::1", "https://[::1"),
    ],
)
def test_an_address_has_one_spelling_and_follows_nobody(typed: str, url: str) -> None:
    assert check_url("touch.landing_page", typed) == (url, ())
    assert check_url("touch.landing_page", url) == (url, ())


def test_a_very_long_address_loses_its_parameters_and_says_so() -> None:
    checked = check_url("touch.referrer", f"https://acme.example/search?q={'x' * 2_000}")
    assert checked.value == "https://acme.example/search"
    assert [finding.code for finding in checked.findings] == ["query_left_out"]


def test_a_landing_page_fills_what_is_not_given_and_contradictions_are_doubted() -> None:
    page = "https://acme.example/?utm_medium=cpc&utm_campaign=Fall%20Sale&utm_term=crm&msclkid=m1"
    checked = check_campaign({"landing_page": page, "utm_campaign": "spring", "referrer": "https://www.google.com/"})
    assert checked.value == {
        "medium": "cpc",
        "campaign": "spring",
        "term": "crm",
        "landing_page": "https://acme.example/",
        "referrer": "https://www.google.com/",
        "click_id": "msclkid:m1",
    }
    assert [(finding.code, finding.field) for finding in checked.findings] == [("two_campaigns", "touch.campaign")]


def test_the_touch_of_a_lead_can_be_found_by_it() -> None:
    flow = LeadFlow(storage=MemoryStorage())
    values = {"email": "ada@acme.example", "gclid": "Cj0", "landing_page": "https://acme.example/demo?utm_term=crm"}
    captured = flow.capture(values, source="form")
    assert captured.findings == ()
    found = flow.find(field("touches.click_id").contains("gclid:Cj0")).leads
    assert [lead.touches[0].landing_page for lead in found] == ["https://acme.example/demo"]
    assert found[0].touches[0].term == "crm"


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("https://m.acme.example/kontakt?utm_source=x", "acme.example"),
        ("http://mobile.acme.example", "acme.example"),
        ("www2.acme.example", "acme.example"),
        ("m.example", "m.example"),
        ("https://www.Müller.example/", "xn--mller-kva.example"),
    ],
)
def test_a_companys_domain_is_that_of_its_site_for_desks(website: str, domain: str) -> None:
    checked = check({"company": "Acme", "website": website}).value
    assert checked is not None
    assert checked.values["company"].domain == domain  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text", ["?" * 500, "https://", "https://?&&=#?", "https://a\ud800b/", "\x00", "x" * 20_000, "http://[", "%"]
)
def test_odd_pages_are_kept_or_found(text: str) -> None:
    checked = check_campaign({"landing_page": text, "referrer": text, "utm_term": text, "gclid": text})
    kept = (checked.value or {}).get("landing_page")
    assert kept or checked.findings or not text.strip("\x00%?")
    assert (check_campaign({"landing_page": kept}).value or {}).get("landing_page") == kept
