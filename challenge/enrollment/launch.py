"""The public launch: an owner announces it once, and the launch list is written to in waves, each address once.

The order is shown before anything is written: who was invited early and has no seat, then who was refused at the
cap, then everyone else; inside each group the order of asking.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, QuerySet, When

from challenge.accounts.models import User
from challenge.enrollment import emails
from challenge.enrollment.models import TAKEN, Cohort, EarlyAccess, LaunchWave, LedgerEntry, LedgerEvent, Seat
from challenge.enrollment.waiting_list import off_token

MOST_WAVES = 50


class CannotAnnounce(Exception):
    """The launch cannot be announced for this cohort; `str()` is the reason."""


@dataclass(frozen=True)
class WaveOutcome:
    """One wave on the page: how many were written to, and how many of them have a seat of the cohort."""

    wave: LaunchWave
    seats: int
    window_ends_at: datetime | None


def launch_queue() -> QuerySet[Any]:
    """Return the confirmed entries of the launch list that were not written to, in the order of the waves."""
    early = EarlyAccess.objects.filter(
        which=EarlyAccess.List.EARLY, email=OuterRef("email"), invited_at__isnull=False
    )
    refused = LedgerEntry.objects.filter(happened=LedgerEvent.REFUSED, user__email=OuterRef("email"))
    group = Case(
        When(Exists(early), then=0), When(Exists(refused), then=1), default=2, output_field=IntegerField()
    )
    waiting = EarlyAccess.objects.filter(
        which=EarlyAccess.List.LAUNCH, confirmed_at__isnull=False, invited_at__isnull=True
    )
    return waiting.annotate(group=group).order_by("group", "asked_at", "pk")


def announce(
    *, cohort: Cohort, size: int, first_at: datetime, every: timedelta, by: User, at: datetime
) -> list[LaunchWave]:
    """Announce the launch once: plan waves of `size` addresses, the first at `first_at`. Raises CannotAnnounce."""
    if not cohort.is_joinable(at):
        raise CannotAnnounce("This cohort’s enrollment has closed, so an invitation would lead nowhere.")
    waiting = launch_queue().count()
    if not waiting:
        raise CannotAnnounce("No one on the launch list has confirmed.")
    number = -(-waiting // size)
    if number > MOST_WAVES:
        raise CannotAnnounce(
            f"That would be {number} waves. Write to more people in each: {MOST_WAVES} at most."
        )
    waves = [
        LaunchWave(
            cohort=cohort,
            number=n + 1,
            size=size,
            writes_at=first_at + n * every,
            announced_at=at,
            announced_by=by,
        )
        for n in range(number)
    ]
    try:
        with transaction.atomic():
            return LaunchWave.objects.bulk_create(waves)
    except IntegrityError as error:
        # A second press, or a colleague: the constraint `launch_wave_once` lets one announcement through.
        raise CannotAnnounce("The launch of this cohort is announced already.") from error


def write_due_waves(*, at: datetime) -> int:
    """Write the waves whose time has come, each once; return how many people were written to."""
    due = LaunchWave.objects.filter(written_at__isnull=True, writes_at__lte=at).order_by("writes_at", "pk")
    return sum(_write(wave.pk, at=at) for wave in due)


def _write(wave_id: int, *, at: datetime) -> int:
    with transaction.atomic():
        # Two workers at the same wave: the second waits here and then finds it written.
        waves = LaunchWave.objects.select_for_update(of=("self",)).select_related("cohort")
        wave = waves.filter(pk=wave_id, written_at__isnull=True).first()
        if wave is None:
            return 0
        entries: list[EarlyAccess] = []
        if wave.cohort.is_joinable(at):
            ids = list(launch_queue().values_list("pk", flat=True)[: wave.size])
            locked = EarlyAccess.objects.select_for_update().filter(pk__in=ids, invited_at__isnull=True)
            entries = sorted(locked, key=lambda entry: ids.index(entry.pk))
        EarlyAccess.objects.filter(pk__in=[entry.pk for entry in entries]).update(invited_at=at, wave=wave)
        for entry in entries:
            emails.launch_invitation(place=entry, cohort=wave.cohort, off=off_token(entry), at=at)
        LaunchWave.objects.filter(pk=wave.pk).update(written_at=at, written=len(entries))
        return len(entries)


def outcomes(*, cohort: Cohort) -> list[WaveOutcome]:
    """Return the cohort's waves in order; the window of each ends when the next one is written."""
    seat = Seat.objects.filter(TAKEN, cohort=cohort, email=OuterRef("email"))
    with_seat = dict(
        EarlyAccess.objects.filter(Exists(seat), wave__cohort=cohort)
        .values_list("wave")
        .annotate(count=Count("pk"))
        .order_by()
    )
    waves = list(LaunchWave.objects.filter(cohort=cohort).order_by("number"))
    ends: Iterable[datetime | None] = [*(wave.writes_at for wave in waves[1:]), None]
    return [WaveOutcome(wave, with_seat.get(wave.pk, 0), end) for wave, end in zip(waves, ends, strict=True)]


def queue_counts() -> dict[str, int]:
    """Return how many wait in each group: `early`, `refused`, `others`."""
    counted = launch_queue().order_by().values("group").annotate(count=Count("pk"))
    found = {row["group"]: row["count"] for row in counted}
    return {"early": found.get(0, 0), "refused": found.get(1, 0), "others": found.get(2, 0)}
