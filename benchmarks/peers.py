"""The twenty rules of the benchmark, written for other rule engines in the forms that suit each best.

A form takes flat rows (dictionaries). ``fired`` says whether it tells which rules held; then it gives the total and the
rules, made from what the engine returns, else the total alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

Rule = dict[str, Any]
Condition = list[Any]


@dataclass(frozen=True)
class Form:
    """One way of asking an engine."""

    ask: Callable[[Mapping[str, Any]], Any]
    fired: bool = True
    takes_objects: bool = False
    """Whether it asks for each value by name, and so needs no dictionary; then it is given ``(subject, read)``."""


def known(rules: Sequence[Rule]) -> Callable[[Iterable[object]], tuple[float, list[tuple[float, str]]]]:
    """From what held, rule by rule, to the total and the reasons."""
    reasons = [(rule["points"], rule["name"]) for rule in rules]

    def told(held: Iterable[object]) -> tuple[float, list[tuple[float, str]]]:
        given = list(compress(reasons, held))
        return sum([points for points, _ in given]), given

    return told


# --- engines with a language of expressions ------------------------------------------------------------------


@dataclass(frozen=True)
class Language:
    """How an engine writes what it is asked."""

    conjunction: str
    disjunction: str
    text: Mapping[str, str]
    """By operator, with places for the field and the text."""
    number: Callable[[str, object], str] = lambda _field, number: json.dumps(number)
    one_of: str = "{0} in {1}"

    def written(self, condition: Condition) -> str:
        op, *rest = condition
        match op:
            case "and" | "or":
                sign = self.conjunction if op == "and" else self.disjunction
                return f"({sign.join(map(self.written, rest))})"
            case "not":
                return f"({rest[0][1]} != null)"
            case "in":
                return f"({self.one_of.format(rest[0], json.dumps(rest[1]))})"
            case "==":
                return f"({rest[0]} == {json.dumps(rest[1])})"
            case "startswith" | "endswith" | "contains":
                asked = self.text[op].format(rest[0], json.dumps(rest[1]))
            case _:
                value = json.dumps(rest[1]) if isinstance(rest[1], str) else self.number(rest[0], rest[1])
                asked = f"{rest[0]} {op} {value}"
        return f"({rest[0]} != null{self.conjunction}{asked})"

    def all_of(self, rules: Sequence[Rule]) -> list[str]:
        return [self.written(rule["when"]) for rule in rules]

    def summed(self, rules: Sequence[Rule]) -> str:
        return " + ".join(f"({self.written(rule['when'])} ? {rule['points']} : 0)" for rule in rules)

    def listed(self, rules: Sequence[Rule]) -> str:
        return f"[{', '.join(self.all_of(rules))}]"


def zen_engine(rules: Sequence[Rule]) -> dict[str, Form]:
    import zen

    words = {"startswith": "startsWith({0}, {1})", "endswith": "endsWith({0}, {1})", "contains": "contains({0}, {1})"}
    language, told = Language(" and ", " or ", words), known(rules)
    total = zen.compile_expression(language.summed(rules))
    listed = zen.compile_expression(language.listed(rules))
    each = [zen.compile_expression(one) for one in language.all_of(rules)]
    return {
        "one expression for the total": Form(total.evaluate, fired=False),
        "one expression for a list": Form(lambda row: told(listed.evaluate(row))),
        "an expression per rule": Form(lambda row: told([one.evaluate(row) for one in each])),
    }


def common_expression_language(rules: Sequence[Rule]) -> dict[str, Form]:
    import cel

    words = {"startswith": "{0}.startsWith({1})", "endswith": "{0}.endsWith({1})", "contains": "{0}.contains({1})"}
    doubles = {"revenue", "budget"}  # CEL does not compare doubles with integers
    language = Language(
        " && ", " || ", words, lambda name, number: repr(float(str(number)) if name in doubles else number)
    )
    told, total, listed = known(rules), cel.compile(language.summed(rules)), cel.compile(language.listed(rules))
    each = [cel.compile(one) for one in language.all_of(rules)]

    def shared(row: Mapping[str, Any]) -> Any:
        context = cel.Context(variables=row)
        return told([one.execute(context) for one in each])

    return {
        "one expression for the total": Form(total.execute, fired=False),
        "one expression for a list": Form(lambda row: told(listed.execute(row))),
        "an expression per rule, one context": Form(shared),
    }


def rule_engine(rules: Sequence[Rule]) -> dict[str, Form]:
    import rule_engine as engine

    words = {"startswith": "{0} =~ {1}", "endswith": "{0}.ends_with({1})", "contains": "{1} in {0}"}
    language, told = Language(" and ", " or ", words, one_of="{0} in {1}"), known(rules)

    def forms(resolver: Any, takes_objects: bool) -> tuple[Form, Form]:
        context = engine.Context(resolver=resolver, default_value=None)
        listed = engine.Rule(language.listed(rules), context=context)
        each = [engine.Rule(one, context=context) for one in language.all_of(rules)]
        return (
            Form(lambda row: told(listed.evaluate(row)), takes_objects=takes_objects),
            Form(lambda row: told([one.matches(row) for one in each]), takes_objects=takes_objects),
        )

    on_rows = forms(engine.resolve_item, False)
    on_objects = forms(lambda pair, name: pair[1][name](pair[0]), True)
    return {
        "one expression for a list": on_rows[0],
        "a rule each": on_rows[1],
        "one expression for a list, reading objects": on_objects[0],
        "a rule each, reading objects": on_objects[1],
    }


# --- JSON logic ------------------------------------------------------------------------------------------------


def logic(condition: Condition) -> dict[str, Any]:
    op, *rest = condition
    if op in ("and", "or"):
        return {op: [logic(one) for one in rest]}
    if op == "not":
        return {"!==": [{"var": rest[0][1]}, None]}
    value: dict[str, Any] = {"var": rest[0]}
    match op:
        case "in":
            return {"in": [value, rest[1]]}
        case "contains":
            return {"and": [value, {"in": [rest[1], value]}]}
        case "startswith":
            return {"and": [value, {"===": [{"substr": [value, 0, len(rest[1])]}, rest[1]]}]}
        case "endswith":
            return {"and": [value, {"===": [{"substr": [value, -len(rest[1])]}, rest[1]]}]}
        case "==":
            return {"===": [value, rest[1]]}
        case _:
            return {"and": [{"!==": [value, None]}, {op.replace("!=", "!=="): [value, rest[1]]}]}


def json_logic(rules: Sequence[Rule]) -> dict[str, Form]:
    """For both packages: they share the name of their module."""
    from json_logic import jsonLogic

    told, each = known(rules), [logic(rule["when"]) for rule in rules]
    total = {"+": [{"if": [one, rule["points"], 0]} for one, rule in zip(each, rules, strict=True)]}
    return {
        "one rule for the total": Form(lambda row: jsonLogic(total, row), fired=False),
        "a rule each": Form(lambda row: told([jsonLogic(one, row) for one in each])),
    }


# --- business-rules ----------------------------------------------------------------------------------------------


def business_rules(rules: Sequence[Rule]) -> dict[str, Form]:  # noqa: C901  # its words, one by one
    from business_rules import run_all
    from business_rules.actions import BaseActions, rule_action
    from business_rules.fields import FIELD_NUMERIC, FIELD_TEXT
    from business_rules.operators import BooleanType, NumericType, StringType
    from business_rules.variables import BaseVariables, rule_variable

    numbers, truths = {"employees", "revenue", "budget", "seats"}, {"consent", "do_not_call", "is_customer"}

    def asked(condition: Condition) -> dict[str, Any]:
        op, *rest = condition
        if op in ("and", "or"):
            return {"all" if op == "and" else "any": [asked(one) for one in rest]}
        if op == "not" and rest[0][1] in numbers:
            return one(rest[0][1], "greater_than_or_equal_to", 0)
        match op:
            case "not":
                return one(rest[0][1], "non_empty", None)
            case "in":
                return {"any": [one(rest[0], "equal_to", text) for text in rest[1]]}
            case "==":
                how = "is_true" if rest[1] is True else "is_false" if rest[1] is False else "equal_to"
                return one(rest[0], how, rest[1])
            case "!=":  # the only one there is: known sources that are not this one
                sources = ("web", "referral", "ads", "event", "partner", "cold")
                return {"any": [one(rest[0], "equal_to", text) for text in sources if text != rest[1]]}
        names = {
            "startswith": "starts_with", "endswith": "ends_with", "contains": "contains",
            ">=": "greater_than_or_equal_to", "<": "less_than",
        }  # fmt: skip
        return one(rest[0], names[op], rest[1])

    def one(name: str, operator: str, value: object) -> dict[str, Any]:
        return {"name": name, "operator": operator, "value": value}

    def variables(read: Callable[[str], Callable[[Any], Any]], fields: Iterable[str]) -> Any:
        """A class of variables; what is missing is less than any threshold, and no size is below zero."""

        def variable(name: str) -> Any:
            get = read(name)
            if name in numbers:
                return rule_variable(NumericType)(lambda self: -1 if (got := get(self.subject)) is None else got)
            return rule_variable(BooleanType if name in truths else StringType)(lambda self: get(self.subject))

        return type("Variables", (BaseVariables,), {name: variable(name) for name in fields})

    class Actions(BaseActions):  # type: ignore[misc]  # the package has no types
        def __init__(self) -> None:
            self.total, self.given = 0.0, list[tuple[float, str]]()

        @rule_action(params={"points": FIELD_NUMERIC, "name": FIELD_TEXT})  # type: ignore[untyped-decorator]
        def give(self, points: float, name: str) -> None:
            self.total += points
            self.given.append((points, name))

    written = [
        {
            "conditions": whole if set(whole := asked(rule["when"])) & {"all", "any"} else {"all": [whole]},
            "actions": [{"name": "give", "params": {"points": rule["points"], "name": rule["name"]}}],
        }
        for rule in rules
    ]
    fields = sorted(names_in(rules))
    on_rows = variables(lambda name: lambda row: row[name], fields)
    on_objects = variables(lambda name: lambda pair: pair[1][name](pair[0]), fields)

    def run(kind: Any, subject: Any) -> Any:
        values, actions = kind(), Actions()
        values.subject = subject
        run_all(written, values, actions)
        return actions.total, actions.given

    return {
        "run_all": Form(lambda row: run(on_rows, row)),
        "run_all, reading objects": Form(lambda pair: run(on_objects, pair), takes_objects=True),
    }


def names_in(rules: Iterable[Rule]) -> set[str]:
    """The fields that rules look at."""

    def names(condition: Condition) -> set[str]:
        inner = [names(one) for one in condition[1:] if isinstance(one, list) and condition[0] in ("and", "or", "not")]
        return set().union(*inner) if inner else {condition[1]}

    return set().union(*(names(rule["when"]) for rule in rules))


PEERS: dict[str, tuple[str, Callable[[Sequence[Rule]], dict[str, Form]]]] = {
    "zen-engine": ("zen-engine==2.1.3", zen_engine),
    "common-expression-language": ("common-expression-language==0.10.0", common_expression_language),
    "panzi-json-logic": ("panzi-json-logic==1.0.1", json_logic),
    "json-logic-qubit": ("json-logic-qubit==0.9.1", json_logic),
    "business-rules": ("business-rules==1.1.1", business_rules),
    "rule-engine": ("rule-engine==5.1.0", rule_engine),
}
"""By name: what pip installs, and the forms."""
