"""Facts, the Change that writes them, and the replay that reads them."""

from leadflow.events import facts
from leadflow.events.change import Change, Claim, LeadWrite, Redirect, Reply, StateWrite, digest_of
from leadflow.events.decoder import fact_from_json, read_fact
from leadflow.events.facts import *  # noqa: F403  (its __all__ is the list of facts)
from leadflow.events.replay import Replay, apply, blank, needs_other, replay
from leadflow.events.setbacks import Setbacks, SetbackSearch, as_recorded

__all__ = [
    "Change",
    "Claim",
    "LeadWrite",
    "Redirect",
    "Replay",
    "Reply",
    "SetbackSearch",
    "Setbacks",
    "StateWrite",
    "apply",
    "as_recorded",
    "blank",
    "digest_of",
    "fact_from_json",
    "needs_other",
    "read_fact",
    "replay",
]
__all__ += facts.__all__
