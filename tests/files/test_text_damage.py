"""Encodings: letters are those that were written, or there is a finding; never other letters without a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.files.code_pages import guess_code_page
from leadflow.files.tables import table
from leadflow.files.text_damage import mended


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("cp1252", "Jürgen Müller Köln Straße"), ("cp1252", "François;Hélène;Besançon"), ("cp1252", "Søren;Ærø;Åse"),
        ("cp1252", "José;Muñoz;São Paulo;João"), ("cp1252", "Preis 5 € – Müller’s"), ("cp1252", "MÜLLER;JÜRGEN"),
        ("cp1252", "note — ok…"), ("mac_roman", "Jürgen;Müller;Köln"), ("mac_roman", "François;Hélène;Besançon"),
        ("mac_roman", "Straße;Groß"), ("mac_roman", "MÜLLER;KÖLN"), ("cp1250", "Imię;Łukasz;Żółć;Przykład"),
        ("cp1250", "Kateřina;Dvořáková;Plzeň"), ("iso8859_2", "Łukasz;Żółć;Imię;Kraśnik"),
        ("cp1251", "Имя;Фамилия;Иван;Петров"), ("koi8_r", "Имя;Фамилия;Иван;Петров"), ("cp866", "Имя;Иван;Петров"),
        ("cp1253", "Όνομα;Γιώργος;Παπαδόπουλος"), ("cp1254", "Ayşe;Yılmaz;İstanbul;Çağrı"),
        ("cp850", "Jürgen;Müller;Köln;Straße"), ("shift_jis", "氏名,メール,会社名\n山田太郎,サンプル株式会社"),
        ("gb18030", "姓名,公司\n王小明,北京示例公司"),
        ("euc_kr", "이름,회사\n김철수,서울회사"), ("big5", "姓名,公司\n王小明,台北公司"),
    ],
)  # fmt: skip
def test_a_code_page_is_known_by_the_letters_that_it_gives(page, text):
    guess = guess_code_page(text.encode(page).split(b"\n"))
    assert text.encode(page).decode(guess.name) == text, guess


def test_a_guess_is_said_with_what_it_could_be_instead(tmp_path):
    path = tmp_path / "leads.csv"
    path.write_bytes("Name;Ort\nLászló;Győr\n".encode("cp1250"))
    (said,) = table(path).notes
    assert "is a guess" in said and "cp1250" in said and "set encoding" in said


@given(st.text(st.characters(min_codepoint=0xA0, max_codepoint=0xFF) | st.sampled_from("abc é–’“€Œ"), min_size=1))
def test_what_was_encoded_twice_comes_back_and_says_so(text):
    for page in ("cp1252", "latin-1"):
        cells = {"name": text.encode().decode(page, "replace")}
        before = cells["name"]
        found = mended(cells)
        assert cells["name"] == before or [one.code for one in found] == ["encoded_twice"]


@pytest.mark.parametrize("name", ["Jürgen Müller", "Žofie", "Łukasz", "João", "Ångström", "Ærø", "Û", "Ã"])
def test_names_as_they_are_stay_and_nothing_is_said(name):
    cells = {"name": name}
    assert (mended(cells), cells["name"]) == ([], name)


@pytest.mark.parametrize("name", ["Jürgen", "Müller", "Köln", "François", "Łódź", "O’Neil", "Straße", "Žofie"])
@pytest.mark.parametrize("times", [1, 2])
def test_names_encoded_twice_or_more_often_are_put_right_with_a_finding(name, times):
    damaged = name
    for _ in range(times):
        damaged = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in damaged.encode())
    cells = {"Vorname": damaged}
    (found,) = mended(cells)
    assert (cells["Vorname"], found.code, found.suggestion) == (name, "encoded_twice", name)


@pytest.mark.parametrize(
    ("cell", "read_as", "code"),
    [
        ("J&uuml;rgen", "Jürgen", "encoded_twice"), ("M&#252;ller &amp; Co", "Müller & Co", "encoded_twice"),
        ("J=C3=BCrgen", "Jürgen", "encoded_twice"), ("J%C3%BCrgen", "Jürgen", "encoded_twice"),
        ("J?rgen", "J?rgen", "lost_letters"), ("?ukasz", "?ukasz", "lost_letters"),
        ("Why? Because", "Why? Because", None), ("AT&T", "AT&T", None), ("1 % & more; yes", "1 % & more; yes", None),
        ("https://x.example/?q=J%C3%BCrgen", "https://x.example/?q=J%C3%BCrgen", None), ("a=b?c", "a=b?c", None),
    ],
)  # fmt: skip
def test_letters_that_a_page_or_a_mail_has_spelled_out_are_letters_again(cell, read_as, code):
    cells = {"Name": cell}
    found = mended(cells)
    assert (cells["Name"], [one.code for one in found]) == (read_as, [code] if code else [])
