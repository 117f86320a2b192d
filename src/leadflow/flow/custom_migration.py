"""Rewriting the custom fields of all leads after their definition has changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from leadflow.decisions.arguments import flag_of, line_of
from leadflow.decisions.custom_migration import FieldChange, FieldRewriting, Retype, rewritten
from leadflow.decisions.draft import joined
from leadflow.decisions.policy import CommandContext
from leadflow.decisions.reads import leads_with
from leadflow.entities import Lead, LeadId, stored_form
from leadflow.entities.decoder import DOCUMENTS
from leadflow.errors import InvalidInput, StorageError, Unreadable
from leadflow.flow.effects import Program, on_storage
from leadflow.flow.queries import UnreadableLead
from leadflow.flow.runner import Runner

__all__ = ["CustomMigration", "FieldMigration", "migrate_custom"]

AT_ONCE: Final = 100
EXAMPLES: Final = 3
"""For each field, and for each thing that became of its values."""


@dataclass(frozen=True)
class FieldMigration:
    """What became of the values of a field, in leads; ``examples`` have the stored values, before and after.

    ``kept`` are values that stay aside: the field can't read them, or there is no such field any more.
    """

    renamed: int = 0
    retyped: int = 0
    dropped: int = 0
    kept: int = 0
    examples: tuple[FieldChange, ...] = ()

    def plus(self, change: FieldChange) -> FieldMigration:
        """Count one more."""
        counts = {what: getattr(self, what) for what in ("renamed", "retyped", "dropped", "kept")}
        counts[change.what] += 1
        there = sum(one.what == change.what for one in self.examples)
        return FieldMigration(**counts, examples=(*self.examples, change) if there < EXAMPLES else self.examples)


@dataclass(frozen=True)
class CustomMigration:
    """How many leads were rewritten, what became of each field, and the leads that can't be read at all."""

    leads: int = 0
    fields: Mapping[str, FieldMigration] = field(default_factory=dict)
    unreadable: tuple[UnreadableLead, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.leads} leads rewritten, {len(self.unreadable)} can't be read"]
        for name, one in sorted(self.fields.items()):
            counts = {what: getattr(one, what) for what in ("renamed", "retyped", "dropped", "kept")}
            lines.append(f"{name}: {', '.join(f'{number} {what}' for what, number in counts.items() if number)}")
            lines += [f"  {change.before!r} is kept: {change.why}" for change in one.examples if change.why is not None]
        return "\n".join(lines)


@dataclass(frozen=True)
class _Page:
    leads: int
    changes: Sequence[FieldChange]
    unreadable: Sequence[UnreadableLead]


def migrate_custom(
    runner: Runner,
    *,
    retype: Retype = MappingProxyType({}),
    drop: Collection[str] = (),
    dry_run: bool = False,
    watch: Callable[[int], object] | None = None,
) -> Program[CustomMigration]:
    """Rewrite the custom fields of all stored leads to their present definition; tell what became of each field.

    Values under a former name get the present one. A value that its field can't read is given to the function that
    ``retype`` has for the field, as the JSON value that is stored; if that fails, it stays aside, and the examples say
    why. Nothing is lost unless asked for: ``drop`` names fields whose values are to be dropped where they are kept
    aside. ``dry_run`` writes nothing and returns what a run at this moment would. ``watch`` is called with the number
    of leads looked at.

    Each rewritten lead gets a ``DetailsCorrected`` by the system; its score is computed anew with its next event, or by
    a re-scoring. Others continue to work meanwhile. If interrupted and run again, it does the rest.
    """
    rewrite = FieldRewriting(_functions(retype, runner.policy.lead_type), _names(drop))
    dry_run = flag_of("dry_run", dry_run)
    if watch is not None and not callable(watch):
        raise InvalidInput("watch", watch, "give a function that takes the number of leads looked at")
    done, seen = CustomMigration(), 0
    after: LeadId | None = None
    while ids := (yield from _ids(after)):
        page = yield from runner.until_saved(partial(_page, runner, ids, rewrite, dry_run))
        fields = dict(done.fields)
        for change in page.changes:
            fields[change.field] = fields.get(change.field, FieldMigration()).plus(change)
        done = CustomMigration(done.leads + page.leads, fields, (*done.unreadable, *page.unreadable))
        after, seen = ids[-1], seen + len(ids)
        if watch is not None:
            watch(seen)
    return done


def _functions(retype: Any, lead_type: type[Lead[Any]]) -> Retype:
    remedy = "give a function for each field, such as {'fleet_size': int}"
    if not isinstance(retype, Mapping):
        raise InvalidInput("retype", retype, remedy)
    fields = getattr(lead_type.model_fields["custom"].annotation, "model_fields", {})
    for name, function in retype.items():
        if not isinstance(name, str) or not callable(function):
            raise InvalidInput("retype", name, remedy)
        if name not in fields:
            raise InvalidInput("retype", name, f"no such custom field; there are {', '.join(fields) or 'none'}")
    return dict(retype)


def _names(drop: Any) -> frozenset[str]:
    if not isinstance(drop, list | tuple | set | frozenset):
        raise InvalidInput("drop", drop, "give a list of field names, such as ['machines']")
    return frozenset(line_of("drop", name) for name in drop)


def _ids(after: LeadId | None) -> Program[list[LeadId]]:
    return (yield from on_storage(lambda storage: storage.lead_ids(after, AT_ONCE)))


def _page(runner: Runner, ids: Sequence[LeadId], rewrite: FieldRewriting, dry_run: bool) -> Program[_Page]:
    documents: dict[LeadId, str | bytes] = {}
    wrong: Mapping[LeadId, StorageError] = {}
    DOCUMENTS.set(documents)
    try:
        leads = yield from leads_with(ids)
    except Unreadable as error:
        leads, wrong = dict(error.leads), error.wrong
    finally:
        DOCUMENTS.set(None)
    moment = CommandContext(now=runner.now())
    decided = [
        rewritten(runner.policy, moment, lead, custom, rewrite)
        for asked, lead in leads.items()
        if lead.id == asked and (custom := _stored_custom(lead, documents)) is not None
    ]
    changes = [change for change, _ in decided if not change.is_empty]
    if changes and not dry_run:
        yield from runner.save(joined(changes))
    unreadable = [UnreadableLead(one, str(wrong[one])) for one in ids if one in wrong]
    return _Page(len(changes), [one for _, some in decided for one in some], unreadable)


def _stored_custom(lead: Lead[Any], documents: Mapping[LeadId, str | bytes]) -> dict[str, Any] | None:
    """Return the custom fields as they are stored; a storage that keeps leads as values stores what they are now."""
    if lead.id not in documents:
        return stored_form(lead.custom, exclude_defaults=True)
    custom = json.loads(documents[lead.id]).get("custom", {})
    return custom if isinstance(custom, dict) else None
