"""Which code page a text of single bytes was written in, by the letters that come out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final, NamedTuple

__all__ = ["CodePageGuess", "guess_code_page"]

UMLAUTS: Final = "äöüß"
FRENCH: Final = UMLAUTS + "éèêëàâîïôûùçœìò"
IBERIAN: Final = "áéíóúüñãõâêôçà"
NORDIC: Final = UMLAUTS + "åøæé"
POLISH: Final = UMLAUTS + "ąćęłńóśźż"
CZECH: Final = UMLAUTS + "áčďéěíňóřšťúůýžľĺŕôđć"
HUNGARIAN: Final = UMLAUTS + "áéíóőúű"
ROMANIAN: Final = "ăâîșțşţ"
TURKISH: Final = UMLAUTS + "çğıi̇şâîé"
CYRILLIC: Final = "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ"
GREEK: Final = "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐ"
WESTERN: Final = (FRENCH, IBERIAN, NORDIC)
CENTRAL: Final = (POLISH, CZECH, HUNGARIAN, ROMANIAN)
SIGNS: Final = "€–—’‘“”„‚…•·°²³½¼§©®™£¥«»№\u00a0¿¡ªº´`"
"""Signs that stand between words, not in them."""

ALPHABETS: Final[tuple[tuple[str, tuple[str, ...], float], ...]] = (
    ("cp1252", (*WESTERN, UMLAUTS + "šž"), 1.0),
    ("mac_roman", WESTERN, 0.98),
    ("cp1250", CENTRAL, 0.97),
    ("iso8859_2", CENTRAL, 0.96),
    ("cp1254", (TURKISH,), 0.96),
    ("cp1251", (CYRILLIC,), 0.95),
    ("cp1253", (GREEK,), 0.95),
    ("koi8_r", (CYRILLIC,), 0.94),
    ("cp850", WESTERN, 0.94),
    ("cp852", CENTRAL, 0.93),
    ("cp866", (CYRILLIC,), 0.93),
    ("cp1252", ("".join(WESTERN),), 0.93),  # names of many languages in one file
    ("mac_roman", ("".join(WESTERN),), 0.92),
    ("cp1250", ("".join(CENTRAL),), 0.91),
)
"""Code pages with the letters of the languages that use them, and how readily each is believed."""
HAN: Final = "\u4e00-\u9fff\u3000-\u303f\uff01-\uff5e"
EAST_ASIAN: Final[tuple[tuple[str, re.Pattern[str], re.Pattern[str], float], ...]] = (
    ("shift_jis", re.compile(f"[\u3040-\u30ff\uff66-\uff9f{HAN}]"), re.compile("[\u3041-\u30ff]"), 1.05),
    ("euc_jp", re.compile(f"[\u3040-\u30ff{HAN}]"), re.compile("[\u3041-\u30ff]"), 1.04),
    ("euc_kr", re.compile("[\uac00-\ud7a3\u3000-\u303f]"), re.compile("[\uac00-\ud7a3]"), 0.95),
    ("gb18030", re.compile(f"[{HAN}]"), re.compile("[\u4e00-\u9fff]"), 0.9),
    ("big5", re.compile(f"[{HAN}]"), re.compile("[\u4e00-\u9fff]"), 0.88),
)
"""Encodings of pairs of bytes: the characters that they are for, those that must be among them, and the belief."""
WORD: Final = re.compile(r"[^\W\d_]+(?:[^\w\s,;|\t\"'().:/@-][^\W\d_]+)*")
NEAR: Final = 0.06
TELLING: Final = re.compile(rb"[^\x00-\x20,;\"]*[\x80-\xff][^\x00-\x20,;\"]*")
"""A word with a byte that is not ASCII; no second byte of an Asian letter is among the signs that end it."""
ENOUGH: Final = 2_048


class CodePageGuess(NamedTuple):
    """The code page that reads best, and the ones that read nearly as well and say something else."""

    name: str
    others: tuple[str, ...] = ()


def guess_code_page(lines: Iterable[bytes]) -> CodePageGuess:
    """Guess the code page of lines that are not UTF-8; without a word that speaks for another, Windows' 1252.

    Only words with letters beyond ASCII tell, and 2 kB of them are enough.
    """
    words = (word for line in lines for word in TELLING.findall(line))
    text = b"\n".join(islice(words, ENOUGH))[:ENOUGH]
    scores = [(score, name) for name, score in _scores(text)]
    best = max(scores, key=lambda one: one[0], default=(0.0, "cp1252"))
    if best[0] <= 0.3:
        return CodePageGuess("cp1252", tuple(name for _, name in scores if name != "cp1252")[:3])
    read = text.decode(best[1], "replace")
    near = [name for score, name in scores if best[0] - score < NEAR and text.decode(name, "replace") != read]
    return CodePageGuess(best[1], tuple(near))


def _scores(text: bytes) -> Iterable[tuple[str, float]]:
    for name, letters, needed, belief in EAST_ASIAN:
        yield name, belief * _pairs_likeness(text, name, letters, needed)
    for name, alphabets, belief in ALPHABETS:
        read = text.decode(name, "replace")
        yield name, belief * max(_likeness(read, letters) for letters in alphabets)


def _pairs_likeness(text: bytes, name: str, letters: re.Pattern[str], needed: re.Pattern[str]) -> float:
    """The share of what is not ASCII that is of the language and stands in runs; pairs by chance stand alone."""
    try:
        read = text.decode(name)
    except UnicodeDecodeError:
        return 0.0
    runs = re.findall(r"[^\x00-\x7f]+", read)
    beyond = sum(map(len, runs))
    if needed.search(read) is None:
        return 0.0
    return sum(len(letters.findall(run)) for run in runs if len(run) > 1) / beyond


def _likeness(text: str, letters: str) -> float:
    """How much of what is not ASCII are letters of the language, in words that are spelled as words are."""
    total = count = 0.0
    for word in WORD.findall(text):
        beyond = [c for c in word if not c.isascii()]
        count += len(beyond)
        worth = sum(1.0 if c.lower() in letters or c == "’" else -1.0 for c in beyond)
        total += worth if _is_spelled(word, letters) else min(worth, 0.0) - 0.5 * len(beyond)
    outside = [c for c in WORD.sub("", text) if not c.isascii()]
    count += 0.5 * len(outside)
    total += 0.5 * sum(1.0 if c in SIGNS else -1.0 for c in outside)
    return total / count if count else 0.0


def _is_spelled(word: str, letters: str) -> bool:
    """Whether a word is of one script, and its capitals stand at the beginning or everywhere."""
    beyond = [c for c in word if not c.isascii()]
    if letters in (CYRILLIC, GREEK) and beyond and any(c.isascii() and c.isalpha() for c in word):
        return False
    return word.isupper() or not any(c.isupper() and not c.isascii() for c in word[1:])
