"""What a flow is made of: the host's ports and rules, and what runs its commands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from leadflow.decisions.answers import Answer
from leadflow.decisions.capturing import Captured
from leadflow.decisions.commands.command import Command, moment_by
from leadflow.decisions.commands.intake import Capture, Record, Visit
from leadflow.decisions.given import lead_id_of
from leadflow.decisions.known import Known
from leadflow.decisions.lead_context import known_of
from leadflow.decisions.policy import SYSTEM, Moment, Policy
from leadflow.decisions.reads import lead_with, readable
from leadflow.decisions.recording import Recorded
from leadflow.decisions.suppression import SuppressionList, suppressions
from leadflow.entities import ActedBy, Actor, Entity, Lead, LeadId, Route, Task
from leadflow.errors import DefinitionError, InvalidInput, LeadflowError
from leadflow.events import Change, Fact
from leadflow.flow.definitions import policy_of
from leadflow.flow.drivers import SyncPorts, carried_out
from leadflow.flow.effects import Program
from leadflow.flow.group import GROUP, CommandResult, captures, carry_group, groups
from leadflow.flow.key_ring import KeyRing
from leadflow.flow.runner import BUDGET, Runner, clock_of_this_machine, new_lead_id
from leadflow.lifecycle import DEFAULT, Lifecycle
from leadflow.nurturing import Content, Sequence
from leadflow.nurturing.mailboxes import ContactPoint
from leadflow.ports import Mailer, Storage
from leadflow.qualification import Qualification
from leadflow.routing import Router
from leadflow.scoring import ScoringModel
from leadflow.service import ServiceLevel
from leadflow.worktime import BusinessHours

__all__ = ["Core"]

R = TypeVar("R", bound=Answer)
T = TypeVar("T")

FACTS_PAGE = 500


class Core:
    """The host's ports and rules, and the runner of its commands."""

    def __init__(
        self,
        storage: Storage,
        *,
        mailer: Mailer | None = None,
        custom: type[Entity] | None = None,
        lifecycle: Lifecycle = DEFAULT,
        scoring: ScoringModel | None = None,
        qualification: Qualification | None = None,
        router: Router | None = None,
        sequences: Iterable[Sequence] = (),
        contents: Iterable[Content] = (),
        service_levels: Iterable[ServiceLevel] = (),
        country: str | None = None,
        sender: str = "leadflow <leadflow@localhost>",
        unsubscribe_url: str | None = None,
        quiet: BusinessHours | None = None,
        secrets: bytes | tuple[bytes, ...] = (),
        clock: Callable[[], datetime] = clock_of_this_machine,
        new_id: Callable[[datetime], str] = new_lead_id,
        lease: timedelta = timedelta(minutes=5),
        budget: timedelta = BUDGET,
    ) -> None:
        if isinstance(storage, str):
            raise DefinitionError(f"{storage!r} is no storage; give SqlStorage('sqlite:///leads.db'), say")
        if lease <= timedelta(0):
            raise DefinitionError(f"lease is {lease}; give more than no time, such as timedelta(minutes=5)")
        policy = policy_of(
            mails=mailer is not None,
            custom=custom,
            lifecycle=lifecycle,
            scoring=scoring,
            qualification=qualification,
            router=router,
            sequences=sequences,
            contents=contents,
            service_levels=service_levels,
            country=country,
            sender=sender,
            unsubscribe_url=unsubscribe_url,
            quiet=quiet,
            secrets=secrets,
        )
        self.storage, self.mailer, self.lease = storage, mailer, lease
        self._runner = Runner(policy, storage, KeyRing(policy.secrets), clock=clock, new_id=new_id, budget=budget)
        self._subscribers = self._runner.subscribers
        self._ports = SyncPorts(storage)
        storage.bind(policy.lead_type)

    @property
    def policy(self) -> Policy:
        """All rules, as they were checked."""
        return self._runner.policy

    @property
    def clock(self) -> Callable[[], datetime]:
        """What tells the time."""
        return self._runner.clock

    @clock.setter
    def clock(self, clock: Callable[[], datetime]) -> None:
        self._runner.clock = clock

    def run(self, command: Command[R]) -> R:
        """Carry out a command that was made as a value: ``flow.run(Capture({…}, source="fair"))``."""
        if not isinstance(command, Command):
            raise InvalidInput("command", command, "give a command, such as Record(lead_id, 'page_viewed')")
        return self._do(self._runner.run(command))

    def run_many(self, commands: Iterable[Command[R]], *, group: int = GROUP) -> Iterator[CommandResult[R]]:
        """Carry out many commands, ``group`` at a time, and yield what became of each, in their order.

        The result is that of one by one, only faster: reads and writes are shared. A refused command costs only itself.
        Interrupted, it has written whole groups: given again, commands with a ``key``, submissions and activities that
        were carried out are answered as ``repeated``.
        """
        return self._carried(commands, group)

    def _carried(self, commands: Iterable[Command[R] | LeadflowError], group: int) -> Iterator[CommandResult[R]]:
        for some in groups(commands, group):
            yield from self._do(carry_group(self._runner, some))

    def capture_many(
        self, rows: Iterable[Mapping[str, object] | Capture], *, source: str | None = None, group: int = GROUP
    ) -> Iterator[CommandResult[Captured]]:
        """Take in many submissions: like ``capture`` for each, only faster; what became of each, in their order.

        A row is a mapping of values (``source`` is where all of them are from), or a ``Capture`` with an ``id``, a
        moment, consents of its own. One that can't be used is reported with its index and its error, and costs only
        itself. Submissions that came before are ``repeated``: an import that was interrupted is simply run again.
        """
        return self._carried(captures(rows, source), group)

    def record_many(self, rows: Iterable[Record | Visit], *, group: int = GROUP) -> Iterator[CommandResult[Recorded]]:
        """Record many activities: like ``record`` and ``visit`` for each, only faster; answers come in order."""
        return self.run_many(rows, group=group)

    def answered(self, key: str) -> bool:
        """Return whether a command with this key has been carried out; keys are stored as hashes only."""
        return self._do(self._runner.is_answered(key))

    def route(self, lead_id: LeadId) -> Route | None:
        """Give a lead that is for sales to a rep or into a queue; None if it has one or is not for sales."""
        return self._do(self._runner.route(lead_id))

    def _note_in_ledger(self, task: Task) -> None:
        self._do(self._runner.noted_in_ledger(task))

    def _do(self, program: Program[T]) -> T:
        """Carry a program out."""
        return carried_out(program, self._ports)

    def _ask(self, asking: Program[T]) -> T:
        """Answer what a decision asks for."""
        return self._do(self._runner.asked(asking))  # type: ignore[arg-type]

    def _save(self, change: Change) -> None:
        self._do(self._runner.save(change))

    def _until_saved(self, attempt: Callable[[], T], while_: Callable[[], bool] = lambda: True) -> T:
        def tried() -> Program[T]:
            return attempt()
            yield

        def makes_sense() -> Program[bool]:
            return while_()
            yield

        return self._do(self._runner.until_saved(tried, makes_sense))

    # -------------------------------------------------------------------------------------------------- reading
    def _moment(self, by: ActedBy | None = None, at: datetime | None = None, default: Actor = SYSTEM) -> Moment:
        return moment_by(self._runner.now(), by, at, default)

    def _suppressions(self, points: Iterable[ContactPoint], *more: str, claimed: bool = False) -> SuppressionList:
        return self._ask(suppressions(points, *more, claimed=claimed))

    def _lead(self, lead_id: LeadId) -> Lead[Any]:
        return self._ask(lead_with(lead_id_of("lead_id", lead_id)))

    def _loaded(self, ids: Collection[LeadId]) -> dict[LeadId, Lead[Any]]:
        return self._ask(readable(ids))

    def _known(self, lead: Lead[Any] | None, at: datetime) -> Known:
        return self._ask(known_of(self.policy, lead, at))

    def _facts(
        self, lead_id: LeadId, since_version: int = 0, *, kinds: Collection[str] | None = None, page: int = FACTS_PAGE
    ) -> Iterator[Fact]:
        """Walk through the facts of a lead, oldest first, without holding them all."""
        limit = page
        while facts := self.storage.facts(lead_id, since_version, kinds=kinds, limit=limit):
            is_last = len(facts) < limit
            whole = facts if is_last else [fact for fact in facts if fact.version < facts[-1].version]
            yield from whole
            if is_last:
                return
            if whole:
                since_version, limit = whole[-1].version, page
            else:  # one Change with more facts than a page
                limit *= 2
