"""A storage on Django's ORM, in your views' transactions. It passes the contract; lists are queries of your models."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zlib import crc32

from django.db import DatabaseError, DataError, IntegrityError, connections, transaction
from django.db.models import Q
from pydantic_core import PydanticSerializationError

from django_app.leads import models
from django_app.leads.models import fit
from leadflow import Activity, Fact, Lead
from leadflow.entities import LeadId, Settlement, Task, TaskStatus, read_activity, read_leads, read_value, scanned
from leadflow.errors import InvalidInput, Stale, StorageError, Taken, Unavailable
from leadflow.events import Change, LeadWrite, Reply, read_fact
from leadflow.ports import State
from leadflow.worktime import in_utc

LEAD, TASK = ("id", "version", "stage", "doc"), ("doc", "key", "kind", "due_at", "status", "lead_id")
OF_A_LEAD = (models.MatchKey, models.State, models.Fact, models.Activity, models.Task, models.Claim)
Kinds = Collection[str] | None


class DjangoStorage:
    """Leads in a database of the project. Inside ``transaction.atomic()`` it writes what your transaction writes."""

    def __init__(self, using: str = "default") -> None:
        self._using = using
        self._lead_type: type[Lead[Any]] = Lead

    def bind(self, lead_type: type[Lead[Any]]) -> None:
        self._lead_type = lead_type

    @property
    def hosted(self) -> bool:
        """Whether it is in a transaction of yours: then collisions are raised at once, and ``tick`` routes."""
        return bool(connections[self._using].in_atomic_block)

    # ------------------------------------------------------------------------------------------------------ writing
    def save(self, change: Change) -> None:
        with self._transaction(_names_in(change)):
            self._check(change)
            self._erase(change.erase)
            self._put_leads({write.id: write for write in change.leads if write.lead is not None}.values())
            self._put(models.State, (models.state_row(one) for one in change.states if one.value is not None))
            self._claim(change)
            for settlement in change.settle:
                self._settle(settlement)
            self._rows(models.Task, key__in=[fit(key) for key in change.cancel]).delete()
            self._put(models.Task, map(models.task_row, change.put))
            self._add(change)

    @contextmanager
    def _transaction(self, names: Collection[str] = ()) -> Iterator[None]:
        """One transaction (a savepoint in yours), in which nobody else writes what has these names, there or not."""
        with self._errors(), transaction.atomic(using=self._using):
            if names and connections[self._using].vendor == "postgresql":
                slots = sorted({crc32(name.encode()) % 1000 for name in names})  # few locks, in one order: no deadlock
                with connections[self._using].cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_xact_lock(76, n) FROM unnest(%s::int[]) AS n", [slots])
            yield

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise Stale(str(error)) from error
        except (UnicodeError, OverflowError, DataError, PydanticSerializationError) as error:
            raise InvalidInput("value", str(error), "leave out what is not UTF-8 text or a 64-bit number") from error
        except DatabaseError as error:
            raise Unavailable(str(error)) from error

    def _rows(self, model: Any, **where: Any) -> Any:
        given = {name: value for name, value in where.items() if value is not None}
        return model.objects.using(self._using).filter(**given)

    def _put(self, model: Any, rows: Iterable[dict[str, Any]], key: Collection[str] = ("key",)) -> None:
        given = {tuple(row[name] for name in key): row for row in rows}.values()
        others = {name for row in given for name in row}.difference(key)
        how = {"update_conflicts": True, "unique_fields": key, "update_fields": others}
        self._rows(model).bulk_create([model(**row) for row in given], **how)

    def _check(self, change: Change) -> None:
        ids, keys = [one.id for one in change.leads], [fit(one.key) for one in change.states]
        leads = dict(self._all(self._rows(models.Lead, id__in=ids), "id", "version"))
        for write in change.leads:
            if leads.get(write.id, 0) != write.read_version:
                raise Stale(f"lead {write.id} is no longer at version {write.read_version}", leads=[write.id])
        states = dict(self._all(self._rows(models.State, key__in=keys), "key", "version"))
        for state in change.states:
            if states.get(fit(state.key), 0) != state.read_version:
                raise Stale(f"state {state.key} is no longer at version {state.read_version}", states=[state.key])
        for settlement in change.settle:
            if not models.is_under(settlement, self.task(settlement.key)):
                raise Stale(f"the lease of task {settlement.key} is lost", tasks=[settlement.key])

    def _erase(self, ids: Collection[LeadId]) -> None:
        self._rows(models.Lead, id__in=ids).delete()
        self._rows(models.Redirect).filter(Q(absorbed__in=ids) | Q(survivor__in=ids)).delete()
        self._rows(models.Reply, lead_id__in=ids).update(doc="{}")
        for model in OF_A_LEAD:
            self._rows(model, lead_id__in=ids).delete()

    def _put_leads(self, writes: Collection[LeadWrite]) -> None:
        self._put(models.Lead, (models.lead_row(write.lead) for write in writes if write.lead), ("id",))
        for write in (write for write in writes if write.features is not None):
            self._rows(models.Lead, id=write.id).update(features=write.features)
        keys = {write.id: write.match_keys for write in writes if write.match_keys is not None}
        self._rows(models.MatchKey, lead_id__in=[*keys]).delete()
        made = [models.MatchKey(lead_id=id, key=fit(key)) for id, some in keys.items() for key in some]
        self._rows(models.MatchKey).bulk_create(made)

    def _claim(self, change: Change) -> None:
        for claim in change.release:
            self._rows(models.Claim, key=fit(claim.key), lead_id=claim.lead_id).delete()
        made = [models.Claim(key=fit(claim.key), lead_id=claim.lead_id) for claim in change.claims]
        self._rows(models.Claim).bulk_create(made, ignore_conflicts=True)
        held = self.holders([claim.key for claim in change.claims])
        for claim in (claim for claim in change.claims if held[claim.key] != claim.lead_id):
            raise Taken(f"{claim.key} is held by lead {held[claim.key]}", claims=[claim.key])

    def _settle(self, settlement: Settlement) -> None:
        if (task := self.task(settlement.key)) and (after := models.settled(task, settlement)):
            self._put(models.Task, [models.task_row(after)])
        else:
            self._rows(models.Task, key=fit(settlement.key)).delete()

    def _add(self, change: Change) -> None:
        for id, version, seq in change.forget:
            self._rows(models.Fact, lead_id=id, version=version, seq=seq).delete()
        self._rows(models.Fact).bulk_create([models.Fact(**models.fact_row(fact)) for fact in change.facts])
        first = [models.activity_row(one) for one in change.activities if one.retracted_at is None]
        self._rows(models.Activity).bulk_create([models.Activity(**row) for row in first], ignore_conflicts=True)
        retracted = (models.activity_row(one) for one in change.activities if one.retracted_at is not None)
        self._put(models.Activity, retracted, ("lead_id", "activity_id"))
        self._rows(models.Redirect, absorbed__in=change.restored).delete()
        ways = {one.absorbed: one.survivor for one in change.redirects}
        self._put(models.Redirect, ({"absorbed": a, "survivor": b} for a, b in ways.items()), ("absorbed",))
        self._survivors(ways)  # which refuses a circle
        for reply in change.replies:
            if self.reply(reply.key):
                raise Taken(f"the key {reply.key} has a reply already", replies=[reply.key])
            self._put(models.Reply, [models.reply_row(reply)])

    # ------------------------------------------------------------------------------------------------------ reading
    def _all(self, rows: Any, *columns: str) -> list[Any]:
        with self._errors():
            return list(rows.values_list(*columns))

    def _survivors(self, ids: Collection[LeadId]) -> dict[LeadId, LeadId]:
        ends, redirects = {id: id for id in ids}, self._rows(models.Redirect)
        while ways := dict(self._all(redirects.filter(absorbed__in={*ends.values()}), "absorbed", "survivor")):
            if circle := [id for id, end in ends.items() if ways.get(end) == id]:
                raise InvalidInput("redirects", circle[0], "it would lead back to itself")
            ends = {id: ways.get(end, end) for id, end in ends.items()}
        return ends

    def load(self, ids: Collection[LeadId]) -> dict[LeadId, Lead[Any]]:
        ends = self._survivors(ids)
        rows = {row[0]: row for row in self._all(self._rows(models.Lead, id__in={*ends.values()}), *LEAD)}
        return read_leads(self._lead_type, ((id, *rows[end]) for id, end in ends.items() if end in rows))

    def lead_ids(self, after: LeadId | None, limit: int) -> list[LeadId]:
        found = self._rows(models.Lead, id__gt=after).reachable().order_by("id")[:limit]
        return [row[0] for row in self._all(found, "id")]

    def holders(self, claims: Collection[str]) -> dict[str, LeadId]:
        found = dict(self._all(self._rows(models.Claim, key__in={*map(fit, claims)}), "key", "lead_id"))
        return {key: found[fit(key)] for key in claims if fit(key) in found}

    def matching(self, keys: Collection[str], limit: int) -> dict[str, list[LeadId]]:
        absorbed = self._rows(models.Redirect).values("absorbed")
        found = {key: self._rows(models.MatchKey, key=fit(key)).exclude(lead_id__in=absorbed) for key in keys}
        ids = {key: self._all(rows.order_by("lead_id")[:limit], "lead_id") for key, rows in found.items()}
        return {key: [row[0] for row in some] for key, some in ids.items()}

    def features(self, ids: Collection[LeadId]) -> dict[LeadId, str]:
        return dict(self._all(self._rows(models.Lead, id__in=ids).exclude(features=""), "id", "features"))

    def states(self, keys: Collection[str]) -> dict[str, State]:
        rows = self._all(self._rows(models.State, key__in={*map(fit, keys)}), "key", "version", "doc")
        found = {key: State(version, read_value(doc)) for key, version, doc in rows}
        return {key: found[fit(key)] for key in keys if fit(key) in found}

    def facts(
        self, lead_id: LeadId, since_version: int = 0, *, kinds: Kinds = None, limit: int | None = None
    ) -> list[Fact]:
        found = self._rows(models.Fact, lead_id=lead_id, version__gt=since_version, kind__in=kinds)
        rows = self._all(found.order_by("version", "seq")[:limit], "doc", "version", "seq", "kind")
        return [read_fact(doc, lead_id=lead_id, version=v, seq=seq, kind=kind) for doc, v, seq, kind in rows]

    def activities(
        self, lead_id: LeadId, ids: Kinds = None, *, after: str | None = None, limit: int | None = None
    ) -> list[Activity]:
        named = {"activity_id__in": None if ids is None else {*map(fit, ids)}, "activity_id__gt": after and fit(after)}
        found = self._rows(models.Activity, lead_id=lead_id, **named).order_by("activity_id")[:limit]
        rows = self._all(found, "activity_id", "doc")
        did = [read_activity(doc, lead_id=lead_id, id=id, short=fit) for id, doc in rows]
        return did if limit is not None else sorted(did, key=lambda one: (one.happened_at, one.id))

    def scan(self, after: LeadId | None, limit: int, stage: str | None = None) -> list[Lead[Any]]:
        found = self._rows(models.Lead, stage=stage).reachable().order_by("id")
        while rows := self._all(found.filter(id__gt=after or "")[:limit], *LEAD):
            if leads := scanned(self._lead_type, rows):
                return leads
            after = rows[-1][0]
        return []

    def reply(self, key: str) -> Reply | None:
        rows = self._all(self._rows(models.Reply, key=fit(key)), "digest", "lead_id", "doc")
        return next((Reply(key=key, digest=row[0], lead_id=row[1], value=read_value(row[2])) for row in rows), None)

    # -------------------------------------------------------------------------------------------------------- tasks
    def lease(self, now: datetime, limit: int, until: datetime, token: str, *, kinds: Kinds = None) -> list[Task]:
        if self.hosted:
            raise StorageError("tick needs transactions of its own: call it outside transaction.atomic()")
        due, mine = in_utc(now, "now"), {"status": "leased", "lease": token, "leased_until": in_utc(until, "until")}
        free = Q(status="waiting") | Q(status="leased", leased_until__lte=due)
        rows = self._rows(models.Task, due_at__lte=due, kind__in=kinds).filter(~Q(status="dead"), free)
        with self._transaction():
            alone = rows.select_for_update(skip_locked=True).order_by("due_at", "key")
            while found := list(map(models.task_from, self._all(alone[:limit], *TASK))):
                leased = [task.but(status="dead") if no else task.but(**mine) for task, no in found]
                self._put(models.Task, map(models.task_row, leased))
                if taken := [task for task in leased if task.status == "leased"]:
                    return taken
        return []

    def task(self, key: str) -> Task | None:
        return next((models.task_from(row)[0] for row in self._all(self._rows(models.Task, key=fit(key)), *TASK)), None)

    def tasks(
        self, status: TaskStatus | None = None, lead_id: LeadId | None = None, limit: int = 100, *, kinds: Kinds = None
    ) -> list[Task]:
        found = self._rows(models.Task, status=status, lead_id=lead_id, kind__in=kinds).order_by("due_at", "key")
        found = found.exclude(status="dead") if status in ("waiting", "leased") else found  # so that its index is used
        return [models.task_from(row)[0] for row in self._all(found[:limit], *TASK)]


def _names_in(change: Change) -> set[str]:
    """The names of everything that the Change reads or writes, there or not; all redirects share one."""
    keyed: Any = (*change.states, *change.replies, *change.claims, *change.release, *change.settle, *change.put)
    ids = {*(write.id for write in change.leads), *change.erase, *change.cancel}
    return ids | {one.key for one in keyed} | ({"redirects"} if change.redirects or change.restored else set())
