"""Which rep is next: policies that choose among the eligible reps, and a proof that the rotation is fair.

**The rule.** Every turn adds each contender's share (its weight over the weights of all contenders) to the leads it is
entitled to. What it is owed is the entitlement minus the leads it was assigned. The lead then goes to

1. the contender who is owed most, if anybody is owed a whole lead, or nobody is owed anything;
2. otherwise, of those who are owed something, the one who reaches a whole lead first: least ``(1 - owed) / share``.

Ties go to the heavier weight, then to the longest wait, then by id. All arithmetic is exact.

**A fixed group with fixed weights**: at every moment everybody is within one lead of the exact share, strictly. Rule 2
is the quota method (Balinski and Young 1975; earliest deadline first among those whose upper quota allows it, Tijdeman
1980, Steiner and Yeomans 1993): the k-th lead of a rep is a unit job released when its entitlement exceeds k-1 and due
when it reaches k, and earliest deadline first finds a feasible schedule if there is one. There is: the fractional one.
Choosing simply who is owed most (the "smooth" weighted round robin of nginx) misses by more than a lead.

**Any group, any weights, different at every turn** (leave, caps, new reps, shared territories, edited weights): with n
ledgers that ever met, nobody is ever owed more than n - 1 leads or has more than n - 1 too many. Proof: let T(k) be
the sum of the k largest claims; T(k) <= k(n-k) is kept by every turn. All claims sum to zero. Take the k with the
largest claims after a turn. If the winner is one of them, their shares add at most 1 and the lead takes 1. If none of
them was a contender, nothing was added. Else p >= 1 of them were; the winner's claim was at most c < 1 below each of
theirs (rule 1: c = 0), these k and the winner summed to at most T(k+1) + 1, the k - p others to at most T(k-p). So the
k sum to at most T(k-p)/(p+1) + (T(k+1) + 1 + c)·p/(p+1) <= k(n-k) - p + 2p/(p+1) <= k(n-k). T(1) is the largest claim,
and T(n-1) minus the smallest. An adversarial search finds about n/2. No online rule does better than of order n: let
two contenders with equal claims compete, again and again; claims are multiples of 1/2 and the sum of their squares
grows until all n differ, so that one is (n-1)/4 or more (Ajtai et al. 1998, "Fairness in scheduling").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import NamedTuple

from leadflow.rotation.ledger import Ledger

__all__ = ["POLICIES", "Contender", "Turn", "TurnPolicy", "least_loaded", "only", "round_robin"]

_NEVER = datetime.min.replace(tzinfo=UTC)


class Contender(NamedTuple):
    """An eligible rep: the weight in this territory, and the ledger before the turn."""

    rep: str
    weight: Fraction
    ledger: Ledger

    @property
    def waited(self) -> tuple[datetime, str]:
        """A sort key: longest wait first, then by id."""
        return self.ledger.last_turn_at or _NEVER, self.rep


class Turn(NamedTuple):
    """A policy's choice: who gets the lead, how much each contender's entitlement grows (1 in total), and why."""

    rep: str
    """The id of one of the contenders."""
    shares: Mapping[str, Fraction]
    """By contender, what this turn entitles to: 1/n each if all are equal, or 1 for the one who gets it."""
    because: str
    """What the explanation says beside the rep: ``has waited longest``."""


TurnPolicy = Callable[[Sequence[Contender]], Turn]
"""Chooses among one or more contenders. Your own may return ``only(contender, because)``: no other claim changes."""


class _Claim(NamedTuple):
    contender: Contender
    share: Fraction
    owed: Fraction

    @property
    def ties(self) -> tuple[Fraction, datetime, str]:
        return -self.contender.weight, *self.contender.waited

    @property
    def whole_in(self) -> Fraction:
        """The number of turns until a whole lead is owed."""
        return (1 - self.owed) / self.share


def round_robin(contenders: Sequence[Contender]) -> Turn:
    """Everybody in turn, by weight: always within one lead of the exact share (see above)."""
    total = sum((one.weight for one in contenders), Fraction(0))
    claims = [_claim(one, one.weight / total) for one in contenders]
    shares = {claim.contender.rep: claim.share for claim in claims}
    most = max(claim.owed for claim in claims)
    if most >= 1 or most <= 0:
        first = min((claim for claim in claims if claim.owed == most), key=lambda claim: claim.ties)
        return Turn(first.contender.rep, shares, f"is owed {_leads(first.owed)}, more than anyone else")
    owed = [claim for claim in claims if claim.owed > 0]
    first = min(owed, key=lambda claim: (claim.whole_in, *claim.ties))
    return Turn(first.contender.rep, shares, f"is owed {_leads(first.owed)}, the first to reach a whole one")


def least_loaded(contenders: Sequence[Contender]) -> Turn:
    """The rep with the fewest open leads relative to the weight, then the longest wait. Balances work, not leads."""
    first = min(contenders, key=lambda one: (one.ledger.open / one.weight, *one.waited))
    return only(first, f"has the fewest open leads for its weight: {first.ledger.open}")


def only(contender: Contender, because: str) -> Turn:
    """A turn that only this rep takes part in, so that no other claim changes."""
    return Turn(contender.rep, {contender.rep: Fraction(1)}, because)


POLICIES: Mapping[str, TurnPolicy] = {"round_robin": round_robin, "least_loaded": least_loaded}


def _claim(contender: Contender, share: Fraction) -> _Claim:
    return _Claim(contender, share, contender.ledger.owed + share)


def _leads(owed: Fraction) -> str:
    return f"{owed if owed.denominator < 1000 else round(float(owed), 3)} of a lead"
