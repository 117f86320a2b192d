"""Conditions: what a rule looks for, as a value that can be written in Python, JSON or YAML with one meaning.

>>> from datetime import UTC, datetime
>>> enterprise = (field("company.employees") >= 250) & ~field("person.seniority").is_in("intern", "student")
>>> print(enterprise)
company.employees ≥ 250 and not (person.seniority in intern, student)
>>> print(evaluate(enterprise, {"company": {"employees": 900}}, datetime(2026, 1, 1, tzinfo=UTC)))
None

Missing is unknown: the person's seniority is not known, so neither the condition nor its negation holds.
"""

from leadflow.conditions.binding import bind
from leadflow.conditions.codegen import Compiled, compile_condition
from leadflow.conditions.editor_schema import json_schema
from leadflow.conditions.fields import Field, activity, always, field, never
from leadflow.conditions.interpreter import Truth, evaluate
from leadflow.conditions.json_form import CONDITION, condition_from, to_json
from leadflow.conditions.nodes import Condition, Leaf, Node, all_of, any_of, leaves
from leadflow.conditions.path_types import Shape, known_paths

__all__ = [
    "CONDITION",
    "Compiled",
    "Condition",
    "Field",
    "Leaf",
    "Node",
    "Shape",
    "Truth",
    "activity",
    "all_of",
    "always",
    "any_of",
    "bind",
    "compile_condition",
    "condition_from",
    "evaluate",
    "field",
    "json_schema",
    "known_paths",
    "leaves",
    "never",
    "to_json",
]
