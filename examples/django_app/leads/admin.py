"""Leads in Django's admin: to look at and to search; what changes a lead goes through leadflow."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from django_app.leads.models import Lead
from django_app.leads.policy import flow
from leadflow import Actor


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin):
    list_display = ("__str__", "email", "company", "owner", "stage", "score", "entered_at")
    list_filter = ("stage", "owner")
    search_fields = ("name", "email", "company")
    ordering = ("-score", "id")
    fields = readonly_fields = ("id", *list_display[1:], "explanation")
    actions = ("erase",)

    @admin.display(description="Why")
    def explanation(self, lead: Lead) -> str:
        return str(flow().explain(lead.id))

    @admin.action(description="Erase for good, with all facts", permissions=["delete"])
    def erase(self, request: HttpRequest, leads: QuerySet[Lead]) -> None:
        for lead in leads:
            flow().erase(lead.id, by=Actor(kind="marketing", id=request.user.username))

    def get_queryset(self, request: HttpRequest) -> Any:
        return Lead.objects.reachable()

    def get_actions(self, request: HttpRequest) -> Any:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
