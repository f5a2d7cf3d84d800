"""What the clock starts: the weekly decision. Who is due is the database's to say; the clock is read here."""

from datetime import timedelta

from celery import current_app, shared_task
from django.utils import timezone

from challenge.targets.actions import decide_due, revise_out_of_date

ONE_PASS = timedelta(seconds=40)


@shared_task(name="challenge.set_weekly_targets")
def set_weekly_targets() -> None:
    """Every five minutes: whoever is due, and whoever's week says what is no longer so."""
    until = timezone.now() + ONE_PASS
    decide_due(now=timezone.now, until=until)
    revise_out_of_date(at=timezone.now())
    if timezone.now() >= until:
        current_app.send_task("challenge.set_weekly_targets")
