"""The contract of an ``Enricher``: subclass it in your tests and run pytest.

::

    class TestRegister(EnricherContract):
        known = {"company.domain": "acme.example"}
        unknown = {"company.domain": "nobody.example"}

        def new_enricher(self): return Register(my_server.url)
        def make_unreachable(self, enricher): my_server.stop()
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import pytest

from leadflow.decisions.enrichment import statement
from leadflow.enrichment.enricher import Enricher, checked_enrichers
from leadflow.entities import EnrichedValue, Enrichment, Lead
from leadflow.errors import Deferred
from leadflow.testing.clock import NOW
from leadflow.testing.contract_rules import explained

__all__ = ["ODD_VALUES", "EnricherContract"]

ODD_VALUES: Final = (
    "-",
    "x" * 5_000,
    "<script>",
    "'; DROP TABLE leads",
    "a\r\nHost: evil.example",
    "ü\u2028💥",
    "../..",
)
"""What people type into forms, and browsers send in headers."""


@explained
class EnricherContract:
    """Each request has an answer of its own, of what the enricher may give; nothing but an outage is an error."""

    lead_type: ClassVar[type[Lead[Any]]] = Lead
    """The class of leads, if the enricher needs or gives custom fields."""
    known: ClassVar[Mapping[str, Any]]
    """A request (values by path of ``needs``) of which it knows something."""
    unknown: ClassVar[Mapping[str, Any]]
    """A request of which it knows nothing."""

    def new_enricher(self) -> Enricher:
        """Return the enricher to test, with its own service behind it."""
        raise NotImplementedError

    def make_unreachable(self, enricher: Any) -> None:
        """Let its service be down, or refuse for now; skip if there is none."""
        pytest.skip(f"there is no way to make {enricher!r} unreachable")

    def test_a_flow_takes_it(self) -> None:
        """Its definition is valid for this class of leads, and its name is the same for each instance."""
        enricher = self.new_enricher()
        assert checked_enrichers([enricher], self.lead_type) == {self.new_enricher().name: enricher}
        assert set(enricher.needs) <= {*self.known} and {*self.known} <= {*enricher.needs, *enricher.wants}

    def test_it_gives_what_its_fields_can_take(self) -> None:
        """Give only paths of ``gives``, with values that the fields can take: anything else is lost with a finding."""
        enricher = self.new_enricher()
        (values,) = answers(enricher, [self.known])
        assert values and {one.path for one in values} <= {*enricher.gives}
        given, findings = statement(self.lead_type, Enrichment(source=enricher.name, at=NOW, values=values))
        assert findings == () and {one.path for one in values} <= {one.path for one in given.values}

    def test_each_request_has_its_answer(self) -> None:
        """Return as many answers as requests, in their order; an empty one where nothing is known."""
        enricher = self.new_enricher()
        (alone,) = answers(enricher, [self.known])
        assert answers(enricher, [self.unknown]) == [()]
        for asked in ([self.known, self.unknown], [self.unknown, self.known, self.known]):
            some = asked[: enricher.batch]
            assert answers(enricher, some) == [alone if one is self.known else () for one in some]

    @pytest.mark.parametrize("odd", ODD_VALUES)
    def test_odd_values_are_no_errors(self, odd: str) -> None:
        """Return nothing for what makes no sense: an error counts as a call that may have been paid for."""
        enricher = self.new_enricher()
        texts = [path for path in enricher.needs if isinstance(self.known[path], str)]
        for path in texts:
            (values,) = answers(enricher, [{**self.known, path: odd}])
            assert {one.path for one in values} <= {*enricher.gives}

    def test_an_outage_is_deferred(self) -> None:
        """Raise ``Deferred`` if nothing was done: then it is asked again, and nothing was spent."""
        enricher = self.new_enricher()
        self.make_unreachable(enricher)
        with pytest.raises(Deferred):
            answers(enricher, [self.known])


def answers(enricher: Enricher, asked: Sequence[Mapping[str, Any]]) -> list[tuple[EnrichedValue, ...]]:
    """Return what the enricher answers; an asynchronous one is run to its end."""
    came = enricher.look_up([dict(one) for one in asked])
    if inspect.isawaitable(came):
        came = asyncio.run(_awaited(came))
    return [tuple(one) for one in came]


async def _awaited(came: Any) -> Any:
    return await came
