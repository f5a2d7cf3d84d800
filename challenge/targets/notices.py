"""Who is told what beside the weekly email, and when. Every notice has a key of its own, so that a job that runs twice,
late or beside another sends it once."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q

from challenge.care.models import Flag, WeeklyTarget
from challenge.care.queries import pauses_covering
from challenge.care.stop import stopped_among
from challenge.enrollment.models import Cohort, CohortClinician, Enrollment, SeatState
from challenge.enrollment.queries import active_enrollments
from challenge.mail.actions import put_all_in_outbox, withdraw_overtaken
from challenge.mail.letters import Letter
from challenge.mail.models import OutboxMessage
from challenge.protocol.reading_hours import is_working_day
from challenge.targets import notice_emails as emails
from challenge.targets.silence import silent_for_long
from challenge.targets.weeks import WEEK, local_day, monday_of

WRITTEN_FROM, WRITTEN_UNTIL = time(9), time(19)
DIGEST_FROM = time(7)
DAY = timedelta(days=1)
SURVEY_AFTER = timedelta(days=3)
ESCALATE_AFTER = (timedelta(0), timedelta(hours=2), timedelta(hours=6), timedelta(hours=24))


def send_notices(*, at: datetime) -> int:
    """Every notice that is due at `at` and has not been written; returns how many were."""
    letters = [*_before_start(at), *_surveys(at), *_reminders(at), *_digests(at)]
    return len(_write(letters, at))


def alert_clinicians(*, at: datetime) -> int:
    """Stop flags that nobody has taken: the clinicians at once, again and wider, then daily until somebody does.

    Each address gets what is the case now: of levels that came due together only the last is written, and it takes
    back the earlier ones that still wait to go out, in one transaction. So at least one notice is always on its way.
    """
    with transaction.atomic():
        waiting = Flag.objects.filter(
            kind=Flag.Kind.STOP,
            taken_at__isnull=True,
            closed_at__isnull=True,
            raised_at__lte=at,
            enrollment__seat__user__isnull=False,  # whose account is erased can be called by nobody
        ).select_related("enrollment__seat__cohort")
        letters: list[Letter] = []
        overtaken: dict[str, list[str]] = {}
        # Locked: who takes a flag meanwhile waits, and then takes back what was written here.
        for flag in waiting.select_for_update(of=("self",), no_key=True).order_by("pk"):
            level = _level(at - flag.raised_at)
            for letter in _calls(flag, level):
                letters.append(letter)
                overtaken[letter.dedupe_key] = [
                    emails.key_of_call(flag=flag, to=letter.to, level=n) for n in range(level)
                ]
        fresh = _write(letters, at)
        withdraw_overtaken(dedupe_keys=[key for new in fresh for key in overtaken[new]], at=at)
    return len(fresh)


def _calls(flag: Flag, level: int) -> list[Letter]:
    cohort = flag.enrollment.seat.cohort
    clinicians = CohortClinician.objects.filter(cohort=cohort, user__is_active=True)
    to = _told_at(level, list(clinicians.values_list("user__email", flat=True)))
    daily = level >= len(ESCALATE_AFTER) - 1
    return [
        emails.runner_waits(flag=flag, cohort=cohort, to=email, level=level, daily=daily)
        for email in sorted(to)
    ]


def _level(waited: timedelta) -> int:
    """How often a flag that has waited so long was due to be told of before: after the last step once a day."""
    steps = sum(waited >= after for after in ESCALATE_AFTER) - 1
    return steps + max(timedelta(0), waited - ESCALATE_AFTER[-1]) // DAY


def _told_at(level: int, clinicians: list[str]) -> set[str]:
    """First the cohort's clinicians; then the clinicians' shared address as well; then the clinic's."""
    wider = [settings.CLINICAL_REPLY_EMAIL, settings.CLINIC_EMAIL][: max(0, level)]
    return {email.lower() for email in [*clinicians, *wider]} or {settings.CLINICAL_REPLY_EMAIL.lower()}


def _write(letters: Iterable[Letter], at: datetime) -> list[str]:
    """Writes what is not there; returns the keys of what was written."""
    by_key = {letter.dedupe_key: letter for letter in letters}
    there = OutboxMessage.objects.filter(dedupe_key__in=by_key).values_list("dedupe_key", flat=True)
    for key in there:
        del by_key[key]
    if by_key:
        with transaction.atomic():
            put_all_in_outbox(list(by_key.values()), at=at)
    return list(by_key)


def _awake(at: datetime, runner: Enrollment) -> date | None:
    """The runner's local day, where it is a decent hour to write to them."""
    user = runner.seat.user
    if user is None:
        return None
    local = at.astimezone(user.zone)
    return local.date() if WRITTEN_FROM <= local.time() < WRITTEN_UNTIL else None


def _before_start(at: datetime) -> Iterable[Letter]:
    """In the week before the first Monday, to those who have had their seat for longer."""
    day = at.date()
    soon = Cohort.objects.filter(starts_on__gt=day - DAY, starts_on__lte=day + WEEK + DAY)
    runners = list(active_enrollments().filter(seat__cohort__in=list(soon.values_list("pk", flat=True))))
    stopped = stopped_among(runners)
    for runner in runners:
        today, starts_on = _awake(at, runner), runner.seat.cohort.starts_on
        user = runner.seat.user
        if today is None or user is None or not starts_on - WEEK <= today < starts_on:
            continue
        if local_day(runner.created_at, user.zone) < starts_on - WEEK:
            yield emails.before_start(runner=runner, look_first=runner.pk in stopped)


def _surveys(at: datetime) -> Iterable[Letter]:
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
        if _awake(at, runner) is not None:
            yield emails.end_survey(runner=runner)


def _reminders(at: datetime) -> Iterable[Letter]:
    """At most one in a runner's week; never while paused or on hold, nor after "nothing this week"."""
    for runner in silent_for_long(at=at):
        today = _awake(at, runner)
        if today is None or pauses_covering(on=today).filter(enrollment=runner).exists():
            continue
        yield emails.quiet_days(runner=runner, week_starts_on=monday_of(today))


def _digests(at: datetime) -> Iterable[Letter]:
    """From seven on a working day on the clinician's own clock: what waits, in numbers. Nothing waits, no email."""
    # What the board shows: of those who left, the stop flags alone.
    on_board = Q(enrollment__seat__state=SeatState.CONFIRMED) | Q(kind=Flag.Kind.STOP)
    # From the few open flags to their cohorts: the other way would count everybody's closed ones.
    waiting = {
        cohort: {"urgent": urgent, "open": count}
        for cohort, urgent, count in Flag.objects.filter(
            on_board, closed_at__isnull=True, enrollment__seat__user__isnull=False
        )
        .values_list("enrollment__seat__cohort")
        .annotate(urgent=Count("pk", filter=Q(kind=Flag.Kind.STOP)), open=Count("pk"))
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
