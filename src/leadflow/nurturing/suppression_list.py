"""Suppressing a mailbox or number, lifting that, and which suppressions still apply: all on plain values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

from leadflow.entities import Consent, Lift, Suppression

__all__ = ["banned", "lifted", "standing"]

MOST: Final = 50
"""The most bans of one mailbox; further ones are merged, and then no single lead can lift them."""

MOST_LIFTS: Final = 500


def standing(
    bans: Iterable[Suppression], purpose: str | None, marks: Collection[str] = (), said: Consent | None = None
) -> tuple[Suppression, ...]:
    """Return the bans that apply to a purpose (None: to any) and to the lead with these marks.

    ``said`` is the person's consent: an imported ban applies only if it is newer than that.
    """
    return tuple(ban for ban in bans if _holds(ban, purpose, marks) and not _is_outdated(ban, said))


def banned(bans: tuple[Suppression, ...], new: Suppression, marks: Collection[str] = ()) -> tuple[Suppression, ...]:
    """Return the bans with a new one; an identical one changes nothing, unless it has been lifted meanwhile.

    A repeated withdrawal counts by its later moment.
    """
    same = [ban for ban in bans if _origin(ban) == _origin(new) and (ban.whose == new.whose or ban.whose in marks)]
    if any(not ban.lifted and (new.why != "withdrawal" or ban.since >= new.since) for ban in same):
        return bans
    return _bounded((*(ban for ban in bans if ban not in same), new))


def lifted(
    bans: tuple[Suppression, ...], lift: Lift, of: Callable[[Suppression], bool] = lambda _ban: True
) -> tuple[Suppression, ...]:
    """Return the bans with one purpose, or all, lifted from the selected ones."""
    whose = () if lift.whose is None else (lift.whose,)
    return tuple(
        ban.but(lifted=(*(one for one in ban.lifted if not _covers(lift, one)), lift)[-MOST_LIFTS:])
        if of(ban) and _concerns(ban, lift.purpose) and _holds(ban, lift.purpose, whose)
        else ban
        for ban in bans
    )


def _concerns(ban: Suppression, purpose: str | None) -> bool:
    return purpose is None or ban.purpose in (None, purpose)


def _holds(ban: Suppression, purpose: str | None, marks: Collection[str]) -> bool:
    return _concerns(ban, purpose) and not any(
        (lift.purpose is None or lift.purpose == (purpose or ban.purpose))
        and (lift.whose is None or lift.whose in marks)
        for lift in ban.lifted
    )


def _covers(wide: Lift, narrow: Lift) -> bool:
    return wide.purpose in (None, narrow.purpose) and wide.whose in (None, narrow.whose)


def _is_outdated(ban: Suppression, said: Consent | None) -> bool:
    return ban.imported and said is not None and said.status == "given" and said.at > ban.since


def _origin(ban: Suppression) -> tuple[object, ...]:
    return ban.purpose, ban.why, ban.imported


def _bounded(bans: tuple[Suppression, ...]) -> tuple[Suppression, ...]:
    """Drop fully lifted bans, then merge those of one origin, so that the number per mailbox stays limited."""
    if len(bans) <= MOST:
        return bans
    bans = standing(bans, None)
    if len(bans) <= MOST:
        return bans
    newest = {_origin(ban): ban for ban in sorted(bans, key=lambda ban: ban.since)}
    return tuple(ban.but(whose=None, lifted=()) for ban in newest.values())
