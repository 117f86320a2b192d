"""Writing a Change in one transaction, in the order given in its docstring."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from leadflow.adapters.sql import rows
from leadflow.adapters.sql.rows import RowValues
from leadflow.adapters.sql.statements import ERASED_FROM, Statements
from leadflow.errors import Collision, InvalidInput, Stale, Taken
from leadflow.events import Change, Claim, LeadWrite, Reply, StateWrite

__all__ = ["Tenant", "save", "what_collided"]


SETTLED = {"task_done": {"done"}, "task_begun": {"begun"}, "task_failed": {"retry", "dead"}}


class Tenant:
    """Statements on one connection, for one tenant."""

    def __init__(self, connection: Connection, statements: Statements, tenant: str) -> None:
        self.connection, self.statements, self.tenant = connection, statements, tenant

    def rows(self, name: str, keys: Collection[str] | None = None, **values: Any) -> list[Any]:
        """Return the rows of a statement; ``keys`` is its list parameter."""
        if keys is not None:
            values["keys"] = self.listed(keys)
        return list(self.connection.exec_driver_sql(self.statements[name], {"tenant": self.tenant, **values}).all())

    def write(self, name: str, many: Iterable[Mapping[str, Any]]) -> int:
        """Run a statement for each of the rows; return the number of affected rows."""
        parameters = [{"tenant": self.tenant, **each} for each in many]
        return self.connection.exec_driver_sql(self.statements[name], parameters).rowcount if parameters else 0

    def drop(self, name: str, keys: Collection[str]) -> None:
        """Run a statement that deletes the rows named in a list."""
        self.write(name, [{"keys": self.listed(keys)}])

    def listed(self, keys: Collection[str]) -> object:
        """Return a list as a single statement parameter."""
        _refuse_nul(keys)
        return rows.text_list(keys) if self.statements.dialect == "sqlite" else list(keys)


def save(on: Tenant, change: Change) -> None:
    """Write the Change; the caller has begun a transaction and rolls it back if this raises.

    Rows are locked kind by kind, leads first, and within a kind in the order of their keys, new ones first, so that two
    Changes never wait for each other.
    """
    _refuse_what_is_wrong(change)
    if change.erase:  # what it removes must be unchanged before it is removed
        _check_versions(on, "lead", _reads_of_leads(change.leads), also=change.erase)
        _check_versions(on, "state", _reads_of_states(change.states))
        _check_leases(on, change)
        _erase(on, change.erase)
    _write_leads(on, change)
    _write_states(on, change)
    _write_claims(on, change)
    if not change.erase:
        _check_leases(on, change)
    _write_tasks(on, change)
    _write_rest(on, change)


def what_collided(on: Tenant, suspected: Collision, change: Change) -> dict[str, list[str]]:
    """Return which of the suspected items a rolled-back Change has really collided in."""
    leads = {write.id: write.read_version for write in change.leads if write.id in suspected.leads}
    states = {rows.fit(write.key): write for write in change.states}
    states = {key: write for key, write in states.items() if {key, write.key} & suspected.states}
    if len(leads) > 1:
        now = dict(on.rows("versions_of_leads", keys=leads))
        leads = {id: version for id, version in leads.items() if now.get(id, 0) != version}
    if len(states) > 1:
        now = dict(on.rows("versions_of_states", keys=states))
        states = {key: write for key, write in states.items() if now.get(key, 0) != write.read_version}
    keys = [reply.key for reply in change.replies if reply.key in suspected.replies]
    replies = [key for key in keys if keys.count(key) > 1 or on.rows("reply", key=rows.fit(key))]
    return {"leads": [*leads], "states": [write.key for write in states.values()], "replies": replies}


# ------------------------------------------------------------------------------------------------------------ checks
def _refuse_what_is_wrong(change: Change) -> None:
    _refuse_nul([*(write.id for write in change.leads), *(write.key for write in change.states)])
    places = {(fact.lead_id, fact.version, fact.seq) for fact in change.facts}
    if len(places) < len(change.facts):
        raise InvalidInput("facts", sorted(places), "give each fact of a lead its own version and seq")


def _refuse_nul(keys: Collection[str]) -> None:
    """Refuse keys with NUL, at which SQLite's JSON would end: they would match a different row."""
    if any("\0" in key for key in keys):
        raise InvalidInput("keys", sorted(keys), "leave out keys with a NUL character")


def _reads_of_leads(writes: Iterable[LeadWrite]) -> dict[str, int]:
    """Return the versions at which leads were read."""
    read: dict[str, int] = {}
    for write in writes:
        if read.setdefault(write.id, write.read_version) != write.read_version:
            raise Stale(f"lead {write.id} was read at two versions", leads=[write.id])
    return read


def _reads_of_states(writes: Iterable[StateWrite]) -> dict[str, int]:
    read: dict[str, int] = {}
    for write in writes:
        if read.setdefault(rows.fit(write.key), write.read_version) != write.read_version:
            raise Stale(f"state {write.key} was read at two versions", states=[write.key])
    return read


def _check_versions(on: Tenant, kind: str, read: Mapping[str, int], also: Iterable[str] = ()) -> None:
    """Lock what was read, and check that it has not changed."""
    keys = {*read, *also}
    versions = dict(on.rows(f"{kind}_versions", keys=keys)) if keys else {}
    for key, version in read.items():
        if versions.get(key, 0) != version:
            said = f"{kind} {key} is at version {versions.get(key, 0)}, no longer at {version}"
            raise Stale(said, **{f"{kind}s": [key]})


def _check_leases(on: Tenant, change: Change) -> None:
    touched = {rows.fit(key) for key in (*(settlement.key for settlement in change.settle), *change.cancel)}
    found = {key: (status, lease) for key, status, lease in on.rows("leases", keys=touched)} if touched else {}
    for settlement in change.settle:
        held = ("dead", None) if settlement.lease is None else ("leased", settlement.lease)
        if found.get(rows.fit(settlement.key)) != held:
            raise Stale(f"the lease {settlement.lease} of task {settlement.key} is lost", tasks=[settlement.key])


# ------------------------------------------------------------------------------------------------------------ writes
def _erase(on: Tenant, ids: Collection[str]) -> None:
    on.drop("drop_leads", ids)
    on.drop("drop_redirects_from", ids)
    on.drop("drop_redirects_to", ids)
    on.drop("empty_replies", ids)
    for table in ERASED_FROM:
        on.drop(f"erase_from_{table}", ids)


def _write_leads(on: Tenant, change: Change) -> None:
    read = _reads_of_leads(change.leads)
    writes = {write.id: write for write in change.leads if write.lead is not None}
    written = {id: rows.lead_row(write) for id, write in writes.items()}
    absent: RowValues = {"version": 0, "stage": "", "doc": "", **rows.NOT_FOUND}
    _write_versions(on, "lead", read, written, lambda key: {"id": key, **absent}, anew=bool(change.erase))
    _write_match_keys(on, [write for write in writes.values() if write.match_keys is not None])


def _write_match_keys(on: Tenant, writes: Collection[LeadWrite]) -> None:
    keys = {write.id: sorted(map(rows.fit, write.match_keys or ())) for write in writes}
    listed = {id: {"lead_id": id, "keys": on.listed(added)} for id, added in keys.items()}
    on.write("drop_match_keys", (listed[write.id] for write in writes if write.read_version))
    on.write("put_match_keys", (row for id, row in listed.items() if keys[id]))


def _write_states(on: Tenant, change: Change) -> None:
    read = _reads_of_states(change.states)
    written = {rows.fit(write.key): rows.state_row(write) for write in change.states if write.value is not None}
    absent: RowValues = {"version": 0, "lead_id": None, "doc": "{}"}
    _write_versions(on, "state", read, written, lambda key: {"key": key, **absent}, anew=bool(change.erase))


def _write_versions(
    on: Tenant,
    kind: str,
    read: Mapping[str, int],
    written: Mapping[str, RowValues],
    absent: Callable[[str], RowValues],
    *,
    anew: bool,
) -> None:
    """Write rows that have not changed since they were read; the writing statements check that.

    What must be absent is inserted and removed again: until the commit nobody else can create it.
    """
    new = sorted(key for key, version in read.items() if not version)
    made = on.write(f"new_{kind}", (written.get(key) or absent(key) for key in new))
    if made != len(new):
        raise Stale(f"somebody else was first with one of {', '.join(new)}", **{f"{kind}s": new})
    if gone := [key for key in new if key not in written]:
        on.drop(f"drop_{kind}s", gone)
    known = {key: version for key, version in read.items() if version}
    if not anew and not known.keys() <= written.keys():  # what is only asserted must not change until the commit
        _check_versions(on, kind, known)
    ordered = [written[key] for key in sorted(known) if key in written]
    made = on.write(f"new_{kind}", ordered) if anew else 0  # what this Change has erased itself
    if on.write(f"put_{kind}", ordered) + made != len(ordered):
        raise Stale(f"one of {', '.join(sorted(known))} has moved", **{f"{kind}s": known})


def _write_claims(on: Tenant, change: Change) -> None:
    wanted: dict[str, Claim] = {}
    for claim in change.claims:
        if wanted.setdefault(claim.key, claim).lead_id != claim.lead_id:
            raise Taken(f"{claim.key} is claimed for two leads at once", claims=[claim.key])
    steps = [(claim.key, "release_claim", claim) for claim in change.release]
    steps += [(claim.key, "take_claim", claim) for claim in wanted.values()]
    taken = 0
    for name, some in groupby(sorted(steps, key=itemgetter(0, 1)), key=itemgetter(1)):
        count = on.write(name, (_claim_row(claim) for _, _, claim in some))
        taken += count if name == "take_claim" else 0
    if taken != len(wanted):
        _check_held(on, wanted)


def _check_held(on: Tenant, wanted: Mapping[str, Claim]) -> None:
    holders = dict(on.rows("holders", keys={rows.fit(key) for key in wanted}))
    for key, claim in wanted.items():
        if (holder := holders.get(rows.fit(key))) != claim.lead_id:
            raise Taken(f"{key} is held by lead {holder}, not by {claim.lead_id}", claims=[key])


def _claim_row(claim: Claim) -> dict[str, str]:
    return {"key": rows.fit(claim.key), "lead_id": claim.lead_id}


def _write_tasks(on: Tenant, change: Change) -> None:
    for name, outcomes in SETTLED.items():
        on.write(name, (rows.settlement_row(one) for one in change.settle if one.outcome in outcomes))
    if change.cancel:
        on.drop("cancel_tasks", {rows.fit(key) for key in change.cancel})
    put = {task.key: task for task in change.put}
    on.write("put_task", (rows.task_row(put[key]) for key in sorted(put)))


def _write_rest(on: Tenant, change: Change) -> None:
    on.write("forget_fact", ({"lead_id": id, "version": version, "seq": seq} for id, version, seq in change.forget))
    on.write("add_fact", map(rows.fact_row, change.facts))
    for name, retracted in (("add_activity", False), ("retract_activity", True)):
        some = [one for one in change.activities if (one.retracted_at is not None) is retracted]
        on.write(name, map(rows.activity_row, some))
    if change.restored:
        on.drop("drop_redirects_from", change.restored)
    if change.redirects:
        _write_redirects(on, change)
    if change.replies:
        _write_replies(on, change.replies)


def _write_replies(on: Tenant, replies: Collection[Reply]) -> None:
    distinct = {reply.key: reply for reply in replies}
    added = on.write("add_reply", (rows.reply_row(distinct[key]) for key in sorted(distinct)))
    if added != len(replies):
        raise Taken(f"one of the keys {', '.join(sorted(distinct))} has a reply already", replies=distinct)


def _write_redirects(on: Tenant, change: Change) -> None:
    if "lock_redirects" in on.statements:  # two of them at the same time could close a circle that neither sees
        on.rows("lock_redirects")
    on.write("put_redirect", ({"absorbed": each.absorbed, "survivor": each.survivor} for each in change.redirects))
    circle = on.rows("cycles", keys=[redirect.absorbed for redirect in change.redirects])
    if circle:
        raise InvalidInput("redirects", circle[0].start, "it would lead back to itself; absorb it by another")
