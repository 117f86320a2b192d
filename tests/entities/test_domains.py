"""Registrable domains, and the account that a company's data names."""

from __future__ import annotations

import pytest

from leadflow.entities import Company, Lead
from leadflow.entities.domains import registrable_domain
from leadflow.entities.placement import own_account
from leadflow.quality import is_own_domain


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("acme.example", "acme.example"), ("mail.acme.example", "acme.example"), ("a.b.acme.de", "acme.de"),
        ("acme.co.uk", "acme.co.uk"), ("mail.eu.acme.co.uk", "acme.co.uk"), ("ACME.com.au.", "acme.com.au"),
        ("acme.ac.at", "acme.ac.at"), ("co.acme.de", "acme.de"), ("acme.net.ch", "net.ch"),
        ("acme.wordpress.com", "acme.wordpress.com"), ("shop.acme.myshopify.com", "acme.myshopify.com"),
        ("acme.any.ck", "acme.any.ck"), ("www.ck", "www.ck"), ("eu.acme.tokyo.jp", "acme.tokyo.jp"), ("tokyo.jp", None),
        ("acme.oslo.no", "acme.oslo.no"), ("www.acme.mi.it", "acme.mi.it"), ("acme.k12.ca.us", "acme.k12.ca.us"),
        ("a..co.uk", None), ("a..wordpress.com", None), ("mail.acme.商店", "acme.商店"), ("a.公司.cn", "a.公司.cn"),
        ("acme.xn--55qx5d.cn", "acme.xn--55qx5d.cn"),
        ("co.uk", None), ("wordpress.com", None), ("com", None), ("", None), ("..", None),
    ],
)  # fmt: skip
def test_a_host_belongs_to_what_somebody_has_registered(host: str, domain: str | None) -> None:
    assert registrable_domain(host) == domain


@pytest.mark.parametrize(
    ("company", "account"),
    [
        (Company(domain="mail.acme.co.uk", name="Acme"), "acme.co.uk"),
        (Company(domain="co.uk", name="Acme"), "acme|"),
        (Company(name="Müller & Söhne", country="DE"), "mullersohne|DE"),
        (Company(name="Mueller und Soehne", country="DE"), "mullersohne|DE"),
        (Company(name="MULLER SOHNE"), "mullersohne|"),
        (Company(), None),
    ],
)
def test_an_account_is_the_registered_domain_else_the_name_in_any_spelling(
    company: Company, account: str | None
) -> None:
    assert own_account(company) == account


@pytest.mark.parametrize("domain", ["gmail.com", "eu.gmail.com", "mail.hotmail.co.uk", "x.mailinator.com", "co.uk"])
def test_neither_free_mail_nor_a_host_of_it_is_a_companys_own(domain: str) -> None:
    assert not is_own_domain(domain)


def test_a_lead_with_free_mail_has_no_account() -> None:
    assert Lead.model_fields["placement"].default is None
    assert own_account(Company(domain=None, name=None)) is None
