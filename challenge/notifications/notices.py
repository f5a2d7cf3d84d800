"""Write the notices besides the weekly email. Each has a dedupe key, so that it is sent once."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Q

from challenge.accounts.models import User
from challenge.care.flag_kinds import URGENT_KINDS
from challenge.care.models import Flag, WeeklyTarget
from challenge.care.queries import pauses_covering
from challenge.care.stop import stopped_among
from challenge.enrollment.models import Cohort, CohortClinician, SeatState
from challenge.enrollment.queries import active_enrollments
from challenge.mail.actions import put_all_in_outbox
from challenge.mail.models import OutboxMessage
from challenge.mail.rendering import OutgoingMessage
from challenge.messages.queries import waiting_by_cohort
from challenge.notifications import messages as emails
from challenge.notifications.inactivity import inactive_runners
from challenge.notifications.on_call import wants_digest
from challenge.notifications.question_reminders import question_reminders
from challenge.notifications.quiet_hours import daytime_day
from challenge.protocol.local_week import DAY, WEEK, local_day, monday_of
from challenge.protocol.reading_hours import is_working_day
from challenge.protocol.vocabulary import FlagKind, WeekState

DIGEST_FROM, DIGEST_UNTIL = time(7), time(12)
SURVEY_AFTER = timedelta(days=3)
WRITES_FOR = (
    30 * WEEK
)  # from a cohort's start: until its last questions, at week 26, are asked and talked about


def send_notices(*, at: datetime) -> int:
    """Write every notice that is due and not written yet, and return how many."""
    messages = [*_before_start(at), *_surveys(at), *question_reminders(at), *_reminders(at), *_digests(at)]
    return len(write_new(messages, at))


def write_new(messages: Iterable[OutgoingMessage], at: datetime) -> list[str]:
    """Put messages whose key is new in the outbox; return the keys of these."""
    by_key = {message.dedupe_key: message for message in messages}
    known = OutboxMessage.objects.filter(dedupe_key__in=by_key).values_list("dedupe_key", flat=True)
    for key in known:
        del by_key[key]
    if by_key:
        with transaction.atomic():
            put_all_in_outbox(list(by_key.values()), at=at)
    return list(by_key)


def _before_start(at: datetime) -> Iterable[OutgoingMessage]:
    """In the week before the first Monday, to runners who joined before that week."""
    day = at.date()
    soon = Cohort.objects.filter(starts_on__gt=day - DAY, starts_on__lte=day + WEEK + DAY)
    runners = list(active_enrollments().filter(seat__cohort__in=list(soon.values_list("pk", flat=True))))
    stopped = stopped_among(runners)
    for runner in runners:
        today, starts_on = daytime_day(at, runner), runner.seat.cohort.starts_on
        user = runner.seat.user
        if today is None or user is None or not starts_on - WEEK <= today < starts_on:
            continue
        if local_day(runner.created_at, user.zone) < starts_on - WEEK:
            yield emails.before_start(runner=runner, look_first=runner.pk in stopped)


def _surveys(at: datetime) -> Iterable[OutgoingMessage]:
    """Three days after the last Monday, for two weeks at most, to runners whose challenge is finished."""
    finished = WeeklyTarget.objects.filter(
        # Implied by `at`, since a week is decided before it ends; here it lets the query use the index.
        week_starts_on__gte=(at - SURVEY_AFTER - 3 * WEEK).date(),
        decision__state=WeekState.FINISHED,
        at__lte=at - SURVEY_AFTER,
        at__gte=at - SURVEY_AFTER - 2 * WEEK,
    )
    for runner in active_enrollments().filter(pk__in=finished.values("enrollment")):
        if daytime_day(at, runner) is not None:
            yield emails.end_survey(runner=runner)


def _reminders(at: datetime) -> Iterable[OutgoingMessage]:
    """At most one in a runner's week; none while paused or on hold, or after "nothing this week"."""
    for runner in inactive_runners(at=at):
        today = daytime_day(at, runner)
        if today is None or pauses_covering(on=today).filter(enrollment=runner).exists():
            continue
        yield emails.quiet_days(runner=runner, week_starts_on=monday_of(today))


def _digests(at: datetime) -> Iterable[OutgoingMessage]:
    """From 7:00 AM on a working day on the clinician's clock: how much waits. Nothing waits, no email."""
    # The same flags as on the board: of runners who have left, only stop flags.
    on_board = Q(enrollment__seat__state=SeatState.CONFIRMED) | Q(kind=FlagKind.STOP)
    # Start from the few open flags: starting from cohorts would read every closed one.
    waiting = {
        cohort: {"urgent": urgent, "open": count, "messages": 0}
        for cohort, urgent, count in Flag.objects.filter(
            on_board, closed_at__isnull=True, enrollment__seat__user__isnull=False
        )
        .values_list("enrollment__seat__cohort")
        .annotate(urgent=Count("pk", filter=Q(kind__in=URGENT_KINDS)), open=Count("pk"))
        .order_by()
    }
    for cohort_id, runners in waiting_by_cohort(started_after=at.date() - WRITES_FOR).items():
        waiting.setdefault(cohort_id, {"urgent": 0, "open": 0})["messages"] = runners
    rows = CohortClinician.objects.filter(cohort__in=waiting, user__is_active=True)
    by_clinician: dict[User, list[Cohort]] = defaultdict(list)
    for row in rows.select_related("user__notice_settings", "cohort").order_by("pk"):
        by_clinician[row.user].append(row.cohort)
    for user, mine in by_clinician.items():
        local = at.astimezone(user.zone)
        in_the_morning = is_working_day(local.date()) and DIGEST_FROM <= local.time() < DIGEST_UNTIL
        if in_the_morning and wants_digest(user, at=at):
            cohorts: list[dict[str, object]] = [
                {"name": cohort.name, "slug": cohort.slug, **waiting[cohort.pk]} for cohort in mine
            ]
            # Keyed by the clinician's day: passes until noon find the key taken.
            yield emails.morning_digest(to=user.email, on=local.date(), cohorts=cohorts)
