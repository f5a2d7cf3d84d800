"""Send the due messages of the outbox, as the Celery job does."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from challenge.mail.delivery import deliver_due
from challenge.mail.periodic import PASS_DURATION


class Command(BaseCommand):
    help = "Sends the due messages of the outbox, as the Celery job does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="run for one pass of the job, then stop")

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        until = timezone.now() + PASS_DURATION if once else None
        done = deliver_due(now=timezone.now, until=until)
        more = "; more is due" if done.more else ""
        self.stdout.write(f"{done.sent} sent, {done.failed} not taken{more}.")
