"""Every finding has a code of the catalogue, which says in English and German what it means and what to do."""

from __future__ import annotations

import ast
from itertools import chain
from pathlib import Path

import pytest

import leadflow
from leadflow.entities import Finding
from leadflow.languages import ENGLISH, FINDING_TEXTS, GERMAN
from leadflow.quality import check, phone

SOURCE = Path(leadflow.__file__).parent
MAKERS = {"error", "warning", "note", "Finding"}
CHOSEN = {
    "quality/phone.py": set(phone._REFUSALS),
    "quality/registers.py": {
        *(f"{kind}_{why}" for kind in ("register", "vat", "lei") for why in ("checksum", "format")),
        "unknown_register",
    },
    "entities/decoder.py": {"unreadable"},
    "decisions/sanitation.py": {"too_long", "not_readable"},
    "files/tables.py": {"spreadsheet_error", "formula_without_value", "repeated_key"},
    "files/text_damage.py": {"other_encoding", "lost_letters", "encoded_twice"},
}


def codes_in(path: Path) -> set[str]:
    """The codes that a file gives to findings, as text; a code that is computed must be among those CHOSEN."""
    place = path.relative_to(SOURCE).as_posix()
    found: set[str] = set(CHOSEN.get(place, ()))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", None) not in MAKERS:
            continue
        by_name = [one.value for one in node.keywords if one.arg == "code"]
        code = next(iter((*by_name, *node.args)), None)
        if isinstance(code, ast.Constant):
            found.add(str(code.value))
        elif code is not None and place not in {"quality/results.py", *CHOSEN}:
            raise AssertionError(f"{place}:{node.lineno}: add the codes of {ast.unparse(code)} to CHOSEN")
    return found


def test_every_code_in_the_source_is_in_the_catalogue_and_none_is_there_in_vain() -> None:
    files = [path for path in SOURCE.rglob("*.py") if path.parent.name != "testing"]
    assert set(chain(*map(codes_in, files))) == set(FINDING_TEXTS)


@pytest.mark.parametrize("code", FINDING_TEXTS)
def test_every_code_says_in_both_languages_what_it_means_and_what_to_do(code: str) -> None:
    english, remedy, german, remedy_in_german = text = FINDING_TEXTS[code]
    assert all(text) and english != german and remedy != remedy_in_german
    one = Finding(code=code, field="email", severity="warning", message=english)
    assert (one.reason(), one.reason("de"), one.remedy("de")) == (english, german, remedy_in_german)


def test_a_finding_is_told_in_german_with_its_values() -> None:
    checked = check({"email": "ada@gmial.com", "phone": "030 123456 ext. 12"}, default_country="DE")
    lines = {one.code: one.text("de") for one in checked.findings}
    assert lines["email_typo"] == "Warnung: email: die Domain ähnelt gmail.com; vermutlich ada@gmail.com"
    assert lines["extension"] == "Warnung: phone: die Durchwahl 12 wurde weggelassen"
    assert all(one.value for one in checked.findings)


def test_a_stored_finding_of_an_older_version_stays_readable() -> None:
    old = Finding(code="of_old", field="email", severity="note", message="was odd")
    assert (old.text(), old.text("de"), old.remedy()) == ("note: email: was odd", "Hinweis: email: was odd", "")


def test_no_german_text_is_english_by_mistake() -> None:
    """What reads can raise, over inputs of every kind: the German line has no word of the English one's frame."""
    odd = check(
        {
            "email": "a b", "phone": "12", "name": "Test Test", "country": "Atlantis", "postcode": "1", "city": "1",
            "company": "???", "employees": "-3", "budget": "x USD", "timing": "32.13.2020", "authority": "maybe",
            "seniority": "king", "buying_role": "jester", "language": "klingon", "linkedin": "::", "nonsense": 1,
        },
        default_country="DE",
    )  # fmt: skip
    assert len(odd.findings) >= 10
    for one in odd.findings:
        assert one.reason("de") != one.reason("en"), one
        assert GERMAN.remedies[one.code] and ENGLISH.remedies[one.code]
