"""Enter, read and remove the clinicians' own calendars. The secret address is encrypted at rest."""

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from challenge.accounts.models import User
from challenge.calls.busy_times import CannotRead, read_busy_times
from challenge.calls.schedule_models import Availability, BusyCalendar, BusyTime
from challenge.calls.staff_time import lock_staff
from challenge.db.sealed import WrongDataKey, is_sealed, open_sealed, seal
from challenge.mail.public_host import CannotFetch, Fetched, PublicFetcher

EVERY = timedelta(minutes=10)
TRUSTED_FOR = timedelta(days=1)
AHEAD = timedelta(days=130)  # further than anyone can book
EXPAND_AGAIN = timedelta(hours=20)  # so that the days at the far end are laid out in time
MOST_CALENDARS = 5


class TooManyCalendars(Exception):
    """This person has entered as many calendars as are read."""


def add_calendar(
    *, availability: Availability, name: str, address: str, by: User, at: datetime
) -> BusyCalendar:
    """Enter a calendar; the worker reads it soon. Raises TooManyCalendars."""
    with transaction.atomic():
        lock_staff(availability.staff_id)
        if availability.calendars.count() >= MOST_CALENDARS:
            raise TooManyCalendars(f"At most {MOST_CALENDARS} calendars are read. Remove one first.")
        return BusyCalendar.objects.create(
            availability=availability, name=name, sealed_address=seal(address), entered_at=at
        )


def remove_calendar(*, calendar: BusyCalendar, by: User, at: datetime) -> None:
    """Remove a calendar with its busy times; they can be booked right away."""
    with transaction.atomic():
        lock_staff(calendar.availability.staff_id)
        BusyCalendar.objects.filter(pk=calendar.pk).delete()


def read_due(*, at: datetime, fetcher: PublicFetcher) -> int:
    """Read every calendar that was not tried lately; return how many."""
    calendars = BusyCalendar.objects.select_related("availability").order_by("tried_at", "pk")
    due = [one for one in calendars if one.tried_at is None or one.tried_at <= at - EVERY]
    for calendar in due:
        read_calendar(calendar=calendar, at=at, fetcher=fetcher)
    return len(due)


def read_calendar(*, calendar: BusyCalendar, at: datetime, fetcher: PublicFetcher) -> None:
    """Fetch one calendar and replace its busy times; a failure is kept as a sentence and never raised.

    Times that were read stay for a day of failures and are not trusted after.
    """
    # Without its tag the server must send the file, whose events are then laid out further ahead.
    is_recent = calendar.expanded_at is not None and calendar.expanded_at > at - EXPAND_AGAIN
    etag = calendar.etag if is_recent else ""
    try:
        fetched = fetcher.fetch(open_address(calendar.sealed_address), etag=etag)
        if fetched.content is None and not etag:
            raise CannotFetch("The calendar’s server says “not changed” without ever sending the calendar.")
        times = None if fetched.content is None else _laid_out(calendar, fetched.content, at=at)
    except (CannotFetch, CannotRead) as failure:
        _keep_failure(calendar, str(failure), at=at)
    else:
        _keep(calendar, fetched, times, at=at)


def _laid_out(calendar: BusyCalendar, content: bytes, *, at: datetime) -> list[tuple[datetime, datetime]]:
    return read_busy_times(
        content,
        since=at,
        until=at + AHEAD,
        zone=calendar.availability.time_zone,
        own_host=settings.SITE_HOST,
    )


def _keep(
    calendar: BusyCalendar, fetched: Fetched, times: list[tuple[datetime, datetime]] | None, *, at: datetime
) -> None:
    """Store what was read under the staff member's lock, so that no booking reads half of it."""
    with transaction.atomic():
        lock_staff(calendar.availability.staff_id)
        # Removed in the meantime: nothing is left to store.
        if BusyCalendar.objects.select_for_update().filter(pk=calendar.pk).first() is None:
            return
        values: dict[str, object] = {"tried_at": at, "read_at": at, "is_trusted": True, "problem": ""}
        if times is not None:
            calendar.times.all().delete()
            BusyTime.objects.bulk_create(
                [BusyTime(calendar=calendar, starts_at=since, ends_at=until) for since, until in times],
                batch_size=1000,
            )
            values |= {"etag": fetched.etag, "expanded_at": at}
        BusyCalendar.objects.filter(pk=calendar.pk).update(**values)


def _keep_failure(calendar: BusyCalendar, problem: str, *, at: datetime) -> None:
    is_trusted = calendar.read_at is not None and calendar.read_at > at - TRUSTED_FOR
    BusyCalendar.objects.filter(pk=calendar.pk).update(tried_at=at, problem=problem, is_trusted=is_trusted)


def open_address(sealed: str) -> str:
    """Return the address of a calendar. Raises CannotFetch if the program's keys have changed since."""
    try:
        return open_sealed(sealed) if is_sealed(sealed) else _old_cipher().decrypt(sealed.encode()).decode()
    except (InvalidToken, WrongDataKey) as error:
        raise CannotFetch(
            "The stored address can no longer be opened. Remove it and enter it again."
        ) from error


def _old_cipher() -> MultiFernet:
    """Return what sealed addresses before there was a DATA_KEY; `operations.data_key` seals these again."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(urlsafe_b64encode(_derived(key))) for key in keys])


def _derived(key: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"addresses of calendars")
    return derive.derive(key.encode())
