"""Offers: a lead that waits in a queue is offered to the rotation again."""

from __future__ import annotations

from typing import Any

from leadflow.decisions.draft import Draft, change_of
from leadflow.decisions.ledgers import ledger_key, ledger_of
from leadflow.decisions.policy import THE_POLICY, CommandContext, Policy
from leadflow.decisions.reads import Asking, states
from leadflow.entities import Lead, Route, Task
from leadflow.events import Change, LeadRouted, LeadWrite
from leadflow.routing import is_same_wait, ledger_ids, route

__all__ = ["offered_again"]


def offered_again(policy: Policy, moment: CommandContext, lead: Lead[Any], task: Task) -> Asking[Change]:
    """Take the lead from its queue if somebody can get it by now: routing follows, as for any lead without an owner.

    Otherwise the task waits for the next time. The lead is written only if it waits for other reasons than before, so
    that thousands of leads in a queue gather no facts.
    """
    if policy.router is None or not policy.next_offer(lead):
        return Change()
    reps = ledger_ids(policy.router, lead, moment.now)
    read = yield from states(sorted(map(ledger_key, reps)))
    ledgers = {rep: ledger_of(rep, read.get(ledger_key(rep))) for rep in reps}
    found = route(lead, policy.router, ledgers, moment.now).route
    draft = Draft.of(lead, policy, moment)
    if found.owner is not None:
        draft.say(LeadRouted, by=THE_POLICY, at=moment.now, route=Route(at=moment.now))
    elif lead.route is None or not is_same_wait(found, lead.route):
        draft.say(LeadRouted, by=THE_POLICY, at=moment.now, route=found)
    elif found.next_offer_at is not None:
        unchanged = LeadWrite(id=lead.id, read_version=lead.version)
        waits = task.but(status="waiting", lease=None, leased_until=None, attempts=0, error=None)
        return Change(leads=(unchanged,), put=(waits.but(due_at=found.next_offer_at),))
    return change_of(draft) if draft.facts else Change()
