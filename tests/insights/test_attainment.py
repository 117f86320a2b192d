"""Service levels: every deadline has one end."""

from __future__ import annotations

from typing import Any

from leadflow.entities import Deadline
from leadflow.events import DeadlineBreached, DeadlineMet, DeadlineReminded, DeadlineSet
from leadflow.insights import Attainment, service_levels
from story import Story, day


def begun(name: str, stage: str = "mql", due: float = 1) -> Story:
    return Story(name, stage).at(0, DeadlineSet, deadline=Deadline(stage=stage, due_at=day(due)))


def ending(story: Story, number: float, fact: Any, stage: str = "mql", **more: Any) -> Story:
    return story.at(number, fact, stage=stage, due_at=day(1), **more)


def test_met_late_overdue_and_running_add_up() -> None:
    stories = [
        ending(begun("met"), 0.5, DeadlineMet),
        ending(ending(ending(begun("late"), 0.9, DeadlineReminded), 1, DeadlineBreached), 2, DeadlineMet, late=True),
        ending(begun("overdue"), 1, DeadlineBreached),
        begun("nobody ticked, but it is over"),
        begun("running", due=9),
        begun("of another stage", "sal", due=9),
    ]
    mql, sal = service_levels([story.journey() for story in stories], day(3))
    assert mql == Attainment("mql", begun=5, met=1, late=1, overdue=2, running=1, reminded=1, breached=2)
    assert mql.share_met == 0.25
    assert sal == Attainment("sal", begun=1, running=1) and sal.share_met is None


def test_a_second_round_is_a_second_deadline() -> None:
    story = ending(begun("again"), 0.5, DeadlineMet)
    story.at(5, DeadlineSet, deadline=Deadline(stage="mql", due_at=day(6)))
    assert service_levels([story.journey()], day(5.5)) == (Attainment("mql", begun=2, met=1, running=1),)


def test_without_service_levels_there_is_nothing_to_say() -> None:
    assert service_levels([Story().through("lead", "mql").journey()], day(9)) == ()
