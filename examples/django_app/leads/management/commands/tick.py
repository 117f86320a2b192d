"""``python -m django tick``: for cron, a systemd timer, or a container of its own."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_app.leads.policy import flow


class Command(BaseCommand):
    help = "Do what is due: routing, cooling, reminders, mails, deliveries."

    def handle(self, *args: Any, **options: Any) -> None:
        ticked = flow().run_due()
        self.stdout.write(f"{len(ticked.done)} done, {len(ticked.failed)} failed")
        if ticked.failed or ticked.skipped:
            raise CommandError("; ".join(f"{key}: {why}" for key, why in (*ticked.failed, *ticked.skipped)))
