"""What the clock starts: the weekly decision. Who is due is the database's to say; the clock is read here."""

from datetime import timedelta

from celery import current_app, shared_task
from django.utils import timezone

from challenge.targets import notices, watch
from challenge.targets.actions import decide_due, revise_out_of_date, write_unwritten

ONE_PASS = timedelta(seconds=40)


@shared_task(name="challenge.set_weekly_targets")
def set_weekly_targets() -> None:
    """Every five minutes: whoever is due, and whoever's week says what is no longer so,
    and whoever has no email of it."""
    until = timezone.now() + ONE_PASS
    decide_due(now=timezone.now, until=until)
    revise_out_of_date(at=timezone.now())
    write_unwritten(at=timezone.now())
    if timezone.now() >= until:
        current_app.send_task("challenge.set_weekly_targets")


@shared_task(name="challenge.alert_clinicians")
def alert_clinicians() -> None:
    """Every minute: a runner who must be called is nobody's to forget."""
    notices.alert_clinicians(at=timezone.now())


@shared_task(name="challenge.send_notices")
def send_notices() -> None:
    """Every quarter of an hour: the week before the start, the digest, reminders, the survey."""
    notices.send_notices(at=timezone.now())


@shared_task(name="challenge.raise_flags")
def raise_flags() -> None:
    """Every half hour: silences begun and ended, emails that could not be delivered."""
    watch.raise_standing_flags(at=timezone.now())
