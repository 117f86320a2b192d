"""Code for subjects of a known class reads them directly, and means what the interpreter means, whatever they hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from conditions.trees import ACTIVITIES, CONDITIONS, NOW, VALUES
from leadflow.conditions import Condition, activity, any_of, evaluate, field
from leadflow.conditions.codegen import Code
from leadflow.conditions.codegen_paths import indented
from leadflow.entities import Account, Activity, Company, Email, Entity, Lead, Person


class Inner(BaseModel):
    d: Any = None
    e: Any = None


class Grown(Inner):
    """Not the class that is expected, but one of its kind."""

    f: Any = None


class Outer(BaseModel):
    a: Any = None
    b: Any = None
    c: Inner = Inner()
    items: tuple[Inner, ...] = ()


class WithProperty:
    other: Any

    @property
    def b(self) -> Any:
        return self.other


class Derived(WithProperty, Outer):
    """The property hides a field, which is in the dictionary all the same."""

    other: Any = None


class Meddling(Outer):
    """What its dictionary says is not what it tells."""

    def __getattribute__(self, name: str) -> Any:
        return 2 if name == "b" else super().__getattribute__(name)


@dataclass
class Plain:
    a: Any = None
    b: Any = None
    c: Inner | None = None
    items: Any = ()


def unchecked(kind: type[BaseModel], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Instances with anything in their fields, as ``but`` and ``model_construct`` make them."""
    return st.fixed_dictionaries(fields).map(lambda values: kind.model_construct(**values))


INNER = st.one_of(
    unchecked(Inner, d=VALUES, e=VALUES), unchecked(Grown, d=VALUES, e=VALUES, f=VALUES), st.just(Inner), VALUES
)
FIELDS = {"a": VALUES, "b": VALUES, "c": INNER, "items": st.one_of(VALUES, st.lists(INNER, max_size=2))}
SUBJECTS = st.one_of(
    unchecked(Outer, **FIELDS),
    st.builds(Derived, a=VALUES, other=VALUES),
    st.builds(Plain, **FIELDS),
    st.fixed_dictionaries({}, optional=FIELDS),
)


def compiled(conditions: Sequence[Condition], subject: object) -> Callable[..., list[tuple[bool, bool]]]:
    """One function for the conditions, for subjects of this class."""
    code = Code(subject_type=type(subject))
    truths = [code.truth(condition) for condition in conditions]
    both = ", ".join(f"({truth.yes}, {truth.no})" for truth in truths)
    body = [*code.opening(), *code.reads("field"), *code.reads("activity"), f"return [{both}]"]
    function: Callable[..., list[tuple[bool, bool]]] = code.function(
        ["def several(subject, now, activity=None, account=None):", *indented(body)]
    )
    return function


@given(st.lists(CONDITIONS, min_size=1, max_size=4), SUBJECTS, ACTIVITIES)
def test_a_known_class_is_read_as_any_other(conditions: list[Condition], subject: object, doing: object) -> None:
    expected = [evaluate(one, subject, NOW, doing) for one in conditions]
    assert compiled(conditions, subject)(subject, NOW, doing) == [(one is True, one is False) for one in expected]


def test_what_only_looks_like_a_field_is_not_looked_up_in_the_dictionary() -> None:
    conditions: list[Condition] = [field("a") == 1, field("b") == 2, ~field("c.d").is_known()]
    for subject in (Derived(a=1, other=2), Meddling(a=1, b=3)):
        assert compiled(conditions, subject)(subject, NOW) == [(True, False)] * 3


class Fields(Entity):
    fleet: int | None = None
    trial: bool | None = None
    tags: tuple[str, ...] = ()


LEAD: Lead[Any] = Lead[Fields](
    id="1",
    created_at=NOW,
    recorded_at=NOW,
    emails=(Email(address="ada@acme.example"),),
    company=Company(name="Acme", employees=900, revenue=1e6),
    person=Person(job_title="Head of IT"),
    custom=Fields(fleet=3, trial=True, tags=("a", "b")),
    budget=5e4,
)
ON_LEADS = [
    field("company.employees") >= 250,
    field("company.revenue") < 2e6,
    field("company.name") == "Acme",
    field("person.job_title").starts_with("VP") | field("person.job_title").starts_with("Head"),
    ~(field("email.address").ends_with(".com") | field("email.address").ends_with(".org")),
    field("custom.trial") == True,  # noqa: E712  # a condition
    field("custom.tags").contains("b"),
    field("custom.fleet").is_known() & (field("custom.fleet") != 4),
    field("phone.number").is_known(),
    field("address.country").is_in("DE", "AT"),
    field("budget").is_known() & (field("budget") >= 50_000),
    field("created_at").within(days=1),
    field("account.score") > 3,
]


@given(
    st.dictionaries(st.sampled_from(["company", "person", "custom", "address", "emails", "phones", "budget"]), VALUES),
    st.none() | st.builds(Account, key=st.just("acme"), fit=st.integers(0, 9)),
)
def test_leads_that_hold_what_they_must_not_mean_what_the_interpreter_says(
    values: dict[str, Any], account: Account | None
) -> None:
    lead = LEAD.but(**values)
    try:
        expected = [evaluate(one, lead, NOW, account=account) for one in ON_LEADS]
    except Exception as wrong:  # noqa: BLE001  # what a property of the lead raises, both raise
        with pytest.raises(type(wrong)):
            compiled(ON_LEADS, lead)(lead, NOW, None, account)
        return
    found = compiled(ON_LEADS, lead)(lead, NOW, None, account)
    assert found == [(one is True, one is False) for one in expected]


def test_all_of_them_hold_for_this_lead() -> None:
    held = [yes for yes, _ in compiled(ON_LEADS, LEAD)(LEAD, NOW, None, Account(key="acme", fit=9))]
    assert [str(one) for one, yes in zip(ON_LEADS, held, strict=True) if not yes] == [
        "phone.number is known",
        "address.country in DE, AT",
    ]


def test_a_class_that_lacks_what_it_promises_makes_the_reads_raise() -> None:
    with pytest.raises((KeyError, AttributeError)):
        compiled([any_of(*(field(name) == 1 for name in "abc"))], Outer.model_construct())(object.__new__(Outer), NOW)


def test_names_that_are_words_of_python_are_read_like_others() -> None:
    @dataclass
    class Odd:
        pass

    odd = Odd()
    setattr(odd, "in", 3)
    setattr(odd, "lambda", Odd())
    setattr(getattr(odd, "lambda"), "class", "x")
    conditions = [field("in") == 3, field("lambda.class") == "x"]
    assert compiled(conditions, odd)(odd, NOW) == [(True, False), (True, False)]


def test_activities_of_a_known_class_are_read_directly_too() -> None:
    code = Code(activity_type=Activity)
    truth = code.truth((activity("path") == "/pricing") & (activity("happened_at").within(days=1)))
    body = [*code.reads("activity"), f"return {truth.yes}"]
    function = code.function(["def did(activity, now):", *indented(body)])
    doing = Activity(id="1", lead_id="1", kind="viewed", happened_at=NOW, recorded_at=NOW, properties={"path": "/"})
    assert [function(doing.but(properties={"path": path}), NOW) for path in ("/", "/pricing")] == [False, True]


def test_the_account_of_another_kind_of_subject_is_read_from_it_unless_one_is_handed_in() -> None:
    of_account = compiled([field("account.fit") >= 5, field("account.fit").is_known()], {})
    assert of_account({"account": {"fit": 7}}, NOW) == [(True, False), (True, False)]
    assert of_account({"account": {"fit": 7}}, NOW, None, Account(key="a", fit=1)) == [(False, True), (True, False)]
    assert of_account({}, NOW) == [(False, False), (False, True)]
