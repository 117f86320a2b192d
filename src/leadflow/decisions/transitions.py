"""Transitions: the one gate through which a stage changes, and the effects of moves."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from leadflow.decisions.draft import Draft
from leadflow.entities import Actor, Candidate, Deal, Lead, Route
from leadflow.entities.base import keep_aside
from leadflow.errors import InvalidInput, MoveNotAllowed, NotFound, Refused
from leadflow.events import DealChanged, LeadRouted, OwnerReleased, StageChanged

__all__ = ["accepted", "change_deal", "close_deal", "make_move", "open_deal", "reopen_deal"]


def make_move(
    draft: Draft,
    move: str,
    *,
    to: str | None = None,
    reason: str | None = None,
    note: str | None = None,
    revisit: date | None = None,
    deal: Deal | None = None,
    by: Actor | None = None,
) -> None:
    """Move the lead if the table allows it and everything required is given; otherwise ``Refused``.

    A move that stays in its stage (a customer's next deal) records nothing here.
    """
    lead, lifecycle = draft.lead, draft.policy.lifecycle
    actor = by or draft.moment.by
    _readable(reason, revisit)
    today = draft.moment.happened_at.date() - timedelta(days=1)  # in the earliest time zone
    if revisit is not None and revisit < today:
        raise InvalidInput("revisit", revisit, "give a future day, or the lead would be back at once")
    target = lifecycle.target(lead.stage, move, actor=actor, to=to)
    needs = lifecycle.needs(move, lead.stage)
    into_sales = lifecycle.stage(target).kind == "sales" and lead.owner is None
    if actor.kind == "rep" and ("owner" in needs or into_sales):
        lead = _taken_by(draft, actor)
    missing = _missing(lead, needs, reason=reason, revisit=revisit, deal=deal)
    if missing:
        why = f"it needs {' and '.join(missing)}"
        raise MoveNotAllowed(lead.stage, move, lifecycle.allowed(lead.stage, actor), why)
    if target == lead.stage:
        return
    ends_round = lifecycle.ends_round(move, lead.stage)
    draft.say(
        StageChanged,
        by=by,
        move=move,
        source=lead.stage,
        target=target,
        skipped=lifecycle.skipped(lead.stage, target),
        reason=reason,
        note=note,
        revisit=revisit.isoformat() if revisit else None,
        round_ended=ends_round,
    )
    gives_up = lifecycle.stage(target).kind in ("prospect", "nurturing", "out")
    if gives_up and (lead.owner or lead.queue):
        draft.say(OwnerReleased, by=by, owner=lead.owner or lead.queue)


def _readable(reason: object, revisit: object) -> None:
    if reason is not None and not isinstance(reason, str):
        raise InvalidInput("reason", reason, "give text")
    if revisit is not None and (isinstance(revisit, datetime) or not isinstance(revisit, date)):
        raise InvalidInput("revisit", revisit, "give a day, such as date(2027, 1, 15)")


def _missing(
    lead: Lead[Any], needs: frozenset[str], *, reason: str | None, revisit: date | None, deal: Deal | None
) -> list[str]:
    there = {
        "contact_point": lead.is_reachable,
        "reason": bool(reason and reason.strip()),
        "revisit": revisit is not None,
        "owner": lead.owner is not None,
        "deal": deal is not None,
    }
    names = {"revisit": "a date to look again", "contact_point": "a contact point"}
    return sorted(names.get(need, f"a {need}" if need != "owner" else "an owner") for need in needs if not there[need])


def _taken_by(draft: Draft, rep: Actor) -> Lead[Any]:
    """An unowned lead becomes the rep's; without a roster, nobody else makes a move that needs the owner."""
    lead = draft.lead
    if lead.owner not in (None, rep.id) and not draft.policy.roster:
        raise Refused(f"lead {lead.id} belongs to a different rep; {rep.id} can't take it")
    if lead.owner is None:
        taken = Candidate(rep=rep.id, eligible=True, because=f"took it from {lead.queue or 'the open leads'}")
        draft.say(LeadRouted, by=rep, route=Route(at=draft.moment.now, owner=rep.id, candidates=(taken,)))
    return draft.lead


def accepted(draft: Draft) -> None:
    """A rep takes the lead. One in a queue becomes the rep's own; a different rep's lead stays that rep's."""
    make_move(draft, "accept")


def open_deal(draft: Draft, deal: Deal, reason: str | None = None) -> None:
    """Open a deal: an SQL becomes an opportunity, a customer remains one."""
    known = draft.lead.deal(deal.id)
    if known is not None:
        raise InvalidInput("deal.id", deal.id, f"this lead has a deal of this id ({known.status}); give another id")
    make_move(draft, "open_deal", deal=deal, reason=reason)
    draft.say(DealChanged, deal=deal)


def close_deal(
    draft: Draft,
    status: str,
    deal_id: str | None,
    *,
    reason: str | None = None,
    note: str | None = None,
    revisit: date | None = None,
    **values: Any,
) -> None:
    """Win or lose a deal (the open one, unless named); the lead moves unless another deal of an opportunity is open."""
    draft.policy.lifecycle.check_reason(_VERB[status], reason)
    deal = draft.lead.deal(deal_id)
    if deal is None:
        draft.policy.lifecycle.target(draft.lead.stage, _VERB[status], actor=draft.moment.by)
    deal = _open(deal, deal_id)
    others = [d for d in draft.lead.deals if d.status == "open" and d.id != deal.id]
    if not (status == "lost" and others):
        make_move(draft, _VERB[status], deal=deal, reason=reason, note=note, revisit=revisit)
    closed = {"status": status, "closed_at": draft.moment.happened_at, "reason": reason, "note": note}
    _say_deal(draft, deal, **closed, **_given(values))


def change_deal(draft: Draft, deal_id: str | None, **values: Any) -> None:
    """Correct an open deal: the given values replace the known ones."""
    deal = _open(draft.lead.deal(deal_id), deal_id)
    if _with(deal, **_given(values)) != deal:
        _say_deal(draft, deal, **_given(values))


def reopen_deal(draft: Draft, deal_id: str | None, reason: str) -> None:
    """Reopen a lost deal; a lead that was returned to nurturing with it skips to the stage in which it was lost."""
    lead, lifecycle = draft.lead, draft.policy.lifecycle
    deal = lead.deal(deal_id)
    if deal is None:
        raise NotFound("deal of this lead", deal_id or "(any)")
    if deal.status != "lost":
        raise Refused(f"deal {deal.id} is {deal.status}; only a lost one can be reopened")
    if "lose" not in lifecycle.allowed(lead.stage):
        opportunity = next((one.name for one in lifecycle.stages if "lose" in lifecycle.allowed(one.name)), None)
        if opportunity is None:
            raise Refused(f"deal {deal.id} can't be reopened: no stage of the lifecycle has a move `lose`")
        make_move(draft, "fast_track", to=opportunity, reason=reason)
    _say_deal(draft, deal, status="open", closed_at=None, reason=None, note=None)


def _open(deal: Deal | None, deal_id: str | None) -> Deal:
    if deal is None:
        raise NotFound("deal of this lead", deal_id or "(any)")
    if deal.status != "open":
        raise Refused(f"deal {deal.id} is already {deal.status}")
    return deal


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _say_deal(draft: Draft, deal: Deal, **values: Any) -> None:
    draft.say(DealChanged, deal=_with(deal, **values))


def _with(deal: Deal, **values: Any) -> Deal:
    changed = deal.but(**values)
    checked = Deal.model_validate(dict(changed))
    keep_aside(checked, changed.__pydantic_extra__ or {})
    return checked


_VERB = {"won": "win", "lost": "lose"}
