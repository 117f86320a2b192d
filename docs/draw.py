"""Redraws what docs/ shows of the code: `make docs` writes it, tests/test_docs.py compares it.

docs/lifecycle.md has the table of moves, docs/reference.md a sentence for everything public, from its docstring,
docs/data-quality.md the codes of findings.
"""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Literal, get_args, get_origin

import leadflow
from leadflow import LeadFlow
from leadflow.languages import FINDING_TEXTS
from leadflow.lifecycle import DEFAULT

PAGES = [Path(__file__).with_name(name) for name in ("lifecycle.md", "reference.md", "data-quality.md")]
DRAWN = re.compile(r"(<!-- drawn: ([\w.]+) -->\n).*?(<!-- end -->)", re.DOTALL)
EVERYWHERE = ("disqualify", "fast_track")  # from nearly every stage: in the picture they would hide the rest
SAID = {  # what has no docstring
    "leadflow.conditions": {
        "Condition": "The type of any condition, for annotations and fields of pydantic models.",
        "Truth": "`True`, `False`, or `None` for unknown.",
    },
    "leadflow.entities": {
        "POINTS_LIMIT": "The most points that one rule or person may give.",
        "Custom": "The type variable of `Lead`: your class of custom fields.",
    },
    "leadflow.events": {
        "SCHEMA_NUMBER": "The schema number of facts that are written now.",
        "AnyFact": "The union of all facts, for pydantic.",
    },
    "leadflow.lifecycle": {
        "DEFAULT": "The lifecycle that `LeadFlow` uses unless it is given another ([lifecycle](lifecycle.md)).",
        "STAYS": "The target of a move that stays in its stage.",
    },
    "leadflow.qualification": {"SCORES": "The paths of scores that thresholds may be about."},
    "leadflow.scoring": {
        "Decay": "Any decay: `HalfLife`, `Linear`, `Window`, or none.",
        "no_decay": "The decay that takes nothing.",
    },
    "leadflow.search": {"ORDERS": "The orders of `flow.find`, each with its type."},
    "leadflow.worktime": {"zone_named": "The time zone with this IANA name, or a `DefinitionError`."},
    "leadflow.decisions.commands": {"Command": "The type of any command."},
}
METHODS = (  # job, pages, methods of LeadFlow
    (
        "Leads come in",
        "[forms](forms.md), [many at once](application.md#many-at-once)",
        "capture capture_many identify visit record record_many retract correct held",
    ),
    (
        "What sources know",
        "[enrichment](enrichment.md)",
        "enrich look_up look_up_all enrichers withdraw_enrichment withdraw_source",
    ),
    ("Twins", "[two leads, one person](merging.md)", "twins merge merge_all unmerge not_same give_held"),
    (
        "Accounts",
        "[all leads of a company](accounts.md)",
        "account find_accounts suggest_accounts set_account place_all "
        "merge_accounts unmerge_accounts not_same_accounts",
    ),
    (
        "Leads are found",
        "[finding leads](finding.md)",
        "get by_email by_phone by_external_id by_visitor find first count leads unreadable",
    ),
    (
        "Moves",
        "[sales at work](sales.md), [the table of moves](lifecycle.md#moves)",
        "qualify accept reject confirm recycle fast_track step_back disqualify reopen promote settle lapse move",
    ),
    (
        "Owners",
        "[whose lead it is](sales.md#whose-lead-it-is), [people who leave](living-with-it.md#people-who-leave)",
        "route assign unassign reassign hand_over recount",
    ),
    (
        "Deals",
        "[to the end of the journey](sales.md#to-the-end-of-the-journey)",
        "open_deal change_deal win lose reopen_deal",
    ),
    (
        "Scores",
        "[points by hand](sales.md#points-by-hand), [rules that change](living-with-it.md#rules-that-change)",
        "score outlook adjust withdraw_adjustment rescore",
    ),
    (
        "Permission",
        "[mail and permission](mail.md)",
        "consent unsubscribe complain suppress unsuppress suppressed messages",
    ),
    ("Records", "[what is known of a lead](records.md)", "explain quality history as_of times_in_stage export erase"),
    (
        "Work that is due",
        "[background work](ticks.md), [failures](living-with-it.md#failures)",
        "tick run_due tasks retry dismiss health retire on",
    ),
    ("Commands as values", "[repeated requests](application.md#repeated-requests)", "run run_many answered"),
    (
        "Upkeep",
        "[fields that change](living-with-it.md#fields-that-change), [upgrading](upgrading.md)",
        "migrate_custom doctor refresh_features",
    ),
)
ATTRIBUTES = {"clock", "mailer", "policy", "storage"}


def stages() -> str:
    rows = [f"| {stage.name} | {stage.kind} | {stage.description} |" for stage in DEFAULT.stages]
    return "\n".join(["| stage | kind | what it says of a lead |", "|---|---|---|", *rows]) + "\n"


def diagram() -> str:
    return f"```mermaid\n{DEFAULT.diagram(without=EVERYWHERE).rstrip()}\n```\n"


def methods() -> str:
    """The methods of LeadFlow by job, each with its first sentence."""
    public = {name for name in dir(LeadFlow) if not name.startswith("_")} - ATTRIBUTES
    if missing := public.difference(*(some.split() for _, _, some in METHODS)):
        raise ValueError(f"put {', '.join(sorted(missing))} under a job in docs/draw.py")
    parts = []
    for job, pages, some in METHODS:
        rows = [f"| `flow.{name}` | {first_sentence(getattr(LeadFlow, name))} |" for name in some.split()]
        parts.append("\n".join([f"**{job}** ({pages})", "", "| method | what it does |", "|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def exported() -> str:
    """Where the names of ``leadflow`` itself are described; those that are defined in no public module are here."""
    homes: dict[str, list[str]] = {}
    for name in leadflow.__all__:
        listed = [module for module in listed_modules() if name in import_module(module).__all__]
        homes.setdefault(listed[0] if listed else "", []).append(name)
    rows = [f"| `{name}` | {sentence('leadflow', name)} |" for name in homes.pop("")]
    links = {home: f"[{home}](#{home.replace('.', '')})" for home in homes}
    listed = [f"- {', '.join(f'`{name}`' for name in some)}: {links[home]}" for home, some in homes.items()]
    return "\n".join([*listed, "", "| name | what it is |", "|---|---|", *rows]) + "\n"


def names(module: str) -> str:
    """A table of the public names of a module, each with its first sentence."""
    rows = [f"| `{name}` | {sentence(module, name)} |" for name in import_module(module).__all__]
    return "\n".join(["| name | what it is |", "|---|---|", *rows]) + "\n"


def sentence(module: str, name: str) -> str:
    """The first sentence of a docstring, as Markdown for a table."""
    if said := SAID.get(module, {}).get(name):
        return said
    found = getattr(import_module(module), name)
    if beside := beside_alias(Path(import_module(module).__file__ or "").parent, name):
        return beside
    if get_origin(found) is Literal:
        return "One of " + ", ".join(f"`{value}`" for value in get_args(found)) + "."
    if not (inspect.isclass(found) or inspect.isroutine(found)) or not inspect.getdoc(found):
        raise ValueError(f"{module}.{name} has no docstring: give it one, or a sentence in docs/draw.py")
    return first_sentence(found)


def beside_alias(package: Path, name: str) -> str | None:
    """The first paragraph of the text under ``Name = …``, which no object carries."""
    text = re.compile(rf'^{name}(?:: [^=\n]+)? = .*\n"""(.+?)(?:"""|\n\n)', re.MULTILINE)
    for path in package.rglob("*.py"):
        if found := text.search(path.read_text(encoding="utf-8")):
            return " ".join(found[1].split()).replace("``", "`").replace("|", "\\|")
    return None


def first_sentence(found: object) -> str:
    text = inspect.getdoc(found) or ""
    first = " ".join(text.split("\n\n")[0].split()).removesuffix("::").strip()
    return first.replace("``", "`").replace("|", "\\|")


def findings() -> str:
    """The codes of findings, what they mean and what to do, in English; the same in German is in the catalogue."""
    rows = [f"| `{code}` | {text.english} | {text.remedy} |" for code, text in sorted(FINDING_TEXTS.items())]
    return "\n".join(["| code | meaning | what to do |", "|---|---|---|", *rows]) + "\n"


PARTS = {
    "stages": stages,
    "diagram": diagram,
    "moves": DEFAULT.table,
    "methods": methods,
    "leadflow": exported,
    "findings": findings,
}


def drawn(page: str) -> str:
    """The page with each marked part as the code has it now."""
    return DRAWN.sub(lambda mark: f"{mark[1]}\n{_part(mark[2])}\n{mark[3]}", page)


def listed_modules() -> list[str]:
    """The modules whose names the reference lists."""
    return [mark[2] for mark in DRAWN.finditer(PAGES[1].read_text(encoding="utf-8")) if mark[2] not in PARTS]


def _part(name: str) -> str:
    return PARTS[name]() if name in PARTS else names(name)


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(drawn(page.read_text(encoding="utf-8")), encoding="utf-8")
        print(f"drawn: docs/{page.name}")
