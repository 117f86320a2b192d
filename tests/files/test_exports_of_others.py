"""Exports that people bring from other systems: what columns say about each other, and what is nobody's name."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.decisions.policy import Policy
from leadflow.entities import Lead
from leadflow.files.column_headers import heading_of
from leadflow.files.column_relations import currency_in
from leadflow.files.config import FlowFile
from leadflow.files.date_parsing import DateVotes, other_reading
from leadflow.files.joined_cells import fields_in
from leadflow.files.journey import RunPlan, leads_in
from leadflow.files.other_people import of_other_people
from leadflow.quality import check

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICY = Policy(lead_type=Lead)


class Read(NamedTuple):
    """What a row says: the details of the lead, the values as submitted, the findings by code and field, the moment."""

    details: dict[str, Any]
    kept: dict[str, Any]
    codes: list[tuple[str, str]]
    at: datetime | None


def read(folder, text: str, name: str = "leads.csv", **config) -> list[Read]:
    (folder / name).write_text(text, encoding="utf-8")
    table, meaning = leads_in(RunPlan(folder / name, config=FlowFile(**config), now=NOW))
    captures = [meaning.lead_in(row, NOW).capture for row in table.rows()]
    said = [(one, one.submission(POLICY, NOW)) for one in captures]
    return [
        Read(
            dict(submission.details),
            dict(submission.raw),
            [(found.code, found.field) for found in submission.findings if found.code != "unknown_key"],
            capture.at,
        )
        for capture, submission in said
    ]


# ------------------------------------------------------------------------------------------------------ a second person
@pytest.mark.parametrize(
    ("header", "others"),
    [
        ("Ansprechpartner,E-Mail,Ansprechpartner 2,E-Mail Ansprechpartner 2", {2, 3}),
        ("Contact 1 Name,Contact 1 Email,Contact 2 Name,Contact 2 Email", {2, 3}),
        ("Name,Email,Second Contact Name,Second Contact Email", {2, 3}),
        ("Contact1_Name,Contact1_Mail,Contact2_Name,Contact2_Mail", {2, 3}),
        ("Vorname,E-Mail,Vorname 2,E-Mail 2", {2, 3}),
        ("Vorname,2. Vorname,Nachname,E-Mail,E-Mail 2", set()),
        ("Vorname,Nachname,E-Mail,2. Vorname,2. Nachname,2. E-Mail", {3, 4, 5}),
        ("Name,E-Mail,E-Mail 2,Telefon 2", set()),
        ("Name,Email,Contact Email 2,Secondary Email", set()),
        ("Name,E-mail 1 - Value,E-mail 2 - Value,Address 2", set()),
    ],
)
def test_columns_of_a_second_person_are_told_from_further_contacts_of_the_first(header, others):
    columns = header.split(",")
    assert of_other_people(columns) == {columns[place] for place in others}


def test_a_second_person_in_a_row_is_kept_and_a_finding_and_no_part_of_the_first(tmp_path):
    text = (
        "Firma,Ansprechpartner,E-Mail,Telefon,Ansprechpartner 2,E-Mail Ansprechpartner 2,Telefon Ansprechpartner 2\n"
        "Acme,Ada Lovelace,ada@acme.example,+49 30 901820,Bob Braun,bob@acme.example,+49 30 901821\n"
        "Beta,Bo Berg,bo@beta.example,,,,\n"
    )
    ada, bo = read(tmp_path, text)
    assert [one.address for one in ada.details["emails"]] == ["ada@acme.example"]
    assert [one.number for one in ada.details["phones"]] == ["+4930901820"]
    assert ada.details["person"].full_name == "Ada Lovelace"
    assert ada.kept["Ansprechpartner 2"] == "Bob Braun"
    assert ada.kept["E-Mail Ansprechpartner 2"] == "bob@acme.example"
    assert (ada.codes, bo.codes) == ([("second_person", "row")], [])


@pytest.mark.parametrize(
    ("further", "is_other"),
    [
        ("bob.braun@acme.example", True), ("ada.king@home.example", False), ("a.lovelace@x.example", False),
        ("vertrieb.nord@acme.example", False), ("adal1815@x.example", False), ("ada-privat@x.example", False),
    ],
)  # fmt: skip
def test_a_further_address_with_another_name_is_a_finding(further, is_other):
    found = check({"name": "Ada Lovelace", "email": "ada.lovelace@acme.example", "email2": further}).findings
    assert ([one.code for one in found] == ["other_persons_email"]) is is_other


# -------------------------------------------------------------------------------------------------- numbers and amounts
def test_a_fax_is_no_phone_to_call(tmp_path):
    text = (
        "First Name,Last Name,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Phone 2 - Type,Phone 2 - Value\n"
        "Ada,Lovelace,ada@acme.example,Work Fax,+49 30 901899,Work,+49 30 901820\n"
    )
    (ada,) = read(tmp_path, text)
    assert [one.number for one in ada.details["phones"]] == ["+4930901820"]
    assert ada.kept["Phone 1 - Value (fax)"] == "+49 30 901899"
    assert ada.codes == [("fax_number", "phone")]


@pytest.mark.parametrize(
    ("header", "cell", "amount", "codes"),
    [
        ("Budget", "50000", 50000.0, []),
        ("Budget (EUR)", "50000", 50000.0, []),
        ("Budget (USD)", "50000", None, [("other_currency", "budget")]),
        ("Budget in $", "50.000,00", None, [("other_currency", "budget")]),
        ("Budget CHF", "1'000", None, [("other_currency", "budget")]),
        ("Budget (USD)", "5000 €", 5000.0, [("other_currency", "budget")]),
        ("Budget", "5000 $", None, [("other_currency", "budget")]),
        ("Budget USD", "", None, []),
    ],
)
def test_an_amount_in_another_currency_is_a_finding(tmp_path, header, cell, amount, codes):
    (ada,) = read(tmp_path, f"Email;{header}\nada@acme.example;{cell}\n")
    assert (ada.details.get("budget"), ada.codes) == (amount, codes)


def test_a_column_of_currencies_says_what_the_amounts_of_a_row_are_in(tmp_path):
    text = (
        "Email,Company,Annual Revenue,Currency\na@a.example,A,5000,USD\nb@b.example,B,5000,EUR\nc@c.example,C,5000,\n"
    )
    found = read(tmp_path, text)
    assert [one.details["company"].revenue for one in found] == [None, 5000.0, 5000.0]
    assert [one.codes for one in found] == [[("other_currency", "company.revenue")], [], []]


@pytest.mark.parametrize(
    ("header", "revenue", "budget"),
    [
        ("Annual Revenue,Annual Revenue Currency,Budget,Budget Currency", "CHF", "EUR"),
        ("Annual Revenue,Annual Revenue Currency,Budget,Budget Currency", "EUR", "USD"),
        ("Umsatz,Umsatz Währung,Budget,Währung", "CHF", "EUR"),
        ("Umsatz,UmsatzWährung,Budget,Währungscode Budget", "EUR", "CHF"),
        ("Umsatz,Annual Revenue Currency,Budget,Currency (Budget)", "CHF", "EUR"),
        ("Umsatz,Währung,Budget,Währung (2)", "EUR", "CHF"),
        ("Umsatz,Currency,Budget,Currency Code (2)", "USD", "Euro"),
    ],
)
def test_each_amount_has_the_currency_of_its_own_column(tmp_path, header, revenue, budget):
    (ada,) = read(tmp_path, f"Email,Company,{header}\nada@acme.example,Acme,2000000,{revenue},30000,{budget}\n")
    is_euro = [code.upper().startswith("EUR") for code in (revenue, budget)]
    assert [ada.details["company"].revenue, ada.details.get("budget")] == [
        amount if euro else None for amount, euro in zip((2e6, 3e4), is_euro, strict=True)
    ]
    fields = [field for field, euro in zip(("company.revenue", "budget"), is_euro, strict=True) if not euro]
    assert ada.codes == [("other_currency", field) for field in fields]


@pytest.mark.parametrize("currency", ["AED", "US-Dollar", "Schweizer Franken"])
def test_an_amount_in_a_currency_without_a_code_of_ours_is_never_taken_for_euros(tmp_path, currency):
    (ada,) = read(tmp_path, f"Email,Budget,Currency\nada@acme.example,30000,{currency}\n")
    assert ada.details.get("budget") is None
    assert [field for _, field in ada.codes] == ["budget"]


@pytest.mark.parametrize(("header", "currency"), [("Umsatz (TEUR)", "CHF"), ("Umsatz (TCHF)", "EUR")])
def test_thousands_in_a_header_that_the_column_of_currencies_contradicts_are_a_finding(tmp_path, header, currency):
    (ada,) = read(tmp_path, f"E-Mail;Firma;{header};Währung\nada@acme.example;Acme;2.000;{currency}\n")
    assert ada.details["company"].revenue is None
    assert ada.codes == [("other_currency", "company.revenue")]


def test_of_several_columns_of_currencies_that_name_no_amount_all_must_say_euro(tmp_path):
    text = "E-Mail;Budget;Währung;Währung (2)\nada@acme.example;30000;EUR;CHF\nbo@acme.example;30000;EUR;EUR\n"
    assert [one.details.get("budget") for one in read(tmp_path, text)] == [None, 30000.0]


@pytest.mark.parametrize("header", ["2. Vorname", "2nd name", "Zweiter Vorname", "2e prénom"])
def test_a_second_first_name_is_no_second_person(tmp_path, header):
    ada, ben = read(
        tmp_path,
        f"Vorname;{header};Nachname;E-Mail\nAda;Augusta;Lovelace;ada@acme.example\nBen;;Koch;ben@acme.example\n",
    )
    assert [one.details["person"].first_name for one in (ada, ben)] == ["Ada Augusta", "Ben"]
    assert ada.codes == []


@pytest.mark.parametrize(
    ("text", "code"),
    [("Umsatz in €", "EUR"), ("Revenue (USD)", "USD"), ("US$", "USD"), ("Budget", None), ("SUBSIDY", None)],
)
def test_the_currency_in_a_header(text, code):
    assert currency_in(text) == code


@pytest.mark.parametrize(
    ("header", "cell", "register", "vat"),
    [
        ("NIP", "526-025-02-74", None, "PL5260250274"),
        ("SIREN", "732829320", "SIREN 732829320", None),
        ("N° SIRET", "73282932000074", "SIRET 73282932000074", None),
        ("KvK-nummer", "12345678", "KvK 12345678", None),
        ("P. IVA", "00743110157", None, "IT00743110157"),
        ("REA", "MI-123456", "REA MI-123456", None),
        ("Numer REGON", "123456785", "REGON 123456785", None),
        ("Steuernummer", "12/345/67890", "Steuernummer 12/345/67890", None),
        ("Firmenbuchnummer", "FN 122119m", "FN 122119m", None),
        ("USt-IdNr.", "DE136695976", None, "DE136695976"),
        ("BTW-nr", "NL004495445B01", None, "NL004495445B01"),
        ("N° TVA intracommunautaire", "FR44732829320", None, "FR44732829320"),
    ],
)
def test_a_header_says_in_which_register_a_number_stands(tmp_path, header, cell, register, vat):
    (ada,) = read(tmp_path, f"Email;Company;{header}\nada@acme.example;Acme;{cell}\n")
    company = ada.details["company"]
    assert (company.register_number, company.vat_number) == (register, vat)


@pytest.mark.parametrize(
    ("header", "cell", "amount"),
    [
        ("Umsatz (TEUR)", "1.200", 1_200_000), ("Umsatz in Mio. EUR", "1,2", 1_200_000), ("Revenue (k€)", "85", 85_000),
        ("Umsatz (TEUR)", "1,2 Mio", 1_200_000), ("Umsatz", "1.200", 1_200), ("Revenue (kUSD)", "85", None),
    ],
)  # fmt: skip
def test_a_header_says_by_how_many_amounts_count(tmp_path, header, cell, amount):
    (ada,) = read(tmp_path, f"Email;Company;{header}\nada@acme.example;Acme;{cell}\n")
    assert ada.details["company"].revenue == amount


# ---------------------------------------------------------------------------------------------------- day or month
@pytest.mark.parametrize(
    ("dates", "order", "doubtful"),
    [
        ("31/12/2025 30/12/2025 03/04/2026", "day", False),
        ("31/12/2025 03/04/2026", "day", True),  # one row alone says so
        ("31/12/2025 30/12/2025 12/31/2025 03/04/2026", "day", True),  # another contradicts
        ("31/12/2025 30/12/2025 03-04-2026", "day", True),  # two kinds of strokes
        ("31/12/2025 12/31/2025 03/04/2026", None, False),  # nothing is read that may be either
        ("31/12/2025", "day", False),
        ("12/31/2025 12/30/2025 04/04/2026", "month", False),
        ("31.12.2025 03.04.2026", None, False),
    ],
)
def test_the_order_of_day_and_month_is_doubtful_where_little_or_not_all_speaks_for_it(dates, order, doubtful):
    votes = DateVotes.of(dates.split())
    assert (votes.order, votes.doubt is not None) == (order, doubtful)


def test_a_date_that_may_be_another_one_is_a_finding_unless_the_config_settles_it(tmp_path):
    text = "Email,Date\na@acme.example,31/12/2025\nb@acme.example,03/04/2026\n"
    assert [one.codes for one in read(tmp_path, text)] == [[], [("doubtful_date", "at")]]
    settled = read(tmp_path, text, date_order="month")[1]
    assert (settled.at, settled.codes) == (datetime(2026, 3, 4, tzinfo=UTC), [])


@pytest.mark.parametrize(
    ("text", "order", "other"),
    [("03/04/2026", "day", "2026-03-04"), ("03/04/2026", "month", "2026-04-03"), ("31/12/2025", "day", None),
     ("03.04.2026", "day", None), ("2026-04-03", "day", None), ("04/04/2026", "day", None)],
)  # fmt: skip
def test_the_other_reading_of_a_date(text, order, other):
    assert other_reading(text, order) == other


# ------------------------------------------------------------------------------------------------- addresses and names
@pytest.mark.parametrize(
    ("cell", "fields"),
    [
        ("17207 Röbel/Müritz", {"postcode": "17207", "city": "Röbel/Müritz"}),
        ("06108 Halle (Saale)", {"postcode": "06108", "city": "Halle (Saale)"}),
        ("15230 Frankfurt/Oder", {"postcode": "15230", "city": "Frankfurt/Oder"}),
        ("17207/Röbel/Müritz", {"postcode": "17207", "city": "Röbel/Müritz"}),
        ("Halle/Saale", {"city": "Halle/Saale"}),
        ("8001 Zürich (CH)", {"postcode": "8001", "city": "Zürich", "country": "CH"}),
        ("1010 Wien/Österreich", {"postcode": "1010", "city": "Wien", "country": "Österreich"}),
        ("80331 München / Bayern", {"postcode": "80331", "city": "München", "region": "Bayern"}),
        ("(80331) München", {"postcode": "80331", "city": "München"}),
    ],
)
def test_a_slash_and_brackets_in_the_name_of_a_city_are_its_own(cell, fields):
    assert fields_in("place", cell) == fields


@pytest.mark.parametrize(
    ("header", "row", "street", "number", "postcode", "city"),
    [
        ("Rue;No de rue;NPA;Localité;Pays", "Rue du Lac;12;1003;Lausanne;CH", "Rue du Lac", "12", "1003", "Lausanne"),
        ("Rue;NPA / Localité;Pays", "Rue du Lac 12;1003 Lausanne;Suisse", "Rue du Lac", "12", "1003", "Lausanne"),
        ("Calle;Número;Código postal;Población", "Calle Mayor;5;28013;Madrid", "Calle Mayor", "5", "28013", "Madrid"),
        ("Via;N. civico;NAP;Località", "Via Nassa;5;6900;Lugano", "Via Nassa", "5", "6900", "Lugano"),
        ("Straatnaam;Huisnummer;Toevoeging;Postcode;Plaats;Land", "Damstraat;12;A;1012AB;Amsterdam;NL",
         "Damstraat", "12A", "1012 AB", "Amsterdam"),
        ("Ulica;Nr domu;Nr lokalu;Kod pocztowy;Miejscowość;Kraj", "Wolska;10;12;00-590;Warszawa;PL",
         "Wolska", "10/12", "00-590", "Warszawa"),
        ("Straße;Hausnummer;Hausnummernzusatz;PLZ;Ort;Land", "Lange Straße;3;b;10115;Berlin;DE",
         "Lange Straße", "3b", "10115", "Berlin"),
    ],
)  # fmt: skip
def test_addresses_by_the_headers_of_several_countries(tmp_path, header, row, street, number, postcode, city):
    (ada,) = read(tmp_path, f"Email;{header}\nada@acme.example;{row}\n")
    address = ada.details["address"]
    assert (address.street, address.house_number) == (street, number)
    assert (address.postcode, address.city) == (postcode, city)


@pytest.mark.parametrize(
    ("header", "row", "full", "salutation", "title"),
    [
        ("Title;First Name;Last Name", "Mr;John;Adams", "John Adams", "Mr", None),
        ("Title;First Name;Last Name", "Mrs.;Ada;Adams", "Ada Adams", "Mrs", None),
        ("Titel;Vorname;Nachname", "Frau;Eva;Berg", "Eva Berg", "Frau", None),
        ("Titel;Vorname;Nachname", "Herr Dr.;Jan;Berg", "Dr. Jan Berg", "Herr", "Dr."),
        ("First Name;Middle Name;Last Name;Suffix", "John;Quincy;Adams;Jr.", "John Quincy Adams", None, None),
        ("First Name;Additional Name;Last Name;Name Suffix", "Ada;King;Lovelace;MD", "M.D. Ada Lovelace", None, "M.D."),
        ("Nombre;Primer apellido;Segundo apellido", "Juan;García;López", "Juan García López", None, None),
        ("Name", "Beck Frau", "Beck", "Frau", None),
        ("Name", "Müller, Herr", "Müller", "Herr", None),
    ],
)
def test_names_in_several_columns(tmp_path, header, row, full, salutation, title):
    (ada,) = read(tmp_path, f"Email;{header}\nada@acme.example;{row}\n")
    person = ada.details["person"]
    assert (person.salutation, person.title) == (salutation, title)
    assert " ".join(filter(None, (person.title, person.first_name, person.last_name))) == full


@pytest.mark.parametrize(
    ("header", "cell", "salutation"),
    [("Anrede", "w", "Frau"), ("Geschlecht", "m", "Herr"), ("Anrede", "D", "Divers"), ("Gender", "female", "Ms"),
     ("Civilité", "M.", "M.")],
)  # fmt: skip
def test_codes_of_german_salutations(tmp_path, header, cell, salutation):
    (ada,) = read(tmp_path, f"Email;{header};Name\nada@acme.example;{cell};Ada Lovelace\n")
    assert ada.details["person"].salutation == salutation


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("Berg, van den, Jan", "Jan", "van den Berg"), ("Ada Lovelace (Acme GmbH)", "Ada", "Lovelace"),
     ("García López, María José", "María José", "García López")],
)  # fmt: skip
def test_names_with_what_stands_beside_them(name, first, last):
    checked = check({"name": name, "email": "a@acme.example"}).value
    assert checked is not None
    person = checked.values["person"]
    assert (person.first_name, person.last_name) == (first, last)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("header", "key"), [("Middle Name", "middle_name"), ("Zweiter Vorname", "middle_name"),
                                             ("Name Suffix", "name_suffix"), ("Suffix", "name_suffix")])  # fmt: skip
def test_headers_of_parts_of_names(header, key):
    heading = heading_of(header)
    assert heading is not None
    assert heading.key == key


@pytest.mark.parametrize(
    "text", ["†Anna Berg", "Anna Berg †", "Anna Berg (verstorben)", "Anna Berg deceased", "✝ Anna Berg"]
)
def test_a_mark_of_the_deceased_is_a_finding_and_no_name(text):
    checked = check({"name": text, "email": "anna@acme.example"})
    assert checked.value is not None
    assert checked.value.values["person"].full_name == "Anna Berg"  # type: ignore[attr-defined]
    assert "deceased" in [one.code for one in checked.findings]


@pytest.mark.parametrize(
    ("domain", "is_mixed"),
    [("pаypal.example", True), ("münchen.example", False), ("почта.example", False), ("acme.example", False),
     ("σhop.example", True), ("日本teaカ.example", False)],
)  # fmt: skip
def test_a_domain_of_several_alphabets_is_a_finding(domain, is_mixed):
    found = check({"email": f"ada@{domain}", "company": "Acme", "website": f"https://{domain}/"}).findings
    fields = {"email", "company.domain"} if is_mixed else set()
    assert {one.field for one in found if one.code == "mixed_alphabets"} == fields


# ------------------------------------------------------------------------------------------------------ nobody's name
NO_NAMES = (
    "=",
    "'=",
    "=a",
    "'=a",
    "=SUM(A1:A3)",
    "#REF!",
    "#N/A",
    "#WERT!",
    "total",
    "Summe:",
    "-",
    "n/a",
    "NULL",
    "''=1",
)


@given(
    st.lists(st.sampled_from(NO_NAMES), min_size=3, max_size=3),
    st.lists(st.sampled_from(("first_name", "last_name", "name")), min_size=1, max_size=3, unique=True),
)
def test_what_spreadsheets_leave_in_a_cell_is_nobodys_name(cells, keys):
    given_names = dict(zip(keys, cells, strict=False))
    checked = check({"email": "ada@acme.example", **given_names}).value
    assert checked is not None
    assert "person" not in checked.values


@given(st.data())
def test_a_table_with_such_cells_gives_every_lead_its_own_names(tmp_path_factory, data):
    rows = data.draw(st.lists(st.sampled_from(("Ada", "Bo", *NO_NAMES)), min_size=1, max_size=6))
    folder = tmp_path_factory.mktemp("names")
    lines = "".join(f"{name};x{number}@acme.example;Berlin\n" for number, name in enumerate(rows))
    found = read(folder, f"Vorname;E-Mail;Ort\n{lines}")
    assert len(found) == len(rows)
    for name, one in zip(rows, found, strict=True):
        person = one.details.get("person")
        assert (person and (person.first_name or person.last_name)) == (name if name in ("Ada", "Bo") else None)


# -------------------------------------------------------------------------------------------------- JSON, a key twice
def test_a_key_that_an_object_has_twice_is_two_columns_and_a_finding(tmp_path):
    phones = '"phone": "+4930901820", "phone": "+4930901821"'
    text = (
        '{"email": "ada@acme.example", %s, "who": {"role": "a", "role": "b"}}\n'
        '{"email": "bo@beta.example", "phone": "+4930901822", "phone": "+4930901822"}\n'
        '{"email": "cy@beta.example", "who": {"role": "a", "role": "b", "role": "c"}}\n'
    )
    ada, bo, cy = read(tmp_path, text.replace("%s", phones), "leads.jsonl")
    assert [one.number for one in ada.details["phones"]] == ["+4930901820", "+4930901821"]
    assert (ada.kept["who.role"], ada.kept["who.role (2)"], cy.kept["who.role (2)"]) == ("a", "b", "b; c")
    assert {code for code, _ in ada.codes} == {code for code, _ in cy.codes} == {"repeated_key"}
    assert ([one.number for one in bo.details["phones"]], bo.codes) == (["+4930901822"], [])


# ------------------------------------------------------------------------------------------------ whose address it is
def test_an_address_below_a_name_that_says_nothing_is_not_taken_for_one_more_of_the_person(tmp_path):
    text = (
        "Email,Name,Account Manager,Betreuer E-Mail,Buyer Email\n"
        "ada@acme.example,Ada Lovelace,eva@us.example,max@us.example,bo@acme.example\n"
    )
    (ada,) = read(tmp_path, text)
    assert [one.address for one in ada.details["emails"]] == ["ada@acme.example"]
    assert (ada.kept["Account Manager"], ada.kept["Buyer Email"]) == ("eva@us.example", "bo@acme.example")


def test_the_address_of_the_contact_comes_before_that_of_the_company(tmp_path):
    text = (
        "Company Email,Company Phone,Contact Email,Contact Phone\ninfo@a.example,+4930901800,b@a.example,+4930901820\n"
    )
    (ada,) = read(tmp_path, text)
    assert [one.address for one in ada.details["emails"]] == ["b@a.example", "info@a.example"]
    assert [one.number for one in ada.details["phones"]] == ["+4930901820", "+4930901800"]


def test_the_answers_say_what_a_question_asks_for(tmp_path):
    text = "Wie lautet Ihre E-Mail-Adresse?,Vorname:,Haben Sie Interesse?\nada@acme.example,Ada,ja\n"
    (ada,) = read(tmp_path, text)
    assert [one.address for one in ada.details["emails"]] == ["ada@acme.example"]
    assert ada.kept["Haben Sie Interesse?"] == "ja"


def test_what_is_true_or_false_is_no_name_and_no_company(tmp_path):
    found = read(tmp_path, "Email,Company,Name\na@a.example,TRUE,FALSE\nb@b.example,FALSE,TRUE\n")
    assert [({*one.details}, one.kept["Name"]) for one in found] == [
        ({"emails", "company"}, "FALSE"), ({"emails", "company"}, "TRUE")
    ]  # fmt: skip
    assert [one.details["company"].name for one in found] == [None, None]


def test_a_number_sign_in_a_header_is_a_number(tmp_path):
    (ada,) = read(tmp_path, "Email,First Name,Attendee #,Phone #\nada@acme.example,Ada,77,+49 30 901820\n")
    assert ada.details["person"].full_name == "Ada"
    assert [one.number for one in ada.details["phones"]] == ["+4930901820"]


def test_tags_of_a_page_are_taken_off(tmp_path):
    anchor = '"<a href=""mailto:ada@acme.example"">ada@acme.example</a>"'
    text = f'Email,Name,Adresse\n{anchor},Ada <b>Lovelace</b>,"Hauptstr. 5<br/>10115 Berlin"\n'
    (ada,) = read(tmp_path, text)
    assert [one.address for one in ada.details["emails"]] == ["ada@acme.example"]
    assert ada.details["person"].full_name == "Ada Lovelace"
    assert (ada.details["address"].city, ada.details["address"].house_number) == ("Berlin", "5")


@pytest.mark.parametrize(
    ("text", "name", "company", "city"),
    [
        ("id,name,contact_name,partner_name,email_from,city,country_id/name\n"
         "__export__.crm_lead_12,Lift request,Ada Lovelace,Acme,ada@acme.example,Berlin,Germany\n",
         "Ada Lovelace", "Acme", "Berlin"),
        ("KUNNR;NAME1;STRAS;PSTLZ;ORT01;LAND1;SMTP_ADDR\n12345;Acme GmbH;Hauptstr. 5;10115;Berlin;DE;info@a.example\n",
         None, "Acme", "Berlin"),
    ],
)  # fmt: skip
def test_exports_of_odoo_and_sap(tmp_path, text, name, company, city):
    (ada,) = read(tmp_path, text)
    assert (ada.details["person"].full_name if "person" in ada.details else None) == name
    assert (ada.details["company"].name, ada.details["address"].city, ada.details["address"].country) == (
        company,
        city,
        "DE",
    )
