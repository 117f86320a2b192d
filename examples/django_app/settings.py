"""SQLite, or PostgreSQL if ``PGDATABASE`` is set (libpq reads ``PGHOST``, ``PGUSER`` and ``PGPASSWORD`` itself)."""

from __future__ import annotations

import os
from typing import Any

SECRET_KEY = os.environ["SECRET_KEY"]
DEBUG = os.environ.get("DEBUG") == "1"  # runserver shows the styles of the admin only with it
ALLOWED_HOSTS = os.environ.get("HOSTS", "localhost,127.0.0.1").split(",")
ROOT_URLCONF = "django_app.urls"
LOGIN_URL = "admin:login"
USE_TZ = True  # leadflow refuses moments without a zone
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SQLITE: dict[str, Any] = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": "leads.db",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",  # a plain BEGIN fails as soon as two of them begin to write
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
    },
}
POSTGRES = {"ENGINE": "django.db.backends.postgresql", "NAME": os.environ.get("PGDATABASE")}
DATABASES = {"default": POSTGRES if POSTGRES["NAME"] else SQLITE}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_app.leads",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "static/"
