"""Mistakes that an editor must mark: each line is an error to mypy and to pyright, and is refused at run time.

Both checkers report an ignored error that is none, so a mistake that they no longer see fails the test.
"""

from __future__ import annotations

from collections.abc import Callable

from leadflow import Content, Qualification, Rep, Router, Sequence, ServiceLevel, Step, Territory, field
from leadflow.lifecycle import Move, Stage
from leadflow.scoring import Grades, ScoringModel, on, points

known = field("company.employees") >= 250

# ruff: noqa: PLW0108  (a call without arguments is the mistake)
# fmt: off
MISTAKES: dict[str, Callable[[], object]] = {
    "no name": lambda: ScoringModel(),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    "a misspelt field": lambda: ScoringModel(name="m", fits=[]),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    "a rule that is none": lambda: ScoringModel(name="m", fit=["enterprise"]),  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    "a rule of the other side": lambda: ScoringModel(name="m", fit=[on("demo", 20)]),  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    "a rule that is no list": lambda: ScoringModel(name="m", fit=points(25, known)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "a cap in words": lambda: ScoringModel(name="m", groups={"web": "many"}),  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    "grades in words": lambda: Grades(fit=["high"]),  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    "no id": lambda: Rep(),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    "a misspelt weight": lambda: Rep("anna", wieght=2),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    "a cap as a text": lambda: Rep("anna", daily_cap="many"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "a weight by position": lambda: Rep("anna", 2),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    "a condition as a text": lambda: Territory("all", "everywhere"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "reps that are numbers": lambda: Territory("all", known, reps=[7]),  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    "another otherwise": lambda: Territory("all", known, otherwise="wait"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "a territory, not a list": lambda: Router(Territory("all", known)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "no condition": lambda: Qualification(),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    "a tolerance in words": lambda: Qualification(known, tolerance="little"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "a length as a number": lambda: ServiceLevel("mql", 4),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "a step as a number": lambda: Sequence("welcome", [7]),  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    "another channel": lambda: Sequence("welcome", [Step("2d")], channel="fax"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "no body": lambda: Content("hello", "Hi"),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    "a kind of nobody": lambda: Move("try", "sql", "trial", by=["boss"]),  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    "another kind of stage": lambda: Stage("trial", "testing"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
}
# fmt: on
