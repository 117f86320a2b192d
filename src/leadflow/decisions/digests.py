"""Keyed hashes of data that may be personal and must be recognised permanently, even after an erasure."""

from __future__ import annotations

import hmac

__all__ = ["keyed_digest"]


def keyed_digest(purpose: str, text: str, secret: bytes) -> str:
    """Return a hash that can be computed only with the secret, and not reversed (HMAC-SHA256, RFC 2104)."""
    return hmac.digest(secret, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), "sha256").hex()
