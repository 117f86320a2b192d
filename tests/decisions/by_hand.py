"""Drive a decision by hand: the test answers each read, and looks at what was asked and at the Change that was made.

Answers are given by the read itself (``Load(("lead-1",))``: only that is answered, in whatever order its keys stand) or
by its class (``States``: whatever is asked of them). An answer that is an exception is thrown where it was asked for,
one that is a function is given the read. A read that the test did not foresee fails the test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from acme import CONTENTS, QUALIFICATION, ROUTER, SCORING, SLA, WELCOME
from leadflow.decisions import reads as r
from leadflow.decisions.commands.command import Wish
from leadflow.decisions.draft import Decided
from leadflow.decisions.policy import Policy
from leadflow.entities import Activity, Lead
from leadflow.events import Change, Fact
from leadflow.testing import a_lead

T = TypeVar("T")
F = TypeVar("F", bound=Fact)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
SECRET = b"a secret of 16 bytes or more"
BARE = Policy(country="DE", delivers=False)
"""No rules at all: what is read and written then is what the command itself needs."""
RULES = Policy(
    scoring=SCORING.bind(),
    qualification=QUALIFICATION,
    router=ROUTER,
    sequences={WELCOME.name: WELCOME},
    contents=CONTENTS,
    service_levels={SLA.stage: SLA},
    country="DE",
    secrets=(SECRET,),
    delivers=False,
)
Answers = Mapping[Any, Any]
NOBODY: Answers = {r.Keys: (SECRET,), r.States: {}, r.Holders: {}, r.Matching: {}, r.FeaturesOf: {}, r.NewId: "new-1"}
"""What a stranger finds: nothing is known, and nothing is suppressed."""
UNSUPPRESSED: Answers = {r.Keys: (SECRET,), r.States: {}, r.Holders: {}}


def stored(*leads: Lead[Any], activities: tuple[Activity, ...] = ()) -> dict[Any, Any]:
    """The answers about leads that are stored, with what they did."""
    done = {lead.id: [one for one in activities if one.lead_id == lead.id] for lead in leads}
    of_ids: Callable[[r.Activities], list[Activity]] = lambda read: [  # noqa: E731
        one for one in done[read.lead_id] if read.ids is None or one.id in read.ids
    ]
    return {r.Load((lead.id,)): {lead.id: lead} for lead in leads} | {r.Activities: of_ids}


def held(by: Mapping[str, str]) -> Answers:
    """Who holds claims, of those that are asked for."""
    return {r.Holders: lambda read: {key: by[key] for key in read.keys if key in by}}


@dataclass(frozen=True)
class Driven:
    """What came of a decision that was driven by hand."""

    reads: tuple[r.Read, ...]
    change: Change
    result: Any

    @property
    def asked(self) -> list[str]:
        """The kinds of reads in their order."""
        return [type(read).__name__ for read in self.reads]

    @property
    def said(self) -> list[str]:
        """The kinds of the facts, each with its lead if that is not the first's."""
        first = self.change.facts[0].lead_id if self.change.facts else ""
        return [fact.kind if fact.lead_id == first else f"{fact.kind} of {fact.lead_id}" for fact in self.change.facts]

    def fact(self, kind: type[F]) -> F:
        """The only fact of a kind."""
        (one,) = (fact for fact in self.change.facts if isinstance(fact, kind))
        return one

    def lead(self, lead_id: str = "") -> Lead[Any]:
        """A lead as it shall be; the only one, unless it is named."""
        (one,) = (write.lead for write in self.change.leads if lead_id in ("", write.id))
        assert one is not None
        return one

    @property
    def put(self) -> dict[str, datetime]:
        """The tasks that are put, by key, each with when it is due."""
        return {task.key: task.due_at for task in self.change.put}

    @property
    def claims(self) -> dict[str, str]:
        return {claim.key: claim.lead_id for claim in self.change.claims}

    @property
    def states(self) -> dict[str, Any]:
        """The states that are written, or only looked at (None), by key."""
        return {state.key: state.value for state in self.change.states}

    def keys_of(self, kind: type[r.ByKey]) -> set[str]:
        """All that was asked of reads of a kind."""
        return {key for read in self.reads if isinstance(read, kind) for key in read.keys}


def driven(wish: Wish[Any], *answers: Answers, policy: Policy = BARE, now: datetime = NOW) -> Driven:
    """Carry out a command with these answers."""
    reads, decided = answered(wish.decide(policy, now), *answers)
    assert isinstance(decided, Decided)
    return Driven(tuple(reads), decided.change, decided.result)


def answered(decision: r.Asking[T], *answers: Answers) -> tuple[list[r.Read], T]:
    """Drive a decision to its end, and return what it asked and what it came to."""
    table = {_named(read): answer for some in answers for read, answer in some.items()}
    reads: list[r.Read] = []
    step: Callable[[], r.Read] = lambda: next(decision)  # noqa: E731
    try:
        while True:
            reads.append(read := step())
            step = _answering(decision, read, table)
    except StopIteration as end:
        return reads, end.value


def _answering(decision: r.Asking[Any], read: r.Read, table: Answers) -> Callable[[], r.Read]:
    for name in (_named(read), type(read)):
        if name in table:
            answer = table[name](read) if callable(table[name]) else table[name]
            return lambda: decision.throw(answer) if isinstance(answer, Exception) else decision.send(answer)
    raise AssertionError(f"the test did not foresee that {read} is read")


def _named(read: Any) -> Any:
    """Name a read so that the order of its keys makes no difference; one without parts is named by its class."""
    if isinstance(read, r.ByKey):
        return (type(read), frozenset(read.keys), getattr(read, "limit", None))
    return type(read) if isinstance(read, r.Keys | r.NewId) else read


def lead(lead_id: str = "lead-1", **parts: Any) -> Lead[Any]:
    """A stored lead at version 3, known since NOW."""
    moments = {"created_at": NOW, "recorded_at": NOW, "entered_at": NOW}
    return a_lead(**{"id": lead_id, "version": 3, "email": "ada@acme.example", **moments, **parts})
