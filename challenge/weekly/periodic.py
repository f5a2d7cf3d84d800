"""Scheduled task of the weekly decision. The clock is read here."""

from datetime import timedelta

from celery import current_app, shared_task
from django.utils import timezone

from challenge.weekly.actions import write_unwritten
from challenge.weekly.decide import decide_due, revise_out_of_date

PASS_DURATION = timedelta(seconds=40)


@shared_task(name="challenge.set_weekly_targets")
def set_weekly_targets() -> None:
    """Decide due weeks, revise those that are out of date, write missing emails. Runs every five minutes."""
    until = timezone.now() + PASS_DURATION
    decide_due(now=timezone.now, until=until)
    revise_out_of_date(at=timezone.now())
    write_unwritten(at=timezone.now())
    # A full pass may have left runners over: start the next one now, not in five minutes.
    if timezone.now() >= until:
        current_app.send_task("challenge.set_weekly_targets")
