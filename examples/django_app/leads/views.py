"""A form for anybody; a board and an inbox for reps, who are users of Django with the rep's id as their name."""

from __future__ import annotations

import secrets

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from django_app.leads.models import Lead
from django_app.leads.policy import flow
from leadflow.errors import InvalidInput, NotFound, Refused

COLUMNS = ("lead", "mql", "sal", "sql", "opportunity", "customer")
MOVES = {"mql": ("accept", "reject"), "sal": ("confirm", "recycle")}
"""The buttons of a lead: moves of the lifecycle, by stage."""


class ContactForm(forms.Form):
    """What anybody may say of themselves; nothing here is a statement of yours (``verified``, ``external_id``)."""

    email = forms.EmailField()
    name = forms.CharField(required=False, max_length=200)
    company = forms.CharField(required=False, max_length=200)
    employees = forms.IntegerField(required=False, min_value=1)


class MoveForm(forms.Form):
    reason = forms.CharField(required=False, max_length=1000)
    revisit = forms.DateField(required=False)


def contact(request: HttpRequest) -> HttpResponse:
    """Show the form, and take it in. Only ``public`` is shown: all else would tell who is known."""
    cookie = request.COOKIES.get("visitor") or secrets.token_urlsafe()
    form = ContactForm(request.POST or None)
    findings = None
    if form.is_valid():
        typed = {name: value for name, value in form.cleaned_data.items() if value}
        findings = flow().capture(typed, source="contact form", visitor=cookie).public.findings
    else:
        flow().visit(cookie, "page_viewed", properties={"path": request.path})
    shown = render(request, "leads/contact.html", {"form": form, "findings": findings})
    shown.set_cookie("visitor", cookie, max_age=365 * 86400, secure=request.is_secure(), httponly=True, samesite="Lax")
    return shown


@login_required
def board(request: HttpRequest) -> HttpResponse:
    leads = Lead.objects.reachable().filter(stage__in=COLUMNS)
    numbers = dict(leads.values_list("stage").annotate(Count("id")).order_by())
    columns = [
        (stage, numbers.get(stage, 0), leads.filter(stage=stage).order_by("-score", "id")[:20]) for stage in COLUMNS
    ]
    return render(request, "leads/board.html", {"columns": columns})


@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """What the rep has to do, best first, with a button for each move."""
    mine = Lead.objects.reachable().filter(owner=request.user.username, stage__in=MOVES).order_by("-score", "id")
    page = Paginator(mine, 20).get_page(request.GET.get("page"))
    return render(request, "leads/inbox.html", {"page": page, "leads": [(lead, MOVES[lead.stage]) for lead in page]})


@login_required
@require_POST
def move(request: HttpRequest, lead_id: str, move: str) -> HttpResponse:
    """Make a move; that a lead is another rep's is not said."""
    rep = request.user.username
    get_object_or_404(Lead, Q(owner=rep) | Q(owner=None), id=lead_id)
    if not any(move in moves for moves in MOVES.values()):
        raise Http404
    typed = MoveForm(request.POST)
    if not typed.is_valid():
        return HttpResponse(typed.errors.as_text(), status=422, content_type="text/plain")
    try:
        flow().move(lead_id, move, by=rep, **{name: value for name, value in typed.cleaned_data.items() if value})
    except InvalidInput as refused:
        return HttpResponse(f"{refused.field}: {refused.remedy}", status=422, content_type="text/plain")
    except NotFound:
        raise Http404 from None
    except Refused as refused:
        return HttpResponse(str(refused), status=409, content_type="text/plain")
    return redirect("inbox")
