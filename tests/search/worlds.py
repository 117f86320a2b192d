"""Leads and conditions by chance, for what every storage must find alike."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from hypothesis import strategies as st
from pydantic import Field, JsonValue

from leadflow import Entity, Lead, field
from leadflow.conditions import Condition, Shape, all_of, always, any_of, never
from leadflow.conditions.path_types import shape_at

NOW = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)
TEXTS = [
    "", "a", "b", "ab", "aab", "A", "Z", "é", "𝄞a", "a%b", "a_b", "a[b", "a*b", "a?b", "a\\b", "a:b", "it's", "1",
    "true", "null", ":id", "%s",
]  # fmt: skip
DOUBLES = [
    0.0, -0.0, 1.0, -1.0, 0.5, 2.5, 2.0**53, 2.0**53 + 2, 2.0**63, -(2.0**64), 1e300, -1e300, 0.1, 37.48392016371823,
    1e-9,
]  # fmt: skip
WHOLE = [0, 1, -1, 2, 3, 7, 2**53, 2**53 + 1, 2**62, 2**63 - 1, -(2**63) + 1]
MOMENTS = [
    NOW, NOW + timedelta(microseconds=1), NOW - timedelta(days=1), NOW - timedelta(days=1, microseconds=1),
    NOW - timedelta(days=3), datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 6, 1, 2, 30, 0, 500_000, tzinfo=timezone(timedelta(hours=-10))), datetime(2, 1, 1, tzinfo=UTC),
]  # fmt: skip
DATES = [NOW.date() + timedelta(days=days) for days in (-4, -3, -1, 0, 1)] + [date(1, 1, 1), date(9999, 12, 31)]


class Mood(StrEnum):
    GOOD = "good"
    BAD = "bad"


class Engine(Entity):
    power: float = 1.5
    names: tuple[str, ...] = ("a",)


class Truck(Entity):
    plate: str | None = None
    size: int = 7
    tags: tuple[str, ...] = ()
    engine: Engine | None = None


class Fleet(Entity):
    """A host's own fields, of every kind that there is."""

    flag: bool | None = None
    on: bool = True
    ratio: float | None = None
    share: float = 0.5
    many: int | None = None
    price: Decimal | None = None
    word: str | None = None
    greeting: str = "a"
    seen: datetime | None = None
    local: datetime | None = None
    day: date | None = None
    first_day: date = DATES[3]
    mood: Mood | None = None
    level: Literal["ab", "b"] | None = None
    either: int | str | None = None
    tags: tuple[str, ...] = ()
    likes: frozenset[str] = frozenset({"b"})
    lists: list[str] | None = None
    trucks: tuple[Truck, ...] = ()
    best: Truck | None = None
    spare: Truck | None = Truck(plate="a")
    main: Truck = Truck(plate="b")
    made: Truck = Field(default_factory=Truck)
    notes: dict[str, str] = Field(default_factory=dict)
    loose: dict[str, JsonValue] = Field(default_factory=dict)


BUSY = Lead[Fleet]
TRUCK = {
    "plate": "text",
    "size": "number",
    "tags": "list",
    "engine": "known",
    "engine.power": "number",
    "engine.names": "list",
}
PATHS: dict[str, str] = {
    "stage": "text", "owner": "text", "account": "text", "score.grade": "text", "score.total": "number",
    "score.fit": "number", "created_at": "datetime", "recorded_at": "datetime", "entered_at": "datetime",
    "revisit": "date", "version": "number", "id": "text", "company.name": "text", "company.employees": "number",
    "authority": "bool", "budget": "number", "interests": "list", "emails.domain": "list", "email.kind": "text",
    "email.verified": "bool", "email.claimed": "bool", "email": "known", "phone.number": "text", "route": "known",
    "route.turn": "number", "route.gates.name": "list", "deals.status": "list", "deals.currency": "list",
    "score.contributions.activities": "list", "person.full_name": "text", "address.is_deliverable": "bool",
    "is_reachable": "bool", "consented": "list", "custom": "known", "deadline.breached": "bool",
    "custom.flag": "bool", "custom.on": "bool", "custom.ratio": "number", "custom.share": "number",
    "custom.many": "number", "custom.price": "number", "custom.word": "text", "custom.greeting": "text",
    "custom.seen": "datetime", "custom.local": "datetime", "custom.day": "date", "custom.first_day": "date",
    "custom.mood": "text", "custom.level": "text", "custom.either": "text", "custom.tags": "list",
    "custom.likes": "list", "custom.lists": "list", "custom.trucks.plate": "list", "custom.trucks.tags": "list",
    "custom.trucks.engine.names": "list", "custom.notes.a": "text", "custom.loose.a": "loose", "text": "words",
    **{f"custom.{one}.{path}": kind for one in ("best", "spare", "main", "made") for path, kind in TRUCK.items()},
    "custom.best": "known", "custom.spare": "known",
}  # fmt: skip
CONSTANTS: dict[str, list[Any]] = {
    "text": TEXTS, "number": [*DOUBLES, *WHOLE], "bool": [True, False], "datetime": MOMENTS, "date": DATES,
}  # fmt: skip
LISTED = ["x", "acme.example", "news/email", "EUR", "CHF"]
WORDS = ["a", "ada", "AD", "lov", "mull", "acme", "b acm", "030 1", "+49 30", "é", "ab a", "zz"]


def on_path(path: str, kind: str) -> st.SearchStrategy[Condition]:
    on, choices = field(path), sorted((shape_at(BUSY, path) or Shape()).choices or ())
    if kind == "words":
        return st.sampled_from(WORDS).map(on.matches)
    if kind == "list":
        return st.sampled_from(choices or [*LISTED, *(one for one in TEXTS if one)]).map(on.contains)
    if kind == "known":
        return st.just(on.is_known())
    if choices:
        one = st.sampled_from(choices)
        return st.one_of(one.map(on.__eq__), one.map(on.__ne__), one.map(on.contains), one.map(on.is_in))
    if kind == "loose":
        kinds = [key for key in CONSTANTS if key not in ("datetime", "date")]
        return st.sampled_from(kinds).flatmap(lambda one: comparisons(path, one, contains=False))
    return comparisons(path, kind)


def comparisons(path: str, kind: str, *, contains: bool = True) -> st.SearchStrategy[Condition]:
    on, values = field(path), st.sampled_from(CONSTANTS[kind])
    found: list[st.SearchStrategy[Any]] = [
        values.map(on.__eq__),
        values.map(on.__ne__),
        st.just(on.is_known()),
        st.lists(values, min_size=1, max_size=4).map(on.is_in),
    ]
    if kind != "bool":
        found += [values.map(on.__lt__), values.map(on.__le__), values.map(on.__gt__), values.map(on.__ge__)]
        found.append(st.tuples(values, values).map(lambda pair: on.between(*sorted(pair))))
    if kind == "text":
        some = st.sampled_from([one for one in TEXTS if one])
        found += [some.map(on.starts_with), some.map(on.ends_with), st.text("ab*?%_[]\\é:'", max_size=5).map(on.like)]
        found += [some.map(on.contains)] if contains else []
    if kind in ("datetime", "date"):
        found.append(st.integers(1, 5).map(lambda days: on.within(days=days)))
    return st.one_of(found)


LEAVES = st.sampled_from(sorted(PATHS.items())).flatmap(lambda one: on_path(*one))
CONDITIONS = st.recursive(
    LEAVES | st.builds(always) | st.builds(never),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map(lambda parts: all_of(*parts)),
        st.lists(inner, min_size=1, max_size=4).map(lambda parts: any_of(*parts)),
        inner.map(lambda part: ~part),
    ),
    max_leaves=6,
)


class Dice(random.Random):
    """Values by chance, each missing now and then."""

    def one(self, values: Any, missing: float = 0.2) -> Any:
        return None if self.random() < missing else self.choice(list(values))

    def some(self, values: Any, most: int = 2) -> list[Any]:
        return [self.choice(list(values)) for _ in range(self.randint(0, most))]

    def perhaps(self, **values: Any) -> dict[str, Any]:
        """Those of the values that are not missing, and a few that are: None is given for them."""
        return {name: value for name, value in values.items() if value is not None or self.random() < 0.5}


def sure(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


LINES = [one for one in TEXTS if one]
PRICES = [Decimal("0.1"), Decimal("2.50"), Decimal(3), Decimal("1E+3"), Decimal("37.48392016371823")]
LOOSE: list[dict[str, Any]] = [{}, {"a": 1}, {"a": 0.5}, {"a": "a"}, {"a": True}, {"a": None}, {"a": ["a"]}]
ROUTES = [{"at": NOW}, {"at": NOW, "turn": 2, "gates": [{"name": "a", "outcome": "true"}]}]
DEADLINES = [{"stage": "mql", "due_at": NOW}, {"stage": "mql", "due_at": MOMENTS[2], "breached": True}]
WORDS_ON_MAIL = [("given", NOW), ("withdrawn", MOMENTS[2]), ("given", MOMENTS[4])]


def a_lead_by_chance(nr: int) -> Lead[Fleet]:
    dice = Dice(nr)
    created = NOW - timedelta(days=dice.randint(0, 5), microseconds=dice.randint(0, 2) * 500_000)
    values = {
        "id": f"l{nr:03}",
        "version": 1,
        "created_at": created,
        "recorded_at": created + timedelta(hours=dice.randint(0, 3)),
        "stage": dice.one(["prospect", "lead", "mql"], 0),
        **contacts(dice, nr),
        **journey(dice),
        "custom": fleet(dice),
    }
    return BUSY.model_validate(values)


def contacts(dice: Dice, nr: int) -> dict[str, Any]:
    emails = [
        sure(
            address=f"{dice.one(['ada', 'b'], 0)}{nr}@{domain}",
            domain=domain,
            kind=dice.one(["business", "free"]),
            verified=dice.one([True, False]),
            claimed=dice.one([True, False]),
        )
        for domain in dice.some(["acme.example", "web.example"])
    ]
    company = sure(
        name=dice.one([*LINES, "Acme GmbH", "é" * 400]),
        domain=dice.one(["acme.example"], 0.7),
        country=dice.one(["DE"]),
        employees=dice.one([0, 1, 7, 300]),
    )
    last_name = dice.one(["Lovelace", "Müller", "B"])
    return {
        "emails": emails,
        "phones": [{"number": number} for number in dice.some(["+4930123456", "+43112345"], 1)],
        "company": company,
        "person": sure(first_name=dice.one(["Ada", "Bob", "a"]), last_name=last_name),
        "address": sure(city=dice.one(["Berlin"]), postcode=dice.one(["10115"])),
        "interests": dice.some(LINES),
    }


def journey(dice: Dice) -> dict[str, Any]:
    contributions = [{"rule": "r", "side": "fit", "points": 1.0, "because": "x", "activities": dice.some(LINES)}]
    score = sure(
        fit=dice.one(DOUBLES[:6]),
        engagement=dice.one([0, 0.1, 37.48392016371823]),
        grade=dice.one(["A1", "a"]),
        contributions=contributions,
    )
    deals = [
        sure(id=f"d{place}", opened_at=NOW, status=dice.one(["open", "won"]), currency=dice.one(["CHF"]))
        for place in range(dice.randint(0, 2))
    ]
    consents = [
        {"purpose": "news", "channel": "email", "status": status, "at": at, "proof": "p"}
        for status, at in dice.some(WORDS_ON_MAIL)
    ]
    return sure(
        entered_at=dice.one(MOMENTS[:5]),
        revisit=dice.one(DATES),
        authority=dice.one([True, False]),
        budget=dice.one(DOUBLES),
        owner=dice.one([*LINES, "x" * 400]),
        route=dice.one(ROUTES),
        deadline=dice.one(DEADLINES),
        score=dice.one([score]),
        deals=deals,
        consents=consents,
    )


def truck(dice: Dice) -> dict[str, Any]:
    engine = dice.one([{}, {"power": 0.1, "names": ["b", "x"]}, {"names": []}])
    return sure(plate=dice.one(TEXTS), size=dice.one(WHOLE[:5]), engine=engine, tags=dice.some(LINES))


def fleet(dice: Dice) -> dict[str, Any]:
    having_defaults = sure(
        on=dice.one([True, False]),
        share=dice.one(DOUBLES),
        greeting=dice.one(TEXTS),
        first_day=dice.one(DATES),
        likes=dice.one([dice.some(LINES)]),
        main=dice.one([truck(dice)]),
        made=dice.one([truck(dice)]),
        notes=dice.one([sure(a=dice.one(TEXTS))]),
        loose=dice.one(LOOSE),
    )
    return (
        having_defaults
        | dice.perhaps(
            flag=dice.one([True, False]),
            ratio=dice.one(DOUBLES),
            many=dice.one(WHOLE),
            price=dice.one(PRICES),
            word=dice.one(TEXTS),
            seen=dice.one(MOMENTS),
            local=dice.one([*MOMENTS, datetime(2026, 6, 1)]),
            day=dice.one(DATES),
            mood=dice.one(Mood),
            level=dice.one(["ab", "b"]),
            either=dice.one([1, "a", "1", 3]),
            lists=dice.one([[], ["a"], ["b", "ab"]]),
            best=dice.one([truck(dice)]),
            spare=dice.one([truck(dice)]),
        )
        | {"tags": dice.some(LINES), "trucks": [truck(dice) for _ in range(dice.randint(0, 2))]}
    )
