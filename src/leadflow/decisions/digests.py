"""Keyed hashes of what may hold personal data and must be recognised for ever, also after an erasure."""

from __future__ import annotations

import hmac

__all__ = ["keyed_digest"]


def keyed_digest(purpose: str, text: str, secret: bytes) -> str:
    """Return what only who has the secret can compute, and nobody can turn back (HMAC-SHA256, RFC 2104)."""
    return hmac.digest(secret, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), "sha256").hex()
