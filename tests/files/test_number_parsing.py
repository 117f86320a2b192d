"""Numbers of a column: one decimal sign for all of them; what contradicts it is a finding and no other number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.files.config import FlowFile
from leadflow.files.file_check import check_file
from leadflow.files.journey import RunPlan, run
from leadflow.files.number_parsing import decimal_sign_of, number_of


@pytest.mark.parametrize(
    ("text", "sign", "number"),
    [
        ("1.234,50 €", ",", 1234.5), ("€ 1.234,50", ",", 1234.5), ("$1,234.50", ".", 1234.5), ("-€ 12", ".", -12),
        ("1 234,5", ",", 1234.5), ("1\u00a0234\u00a0567", ",", 1234567), ("1\u202f234 zł", ",", 1234),
        ("1'234'567.89", ".", 1234567.89), ("CHF 1’234.–", ".", 1234), ("1.500,-", ",", 1500), ("12 %", ".", 12),
        ("(1.234)", ",", -1234), ("($ 5.50)", ".", -5.5), ("1.234-", ",", -1234), ("−3", ".", -3), ("1e3", ".", 1000),
        (".5", ".", 0.5), ("1.234", ".", 1.234), ("1.234", ",", 1234), ("+7", ",", 7),
    ],
)  # fmt: skip
def test_a_number_is_read_with_the_decimal_sign_of_its_column(text, sign, number):
    assert number_of(text, sign) == number


@pytest.mark.parametrize(
    ("text", "sign"),
    [("1_000", "."), ("1e999", "."), ("1,234.5", ","), ("12.5", ","), ("1.2.3", "."), ("12 34", "."), ("(5", "."),
     ("-(5)", "."), ("", "."), ("$", "."), ("1,23", "."), ("5 apples", "."), ("٣", ".")],
)  # fmt: skip
def test_what_is_no_number_with_this_sign_is_none(text, sign):
    with pytest.raises(ValueError, match=r"not a number|two signs|not finite"):
        number_of(text, sign)


@pytest.mark.parametrize(
    ("cells", "sign"),
    [
        (["1.234,50"], ","), (["1,234.50"], "."), (["1.234.567"], ","), (["1'234.5"], "."), (["12,5", "1.234"], ","),
        (["1.234", "2.5"], "."), (["0.125"], "."), (["12345,678"], ","), (["1.500,-"], ","), (["€ 7", "x"], None),
        (["1.234", "999"], ","), (["1,234", "999"], "."),  # or 999 would be more than 1.234
        (["1.234"], None), (["1.234", "12000"], None), (["1,5", "2.5"], None), ([], None),
        ([*["1.500"] * 9, "2.5"], None),  # one slip doesn't make thousandths of all thousands
    ],
)  # fmt: skip
def test_the_decimal_sign_is_that_of_most_numbers_of_a_column(cells, sign):
    assert decimal_sign_of(cells) == sign


@given(st.lists(st.floats(-1e9, 1e9).map(lambda number: round(number, 2)), min_size=1, max_size=8))
def test_numbers_written_with_groups_and_two_places_are_read_back(numbers):
    english = [f"{number:,.2f}" for number in numbers]
    german = [text.translate(str.maketrans(",.", ".,")) for text in english]
    for texts, sign in ((english, "."), (german, ",")):
        assert decimal_sign_of(texts) == sign
        assert [number_of(text, sign) for text in texts] == numbers


def leads(folder, text, **config):
    (folder / "leads.csv").write_text(text, encoding="utf-8")
    plan, there = RunPlan(folder / "leads.csv", config=FlowFile.model_validate(config)), []
    assert not run(plan, after=lambda flow: there.extend(flow.leads())).refused
    return {str(lead.emails[0].address)[0]: lead for lead in there}, check_file(plan)


def test_amounts_are_those_of_their_column_and_what_contradicts_it_is_a_finding_with_its_line(tmp_path):
    rows = ["1.234", "1.500,50 €", "2,125 Mio", "1,234.50", "999,00", "1.000-2.000", "(5)"]
    text = "".join(f"{name}@x.example;{cell}\n" for name, cell in zip("abcdefg", rows, strict=True))
    found, check = leads(tmp_path, f"E-Mail;Budget\n{text}")
    assert [found[name].budget for name in "abcdefg"] == [1234, 1500.5, 2_125_000, None, 999, 1000, None]
    lines = {kind.code: [one.line for one in check.examples[kind]] for kind, _ in check.kinds}
    assert lines == {"not_readable": [5], "out_of_range": [8], "range": [7]}
    assert "1,234.50" in {one.value for one in found["d"].findings}


def test_numbers_of_a_hosts_own_fields_may_have_a_unit_and_the_config_can_say_the_sign(tmp_path):
    config = {"custom": {"rate": "float", "visits": "int"}, "decimal_sign": ",",
              "columns": {"Mail": "email", "Rate": "custom.rate", "Besuche": "custom.visits"}}  # fmt: skip
    found, _ = leads(tmp_path, "Mail;Rate;Besuche\na@x.example;12,5 %;1.234\nb@x.example;1.234;viele\n", **config)
    assert [(one.custom.rate, one.custom.visits) for one in found.values()] == [(12.5, 1234), (1234, None)]
