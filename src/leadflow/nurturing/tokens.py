"""Links that a person can unsubscribe with, and keys for a suppression list that outlives erasure.

HMAC-SHA256 (RFC 2104). A token never expires: a person may unsubscribe with a mail of years ago. To change the secret,
give the new one first and keep the old ones for reading.
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
    """Who takes back consent, for what purpose, on what channel."""

    lead_id: str
    purpose: str
    channel: Channel
    mailbox: str | None = None
    """Where the message went, as the key of a state: a keyed hash."""


def unsubscribe_token(
    lead_id: str, purpose: str, channel: Channel, secret: bytes, *, mailbox: str | None = None
) -> str:
    """Return the token for a link to unsubscribe with; safe in a URL, always the same for the same values."""
    said = [lead_id, purpose, channel, *([mailbox] if mailbox else [])]
    claims = json.dumps(said, separators=(",", ":"), ensure_ascii=True)
    payload = _encoded(claims.encode())
    return f"{payload}.{_signature('unsubscribe', payload, secret)}"


def read_token(token: str, secret: Secrets) -> UnsubscribeToken:
    """Return what a token says; one that was not signed with one of the secrets is ``InvalidInput``."""
    readable = isinstance(token, str) and len(token) <= LONGEST_TOKEN
    payload, _, signature = token.partition(".") if readable else ("", "", "")
    secrets = [secret] if isinstance(secret, bytes) else list(secret)
    given = signature.encode("utf-8", "surrogatepass")
    # the text of the signature is compared, so that no second spelling of the same bytes is taken; no early way out
    fitting = [hmac.compare_digest(_signature("unsubscribe", payload, one).encode(), given) for one in secrets]
    if not any(fitting):
        raise InvalidInput("token", f"{str(token)[:12]}…", "use the link exactly as it stands in the mail")
    lead_id, purpose, channel, *mailbox = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    if channel not in get_args(Channel):
        raise InvalidInput("token", channel, f"channels are {', '.join(get_args(Channel))}")
    return UnsubscribeToken(lead_id, purpose, cast("Channel", channel), *mailbox)


def suppression_key(kind: Literal["email", "phone"], value: str, secret: bytes) -> str:
    """Return the key under which an address or number is suppressed; it can't be turned back without the secret."""
    plain = normal(value).strip().casefold()
    if not plain:
        raise InvalidInput(kind, value, "give an e-mail address or a phone number")
    return f"{kind}:{_signature(f'suppression {kind}', plain, secret)}"


def lead_mark(lead_id: str, secret: bytes) -> str:
    """Return the keyed hash by which a lead knows again what it has suppressed itself."""
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
