"""Which mailbox or number an address reaches, whatever its spelling, and the keys under which it is suppressed.

Spellings fold only where the provider says that they reach one mailbox:

| domains | what folds |
|---|---|
| gmail.com, googlemail.com | both domains, dots, what follows a plus |
| outlook.com, hotmail.com, live.com, msn.com | what follows a plus |
| icloud.com, me.com, mac.com | what follows a plus |
| fastmail.com, fastmail.fm | what follows a plus |
| proton.me, protonmail.com, pm.me | what follows a plus |

Everywhere upper and lower case are one, and Unicode is NFC. A rule that is changed gets a new number; the old ones
stay, since what was suppressed by them is found by them alone.
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
"""By number; the highest is the one that is written with."""


def mailbox_of(point: ContactPoint) -> str:
    """Return the one spelling of the mailbox or number that is reached, by the newest rule."""
    return RULES[max(RULES)](point)


def reach_the_same(one: ContactPoint, other: ContactPoint) -> bool:
    """Say whether two spellings reach one mailbox or number."""
    return one.kind == other.kind and mailbox_of(one) == mailbox_of(other)


def suppression_states(point: ContactPoint, keys: Iterable[bytes]) -> tuple[str, ...]:
    """Return the keys of the states in which it may be suppressed: by every rule and key, the one to write first."""
    keys = tuple(keys)
    return tuple(
        f"suppressed:{number}:{suppression_key(point.kind, RULES[number](point), key)}"
        for number in sorted(RULES, reverse=True)
        for key in keys
    )


def _folded(text: str) -> str:
    return normal(normal(text).strip().casefold())
