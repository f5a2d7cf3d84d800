"""Decide the due weeks, exactly as the Celery job does."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from challenge.enrollment.models import Cohort
from challenge.weekly.decide import decide_due
from challenge.weekly.due import count_missing
from challenge.weekly.previews import preview_decision


class Command(BaseCommand):
    help = "Decides the week of every due runner, exactly as the Celery job does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--at", help="decide as of this moment, e.g. 2026-01-05T06:00-06:00; default: now"
        )
        parser.add_argument("--cohort", metavar="SLUG", help="only this cohort")
        parser.add_argument(
            "--dry-run", action="store_true", help="print what would be decided; save nothing"
        )

    def handle(
        self,
        *args: Any,
        at: str | None = None,
        cohort: str | None = None,
        dry_run: bool = False,
        **options: Any,
    ) -> None:
        moment, chosen = _moment(at), _cohort(cohort)
        if dry_run:
            for coming in preview_decision(at=moment, cohort=chosen):
                self.stdout.write(coming.summary)
            return
        # With --at every group is decided as of that moment; without, each reads the clock again.
        decided = decide_due(now=(lambda: moment) if at else timezone.now, cohort=chosen)
        left = count_missing(at=moment)
        self.stdout.write(f"{decided} decided, {left} overdue.")


def _moment(text: str | None) -> datetime:
    if text is None:
        return timezone.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is not a moment. Write 2026-01-05T06:00-06:00.") from error
    if moment.tzinfo is None:
        raise CommandError(f"{text} has no time zone. Write 2026-01-05T06:00-06:00.")
    return moment


def _cohort(slug: str | None) -> Cohort | None:
    if slug is None:
        return None
    try:
        return Cohort.objects.get(slug=slug)
    except Cohort.DoesNotExist as error:
        raise CommandError(f"There is no cohort {slug}.") from error
