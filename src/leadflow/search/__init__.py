"""Finding stored leads: what may be asked, in which order, by pages."""

from leadflow.search.findable import check_countable, check_findable
from leadflow.search.orders import ORDERS, Cursor, Order, Place
from leadflow.search.pages import LeadSearch, Page, counted, page_of

__all__ = [
    "ORDERS",
    "Cursor",
    "LeadSearch",
    "Order",
    "Page",
    "Place",
    "check_countable",
    "check_findable",
    "counted",
    "page_of",
]
