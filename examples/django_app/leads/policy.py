"""The rules, and the flow that every view and command uses."""

from __future__ import annotations

from functools import cache

from django_app.leads.storage import DjangoStorage
from leadflow import LeadFlow, Qualification, Rep, Router, Territory, field
from leadflow.conditions import always
from leadflow.scoring import ScoringModel, on, points


@cache
def flow() -> LeadFlow:
    """One for the process: it holds the rules, and nothing of a request."""
    return LeadFlow(
        DjangoStorage(),
        scoring=ScoringModel(
            name="acme",
            fit=[points(40, field("company.employees") >= 250, because="enterprise")],
            engagement=[on("page_viewed", 10, cap=30)],
        ),
        qualification=Qualification(mql=field("score.total") >= 50),
        router=Router([Territory("all", always(), reps=[Rep("anna"), Rep("ben")])]),  # users of Django
        country="DE",
    )
