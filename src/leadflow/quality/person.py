"""Persons: names split and spelled properly, titles, salutation and language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from leadflow.entities import Finding, Person, Seniority
from leadflow.entities.base import made
from leadflow.entities.folding import fold
from leadflow.entities.text import normal
from leadflow.quality.casing import proper_case
from leadflow.quality.language_tags import check_language
from leadflow.quality.name_surroundings import (
    has_letters,
    is_credential,
    may_be_company,
    without_company,
    without_remarks,
)
from leadflow.quality.name_words import (
    FAKE_NAMES,
    FAKE_WORDS,
    FIRST_NAMES_TOO,
    NEARLY_ALWAYS_FIRST_NAMES,
    SALUTATIONS,
    SENIORITY_WORDS,
    SURNAME_STARTS,
    TITLES,
    TITLES_IN_CAPITALS,
    TITLES_WITH_DOT,
    VIETNAMESE,
)
from leadflow.quality.results import Checked, error, line, means_nothing, note, warning
from leadflow.quality.seniority import department_of, seniority_of

__all__ = ["check_person", "split_name"]

_APOSTROPHES = str.maketrans({"’": "'", "`": "'", "´": "'", "ʼ": "'", "،": ", ", "，": ", "})
_OTHER_APOSTROPHES = re.compile(f"[{''.join(map(chr, _APOSTROPHES))}]")
_WEB = re.compile(r"https?:|www\.|\.(?:com|de|net|org|ru|info)\b|[@<>{}]", re.IGNORECASE)
_NO_NAME = re.compile(
    r"['=]*=.*|#[\w/¡¿]+[!?]?|(?:grand |sub)?totale?s?:?|(?:zwischen|gesamt)?summe:?|(?:ins)?gesamt:?|razem:?",
    re.IGNORECASE,
)
"""What a spreadsheet leaves in a cell of names: a formula, its error, the word beside a sum."""
_NAME_FIELDS = ("name", "first_name", "last_name")


def check_person(given: Mapping[str, object]) -> Checked[Person]:
    """Return a person from name (the full one), salutation, title, first_name, last_name, job_title, department,
    seniority and language.

    Names in all capitals or all lower case get proper case; titles and salutations move to their own fields. A full
    name only fills what first and last name leave open. A missing seniority or department (in English) is inferred from
    the job title.
    """
    findings: list[Finding] = []
    lines = {key: _line(key, given.get(key), findings) for key in (*_NAME_FIELDS, "salutation", "title")}
    _take_marks_off(lines, findings)
    names = _names({key: lines[key] for key in _NAME_FIELDS}, findings)
    job_title = _text("job_title", given, findings)
    if lines["title"] and job_title is None and _is_job(lines["title"]):
        job_title, lines["title"] = lines["title"], None
        findings.append(note("job_title", "person.title", "is a job title and was taken as such", job_title))
    if job_title and job_title.casefold() in _BEFORE_NAMES:
        job_title, lines["title"] = None, lines["title"] or job_title
    in_title, title = _salutation_in(lines["title"])
    titles = _joined(_titles(title), names.titles)
    salutation, more = _salutation(lines["salutation"], findings)
    language = check_language(given.get("language"))
    findings += language.findings
    person = made(
        Person,
        salutation=salutation or in_title or names.salutation,
        title=" ".join(_joined(titles, more)) or None,
        first_name=names.first,
        last_name=names.last,
        job_title=job_title,
        department=_text("department", given, findings) or (department_of(job_title) if job_title else None),
        seniority=_seniority(given.get("seniority"), job_title, findings),
        language=language.value,
    )
    findings += _fakes(person)
    return Checked(person, tuple(findings))


def split_name(full: str) -> tuple[str | None, str | None]:
    """Split a full name into first and last name; ``Müller, Anna`` and ``MÜLLER Anna`` are reversed, ``von`` starts a
    last name; in Chinese, Japanese and Korean writing the family name comes first.

    A single word counts as a last name.
    """
    last, comma, first = (part.strip() for part in full.partition(","))
    between, behind, first_name = (part.strip() for part in first.partition(","))
    if behind and first_name and {*between.casefold().split()} <= SURNAME_STARTS:  # Berg, van den, Jan
        return first_name, f"{between} {last}"
    if comma and first and last and "," not in first:
        return _with_particles(first, last)
    words = full.replace(",", " ").split()
    if len(words) > 1 and all(_EAST_ASIAN.fullmatch(word) for word in words):
        return " ".join(words[1:]), words[0]
    if 2 <= len(words) <= 3 and _is_shouted(words[0]) and all(word.istitle() for word in words[1:]):
        return " ".join(words[1:]), words[0]
    if not words or (words[0].casefold() in SURNAME_STARTS and not _is_first_name(words)):
        return None, " ".join(words) or None
    for place, word in enumerate(words[1:-1], start=1):
        if word == "y" and place > 1:  # Juan Velasquez y Garcia
            return " ".join(words[: place - 1]), " ".join(words[place - 1 :])
        if word.casefold() in SURNAME_STARTS or word in _SHORT_PARTICLES:
            return " ".join(words[:place]), " ".join(words[place:])
    return " ".join(words[:-1]) or None, words[-1]


_SHORT_PARTICLES = frozenset({"v.", "v.d.", "v.d", "z.", "vd"})  # in lower case: V. is an initial
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af々]+")


def _is_shouted(word: str) -> bool:
    return word.isupper() and sum(c.isalpha() for c in word) > 3 and "." not in word


def _with_particles(first: str, last: str) -> tuple[str, str]:
    """Return ``Heide, Hans von der`` as Hans, von der Heide."""
    words = first.split()
    count = len(words)
    while count > 1 and words[count - 1] in SURNAME_STARTS:  # in lower case only
        count -= 1
    return " ".join(words[:count]), " ".join((*words[count:], last))


def _is_first_name(words: list[str]) -> bool:
    """Whether a particle at the beginning is a first name: Ben Berg, Van Nguyen, Van Leonard Karlson; not Van Gogh."""
    first = words[0].casefold()
    if first not in FIRST_NAMES_TOO or len(words) < 2:
        return False
    if words[1].casefold() in SURNAME_STARTS and first not in NEARLY_ALWAYS_FIRST_NAMES:
        return False
    if not words[0][0].isupper() and not " ".join(words).islower():
        return False
    return len(words) > 2 or first in NEARLY_ALWAYS_FIRST_NAMES or fold(words[-1]) in VIETNAMESE


class _Names(NamedTuple):
    first: str | None
    last: str | None
    titles: tuple[str, ...]
    salutation: str | None


def _names(lines: Mapping[str, str | None], findings: list[Finding]) -> _Names:
    titles: list[str] = []
    salutations: list[str] = []

    def bare(text: str | None, may_vanish: bool = False) -> str | None:
        if not text:
            return None
        plain, left = without_remarks(text)
        if left:
            message = "a generation, a remark or a name at birth was left out"
            findings.append(note("beside_name", "person.last_name", message, text))
        return _bare(plain, titles, salutations, may_vanish)

    first, last = bare(lines["first_name"], may_vanish=True), bare(lines["last_name"])
    if (only := first or last) and not (first and last) and "," in only:
        first, last = split_name(only)
    text = without_company(lines["name"], findings)
    whole = bare(text, may_vanish=_is_salutation(text))
    if whole and not (first and last):
        in_name = (None, whole) if may_be_company(whole) else split_name(whole)
        first, last = (first or in_name[0], last or in_name[1]) if first or last else in_name
    if first and last and last.casefold().startswith(f"{first.casefold()} "):
        last = last[len(first) + 1 :]
        findings.append(
            note("first_name_twice", "person.last_name", "also contained the first name", lines["last_name"])
        )
    first, last = bare(first, may_vanish=True), bare(last)
    if first and last and not (has_letters(first) and has_letters(last)):
        first, last = None, bare(f"{first} {last}".replace(",", " "))
    if whole and may_be_company(whole):
        message = "may be a company; give it as company"
        findings.append(warning("perhaps_company", "person.last_name", message, lines["name"]))
    elif whole and ((not first and last and _may_be_first_name(last)) or _may_be_two(whole)):
        message = "may be a first and a last name; give them apart"
        findings.append(warning("unsure_name", "person.last_name", message, lines["name"]))
    return _Names(_spelled(first), _spelled(last), tuple(titles), next(iter(salutations), None))


def _is_salutation(text: str | None) -> bool:
    return text is not None and text.casefold() in _BEFORE_NAMES


def _may_be_two(text: str) -> bool:
    """Whether two words stand before a comma: García López, María José; or Peter Müller, Anna Schmidt."""
    parts = [part.split() for part in text.split(",")]
    return [len(part) for part in parts] in ([2, 1], [2, 2]) and SURNAME_STARTS.isdisjoint(text.casefold().split())


def _may_be_first_name(last: str) -> bool:
    first, *rest = last.split()
    return first.istitle() and first.casefold() in FIRST_NAMES_TOO and len(rest) == 1


def _spelled(text: str | None) -> str | None:
    return proper_case(text.strip(' ,;"'), small_first=True) if text and has_letters(text) else None


def _bare(text: str, titles: list[str], salutations: list[str], may_vanish: bool) -> str | None:
    if "." in text:
        text = _PH_D.sub("Ph.D.", _H_C.sub("h.c.", text))
    words, front = text.split(), list[str]()
    while words and (len(words) > 1 or may_vanish):
        if len(words) > 2 and words[1] in _JOINTS and words[2].casefold() in _BEFORE_NAMES:
            salutations.append(" ".join(words[:3]))
            del words[:3]
        elif words[0].casefold().rstrip(",") in _BEFORE_NAMES:
            salutations.append(SALUTATIONS[words.pop(0).casefold().rstrip(",")])
        elif known := _known_titles(words[0]) if len(words) > 1 else ():
            front += known
            words.pop(0)
        else:
            break
    titles[:] = _joined(titles, front)
    if len(words) > 1 and not salutations and words[-1] in _BEHIND_NAMES:
        salutations.append(SALUTATIONS[words.pop().casefold()])
        words[-1] = words[-1].rstrip(",")
    behind: list[str] = []
    while len(words) > 1 and is_credential(words[-1], behind_comma=words[-2].endswith(",") or bool(behind)):
        behind.insert(0, TITLES[words.pop().replace(".", "").strip(",()").casefold()])
    while len(words) > 1 and words[-2].endswith(",") and (known := _known_titles(words[-1])):  # Müller, Anna, Dr.
        behind[:0] = known
        words.pop()
    while len(words) > 2 and words[-1].casefold() in ("dr.", "prof.", "mag.", "ing."):  # Muster, Max Dr.
        behind[:0] = _known_titles(words.pop())
    titles[:] = _joined(titles, behind)
    return " ".join(words).strip(" ,") or None


_JOINTS = frozenset({"&", "+", "and", "und", "u.", "et", "e", "y", "en"})
_PH_D = re.compile(r"\bPh\. ?D\.?(?![^\W_])")
_H_C = re.compile(r"\bh\. ?c\.", re.IGNORECASE)
_BEFORE_NAMES = frozenset(
    """herr herrn hr hr. frau fr. mr mr. mrs mrs. ms ms. mister miss mme mme. monsieur madame familie fam. eheleute
    señor señora sr. sra. srta. sig. sig.ra signora dhr. mevr. mw. mlle mademoiselle mx mx. sir dame mevrouw meneer
    pani doña dña.""".split()
)


_BEHIND_NAMES = frozenset(
    "Herr Herrn Frau Mr Mr. Mrs Mrs. Ms Ms. Mme Mme. Mlle Monsieur Madame Sr. Sra. Dhr. Mevr.".split()
)
"""What also stands behind a name: Beck Frau. ``Fr`` and ``Sr`` may be other things there."""


def _known_titles(word: str) -> tuple[str, ...]:
    key = word.replace(".", "").strip(",()").casefold()
    if key in TITLES:
        is_title = key not in TITLES_WITH_DOT or "." in word or word in TITLES_IN_CAPITALS or word.startswith("(")
        return (TITLES[key],) if is_title else ()
    if key.startswith("dipl-"):
        return (word.strip(","),)
    if "." not in word:
        return ()
    pieces = [piece.casefold() for piece in word.strip(",").split(".") if piece]
    if len(pieces) > 1 and all(piece in TITLES for piece in pieces):
        return tuple(TITLES[piece] for piece in pieces)
    return ()


def _joined(titles: list[str], more: Sequence[str]) -> list[str]:
    """Return the titles of two sources, each once; Dr. Dr. from one source stays."""
    return [*titles, *(title for title in more if title not in titles)]


def _salutation_in(title: str | None) -> tuple[str | None, str | None]:
    """Return the salutation with which a title begins (Mr, Herr Dr.), and the rest."""
    first, _, rest = (title or "").partition(" ")
    is_one = first.casefold() in _BEFORE_NAMES
    return (SALUTATIONS[first.casefold()], rest) if is_one else (None, title)


_EMPTY = re.compile(r"[(\[]\s*[)\]]")
_DECEASED = re.compile(
    r"[†✝✞✟⚰]|(?<!\w)(?:verstorben|gestorben|deceased|décédée?|fallecid[oa]|decedut[oa]|overleden|zmarł[ay]?)(?!\w)",
    re.IGNORECASE,
)


def _take_marks_off(lines: dict[str, str | None], findings: list[Finding]) -> None:
    """Take marks of the deceased off names, and say so."""
    whole = " ".join([text for text in lines.values() if text])
    if _DECEASED.search(whole):
        findings.append(warning("deceased", "person.last_name", "is marked as deceased; write and call no more", whole))
        lines.update(
            {key: text and (_EMPTY.sub("", _DECEASED.sub(" ", text)).strip() or None) for key, text in lines.items()}
        )


def _is_job(title: str) -> bool:
    return not any(_known_titles(word) for word in title.split()) and seniority_of(title) is not None


def _titles(text: str | None) -> list[str]:
    words = text.split() if text else []
    return [
        title
        for word in words
        if has_letters(word) and not means_nothing(word)
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
    if raw is None:
        return None
    field = f"person.{key}" if key != "name" else "person.last_name"
    is_name = key in _NAME_FIELDS
    given = line(field, raw, limit=200 if is_name else 1_000, keep=("Null", "None") if is_name else ())
    findings += given.findings
    text = given.value
    if text is None or not is_name:
        return text
    if _OTHER_APOSTROPHES.search(text):
        text = normal(text.translate(_APOSTROPHES))
    text = text.strip(' ,;"*_').replace(";", ", ")
    if _NO_NAME.fullmatch(text):
        findings.append(error("not_a_name", field, "is a formula or a word of the table, not a name", raw))
        return None
    if "_" in text and " " not in text:
        text = text.replace("_", " ")
    if _WEB.search(text):
        findings.append(error("not_a_name", field, "contains an address or code, not a name", raw))
        return None
    if not has_letters(text):
        findings.append(error("not_a_name", field, "has no letters", raw))
        return None
    return text


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


def _fakes(person: Person) -> list[Finding]:
    full = person.full_name
    if full is None:
        return []
    together = not _JOINTS.isdisjoint((person.salutation or "").split())
    parts = [part.casefold() for part in (person.first_name, person.last_name) if part]
    found = []
    if full.casefold() in FAKE_NAMES or any(part in FAKE_WORDS or _drummed(part) for part in parts):
        found.append(warning("fake_name", "person.last_name", "looks made up", full))
    if not full.replace(" ", "").isalpha() and any(c.isdigit() for c in full):
        found.append(warning("digits_in_name", "person.last_name", "contains digits", full))
    spaced = f" {full.casefold()} ".replace(" von und zu ", " ")
    if together or any(joint in spaced for joint in (" & ", " und ", " u. ", " and ", "/", " + ")):
        found.append(warning("several_people", "person.last_name", "seems to name several people", full))
    return found


def _drummed(part: str) -> bool:
    letters = part.replace(" ", "")
    return len(letters) > 2 and len(set(letters)) == 1
