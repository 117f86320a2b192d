"""E-mail addresses and phone numbers for comparison: those in plain spellings at a small part of a check's cost.

They are read as ``check_email`` and ``check_phone`` read them (tests/quality/matching/test_plain_contacts.py holds
them together); whatever is not plain is left to these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from leadflow.quality.email import check_email, is_own_domain, is_role, same_mailbox, split_addresses

if TYPE_CHECKING:
    from phonenumbers import PhoneMetadata, PhoneNumberDesc

__all__ = ["MatchMailbox", "mailboxes_in", "plain_number"]

_DOMAINS_KEPT: Final = 50_000
_ADDRESS: Final = re.compile(r"([a-z0-9]+(?:[._-][a-z0-9]+)*)@([a-z0-9.-]+)")
_LONGEST_LOCAL_PART, _LONGEST_ADDRESS = 64, 254
_NUMBER: Final = re.compile(r"(\+|00?)([1-9][0-9 ]{7,20})|(\+|0)([1-9][0-9]{0,3}[/-][0-9][0-9 ]{4,16})")
_PUNCTUATION: Final = str.maketrans("", "", " /-")
_TYPES: Final = ("premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail")
_SHORTEST_NUMBER: Final = 7
_RENUMBERED: Final = frozenset({52, 225, 229})
_LONGEST_CODE: Final = 3


class MatchMailbox(NamedTuple):
    """A mailbox, whether it is a role's, and its domain if that is a company's own."""

    mailbox: str
    is_role: bool
    own_domain: str


class _MailDomain(NamedTuple):
    name: str
    kind: str
    own: str


def mailboxes_in(text: str) -> list[MatchMailbox]:
    """Return the mailboxes of the addresses in a text; what is no address is left out."""
    plain = _ADDRESS.fullmatch(text.lower()) if len(text) <= _LONGEST_ADDRESS and text.isascii() else None
    local, domain = plain.groups() if plain is not None else ("", "")
    if local and len(local) <= _LONGEST_LOCAL_PART:
        of = _mail_domain(domain)
        if of is None:
            return []
        name, kind, own = of
        as_role = kind != "disposable" and is_role(local, is_free=kind == "free")
        return [MatchMailbox(same_mailbox(f"{local}@{name}"), as_role, own)]
    if "@" not in text:
        return []
    found = (check_email(one).value for one in split_addresses(text))
    return [
        MatchMailbox(
            same_mailbox(one.address),
            one.kind == "role",
            one.domain if one.domain and is_own_domain(one.domain) else "",
        )
        for one in found
        if one is not None and one.address
    ]


@lru_cache(maxsize=_DOMAINS_KEPT)
def _mail_domain(domain: str) -> _MailDomain | None:
    email = check_email(f"x@{domain}").value
    if email is None or email.domain is None or email.kind is None:
        return None
    return _MailDomain(email.domain, email.kind, email.domain if is_own_domain(email.domain) else "")


def plain_number(text: str, country: str | None) -> tuple[str, str] | None:
    """Return a phone number in E.164, and ``mobile`` if it is one; None if it has to be read by ``check_phone``.

    Both are empty for what has more digits than any number of its plan.
    Plain are digits and blanks behind ``+``, ``00`` or the country's 0, in plans whose only prefix is that 0; one slash
    or hyphen may follow the first digits.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    prefix, digits = found[1] or found[3], (found[2] or found[4]).translate(_PUNCTUATION)
    if prefix == "0":
        plan = _plan_of_country(country) if country else None
    else:
        plan = _plan_behind(digits[:_LONGEST_CODE])
        digits = digits[len(plan.code) :] if plan else digits
    if plan is None or digits.startswith(plan.stripped):
        return None
    if len(digits) > max(plan.lengths, default=len(digits)):
        return "", ""
    if len(digits) not in plan.lengths or _is_made_up(digits):
        return None
    return f"+{plan.code}{digits}", "mobile" if plan.is_mobile(digits) else ""


def _is_made_up(digits: str) -> bool:
    return len({*digits}) == 1 or "1234567890".startswith(digits) or "9876543210".startswith(digits)


class _Plan(NamedTuple):
    code: str
    lengths: frozenset[int]
    stripped: tuple[str, ...]
    is_mobile: Callable[[str], bool]


@lru_cache(maxsize=1000)
def _plan_of_country(country: str) -> _Plan | None:
    import phonenumbers

    code = phonenumbers.country_code_for_region(country)
    return _plan_of_code(str(code)) if phonenumbers.region_code_for_country_code(code) == country else None


@lru_cache(maxsize=1000)
def _plan_behind(digits: str) -> _Plan | None:
    """Return the plan of the country code that digits begin with."""
    return next((plan for end in range(1, len(digits) + 1) if (plan := _plan_of_code(digits[:end]))), None)


@lru_cache(maxsize=1000)
def _plan_of_code(code: str) -> _Plan | None:
    """Return the plan of a country code, if it has no exceptions in how its numbers are dialled."""
    import phonenumbers

    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())
    plans = [phonenumbers.PhoneMetadata.metadata_for_region(region) for region in regions]
    main = plans[0] if plans else None
    if main is None or int(code) in _RENUMBERED or main.national_prefix_transform_rule:
        return None
    prefix, *others = (main.national_prefix_for_parsing or "").split("|")
    if (prefix, main.international_prefix) != ("0", "00") or not all(other.isdecimal() for other in others):
        return None
    lengths = frozenset(length for length in _lengths(main.general_desc) if length >= _SHORTEST_NUMBER)
    ways = [_mobile_in(plan) for plan in plans if plan is not None]

    def is_mobile(digits: str) -> bool:
        for way in ways:
            found = way(digits)
            if found is not None:
                return found
        return False

    return _Plan(code, lengths, ("0", *others), is_mobile)


def _mobile_in(plan: PhoneMetadata) -> Callable[[str], bool | None]:
    """Return what says whether digits are a mobile phone's in a region; None where they are no number of it."""
    leading = re.compile(plan.leading_digits) if plan.leading_digits else None
    others = [*(getattr(plan, name) for name in _TYPES), plan.fixed_line]
    is_fixed_too = plan.same_mobile_and_fixed_line_pattern

    @cache
    def patterns(length: int) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
        return _one_of([plan.general_desc], length), _one_of(others, length), _one_of([plan.mobile], length)

    def is_mobile(digits: str) -> bool | None:
        if leading is not None and not leading.match(digits):
            return None
        general, other, mobile = patterns(len(digits))
        if general.fullmatch(digits):
            if other.fullmatch(digits):
                return False
            if mobile.fullmatch(digits):
                return not is_fixed_too
        return None if leading is None else False

    return is_mobile


def _one_of(kinds: Iterable[PhoneNumberDesc | None], length: int) -> re.Pattern[str]:
    """Return the pattern of the numbers of a length that are of one of several kinds; it matches nothing for none."""
    told = [
        f"(?:{kind.national_number_pattern})"
        for kind in kinds
        if kind is not None and kind.national_number_pattern and length in (_lengths(kind) or (length,))
    ]
    return re.compile("|".join(told) or "(?!)")


def _lengths(kind: PhoneNumberDesc | None) -> tuple[int, ...]:
    return tuple(kind.possible_length) if kind is not None and kind.possible_length else ()
