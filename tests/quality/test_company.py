import pytest

from leadflow.quality.company import check_company, company_key, split_legal_form
from leadflow.quality.email import check_email


@pytest.mark.parametrize(
    ("typed", "name", "form"),
    [
        ("Acme GmbH", "Acme", "GmbH"),
        ("acme gmbh", "Acme", "GmbH"),
        ("Acme G.m.b.H.", "Acme", "GmbH"),
        ("Acme Gesellschaft mit beschränkter Haftung", "Acme", "GmbH"),
        ("Acme G.m.b.H. & Co.KG", "Acme", "GmbH & Co. KG"),
        ("Müller GmbH&Co. KG", "Müller", "GmbH & Co. KG"),
        ("Müller GmbH und Co KG", "Müller", "GmbH & Co. KG"),
        ("Foo UG (haftungsbeschränkt)", "Foo", "UG (haftungsbeschränkt)"),
        ("Foo UG", "Foo", "UG (haftungsbeschränkt)"),
        ("Hans Meier e. K.", "Hans Meier", "e.K."),
        ("Volksbank Raiffeisen eG", "Volksbank Raiffeisen", "eG"),
        ("Siemens Aktiengesellschaft", "Siemens", "AG"),
        ("SAP SE", "SAP", "SE"),
        ("Acme, Inc.", "Acme", "Inc."),
        ("Acme Inc", "Acme", "Inc."),
        ("Acme LLC", "Acme", "LLC"),
        ("Acme Ltd", "Acme", "Ltd."),
        ("Acme Limited", "Acme", "Ltd."),
        ("Acme Co., Ltd.", "Acme", "Co., Ltd."),
        ("Nestlé S.A.", "Nestlé", "S.A."),
        ("Philips N.V.", "Philips", "N.V."),
        ("Nokia Oyj", "Nokia", "Oyj"),
        ("Ferrari S.p.A.", "Ferrari", "S.p.A."),
        ("Novo Nordisk A/S", "Novo Nordisk", "A/S"),
        ("IBM DEUTSCHLAND GMBH", "IBM Deutschland", "GmbH"),
        ("TREU UND GLAU STEUERBERATUNG GMBH", "Treu und Glau Steuerberatung", "GmbH"),
        ("MÜLLER ag", "Müller", "AG"),
        ("KPMG AG", "KPMG", "AG"),
        ("adidas AG", "adidas", "AG"),
        ("Fa. Huber", "Huber", None),
        ("„Löwen-Apotheke“ e.K.", "Löwen-Apotheke", "e.K."),
        ('Bäckerei "Zum goldenen Brot" e.K.', 'Bäckerei "Zum goldenen Brot"', "e.K."),
        ("'t Hart VOF", "'t Hart", "VOF"),
        ('"Acme"', "Acme", None),
        ("Firma 1", "Firma 1", None),
        ("Day Spa", "Day Spa", None),
        ("DAY SPA", "DAY SPA", None),
        ("Foo A B", "Foo A B", None),
        ("Müller & Co.", "Müller & Co.", None),
        ("AG", "AG", None),
        ("3M", "3M", None),
        ("Kfz-Werkstatt Groß", "Kfz-Werkstatt Groß", None),
    ],
)
def test_name_and_legal_form(typed: str, name: str, form: str | None) -> None:
    assert split_legal_form(typed) == (name, form)
    assert split_legal_form(f"{name} {form}" if form else name) == (name, form)


@pytest.mark.parametrize(
    "spellings",
    [
        ("Müller GmbH", "MUELLER GMBH", "Muller", "müller g.m.b.h.", "Mueller Gmbh & Co. KG"),
        ("Acme Software AG", "acme-software", "ACME SOFTWARE", "Acme  Software, Inc."),
        ("Meier & Söhne", "Meier und Soehne", "MEIER + SÖHNE GMBH"),
        ("Crédit Agricole S.A.", "Credit Agricole"),
    ],
)
def test_spellings_of_one_company_have_one_key(spellings: tuple[str, ...]) -> None:
    assert len({company_key(name) for name in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("Odoo", "MyOdoo"), ("Bauer", "Baur"), ("Acme", "Acme Software"), ("Day Spa", "Day")]
)
def test_other_companies_have_other_keys(one: str, other: str) -> None:
    assert company_key(one) != company_key(other)


@pytest.mark.parametrize(
    ("website", "email", "domain"),
    [
        ("https://www.Acme.example/x?y#z", None, "acme.example"),
        ("acme.example", "ada@other.example", "acme.example"),
        ("www.münchen.de", None, "xn--mnchen-3ya.de"),
        ("http://user@acme.example:8080/", None, "acme.example"),
        (None, "ada@acme.example", "acme.example"),
        (None, "info@acme.example", "acme.example"),
        (None, "ada@gmail.com", None),
        (None, "ada@gmial.com", None),
        (None, "ada@mailinator.com", None),
        ("https://facebook.com/acme", "ada@acme.example", "acme.example"),
        ("gmx.de", None, None),
    ],
)
def test_the_companys_own_domain(website: str | None, email: str | None, domain: str | None) -> None:
    checked = check_company("Acme", website=website, email=check_email(email).value)
    assert checked.value is not None
    assert checked.value.domain == domain
    assert {finding.code for finding in checked.findings} <= {"no_own_site"}


@pytest.mark.parametrize("website", ["not a site", "acme", "http://", "javascript:alert(1)", "a..b", "-"])
def test_what_is_no_web_address_gives_no_domain(website: str) -> None:
    checked = check_company("Acme", website=website)
    assert checked.value is not None
    assert checked.value.domain is None
    assert {finding.code for finding in checked.findings} <= {"invalid_website"}


@pytest.mark.parametrize(
    ("name", "code"), [("privat", "no_company"), ("Selbständig", "no_company"), ("!!!", "not_a_name")]
)
def test_what_names_no_company_is_not_shared_by_strangers(name: str, code: str) -> None:
    checked = check_company(name)
    assert checked.value is not None
    assert checked.value.name is None
    assert [finding.code for finding in checked.findings] == [code]
