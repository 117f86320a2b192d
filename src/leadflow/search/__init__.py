"""Finding stored leads: supported conditions, sort orders, pages."""

from leadflow.search.findable import check_countable, check_findable
from leadflow.search.orders import ORDERS, Cursor, Order, Position
from leadflow.search.pages import LeadSearch, Page, counted, page_of

__all__ = [
    "ORDERS",
    "Cursor",
    "LeadSearch",
    "Order",
    "Page",
    "Position",
    "check_countable",
    "check_findable",
    "counted",
    "page_of",
]
