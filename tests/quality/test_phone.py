import phonenumbers
import pytest

from leadflow.quality.phone import check_phone, split_numbers


@pytest.mark.parametrize(
    ("typed", "country", "number", "kind", "belongs_to"),
    [
        ("030 23125 123", "DE", "+493023125123", "landline", "DE"),
        ("030/23125123", "DE", "+493023125123", "landline", "DE"),
        ("(030) 23125-123", "DE", "+493023125123", "landline", "DE"),
        ("0049 30 23125 123", None, "+493023125123", "landline", "DE"),
        ("0049 30 23125 123", "US", "+493023125123", "landline", "DE"),
        ("+49 (0) 30 23125 123", None, "+493023125123", "landline", "DE"),
        ("+49(0)30-23125123", "AT", "+493023125123", "landline", "DE"),
        ("0171 1234567", "DE", "+491711234567", "mobile", "DE"),
        ("01 5123456", "AT", "+4315123456", "landline", "AT"),
        ("0664 1234567", "AT", "+436641234567", "mobile", "AT"),
        ("044 668 18 00", "CH", "+41446681800", "landline", "CH"),
        ("+41 (0)44 668 18 00", None, "+41446681800", "landline", "CH"),
        ("(212) 555-2368", "US", "+12125552368", "other", "US"),
        ("020 7946 0958", "GB", "+442079460958", "landline", "GB"),
        ("٠٣٠ ٢٣١٢٥١٢٣", "DE", "+493023125123", "landline", "DE"),
        ("030 23125\u2009123", "DE", "+493023125123", "landline", "DE"),
        (493023125123, "DE", "+493023125123", "landline", "DE"),
        (493023125123.0, "DE", "+493023125123", "landline", "DE"),
    ],
)
def test_one_spelling_for_one_number(
    typed: object, country: str | None, number: str, kind: str, belongs_to: str
) -> None:
    checked = check_phone(typed, country)
    assert checked.value is not None
    assert (checked.value.number, checked.value.kind, checked.value.country) == (number, kind, belongs_to)
    assert checked.findings == ()
    assert check_phone(number, country).value == checked.value


@pytest.mark.parametrize(
    ("typed", "extension"),
    [
        ("030 23125-0 Durchwahl 12", "12"),
        ("030 23125-0 DW 12", "12"),
        ("030 23125-0, Nst. 12", "12"),
        ("030 23125-0 (App. 12)", "12"),
        ("+49 30 231250 ext. 12", "12"),
        ("+49 30 231250 x12", "12"),
    ],
)
def test_an_extension_is_left_out_and_reported(typed: str, extension: str) -> None:
    checked = check_phone(typed, "DE")
    assert checked.value is not None
    assert checked.value.number == "+4930231250"
    (finding,) = checked.findings
    assert (finding.code, finding.severity) == ("extension", "warning")
    assert extension in finding.message


@pytest.mark.parametrize(
    ("typed", "country", "code"),
    [
        ("110", "DE", "impossible_phone"),
        ("2026-04-12", "DE", "impossible_phone"),
        ("89073 Ulm", "DE", "impossible_phone"),
        ("112", "DE", "impossible_phone"),
        ("abc", "DE", "impossible_phone"),
        ("+49", None, "impossible_phone"),
        ("030 1" + "2" * 30, "DE", "impossible_phone"),
        ("030 23125 123", None, "no_country"),
        ("0000000", "DE", "fake_phone"),
        ("+49 1111111111", None, "fake_phone"),
        ("0123456789", "DE", "fake_phone"),
        ("12345", "DE", "fake_phone"),
        ("1" * 5_000, "DE", "too_long"),
        (True, "DE", "not_text"),
    ],
)
def test_what_can_be_no_number_is_refused(typed: object, country: str | None, code: str) -> None:
    checked = check_phone(typed, country)
    assert checked.value is None
    assert [(finding.code, finding.severity) for finding in checked.findings] == [(code, "error")]


def test_a_possible_number_outside_the_plan_is_kept_with_a_warning() -> None:
    checked = check_phone("+49 199 1234567", None)
    assert checked.value is not None
    assert checked.value.number == "+491991234567"
    assert [(finding.code, finding.severity) for finding in checked.findings] == [("unlikely_phone", "warning")]


def test_the_kind_that_was_told_counts_only_where_the_plan_is_silent() -> None:
    american = check_phone("(212) 555-2368", "US", kind="mobile").value
    german = check_phone("030 23125 123", "DE", kind="mobile").value
    assert american is not None
    assert german is not None
    assert (american.kind, german.kind) == ("mobile", "landline")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("030 123456 / 0171 1234567", 2),
        ("030 123456; 0171 1234567; 089 123456", 3),
        ("030 123456 oder 0171 1234567", 2),
        ("030 / 123456", 1),
        ("030/123456", 1),
        ("030 123456, Durchwahl 12", 1),
        ("", 1),
    ],
)
def test_several_numbers_in_one_text(text: str, count: int) -> None:
    assert len(split_numbers(text)) == count


def test_every_countrys_example_numbers_come_through() -> None:
    kinds = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    lost = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in kinds:
            example = phonenumbers.example_number_for_type(region, kind)
            # 1 23 45 67 89 is a fine example, and what people type who don't want to be called
            if example is None or "1234567890".startswith(phonenumbers.national_significant_number(example)):
                continue
            international = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
            expected = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
            checked = check_phone(international, None).value
            if checked is None or checked.number != expected:
                lost.append((international, checked))
    assert lost == []


def test_a_number_that_may_lack_its_plus_is_doubted() -> None:
    checked = check_phone("43151234567", "DE")  # Kiel without its 0, or Vienna without its +
    assert checked.value is not None and checked.value.number == "+4943151234567"
    assert [(one.code, one.suggestion) for one in checked.findings] == [("perhaps_abroad", "+43151234567")]
    assert not check_phone("1511 2345678", "DE").findings and not check_phone("0431 51234567", "DE").findings


@pytest.mark.parametrize(
    "typed", ["030 901820 8-12 Uhr", "030 901820 (8:00-12:00)", "9 Uhr 030 901820", "030 901820 9am-5pm"]
)
def test_hours_are_not_dialled(typed: str) -> None:
    checked = check_phone(typed, "DE")
    assert checked.value is not None and checked.value.number == "+4930901820"
    assert [one.code for one in checked.findings] == ["words_beside"]
