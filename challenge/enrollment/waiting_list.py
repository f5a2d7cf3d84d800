"""The early-access list and the list for the public launch: join, confirm by email, invite; and the launch itself.

Nothing here reveals whether an address is on a list: joining always looks the same, and only the owner of the mailbox
learns more. An owner announces the launch once, and its list is written to in waves, each address once. The order is
shown before anything is written: who was invited early and has no seat, then who was refused at the cap, then
everyone else; inside each group the order of asking.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, QuerySet, When

from challenge.accounts.models import User
from challenge.enrollment import emails
from challenge.enrollment.models import TAKEN, Cohort, EarlyAccess, LaunchWave, LedgerEntry, LedgerEvent, Seat

SALT, OFF_SALT = "enrollment.list", "enrollment.list.off"
LINK_LIFETIME_S = 30 * 24 * 3600


class InvalidLink(Exception):
    """The link was altered or is too old, or its place on the list was deleted."""


def open_list(*, cohort: Cohort | None, at: datetime) -> EarlyAccess.List:
    """Return the list that is open: early access before the public may claim, the public launch from then on."""
    if cohort is not None and cohort.is_joinable(at) and at < cohort.opens_at:
        return EarlyAccess.List.EARLY
    return EarlyAccess.List.LAUNCH


class CannotInvite(Exception):
    """There is no early access to invite to; `str()` is the reason."""


def check_can_invite(*, cohort: Cohort, at: datetime) -> None:
    """Raise CannotInvite unless early access is ahead or running: an invitation promises a claim before the public."""
    if not cohort.is_joinable(at):
        raise CannotInvite("Enrollment has closed, so an invitation would lead nowhere.")
    if cohort.early_access_at is None:
        raise CannotInvite("This cohort has no time for early access yet. Set one first.")
    if at >= cohort.opens_at:
        raise CannotInvite("Everyone can claim a seat now, so there’s no early access anymore.")


def can_invite(*, cohort: Cohort, at: datetime) -> bool:
    """Return whether an invitation to early access leads anywhere now."""
    try:
        check_can_invite(cohort=cohort, at=at)
    except CannotInvite:
        return False
    return True


def join_waiting_list(*, email: str, cohort: Cohort | None, at: datetime) -> None:
    """Store the address, unconfirmed, and mail a link to confirm it, at most once a day."""
    which = open_list(cohort=cohort, at=at)
    with transaction.atomic():
        place, _ = EarlyAccess.objects.get_or_create(
            which=which,
            cohort=cohort if which == EarlyAccess.List.EARLY else None,
            email=email.strip().lower(),
            defaults={"asked_at": at},
        )
        emails.list_confirm(place=place, token=token_of(place), off=off_token(place), at=at)


def off_token(place: EarlyAccess) -> str:
    """Return the token of the way off the list; it opens the entry's page for as long as the entry exists."""
    return signing.Signer(salt=OFF_SALT, sep=".").sign(str(place.pk))


def token_of(place: EarlyAccess) -> str:
    return signing.dumps(place.pk, salt=SALT)


def entry_of_token(token: str) -> EarlyAccess:
    """Return the entry of an emailed link to confirm or to leave. Raises InvalidLink."""
    try:
        if ":" in token:
            return EarlyAccess.objects.get(pk=signing.loads(token, salt=SALT, max_age=LINK_LIFETIME_S))
        return EarlyAccess.objects.get(pk=signing.Signer(salt=OFF_SALT, sep=".").unsign(token))
    except (signing.BadSignature, EarlyAccess.DoesNotExist) as error:
        raise InvalidLink("This link doesn’t work anymore.") from error


def confirm_entry(*, place: EarlyAccess, at: datetime) -> None:
    """Mark the entry as confirmed by the owner of the mailbox, and invite them immediately if early access runs.

    Idempotent.
    """
    with transaction.atomic():
        EarlyAccess.objects.filter(pk=place.pk, confirmed_at__isnull=True).update(confirmed_at=at)
        cohort = place.cohort
        if place.which == EarlyAccess.List.EARLY and cohort is not None and early_access_runs(cohort, at=at):
            _invite(invitable(cohort=cohort).filter(pk=place.pk), cohort=cohort, at=at)


def early_access_runs(cohort: Cohort, *, at: datetime) -> bool:
    """Return whether invited people may claim now and the public may not yet."""
    begins = cohort.early_access_at
    return begins is not None and begins <= at < cohort.opens_at and cohort.is_joinable(at)


def came_too_late(place: EarlyAccess, *, at: datetime) -> str:
    """Return why early access is no use to this entry any more: `closed`, `open` to everyone, or an empty string."""
    if place.which != EarlyAccess.List.EARLY or place.cohort is None:
        return ""
    if not place.cohort.is_joinable(at):
        return "closed"
    return "open" if at >= place.cohort.opens_at else ""


def move_to_launch_list(*, place: EarlyAccess, at: datetime) -> EarlyAccess:
    """Put the owner of the mailbox on the launch list, confirmed: the link proves the mailbox. Idempotent."""
    entry, _ = EarlyAccess.objects.get_or_create(
        which=EarlyAccess.List.LAUNCH,
        cohort=None,
        email=place.email,
        defaults={"asked_at": at, "confirmed_at": at},
    )
    EarlyAccess.objects.filter(pk=entry.pk, confirmed_at__isnull=True).update(confirmed_at=at)
    return entry


def leave_waiting_list(*, place: EarlyAccess) -> None:
    """Delete the entry."""
    place.delete()


def invitable(*, cohort: Cohort) -> QuerySet[EarlyAccess]:
    """Return the entries of the cohort's list that are not invited and whose address has no seat of it."""
    seat = Seat.objects.filter(TAKEN, cohort=cohort, email=OuterRef("email"))
    entries = EarlyAccess.objects.filter(which=EarlyAccess.List.EARLY, cohort=cohort, invited_at__isnull=True)
    return entries.filter(~Exists(seat))


def invite(*, cohort: Cohort, at: datetime, never_confirmed: bool = False) -> int:
    """Invite the confirmed addresses of the cohort's list, each once; return how many. Raises CannotInvite.

    With `never_confirmed` invite those who asked and did not press the emailed button: they asked as well.
    """
    check_can_invite(cohort=cohort, at=at)
    with transaction.atomic():
        return _invite(
            invitable(cohort=cohort).filter(confirmed_at__isnull=never_confirmed), cohort=cohort, at=at
        )


def invite_one(*, cohort: Cohort, email: str, at: datetime) -> EarlyAccess:
    """Invite one address, on the list or not; an invited one is not written to again. Raises CannotInvite."""
    check_can_invite(cohort=cohort, at=at)
    with transaction.atomic():
        entry, _ = EarlyAccess.objects.get_or_create(
            which=EarlyAccess.List.EARLY,
            cohort=cohort,
            email=email.strip().lower(),
            defaults={"asked_at": at},
        )
        _invite(EarlyAccess.objects.filter(pk=entry.pk, invited_at__isnull=True), cohort=cohort, at=at)
    return entry


def _invite(entries: QuerySet[EarlyAccess], *, cohort: Cohort, at: datetime) -> int:
    """Mark and write to these entries, each once, inside a transaction; return how many."""
    waiting = list(entries.select_for_update(of=("self",)))
    ids = [place.pk for place in waiting]
    # Marked before the emails, under the rows' locks: two presses of the button invite once.
    EarlyAccess.objects.filter(pk__in=ids).update(invited_at=at)
    EarlyAccess.objects.filter(pk__in=ids, confirmed_at__isnull=True).update(confirmed_at=at)
    for place in waiting:
        emails.early_access_invitation(place=place, cohort=cohort, off=off_token(place), at=at)
    return len(waiting)


def invite_due(*, at: datetime) -> int:
    """Write to everyone whose early access has begun and who is not invited yet; return how many."""
    begun = Cohort.objects.filter(closed_at__isnull=True, early_access_at__lte=at, opens_at__gt=at)
    return sum(invite(cohort=cohort, at=at) for cohort in begun if cohort.is_joinable(at))


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
