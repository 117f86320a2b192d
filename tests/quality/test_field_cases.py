"""Inputs that people met in practice with other systems, and what is right: one table per field."""

from __future__ import annotations

import pytest

from leadflow.entities import SocialProfile
from leadflow.quality import check
from leadflow.quality.address import check_address
from leadflow.quality.company import company_key, split_legal_form
from leadflow.quality.countries import check_country
from leadflow.quality.email import check_email, is_own_domain
from leadflow.quality.person import check_person
from leadflow.quality.phone import check_phone


@pytest.mark.parametrize(
    ("typed", "address", "codes"),
    [
        ("ada@acme.example (Ada Lovelace)", "ada@acme.example", ["words_beside"]),
        ("ada@acme.example (privat)", "ada@acme.example", ["words_beside"]),
        ("E-Mail: ada@acme.example", "ada@acme.example", ["words_beside"]),
        ("Ada Lovelace ada@acme.example", "ada@acme.example", ["words_beside"]),
        ("ada@acme.example\r\nBcc: all", "ada@acme.example", ["words_beside"]),
        ("ada@acme.example [mailto:ada@acme.example]", "ada@acme.example", ["words_beside"]),
        ('"ada@acme.example" <ada@acme.example>', "ada@acme.example", ["words_beside"]),
        ("[ada@acme.example]", "ada@acme.example", []),
        ("<ada@acme.example", "ada@acme.example", []),
        ("ada (at) acme (dot) example", "ada@acme.example", []),
        ("ada[ät]acme[punkt]example", "ada@acme.example", []),
        ("ada at acme dot example", "ada@acme.example", []),
        ("ada&#64;acme.example", "ada@acme.example", []),
        ("ada＠acme.example", "ada@acme.example", []),
        ("ada @ acme.example", "ada@acme.example", ["blanks"]),
        ("ada lovelace@acme.example", None, ["invalid_email"]),
        ('obsolete."quoted".ada@acme.example', None, ["invalid_email"]),
        ("ada@acme,example", None, ["invalid_email"]),
    ],
)
def test_an_address_is_read_from_what_stands_around_it(typed: str, address: str | None, codes: list[str]) -> None:
    checked = check_email(typed)
    assert (checked.value and checked.value.address) == address
    assert [finding.code for finding in checked.findings] == codes


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("gmail.con", "gmail.com"),
        ("gmail.cpm", "gmail.com"),
        ("gmail.cim", "gmail.com"),
        ("hotmail.couk", "hotmail.co.uk"),
        ("hotail.co.uk", "hotmail.co.uk"),
        ("fmail.com", "gmail.com"),
        ("gmx.ed", "gmx.de"),
        ("web.d", "web.de"),
        ("outloook.fr", "outlook.fr"),
        ("acme.con", "acme.com"),
    ],
)
def test_slips_of_free_mail_are_suggested_and_are_no_account(domain: str, meant: str) -> None:
    checked = check_email(f"a@{domain}")
    assert [(finding.code, finding.suggestion) for finding in checked.findings] == [("email_typo", f"a@{meant}")]
    assert not is_own_domain(domain)


def test_a_doubled_dot_is_refused_with_what_was_meant() -> None:
    assert [finding.suggestion for finding in check_email("a@gmail..com").findings] == ["a@gmail.com"]


@pytest.mark.parametrize(
    "domain", "hotmail.se live.ca yahoo.ca aol.co.uk outlook.com.br gmx.fr privaterelay.appleid.com orange.es".split()
)
def test_free_mail_of_any_country_is_no_account(domain: str) -> None:
    checked = check({"email": f"a@{domain}"}).value
    assert checked is not None
    assert checked.emails[0].kind == "free"
    assert "company" not in checked.values


@pytest.mark.parametrize(
    ("cell", "addresses"),
    [
        ("ada@acme.example; bob@acme.example", ["ada@acme.example", "bob@acme.example"]),
        ("test@mail.example ::: test2@mail.example", ["test@mail.example", "test2@mail.example"]),
        ('"Berg, Ada" <ada@acme.example>; "Berg, Bob" <bob@acme.example>', ["ada@acme.example", "bob@acme.example"]),
        ("ada@acme.example (privat), bob@acme.example (Büro)", ["ada@acme.example", "bob@acme.example"]),
        ("ada(at)acme.example / bob(at)acme.example", ["ada@acme.example", "bob@acme.example"]),
        ("ada@acme.example oder bob@acme.example", ["ada@acme.example", "bob@acme.example"]),
        ("alice@acme.example]<bob@acme.example>", []),
    ],
)
def test_several_addresses_in_one_cell_are_taken_and_the_first_is_the_main_one(cell: str, addresses: list[str]) -> None:
    checked = check({"email": cell}, verified=True)
    assert checked.value is not None
    assert [email.address for email in checked.value.emails] == addresses
    assert [email.claimed for email in checked.value.emails] == [place == 0 for place in range(len(addresses))]
    assert not any(email.verified for email in checked.value.emails)  # nobody knows which one was proven
    assert addresses or checked.errors


@pytest.mark.parametrize(
    ("typed", "country", "number", "codes"),
    [
        ("030 901820 (Fr. Berg)", "DE", "+4930901820", ["words_beside"]),
        ("030 901820 ab 17 Uhr", "DE", "+4930901820", ["words_beside"]),
        ("030 901820 (24h)", "DE", "+4930901820", ["words_beside"]),
        ("030 901820 seit 1.1.2024", "DE", "+4930901820", ["words_beside"]),
        ("privat: 030 901820, bitte nicht vor 9 Uhr", "DE", "+4930901820", ["words_beside"]),
        ("+911234567xyz", None, None, ["impossible_phone"]),
        ("VNTRIP2016A0NLH", "VN", None, ["impossible_phone"]),
        ("1-800-FLOWERS", "US", None, ["vanity_phone"]),
        ("1-800-555-CALL", "US", None, ["vanity_phone"]),
        ("491773333333", "DE", "+491773333333", ["country_code"]),
        ("4915112345678", "DE", "+4915112345678", ["country_code"]),
        ("49(0)345279000", "DE", "+49345279000", []),
        ("4930901820.0", "DE", "+4930901820", []),
        ("4.47900E+11", "GB", None, ["rounded_phone"]),
        ("4,91512E+11", "DE", None, ["rounded_phone"]),
        ("3.108207129E9", "US", "+13108207129", []),
        ("4.915112345678E+12", "DE", "+4915112345678", ["country_code"]),
        ("+52 1 55 1234 5678", None, "+525512345678", ["renumbered"]),
        ("044 55 1234 5678", "MX", "+525512345678", ["renumbered"]),
        ("+229 97 12 34 56", None, "+2290197123456", ["renumbered"]),
        ("+225 07 08 09 10", None, "+2250707080910", ["renumbered"]),
        ("p:+4915112345678", None, "+4915112345678", []),
        ("Tel.: 030 901820", "DE", "+4930901820", []),
        ("030.901820", "DE", "+4930901820", []),
        ("Fax: 030 901820", "DE", "+4930901820", ["fax_number"]),
        ("(0049) 30 901820", "DE", "+4930901820", []),
        ("030 901820/21", "DE", "+4930901820", ["other_ending"]),
        ("030 901820-0", "DE", "+49309018200", []),
        ("tel:+1-201-555-0123;ext=45", None, "+12015550123", ["extension"]),
    ],
)
def test_a_number_is_the_digits_that_stand_there(
    typed: str, country: str | None, number: str | None, codes: list[str]
) -> None:
    checked = check_phone(typed, country)
    assert (checked.value and checked.value.number) == number
    assert [finding.code for finding in checked.findings] == codes
    assert number is None or check_phone(number, country).value == checked.value


@pytest.mark.parametrize(
    ("typed", "country", "suggestion"),
    [("4915112345678", None, "+4915112345678"), ("+0171 1234567", "DE", "+491711234567")],
)
def test_a_likely_country_code_is_suggested_and_not_stored(typed: str, country: str | None, suggestion: str) -> None:
    checked = check_phone(typed, country)
    assert checked.value is None
    assert [finding.suggestion for finding in checked.findings] == [suggestion]


@pytest.mark.parametrize(
    "cell",
    [
        "030 901820, 0151 12345678",
        "030 901820/0151 12345678",
        "Tel: 030 901820 Mobil: 0151 12345678",
        "+49 30 901820 +49 151 12345678",
        "030 901820 ::: 0151 12345678",
        "030 901820 (Büro), 0151 12345678 (mobil)",
    ],
)
def test_several_numbers_in_one_cell_are_taken(cell: str) -> None:
    checked = check({"phone": cell}, default_country="DE").value
    assert checked is not None
    assert [phone.number for phone in checked.phones] == ["+4930901820", "+4915112345678"]


@pytest.mark.parametrize(
    ("full", "first", "last", "title"),
    [
        ("John Smith Jr.", "John", "Smith", None),
        ("Muster, Jan, Jr.", "Jan", "Muster", None),
        ("Miller, Will M., Jr.", "Will M.", "Miller", None),
        ("Quentin De La Cruz Sr", "Quentin", "De La Cruz", None),
        ("John Smith III", "John", "Smith", None),
        ("John Smith, Jr., M.D.", "John", "Smith", "M.D."),
        ("Robert Downey Jr MD", "Robert", "Downey", "M.D."),
        ("Hans Müller jun.", "Hans", "Müller", None),
        ("Jun Li", "Jun", "Li", None),
        ("Van Leonard Karlson", "Van Leonard", "Karlson", None),
        ("Van Nguyen", "Van", "Nguyen", None),
        ("Ben Berg", "Ben", "Berg", None),
        ("Al Di Meola", "Al", "Di Meola", None),
        ("van der Berg", None, "van der Berg", None),
        ("Heide, Hans von der", "Hans", "von der Heide", None),
        ("MÜLLER Anna", "Anna", "Müller", None),
        ("山田 太郎", "太郎", "山田", None),
        ("Jack Ma", "Jack", "Ma", None),
        ("Anna Ma, MA", "Anna", "Ma", "M.A."),
        ("Anna Müller, geb. Schmidt", "Anna", "Müller", None),
        ('William "Bill" Gates', "William", "Gates", None),
        ("Anna Müller - Schmidt", "Anna", "Müller-Schmidt", None),
        ("Dipl.-Ing. (FH) Eva Braun", "Eva", "Braun", "Dipl.-Ing. (FH)"),
        ("Dr. Dr. h. c. Eva Braun", "Eva", "Braun", "Dr. Dr. h.c."),
        ("Müller, Anna, Dr.", "Anna", "Müller", "Dr."),
        ("RA Dr. Jan Muster", "Jan", "Muster", "RA Dr."),
        ("John W. Smith, V", "John W.", "Smith", None),
        ("Max Muster, Einkauf", "Max", "Muster", None),
        ("Muster, Max Dr.", "Max", "Muster", "Dr."),
        ("i.A. Max Muster", "Max", "Muster", None),
        ("Max Muster ppa.", "Max", "Muster", None),
        ("Robert 'Bob' Jones", "Robert", "Jones", None),
        ("mgr inż. Jan Kowalski", "Jan", "Kowalski", "mgr inż."),
        ("Maria von und zu Liechtenstein", "Maria", "von und zu Liechtenstein", None),
        ("John Smith, Ph. D.", "John", "Smith", "Ph.D."),
        ("John P. Doe, CLU, CFP, LUTC", "John P.", "Doe", "CLU CFP LUTC"),
        ("Clarke, Kenneth, Q.C. M.P.", "Kenneth", "Clarke", "QC MP"),
        ("Juan Q. Velasquez y Garcia", "Juan Q.", "Velasquez y Garcia", None),
        ("سلمان، محمد", "محمد", "سلمان", None),
        ("Sam Smith 😊", "Sam", "Smith", None),
    ],
)
def test_first_and_last_name_are_told_from_what_stands_around_them(
    full: str, first: str | None, last: str | None, title: str | None
) -> None:
    person = check_person({"name": full}).value
    assert person is not None
    assert (person.first_name, person.last_name, person.title) == (first, last, title)
    assert check_person({"first_name": first, "last_name": last, "title": title}).value == person


def test_what_is_left_out_of_a_name_or_unsure_is_a_finding() -> None:
    codes = {
        full: [finding.code for finding in check_person({"name": full}).findings]
        for full in ("John Smith Jr.", "Anna Müller (Acme)", "Van Gogh", "van Gogh")
    }
    assert list(codes.values()) == [["beside_name"], ["beside_name"], ["unsure_name"], []]


def test_a_title_that_is_a_job_is_one() -> None:
    person = check_person({"title": "VP of Sales", "last_name": "Berg"}).value
    assert person is not None
    assert (person.title, person.job_title, person.seniority) == (None, "VP of Sales", "director")


@pytest.mark.parametrize(
    ("typed", "name", "form"),
    [
        ("AB Exempel", "Exempel", "AB"),
        ("PT Contoh Jaya Tbk", "Contoh Jaya", "PT Tbk"),
        ("ООО Ромашка", "Ромашка", "ООО"),
        ("株式会社サンプル", "サンプル", "株式会社"),
        ("サンプル株式会社", "サンプル", "株式会社"),
        ("Muster spol. s r.o.", "Muster", "spol. s r.o."),
        ("Acme Sdn Bhd", "Acme", "Sdn. Bhd."),
        ("Acme Pty Limited", "Acme", "Pty Ltd"),
        ("Hello World Co. Ltd", "Hello World", "Co., Ltd."),
        ("SARL Dupont", "Dupont", "Sàrl"),
        ("Acme GmbH i. L.", "Acme", "GmbH i.L."),
        ("Exempel AB (publ)", "Exempel", "AB (publ)"),
        ("P&G GmbH", "P&G", "GmbH"),
        ("Team G GmbH", "Team G", "GmbH"),
        ("Fa.Huber", "Huber", None),
        ("Acme GmbH (Berlin)", "Acme (Berlin)", "GmbH"),
        ("Acme GmbH & Co. KG, Werk Nord", "Acme, Werk Nord", "GmbH & Co. KG"),
        ("ACME GMBH - Niederlassung Berlin", "ACME - Niederlassung Berlin", "GmbH"),
        ("Müller, Meier AG", "Müller, Meier", "AG"),
        ("Studio A, Berlin", "Studio A, Berlin", None),
        ("Bakkerij Jansen bv", "Bakkerij Jansen", "B.V."),
        ("Müller+Partner mbB", "Müller+Partner", "mbB"),
        ("Huber KEG", "Huber", "KEG"),
        ("Anna S.A. Müller", "Anna S.A. Müller", None),
    ],
)
def test_legal_forms_stand_behind_and_before_a_name(typed: str, name: str, form: str | None) -> None:
    assert split_legal_form(typed) == (name, form)
    assert split_legal_form(f"{name} {form}" if form else name) == (name, form)


def test_a_company_has_one_key_wherever_its_legal_form_stands() -> None:
    assert company_key("AS Norden") == company_key("Norden AS")


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("http:/acme.example", "acme.example"),
        ("htp://acme.example", "acme.example"),
        ("https:acme.example", "acme.example"),
        ("Homepage: www.acme.example", "acme.example"),
        ("www.acme.example; www.other.example", "acme.example"),
    ],
)
def test_a_website_is_read_through_slips(website: str, domain: str) -> None:
    checked = check({"company": "Acme", "website": website}).value
    assert checked is not None
    assert checked.values["company"].domain == domain  # type: ignore[attr-defined]


def test_a_persons_page_in_a_website_column_is_a_profile() -> None:
    checked = check({"website": "https://www.linkedin.com/in/ada-lovelace"})
    assert checked.findings == ()
    assert checked.value is not None
    assert checked.value.values["social"] == (SocialProfile(network="linkedin", handle="ada-lovelace"),)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Iran", "IR"),
        ("Iran, Islamic Republic of", "IR"),
        ("Korea, Republic of", "KR"),
        ("Korea (North)", "KP"),
        ("Viet Nam", "VN"),
        ("Côte d'Ivoire", "CI"),
        ("Ecuador", "EC"),
        ("Uruguay", "UY"),
        ("Jordan", "JO"),
        ("Algeria", "DZ"),
        ("Venezuela", "VE"),
        ("Alemania", "DE"),
        ("Duitsland", "DE"),
        ("United Kingdom of Great Britain and Northern Ireland", "GB"),
        ("Netherlands, The", "NL"),
        ("Germany (DE)", "DE"),
        ("Suisse/Schweiz", "CH"),
        ("Россия", "RU"),
        ("日本", "JP"),
        ("NAM", "NA"),
        ("Bosnia & Herzegovina", "BA"),
        ("The Gambia", "GM"),
        ("Germany/France", None),
        ("Atlantis", None),
    ],
)
def test_countries_are_known_by_many_names_and_never_guessed(name: str, code: str | None) -> None:
    checked = check_country(name)
    assert checked.value == code
    assert [finding.suggestion for finding in checked.findings] == ([] if code else [None])


def test_a_slip_of_the_keys_is_suggested_and_not_merely_the_most_similar_country() -> None:
    suggested = {name: check_country(name).findings[0].suggestion for name in ("Grmany", "Great Britian", "Irak-Iran")}
    assert suggested == {"Grmany": "DE", "Great Britian": "GB", "Irak-Iran": None}


@pytest.mark.parametrize(
    ("typed", "country", "street", "number"),
    [
        ("Musterstraße 12, Stiege 3, Tür 4", "AT", "Musterstraße, Stiege 3, Tür 4", "12"),
        ("Rue de la Loi 16 bte 3", "BE", "Rue de la Loi, bte 3", "16"),
        ("ул. Ленина, д. 5, кв. 7", None, "ул. Ленина, кв. 7", "5"),
        ("Hauptstr. 5, 2. OG links", "DE", "Hauptstraße, 2. OG links", "5"),
        ("Hauptstr. Nr. 5", "DE", "Hauptstraße", "5"),
        ("Hauptstr. 5 (Hinterhof)", "DE", "Hauptstraße, Hinterhof", "5"),
        ("Ringweg 7½", "DE", "Ringweg", "7 1/2"),
        ("Keizersgracht 123-II", "NL", "Keizersgracht", "123-II"),
        ("Calle Mayor 5, 3º B", "ES", "Calle Mayor, 3º B", "5"),
        ("Via Roma 12/A, int. 4", "IT", "Via Roma, int. 4", "12/a"),
        ("ul. Długa 5 m. 7", "PL", "ul. Długa, m. 7", "5"),
        ("Musterstr. 12a-c", "DE", "Musterstraße", "12a-c"),
        ("C4 12", "DE", "C 4", "12"),
        ("Postbus 123", "NL", "Postbus 123", None),
    ],
)
def test_a_flat_or_floor_is_no_house_number(typed: str, country: str | None, street: str, number: str | None) -> None:
    checked = check_address({"street": typed, "country": country}).value
    assert checked is not None
    assert (checked.street, checked.house_number) == (street, number)
    again = check_address({"street": street, "house_number": number, "country": country})
    assert (again.value, again.findings) == (checked, ())


@pytest.mark.parametrize(
    ("given", "postcode", "country", "codes"),
    [
        ({"postcode": "4109.0", "country": "DE"}, "4109", "DE", ["postcode_format"]),
        ({"postcode": "04109.0", "country": "DE"}, "04109", "DE", []),
        ({"postcode": "D80331"}, "80331", "DE", []),
        ({"postcode": "NL-1234 AB"}, "1234 AB", "NL", []),
        ({"city": "1234 AB Amsterdam", "country": "NL"}, "1234 AB", "NL", []),
        ({"postcode": "SE-123 45"}, "123 45", "SE", []),
    ],
)
def test_a_postcode_has_no_fraction_and_no_car_sign(
    given: dict[str, object], postcode: str, country: str, codes: list[str]
) -> None:
    checked = check_address(given)
    assert checked.value is not None
    assert (checked.value.postcode, checked.value.country) == (postcode, country)
    assert [finding.code for finding in checked.findings] == codes
