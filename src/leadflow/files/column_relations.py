"""What columns say about the cells of others: the kind of a number, the currency of an amount, whose register it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from leadflow.files.column_headers import HUMPS, heading_of, plain_header
from leadflow.files.number_parsing import FOREIGN, NUMBER_KEYS
from leadflow.files.other_people import of_other_people

__all__ = ["ColumnRelations", "is_fax"]

FAX: Final = re.compile(r"\b(?:tele)?fax\b", re.IGNORECASE)
EURO: Final = "EUR"
SIGNS: Final = {"$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "€": EURO, "zł": "PLN", "₽": "RUB", "₺": "TRY"}
CODES: Final = frozenset("USD EUR GBP CHF PLN CZK SEK NOK DKK HUF JPY CNY CAD AUD INR RUB TRY".split())
CURRENCY: Final = re.compile(
    "|".join((*(rf"(?:\b|(?<=\b[kKTM])){code}\b" for code in sorted(CODES)), *map(re.escape, SIGNS)))
)
CURRENCY_WORDS: Final = frozenset("currency currencyisocode waehrung waehrungscode devise moneda valuta waluta".split())
BESIDE_CURRENCY: Final = frozenset("code iso of in der des de del della".split())
"""Words of a column of currencies that don't say whose they are."""
NAMED_CURRENCY: Final = re.compile(r"[^\W\d_]{3}|.*(?:dollar|fran[ck]|pound|pfund|yen|kron|złot|zlot).*", re.IGNORECASE)
"""A code, or the name of a currency that has no code among ours."""
UNITS: Final = {
    "Tsd": re.compile(r"\b(?:[kKT](?:EUR|USD|CHF|GBP)|[Tt]sd|[Tt]ausend|[Tt]housands?)\b|\b[Tk][€$]"),
    "Mio": re.compile(r"\b(?:M(?:EUR|USD|CHF|GBP)|[Mm]io|[Mm]illionen|[Mm]illions?)\b|\bM[€$]"),
}
"""By how many the amounts of a column count, as its header says."""
REGISTERS: Final = {
    "siren": "SIREN", "siret": "SIRET", "kvk": "KvK", "krs": "KRS", "regon": "REGON", "rea": "REA", "cif": "CIF",
    "nif": "NIF", "ein": "EIN", "cvr": "CVR", "hrb": "HRB", "fn": "FN", "firmenbuch": "FN", "firmenbuchnummer": "FN",
    "nip": "NIP", "piva": "P.IVA", "steuernummer": "Steuernummer", "steuernr": "Steuernummer",
}  # fmt: skip
"""The words of a header that say in which register a bare number stands."""


@dataclass(frozen=True)
class ColumnRelations:
    """The columns of further people; of numbers, which column has their kind; of amounts and registers, which they are,
    and by how many the amounts count (``Umsatz (TEUR)``).

    ``currency_columns`` are those that say in which currency a row has the amount of a column.
    """

    other_people: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = field(default_factory=dict)
    currencies: Mapping[str, str] = field(default_factory=dict)
    registers: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    currency_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, columns: Iterable[str], keys: Mapping[str, str]) -> Self:
        """Look at the names of all columns, of which some have a meaning."""
        plain = {plain_header(column): column for column in columns}
        named = {column: key for name, column in plain.items() if (key := keys.get(column)) and name}
        return cls(
            of_other_people(column for column in plain.values() if column not in keys),
            {one: kind for name, one in plain.items() if one in named and (kind := _kind_column(name, plain))},
            {one: code for one, key in named.items() if key in NUMBER_KEYS and (code := currency_in(one))},
            {one: label for one, key in named.items() if key in REGISTER_KEYS and (label := _register(one))},
            {one: unit for one, key in named.items() if key in NUMBER_KEYS and (unit := _unit(one))},
            _currency_columns(plain, {one: key for one, key in named.items() if key in NUMBER_KEYS}),
        )

    def in_currency(self, column: str, amount: str, cells: Mapping[str, str]) -> str:
        """Return an amount with the unit and the currency that its column or row says, if it has none of its own.

        Where these say different currencies, it is not in euros.
        """
        if not amount or FOREIGN.search(amount):
            return amount
        unit = f"{amount} {self.units[column]}" if column in self.units else amount
        foreign = next((code for code in self._said(column, cells) if code != EURO), None)
        return unit if foreign is None or currency_in(amount) else f"{unit} {foreign}"

    def contradicts(self, column: str, cells: Mapping[str, str]) -> bool:
        """Whether an amount has another currency than its column or row says."""
        own = currency_in(cells[column])
        return own is not None and any(code != own for code in self._said(column, cells))

    def _said(self, column: str, cells: Mapping[str, str]) -> list[str]:
        """Return what the header and the columns of currencies say."""
        beside = (_currency_of(cells.get(one, "")) for one in self.currency_columns.get(column, ()))
        return [code for code in (self.currencies.get(column), *beside) if code]

    def in_register(self, column: str, number: str) -> str:
        """Return a number with the register that its column names, if it stands there alone."""
        label = self.registers.get(column)
        is_bare = number.strip()[:1].isdigit() or label in WITH_LETTERS
        return f"{label} {number.strip()}" if label and is_bare and label not in number.upper() else number


WITH_LETTERS: Final = frozenset({"REA", "CIF", "NIF"})
"""Registers whose numbers begin with letters."""
REGISTER_KEYS: Final = frozenset({"register_number", "vat_number"})


def is_fax(kind: str) -> bool:
    """Whether a column of kinds says that the number beside it is that of a fax."""
    return FAX.search(kind) is not None


def currency_in(text: str) -> str | None:
    """Return the currency that a text names: ``Budget (USD)``, ``Umsatz in €``."""
    found = CURRENCY.search(text)
    return None if found is None else SIGNS.get(found[0], found[0])


def _currency_of(cell: str) -> str | None:
    """Return the currency in a cell of a column of currencies: a code or sign, also one that is not among ours."""
    text = cell.strip()
    if text.casefold() in ("euro", "euros"):
        return EURO
    return currency_in(text.upper()) or (text if NAMED_CURRENCY.fullmatch(text) else None)


def _currency_columns(plain: Mapping[str, str], amounts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return by the columns of amounts those with their currencies.

    ``Umsatz Währung`` is that of ``Umsatz`` and of ``Annual Revenue``. Several that name no amount belong to the other
    amounts in their order, if there are as many; otherwise to all of these, as a single one does to every amount.
    """
    whose = {
        column: " ".join(word for word in words if word not in CURRENCY_WORDS | BESIDE_CURRENCY and not word.isdigit())
        for column in plain.values()
        if not CURRENCY_WORDS.isdisjoint(words := plain_header(HUMPS.sub(" ", column)).split())
        and column not in amounts
    }
    whose = {column: rest for column, rest in whose.items() if not rest or _key_of(rest) in NUMBER_KEYS}
    own = {
        amount: [column for column, rest in whose.items() if rest and plain_header(amount).startswith(rest)]
        or [column for column, rest in whose.items() if rest and _key_of(rest) == key]
        for amount, key in amounts.items()
    }
    others = [amount for amount in amounts if not own[amount]]
    shared = [column for column, rest in whose.items() if not rest]
    if len(whose) == 1:
        return dict.fromkeys(amounts, (*whose,))
    in_order = len(shared) == len(others)
    return {
        amount: tuple(own[amount] or ([shared[others.index(amount)]] if in_order else shared)) for amount in amounts
    }


def _key_of(text: str) -> str | None:
    heading = heading_of(text)
    return heading and heading.key


def _kind_column(name: str, columns: Mapping[str, str]) -> str | None:
    """``Phone 2 - Type`` of ``Phone 2 - Value``, ``Telefon 1 Typ`` of ``Telefon 1``."""
    stem = name.removesuffix(" value")
    return next((columns[other] for kind in ("type", "label", "typ") if (other := f"{stem} {kind}") in columns), None)


def _unit(column: str) -> str | None:
    return next((unit for unit, words in UNITS.items() if words.search(column)), None)


def _register(column: str) -> str | None:
    words = plain_header(column).replace("p iva", "piva").replace("partita iva", "piva").split()
    return next((REGISTERS[word] for word in words if word in REGISTERS), None)
