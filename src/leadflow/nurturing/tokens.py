"""Tokens for unsubscribe links, and keys for suppressions that outlive erasure.

HMAC-SHA256 (RFC 2104). A token never expires: a person may unsubscribe by a mail that is years old. To change the
secret, put the new one first and keep the old ones for reading.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, cast, get_args

from leadflow.entities import Channel
from leadflow.entities.text import normal
from leadflow.errors import DefinitionError, InvalidInput

__all__ = ["UnsubscribeToken", "lead_mark", "read_token", "suppression_key", "unsubscribe_token"]

SHORTEST_SECRET: Final = 16
LONGEST_TOKEN: Final = 4_096
Secrets = bytes | Iterable[bytes]


class UnsubscribeToken(NamedTuple):
    """Who withdraws consent, for which purpose, on which channel."""

    lead_id: str
    purpose: str
    channel: Channel
    mailbox: str | None = None
    """The mailbox of the message, as the key of a state: a keyed hash."""


def unsubscribe_token(
    lead_id: str, purpose: str, channel: Channel, secret: bytes, *, mailbox: str | None = None
) -> str:
    """Return the token for an unsubscribe link; safe in a URL, always the same for the same values."""
    said = [lead_id, purpose, channel, *([mailbox] if mailbox else [])]
    claims = json.dumps(said, separators=(",", ":"), ensure_ascii=True)
    payload = _encoded(claims.encode())
    return f"{payload}.{_signature('unsubscribe', payload, secret)}"


def read_token(token: str, secret: Secrets) -> UnsubscribeToken:
    """Parse a token; ``InvalidInput`` if it was not signed with one of the secrets."""
    readable = isinstance(token, str) and len(token) <= LONGEST_TOKEN
    payload, _, signature = token.partition(".") if readable else ("", "", "")
    secrets = [secret] if isinstance(secret, bytes) else list(secret)
    given = signature.encode("utf-8", "surrogatepass")
    # compares the text of the signature, so that only one spelling is accepted, and in constant time
    fitting = [hmac.compare_digest(_signature("unsubscribe", payload, one).encode(), given) for one in secrets]
    if not any(fitting):
        raise InvalidInput("token", f"{str(token)[:12]}…", "use the link exactly as it appears in the mail")
    lead_id, purpose, channel, *mailbox = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    if channel not in get_args(Channel):
        raise InvalidInput("token", channel, f"channels are {', '.join(get_args(Channel))}")
    return UnsubscribeToken(lead_id, purpose, cast("Channel", channel), *mailbox)


def suppression_key(kind: Literal["email", "phone"], value: str, secret: bytes) -> str:
    """Return the key under which an address or number is suppressed; without the secret it can't be reversed."""
    plain = normal(value).strip().casefold()
    if not plain:
        raise InvalidInput(kind, value, "give an e-mail address or a phone number")
    return f"{kind}:{_signature(f'suppression {kind}', plain, secret)}"


def lead_mark(lead_id: str, secret: bytes) -> str:
    """Return the keyed hash by which a lead's own suppressions are recognised."""
    return _signature("suppression lead", lead_id, secret)


def _signature(use: str, text: str, secret: bytes) -> str:
    if not isinstance(secret, bytes):
        raise DefinitionError(f"a secret is bytes, not {type(secret).__name__}; give secrets.token_bytes(32), or b'…'")
    if len(secret) < SHORTEST_SECRET:
        raise DefinitionError(f"the secret has {len(secret)} bytes; give at least 16, e.g. secrets.token_bytes(32)")
    signed = f"leadflow {use} v1\n{text}".encode("utf-8", "surrogatepass")
    return _encoded(hmac.digest(secret, signed, "sha256"))


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
