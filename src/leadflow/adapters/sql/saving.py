"""A Change, written in one transaction, in the order that its docstring gives."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from leadflow.adapters.sql import rows
from leadflow.adapters.sql.statements import ERASED_FROM, Statements
from leadflow.errors import InvalidInput, Stale, Taken
from leadflow.events import Change, Claim, LeadWrite, Reply, StateWrite

__all__ = ["Tenant", "save"]


SETTLED = {"task_done": {"done"}, "task_begun": {"begun"}, "task_failed": {"retry", "dead"}}


class Tenant:
    """Statements on one connection, for one tenant."""

    def __init__(self, connection: Connection, statements: Statements, tenant: str) -> None:
        self.connection, self.statements, self.tenant = connection, statements, tenant

    def rows(self, name: str, keys: Collection[str] | None = None, **values: Any) -> list[Any]:
        """Return what a statement finds; ``keys`` is its list."""
        if keys is not None:
            values["keys"] = self._listed(keys)
        return list(self.connection.execute(self.statements[name], {"tenant": self.tenant, **values}).all())

    def write(self, name: str, many: Iterable[Mapping[str, Any]]) -> int:
        """Run a statement for each of the rows; return how many rows of the table it touched."""
        parameters = [{"tenant": self.tenant, **each} for each in many]
        return self.connection.execute(self.statements[name], parameters).rowcount if parameters else 0

    def drop(self, name: str, keys: Collection[str], **values: Any) -> None:
        """Run a statement that removes what a list names."""
        self.write(name, [{"keys": self._listed(keys), **values}])

    def _listed(self, keys: Collection[str]) -> object:
        _refuse_nul(keys)
        return rows.text_list(keys) if self.statements.dialect == "sqlite" else list(keys)


def _refuse_nul(keys: Collection[str]) -> None:
    """Refuse keys at whose NUL SQLite's JSON would end: it would find another row."""
    if any("\0" in key for key in keys):
        raise InvalidInput("keys", sorted(keys), "leave out what holds a NUL character")


def save(on: Tenant, change: Change) -> None:
    """Write the Change; whoever calls has begun a transaction and rolls it back if this raises."""
    _check(on, change)
    if change.erase:
        _erase(on, change.erase)
    _write_leads(on, change)
    _write_states(on, change)
    _write_claims(on, change)
    _write_tasks(on, change)
    _write_rest(on, change)


# ------------------------------------------------------------------------------------------------------------ checks
def _check(on: Tenant, change: Change) -> None:
    """Lock what was read, and see that it still stands; what is written where it stands needs no look before that."""
    _refuse_nul({one.id for one in change.leads} | {one.key for one in change.states})
    alone = _writes_where_it_stands(on, change)
    leads = [(one.id, one.read_version) for one in change.leads if not (alone and (one.lead or not one.read_version))]
    if leads or change.erase:
        _check_versions(on, "lead", leads, also=change.erase)
    states = [(rows.fit(one.key), one.read_version) for one in change.states if not (alone and _is_checked(one))]
    if states:
        _check_versions(on, "state", states)
    if change.settle or change.cancel:
        _check_leases(on, change)
    places = {(fact.lead_id, fact.version, fact.seq) for fact in change.facts}
    if len(places) < len(change.facts):
        raise InvalidInput("facts", sorted(places), "give each fact of a lead its own version and seq")


def _writes_where_it_stands(on: Tenant, change: Change) -> bool:
    """Whether versions are checked by the writing statements themselves.

    On PostgreSQL rows are locked in the order of their keys, leads before states before leases: only a Change that
    looks at nothing but what it writes, and makes all its states, keeps that order without locking them all first.
    """
    if change.erase:
        return False
    if on.statements.dialect == "sqlite":
        return True
    writes_all = all(write.lead is not None for write in change.leads)
    return writes_all and not (change.settle or change.cancel) and not any(one.read_version for one in change.states)


def _is_checked(state: StateWrite) -> bool:
    return state.value is not None or not state.read_version


def _check_versions(on: Tenant, kind: str, read: list[tuple[str, int]], also: Iterable[str] = ()) -> None:
    versions = dict(on.rows(f"{kind}_versions", keys={key for key, _ in read} | set(also)))
    for key, version in read:
        if versions.get(key, 0) != version:
            raise Stale(f"{kind} {key} is at version {versions.get(key, 0)}, no longer at {version}")


def _check_leases(on: Tenant, change: Change) -> None:
    touched = {settlement.key for settlement in change.settle} | {task.key for task in change.put} | set(change.cancel)
    found = {key: (status, lease) for key, status, lease in on.rows("leases", keys={rows.fit(key) for key in touched})}
    for settlement in change.settle:
        held = ("dead", None) if settlement.lease is None else ("leased", settlement.lease)
        if found.get(rows.fit(settlement.key)) != held:
            raise Stale(f"the lease {settlement.lease} of task {settlement.key} is lost")


# ------------------------------------------------------------------------------------------------------------ writes
def _erase(on: Tenant, ids: Collection[str]) -> None:
    on.drop("drop_leads", ids)
    on.drop("drop_redirects_from", ids)
    on.drop("drop_redirects_to", ids)
    on.drop("empty_replies", ids)
    for table in ERASED_FROM:
        on.drop(f"erase_from_{table}", ids)


def _write_leads(on: Tenant, change: Change) -> None:
    written = {write.id: write for write in change.leads if write.lead is not None}
    new = [
        rows.lead_row(write.lead, write.features) for write in written.values() if write.lead and not write.read_version
    ]
    known = [
        rows.lead_row(write.lead, write.features) | {"read": write.read_version}
        for write in written.values()
        if write.lead and write.read_version
    ]
    absent: list[dict[str, Any]] = [
        {"id": write.id, "version": 0, "stage": "", "doc": "", **rows.NOT_FOUND}
        for write in change.leads
        if write.id not in written and not write.read_version
    ]
    _insert(on, "new_lead", [*new, *absent], "id")
    if absent:
        on.drop("drop_leads", [row["id"] for row in absent])
    _update(on, "lead", known, "id", erases=bool(change.erase))
    _write_match_keys(on, [write for write in written.values() if write.match_keys is not None])


def _write_match_keys(on: Tenant, writes: Iterable[LeadWrite]) -> None:
    added: list[dict[str, str]] = []
    for write in writes:
        keys = sorted(rows.fit(key) for key in write.match_keys or ())
        if write.read_version:
            on.drop("drop_match_keys", keys, lead_id=write.id)
        added += ({"lead_id": write.id, "key": key} for key in keys)
    on.write("put_match_key", added)


def _write_states(on: Tenant, change: Change) -> None:
    written = {state.key: state for state in change.states if state.value is not None}
    new = [rows.state_row(state) for state in written.values() if not state.read_version]
    known = [rows.state_row(state) for state in written.values() if state.read_version]
    unwritten = (state for state in change.states if state.key not in written)
    absent = [rows.state_row(state) for state in unwritten if not state.read_version]
    _insert(on, "new_state", [*new, *absent], "key")
    if absent:
        on.drop("drop_states", [row["key"] for row in absent])
    _update(on, "state", known, "key", erases=bool(change.erase))


def _update(on: Tenant, kind: str, known: list[dict[str, Any]], key: str, *, erases: bool) -> None:
    distinct = {row[key]: row for row in known}
    ordered = [distinct[each] for each in sorted(distinct)]
    anew = on.write(f"new_{kind}", ordered) if erases else 0  # what this Change has erased itself
    if on.write(f"put_{kind}", ordered) + anew != len(distinct):
        raise Stale(f"one of {', '.join(sorted(distinct))} is another by now")


def _insert(on: Tenant, name: str, new: list[dict[str, Any]], key: str) -> None:
    # What must be absent is inserted, too, and removed again: until we commit, nobody else can make it.
    distinct = {row[key]: row for row in new}
    if on.write(name, (distinct[each] for each in sorted(distinct))) != len(distinct):
        raise Stale(f"somebody else was first with one of {', '.join(sorted(distinct))}")


def _write_claims(on: Tenant, change: Change) -> None:
    if change.release:
        on.rows("lock_claims", keys={rows.fit(claim.key) for claim in (*change.release, *change.claims)})
        on.write("release_claim", map(_claim_row, sorted(change.release, key=lambda claim: claim.key)))
    wanted: dict[str, Claim] = {}
    for claim in change.claims:
        if wanted.setdefault(claim.key, claim).lead_id != claim.lead_id:
            raise Taken(f"{claim.key} is claimed for two leads at once")
    taken = on.write("take_claim", (_claim_row(wanted[key]) for key in sorted(wanted)))
    if taken != len(wanted):
        _check_held(on, wanted)


def _check_held(on: Tenant, wanted: Mapping[str, Claim]) -> None:
    holders = dict(on.rows("lock_claims", keys={rows.fit(key) for key in wanted}))
    for key, claim in wanted.items():
        if (holder := holders.get(rows.fit(key))) != claim.lead_id:
            raise Taken(f"{key} is held by lead {holder}, not by {claim.lead_id}")


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
    on.write("add_fact", map(rows.fact_row, change.facts))
    on.write("add_activity", map(rows.activity_row, change.activities))
    if change.redirects:
        _write_redirects(on, change)
    if change.replies:
        _write_replies(on, change.replies)


def _write_replies(on: Tenant, replies: Collection[Reply]) -> None:
    distinct = {reply.key: reply for reply in replies}
    added = on.write("add_reply", (rows.reply_row(distinct[key]) for key in sorted(distinct)))
    if added != len(replies):
        raise Taken(f"one of the keys {', '.join(sorted(distinct))} has a reply already")


def _write_redirects(on: Tenant, change: Change) -> None:
    if "lock_redirects" in on.statements:  # two of them at the same time could close a circle that neither sees
        on.rows("lock_redirects")
    on.write("put_redirect", ({"absorbed": each.absorbed, "survivor": each.survivor} for each in change.redirects))
    circle = on.rows("cycles", keys=[redirect.absorbed for redirect in change.redirects])
    if circle:
        raise InvalidInput("redirects", circle[0].start, "it would lead back to itself; absorb it by another")
