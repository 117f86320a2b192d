from __future__ import annotations

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from django_app.leads import views

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="board")),
    path("admin/", admin.site.urls),
    path("contact/", views.contact, name="contact"),
    path("board/", views.board, name="board"),
    path("inbox/", views.inbox, name="inbox"),
    path("leads/<str:lead_id>/<str:move>/", views.move, name="move"),
]
