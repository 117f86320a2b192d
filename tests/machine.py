"""One story told to several leadflows at once: each on its own storage, all with the same clock and ids."""

from __future__ import annotations

from datetime import date, timedelta
from inspect import isasyncgen, isawaitable

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from acme import ADA, Clock, Outbox, acme_flow, consistent
from leadflow import AsyncLeadFlow, LeadFlow, LeadflowError
from leadflow.adapters.async_methods import AwaitedStorage
from leadflow.decisions.commands.intake import Capture, Record
from leadflow.errors import Deferred, Rejected, StorageError, Uncertain
from leadflow.testing.clock import CountingIds
from leadflow.testing.loop_thread import LoopThread, blocking

PEOPLE = st.sampled_from(
    [
        {"email": "ada@acme.example", "first_name": "Ada", "last_name": "Lovelace", "company": "Acme GmbH"},
        {"email": "ADA@acme.example", "last_name": "Byron", "phone": "030 901820"},
        {"email": "ada.lovelace@gmail.com", "first_name": "Ada", "last_name": "Lovelace", "company": "acme"},
        {"email": "bob@acme.example", "first_name": "Bob", "last_name": "Müller", "country": "FR"},
        {"email": "info@acme.example", "company": "Acme GmbH"},
        {"phone": "+49 30 901820", "last_name": "Ōe\u0000", "owner": "eve"},
        {"email": "not an address"},
        ADA,
    ]
)
VISITORS = st.sampled_from([None, "c1", "c2"])
REPS = st.sampled_from(["anna", "ben"])
MOVES = st.sampled_from(
    "qualify accept reject confirm recycle step_back fast_track promote settle lapse disqualify reopen cool".split()
)
STAGES = st.sampled_from([None, "lead", "mql", "sal", "sql", "opportunity", "customer"])


def what_was_done(flow):
    ticked = flow.run_due()
    return sorted(ticked.done), sorted(ticked.failed), ticked.next_due


class in_loop:  # noqa: N801  (it stands where LeadFlow does)
    """An ``AsyncLeadFlow`` for who awaits nothing: everything is done in one event loop."""

    loop: LoopThread | None = None

    def __init__(self, storage, **rules):
        self._flow, self.storage = AsyncLeadFlow(storage, **rules), blocking(storage, in_loop.loop)

    def __getattr__(self, name):
        value = getattr(self._flow, name)
        return self._waited_for(value) if callable(value) else value

    def _waited_for(self, method):
        async def ended(came):
            return await came if isawaitable(came) else [one async for one in came]

        def waited(*args, **kwargs):
            came = method(*args, **kwargs)
            is_later = isawaitable(came) or isasyncgen(came)
            return in_loop.loop.run(ended(came)) if is_later else came

        return waited


GROUPS = (1, 2, 200)
"""How many commands the first flow takes together, the second, …: one by one is a group of one."""


class Story(RuleBasedStateMachine):
    """Tells every command to every flow, and expects the same answer, the same leads and the same tasks."""

    leads = Bundle("leads")

    def storages(self):
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.outboxes, self.flows = [], []
        for storage in self.storages():
            outbox = Outbox()
            kind = in_loop if isinstance(storage, AwaitedStorage) else LeadFlow
            flow = acme_flow(storage, self.clock, outbox, kind, new_id=CountingIds(), budget=timedelta(0))
            self.outboxes.append(outbox)
            self.flows.append(flow)
        self.count = 0

    def told(self, command):
        answers = []
        for flow in self.flows:
            try:
                answers.append(command(flow))
            except StorageError:
                raise  # nobody else is there to collide with
            except LeadflowError as refusal:
                answers.append((type(refusal), str(refusal)))
        assert all(answer == answers[0] for answer in answers), answers
        return answers[0]

    @rule(target=leads, values=PEOPLE, visitor=VISITORS, verified=st.booleans(), key=st.sampled_from([None, "k"]))
    def capture(self, values, visitor, verified, key):
        answer = self.told(lambda flow: flow.capture(values, source="web", visitor=visitor, verified=verified, key=key))
        return getattr(answer, "lead_id", "nobody")

    @rule(
        lead=leads,
        rows=st.lists(st.tuples(PEOPLE, VISITORS, st.booleans(), st.sampled_from([None, "k"])), min_size=1, max_size=6),
        number=st.integers(0, 5),
    )
    def bring_in(self, lead, rows, number):
        """Many at once, some of one person: in groups of another size for each flow."""

        def brought(flow):
            captures = [Capture(values, source="fair", visitor=v, verified=sure, key=k) for values, v, sure, k in rows]
            acts = [Record(lead, "demo_requested", id=f"a{number}"), Record(lead, "page_viewed", id="a0")]
            size = GROUPS[self.flows.index(flow) % len(GROUPS)]
            results = flow.run_many([acts[0], *captures, acts[1]], group=size)
            return [(one.index, one.answer, type(one.error), str(one.error)) for one in results]

        self.told(brought)

    @rule(target=leads, visitor=st.sampled_from(["c1", "c2"]), number=st.integers(0, 3))
    def visit(self, visitor, number):
        return self.told(lambda flow: flow.visit(visitor, "page_viewed", id=f"p{number}")).lead_id

    @rule(
        lead=leads,
        kind=st.sampled_from(["page_viewed", "demo_requested"]),
        number=st.integers(0, 5),
        ago=st.integers(0, 40),
    )
    def record(self, lead, kind, number, ago):
        at = self.clock() - timedelta(days=ago)
        self.told(lambda flow: flow.record(lead, kind, id=f"a{number}", at=at))

    @rule(lead=leads, move=MOVES, by=REPS, to=STAGES, reason=st.sampled_from([None, "because"]))
    def move(self, lead, move, by, to, reason):
        self.told(lambda flow: flow.move(lead, move, by=by, to=to, reason=reason, revisit=date(2026, 6, 1)))

    @rule(lead=leads, by=REPS)
    def accept(self, lead, by):
        self.told(lambda flow: flow.accept(lead, by=by))

    @rule(lead=leads, by=REPS)
    def sell(self, lead, by):
        self.count += 1
        deal = f"d{self.count}"
        self.told(lambda flow: flow.open_deal(lead, deal, by=by, amount=self.count))

    @rule(lead=leads, by=REPS, won=st.booleans())
    def close(self, lead, by, won):
        if won:
            self.told(lambda flow: flow.win(lead, by=by))
        else:
            self.told(lambda flow: flow.lose(lead, by=by, reason="price", revisit=date(2026, 7, 1)))

    @rule(
        lead=leads,
        points=st.sampled_from([-50, -5, 20, 60]),
        side=st.sampled_from(["fit", "engagement"]),
        days=st.sampled_from([None, -1, 2, 20]),
        number=st.integers(0, 2),
        by=REPS,
    )
    def adjust(self, lead, points, side, days, number, by):
        until = None if days is None else self.clock() + timedelta(days=days)
        self.told(
            lambda flow: flow.adjust(lead, points, side=side, reason="known", by=by, until=until, id=f"h{number}")
        )

    @rule(lead=leads, number=st.integers(0, 2), by=REPS)
    def withdraw_adjustment(self, lead, number, by):
        self.told(lambda flow: flow.withdraw_adjustment(lead, f"h{number}", by=by))

    @rule(lead=leads, given=st.booleans())
    def consent(self, lead, given):
        status = "given" if given else "withdrawn"
        self.told(lambda flow: flow.consent(lead, "newsletter", "email", proof="a form", status=status))

    @rule(lead=leads, values=PEOPLE)
    def correct(self, lead, values):
        self.told(lambda flow: flow.correct(lead, values, by="anna"))

    @rule(lead=consumes(leads))
    def erase(self, lead):
        self.told(lambda flow: flow.erase(lead, by="anna"))

    @rule(
        days=st.sampled_from([0, 0.1, 1, 4, 30, 100]),
        failure=st.sampled_from([None, None, Deferred("later"), Rejected("no such user"), Uncertain("lost")]),
    )
    def time_passes(self, days, failure):
        self.clock.advance(days=days)
        for outbox in self.outboxes:
            outbox.failures = [failure] if failure else []
        self.told(what_was_done)

    @invariant()
    def all_have_the_same_leads(self):
        everything = [list(flow.leads()) for flow in self.flows]
        assert all(leads == everything[0] for leads in everything)
        assert all([m.subject for m in box.sent] == [m.subject for m in self.outboxes[0].sent] for box in self.outboxes)

    def teardown(self):
        for flow in self.flows:
            consistent(flow)
            for lead in flow.leads():
                assert flow.policy.lifecycle.allowed(lead.stage), f"no way on from {lead.stage}"
            assert [fact for lead in flow.leads() for fact in flow.history(lead.id)] == [
                fact for lead in self.flows[0].leads() for fact in self.flows[0].history(lead.id)
            ]
