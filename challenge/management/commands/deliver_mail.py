"""Sends what is due in the outbox, as the Celery job does."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from challenge.mail.delivery import deliver_due
from challenge.mail.periodic import ONE_PASS


class Command(BaseCommand):
    help = "Sends what is due in the outbox, as the Celery job does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one pass, as long as the job's, and no more")

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        until = timezone.now() + ONE_PASS if once else None
        done = deliver_due(now=timezone.now, until=until)
        more = "; more is due" if done.more else ""
        self.stdout.write(f"{done.sent} sent, {done.failed} not taken{more}.")
