"""Enrichers: what looks up more about a lead, what it is given and gives, and how often it may be asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from pydantic import Field

from leadflow.conditions import Condition, bind, evaluate, field
from leadflow.conditions.values import read
from leadflow.entities import EnrichedValue, Entity, Lead
from leadflow.errors import DefinitionError
from leadflow.events import digest_of
from leadflow.events.enriched_lead import as_said, is_enrichable, value_at
from leadflow.worktime import zone_named

__all__ = ["AT_ONCE", "REQUEST", "Budget", "Enricher", "checked_enrichers", "lookup_due", "request_of"]

AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
REQUEST: Final = "request."
"""What a web request tells is named so: ``request.ip``, ``request.user_agent``, ``request.accept_language``."""


class Budget(Entity):
    """How many calls an enricher may make, per day and per month of a time zone; None: as many as it likes."""

    per_day: int | None = Field(default=None, ge=0)
    per_month: int | None = Field(default=None, ge=0)
    zone: str


class Enricher(ABC):
    """Looks up what a source knows of leads. It is given the values of ``needs`` and ``wants``, and nothing else.

    ``needs`` are paths of what people said (``email.domain``), or of a web request (``request.ip``): a lead without one
    of them is not looked up; ``wants`` are given if they are known (else None). ``gives`` are the paths that it may
    fill. ``sends`` are those of both that leave this machine. An enricher with any is asked at most once for the same
    values while the answer counts (``keeps``), within its ``budget``, up to ``batch`` at a time, and never for a lead
    whose processing is restricted. ``where``: only leads for which it is true.
    """

    name: str
    """The source of its values; it must stay the same."""
    needs: Sequence[str]
    wants: Sequence[str] = ()
    gives: Sequence[str]
    sends: Sequence[str] = ()
    budget: Budget | None = None
    keeps: timedelta = timedelta(days=90)
    batch: int = 1
    where: Condition | None = None
    personal: bool = True
    """Whether the values that it sends are about a person: then its answers are erased with the lead."""

    @abstractmethod
    def look_up(self, asked: Sequence[Mapping[str, Any]]) -> Sequence[Sequence[EnrichedValue]] | Any:
        """Return what is known for each of the requests (values by path of ``needs``), in their order.

        It is called once for the same values: if it raises ``Deferred``, nothing was done or paid, and they are asked
        again, at ``Deferred.until`` if that is given. Whatever else it raises, they may have been paid for: they are
        reported as lost, and not asked again by itself. It may be asynchronous in an ``AsyncLeadFlow``.
        """

    @property
    def from_lead(self) -> bool:
        """Whether a lead alone is enough, without the web request that it came with."""
        return not any(path.startswith(REQUEST) for path in (*self.needs, *self.wants))


def request_of(enricher: Enricher, lead: Lead[Any], web: Mapping[str, Any] = NOTHING) -> dict[str, Any] | None:
    """Return what the enricher is given of a lead, by path: what people said; None if something is not known."""
    said = as_said(lead)
    paths = (*enricher.needs, *enricher.wants)
    values = {path: web.get(path) if path.startswith(REQUEST) else read(said, path) for path in paths}
    return None if any(values[path] in (None, "") for path in enricher.needs) else values


def lookup_due(enricher: Enricher, lead: Lead[Any], *, named: bool = False) -> datetime | None:
    """Return when a lead is to be looked up by what is known of it; None: there is nothing to ask, or to fill.

    A source that was taken back is asked again only if somebody has ``named`` it.
    """
    request = request_of(enricher, lead) if enricher.from_lead else None
    if request is None or (enricher.where is not None and not _is_wanted(enricher.where, lead)):
        return None
    if enricher.name in lead.withdrawn_sources and not named:
        return None
    said = as_said(lead)
    if all(value_at(said, path) is not None or path in lead.left_blank for path in enricher.gives):
        return None
    last = next((one for one in lead.enrichments if one.source == enricher.name), None)
    return AT_ONCE if last is None or last.request != digest_of(request) else last.at + enricher.keeps


def _is_wanted(where: Condition, lead: Lead[Any]) -> bool:
    return evaluate(_bound(where, type(lead)), lead, lead.recorded_at) is True


@lru_cache(maxsize=64)
def _bound(where: Condition, lead_type: type[Lead[Any]]) -> Condition:
    return bind(where, lead_type)


def checked_enrichers(enrichers: Sequence[Enricher], lead_type: type[Lead[Any]]) -> dict[str, Enricher]:
    """Return the enrichers by name; ``DefinitionError`` for what can't work with this class of leads."""
    found: dict[str, Enricher] = {}
    for one in enrichers:
        if not isinstance(one, Enricher):
            raise DefinitionError(f"{one!r} is no enricher; inherit from leadflow.enrichment.Enricher")
        if not one.name or ":" in one.name or one.name in found:
            raise DefinitionError(f"enricher {one.name!r}: give each a name of its own, without a colon")
        if wrong := next(_problems(one, lead_type), None):
            raise DefinitionError(f"enricher {one.name!r}: {wrong}")
        found[one.name] = one
    return found


def _problems(one: Enricher, lead_type: type[Lead[Any]]) -> Iterator[str]:
    for path in (path for path in (*one.needs, *one.wants) if not path.startswith(REQUEST)):
        bind(field(path).is_known(), lead_type)
    for path in one.gives:
        if not is_enrichable(lead_type, path):
            yield f"it gives {path!r}; give a single value of the lead whose default is None"
    if extra := sorted(set(one.sends) - {*one.needs, *one.wants}):
        yield f"it sends {extra[0]!r}, which it neither needs nor wants"
    if one.sends and not one.from_lead:
        yield "what a web request tells is looked up on this machine only; send nothing of it"
    if one.batch < 1:
        yield f"batch is {one.batch}; give 1 or more"
    if one.where is not None:
        bind(one.where, lead_type)
    if one.budget is not None:
        zone_named(one.budget.zone)
