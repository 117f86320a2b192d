"""What is found out about a condition before the first lead comes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Generic, Literal, NewType, Self, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, EmailStr, Field, JsonValue, computed_field

from conditions.trees import CONDITIONS, NOW
from leadflow.conditions import Condition, activity, bind, condition_from, evaluate, field, known_paths, to_json
from leadflow.errors import DefinitionError


class Stage(StrEnum):
    LEAD = "lead"
    MQL = "mql"


class Company(BaseModel):
    name: str | None = None
    employees: int | None = None
    revenue: Annotated[float | None, Field(ge=0)] = None
    founded: date | None = None


class Email(BaseModel):
    address: EmailStr

    @property
    def kind(self) -> Literal["personal", "business", "disposable"]:
        return "personal"


class Finding(BaseModel):
    code: str
    severity: int = 0


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    known: int = 0


Custom = TypeVar("Custom", bound=BaseModel)
Money = NewType("Money", Decimal)


class Lead(BaseModel, Generic[Custom]):
    company: Company = Company()
    emails: tuple[Email, ...] = ()
    interests: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    stage: Stage = Stage.LEAD
    created_at: datetime
    budget: Money | None = None
    vip: bool | None = None
    labels: dict[str, float] = {}
    anything: dict[str, JsonValue] = {}
    free: Open = Open()
    custom: Custom

    @computed_field  # type: ignore[prop-decorator]  # as pydantic's documentation has it
    @property
    def email(self) -> Email | None:
        return self.emails[0] if self.emails else None

    @property
    def mine(self) -> Custom:
        return self.custom

    @property
    def referrer(self) -> Self:
        return self

    @cached_property
    def nickname(self) -> str:
        return "x"


class Fields(BaseModel):
    fleet_size: int | None = None


LEAD: type = Lead[Fields]


class Viewed(BaseModel):
    path: str
    seconds: int = 0


FITTING = [
    field("company.name").like("Acme*"),
    field("company.employees") >= 250,
    field("company.revenue").between(1, 2),
    field("company").is_known(),
    field("email.kind").is_in("disposable", "personal"),
    field("email.address").ends_with("@acme.example"),
    field("emails.kind").contains("business"),
    field("interests").contains("fair"),
    field("findings.code").contains("typo"),
    field("stage") == "mql",
    field("created_at").within(days=3),
    field("created_at") >= datetime(2026, 1, 1, tzinfo=UTC),
    field("budget") >= 2.5,
    field("vip") == True,  # noqa: E712  # the notation
    field("labels.whatever") > 3,
    field("anything.deep.down") == "x",
    field("free.known") == 1,
    field("free.other") == "x",
    field("custom.fleet_size") > 10,
    field("mine.fleet_size") > 10,
    field("referrer.referrer.company.name") == "x",
    field("nickname") == "x",
    activity("kind") == "page_viewed",
    activity("whatever.it.is") == 1,
]


@pytest.mark.parametrize("condition", FITTING, ids=str)
def test_what_fits_stays_as_it_is(condition: Condition) -> None:
    assert bind(condition, LEAD) == condition


MISFITS = [
    (field("company.employes") >= 3, "did you mean company.employees?"),
    (field("employees") >= 3, "did you mean company.employees?"),
    (field("fleetsize") >= 3, "did you mean mine.fleet_size?"),
    (field("nonsense") >= 3, "there is budget, created_at, interests"),
    (field("company.name.x") == "y", "did you mean company.name?"),
    (field("free.known") == "x", "is a number"),
    (field("company.employees") >= "250", 'is a number; it can\'t be compared with "250"'),
    (field("company.employees").contains("x"), "contains needs a text"),
    (field("company.name") >= 3, "is a text"),
    (field("company.name").within(days=3), "within needs a date or a moment"),
    (field("company") == "x", "group of fields; use one of them .company.name"),
    (field("labels") == "x", "group of fields"),
    (field("labels.x") == "y", "is a number"),
    (field("stage") == "mqll", "never mqll; did you mean mql?"),
    (field("stage").is_in("mql", "sal"), "never sal; it is one of lead, mql"),
    (field("stage") >= "lead", "without an order"),
    (field("email.kind") == "disposible", "did you mean disposable?"),
    (field("emails.kind").contains("personl"), "did you mean personal?"),
    (field("emails.kind") == "personal", "is a list"),
    (field("interests") == "x", "is a list"),
    (field("interests").is_known(), "is a list"),
    (field("findings").contains("x"), "not a list of texts: .*findings.code"),
    (field("findings.severity").contains("1"), "not a list of texts"),
    (field("vip") == 1, "is true or false"),
    (field("vip") == "true", "is true or false"),
    (field("created_at") > "soon", "not a moment"),
    (field("created_at") > "2026-01-01T00:00:00", "offset"),
    (field("created_at").is_in("2026-01-01", "2026-01-01T00:00:00Z"), "different kinds"),
    (field("created_at") > date.max, "last possible day"),
    (field("company.founded") > "2026-01-01T00:00:00Z", "not a date"),
    (field("company.founded") > datetime(2026, 1, 1, tzinfo=UTC), "is a date"),
    (field("custom.fleet") > 1, "did you mean custom.fleet_size?"),
    (activity("kind") == 3, "activity.kind is a text"),
    (activity("kind.x") == 3, "nothing below kind"),
    (~(field("vip").is_known() & (field("nam") == 1)), "company.name"),
]


@pytest.mark.parametrize(("condition", "says"), MISFITS, ids=str)
def test_what_does_not_fit_is_named_with_a_remedy(condition: Condition, says: str) -> None:
    with pytest.raises(DefinitionError, match=says):
        bind(condition, LEAD)


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        (activity("pth") == "x", "did you mean path?"),
        (activity("sorce") == "x", "did you mean source?"),
        (activity("seconds") == "x", "is a number"),
    ],
)
def test_activity_properties_are_checked_if_their_type_is_given(condition: Condition, says: str) -> None:
    assert bind(condition, LEAD) == condition
    with pytest.raises(DefinitionError, match=says):
        bind(condition, LEAD, activity_properties=Viewed)
    assert bind(activity("path") == "x", LEAD, activity_properties=Viewed) == (activity("path") == "x")


def test_only_classes_are_bound_to() -> None:
    with pytest.raises(DefinitionError, match="not a class"):
        bind(field("a") == 1, Company())  # type: ignore[arg-type]  # the slip


def test_texts_become_the_dates_that_the_field_holds() -> None:
    day, moment = date(2026, 1, 31), datetime(2026, 1, 31, 9, tzinfo=UTC)
    assert bind(field("company.founded") >= "2026-01-31", LEAD) == (field("company.founded") >= day)
    bound = bind(field("created_at") >= "2026-01-31T10:00:00+01:00", LEAD)
    assert bound == (field("created_at") >= moment)
    assert condition_from(to_json(bound)) == bound
    assert bind(bound, LEAD) == bound
    assert bind(activity("happened_at") < "2026-01-31T09:00Z", LEAD) == (activity("happened_at") < moment)


DAYS = st.dates(date(2026, 5, 29), date(2026, 6, 2))


@given(DAYS, DAYS, st.datetimes(datetime(2026, 5, 28), datetime(2026, 6, 4), timezones=st.just(UTC)))
def test_a_moment_compares_with_a_whole_day(one: date, other: date, moment: datetime) -> None:
    low, high = sorted((one, other))
    day = moment.date()
    expected: list[tuple[Condition, bool]] = [
        (field("created_at") == one, day == one),
        (field("created_at") != str(one), day != one),
        (field("created_at") < one, day < one),
        (field("created_at") <= str(one), day <= one),
        (field("created_at") > one, day > one),
        (field("created_at") >= str(one), day >= one),
        (field("created_at").between(low, high), low <= day <= high),
        (field("created_at").is_in(low, high), day in (low, high)),
    ]
    for condition, truth in expected:
        bound = bind(condition, LEAD)
        assert evaluate(bound, {"created_at": moment}, NOW) is truth
        assert evaluate(bound, {}, NOW) is None
        assert bind(bound, LEAD) == bound


class Anything(BaseModel):
    a: Any = None
    b: object = None
    c: dict[str, Any] = {}
    model_config = ConfigDict(extra="allow")


@given(CONDITIONS.filter(lambda condition: "activity.kind" not in str(condition) and "happened" not in str(condition)))
def test_where_nothing_is_known_nothing_is_refused(condition: Condition) -> None:
    assert evaluate(bind(condition, Anything), {"a": 1}, NOW) is evaluate(condition, {"a": 1}, NOW)


def test_known_paths_lists_what_can_be_asked() -> None:
    paths = known_paths(LEAD)
    assert list(paths) == sorted(paths)
    assert {"company.employees", "custom.fleet_size", "email.kind", "emails.address", "labels.*", "stage"} <= set(paths)
    assert "company" not in paths
    assert paths["stage"].choices == frozenset({"lead", "mql"})
    assert paths["emails.kind"].many
    assert paths["budget"].kinds == {"number"}
    assert not any(path.startswith(("model_", "referrer.")) for path in paths)  # neither pydantic's own nor in circles


def test_a_lead_that_fits_is_judged_by_the_bound_condition() -> None:
    lead = Lead[Fields](
        created_at=NOW - timedelta(days=1), custom=Fields(fleet_size=20), emails=(Email(address="a@b.example"),)
    )
    for condition in (
        (field("custom.fleet_size") > 10) & (field("email.kind") == "personal"),
        field("created_at") == "2026-05-31",
        field("emails.address").contains("a@b.example"),
        field("stage").is_in("lead") & ~field("company.name").is_known(),
    ):
        assert evaluate(bind(condition, LEAD), lead, NOW) is True
