"""Write notices besides the weekly email. Each has a dedupe key, so it is sent once."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Q

from challenge.care.models import Flag, WeeklyTarget
from challenge.care.queries import pauses_covering
from challenge.care.stop import stopped_among
from challenge.enrollment.models import Cohort, CohortClinician, Enrollment, SeatState
from challenge.enrollment.queries import active_enrollments
from challenge.mail.actions import put_all_in_outbox
from challenge.mail.models import OutboxMessage
from challenge.mail.outgoing_message import OutgoingMessage
from challenge.notifications import messages as emails
from challenge.notifications.inactivity import inactive_runners
from challenge.protocol.local_week import WEEK, local_day, monday_of
from challenge.protocol.reading_hours import is_working_day
from challenge.protocol.vocabulary import FlagKind

WRITTEN_FROM, WRITTEN_UNTIL = time(9), time(19)
DIGEST_FROM = time(7)
DAY = timedelta(days=1)
SURVEY_AFTER = timedelta(days=3)


def send_notices(*, at: datetime) -> int:
    """Every notice that is due at `at` and has not been written; returns how many were."""
    letters = [*_before_start(at), *_surveys(at), *_reminders(at), *_digests(at)]
    return len(write_new(letters, at))


def write_new(letters: Iterable[OutgoingMessage], at: datetime) -> list[str]:
    """Writes what is not there; returns the keys of what was written."""
    by_key = {letter.dedupe_key: letter for letter in letters}
    there = OutboxMessage.objects.filter(dedupe_key__in=by_key).values_list("dedupe_key", flat=True)
    for key in there:
        del by_key[key]
    if by_key:
        with transaction.atomic():
            put_all_in_outbox(list(by_key.values()), at=at)
    return list(by_key)


def _daytime_day(at: datetime, runner: Enrollment) -> date | None:
    """The runner's local day, where it is a decent hour to write to them."""
    user = runner.seat.user
    if user is None:
        return None
    local = at.astimezone(user.zone)
    return local.date() if WRITTEN_FROM <= local.time() < WRITTEN_UNTIL else None


def _before_start(at: datetime) -> Iterable[OutgoingMessage]:
    """In the week before the first Monday, to those who have had their seat for longer."""
    day = at.date()
    soon = Cohort.objects.filter(starts_on__gt=day - DAY, starts_on__lte=day + WEEK + DAY)
    runners = list(active_enrollments().filter(seat__cohort__in=list(soon.values_list("pk", flat=True))))
    stopped = stopped_among(runners)
    for runner in runners:
        today, starts_on = _daytime_day(at, runner), runner.seat.cohort.starts_on
        user = runner.seat.user
        if today is None or user is None or not starts_on - WEEK <= today < starts_on:
            continue
        if local_day(runner.created_at, user.zone) < starts_on - WEEK:
            yield emails.before_start(runner=runner, look_first=runner.pk in stopped)


def _surveys(at: datetime) -> Iterable[OutgoingMessage]:
    """Three days after the last Monday, for two weeks at most, to those whose challenge ended."""
    finished = WeeklyTarget.objects.filter(
        week_starts_on__gte=(
            at - SURVEY_AFTER - 3 * WEEK
        ).date(),  # by index: decided within a week of its Monday
        decision__state="finished",
        at__lte=at - SURVEY_AFTER,
        at__gte=at - SURVEY_AFTER - 2 * WEEK,
    )
    for runner in active_enrollments().filter(pk__in=finished.values("enrollment")):
        if _daytime_day(at, runner) is not None:
            yield emails.end_survey(runner=runner)


def _reminders(at: datetime) -> Iterable[OutgoingMessage]:
    """At most one in a runner's week; never while paused or on hold, nor after "nothing this week"."""
    for runner in inactive_runners(at=at):
        today = _daytime_day(at, runner)
        if today is None or pauses_covering(on=today).filter(enrollment=runner).exists():
            continue
        yield emails.quiet_days(runner=runner, week_starts_on=monday_of(today))


def _digests(at: datetime) -> Iterable[OutgoingMessage]:
    """From seven on a working day on the clinician's own clock: what waits, in numbers. Nothing waits, no email."""
    # What the board shows: of those who left, the stop flags alone.
    on_board = Q(enrollment__seat__state=SeatState.CONFIRMED) | Q(kind=FlagKind.STOP)
    # From the few open flags to their cohorts: the other way would count everybody's closed ones.
    waiting = {
        cohort: {"urgent": urgent, "open": count}
        for cohort, urgent, count in Flag.objects.filter(
            on_board, closed_at__isnull=True, enrollment__seat__user__isnull=False
        )
        .values_list("enrollment__seat__cohort")
        .annotate(urgent=Count("pk", filter=Q(kind=FlagKind.STOP)), open=Count("pk"))
        .order_by()
    }
    rows = CohortClinician.objects.filter(cohort__in=waiting, user__is_active=True)
    by_clinician = defaultdict(list)
    for row in rows.select_related("user", "cohort").order_by("pk"):
        by_clinician[row.user].append(row.cohort)
    for user, found in by_clinician.items():
        local = at.astimezone(user.zone)
        if is_working_day(local.date()) and DIGEST_FROM <= local.time() < WRITTEN_FROM.replace(hour=12):
            cohorts: list[dict[str, object]] = [
                {"name": cohort.name, "slug": cohort.slug, **waiting[cohort.pk]} for cohort in found
            ]
            yield emails.morning_digest(to=user.email, on=local.date(), cohorts=cohorts)
