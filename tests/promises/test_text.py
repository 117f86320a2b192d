"""Text from outside is normalised in one place, in a time that grows with its length and no faster."""

from __future__ import annotations

import ast
import re
import sys
import unicodedata
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import leadflow
from leadflow import LeadFlow
from leadflow.adapters.memory import MemoryStorage
from leadflow.entities import text as door
from leadflow.entities.duration import duration_of
from leadflow.entities.folding import fold, words_of
from leadflow.entities.text import MARKS_LIMIT, normal, safe_line, safe_text
from leadflow.nurturing import suppression_key
from leadflow.quality import FIELDS, check
from leadflow.quality.phonetics import sound
from leadflow.quality.seniority import _HYPHENATED as HYPHENATED
from leadflow.testing import NOW

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: tuple[Form, ...] = ("NFC", "NFD", "NFKC", "NFKD")
MARKS = ("\u0316", "\u0301", "\u0f73", "\u0344", "\uff9e", "\u3099", "\u05b0", "\u0f72", "\u0345", "\u20d0")
ZALGO = st.lists(st.sampled_from([*MARKS, *MARKS, "a", "é", "ﷺ", "각", " "]), max_size=200).map("".join)


def longest_run(text: str) -> int:
    """How many marks follow each other, once a text is taken apart: what sorting them costs is the square of it."""
    longest = run = 0
    for character in text:
        for part in unicodedata.normalize("NFKD", character):
            run = run + 1 if unicodedata.combining(part) else 0
            longest = max(longest, run)
    return longest


def called(work: Callable[[], object]) -> int:
    """How many calls, of Python's functions and of those in C, a piece of work takes."""
    count = 0

    def counting(_frame: object, event: str, _what: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@given(ZALGO | st.text())
def test_few_marks_stay_as_they_are_in_every_form(text):
    if longest_run(text) <= MARKS_LIMIT:
        assert [normal(text, form) for form in FORMS] == [unicodedata.normalize(form, text) for form in FORMS]


@given(ZALGO | st.text())
def test_what_is_normal_stays_as_it_is(text):
    for form in FORMS:
        assert normal(normal(text, form), form) == normal(text, form)
    assert safe_line(safe_line(text)) == safe_line(text)
    assert safe_text(safe_text(text)) == safe_text(text)


@given(st.lists(st.sampled_from(MARKS), min_size=31, max_size=300).map("".join))
def test_nothing_of_many_marks_is_lost(marks):
    joined = normal("a" + marks)
    assert sorted(unicodedata.normalize("NFD", joined).replace("\u034f", "")) == sorted(
        unicodedata.normalize("NFD", "a" + marks)
    )
    assert longest_run(joined) <= MARKS_LIMIT


READS = {
    "line": safe_line,
    "text": safe_text,
    "fold": fold,
    "sound": sound,
    "words": words_of,
    "suppression": lambda text: suppression_key("email", text, b"s" * 32),
    "check": lambda text: check(dict.fromkeys(FIELDS, text)),
}


@pytest.mark.parametrize("marks", ["\u0316\u0301", "\u0f73\u0f72", "\uff9e\u0316", "\u0344\u0316"])
@pytest.mark.parametrize("read", READS)
def test_pythons_normalising_gets_no_long_run_of_marks(monkeypatch, read, marks):
    runs = [0]

    def normalize(form: Form, text: str) -> str:
        runs.append(longest_run(text))
        return unicodedata.normalize(form, text)

    def is_normalized(form: Form, text: str) -> bool:
        runs.append(longest_run(text))
        return unicodedata.is_normalized(form, text)

    seen = SimpleNamespace(
        normalize=normalize,
        is_normalized=is_normalized,
        combining=unicodedata.combining,
        category=unicodedata.category,
    )
    monkeypatch.setattr(door, "unicodedata", seen)
    READS[read]("a" + marks * 300)
    assert max(runs) <= MARKS_LIMIT


def test_normalising_has_one_place():
    places = {
        file.name
        for file in Path(leadflow.__file__).parent.rglob("*.py")
        if any(_normalises(node) for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    }
    assert places == {"text.py"}


def _normalises(node: ast.AST) -> bool:
    names = {"normalize", "is_normalized"}
    if isinstance(node, ast.ImportFrom):
        return node.module == "unicodedata" and any(alias.name in names for alias in node.names)
    return isinstance(node, ast.Attribute) and node.attr in names and getattr(node.value, "id", "") == "unicodedata"


@pytest.mark.parametrize(
    "one",
    [
        "a",
        "ab ",
        "\u0316\u0301",
        "é",
        "Ä-",
        "1,",
        "@.",
        "'\u2019",
        "\0\n",
        "ﷺ",
        "x@y.de,",
        "+49 30 1;",
        "von ",
        "\u0130",
    ],
)
def test_work_grows_with_the_length_and_no_faster(one):
    def captured(length: int) -> int:
        text = (one * length)[:length]
        flow = LeadFlow(MemoryStorage(), clock=lambda: NOW)
        values = {"email": "ada@acme.example", **dict.fromkeys(("note", "need", "interests", "phones", "zz"), text)}
        return called(lambda: flow.capture(values, source="web", visitor="v"))

    captured(10)  # what is loaded at the first time is not counted
    short, long = captured(8_000), captured(80_000)
    assert long < 14 * short


def test_what_is_stored_has_no_long_run_of_marks(flow):
    zalgo = "a" + "\u0316\u0301" * 400
    lead_id = flow.capture({"email": "ada@acme.example", "note": zalgo, "zz": zalgo}, source="web", visitor="v").lead_id
    flow.record(lead_id, "demo_requested", properties={"why": zalgo, zalgo: 1}, id="1")
    flow.consent(lead_id, "newsletter", "email", proof=zalgo)
    assert longest_run(flow.get(lead_id).model_dump_json()) <= MARKS_LIMIT
    assert longest_run(repr([*flow.export(lead_id)])) <= MARKS_LIMIT
    assert len(flow.get(lead_id).note) > 800


@pytest.mark.parametrize(
    "title", ["Vize-Präsident", "Co-Founder-CEO", "IT-Leiter", "-chef-", "a-b-c-d", "Leiter–IT x-y"]
)
def test_hyphenated_words_are_found_from_their_beginnings_as_from_anywhere(title):
    anywhere = re.findall(r"[^\W\d_]+-[^\W\d_]+", title)
    assert HYPHENATED.findall(title) == anywhere


@given(st.text(alphabet="aÄ-1_ ", max_size=30))
def test_looking_only_at_beginnings_finds_the_same(title):
    assert HYPHENATED.findall(title) == re.findall(r"[^\W\d_]+-[^\W\d_]+", title)


def test_a_long_text_is_no_length_of_time():
    with pytest.raises(ValueError, match="is not a length of time"):
        duration_of("1" * 100_000)
    assert duration_of("1d 12h") == timedelta(hours=36)
