"""Which cities have which postcodes: the port, files of GeoNames, and a small table of large cities."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from leadflow.entities import Address, Finding
from leadflow.entities.folding import fold
from leadflow.entities.text import remembered
from leadflow.errors import DefinitionError
from leadflow.quality.major_cities import MAJOR_CITIES_BY_COUNTRY
from leadflow.quality.results import note, warning

__all__ = ["MAJOR_CITIES", "Gazetteer", "GeoNames", "Place", "place_findings"]

SLIPS: Final = 2


class Place(NamedTuple):
    """A city that a postcode may mean, and how likely it is that it means this one, from 0 to 1."""

    name: str
    likelihood: float


class Gazetteer(Protocol):
    """Knows which cities have which postcodes. A host may ask its own database; leadflow only suggests."""

    def cities(self, country: str, postcode: str) -> Sequence[Place]:
        """Return the cities of a postcode, the likeliest first; none if it is not known."""

    def postcodes(self, country: str, city: str) -> Sequence[str]:
        """Return the postcodes of a city, by any of its names; none if it is not known."""

    def is_complete(self, country: str) -> bool:
        """Whether all postcodes of a country are known, so that an unknown one is none."""


class GeoNames:
    """The postcodes of a file of GeoNames (``DE.txt`` or ``DE.zip`` of download.geonames.org/export/zip, CC BY 4.0).

    ``GeoNames.read("DE.txt", "AT.zip")``; countries that occur in the files count as complete. A postcode with several
    places means each with the share of its lines.
    """

    def __init__(self, rows: Iterable[tuple[str, str, str]], *, complete: bool = True) -> None:
        names: dict[tuple[str, str], dict[str, int]] = {}
        codes: dict[tuple[str, str], dict[str, None]] = {}
        for country, postcode, name in rows:
            counts = names.setdefault((country, _bare(postcode)), {})
            counts[name] = counts.get(name, 0) + 1
            for key in _names_of(name):
                codes.setdefault((country, key), {})[postcode] = None
        self._names, self._codes = names, codes
        self._complete = frozenset(country for country, _ in names) if complete else frozenset[str]()

    @classmethod
    def read(cls, *paths: str | Path) -> GeoNames:
        """Read files of GeoNames; ``DefinitionError`` for a file that is none."""
        return cls(row for path in paths for row in _rows_of(Path(path)))

    def cities(self, country: str, postcode: str) -> Sequence[Place]:
        """The cities of a postcode, the likeliest first."""
        counts = self._names.get((country, _bare(postcode)), {})
        total = sum(counts.values())
        return sorted((Place(name, count / total) for name, count in counts.items()), key=lambda one: -one.likelihood)

    def postcodes(self, country: str, city: str) -> Sequence[str]:
        """The postcodes of a city."""
        return tuple(self._codes.get((country, _key(city)), ()))

    def is_complete(self, country: str) -> bool:
        """Whether a file of this country was read."""
        return country in self._complete


class _MajorCities:
    """Ranges of postcodes of large cities; no country is complete."""

    @cached_property
    def _table(self) -> tuple[dict[str, list[tuple[str, str, str]]], dict[tuple[str, str], list[str]]]:
        by_code: dict[str, list[tuple[str, str, str]]] = {}
        by_name: dict[tuple[str, str], list[str]] = {}
        for country, rows in MAJOR_CITIES_BY_COUNTRY.items():
            for row in rows.replace("\n", " ").split("|"):
                title, _, ranges = row.strip().rpartition(":")
                found = _OTHERS.fullmatch(title)
                assert found is not None, title
                names = [found[1], *(found[2].split(", ") if found[2] else ())]
                pairs = [(low, high) for low, _, high in (piece.partition("-") for piece in ranges.split())]
                by_code.setdefault(country, []).extend((low, high, found[1]) for low, high in pairs)
                for name in names:
                    by_name[country, _key(name)] = list(dict.fromkeys(code for pair in pairs for code in pair))
        return {country: sorted(ranges) for country, ranges in by_code.items()}, by_name

    def cities(self, country: str, postcode: str) -> Sequence[Place]:
        code, ranges = _bare(postcode), self._table[0].get(country)
        if not ranges:
            return ()
        low, high, name = ranges[max(bisect_right(ranges, (code, "~", "")) - 1, 0)]  # they don't overlap
        return (Place(name, 0.9),) if len(code) == len(low) and low <= code <= high else ()

    def postcodes(self, country: str, city: str) -> Sequence[str]:
        return tuple(self._table[1].get((country, _key(city)), ()))

    def is_complete(self, country: str) -> bool:  # noqa: ARG002 (none is)
        return False


_OTHERS: Final = re.compile(r"(.+?)(?: \(([A-Z][^()]*)\))?")


MAJOR_CITIES: Final[Gazetteer] = _MajorCities()
"""The table that comes with leadflow: some ninety large cities of Germany, Austria and Switzerland."""


def place_findings(address: Address, gazetteer: Gazetteer) -> list[Finding]:
    """Return what postcode and city say about each other, as suggestions; nothing is changed."""
    country, code, city = address.country, address.postcode, address.city
    if country is None or not (code or city):
        return []
    places = gazetteer.cities(country, code) if code else ()
    if code and not city:
        return [_likely_city(places[0], code)] if places else []
    if city and any(_same_city(city, place.name) for place in places):
        return []
    codes = gazetteer.postcodes(country, city or "")
    if not code:
        return [_likely_postcode(codes[0], city)] if len(codes) == 1 else []
    named = {place.name for one in codes for place in gazetteer.cities(country, one)} | {city or ""}
    if not places:
        return _of_unknown(gazetteer, country, code, named, codes)
    if not any(_same_city(name, place.name) for name in named for place in places):
        best = places[0]
        if codes or _is_slip(city or "", best.name) or gazetteer.is_complete(country):
            # a known city: perhaps it is the postcode that is wrong
            return [_other_city(best, code, city or "", _near_code(code, codes))]
    return []


def _of_unknown(gazetteer: Gazetteer, country: str, code: str, named: set[str], codes: Sequence[str]) -> list[Finding]:
    """Return what to say of a postcode without a place: two digits swapped, or none of the country."""
    swapped = [f"{code[:at]}{code[at + 1]}{code[at]}{code[at + 2 :]}" for at in range(len(code) - 1)]
    meant = [
        other
        for other in dict.fromkeys(swapped)
        if any(_same_city(name, place.name) for place in gazetteer.cities(country, other) for name in named)
    ]
    if len(meant) == 1:
        message = "is not one of the city's postcodes; two digits may be swapped"
        return [warning("other_postcode", "address.postcode", message, code, meant[0])]
    if gazetteer.is_complete(country):
        return [_unknown_postcode(country, code, _near_code(code, codes))]
    return []


def _likely_city(place: Place, code: str) -> Finding:
    message = f"is missing; the postcode is one of {place.name} (likelihood {place.likelihood:.2f})"
    return note("likely_city", "address.city", message, code, place.name)


def _likely_postcode(code: str, city: str | None) -> Finding:
    return note("likely_postcode", "address.postcode", f"is missing; the city has only {code}", city, code)


def _other_city(place: Place, code: str, city: str, meant: str | None) -> Finding:
    message = f"is not where the postcode is; {code} is {place.name} (likelihood {place.likelihood:.2f})"
    if meant:
        message = f"{message}, or the postcode {meant} is meant"
    return warning("other_city", "address.city", message, city, place.name)


def _unknown_postcode(country: str, code: str, meant: str | None) -> Finding:
    return warning("unknown_postcode", "address.postcode", f"is no postcode of {country}", code, meant)


def _near_code(code: str, codes: Sequence[str]) -> str | None:
    """Return the one postcode of the city that is a slip of the keys away."""
    from rapidfuzz.distance import DamerauLevenshtein

    near = [one for one in codes if DamerauLevenshtein.distance(_bare(one), _bare(code), score_cutoff=1) <= 1]
    return near[0] if len(near) == 1 else None


def _is_slip(one: str, other: str) -> bool:
    from rapidfuzz.distance import DamerauLevenshtein

    first, second = _key(one), _key(other)
    slips = 1 if min(len(first), len(second)) < 8 else SLIPS
    return DamerauLevenshtein.distance(first, second, score_cutoff=slips) <= slips


def _same_city(one: str, other: str) -> bool:
    """Whether two names are of one city: Frankfurt and Frankfurt am Main, München and München-Pasing."""
    first, second = _names_of(one), _names_of(other)
    return not first.isdisjoint(second)


_PARTS: Final = re.compile(r"[,(/]|\s[–-]\s|-(?=[A-ZÄÖÜ])")
_BEHIND: Final = re.compile(
    r" (?:am|an|a|im|in|i|ob|bei|b|vor|auf|unter|sur|sous|en|les|sul|upon|aan)\b.*$| (?:\d+|[a-z]{2})$"
)


@remembered
def _names_of(name: str) -> frozenset[str]:
    parts = [part for part in _PARTS.split(name) if part.strip()]
    keys = {_key(name), *(_key(part) for part in parts[:1])}
    return frozenset(keys | {_BEHIND.sub("", key) for key in keys if key}) - {""}


def _key(name: str) -> str:
    return " ".join(fold(name).replace(".", " ").replace("-", " ").replace("(", " ").replace(")", " ").split())


def _bare(code: str) -> str:
    return code.upper().replace(" ", "").replace("-", "")


def _rows_of(path: Path) -> Iterator[tuple[str, str, str]]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            texts = [one for one in archive.namelist() if one.endswith(".txt") and "readme" not in one.lower()]
            if not texts:
                raise DefinitionError(f"{path} holds no .txt; give a file of download.geonames.org/export/zip")
            with archive.open(texts[0]) as binary:
                yield from _rows(io.TextIOWrapper(binary, "utf-8"), path)
    else:
        with path.open(encoding="utf-8") as text:
            yield from _rows(text, path)


def _rows(lines: Iterable[str], path: Path) -> Iterator[tuple[str, str, str]]:
    for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        if len(row) < 3 or len(row[0]) != 2:
            raise DefinitionError(f"{path} is no file of postcodes of GeoNames: {row[:3]!r}")
        yield row[0], row[1], row[2]
