"""Write the notices besides the weekly email. Each has a dedupe key, so that it is sent once.

Runners are reminded of questionnaires that open once the weekly emails are over, as at weeks 12 and 26. Stop flags
are escalated to clinicians until one of them takes the flag.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q

from challenge.accounts.models import User
from challenge.care.flag_kinds import URGENT_KINDS
from challenge.care.models import Flag, WeeklyTarget
from challenge.care.queries import pauses_covering
from challenge.care.stop import open_stops, stopped_among
from challenge.enrollment.cohort_forms import MOST_WEEKS
from challenge.enrollment.models import Cohort, CohortClinician, SeatState
from challenge.enrollment.queries import active_enrollments, enrollment_of
from challenge.mail.actions import put_all_in_outbox, withdraw_superseded
from challenge.mail.models import OutboxMessage
from challenge.mail.rendering import OutgoingMessage
from challenge.messages.queries import waiting_by_cohort
from challenge.notifications import messages as emails
from challenge.notifications.flag_checks import inactive_runners
from challenge.notifications.on_call import daytime_day, stop_readers, wants_digest
from challenge.outcomes.definition import LATER_OPEN, Occasion, Questionnaire, occasions_of
from challenge.outcomes.queries import definitions, first_answers, in_force
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


def question_reminders(at: datetime) -> Iterator[OutgoingMessage]:
    """Yield an email when questions open, and one more a week later if they still wait. Three minutes, a bare link."""
    asked = in_force(definitions())
    latest = max((week for one in asked for week in one.schedule.weeks), default=0)
    first_start = at.date() - max(latest, MOST_WEEKS) * WEEK - LATER_OPEN - DAY
    begun = Cohort.objects.filter(starts_on__range=(first_start, at.date() - WEEK))
    for cohort in begun.order_by("pk"):
        opened = [one for one in _after_the_weeks(cohort, asked) if _may_be_open(one, at)]
        if opened:
            yield from _of_cohort(cohort, opened, at)


def _after_the_weeks(cohort: Cohort, asked: list[Questionnaire]) -> Iterator[Occasion]:
    """Yield the occasions that no weekly email names any more."""
    for one in asked:
        if not one.schedule.every_week:
            every = occasions_of(one, starts_on=cohort.starts_on, weeks=cohort.weeks)
            yield from (occasion for occasion in every if occasion.week >= cohort.weeks)


def _may_be_open(occasion: Occasion, at: datetime) -> bool:
    # A runner's today may be a day away from the clock's.
    return any(occasion.is_open(at.date() + days) for days in (-DAY, 0 * DAY, DAY))


def _of_cohort(cohort: Cohort, opened: list[Occasion], at: datetime) -> Iterator[OutgoingMessage]:
    runners = list(active_enrollments().filter(seat__cohort=cohort))
    answered: dict[int, set[tuple[str, int | None]]] = defaultdict(set)
    rows = first_answers([one.pk for one in runners]).values_list("enrollment_id", "code", "week")
    for pk, code, week in rows:
        answered[pk].add((code, week))
    for runner in runners:
        today = daytime_day(at, runner)
        due = [
            one
            for one in opened
            if today is not None
            and one.is_open(today)
            and (one.questionnaire.code, one.week) not in answered[runner.pk]
        ]
        # Someone who runs in a later cohort is asked there; the page has the questions of that one alone.
        if not due or today is None or runner.seat.user is None or enrollment_of(runner.seat.user) != runner:
            continue
        first = min(due, key=lambda one: one.week)
        again = first.opens_on is not None and today >= first.opens_on + WEEK
        if first.week == cohort.weeks and not again:
            continue  # the last weekly email comes on that morning and names them
        yield emails.questions_wait(runner=runner, week=first.week, again=again)


ESCALATE_AFTER = (timedelta(0), timedelta(hours=2), timedelta(hours=6), timedelta(hours=24))


def alert_clinicians(*, at: datetime) -> int:
    """Write alerts about stop flags that no clinician has taken, and return how many.

    Each level goes to more addresses; after the last level, alerts are daily. Of levels that became due together only
    the last is written. It withdraws earlier alerts that still wait, in one transaction, so that each address always
    has one alert sent or waiting.
    """
    with transaction.atomic():
        waiting = list(
            open_stops()
            # An erased person cannot be called.
            .filter(taken_at__isnull=True, raised_at__lte=at, enrollment__seat__user__isnull=False)
            .select_related("enrollment__seat__cohort")
            # Lock the flags: a clinician who takes one in this moment waits, and then withdraws what is written here.
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        )
        readers = stop_readers({flag.enrollment.seat.cohort_id for flag in waiting}, at=at)
        messages: list[OutgoingMessage] = []
        superseded: dict[str, list[str]] = {}
        for flag in waiting:
            level = _escalation_level(at - flag.raised_at)
            for message in _alerts(flag, level, readers[flag.enrollment.seat.cohort_id].addresses):
                messages.append(message)
                superseded[message.dedupe_key] = [
                    emails.flag_waiting_key(flag=flag, to=message.to, level=n) for n in range(level)
                ]
        written = write_new(messages, at)
        withdraw_superseded(dedupe_keys=[key for new in written for key in superseded[new]], at=at)
    return len(written)


def _alerts(flag: Flag, level: int, readers: set[str]) -> list[OutgoingMessage]:
    cohort = flag.enrollment.seat.cohort
    daily = level >= len(ESCALATE_AFTER) - 1
    return [
        emails.flag_waiting(flag=flag, cohort=cohort, to=email, level=level, daily=daily)
        for email in sorted(_recipients(level, readers))
    ]


def _escalation_level(waited: timedelta) -> int:
    """Return the level of a flag that has waited so long: 0 at first, then one more per step, and at last per day."""
    steps = sum(waited >= after for after in ESCALATE_AFTER) - 1
    return steps + max(timedelta(0), waited - ESCALATE_AFTER[-1]) // DAY


def _recipients(level: int, readers: set[str]) -> set[str]:
    """Return those who read stop flags now; from level 1 the clinicians' shared address too, from level 2 the clinic's.

    Clinicians in their quiet hours are written to when these end, if no one has taken the flag by then.
    """
    wider = [settings.CLINICAL_REPLY_EMAIL, settings.CLINIC_EMAIL][: max(0, level)]
    return {email.lower() for email in [*readers, *wider]}
