"""Raise the flags that the clock brings: a runner fell silent, an email could not be delivered."""

from collections import Counter
from datetime import date, datetime, timedelta

from django.db.models import Max, Q, QuerySet

from challenge.care.actions import end_silence_flags, raise_flag
from challenge.care.models import Flag
from challenge.care.queries import pauses_covering
from challenge.enrollment.models import Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.mail.queries import failures_since
from challenge.notifications.inactivity import LOOKED_BACK, inactive_runners, logged_days, resting_runners
from challenge.protocol.local_week import local_day
from challenge.protocol.vocabulary import FlagKind

SILENCE = "log.silence"
MAIL = "mail.failing"
MAIL_LOOKED_BACK = timedelta(days=14)


def raise_scheduled_flags(*, at: datetime) -> int:
    """Close the silences that ended, raise new flags, and return how many were raised."""
    end_inactivity(at=at)
    return flag_inactivity(at=at) + flag_failing_mail(at=at)


def flag_inactivity(*, at: datetime) -> int:
    """Raise one flag for each silence of an active runner, and return how many. A paused runner is not silent.

    Its source is the last logged day. A silence that goes on after a pause or an answer is a new one; a silence that a
    clinician closed stays closed until the next entry.
    """
    silent = list(inactive_runners(at=at))
    paused = set(
        pauses_covering(on=at.date()).filter(enrollment__in=silent).values_list("enrollment_id", flat=True)
    )
    # An open silence is not raised again under a new source while the runner stays silent.
    flagged = set(_open_flags(FlagKind.SILENCE).values_list("enrollment_id", flat=True))
    fresh = [runner for runner in silent if runner.pk not in paused | flagged]
    days = logged_days(fresh, since=min((r.seat.cohort.starts_on for r in fresh), default=at.date()))
    ended = _ended_without_staff(fresh)
    for runner in fresh:
        last = max(days[runner.pk], default=None)
        source = f"since:{last.isoformat() if last else 'start'}"
        before = ended[runner.pk, source]
        raise_flag(
            enrollment=runner,
            kind=FlagKind.SILENCE,
            rule=SILENCE,
            source=f"{source}:{before + 1}" if before else source,
            facts={"last": last.isoformat() if last else None},
            at=at,
        )
    return len(fresh)


def _ended_without_staff(runners: list[Enrollment]) -> Counter[tuple[int, str]]:
    """Count the silences that ended without a person, by enrollment id and source, which names the last logged day."""
    flags = Flag.objects.filter(
        enrollment__in=runners, kind=FlagKind.SILENCE, closed_at__isnull=False, closed_by__isnull=True
    )
    rows = flags.values_list("enrollment_id", "source")
    # The source of a second silence since the same day ends in a number: `since:2026-01-05:2`.
    return Counter((runner, ":".join(source.split(":")[:2])) for runner, source in rows)


def end_inactivity(*, at: datetime) -> int:
    """Close silences that ended with an entry of a later day, with "nothing this week" or with a pause."""
    flags = list(_open_flags(FlagKind.SILENCE).select_related("enrollment__seat__user"))
    if not flags:
        return 0
    runners = [flag.enrollment for flag in flags]
    first = min(flag.raised_at for flag in flags).date()
    days = logged_days(runners, since=first - LOOKED_BACK)
    answered = resting_runners(runners, at=at)
    paused = set(
        pauses_covering(on=at.date()).filter(enrollment__in=runners).values_list("enrollment_id", flat=True)
    )
    ended = [
        flag.pk
        for flag in flags
        if flag.enrollment_id in answered | paused or _logged_later(flag, days[flag.enrollment_id], at=at)
    ]
    return end_silence_flags(flags=ended, at=at)


def _logged_later(flag: Flag, days: set[date], *, at: datetime) -> bool:
    """Return whether a day after the last one before the silence is logged; any day, if none was before."""
    user = flag.enrollment.seat.user
    today = local_day(at, user.zone) if user is not None else at.date()
    last = flag.facts.get("last")
    since = date.fromisoformat(last) if last else date.min
    return any(since < day <= today for day in days)


def flag_failing_mail(*, at: datetime) -> int:
    """Raise a flag for failed emails and refused addresses, and return how many.

    Once a clinician has closed such a flag, only later failures raise another.
    """
    failures = failures_since(at - MAIL_LOOKED_BACK)
    about = [
        int(number) for kind, _, number in (name.partition(":") for name in failures) if kind == "enrollment"
    ]
    written_to = Enrollment.objects.filter(seat__user__email__in=list(failures))
    theirs = (
        Enrollment.objects.filter(pk__in=about)
        .values_list("pk", flat=True)
        .union(written_to.values_list("pk", flat=True))
    )
    runners = (
        active_enrollments()
        .filter(pk__in=list(theirs))  # a list, not a subquery: the planner then reads these few by index
        .exclude(pk__in=_open_flags(FlagKind.MAIL).values("enrollment"))
    )
    last_closed = Max("flags__closed_at", filter=Q(flags__kind=FlagKind.MAIL))
    raised = 0
    for runner in runners.annotate(mail_closed_at=last_closed) if failures else ():
        failed_at = max(
            (failures[name] for name in (runner.about, runner.address) if name in failures), default=None
        )
        closed_at = runner.mail_closed_at
        if failed_at is None or (closed_at is not None and failed_at <= closed_at):
            continue
        raise_flag(
            enrollment=runner,
            kind=FlagKind.MAIL,
            rule=MAIL,
            source=f"mail:{failed_at.isoformat()}",
            facts={},
            at=at,
        )
        raised += 1
    return raised


def _open_flags(kind: FlagKind) -> QuerySet[Flag]:
    return Flag.objects.filter(kind=kind, closed_at__isnull=True)
