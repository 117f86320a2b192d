"""What a good developer writes without a library: the twenty rules of ``scoring_bench_rules.json`` for one lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Told = tuple[float, list[tuple[float, str]]]
"""The points, and of which rules, each with its reason."""


def of_lead(lead: Any) -> Told:  # noqa: C901  # that is how it is written by hand
    total = 0
    because: list[tuple[float, str]] = []
    company, person, custom = lead.company, lead.person, lead.custom
    industry, employees, revenue = company.industry, company.employees, company.revenue
    title, source = person.job_title, lead.source
    if industry in ("software", "finance", "healthcare"):
        total += 20
        because.append((20, "ind_core"))
    elif industry in ("education", "government"):
        total -= 15
        because.append((-15, "ind_bad"))
    if employees is not None:
        if employees >= 1000:
            total += 20
            because.append((20, "size_ent"))
        elif employees >= 50:
            total += 10
            because.append((10, "size_mid"))
    if title is not None:
        if title in ("CEO", "CTO"):
            total += 25
            because.append((25, "title_c"))
        if title.startswith(("VP", "Head")):
            total += 20
            because.append((20, "title_vp"))
        if "Director" in title:
            total += 12
            because.append((12, "title_dir"))
        if title in ("Student", "Intern"):
            total -= 25
            because.append((-25, "title_bad"))
    if lead.address.country in ("US", "GB", "DE", "FR"):
        total += 10
        because.append((10, "geo"))
    email = lead.email.address
    if email is not None and email.endswith(("@gmail.com", "@yahoo.com")):
        total -= 10
        because.append((-10, "freemail"))
    if revenue is not None and revenue >= 10000000.0:
        total += 15
        because.append((15, "revenue"))
    budget = lead.budget
    if budget is not None and budget >= 50000:
        total += 15
        because.append((15, "budget"))
    if source in ("referral", "partner"):
        total += 10
        because.append((10, "src"))
    if custom.consent is True and custom.do_not_call is False:
        total += 5
        because.append((5, "contactable"))
    if custom.is_customer:
        total -= 50
        because.append((-50, "customer"))
    if lead.phone.number is not None:
        total += 3
        because.append((3, "phone"))
    if custom.website is not None:
        total += 3
        because.append((3, "site"))
    seats = custom.seats
    if seats is not None and seats >= 100:
        total += 8
        because.append((8, "seats"))
    if person.language in ("en", "de"):
        total += 2
        because.append((2, "lang"))
    if lead.stage == "qualified" and source is not None and source != "cold":
        total += 5
        because.append((5, "stage_q"))
    return total, because


def of_row(row: Mapping[str, Any]) -> Told:  # noqa: C901  # the same
    total = 0
    because: list[tuple[float, str]] = []
    industry, employees, revenue = row["industry"], row["employees"], row["revenue"]
    title, source = row["title"], row["source"]
    if industry in ("software", "finance", "healthcare"):
        total += 20
        because.append((20, "ind_core"))
    elif industry in ("education", "government"):
        total -= 15
        because.append((-15, "ind_bad"))
    if employees is not None:
        if employees >= 1000:
            total += 20
            because.append((20, "size_ent"))
        elif employees >= 50:
            total += 10
            because.append((10, "size_mid"))
    if title is not None:
        if title in ("CEO", "CTO"):
            total += 25
            because.append((25, "title_c"))
        if title.startswith(("VP", "Head")):
            total += 20
            because.append((20, "title_vp"))
        if "Director" in title:
            total += 12
            because.append((12, "title_dir"))
        if title in ("Student", "Intern"):
            total -= 25
            because.append((-25, "title_bad"))
    if row["country"] in ("US", "GB", "DE", "FR"):
        total += 10
        because.append((10, "geo"))
    email = row["email"]
    if email is not None and email.endswith(("@gmail.com", "@yahoo.com")):
        total -= 10
        because.append((-10, "freemail"))
    if revenue is not None and revenue >= 10000000.0:
        total += 15
        because.append((15, "revenue"))
    budget = row["budget"]
    if budget is not None and budget >= 50000:
        total += 15
        because.append((15, "budget"))
    if source in ("referral", "partner"):
        total += 10
        because.append((10, "src"))
    if row["consent"] is True and row["do_not_call"] is False:
        total += 5
        because.append((5, "contactable"))
    if row["is_customer"]:
        total -= 50
        because.append((-50, "customer"))
    if row["phone"] is not None:
        total += 3
        because.append((3, "phone"))
    if row["website"] is not None:
        total += 3
        because.append((3, "site"))
    seats = row["seats"]
    if seats is not None and seats >= 100:
        total += 8
        because.append((8, "seats"))
    if row["language"] in ("en", "de"):
        total += 2
        because.append((2, "lang"))
    if row["stage"] == "qualified" and source is not None and source != "cold":
        total += 5
        because.append((5, "stage_q"))
    return total, because


def row_of(lead: Any) -> dict[str, Any]:
    """What engines need that take dictionaries only, and no more than that."""
    company, person, custom = lead.company, lead.person, lead.custom
    return {
        "industry": company.industry,
        "employees": company.employees,
        "revenue": company.revenue,
        "title": person.job_title,
        "language": person.language,
        "country": lead.address.country,
        "email": lead.email.address,
        "phone": lead.phone.number,
        "budget": lead.budget,
        "source": lead.source,
        "stage": lead.stage,
        "website": custom.website,
        "consent": custom.consent,
        "do_not_call": custom.do_not_call,
        "is_customer": custom.is_customer,
        "seats": custom.seats,
    }
