"""Liquid for untrusted authors: no files, bounded work, values that are never evaluated.

python-liquid limits loops and output; this module limits the rest: filters that multiply text (``replace``, ``join``),
huge ranges, the total of successive loops, and ``date``, which would read the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from re import fullmatch
from typing import TYPE_CHECKING, Any, Final

from leadflow.errors import require

if TYPE_CHECKING:
    from liquid import Environment
    from liquid.ast import Node
    from liquid.expression import Expression

__all__ = ["environment", "too_wide"]

OUTPUT_LIMIT: Final = 200_000
"""The most bytes that a template may output, and that its variables may hold."""
LOOPS_LIMIT: Final = 1_000
"""The most iterations of all loops of one rendering together."""
WORK_LIMIT: Final = 2_000_000
"""The most characters and items that all filters of one rendering may read and write."""
SIZE_LIMIT: Final = 100_000
"""The most characters that one filter may read or return; a thousandth of it for lists."""
DIGITS_LIMIT: Final = 10**18

TAGS: Final = """
    # assign break capture case comment content continue cycle decrement doc echo for if ifchanged illegal increment
    liquid output unless
"""
FILTERS: Final = """
    abs append at_least at_most capitalize ceil compact default divided_by downcase escape escape_once first floor
    join last lstrip minus modulo newline_to_br plus prepend remove remove_first remove_last replace replace_first
    replace_last reverse round rstrip size slice sort sort_natural split squish strip strip_html strip_newlines times
    truncate truncatewords uniq upcase url_encode
"""
DATE_FORMAT: Final = r"([^%]|%[dmyYBbAajHMSIp%]|%-[dm])*"
Filter = Callable[..., Any]


@lru_cache(maxsize=2)
def environment(*, html: bool) -> Environment:
    """Return the Liquid environment for mails; with ``html`` every value is escaped."""
    require("templates")
    from liquid import Environment

    class Bounded(Environment):
        local_namespace_limit = OUTPUT_LIMIT
        output_stream_limit = OUTPUT_LIMIT
        template_class = _template_class()

    bounded = Bounded(autoescape=html)
    bounded.tags = {name: tag for name, tag in bounded.tags.items() if name in TAGS.split()}
    bounded.filters = {name: _bounded(name, one) for name, one in bounded.filters.items() if name in FILTERS.split()}
    bounded.filters["date"] = _bounded("date", _date)
    return bounded


def too_wide(nodes: Iterable[Node]) -> str | None:
    """Return the first range, such as ``(1..n)``, that is not provably small, or None."""
    from liquid.builtin.expressions.primitive import IntegerLiteral, RangeLiteral

    for expression in _expressions(nodes):
        if isinstance(expression, RangeLiteral):
            ends = (expression.start, expression.stop)
            values = [end.value for end in ends if isinstance(end, IntegerLiteral)]
            if len(values) < 2 or values[1] - values[0] >= LOOPS_LIMIT:
                return str(expression)
    return None


def _expressions(nodes: Iterable[Node]) -> Iterator[Expression]:
    context: Any = None  # used only by tags that load other templates, which are not available
    waiting: list[Any] = list(nodes)
    while waiting:
        part = waiting.pop()
        if hasattr(part, "expressions"):
            waiting += [*part.expressions(), *part.children(context)]
        else:
            yield part
            waiting += part.children()


def _template_class() -> type[Any]:
    from liquid import BoundTemplate, RenderContext
    from liquid.exceptions import ResourceLimitError

    class Counting(RenderContext):
        """Counts the work of successive loops and of filters."""

        __slots__ = ("rounds", "work")

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.rounds = self.work = 0

        def raise_for_loop_limit(self, length: int = 1) -> None:
            self.rounds += length
            if self.rounds > LOOPS_LIMIT:
                raise ResourceLimitError(f"more than {LOOPS_LIMIT:,} loop iterations", token=None)

        def spend(self, *values: object) -> None:
            for value in values:
                self.work += _size(value)
                if self.work > WORK_LIMIT or not _fits(value):
                    raise ResourceLimitError("its filters do too much work", token=None)

    class Template(BoundTemplate):
        context_class = Counting

    return Template


def _bounded(name: str, original: Filter) -> Filter:
    """Return the filter with size checks after it, and also before it if it multiplies text."""

    def bounded(value: Any, *args: Any, context: Any, environment: Any, **named: Any) -> Any:
        context.spend(value, *args, *named.values(), _Size(_product(name, value, args)))
        more = {"environment": environment} if getattr(original, "with_environment", False) else {}
        result = original(value, *args, **more, **named)
        context.spend(result)
        return result

    bounded.with_context = bounded.with_environment = True  # type: ignore[attr-defined]  # the convention of Liquid
    return bounded


class _Size(int):
    """A size to check before anything of that size is created."""


def _product(name: str, value: object, args: Collection[object]) -> int:
    if name.startswith(("replace", "remove")) and args:
        old, new = (*map(str, args), "")[:2]
        return str(value).count(old) * len(new)
    if name == "join" and isinstance(value, Collection):
        return len(value) * max((len(str(one)) for one in args), default=0)
    return 0


def _size(value: object) -> int:
    if isinstance(value, _Size):
        return int(value)
    return 1 + len(value) if isinstance(value, str | list | tuple | dict) else 1


def _fits(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= SIZE_LIMIT
    if isinstance(value, list | tuple):
        return len(value) <= LOOPS_LIMIT
    if isinstance(value, _Size):
        return value <= SIZE_LIMIT
    return not isinstance(value, int | float) or -DIGITS_LIMIT < value < DIGITS_LIMIT


def _date(value: object, form: object = "%Y-%m-%d") -> object:
    """Format a date or an ISO text; anything else stays unchanged. It can't read today's date."""
    if not fullmatch(DATE_FORMAT, str(form)):
        raise ValueError(f"date: {form!r} is not a format; use %d %m %y %Y %B %b %A %a %j %H %M %S %I %p %-d %-m")
    try:
        moment = value if isinstance(value, date) else datetime.fromisoformat(str(value))
    except ValueError:
        return value
    plain = str(form).replace("%-d", str(moment.day)).replace("%-m", str(moment.month))
    return moment.strftime(plain)
