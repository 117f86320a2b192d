"""The match model for leads that works untrained: weights and thresholds set by hand."""

from __future__ import annotations

from typing import Final

from leadflow.quality.matching.model import (
    CandidateBlock,
    EvidenceLevel,
    FieldComparison,
    MatchModel,
    SubjectModel,
)

__all__ = ["MATCH_MODEL"]

_Level = EvidenceLevel

NAME: Final = FieldComparison(
    by="name",
    group="person",
    levels=(
        _Level("full", 10.0, "same first and last name"),
        _Level("transposed", 9.0, "same names, first and last swapped"),
        _Level("near", 8.0, "similar names"),
        _Level("script", 8.0, "names that sound alike, one of them in another script"),
        _Level("transposed_near", 6.0, "similar names, first and last swapped"),
        _Level("part", 5.5, "same first name, last names share a part"),
        _Level("last_only", 4.0, "same last name, one has no first name"),
        _Level("last_like_only", 2.0, "similar last names, one has no first name"),
        _Level("first_only", 2.0, "same or similar first name, one has no last name"),
        _Level("first_apart", -6.0, "different first names, one has no last name"),
        _Level("kin", 1.0, "same or similar last name, first names that sound or look alike", trust="shared"),
        _Level("first", -6.0, "same first name, different last name"),
        _Level("siblings", -9.0, "same or similar last name, two different first names", trust="family"),
        _Level("last", -9.0, "same last name, different first name"),
        _Level("different", -12.0, "different first and last names"),
    ),
)
BORN: Final = FieldComparison(
    by="born",
    group="person",
    levels=(
        _Level("same_birth", 10.0, "same date of birth", trust="family"),
        _Level("near_birth", 5.0, "date of birth differs by a slip"),
        _Level("slip_apart", 0.0, "dates of birth that a slip or a generation lies between", trust="contradicts"),
        _Level("within_year", -1.0, "dates of birth within a year"),
        _Level("other_birth", -6.0, "different date of birth"),
        _Level("generation_apart", -12.0, "dates of birth a generation apart", trust="contradicts"),
    ),
)
GENERATION: Final = FieldComparison(
    by="generation",
    group="person",
    levels=(
        _Level("one_generation", -8.0, "one is called jun., sen. or II, the other is not"),
        _Level("other_generation", -14.0, "another generation: jun., sen. or II", trust="contradicts"),
    ),
)
EMAIL: Final = FieldComparison(
    by="email",
    group="contact",
    levels=(
        _Level("same_email", 14.0, "same e-mail address", trust="certain"),
        _Level("same_listed_email", 14.0, "same e-mail address", trust="listed"),
        _Level("same_unverified_email", 14.0, "same e-mail address, not verified on both sides", trust="typed"),
        _Level("same_unclaimed_email", 8.0, "same e-mail address, given in addition to a main one", trust="unclaimed"),
        _Level("same_local_part", 4.0, "e-mail addresses that differ in the domain only", trust="implied"),
        _Level("spelled_apart", -6.0, "e-mail addresses that spell similar names apart", trust="contradicts"),
        _Level("colleague_email", -3.0, "different e-mail address in the same domain"),
        _Level("other_email", -1.0, "different e-mail address"),
    ),
)
PHONE: Final = FieldComparison(
    by="phone",
    group="contact",
    levels=(
        _Level("same_mobile", 10.0, "same mobile phone"),
        _Level("same_line", 4.0, "same phone line", trust="shared"),
        _Level("same_private_line", 6.0, "same private phone line", trust="shared"),
        _Level("other_mobile", -2.0, "different mobile phone"),
        _Level("other_line", -0.5, "different phone"),
    ),
)
PROFILE: Final = FieldComparison(
    by="profile",
    group="contact",
    levels=(
        _Level("same_profile", 13.0, "same social profile", trust="certain"),
        _Level("other_profile", -6.0, "different profile on the same network"),
    ),
)
EXTERNAL_ID: Final = FieldComparison(
    by="external_id",
    group="contact",
    levels=(_Level("same_external_id", 15.0, "same id in another system", trust="certain"),),
)
IDENTIFIER: Final = FieldComparison(
    by="identifier",
    group="person",
    levels=(
        _Level("same_identifier", 21.0, "same identity number", trust="certain"),
        _Level("near_identifier", 7.0, "identity number differs by a slip"),
        _Level("other_identifier", -8.0, "different identity number"),
    ),
)
COMPANY: Final = FieldComparison(
    by="company",
    group="organisation",
    levels=(
        _Level("same_domain", 2.5, "same company domain"),
        _Level("shared_domain", -0.5, "same company domain, different company names"),
        _Level("same_company", 2.5, "same company"),
        _Level("like_company", 1.5, "similar company names"),
        _Level("other_company", -4.5, "different company"),
        _Level("other_domain", -2.0, "different company domain"),
    ),
)
PLACE: Final = FieldComparison(
    by="place",
    group="organisation",
    levels=(
        _Level("same_street", 2.5, "same street address"),
        _Level("same_postcode", 2.0, "same postcode"),
        _Level("same_city", 1.5, "same city"),
        _Level("other_postcode", -1.0, "different postcode"),
        _Level("other_city", -1.0, "different city"),
    ),
)
HOME: Final = FieldComparison(
    by="home",
    group="contact",
    levels=(
        _Level("same_home", 6.0, "same private address", trust="shared"),
        _Level("near_home", 4.0, "private addresses that are alike", trust="shared"),
        _Level("same_town", 1.0, "private addresses in one place", trust="shared"),
        _Level("other_home", -1.0, "different private address"),
    ),
)
ORGANISATION: Final = FieldComparison(
    by="organisation",
    group="organisation",
    levels=(
        _Level("same_title", 7.0, "same name"),
        _Level("like_title", 5.5, "similar names"),
        _Level("within_title", 5.5, "one name, of several words, is part of the other"),
        _Level("part_title", 3.0, "one name is part of the other"),
        _Level("acronym", 2.0, "one name is the initials of the other"),
        _Level("share_title", 0.0, "names share words"),
        _Level("other_title", -4.0, "different names"),
    ),
)
SITE: Final = FieldComparison(
    by="site",
    group="contact",
    levels=(
        _Level("same_site", 6.0, "same street and number"),
        _Level("same_route", -1.0, "same street"),
        _Level("same_area", 1.0, "same postcode or city"),
        _Level("other_number", -4.0, "same street, different number"),
        _Level("other_site", -5.0, "different street"),
        _Level("other_area", -2.0, "different postcode or city"),
    ),
)
LINE: Final = FieldComparison(
    by="phone",
    group="contact",
    levels=(
        _Level("same_mobile", 6.0, "same mobile phone"),
        _Level("same_line", 6.0, "same phone"),
        _Level("other_mobile", -0.5, "different mobile phone"),
        _Level("other_line", -1.5, "different phone"),
    ),
)
MAILBOX: Final = FieldComparison(
    by="email",
    group="contact",
    levels=(
        _Level("same_email", 6.0, "same e-mail address"),
        _Level("same_listed_email", 6.0, "same e-mail address"),
        _Level("same_unverified_email", 6.0, "same e-mail address"),
        _Level("same_unclaimed_email", 4.0, "same e-mail address, given in addition to a main one"),
        _Level("colleague_email", 2.0, "e-mail addresses in the same domain"),
        _Level("other_email", -1.0, "different e-mail address"),
    ),
)
DOMAIN: Final = FieldComparison(
    by="domain",
    group="organisation",
    levels=(
        _Level("same_domain", 3.0, "same domain"),
        _Level("other_domain", -1.5, "different domain"),
    ),
)

MATCH_MODEL: Final = MatchModel(
    persons=SubjectModel(
        comparisons=(NAME, BORN, EMAIL, PHONE, PROFILE, EXTERNAL_ID, IDENTIFIER, COMPANY, PLACE, HOME, GENERATION),
        prior=-7.0,
        caps={"organisation": 4.0},
    ),
    organisations=SubjectModel(
        comparisons=(ORGANISATION, MAILBOX, LINE, EXTERNAL_ID, IDENTIFIER, DOMAIN, SITE), prior=-7.0
    ),
    blocks=(
        CandidateBlock(("mailbox",), cap=300),
        CandidateBlock(("local_part",), cap=20),
        CandidateBlock(("phone",), cap=20),
        CandidateBlock(("profile",), cap=300),
        CandidateBlock(("external_id",), cap=300),
        CandidateBlock(("identifier",), cap=300),
        CandidateBlock(("words",), cap=30),
        CandidateBlock(("first", "last_sound"), cap=10),
        CandidateBlock(("last_sound", "domain"), cap=30),
        CandidateBlock(("last_sound", "company")),
        CandidateBlock(("first", "company"), cap=30),
        CandidateBlock(("last_sound", "initial", "postcode")),
        CandidateBlock(("last_sound", "born")),
        CandidateBlock(("first", "born")),
        CandidateBlock(("initial", "born", "postcode")),
        CandidateBlock(("first", "last_sound", "city")),
        CandidateBlock(("first", "street")),
        CandidateBlock(("last_sound", "street")),
        CandidateBlock(("born",), cap=30),
        CandidateBlock(("last_sound", "postcode"), cap=30),
        CandidateBlock(("first", "postcode"), cap=30),
        CandidateBlock(("home", "postcode"), cap=30),
        CandidateBlock(("home", "city"), cap=30),
        CandidateBlock(("home",), cap=20),
        CandidateBlock(("organisation",), cap=300),
        CandidateBlock(("organisation_start", "postcode")),
        CandidateBlock(("organisation_start", "street")),
        CandidateBlock(("domain", "street"), cap=10),
    ),
)
"""For B2B contacts, and for organisations in tables without persons."""
