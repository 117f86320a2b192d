"""Plain spellings are read for comparison as the checks of fields read them."""

from __future__ import annotations

import random
import string

import phonenumbers
import pytest
from phonenumbers import PhoneMetadata

from leadflow.quality.email import check_email, is_own_domain, same_mailbox
from leadflow.quality.matching.plain_contacts import MatchMailbox, mailboxes_in, plain_number
from leadflow.quality.phone import check_phone, split_numbers

KINDS = ("mobile", "fixed_line", "toll_free", "voip", "uan", "pager", "personal_number", "shared_cost", "premium_rate")


def numbers(dice: random.Random) -> tuple[str, str]:
    """A number near the ranges of a plan, as people of its country write it, and the country."""
    country = dice.choice(
        ("DE", "DE", "GB", "GB", "AT", "FR", "IL", "UY", dice.choice([*phonenumbers.SUPPORTED_REGIONS]))
    )
    plan = PhoneMetadata.metadata_for_region(country)
    examples = [kind.example_number for name in KINDS if (kind := getattr(plan, name)) and kind.example_number]
    example = dice.choice(examples)
    kept = dice.randrange(len(example) + 1)
    national = example[:kept] + "".join(
        dice.choices(string.digits, k=len(example) - kept + dice.choice((0, 0, 0, 1, 4)))
    )
    cut = dice.randrange(1, len(national))
    spaced = dice.choice((national, f"{national[:cut]}{dice.choice(' /-')}{national[cut:]}"))
    code = phonenumbers.country_code_for_region(country)
    return f"{dice.choice(('0', '0', f'+{code}', f'00{code}', f'+{code} ', f'+{code}-'))}{spaced}", country


def test_a_plain_number_is_what_the_check_finds() -> None:
    dice, plain, too_long = random.Random(2), 0, 0
    for _ in range(6000):
        text, country = numbers(dice)
        found = plain_number(text, country)
        if found == ("", ""):
            too_long += 1
            assert check_phone(text, country).value is None, text
            assert split_numbers(text) == (text,)
        elif found is not None:
            plain += 1
            phone = check_phone(text, country).value
            assert phone is not None, text
            assert found == (phone.number, "mobile" if phone.kind == "mobile" else ""), text
            assert split_numbers(text) == (text,)
    assert plain > 1500
    assert too_long > 50


@pytest.mark.parametrize("text", ["+1 212 555 0100", "030 123 45 67-8", "0", "+49 180 020", "1234567", "+49 1111111"])
def test_what_is_not_plain_is_left_to_the_check(text) -> None:
    assert plain_number(text, "DE") is None
    assert plain_number("030 231250", None) is None


LOCALS = ["anna.mueller", "info", "info2", "vertrieb-nord", "info.berlin", "a_b", "A.B", "x" * 64, "x" * 65, "a..b",
          "noreply", "sales+de", "ä", "a.", "office"]  # fmt: skip
DOMAINS = ["acme.example", "GMAIL.com", "googlemail.com", "gmial.com", "mailinator.com", "web.de", "acme", "-x.de",
           "a_b.de", "köln.de", "xn--mnchen-3ya.de", "localhost", "acme.test", "1.2.3.4", "a" * 64 + ".de"]  # fmt: skip


def test_a_plain_address_is_what_the_check_finds() -> None:
    for text in (f"{local}@{domain}" for local in LOCALS for domain in DOMAINS):
        email = check_email(text).value
        wanted = []
        if email is not None and email.address and email.domain:
            own = email.domain if is_own_domain(email.domain) else ""
            wanted = [MatchMailbox(same_mailbox(email.address), email.kind == "role", own)]
        assert mailboxes_in(text) == wanted, text
    assert mailboxes_in("Ada <ada@acme.example>; bob@web.de") == [
        MatchMailbox("ada@acme.example", False, "acme.example"), MatchMailbox("bob@web.de", False, "")
    ]  # fmt: skip
    assert mailboxes_in("030 231250") == []
