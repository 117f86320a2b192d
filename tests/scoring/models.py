"""Random models over few fields and kinds, so that rules often exclude, imply and contradict each other."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from leadflow.conditions import Condition, activity, all_of, always, any_of, field, never
from leadflow.entities import Activity, Company, Lead, Person
from leadflow.qualification import Qualification
from leadflow.scoring.counting_rules import inactive, often
from leadflow.scoring.decay import half_life, linear, window
from leadflow.scoring.engagement_rules import on
from leadflow.scoring.grades import Grades
from leadflow.scoring.model import ScoringModel
from leadflow.scoring.rules import points, veto, weighted

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
EMPLOYEES, SENIORITY, PATH = field("company.employees"), field("person.seniority"), activity("path")

OF_LEADS: st.SearchStrategy[Condition] = st.one_of(
    st.sampled_from([100, 250]).map(lambda number: number <= EMPLOYEES),
    st.just(EMPLOYEES < 100),
    st.just(EMPLOYEES == 250),
    st.sampled_from(["director", "staff"]).map(lambda one: one == SENIORITY),
    st.just(SENIORITY.is_in("director", "manager")),
    st.just(SENIORITY.is_known()),
    st.just(field("company.domain").starts_with("rival")),
)
OF_ACTIVITIES: st.SearchStrategy[Condition] = st.sampled_from(
    [PATH == "/pricing", PATH.starts_with("/p"), ~PATH.starts_with("/p"), activity("kind") == "asked", EMPLOYEES >= 100]
)


def joined(leaves: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    pairs = st.lists(leaves, min_size=2, max_size=2)
    return st.one_of(
        leaves,
        leaves,
        leaves.map(lambda one: ~one),
        pairs.map(lambda two: all_of(*two)),
        pairs.map(lambda two: any_of(*two)),
        st.sampled_from([always(), never(), SENIORITY.is_known() | ~SENIORITY.is_known()]),
    )


CONDITIONS = joined(OF_LEADS)
WORTH = st.sampled_from([-20.0, -5.0, 0.0, 3.0, 10.0, 10.0, 30.0])
CAP = st.none() | st.sampled_from([5.0, 25.0, 40.0])
KIND = st.sampled_from(["asked", "viewed"])
DECAYS = st.one_of(
    st.none(), st.sampled_from([0.2, 7]).map(half_life), st.sampled_from([0.5, 3, 10]).map(window),
    st.just(linear(40, days=1)),
)  # fmt: skip
LIMITS: Any = st.none() | st.tuples(st.sampled_from([1, 2]), st.sampled_from(["day", "week", "month", "ever"]))


@st.composite
def models(draw: st.DrawFn) -> ScoringModel:
    fit: list[Any] = [
        points(draw(WORTH), draw(CONDITIONS), name=f"fit-{n}", group=draw(st.sampled_from([None, None, "who"])))
        for n in range(draw(st.integers(0, 5)))
    ]
    percents = st.sampled_from([-50, 0, 50, 100])
    fit += [
        weighted(
            draw(WORTH),
            draw(st.lists(st.tuples(CONDITIONS, percents), min_size=1, max_size=3)),
            otherwise=draw(percents),
            name=f"weight-{n}",
        )
        for n in range(draw(st.integers(0, 2)))
    ]
    engagement: list[Any] = [
        on(
            draw(KIND), draw(WORTH), where=draw(st.none() | joined(OF_ACTIVITIES)), decay=draw(DECAYS),
            limit=draw(LIMITS), cap=draw(CAP), group=draw(st.sampled_from([None, "web"])), name=f"on-{n}",
        )
        for n in range(draw(st.integers(0, 3)))
    ]  # fmt: skip
    if draw(st.booleans()):
        bands = draw(st.dictionaries(st.integers(1, 3), WORTH, min_size=1))
        engagement.append(often(draw(KIND), bands, days=7, where=draw(st.none() | OF_ACTIVITIES), name="often"))
    if draw(st.booleans()):
        engagement.append(
            inactive(draw(WORTH), days=3, activities=draw(st.sampled_from([(), "asked"])), name="inactive")
        )
    return ScoringModel(
        name="random",
        fit=fit,
        engagement=engagement,
        vetoes=[veto(one, name=f"veto-{n}") for n, one in enumerate(draw(st.lists(CONDITIONS, max_size=1)))],
        groups={"who": draw(st.sampled_from([5, 10, 40])), "web": 25},
        cap_fit=draw(CAP),
        cap_engagement=draw(CAP),
        grades=Grades(fit=(30, 10, -10), engagement=(25, 5)),
    )


LEADS: st.SearchStrategy[Lead[Any]] = st.builds(
    lambda employees, seniority, domain: Lead(
        id="lead", created_at=NOW - 5 * DAY, recorded_at=NOW, person=Person(seniority=seniority),
        company=Company(employees=employees, domain=domain),
    ),
    st.sampled_from([None, 50, 100, 250, 900]),
    st.sampled_from([None, "director", "manager", "staff"]),
    st.sampled_from([None, "rival.example", "acme.example"]),
)  # fmt: skip


def did(kind: str, ago: timedelta, path: str | None, number: int) -> Activity:
    properties: dict[str, Any] = {} if path is None else {"path": path}
    return Activity(
        id=f"{number}", lead_id="lead", kind=kind, happened_at=NOW - ago, recorded_at=NOW, properties=properties
    )


DONE = st.lists(
    st.tuples(
        KIND,
        st.sampled_from([0 * DAY, DAY / 24, DAY / 2, DAY, 2 * DAY, 9 * DAY]) | st.timedeltas(0 * DAY, 12 * DAY),
        st.sampled_from([None, "/pricing", "/people", "/"]),
    ),
    max_size=12,
).map(lambda listed: [did(*one, number) for number, one in enumerate(listed)])

SCORE = st.sampled_from(["score.fit", "score.engagement", "score.total"]).map(field)
GOALS: st.SearchStrategy[Condition] = st.one_of(
    st.builds(lambda side, number: side >= number, SCORE, st.sampled_from([-30, 5, 20, 45, 70])),
    st.builds(lambda side, number: side < number, SCORE, st.sampled_from([-10, 5, 30])),
)
GRADED: st.SearchStrategy[Condition] = st.sampled_from(["A1", "B2", "C1", "D3"]).map(
    lambda grade: field("score.grade") == grade
)
POLICIES = st.builds(
    lambda one, other, both: Qualification(mql=one & other if both else one | other, keep=always()),
    GOALS | GRADED,
    GOALS | OF_LEADS,
    st.booleans(),
)
