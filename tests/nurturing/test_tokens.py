"""Links to unsubscribe with, and keys for the suppression list."""

from __future__ import annotations

import hashlib
import hmac
import random
import re
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.entities import Channel
from leadflow.errors import DefinitionError, InvalidInput
from leadflow.nurturing import UnsubscribeToken, read_token, suppression_key, unsubscribe_token

OLD, NEW = b"an old secret of 24 byte", b"a new secret of 24 bytes"
CHANNELS = st.sampled_from(["email", "phone", "letter"])


@given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=40), CHANNELS)
def test_a_token_says_what_was_put_in(lead_id: str, purpose: str, channel: Channel) -> None:
    token = unsubscribe_token(lead_id, purpose, channel, OLD)
    assert read_token(token, OLD) == UnsubscribeToken(lead_id, purpose, channel)
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", token)
    assert token == unsubscribe_token(lead_id, purpose, channel, OLD)


def test_no_changed_token_is_taken() -> None:
    token, rng = unsubscribe_token("lead-1", "newsletter", "email", OLD), random.Random(7)
    other = unsubscribe_token("lead-2", "newsletter", "email", OLD)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.="
    changed = {token[:at] + letter + token[at + 1 :] for at in range(len(token)) for letter in letters}
    changed |= {token[:at] + token[at + 1 :] for at in range(len(token))}
    changed |= {"".join(rng.sample(token, len(token))) for _ in range(5_000)}
    changed |= {token + extra for extra in (*letters, "==", " ", "\n", "ä")}
    changed |= {f"{token.split('.')[0]}.{other.split('.')[1]}", f"{other.split('.')[0]}.{token.split('.')[1]}"}
    changed |= {"", ".", "x", "a.b", token[::-1], "\ud800", "ä.ä", "A" * 10_000_000, token * 2}
    changed -= {token}
    assert len(changed) > 10_000
    for one in changed:
        with pytest.raises(InvalidInput):
            read_token(one, [NEW, OLD])


@given(st.text(max_size=100))
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(InvalidInput, match="exactly as it appears"):
        read_token(text, OLD)


def test_old_secrets_still_read_and_forgotten_ones_don_t() -> None:
    token = unsubscribe_token("lead-1", "newsletter", "email", OLD)
    assert read_token(token, [NEW, OLD]).lead_id == "lead-1"
    for secrets in (NEW, [NEW], []):
        with pytest.raises(InvalidInput):
            read_token(token, secrets)


def test_a_token_of_another_kind_is_not_taken() -> None:
    payload = unsubscribe_token("lead-1", "newsletter", "email", OLD).split(".")[0]
    with pytest.raises(InvalidInput):
        read_token(f"{payload}.{suppression_key('email', payload, OLD).split(':')[1]}", OLD)


def test_the_signature_is_an_hmac_of_what_it_signs() -> None:
    payload, signature = unsubscribe_token("lead-1", "newsletter", "email", OLD).split(".")
    raw = hmac.new(OLD, f"leadflow unsubscribe v1\n{payload}".encode(), hashlib.sha256).digest()
    assert signature == urlsafe_b64encode(raw).decode().rstrip("=")


def test_a_secret_that_is_text_is_refused_as_such() -> None:
    text: Any = "sixteen letters or more"
    with pytest.raises(DefinitionError, match="bytes, not str"):
        suppression_key("email", "ada@acme.example", text)


@pytest.mark.parametrize("secret", [b"", b"short", b"fifteen bytes.."])
def test_a_short_secret_is_refused_and_not_repeated(secret: bytes) -> None:
    with pytest.raises(DefinitionError, match="at least 16") as refused:
        unsubscribe_token("lead-1", "newsletter", "email", secret)
    assert not secret or secret.decode() not in str(refused.value)
    with pytest.raises(DefinitionError):
        suppression_key("email", "ada@x.example", secret)


def test_a_suppression_key_is_the_same_for_all_spellings_and_tells_nothing() -> None:
    key = suppression_key("email", "jörg@x.example", OLD)
    assert key == suppression_key("email", " Jo\u0308RG@X.example ", OLD)
    assert re.fullmatch(r"email:[A-Za-z0-9_-]{43}", key)
    assert (
        len({key, suppression_key("email", "jorg@x.example", OLD), suppression_key("email", "jörg@x.example", NEW)})
        == 3
    )


def test_an_address_and_a_number_never_share_a_key() -> None:
    email, phone = suppression_key("email", "+4943112345", OLD), suppression_key("phone", "+4943112345", OLD)
    assert email.split(":")[1] != phone.split(":")[1]


@pytest.mark.parametrize("value", ["", "  "])
def test_nothing_can_not_be_suppressed(value: str) -> None:
    with pytest.raises(InvalidInput):
        suppression_key("email", value, OLD)
