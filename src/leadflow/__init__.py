"""Lead management as a library: from the first anonymous visit to a loyal customer.

Everything here loads on first use; ``import leadflow`` alone costs no more than pydantic.
"""

from __future__ import annotations

import logging as _logging
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadflow.conditions import activity, field
    from leadflow.entities import Activity, Actor, Consent, Deal, Entity, ExternalId, Finding, Lead, Score, Suppression
    from leadflow.errors import (
        DefinitionError,
        IdempotencyConflict,
        InvalidInput,
        LeadflowError,
        MoveNotAllowed,
        NotFound,
        Refused,
        StorageError,
    )
    from leadflow.events import (
        ConsentChanged,
        ContactDue,
        DeadlineBreached,
        DeadlineReminded,
        DealChanged,
        Fact,
        LeadCaptured,
        LeadErased,
        LeadRouted,
        LeadScored,
        StageChanged,
        TwinSuspected,
    )
    from leadflow.flow import (
        Captured,
        CommandResult,
        LeadFlow,
        MessageFate,
        Miscount,
        Moved,
        Recorded,
        Retracted,
        Ticked,
    )
    from leadflow.flow.async_flow import AsyncLeadFlow
    from leadflow.lifecycle import Lifecycle, Move, Stage
    from leadflow.nurturing import Content, Sequence, Step
    from leadflow.qualification import Qualification
    from leadflow.routing import Rep, Router, Team, Territory
    from leadflow.scoring import ScoringModel
    from leadflow.service import ServiceLevel
    from leadflow.worktime import BusinessHours

_logging.getLogger("leadflow").addHandler(_logging.NullHandler())  # what is logged where is up to the host

__all__ = [
    "Activity",
    "Actor",
    "AsyncLeadFlow",
    "BusinessHours",
    "Captured",
    "CommandResult",
    "Consent",
    "ConsentChanged",
    "ContactDue",
    "Content",
    "DeadlineBreached",
    "DeadlineReminded",
    "Deal",
    "DealChanged",
    "DefinitionError",
    "Entity",
    "ExternalId",
    "Fact",
    "Finding",
    "IdempotencyConflict",
    "InvalidInput",
    "Lead",
    "LeadCaptured",
    "LeadErased",
    "LeadFlow",
    "LeadRouted",
    "LeadScored",
    "LeadflowError",
    "Lifecycle",
    "MessageFate",
    "Miscount",
    "Move",
    "MoveNotAllowed",
    "Moved",
    "NotFound",
    "Qualification",
    "Recorded",
    "Refused",
    "Rep",
    "Retracted",
    "Router",
    "Score",
    "ScoringModel",
    "Sequence",
    "ServiceLevel",
    "Stage",
    "StageChanged",
    "Step",
    "StorageError",
    "Suppression",
    "Team",
    "Territory",
    "Ticked",
    "TwinSuspected",
    "activity",
    "field",
]

_HOMES = {
    "conditions": "activity field",
    "entities": "Activity Actor Consent Deal Entity ExternalId Finding Lead Score Suppression",
    "errors": "DefinitionError IdempotencyConflict InvalidInput LeadflowError MoveNotAllowed NotFound Refused "
    "StorageError",
    "events": "ConsentChanged ContactDue DeadlineBreached DeadlineReminded DealChanged Fact LeadCaptured LeadErased "
    "LeadRouted LeadScored StageChanged TwinSuspected",
    "flow.async_flow": "AsyncLeadFlow",
    "flow": "Captured CommandResult LeadFlow MessageFate Miscount Moved Recorded Retracted Ticked",
    "lifecycle": "Lifecycle Move Stage",
    "nurturing": "Content Sequence Step",
    "qualification": "Qualification",
    "routing": "Rep Router Team Territory",
    "scoring": "ScoringModel",
    "service": "ServiceLevel",
    "worktime": "BusinessHours",
}
_HOME_OF = {name: f"leadflow.{home}" for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'leadflow' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
