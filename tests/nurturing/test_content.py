"""Which content suits a lead best."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.entities import Lead
from leadflow.errors import DefinitionError
from leadflow.nurturing import Choice, Content, choose
from leadflow.testing.builders import a_lead

CTO = a_lead(persona="cto", interests=("iot", "cloud"), buying_role="decider", person={"language": "de-AT"})


def content(name: str, **tags: Any) -> Content:
    return Content(name, "Subject", "Body", **tags)


def chosen(lead: Lead[Any], *contents: Content, sent: tuple[str, ...] = ()) -> str | None:
    best = choose(contents, lead, sent).content
    return best.name if best else None


def test_the_more_is_known_the_more_individual() -> None:
    general, for_ctos = content("general"), content("ctos", personas=("cto",))
    for_deciders = content("deciders", personas=("cto",), buying_roles=("decider",))
    contents = (general, for_ctos, for_deciders)
    assert chosen(a_lead(), *contents) == "general"
    assert chosen(a_lead(persona="cto"), *contents) == "ctos"
    assert chosen(a_lead(persona="cto", buying_role="decider"), *contents) == "deciders"


def test_every_agreeing_tag_counts() -> None:
    one, two = content("one", interests=("iot",)), content("two", interests=("iot", "cloud", "5g"))
    assert chosen(CTO, one, two) == "two"


@pytest.mark.parametrize(
    "tags",
    [
        {"stages": ("customer",)},
        {"personas": ("buyer",)},
        {"buying_roles": ("user",)},
        {"interests": ("pumps",)},
        {"language": "en"},
        {"language": "de-CH"},
    ],
)
def test_a_tag_that_contradicts_excludes(tags: dict[str, Any]) -> None:
    wrong = content("wrong", **{"personas": ("cto",), "interests": ("iot", "cloud")} | tags)
    assert chosen(CTO, wrong) is None
    assert chosen(CTO, wrong, content("general")) == "general"


@pytest.mark.parametrize("language", ["de", "DE", "de-AT"])
def test_a_language_suits_its_regions(language: str) -> None:
    assert chosen(CTO, content("general"), content("german", language=language)) == "german"


def test_tags_are_compared_without_case() -> None:
    assert chosen(a_lead(persona="CTO"), content("general"), content("ctos", personas=("cto",))) == "ctos"


def test_what_the_lead_wants_to_buy_is_an_interest() -> None:
    lead = a_lead(product_interest=("pumps",))
    assert chosen(lead, content("general"), content("pumps", interests=("pumps",))) == "pumps"


def test_of_equals_the_one_that_assumes_less_wins_then_the_one_given_first() -> None:
    guess, general, other = content("guess", personas=("cto",)), content("general"), content("other")
    assert chosen(a_lead(), guess, general, other) == "general"
    assert chosen(a_lead(), other, general) == "other"
    assert chosen(a_lead(), guess) == "guess"


def test_nothing_is_sent_twice_and_in_the_end_nothing_is_left() -> None:
    contents = (content("a"), content("b"))
    assert chosen(a_lead(), *contents, sent=("a",)) == "b"
    assert chosen(a_lead(), *contents, sent=("a", "b")) is None


def test_other_channels_don_t_count() -> None:
    assert chosen(a_lead(), content("letter", channel="letter")) is None
    assert choose([content("letter", channel="letter")], a_lead(), (), channel="letter").content is not None


def test_a_choice_says_why() -> None:
    contents = [
        content("ctos", personas=("cto",)),
        content("all"),
        content("old"),
        content("buyers", personas=("buyer",)),
    ]
    assert choose(contents, CTO, ("old",)) == Choice(
        contents[0],
        ("persona cto",),
        (
            ("old", "sent already"),
            ("buyers", "persona cto, it is for buyer"),
            ("all", "suits less well than 'ctos'"),
        ),
    )
    assert choose(contents[1:2], CTO, ()).because == ("suits everyone",)
    assert choose([], CTO, ()).because == ("no suitable content is left",)


WORDS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=2, unique=True).map(tuple)
CONTENTS = st.lists(
    st.builds(
        Content, name=st.uuids().map(str), subject=st.just("s"), body=st.just("b"),
        stages=WORDS, personas=WORDS, buying_roles=WORDS, interests=WORDS, language=st.sampled_from([None, "a", "a-b"]),
    ),
    max_size=6, unique_by=lambda one: one.name,
)  # fmt: skip
MAYBE = st.sampled_from([None, "a", "b"])


@st.composite
def leads(draw: st.DrawFn) -> Lead[Any]:
    lead = a_lead(
        stage=draw(st.sampled_from("ab")), persona=draw(MAYBE), interests=draw(WORDS), person={"language": draw(MAYBE)}
    )
    return lead.but(buying_role=draw(MAYBE))


def naive_points(content: Content, lead: Lead[Any]) -> int | None:
    """The oracle: agreeing tags, or None where one contradicts."""
    points = 0
    for wanted, known in (
        (content.stages, {lead.stage}),
        (content.personas, {lead.persona} - {None}),
        (content.buying_roles, {lead.buying_role} - {None}),
        (content.interests, set(lead.interests)),
        ([content.language] if content.language else [], {lead.person.language} - {None}),
    ):
        if wanted and known and not set(wanted) & known:
            return None
        points += len(set(wanted) & known)
    return points


@given(CONTENTS, leads(), st.data())
def test_the_best_of_those_that_suit_is_chosen(contents: list[Content], lead: Lead[Any], data: st.DataObject) -> None:
    sent = data.draw(st.sets(st.sampled_from([one.name for one in contents])) if contents else st.just(set()))
    points = {one.name: naive_points(one, lead) for one in contents if one.name not in sent}
    best = max((p for p in points.values() if p is not None), default=None)
    choice = choose(contents, lead, sent)
    assert (points[choice.content.name] if choice.content else None) == best
    named = [choice.content.name] if choice.content else []
    assert sorted([*named, *(name for name, _ in choice.passed_over)]) == sorted(one.name for one in contents)


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"name": ""}, "give 1 to 200"),
        ({"name": " welcome"}, "give 1 to 200"),
        ({"name": "wel\ncome"}, "on one line"),
        ({"name": "u\u0308ber"}, "on one line"),
        ({"personas": "cto"}, "list of words"),
        ({"interests": ("",)}, "interests.0: '' is blank"),
        ({"subject": "{{ a"}, "Content 'welcome': subject: line 1: expected '}}'"),
        ({"body": "a\n\n{% if %}"}, "Content 'welcome': body: line 3: missing expression"),
        ({"html": "{% fi %}"}, "Content 'welcome': html: line 1: unexpected tag 'fi'"),
    ],
)
def test_a_content_that_can_not_work_is_refused(given_: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError, match=message.replace("{", r"\{").replace("}", r"\}")):
        Content(**{"name": "welcome", "subject": "s", "body": "b"} | given_)


def test_a_content_can_be_hashed_and_compared_whatever_its_tags_were_given_as() -> None:
    assert content("a", stages=["lead", "lead"]) == content("a", stages=("lead",))
    assert len({content("a", stages=["lead"]), content("a", stages=("lead",))}) == 1
