"""The common base of both flows: the host's ports and rules, and the runner."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from leadflow.buying_center import BuyingCenter
from leadflow.data_quality import DataQuality
from leadflow.decisions.policy import Policy
from leadflow.enrichment.enricher import Enricher
from leadflow.entities import Lead
from leadflow.errors import DefinitionError, shown
from leadflow.events import Fact
from leadflow.flow.key_ring import KeyRing
from leadflow.flow.policy_setup import policy_of
from leadflow.flow.runner import BUDGET, LEASE, Fields, Runner, clock_of_this_machine, new_lead_id
from leadflow.flow.subscribers import Subscriber
from leadflow.lifecycle import DEFAULT, Lifecycle
from leadflow.nurturing import Content, Sequence
from leadflow.ports import is_asynchronous, is_synchronous
from leadflow.qualification import Qualification
from leadflow.quality import MAJOR_CITIES, Gazetteer
from leadflow.quality.buying_roles import RoleModel
from leadflow.routing import Router, Team
from leadflow.scoring import ScoringModel
from leadflow.service import ServiceLevel
from leadflow.worktime import BusinessHours

__all__ = ["Flow"]


class _Bound(Protocol):
    """A storage, synchronous or asynchronous."""

    def bind(self, lead_type: type[Lead[Any]]) -> None: ...


S = TypeVar("S", bound=_Bound)
M = TypeVar("M")
F = TypeVar("F", bound=Fact)


class Flow(Generic[S, M, Fields]):
    """The host's ports and rules, and the runner of its commands."""

    _awaits: ClassVar[bool] = False

    def __init__(
        self,
        storage: S,
        *,
        mailer: M | None = None,
        custom: type[Fields] | None = None,
        lifecycle: Lifecycle = DEFAULT,
        scoring: ScoringModel | None = None,
        qualification: Qualification | None = None,
        router: Router | None = None,
        teams: Iterable[Team] = (),
        sequences: Iterable[Sequence] = (),
        contents: Iterable[Content] = (),
        service_levels: Iterable[ServiceLevel] = (),
        data_quality: DataQuality | None = None,
        buying_centers: Iterable[BuyingCenter] = (),
        role_model: RoleModel | None = None,
        enrichers: Iterable[Enricher] = (),
        country: str | None = None,
        gazetteer: Gazetteer | None = MAJOR_CITIES,
        sender: str = "leadflow <leadflow@localhost>",
        unsubscribe_url: str | None = None,
        quiet: BusinessHours | None = None,
        secrets: bytes | tuple[bytes, ...] = (),
        delivers: bool = True,
        clock: Callable[[], datetime] = clock_of_this_machine,
        new_id: Callable[[datetime], str] = new_lead_id,
        lease: timedelta = LEASE,
        budget: timedelta = BUDGET,
    ) -> None:
        if isinstance(storage, str):
            raise DefinitionError(f"{storage!r} is not a storage; give SqlStorage('sqlite:///leads.db'), say")
        if not self._awaits and is_asynchronous(storage):
            raise DefinitionError(f"{type(storage).__name__} is an asynchronous storage; give it to AsyncLeadFlow")
        if self._awaits and is_synchronous(storage):
            raise DefinitionError(
                f"{type(storage).__name__} can't be awaited; give it to LeadFlow, or give AsyncLeadFlow a storage such "
                "as AsyncSqlStorage or AsyncMemoryStorage"
            )
        if lease <= timedelta(0):
            raise DefinitionError(f"lease is {lease}; give a positive time such as timedelta(minutes=5)")
        policy = policy_of(
            mails=mailer is not None,
            custom=custom,
            lifecycle=lifecycle,
            scoring=scoring,
            qualification=qualification,
            router=router,
            teams=teams,
            sequences=sequences,
            contents=contents,
            service_levels=service_levels,
            data_quality=data_quality,
            buying_centers=buying_centers,
            role_model=role_model,
            enrichers=enrichers,
            country=country,
            gazetteer=gazetteer,
            sender=sender,
            unsubscribe_url=unsubscribe_url,
            quiet=quiet,
            secrets=secrets,
            delivers=delivers,
        )
        self.storage: S = storage
        self._runner: Runner[Fields] = Runner(
            policy,
            storage,
            KeyRing(policy.secrets),
            mailer=mailer,
            clock=clock,
            new_id=new_id,
            lease=lease,
            budget=budget,
        )
        storage.bind(policy.lead_type)

    def __init_subclass__(cls) -> None:
        """Give the methods of the table their names, for ``help`` and tracebacks."""
        super().__init_subclass__()
        for name, method in vars(cls).items():
            if getattr(method, "__name__", None) == "method":
                method.__name__, method.__qualname__ = name, f"{cls.__qualname__}.{name}"

    @property
    def policy(self) -> Policy:
        """All rules, checked."""
        return self._runner.policy

    @property
    def clock(self) -> Callable[[], datetime]:
        """The source of the current time."""
        return self._runner.clock

    @clock.setter
    def clock(self, clock: Callable[[], datetime]) -> None:
        self._runner.clock = clock

    @property
    def mailer(self) -> M | None:
        """The mailer that hands messages to a mail server."""
        mailer: M | None = self._runner.mailer
        return mailer

    @mailer.setter
    def mailer(self, mailer: M | None) -> None:
        self._runner.mailer = mailer

    def on(self, fact: type[F], handler: Callable[[F], object], *, name: str) -> None:
        """Call ``handler`` for every fact of this class, at least once, from ``tick``; ``name`` must stay the same.

        The storage remembers the name: from the next write on, deliveries to this subscriber wait for a process that
        has it, whoever calls ``tick``; a removed subscriber is ended with ``flow.retire("notify:NAME")``. A handler
        that raises is retried with growing delays.
        """
        if not (isinstance(fact, type) and issubclass(fact, Fact)):
            raise DefinitionError(f"{shown(fact)} is not a class of facts; give one such as StageChanged")
        if not self.policy.delivers:
            raise DefinitionError("this flow delivers nothing (delivers=False); leave that out to subscribe")
        if not callable(handler):
            raise DefinitionError(f"handler {shown(handler)} can't be called; give a function that takes a fact")
        self._runner.subscribers.add(name, Subscriber(fact, handler))
