"""The mailbox or number that an address reaches, whatever its spelling, and the keys of its suppressions.

Spellings are folded only where the provider states that they reach the same mailbox:

| domains | ignored differences |
|---|---|
| gmail.com, googlemail.com | the domain, dots, everything after a plus |
| outlook.com, hotmail.com, live.com, msn.com | everything after a plus |
| icloud.com, me.com, mac.com | everything after a plus |
| fastmail.com, fastmail.fm | everything after a plus |
| proton.me, protonmail.com, pm.me | everything after a plus |

Case is always ignored, and Unicode is NFC. A changed rule gets a new number; the old rules stay, since suppressions
made under them can only be found by them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal, NamedTuple

from leadflow.entities.text import normal
from leadflow.nurturing.tokens import suppression_key

__all__ = ["ContactPoint", "mailbox_of", "reach_the_same", "suppression_states"]

GMAIL: Final = frozenset({"gmail.com", "googlemail.com"})
PLUS_TAGS: Final = GMAIL | frozenset(
    "outlook.com hotmail.com live.com msn.com icloud.com me.com mac.com fastmail.com fastmail.fm "
    "proton.me protonmail.com pm.me".split()
)


class ContactPoint(NamedTuple):
    """An e-mail address or a phone number."""

    kind: Literal["email", "phone"]
    value: str


def _first_rule(point: ContactPoint) -> str:
    plain = _folded(point.value)
    if point.kind == "phone":
        return plain
    local, at, domain = plain.rpartition("@")
    if domain in PLUS_TAGS:
        local = local.partition("+")[0] or local
    if domain in GMAIL:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}{at}{domain}"


RULES: Mapping[int, Callable[[ContactPoint], str]] = {1: _first_rule}
"""By number; new keys are written with the highest."""


def mailbox_of(point: ContactPoint) -> str:
    """Return the canonical spelling of the mailbox or number, by the newest rule."""
    return RULES[max(RULES)](point)


def reach_the_same(one: ContactPoint, other: ContactPoint) -> bool:
    """Whether two spellings reach the same mailbox or number."""
    return one.kind == other.kind and mailbox_of(one) == mailbox_of(other)


def suppression_states(point: ContactPoint, keys: Iterable[bytes]) -> tuple[str, ...]:
    """Return the keys of the states that may hold suppressions: by every rule and secret, the one to write to first."""
    keys = tuple(keys)
    return tuple(
        f"suppressed:{number}:{suppression_key(point.kind, RULES[number](point), key)}"
        for number in sorted(RULES, reverse=True)
        for key in keys
    )


def _folded(text: str) -> str:
    return normal(normal(text).strip().casefold())
