"""Load, decide, save; on a collision load and decide again. Nothing else happens between a host and a decision."""

from __future__ import annotations

import logging
import random
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from pydantic import ValidationError

from leadflow.decisions.accounts import account_index
from leadflow.decisions.answers import Answer
from leadflow.decisions.commands import Moved
from leadflow.decisions.digests import keyed_digest
from leadflow.decisions.distributing import distribute
from leadflow.decisions.draft import Decided
from leadflow.decisions.known import Colleague, Known, engagement_key, is_remembered
from leadflow.decisions.ledgers import ledger_key, noted_in_ledger
from leadflow.decisions.policy import SYSTEM, Moment, Policy
from leadflow.decisions.suppression import SuppressionList
from leadflow.entities import ActedBy, Activity, Actor, Email, Entity, Lead, LeadId, Route, Task
from leadflow.errors import (
    DefinitionError,
    IdempotencyConflict,
    NotFound,
    Stale,
    Taken,
    TooNew,
    Unreadable,
)
from leadflow.events import Change, Fact, Reply, digest_of
from leadflow.flow.given import acting, as_invalid_input, lead_id_of, line_of, moment_of
from leadflow.flow.key_ring import KeyRing
from leadflow.flow.subscribers import Subscribers
from leadflow.lifecycle import DEFAULT, Lifecycle
from leadflow.nurturing import Content, Nurturing, Sequence, suppression_key, unsubscribe_headers
from leadflow.nurturing.mailboxes import ContactPoint, suppression_states
from leadflow.ports import Mailer, Storage, is_hosted, leaves_routing
from leadflow.qualification import Qualification
from leadflow.quality import email_key
from leadflow.routing import Router, ledger_ids
from leadflow.scoring import ScoringModel
from leadflow.service import ServiceLevel
from leadflow.worktime import BusinessHours

__all__ = ["Core", "new_lead_id"]

_log = logging.getLogger("leadflow")

R = TypeVar("R", bound=Answer)
T = TypeVar("T")

BUDGET = timedelta(seconds=10)
BEGIN_AGAIN = "roll back, and run your transaction again"
COLLEAGUES_LIMIT = 200
"""So many leads of one account are looked at."""
FACTS_PAGE = 500
MOST_ATTEMPTS_MISSED = 16
LONGEST_PAUSE = 1.0
LEAD_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""Ids stand in keys of tasks, in links and in headers: no dots, colons or blanks."""


def _now() -> datetime:
    return datetime.now(UTC)


def new_lead_id(now: datetime) -> LeadId:
    """Return an id that sorts by time and nobody can guess: milliseconds, then 64 random bits."""
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(8)}"


class Core:
    """What all commands share: the host's ports and rules, and the loop that writes."""

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
        clock: Callable[[], datetime] = _now,
        new_id: Callable[[datetime], str] = new_lead_id,
        lease: timedelta = timedelta(minutes=5),
        budget: timedelta = BUDGET,
    ) -> None:
        if isinstance(storage, str):
            raise DefinitionError(f"{storage!r} is no storage; give SqlStorage('sqlite:///leads.db'), say")
        _check_custom(custom)
        lead_type: type[Lead[Any]] = Lead[custom] if custom is not None else Lead  # type: ignore[valid-type]
        nurturing = Nurturing(tuple(sequences), tuple(contents)).bind(lead_type)
        secrets = (secrets,) if isinstance(secrets, bytes) else tuple(secrets)
        _check_nurturing(nurturing, lifecycle, unsubscribe_url, secrets, mails=mailer is not None)
        if lease <= timedelta(0):
            raise DefinitionError(f"lease is {lease}; give more than no time, such as timedelta(minutes=5)")
        _check_journey(lifecycle, qualification)
        self.policy = Policy(
            lead_type=lead_type,
            lifecycle=lifecycle,
            scoring=scoring.bind(lead_type) if scoring else None,
            qualification=qualification.bind(lead_type) if qualification else None,
            router=router.bind(lead_type) if router else None,
            sequences={one.name: one for one in nurturing.sequences},
            contents=tuple(nurturing.contents),
            service_levels=_by_stage(service_levels, lifecycle),
            country=country,
            sender=sender,
            unsubscribe_url=unsubscribe_url,
            quiet=quiet,
            secrets=secrets,
        )
        self.storage, self.mailer = storage, mailer
        self._key_ring = KeyRing(storage, secrets)
        self.clock, self.new_id = clock, new_id
        self.lease, self.budget = lease, budget
        self._subscribers = Subscribers(storage)
        storage.bind(lead_type)

    # -------------------------------------------------------------------------------------------------- the loop
    def _run(
        self,
        decide: Callable[[], Decided[R]],
        result: type[R],
        *,
        key: str | None = None,
        payload: Mapping[str, object] | None = None,
    ) -> R:
        """Decide and save until it is saved; with a key, answer a repeated command as the first time."""
        key = None if key is None else line_of("key", key)
        reply = self._blank_reply(key, payload or {}) if key else None

        def attempt() -> R:
            said = self.storage.reply(reply.key) if reply else None
            if reply and said is not None:
                if said.digest != reply.digest:
                    raise IdempotencyConflict(key or "")
                return _answered(result, said)
            with as_invalid_input():
                decided = decide()
            change = decided.change
            if reply:
                value = decided.result.model_dump(mode="json")
                change = change.but(reply=reply.but(value=value, lead_id=decided.result.lead_id))
            self._save(change)
            return decided.result

        return self._with_owner(self._until_saved(attempt))

    def _with_owner(self, result: R) -> R:
        """Routing is a Change of its own: who got the lead stands there only after the command's own Change."""
        if self.policy.router is None or not isinstance(result, Moved) or result.owner is not None:
            return result
        lead = self.storage.load([result.lead_id]).get(result.lead_id)
        return result.but(owner=lead.owner) if lead is not None and lead.stage == result.stage else result

    def answered(self, key: str) -> bool:
        """Say whether a command with this key has been carried out; keys are stored as hashes only."""
        return self.storage.reply(self._blank_reply(line_of("key", key), {}).key) is not None

    def _blank_reply(self, key: str, payload: Mapping[str, object]) -> Reply:
        """The reply of a command, by hashes of its key and of what was given: it stays when the lead is erased.

        They are made with the key that all processes share for ever, so that no two can take one command for two.
        """
        shared = self._keys()[-1]
        digest = keyed_digest("payload", digest_of(payload), shared)
        return Reply(key=keyed_digest("key", key, shared), digest=digest, value={})

    def _save(self, change: Change) -> None:
        """Write, and let what concerns the reps' ledgers follow right away; if it can't now, its task does it later.

        Inside a host's transaction it is left to the tasks: ledgers are shared, and nobody knows when the host commits.
        """
        if change.is_empty:
            return
        self._subscribers.announce()
        self.storage.save(change)
        if leaves_routing(self.storage):
            return
        for task in change.put:
            try:
                if task.kind == "route" and task.lead_id is not None:
                    self.route(task.lead_id)
                elif task.kind == "ledger":
                    self._note_in_ledger(task)
            except Exception as error:  # noqa: BLE001  (what was asked for is saved; the task tells what is wrong)
                _log.warning("task %s is left to tick: %s", task.key, type(error).__name__)

    def _until_saved(self, attempt: Callable[[], T], while_: Callable[[], bool] = lambda: True) -> T:
        """Call until nothing collides, with full jitter, while it makes sense and the time budget lasts.

        Inside a host's transaction what collided would collide again: that is said at once.
        """
        give_up = time.monotonic() + self.budget.total_seconds()
        for collisions in count(1):
            begun = time.monotonic()
            try:
                return attempt()
            except (Stale, Taken) as collision:
                if is_hosted(self.storage):
                    raise type(collision)(f"{collision}; {BEGIN_AGAIN}") from collision
                now = time.monotonic()
                if now >= give_up or not while_():
                    raise
            # counted in attempts, not in milliseconds: a slow database or a busy machine needs longer pauses
            longest = (now - begun) * min(2**collisions, MOST_ATTEMPTS_MISSED)
            time.sleep(random.uniform(0, min(longest, LONGEST_PAUSE)))  # noqa: S311  (spreads collisions)
        raise AssertionError("unreachable")

    # -------------------------------------------------------------------------------------------------- reading
    def _moment(self, by: ActedBy | None = None, at: datetime | None = None, default: Actor = SYSTEM) -> Moment:
        actor = default if by is None else acting(by)
        return Moment(now=moment_of("clock", self.clock()), by=actor, at=None if at is None else moment_of("at", at))

    def _keys(self) -> tuple[bytes, ...]:
        """Return all keys that addresses may be hashed with, the one to write with first."""
        return self._key_ring.keys()

    def _suppressions(self, points: Iterable[ContactPoint], *more: str, claimed: bool = False) -> SuppressionList:
        """Read what is suppressed at these addresses and numbers, and at ``more`` keys of states.

        ``claimed``: also which lead has claimed an address, to know what is a lead's own.
        """
        points, keys = tuple(points), self._keys()
        states = {state for point in points for state in suppression_states(point, keys)} | {*more}
        claims = {email_key(Email(address=p.value)): p.value for p in points if claimed and p.kind == "email"}
        holders = self.storage.holders(claims) if claims else {}
        return SuppressionList(
            keys,
            self.storage.states(states) if states else {},
            {claims[key]: lead_id for key, lead_id in holders.items()},
        )

    def _lead(self, lead_id: LeadId) -> Lead[Any]:
        lead_id = lead_id_of("lead_id", lead_id)
        try:
            lead = self.storage.load([lead_id]).get(lead_id)
        except Unreadable as error:
            raise error.wrong.get(lead_id, error) from None
        if lead is None:
            raise NotFound("lead", lead_id)
        return lead

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

    def _loaded(self, ids: Collection[LeadId]) -> dict[LeadId, Lead[Any]]:
        """Return those of several leads that can be read: nobody is refused for what is wrong with another."""
        try:
            return self.storage.load(ids) if ids else {}
        except Unreadable as error:
            for one in error.wrong.values():
                _log.warning("%s; the others go on without it", one)
            return dict(error.leads)

    def _known(self, lead: Lead[Any] | None, at: datetime) -> Known:
        """Read what the host's rules must know of what the lead did, to score it from ``at`` on.

        That is its engagement state where it tells all.
        """
        scoring = self.policy.scoring
        if scoring is None:
            return Known()
        if lead is None:
            return Known.from_activities(scoring, (), at)
        (known,) = self._done_by([lead], scoring, at)
        if not scoring.looks_at_account:
            return known
        return replace(known, colleagues=self._of_account(account_index(lead), at, without=lead.id))

    def _of_account(self, index: Collection[str], at: datetime, without: LeadId | None = None) -> list[Colleague]:
        """Read the leads of an account, not too many, with what is known of each."""
        found = self.storage.matching(index, COLLEAGUES_LIMIT) if index else {}
        ids = {lead_id for some in found.values() for lead_id in some} - {without}
        leads = sorted(self._loaded(ids).values(), key=lambda one: one.id)
        scoring = self.policy.scoring
        if scoring is None:
            return [Colleague(lead, Known()) for lead in leads]
        try:
            return [
                Colleague(lead, known) for lead, known in zip(leads, self._done_by(leads, scoring, at), strict=True)
            ]
        except TooNew:
            return [one for lead in leads for one in self._alone(lead, scoring, at)]

    def _alone(self, lead: Lead[Any], scoring: ScoringModel, at: datetime) -> Iterator[Colleague]:
        try:
            (known,) = self._done_by([lead], scoring, at)
        except TooNew as error:
            _log.warning("%s; the others go on without it", error)
        else:
            yield Colleague(lead, known)

    def _done_by(self, leads: list[Lead[Any]], scoring: ScoringModel, at: datetime) -> Iterator[Known]:
        if not scoring.engagement:
            yield from (Known() for _ in leads)
            return
        if not is_remembered(scoring):
            yield from (Known(self.storage.activities(lead.id)) for lead in leads)
            return
        stored = self.storage.states([engagement_key(lead.id) for lead in leads])
        for lead in leads:
            state = stored.get(engagement_key(lead.id))
            known = Known.from_stored(scoring, state, lead, at)
            if known is None:
                version = state.version if state is not None else 0
                known = Known.from_activities(scoring, self.storage.activities(lead.id), at, version)
            yield known

    def _has_activity(self, lead: Lead[Any] | None, activity: Activity) -> bool:
        return lead is not None and bool(self.storage.activities(lead.id, [activity.id]))

    def _new_lead_id(self, now: datetime) -> LeadId:
        lead_id = self.new_id(now)
        if not LEAD_ID.fullmatch(lead_id):
            raise DefinitionError(
                f"new_id gave {lead_id!r}; an id has 1 to 100 of the characters a-z, A-Z, 0-9, - and _"
            )
        return lead_id

    # -------------------------------------------------------------------------------------------------- routing
    def _note_in_ledger(self, task: Task) -> None:
        """Do a ledger task once, whoever gets to it first."""

        def attempt() -> None:
            key = ledger_key(task.text("rep"))
            state = self.storage.states([key]).get(key)
            if self.storage.task(task.key) is not None:  # asked after the ledger: who noted it has moved that
                self.storage.save(noted_in_ledger(task, state))

        self._until_saved(attempt)

    def route(self, lead_id: LeadId) -> Route | None:
        """Give a lead that is for sales to a rep or into a queue; None if it has one or is not for sales."""

        def attempt() -> Route | None:
            moment = self._moment()
            lead = self._lead(lead_id)
            router = self.policy.router
            if router is None or not self.policy.wants_owner(lead):
                return None
            keys = [ledger_key(rep) for rep in ledger_ids(router, lead, moment.now)]
            states = self.storage.states(keys)
            decided = distribute(self.policy, moment, lead, states, self._known(lead, moment.now))
            self.storage.save(decided.change)
            if decided.result is not None and decided.result.error is not None:
                _log.error("lead %s is in a queue: the policy of its territory failed", lead.id)
            return decided.result

        return self._until_saved(attempt)


def _answered(result: type[R], said: Reply) -> R:
    if not said.value:
        return result.of_erased(said.lead_id or "")
    try:
        return result.model_validate(said.value, extra="ignore")  # a newer version may answer more
    except ValidationError:
        raise Unreadable(f"the reply of the key {said.key!r}", "it is not as today's definitions have it") from None


def _check_custom(custom: type[Entity] | None) -> None:
    if custom is None:
        return
    if not (isinstance(custom, type) and issubclass(custom, Entity)):
        raise DefinitionError(f"custom is {custom!r}; give a class that inherits from leadflow.Entity")
    required = [name for name, field in custom.model_fields.items() if field.is_required()]
    if required:
        raise DefinitionError(f"custom field {required[0]!r} needs a default: of a new lead nothing is known yet")


def _check_nurturing(
    nurturing: Nurturing, lifecycle: Lifecycle, unsubscribe_url: str | None, secrets: tuple[bytes, ...], *, mails: bool
) -> None:
    """What could not go, or could not be unsubscribed, is refused before the first mail is due.

    Without a mailer no mail is written, and no secret is needed to sign it.
    """
    can_sign = bool(secrets) or not mails
    if any(one.channel == "email" for one in nurturing.sequences) and not (unsubscribe_url and can_sign):
        raise DefinitionError(
            "sequences by e-mail need unsubscribe_url='https://…?t={token}' and secrets=[b'…'], so that every mail "
            "can be unsubscribed"
        )
    if unsubscribe_url is not None:
        if "{token}" not in unsubscribe_url:
            raise DefinitionError(f"unsubscribe_url {unsubscribe_url!r} needs {{token}}: it says who unsubscribes")
        unsubscribe_headers(unsubscribe_url.replace("{token}", "t"))
    for secret in secrets:
        suppression_key("email", "checks the secret", secret)
    for stage in {stage for one in nurturing.sequences for stage in (*one.stages, *one.exit_on)}:
        lifecycle.stage(stage)


def _check_journey(lifecycle: Lifecycle, qualification: Qualification | None) -> None:
    if lifecycle.first != "prospect" or "identify" not in lifecycle.allowed("prospect"):
        raise DefinitionError("a lifecycle begins with the stage 'prospect', from which the move 'identify' leads on")
    for track in qualification.fast_track if qualification else ():
        lifecycle.stage(track.to)


def _by_stage(levels: Iterable[ServiceLevel], lifecycle: Lifecycle) -> dict[str, ServiceLevel]:
    by_stage: dict[str, ServiceLevel] = {}
    for level in levels:
        lifecycle.stage(level.stage)
        if level.stage in by_stage:
            raise DefinitionError(f"two service levels for {level.stage!r}; give each stage one")
        by_stage[level.stage] = level
    return by_stage
