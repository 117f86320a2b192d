"""Rewriting the custom fields of a stored lead to their present definition: names, types, what was kept aside."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from pydantic import TypeAdapter, ValidationError

from leadflow.decisions.draft import Draft, change_of
from leadflow.decisions.policy import SYSTEM, CommandContext, Policy
from leadflow.decisions.sanitation import first_message
from leadflow.entities import Entity, Lead, LeadId, stored_form
from leadflow.entities.decoder import details_of, read_fields
from leadflow.entities.former_names import under_present_names
from leadflow.entities.stored_form import ELEMENT, has_aside
from leadflow.errors import LeadflowError, described
from leadflow.events import Change, DetailsCorrected
from leadflow.events.enriched_lead import as_said

__all__ = ["FieldChange", "FieldRewriting", "Retype", "rewritten"]

Retype = Mapping[str, Callable[[Any], object]]
"""For each field, how a stored JSON value that the field can't read becomes one that it can."""

_ANY: Final = TypeAdapter[Any](Any)
SHOWN: Final = 500


class FieldChange(NamedTuple):
    """What becomes of one stored value: ``kept`` aside, because the field can't read it or no longer exists.

    ``why`` is what the field's ``retype`` function raised, or why the field can't take what it returned.
    """

    lead_id: LeadId
    field: str
    what: Literal["renamed", "retyped", "dropped", "kept"]
    before: Any
    after: Any = None
    why: str | None = None


@dataclass(frozen=True)
class FieldRewriting:
    """How custom fields are rewritten: ``retype`` per field, and the names of which kept values are ``drop``ped."""

    retype: Retype = field(default_factory=dict)
    drop: Collection[str] = frozenset()

    def __call__(self, custom: Entity, present: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the JSON values to store, from those stored now under the present names, and what failed by field."""
        values, failures = dict(present), dict[str, str]()
        for name in filter(_unreadable_in(custom).__contains__, present):
            if name in self.retype:
                failure = self._failure(type(custom), name, values)
                if failure is None:
                    continue
                failures[name] = failure
            if name in self.drop and name in (custom.__pydantic_extra__ or {}):
                del values[name]
        return values, failures

    def _failure(self, kind: type[Entity], name: str, values: dict[str, Any]) -> str | None:
        """Retype a value in its place; return what failed."""
        try:
            new = _ANY.dump_python(self.retype[name](values[name]), mode="json")
        except Exception as wrong:  # noqa: BLE001  (the host's function can't read this one: it is kept as it is)
            return described(wrong)
        try:
            kind.model_validate_json(json.dumps({name: new}))
        except (ValidationError, ValueError) as wrong:
            why = first_message(wrong) if isinstance(wrong, ValidationError) else str(wrong)
            return f"the field can't take {new!r}: {why}"[:SHOWN]
        values[name] = new
        return None


def _unreadable_in(custom: Entity) -> set[str]:
    """Return the names under which something is kept aside: whole values, list elements, values within a value."""
    aside = custom.__pydantic_extra__ or {} if custom.model_config.get("extra") != "allow" else {}
    elements = {element[1] for name in aside if (element := ELEMENT.fullmatch(name))}
    return {*aside, *elements, *(name for name, value in custom.__dict__.items() if has_aside(value))}


def rewritten(
    policy: Policy,
    moment: CommandContext,
    lead: Lead[Any],
    stored: Mapping[str, Any],
    rewrite: FieldRewriting,
) -> tuple[Change, list[FieldChange]]:
    """Decide how a lead's custom fields are rewritten; ``stored`` are their JSON values as they are stored.

    Nothing is written of a lead that is stored as it would be now; what stays aside is reported of every lead.
    """
    present = under_present_names(type(lead.custom), stored)
    wanted, failures = rewrite(lead.custom, present)
    try:
        custom = read_fields(lead, {"custom": wanted})[0]["custom"]
    except (LeadflowError, KeyError):
        return Change(), []
    target = stored_form(custom, exclude_defaults=True)
    kept = [
        FieldChange(lead.id, name, "kept", wanted[name], why=failures.get(name))
        for name in sorted(_unreadable_in(custom) & wanted.keys())
    ]
    if _same(stored, target):
        return Change(), kept
    draft = Draft.of(lead, policy, moment)
    said = as_said(lead.but(custom=custom)).custom
    draft.say(DetailsCorrected, by=SYSTEM, details=details_of(lead, {"custom": said}))
    return change_of(draft), [*_changes(lead, stored, present, wanted, target), *kept]


def _changes(
    lead: Lead[Any],
    stored: Mapping[str, Any],
    present: Mapping[str, Any],
    wanted: Mapping[str, Any],
    target: Mapping[str, Any],
) -> Iterator[FieldChange]:
    names = {old: name for name, former in type(lead.custom).__former_names__.items() for old in former}
    for old in stored:
        if old not in present:
            yield FieldChange(lead.id, names[old], "renamed", stored[old], target.get(names[old]))
    for name, value in present.items():
        if name not in wanted:
            yield FieldChange(lead.id, name, "dropped", value)
        elif not _same(value, target.get(name)):
            yield FieldChange(lead.id, name, "retyped", value, target.get(name))


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are stored in the same form: 1 and 1.0 or true are not."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
