"""Domains: which part of a host's name somebody has registered, and which part is an ending that many share."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from leadflow.entities.text import remembered

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

__all__ = ["registrable_domain"]

# Where everybody has a site below a provider's domain, and which the Public Suffix List does not have.
_PROVIDERS: Final = frozenset(
    """business.site jimdo.com jimdofree.com jimdosite.com squarespace.com strato.site strikingly.com tumblr.com
    weebly.com wordpress.com""".split()
)


@remembered
def registrable_domain(host: str) -> str | None:
    """Return the part of a host's name that somebody has registered: ``acme.co.uk`` of ``mail.acme.co.uk``.

    By the Public Suffix List (https://publicsuffix.org), as the installed ``publicsuffixlist`` has it. None for an
    ending that many share (``co.uk``, ``tokyo.jp``, ``github.io``), and for a single label.
    """
    host = host.casefold().strip(".")
    labels = host.split(".")
    if ".".join(labels[-2:]) in _PROVIDERS:
        return ".".join(labels[-3:]) if len(labels) > 2 and all(labels) else None
    return _list().privatesuffix(host)


@cache
def _list() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
