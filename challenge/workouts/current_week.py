"""One runner's /today/: the week's number, the reason, what is done and left; before the first week and after the last.

Before the first week it is a short list of what helps, and after the last of what stays.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, Q

from challenge.accounts.queries import has_passkey
from challenge.care.models import WeeklyTarget
from challenge.care.queries import current_phase, current_targets, latest_targets, pauses_covering
from challenge.care.stop import Stop
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.intake.queries import intake_of
from challenge.protocol.local_week import monday_of
from challenge.protocol.parameters import Parameters
from challenge.protocol.runner_plan import Guards, PainRecord
from challenge.protocol.vocabulary import CadenceSource, HeelStrikeStep, WeekState
from challenge.workouts.guards import complaints_read, guards_now, pain_record, sore, spare
from challenge.workouts.models import ALIVE, EntryKind, RestWeek
from challenge.workouts.prescribed_sets import lower_after_break, strength_days
from challenge.workouts.queries import (
    MORNINGS_REMEMBERED,
    LogDay,
    last_cadence,
    log_days,
    missed_morning_among,
    runs,
    strength_sessions,
)

COUNTED = (CadenceSource.COUNTED, CadenceSource.TAPPED, CadenceSource.FILE, CadenceSource.WATCH)


@dataclass(frozen=True, slots=True)
class BeforeStart:
    """How far the runner is with what helps before the first Monday. `stated_spm` is the cadence of the intake."""

    days_left: int
    bib: int
    questions_answered: bool
    cadence_known: bool
    stated_spm: int | None
    strength_tried: bool
    has_passkey: bool
    clinicians: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AfterEnd:
    """What the runner takes along: the last cadence in steps a minute, the phase, and how far a run may grow."""

    cadence_spm: int | None
    phase: int
    percent_more: int
    longest_of_days: int


def before_start(enrollment: Enrollment, *, today: date) -> BeforeStart:
    """Return the list of the days before the start, in six queries."""
    intake, user = intake_of(enrollment), enrollment.seat.user
    stated_spm = intake.baseline_cadence_spm if intake is not None else None
    caring = CohortClinician.objects.filter(cohort=enrollment.cohort).select_related("user").order_by("pk")
    return BeforeStart(
        days_left=(enrollment.cohort.starts_on - today).days,
        bib=enrollment.seat.number,
        questions_answered=intake is not None,
        cadence_known=stated_spm is not None or runs(enrollment).filter(cadence_source__in=COUNTED).exists(),
        stated_spm=stated_spm,
        strength_tried=strength_sessions(enrollment).exists(),
        has_passkey=user is not None and has_passkey(user),
        clinicians=tuple(name for one in caring if (name := one.user.get_full_name())),
    )


def own_cadence(enrollment: Enrollment) -> int | None:
    """Return the runner's own number where the week has no target: the last target, the last run's, the intake's."""
    numbered = latest_targets(enrollment).filter(cadence_spm__isnull=False)
    if (target := numbered.values_list("cadence_spm", flat=True).first()) is not None:
        return target
    if (measured := last_cadence(enrollment)) is not None:
        return measured
    intake = intake_of(enrollment)
    return intake.baseline_cadence_spm if intake is not None else None


def after_end(enrollment: Enrollment, *, parameters: Parameters) -> AfterEnd:
    """Return what stays after the last week, in two queries."""
    numbered = latest_targets(enrollment).filter(cadence_spm__isnull=False)
    return AfterEnd(
        cadence_spm=numbered.values_list("cadence_spm", flat=True).first(),
        phase=current_phase(enrollment),
        percent_more=parameters.long_run_percent - 100,
        longest_of_days=parameters.long_run_days,
    )


# Offer "nothing" when little of the week is left.
SATURDAY = 5


@dataclass(frozen=True)
class LiveStatus:
    """What is true now rather than when the week was decided; `record` is what hurts."""

    paused: bool
    has_rest_week: bool
    record: PainRecord


@dataclass(frozen=True)
class CurrentWeek:
    """Everything the page shows. `decision` is the week's stored decision, or empty.

    `days` are the entries of the week; `recent` also has those of the days just before it.
    """

    starts_on: date
    today: date
    number: int
    weeks: int
    live: LiveStatus
    stop: Stop | None
    target: WeeklyTarget | None
    days: list[LogDay] = field(default_factory=list)
    recent: list[LogDay] = field(default_factory=list)
    morning_to_ask: date | None = None

    @property
    def before_start(self) -> bool:
        return self.number < 1

    @property
    def over(self) -> bool:
        return self.number > self.weeks

    @property
    def decision(self) -> dict[str, Any]:
        return self.target.decision if self.target is not None else {}

    @property
    def held(self) -> bool:
        """Whether a stop flag is open now, or was open when the latest revision of the week was decided."""
        return self.stop is not None or (self.target is not None and self.target.on_hold)

    @property
    def cadence_spm(self) -> int | None:
        return None if self.held or self.target is None else self.target.cadence_spm

    @property
    def exercises(self) -> list[dict[str, Any]]:
        return [] if self.held else self.decision.get("exercises", [])

    @property
    def sessions_planned(self) -> int:
        return max((exercise["sessions_per_week"] for exercise in self.exercises), default=0)

    @property
    def runs(self) -> list[LogDay]:
        return [day for day in self.days if day.kind == EntryKind.RUN]

    @property
    def sessions(self) -> list[LogDay]:
        return [day for day in self.days if day.kind == EntryKind.STRENGTH]

    @property
    def done(self) -> list[LogDay]:
        """Return runs and strength sessions by day."""
        return sorted(
            (day for day in self.days if day.kind != EntryKind.MORNING), key=lambda day: day.local_on
        )

    @property
    def sessions_left(self) -> int:
        return max(0, self.sessions_planned - len(self.sessions))

    @property
    def session_due(self) -> bool:
        """Whether a session is left and none was today or yesterday: heavy work needs a day between."""
        rested = self.today - timedelta(days=2)
        return bool(self.sessions_left) and all(
            day.local_on <= rested for day in self.recent if day.kind == EntryKind.STRENGTH
        )

    @property
    def longest_m(self) -> int | None:
        longest = None if self.held else self.decision.get("longest_run")
        if not longest:
            return None
        facts = dict(longest["reason"]["facts"])
        limit: int = facts["break_m"] if self._break_has_come(facts.get("break_on")) else longest["limit_m"]
        return limit

    def _break_has_come(self, break_on: str | None) -> bool:
        """Return whether the day on which the days without a run become a break has come, with no run before it."""
        if break_on is None or self.today < date.fromisoformat(break_on):
            return False
        return all(run.local_on >= date.fromisoformat(break_on) for run in self.runs)

    @property
    def asked_back(self) -> dict[str, Any] | None:
        """Return the stored reason that asks a runner on heel strike back toward midfoot, or None."""
        strike = self.decision.get("strike") if self.goes_on else None
        if not strike or strike["step"] != HeelStrikeStep.NEVER or not strike["reason"]:
            return None
        reason: dict[str, Any] = strike["reason"]
        return reason if ["under_way", True] in reason["facts"] else None

    @property
    def paused(self) -> bool:
        # After a pause ended, the stored decision remains "paused" until the worker has decided the week again.
        return self.live.paused or self.decision.get("state") == WeekState.PAUSED

    @property
    def goes_on(self) -> bool:
        """Whether anything is to do this week: not before the start, on hold, on a break or after the end."""
        return not (self.before_start or self.over or self.held or self.paused)

    @property
    def can_log_rest_week(self) -> bool:
        empty = not self.runs and not self.sessions and not self.live.has_rest_week
        return empty and self.today.weekday() >= SATURDAY


def current_week(
    enrollment: Enrollment, *, today: date, stop: Stop | None, parameters: Parameters
) -> CurrentWeek:
    """Return the runner's week in three queries, whatever the length of the log; a few more where something hurts."""
    monday = monday_of(today)
    cohort, least = enrollment.cohort, parameters.amber_from
    # The missed morning may lie in the week before, so read a few days further back.
    first = min(monday, today - timedelta(days=MORNINGS_REMEMBERED))
    logged = log_days(enrollment, Q(local_on__range=(first, today)) | sore(least))
    days = [day for day in logged if first <= day.local_on <= today]
    live = live_status(enrollment, logged, today=today, parameters=parameters)
    return CurrentWeek(
        starts_on=monday,
        today=today,
        number=(monday - cohort.starts_on).days // 7 + 1,
        weeks=cohort.weeks,
        live=live,
        stop=stop,
        target=target_shown(
            enrollment,
            week_starts_on=monday,
            today=today,
            guards=guards_now(enrollment, parameters=parameters, record=live.record),
            parameters=parameters,
        ),
        days=[day for day in days if day.local_on >= monday],
        recent=days,
        morning_to_ask=missed_morning_among(days, today=today),
    )


def target_shown(
    enrollment: Enrollment, *, week_starts_on: date, today: date, guards: Guards, parameters: Parameters
) -> WeeklyTarget | None:
    """Return the week's latest revision as a page shows it, or None before the first.

    Exercises that load what hurts are replaced or left out. The log may report a joint after the week was decided; the
    revision that takes it into account follows some minutes later. A break that began to count since then lowers doses.
    """
    # The snapshot and the parameters of a decision are long, and no page shows them.
    shown = current_targets(enrollment).only(
        "week", "week_starts_on", "phase", "cadence_spm", "on_hold", "decision"
    )
    rows = shown.filter(week_starts_on=week_starts_on).annotate(lifted=strength_days(today))
    target = spare(rows.first(), guards)
    lifted = getattr(target, "lifted", ())
    return lower_after_break(target, lifted, today=today, parameters=parameters)


def live_status(
    enrollment: Enrollment, logged: list[LogDay], *, today: date, parameters: Parameters
) -> LiveStatus:
    """Return pause, weekly answers and what hurts as of now; `logged` has every entry that is `sore`."""
    of_week = {"enrollment": enrollment.pk, "week_starts_on": monday_of(today)}
    # A pause that was ended on its first day still covers that day: the runner is back all the same.
    pause = pauses_covering(on=today).filter(enrollment=enrollment.pk, ended_at__isnull=True)
    row = Enrollment.objects.filter(pk=enrollment.pk).values_list(
        Exists(pause), Exists(RestWeek.objects.filter(ALIVE, **of_week)), Exists(complaints_read(enrollment))
    )
    paused, rest_week, complained = row.get()
    record = pain_record(
        enrollment, parameters=parameters, logged=logged, complaints=None if complained else ()
    )
    return LiveStatus(paused, rest_week, record)
