"""Who reads a notice now: clinicians by their settings, the person who substitutes, the clinic's own addresses.

First come quiet hours and the hours in which the program writes to runners. The clock on the wall decides: where it
is turned back, the hour that comes twice is quiet both times or neither time; where it is set forward, quiet hours
end with the first minute after the gap.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from challenge.accounts.models import User
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.notifications.models import NoticeSettings
from challenge.protocol.local_week import local_day

WRITTEN_FROM, WRITTEN_UNTIL = time(9), time(19)


def is_quiet(at: datetime, zone: ZoneInfo, *, quiet_from: time, quiet_until: time) -> bool:
    """Return whether the moment lies in the quiet hours: from the first minute, before the last."""
    local = at.astimezone(zone).time()
    if quiet_from < quiet_until:
        return quiet_from <= local < quiet_until
    return local >= quiet_from or local < quiet_until


def next_quiet(at: datetime, zone: ZoneInfo, *, quiet_from: time) -> datetime:
    """Return when the quiet hours begin next, after a moment outside of them."""
    local = at.astimezone(zone)
    begins = datetime.combine(local.date(), quiet_from, tzinfo=zone)
    if begins <= at:
        begins = datetime.combine(local.date() + timedelta(days=1), quiet_from, tzinfo=zone)
    return begins


def daytime_day(at: datetime, runner: Enrollment) -> date | None:
    """Return the runner's local day; None outside of the hours in which we write to runners."""
    user = runner.seat.user
    if user is None:
        return None
    local = at.astimezone(user.zone)
    return local.date() if WRITTEN_FROM <= local.time() < WRITTEN_UNTIL else None


WITH_SETTINGS = "user__notice_settings__stand_in__notice_settings"


@dataclass
class StopReaders:
    """Readers of a cohort’s stop flags now: `people` immediately, `quiet` ones later, `clinic` if its address does.

    `away` has (the absent person, the substitute or None).
    """

    people: list[User] = field(default_factory=list)
    quiet: list[User] = field(default_factory=list)
    away: list[tuple[User, User | None]] = field(default_factory=list)

    @property
    def addresses(self) -> set[str]:
        """Return the addresses that a notice goes to immediately: never none."""
        found = {person.email for person in self.people}
        if self.away:
            found.add(settings.CLINIC_EMAIL)
        # Everyone is quiet, or no clinician is active: the shared address is always read.
        if not self.people:
            found.add(settings.CLINICAL_REPLY_EMAIL)
        return found


def stop_readers(cohorts: Collection[int], *, at: datetime) -> dict[int, StopReaders]:
    """Return who reads the stop flags of each of these cohorts now, in one query."""
    found: dict[int, StopReaders] = defaultdict(StopReaders)
    links = CohortClinician.objects.filter(cohort__in=cohorts, user__is_active=True)
    for link in links.select_related("user", WITH_SETTINGS).order_by("pk"):
        readers, mine = found[link.cohort_id], settings_of(link.user)
        if is_away(link.user, at=at):
            deputy = mine.stand_in if mine is not None else None
            if deputy is not None and (not deputy.is_active or is_away(deputy, at=at)):
                deputy = None
            readers.away.append((link.user, deputy))
            if deputy is not None:
                _add(readers, deputy, at=at)
        else:
            _add(readers, link.user, at=at)
    return found


def _add(readers: StopReaders, person: User, *, at: datetime) -> None:
    group = readers.quiet if in_quiet_hours(person, at=at) else readers.people
    if person not in group:
        group.append(person)


def settings_of(user: User) -> NoticeSettings | None:
    """Return the person's settings, or None for someone who never changed them."""
    return getattr(user, "notice_settings", None)


def is_away(user: User, *, at: datetime) -> bool:
    """Return whether the person is away on this day of their own clock."""
    mine = settings_of(user)
    return mine is not None and mine.away_until is not None and local_day(at, user.zone) <= mine.away_until


def in_quiet_hours(user: User, *, at: datetime) -> bool:
    """Return whether it is in the person's quiet hours, on their own clock."""
    mine = settings_of(user)
    if mine is None or mine.quiet_from is None or mine.quiet_until is None:
        return False
    return is_quiet(at, user.zone, quiet_from=mine.quiet_from, quiet_until=mine.quiet_until)


def wants_digest(user: User, *, at: datetime) -> bool:
    """Return whether a morning digest may go to this person now."""
    mine = settings_of(user)
    wanted = mine is None or mine.digest
    return wanted and not is_away(user, at=at) and not in_quiet_hours(user, at=at)
