import pytest

from leadflow.quality.language_tags import check_language
from leadflow.quality.person import check_person, split_name

Names = tuple[str | None, str | None, str | None, str | None]


def names(**given: object) -> Names:
    person = check_person(given).value
    assert person is not None
    return person.salutation, person.title, person.first_name, person.last_name


@pytest.mark.parametrize(
    ("full", "expected"),
    [
        ("Anna Müller", (None, None, "Anna", "Müller")),
        ("  anna   müller ", (None, None, "Anna", "Müller")),
        ("ANNA MÜLLER", (None, None, "Anna", "Müller")),
        ("Müller, Anna", (None, None, "Anna", "Müller")),
        ("MÜLLER-LÜDENSCHEIDT, ANNA", (None, None, "Anna", "Müller-Lüdenscheidt")),
        ("Müller, Dr. Anna", (None, "Dr.", "Anna", "Müller")),
        ("Herr Prof. Dr. med. Hans von der Heide", ("Herr", "Prof. Dr. med.", "Hans", "von der Heide")),
        ("HANS VON DER HEIDE", (None, None, "Hans", "von der Heide")),
        ("Dr.-Ing. Max Planck", (None, "Dr.-Ing.", "Max", "Planck")),
        ("Dipl.-Ing. Eva Braunbär", (None, "Dipl.-Ing.", "Eva", "Braunbär")),
        ("Dr.med. Eva Braunbär", (None, "Dr. med.", "Eva", "Braunbär")),
        ("Eva Braunbär, MBA", (None, "MBA", "Eva", "Braunbär")),
        ("Mr. Sean O'NEILL", ("Mr", None, "Sean", "O'Neill")),
        ("sean o’neill", (None, None, "Sean", "O'Neill")),
        ("RONALD MCDONALD", (None, None, "Ronald", "McDonald")),
        ("Ronald McDonald", (None, None, "Ronald", "McDonald")),
        ("Ludwig van Beethoven", (None, None, "Ludwig", "van Beethoven")),
        ("Charles de Gaulle", (None, None, "Charles", "de Gaulle")),
        ("von Arnim", (None, None, None, "von Arnim")),
        ("H. Müller", (None, None, "H.", "Müller")),
        ("J.R. EWING", (None, None, "J.R.", "Ewing")),
        ("Anna Maria Müller", (None, None, "Anna Maria", "Müller")),
        ("Müller", (None, None, None, "Müller")),
        ("李小龍", (None, None, None, "李小龍")),
    ],
)
def test_a_full_name_is_taken_apart(full: str, expected: Names) -> None:
    assert names(name=full) == expected
    again = dict(zip(("salutation", "title", "first_name", "last_name"), expected, strict=True))
    assert names(**again) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"first_name": "DR. ANNA", "last_name": "VON DER LEYEN"}, (None, "Dr.", "Anna", "von der Leyen")),
        ({"first_name": "Frau", "last_name": "Müller"}, ("Frau", None, None, "Müller")),
        ({"last_name": "Müller, Anna"}, (None, None, "Anna", "Müller")),
        ({"first_name": "Anna", "last_name": "Anna Müller"}, (None, None, "Anna", "Müller")),
        ({"salutation": "Herrn Dr.", "last_name": "Null"}, ("Herr", "Dr.", None, "Null")),
        ({"name": "Anna Müller", "last_name": "Schmidt"}, (None, None, "Anna", "Schmidt")),
        ({"name": "Eva Groß", "first_name": "Anna", "last_name": "Müller"}, (None, None, "Anna", "Müller")),
        ({"title": "Prof Dr", "last_name": "Müller"}, (None, "Prof. Dr.", None, "Müller")),
        ({"last_name": "Anna MÜLLER"}, (None, None, None, "Anna MÜLLER")),
        ({"first_name": "n/a", "last_name": "-"}, (None, None, None, None)),
        ({"name": "Ada v. Lovelace"}, (None, None, "Ada", "v. Lovelace")),
        ({"name": "John V. Smith"}, (None, None, "John V.", "Smith")),
        ({"name": "Frau"}, ("Frau", None, None, None)),
        ({"name": "Herr u. Frau Dr. Schmidt"}, ("Herr u. Frau", "Dr.", None, "Schmidt")),
        ({"name": "Ada Lovelace | Siemens AG"}, (None, None, "Ada", "Lovelace")),
        ({"name": "Lovelace, Ada, Acme GmbH"}, (None, None, "Ada", "Lovelace")),
        ({"name": "JOHN SE"}, (None, None, "John", "Se")),
        ({"name": "Siemens AG"}, (None, None, None, "Siemens AG")),
        ({"name": "Peter Müller - Einkaufsleiter"}, (None, None, "Peter", "Müller")),
        ({"name": "Frau Ott, Vertrieb"}, ("Frau", None, None, "Ott")),
        ({"name": "Kaufmann, Peter"}, (None, None, "Peter", "Kaufmann")),
        ({"name": "Müller - Lüdenscheidt"}, (None, None, None, "Müller-Lüdenscheidt")),
        ({"name": "Herr Dr. Schmidt und Frau"}, ("Herr", "Dr.", None, "Schmidt")),
        ({"name": "i.A. Schulze"}, (None, None, None, "Schulze")),
        ({"name": "Schmidt, geb. Klein, Anna"}, (None, None, "Anna", "Schmidt")),
        ({"name": "Geschäftsführer Anna Schmidt"}, (None, None, "Anna", "Schmidt")),
        ({"name": "Anna Schmidt !! NICHT ANRUFEN !!"}, (None, None, "Anna", "Schmidt")),
        ({"name": "An Frau Müller"}, ("Frau", None, None, "Müller")),
        ({"name": "anna_schmidt"}, (None, None, "Anna", "Schmidt")),
        ({"name": "Ａｎｎａ Ｂａｕｅｒ"}, (None, None, "Anna", "Bauer")),
    ],
)
def test_names_in_several_fields(given: dict[str, object], expected: Names) -> None:
    assert names(**given) == expected


@pytest.mark.parametrize(
    ("given", "code", "severity"),
    [
        ({"name": "Mickey Mouse"}, "fake_name", "warning"),
        ({"name": "Max Mustermann"}, "fake_name", "warning"),
        ({"first_name": "asdf", "last_name": "asdf"}, "fake_name", "warning"),
        ({"name": "test test"}, "fake_name", "warning"),
        ({"last_name": "aaaa"}, "fake_name", "warning"),
        ({"name": "Anna Mü11er"}, "digits_in_name", "warning"),
        ({"name": "Anna und Peter Müller"}, "several_people", "warning"),
        ({"name": "Mr & Mrs Smith"}, "several_people", "warning"),
        ({"name": "Herr Schmidt und Gattin"}, "several_people", "warning"),
        ({"name": "Peter Müller, Anna Schmidt"}, "unsure_name", "warning"),
        ({"name": "Maria u. Josef Huber"}, "several_people", "warning"),
        ({"name": "Anna Schmidt, Berlin"}, "unsure_name", "warning"),
        ({"last_name": "Interessent"}, "fake_name", "warning"),
        ({"name": "Siemens AG"}, "perhaps_company", "warning"),
        ({"name": "Ott, Vertrieb"}, "beside_name", "note"),
        ({"name": "Firma Müller"}, "company_as_name", "error"),
        ({"name": "Acme GmbH - Ada"}, "company_as_name", "error"),
        ({"name": "Anna Meier, Acme Ltd"}, "beside_name", "note"),
        ({"name": "http://spam.example/x"}, "not_a_name", "error"),
        ({"last_name": "ada@acme.example"}, "not_a_name", "error"),
        ({"last_name": "<script>"}, "not_a_name", "error"),
        ({"last_name": "12345"}, "not_a_name", "error"),
        ({"last_name": "x" * 201}, "too_long", "error"),
        ({"salutation": "Hochwürden"}, "unknown_salutation", "warning"),
        ({"language": "klingonisch"}, "unknown_language", "error"),
        ({"seniority": "wizard"}, "unknown_seniority", "error"),
    ],
)
def test_doubts_about_a_person(given: dict[str, object], code: str, severity: str) -> None:
    assert [(finding.code, finding.severity) for finding in check_person(given).findings] == [(code, severity)]


@pytest.mark.parametrize("full", ["Anna Müller", "Xu Li", "Jan Test-Meyer", "Bo Ek", "Anna Null", "Abc-Maria Foo-Bar"])
def test_real_names_are_not_doubted(full: str) -> None:
    assert check_person({"name": full}).findings == ()


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("de", "de"),
        ("Deutsch", "de"),
        ("DE_at", "de-AT"),
        ("en-gb", "en-GB"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("English", "en"),
    ],
)
def test_languages_become_tags(typed: str, tag: str) -> None:
    person = check_person({"language": typed}).value
    assert person is not None
    assert person.language == tag


def test_a_given_seniority_counts_more_than_the_job_title() -> None:
    person = check_person({"seniority": "Director", "job_title": "CEO"}).value
    assert person is not None
    assert person.seniority == "director"


def test_a_comma_alone_names_nobody() -> None:
    assert split_name(",") == (None, None)


@pytest.mark.parametrize(
    ("typed", "tag", "codes"),
    [
        ("de_DE.UTF-8", "de-DE", []),
        ("de-CH,de;q=0.9,en;q=0.8", "de-CH", []),
        ("en;q=0.7, fr", "fr", []),
        ("Deutsch (Schweiz)", "de-CH", []),
        ("english - united states", "en-US", []),
        ("tedesco", "de", []),
        ("niemiecki", "de", []),
        ("українська", "uk", []),
        ("deu", "de", []),
        ("iw", "he", []),
        ("sr-Latn-RS", "sr-Latn-RS", []),
        ("Deutsch/Englisch", "de", ["several_languages"]),
        ("CH", "ch", ["rare_language"]),
        ("foo", "foo", ["unknown_language"]),
        ("de-XX", None, ["unknown_language"]),
        ("Klingonisch", None, ["unknown_language"]),
    ],
)
def test_a_language_is_a_tag(typed: str, tag: str | None, codes: list[str]) -> None:
    checked = check_language(typed)
    assert checked.value == tag
    assert [finding.code for finding in checked.findings] == codes
    assert check_language(tag).value == tag


def test_a_country_is_no_language_but_says_which_is_likely() -> None:
    assert [finding.suggestion for finding in check_language("AT").findings] == ["de-AT"]
