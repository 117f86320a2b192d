"""What stands beside a name and is no part of it: a company, a job, a remark, a generation, a credential."""

from __future__ import annotations

import re
import unicodedata

from leadflow.entities import Finding
from leadflow.quality.company import split_legal_form
from leadflow.quality.name_words import CREDENTIALS, GENERATIONS, TITLES_WITH_DOT
from leadflow.quality.results import error, note, warning
from leadflow.quality.seniority import department_of, seniority_of

__all__ = ["has_letters", "is_credential", "may_be_company", "without_company", "without_remarks"]


def has_letters(text: str) -> bool:
    """Whether there is a letter in a text."""
    return text[:1].isalpha() or any(c.isalpha() for c in text)


def without_company(text: str | None, findings: list[Finding]) -> str | None:
    """Return a full name without a company, a job or a spouse beside it; None with a finding if it is a company's."""
    if text is None:
        return None
    if (inside := _INSIDE.match(text)) and _names_company(inside["beside"]) and not _names_company(inside["name"]):
        findings.append(note("beside_name", "person.last_name", "a company was left out", text))
        return inside["name"]
    joints = [*_APART.finditer(text)] if _MAY_BE_APART.search(text) else []
    if _names_company(text[: joints[0].start()] if joints else text):
        findings.append(error("company_as_name", "person.last_name", "names a company; give it as company", text))
        return None
    for behind in reversed(joints):
        beside = text[behind.end() :]
        if _is_work(beside) and (" " not in beside or " " in text[: behind.start()]):
            findings.append(note("beside_name", "person.last_name", _WORK_LEFT_OUT, text))
            return without_company(text[: behind.start()], findings)
        if _names_company(beside) or ("," not in behind.group() and split_legal_form(beside)[1]):
            findings.append(note("beside_name", "person.last_name", "a company was left out", text))
            return text[: behind.start()]
    if (couple := _AND_SPOUSE.search(text)) is not None:
        message = "seems to name several people; make a lead for each"
        findings.append(warning("several_people", "person.last_name", message, text))
        return text[: couple.start()]
    role, _, name = text.partition(" ")
    if " " in name and seniority_of(role) in ("c-level", "director"):  # Geschäftsführerin Ada Lovelace
        findings.append(note("beside_name", "person.last_name", _WORK_LEFT_OUT, text))
        return name
    return text


_WORK_LEFT_OUT = "a job or department was left out"


def _is_work(text: str) -> bool:
    """Whether the words behind a name say what the person does: a job, a department."""
    return "-" not in text and (seniority_of(text) is not None or department_of(text) is not None)


def may_be_company(text: str) -> bool:
    """Whether a short legal form stands behind one word: Siemens AG; it may be the initials of a person."""
    words = text.split()
    return len(words) == 2 and words[1] in _SHORT_FORMS and not words[0].isupper() and words[0][0].isupper()


_SHORT_FORMS = frozenset({"AG", "KG", "SE", "UG", "SA", "NV", "BV", "AB", "AS", "OY"})
_AND_SPOUSE = re.compile(
    r"\s+(?:und|&|u\.|mit|and)\s+(?:frau|gattin|gatte|mann|ehefrau|ehemann|familie|partner(?:in)?|family|wife|husband)$",
    re.IGNORECASE,
)
_APART = re.compile(r"\s+[-–|/]\s+|\s*[,;|]\s*")
_INSIDE = re.compile(r"^(?P<name>[^()]+?)\s*\((?P<beside>[^()]+)\)$")
"""``Ada Lovelace (Acme GmbH)``."""
_MAY_BE_APART = re.compile(r"[-–|/,;]")
_FIRM = re.compile(r"(?:fa\.|firma)\s", re.IGNORECASE)


def _names_company(text: str) -> bool:
    """Whether a legal form of at least three letters says so, or the word for a firm: AG and SE may be names."""
    if _FIRM.match(text):
        return True
    name, form = split_legal_form(text)
    return form is not None and bool(name) and len(text.replace(".", "").replace(name, "").strip(" ,")) > 2


_REMARK = re.compile(
    r"\s*[(\[]([^()\[\]]*)[)\]]|[,;]?\s+(?:geb\.|geborene[r]?|née|nee|né)\s+[^,]*(?=,|$)"
    r"|\s*(?:!!|\*\*|\s[|]).*$"
    r"|\s\"([^\"]{1,30})\"(?=\s)|\s'([^']{1,30})'(?=\s)|[,;]?\s+(?:i\.\s?[AV]\.|ppa\.?)$",
    re.IGNORECASE,
)
_FREE_HYPHEN = re.compile(r"(?<=[^\W\d_])(?: - | -|- )(?=[^\W\d_]+$)")
_FOR = re.compile(
    r"^(?:i\.\s?[AV]\.|ppa\.?|z\.\s?hd\.?|zu händen|zhd\.?|attn\.?:?|att\.:?|c/o|sehr geehrte[rs]?|dear"
    r"|an(?=\s+(?:frau|herrn?)\b))\s+",
    re.IGNORECASE,
)


_REMARK_SIGN = re.compile(r"[(\[\"|!*İıſ]")  # the letters are an i and an s to a pattern that ignores case
_REMARK_WORDS = frozenset(
    """geb. geborene geborener née nee né ppa ppa. zu zhd zhd. att. att.: attn attn. attn: attn.: c/o sehr dear
    an""".split()
)


def _may_have_remarks(text: str) -> bool:
    """Whether a remark can stand beside a name: a quick test that settles nearly all names."""
    folded = text.casefold()
    return (
        _REMARK_SIGN.search(text) is not None
        or any(sign in folded for sign in (" '", " -", "- ", "i.", "z."))
        or not _REMARK_WORDS.isdisjoint(folded.split())
    )


def without_remarks(text: str) -> tuple[str, str]:
    """Return a name without what stands beside it: a generation, a remark in brackets, the name at birth."""
    if text.isalpha():
        return text, ""
    left: list[str] = []

    def taken(found: re.Match[str]) -> str:
        kept = found.group().strip(" ,;()[]").casefold() in _IN_TITLES
        if not kept:
            left.append(found.group().strip(" ,;"))
        return found.group() if kept else " "

    rest = text
    if _may_have_remarks(text):
        rest = _FREE_HYPHEN.sub("-", _REMARK.sub(taken, _FOR.sub("", text)).strip())
    words = rest.split()
    if not rest.isascii():
        left += [word for word in words if _is_symbol(word)]
        words = [word for word in words if not _is_symbol(word)]
    for place in range(len(words) - 1, 0, -1):
        word = words[place].strip(",;")
        ends_a_part = (
            place == len(words) - 1 or words[place].endswith(",") or is_credential(words[place + 1], behind_comma=True)
        )
        alone = word in ("I", "V") and place > 1 and words[place - 1].endswith(",")  # John Smith, V
        if ends_a_part and (alone or _is_generation(word, len(words))):
            left.append(word)
            comma = "," if place < len(words) - 1 and not words[place - 1].endswith(",") else ""
            words[place - 1] += comma
            del words[place]
    rest = " ".join(words).rstrip(" ,;")
    return (rest, " ".join(left)) if has_letters(rest) else (text, "")


def _is_symbol(word: str) -> bool:
    return not word.isascii() and all(unicodedata.category(c) in ("So", "Sk", "Cf", "Mn") for c in word)


_IN_TITLES = frozenset("fh tu univ ba tum eth uni".split())


def _is_generation(word: str, words: int) -> bool:
    key = word.rstrip(".").casefold()
    if key not in GENERATIONS:
        return False
    if key in ("jun", "sen"):  # also Korean and Indian names
        return word.endswith(".") or (word.islower() and words > 2)
    return not key.strip("iv") or words > 1 if not word.islower() or key in ("jr", "sr", "junior", "senior") else False


def is_credential(word: str, behind_comma: bool) -> bool:
    """Whether a word behind a name is a degree or a title."""
    key = word.replace(".", "").strip(",()").casefold()
    if key not in CREDENTIALS:
        return False
    return key not in TITLES_WITH_DOT or "." in word.rstrip(",") or (behind_comma and word.strip(",()").isupper())
