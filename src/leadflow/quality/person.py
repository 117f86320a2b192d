"""Persons: names split and spelled properly, titles, salutation and language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from leadflow.entities import Finding, Person, Seniority
from leadflow.entities.text import normal
from leadflow.quality.casing import proper_case
from leadflow.quality.name_words import (
    FAKE_NAMES,
    FAKE_WORDS,
    LANGUAGES,
    SALUTATIONS,
    SENIORITY_WORDS,
    SURNAME_STARTS,
    TITLES,
    TITLES_WITH_DOT,
)
from leadflow.quality.results import Checked, error, line, means_nothing, note, warning
from leadflow.quality.seniority import seniority_of

__all__ = ["check_person", "split_name"]

_APOSTROPHES = str.maketrans({"’": "'", "`": "'", "´": "'", "ʼ": "'"})
_WEB = re.compile(r"https?:|www\.|\.(?:com|de|net|org|ru|info)\b|[@<>{}]", re.IGNORECASE)
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")
_NAME_FIELDS = ("name", "first_name", "last_name")


def check_person(given: Mapping[str, object]) -> Checked[Person]:
    """Return a person from name (the full one), salutation, title, first_name, last_name, job_title, department,
    seniority and language.

    Names in all capitals or all lower case get proper case; titles and salutations move to their own fields. A full
    name only fills what first and last name leave open. A missing seniority is inferred from the job title.
    """
    findings: list[Finding] = []
    lines = {key: _line(key, given.get(key), findings) for key in (*_NAME_FIELDS, "salutation", "title")}
    names = _names({key: lines[key] for key in _NAME_FIELDS}, findings)
    titles = [*_titles(lines["title"]), *names.titles]
    salutation, more = _salutation(lines["salutation"], findings)
    job_title = _text("job_title", given, findings)
    person = Person(
        salutation=salutation or names.salutation,
        title=" ".join(dict.fromkeys([*titles, *more])) or None,
        first_name=names.first,
        last_name=names.last,
        job_title=job_title,
        department=_text("department", given, findings),
        seniority=_seniority(given.get("seniority"), job_title, findings),
        language=_language(given.get("language"), findings),
    )
    findings += _fakes(person)
    return Checked(person, tuple(findings))


def split_name(full: str) -> tuple[str | None, str | None]:
    """Split a full name into first and last name; ``Müller, Anna`` is reversed, ``von`` starts a last name.

    A single word counts as a last name.
    """
    last, comma, first = (part.strip() for part in full.partition(","))
    if comma and first and last and "," not in first:
        return first, last
    words = full.replace(",", " ").split()
    for place, word in enumerate(words[1:], start=1):
        if word.casefold() in SURNAME_STARTS and place < len(words) - 1:
            return " ".join(words[:place]), " ".join(words[place:])
    if not words or words[0].casefold() in SURNAME_STARTS:
        return None, " ".join(words) or None
    return " ".join(words[:-1]) or None, words[-1]


class _Names(NamedTuple):
    first: str | None
    last: str | None
    titles: tuple[str, ...]
    salutation: str | None


def _names(lines: Mapping[str, str | None], findings: list[Finding]) -> _Names:
    titles: list[str] = []
    salutations: list[str] = []

    def bare(text: str | None, may_vanish: bool = False) -> str | None:
        return _bare(text, titles, salutations, may_vanish) if text else None

    first, last = bare(lines["first_name"], may_vanish=True), bare(lines["last_name"])
    if (only := first or last) and not (first and last) and "," in only:
        first, last = split_name(only)
    whole = bare(lines["name"])
    if whole and not (first and last):
        in_name = split_name(whole)
        first, last = (first or in_name[0], last or in_name[1]) if first or last else in_name
    if first and last and last.casefold().startswith(f"{first.casefold()} "):
        last = last[len(first) + 1 :]
        findings.append(
            note("first_name_twice", "person.last_name", "also contained the first name", lines["last_name"])
        )
    first, last = bare(first, may_vanish=True), bare(last)
    if first and last and not (_has_letters(first) and _has_letters(last)):
        first, last = None, bare(f"{first} {last}".replace(",", " "))
    return _Names(_spelled(first), _spelled(last), tuple(titles), next(iter(salutations), None))


def _spelled(text: str | None) -> str | None:
    return proper_case(text.strip(" ,;"), small_first=True) if text and _has_letters(text) else None


def _bare(text: str, titles: list[str], salutations: list[str], may_vanish: bool) -> str | None:
    words = text.split()
    while words and (len(words) > 1 or may_vanish):
        if words[0].casefold().rstrip(",") in _BEFORE_NAMES:
            salutations.append(SALUTATIONS[words.pop(0).casefold().rstrip(",")])
        elif known := _known_titles(words[0]) if len(words) > 1 else ():
            titles += [title for title in known if title not in titles]
            words.pop(0)
        else:
            break
    behind: list[str] = []
    while len(words) > 1 and words[-1].replace(".", "").strip(",").casefold() in _BEHIND_NAMES:
        behind.insert(0, TITLES[words.pop().replace(".", "").strip(",").casefold()])
    titles += [title for title in behind if title not in titles]
    return " ".join(words).strip(" ,") or None


_BEFORE_NAMES = frozenset("herr herrn hr. frau fr. mr mr. mrs mrs. ms ms. mister miss mme mme. monsieur madame".split())
_BEHIND_NAMES = frozenset("mba emba phd bsc msc beng meng llm llb cpa cfa esq".split())


def _known_titles(word: str) -> tuple[str, ...]:
    key = word.replace(".", "").strip(",").casefold()
    if key in TITLES:
        return (TITLES[key],) if key not in TITLES_WITH_DOT or "." in word else ()
    pieces = [piece.casefold() for piece in word.strip(",").split(".") if piece]
    if len(pieces) > 1 and all(piece in TITLES for piece in pieces):
        return tuple(TITLES[piece] for piece in pieces)
    return ()


def _titles(text: str | None) -> list[str]:
    words = text.split() if text else []
    return [
        title
        for word in words
        if _has_letters(word) and not means_nothing(word)
        for title in (_known_titles(word) or (word,))
    ]


def _salutation(text: str | None, findings: list[Finding]) -> tuple[str | None, list[str]]:
    """Return the salutation in one spelling, and the titles that follow it (Herr Dr.)."""
    if not text:
        return None, []
    words = text.removeprefix("Sehr geehrter ").removeprefix("Sehr geehrte ").split()
    known = SALUTATIONS.get(words[0].casefold()) if words else None
    if known:
        return known, [title for word in words[1:] for title in _known_titles(word)]
    findings.append(warning("unknown_salutation", "person.salutation", "is not a known salutation", text))
    return text, []


def _line(key: str, raw: object, findings: list[Finding]) -> str | None:
    field = f"person.{key}" if key != "name" else "person.last_name"
    is_name = key in _NAME_FIELDS
    given = line(field, raw, limit=200 if is_name else 1_000, keep=("Null", "None") if is_name else ())
    findings += given.findings
    text = given.value
    if text is None or not is_name:
        return text
    text = normal(text.translate(_APOSTROPHES)).strip(' ,;"*_')
    if _WEB.search(text):
        findings.append(error("not_a_name", field, "contains an address or code, not a name", raw))
        return None
    if not _has_letters(text):
        findings.append(error("not_a_name", field, "has no letters", raw))
        return None
    return text


def _has_letters(text: str) -> bool:
    return any(c.isalpha() for c in text)


def _text(key: str, given: Mapping[str, object], findings: list[Finding]) -> str | None:
    checked = line(f"person.{key}", given.get(key))
    findings += checked.findings
    return checked.value


def _seniority(raw: object, job_title: str | None, findings: list[Finding]) -> Seniority | None:
    given = line("person.seniority", raw)
    findings += given.findings
    if given.value:
        found = SENIORITY_WORDS.get(given.value.casefold()) or seniority_of(given.value)
        if found:
            return found
        known = "c-level, director, manager, staff or student"
        findings.append(error("unknown_seniority", "person.seniority", f"is unknown; give {known}", given.value))
    return seniority_of(job_title) if job_title else None


def _language(raw: object, findings: list[Finding]) -> str | None:
    given = line("person.language", raw)
    findings += given.findings
    if not given.value:
        return None
    if known := LANGUAGES.get(given.value.casefold()):
        return known
    if _LANGUAGE_TAG.fullmatch(given.value):
        first, *more = given.value.replace("_", "-").split("-")
        return "-".join([first.lower(), *(_subtag(tag) for tag in more)])
    findings.append(
        error("unknown_language", "person.language", "is not a language; give a tag such as de or en-GB", raw)
    )
    return None


def _subtag(tag: str) -> str:
    return {2: tag.upper(), 4: tag.title()}.get(len(tag), tag.lower())


def _fakes(person: Person) -> list[Finding]:
    full = person.full_name
    if full is None:
        return []
    parts = [part.casefold() for part in (person.first_name, person.last_name) if part]
    found = []
    if full.casefold() in FAKE_NAMES or any(part in FAKE_WORDS or _drummed(part) for part in parts):
        found.append(warning("fake_name", "person.last_name", "looks made up", full))
    if any(c.isdigit() for c in full):
        found.append(warning("digits_in_name", "person.last_name", "contains digits", full))
    if any(joint in f" {full.casefold()} " for joint in (" & ", " und ", " and ", "/", " + ")):
        found.append(warning("several_people", "person.last_name", "seems to name several people", full))
    return found


def _drummed(part: str) -> bool:
    letters = part.replace(" ", "")
    return len(letters) > 2 and len(set(letters)) == 1
