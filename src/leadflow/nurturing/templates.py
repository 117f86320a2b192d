"""Mail templates: checked when they are built, rendered with a lead's values when they are sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from leadflow.entities import Address, Company, Lead, Person, safe_line, safe_text
from leadflow.errors import DefinitionError, MissingExtra
from leadflow.nurturing.sandbox import environment, too_wide

if TYPE_CHECKING:
    from liquid import BoundTemplate

__all__ = ["check", "custom_fields_in", "filled", "lines", "one_line", "values_of"]

LONGEST_TEMPLATE: Final = 50_000
PARTS: Final[Mapping[str, frozenset[str]]] = {
    "person": frozenset({*Person.model_fields, "full_name"}),
    "company": frozenset(Company.model_fields),
    "address": frozenset(Address.model_fields),
}
"""Names with attributes; an attribute that is not listed is a typing error."""
OPEN: Final = frozenset({"custom", "links"})
"""Names whose attributes the host defines."""
OF_THE_LEAD: Final = frozenset(
    {"persona", "interests", "pain_points", "product_interest", "intended_use", "buying_role", "stage"}
)
PLAIN: Final = OF_THE_LEAD | {"email", "phone", "timing", "today"}


def check(source: str, *, html: bool, where: str) -> None:
    """Refuse a template that can't be parsed or uses unknown names; ``DefinitionError`` with its line."""
    if len(source) > LONGEST_TEMPLATE:
        raise DefinitionError(f"{where}: {len(source):,} characters; a template has at most {LONGEST_TEMPLATE:,}")
    if not _is_literal(source):
        problem = next(_problems(source, _template(source, html, where)), None)
        if problem:
            raise DefinitionError(f"{where}, {problem}")


def filled(source: str, values: Mapping[str, object], *, html: bool, where: str) -> str:
    """Return the rendered template; missing values are empty, values are never evaluated."""
    if _is_literal(source):
        return source
    template = _template(source, html, where)
    try:
        return template.render(**values)
    except Exception as wrong:  # whatever goes wrong here is the template's fault; nothing was sent
        raise DefinitionError(f"{where}: {_said(wrong)}") from wrong


def values_of(lead: Lead[Any], links: Mapping[str, str], now: datetime | None) -> dict[str, object]:
    """Return what templates may use of a lead, as plain values: nothing internal, no objects."""
    return {
        "person": {**lead.person.model_dump(), "full_name": lead.person.full_name},
        "company": lead.company.model_dump(),
        "address": lead.address.model_dump(),
        "custom": lead.custom.model_dump(mode="json"),
        "email": lead.email.address,
        "phone": lead.phone.number,
        "timing": lead.timing.isoformat() if lead.timing else None,
        "today": now.date().isoformat() if now else None,
        **{name: _plain(getattr(lead, name)) for name in OF_THE_LEAD},
        "links": dict(links),
    }


def custom_fields_in(source: str, *, html: bool, where: str) -> set[str]:
    """Return the custom fields that a template uses."""
    if _is_literal(source):
        return set()
    named = _template(source, html, where).analyze(include_partials=False).globals.get("custom", ())
    return {str(one.segments[1]) for one in named if len(one.segments) > 1}


def one_line(text: str, limit: int = 250) -> str:
    """Return the text on one line, truncated."""
    line = str(safe_line(text))
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def lines(text: str) -> str:
    """Return the text with plain line feeds and without invisible characters."""
    return str(safe_text(text))


def _is_literal(source: str) -> bool:
    # so that plain texts do not require the extra
    return "{{" not in source and "{%" not in source


def _template(source: str, html: bool, where: str) -> BoundTemplate:
    try:
        return _parsed(source, html)
    except MissingExtra:
        raise
    except Exception as wrong:  # Liquid's own errors, and recursion and number errors of its parser
        raise DefinitionError(f"{where}: {_said(wrong)}") from wrong


@lru_cache(maxsize=1024)
def _parsed(source: str, html: bool) -> BoundTemplate:
    return environment(html=html).from_string(source)


def _problems(source: str, template: BoundTemplate) -> Iterator[str]:
    if wide := too_wide(template.nodes):
        yield f"range {wide}: give two numbers less than 1,000 apart"
    analysis = template.analyze(include_partials=False)
    for name, spans in analysis.filters.items():
        if name not in template.env.filters:
            yield f"line {_line(source, spans[0].index)}: there is no filter {name!r}"
    for name, variables in analysis.globals.items():
        for one in variables:
            if wrong := _unknown(name, one.segments):
                yield f"line {_line(source, one.span.index)}: {wrong}"


def _unknown(name: str, segments: list[Any]) -> str | None:
    if name in PLAIN or name in OPEN:
        return None
    if name not in PARTS:
        return f"there is no {name!r}; there are {', '.join(sorted({*PARTS, *OPEN, *PLAIN}))}"
    below = segments[1] if len(segments) > 1 else None
    if isinstance(below, str) and below not in PARTS[name]:
        return f"{name} has no {below!r}; it has {', '.join(sorted(PARTS[name]))}"
    return None


def _line(source: str, index: int) -> int:
    return source.count("\n", 0, index) + 1


def _said(wrong: Exception) -> str:
    """What is wrong, and in which line, as far as Liquid reports it."""
    token = getattr(wrong, "token", None)
    message = wrong.args[0] if wrong.args else type(wrong).__name__
    if token is None or token.start_index < 0:
        return f"{message}"
    return f"line {_line(token.source, token.start_index)}: {message}"


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
