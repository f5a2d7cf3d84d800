"""One runner's week as /today/ shows it: the number, why, what is done, what is left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection

from challenge.care.models import WeeklyTarget
from challenge.care.stop import Stop
from challenge.enrollment.models import Enrollment
from challenge.protocol.local_week import monday_of
from challenge.protocol.parameters import CLINIC
from challenge.protocol.vocabulary import GUARDED_JOINTS, Site, WeekState
from challenge.workouts.guards import spare
from challenge.workouts.models import EntryKind
from challenge.workouts.queries import MORNINGS_REMEMBERED, LogDay, days_between, missed_morning

FRIDAY = 4
SATURDAY = 5


@dataclass(frozen=True)
class LiveStatus:
    """What holds at this moment, read live. `sore_joints` are those that the log guards."""

    paused: bool
    told_daily_life: bool
    told_nothing: bool
    sore_joints: Sequence[str] = ()


@dataclass(frozen=True)
class CurrentWeek:
    """Everything the page says. `decision` is the stored decision of the week, or empty."""

    starts_on: date
    today: date
    number: int
    weeks: int
    standing: LiveStatus
    stop: Stop | None
    target: WeeklyTarget | None
    days: list[LogDay] = field(default_factory=list)
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
        """A stop flag that is open now, or was when the week was decided and no newer decision is there."""
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
        """Runs and strength sessions in the order they were done."""
        return sorted(
            (day for day in self.days if day.kind != EntryKind.MORNING), key=lambda day: day.local_on
        )

    @property
    def sessions_left(self) -> int:
        return max(0, self.sessions_planned - len(self.sessions))

    @property
    def longest_m(self) -> int | None:
        longest = None if self.held else self.decision.get("longest_run")
        return longest["limit_m"] if longest else None

    @property
    def paused(self) -> bool:
        return self.standing.paused or self.decision.get("state") == WeekState.PAUSED

    @property
    def goes_on(self) -> bool:
        """Whether there is anything to do this week: not before the start, on hold, on a break or after the end."""
        return not (self.before_start or self.over or self.held or self.paused)

    @property
    def ask_daily_life(self) -> bool:
        return self.today.weekday() >= FRIDAY and not self.standing.told_daily_life

    @property
    def can_log_rest_week(self) -> bool:
        empty = not self.runs and not self.sessions and not self.standing.told_nothing
        return empty and self.today.weekday() >= SATURDAY


def current_week(enrollment: Enrollment, *, today: date, stop: Stop | None) -> CurrentWeek:
    """The runner's week in three queries, whatever the length of the log."""
    monday = monday_of(today)
    cohort, holds = enrollment.cohort, live_status(enrollment, today=today)
    found = days_between(
        enrollment, first=min(monday, today - timedelta(days=MORNINGS_REMEMBERED)), last=today
    )
    sessions = {day.local_on for day in found if day.kind != EntryKind.MORNING}
    told = {day.local_on for day in found if day.kind == EntryKind.MORNING}
    return CurrentWeek(
        starts_on=monday,
        today=today,
        number=(monday - cohort.starts_on).days // 7 + 1,
        weeks=cohort.weeks,
        standing=holds,
        stop=stop,
        target=target_shown(enrollment, week_starts_on=monday, sore=holds.sore_joints),
        days=[day for day in found if day.local_on >= monday],
        morning_to_ask=missed_morning(sessions, told, today=today),
    )


def target_shown(enrollment: Enrollment, *, week_starts_on: date, sore: Iterable[str]) -> WeeklyTarget | None:
    """The week's latest revision with what a page shows of it: snapshots and parameters are long, and stay there.

    What loads a joint that is `sore` since is spared at once; the revision that says so is on its way.
    """
    rows = WeeklyTarget.objects.raw(_SHOWN, {"runner": enrollment.pk, "monday": week_starts_on})
    return spare(next(iter(rows), None), enrollment, frozenset(map(Site, sore)))


def live_status(enrollment: Enrollment, *, today: date) -> LiveStatus:
    """Pause, weekly answers and sore joints, in one query; SQL, as in `days_between` and for the same reason."""
    with connection.cursor() as cursor:
        about: dict[str, Any] = {"runner": enrollment.pk, "today": today, "monday": monday_of(today)}
        about |= {"joints": sorted(GUARDED_JOINTS), "amber": CLINIC.amber_from}
        cursor.execute(_STANDING, about)
        return LiveStatus(*cursor.fetchone())


_SHOWN = """
SELECT id, week, phase, cadence_spm, on_hold, decision FROM challenge_weeklytarget
WHERE enrollment_id = %(runner)s AND week_starts_on = %(monday)s ORDER BY revision DESC LIMIT 1
"""
_STANDING = """
SELECT
    EXISTS (SELECT FROM challenge_pause
        WHERE enrollment_id = %(runner)s AND ended_at IS NULL
        AND starts_on <= %(today)s AND (ends_on IS NULL OR ends_on >= %(today)s)),
    EXISTS (SELECT FROM challenge_dailylife
        WHERE enrollment_id = %(runner)s AND week_starts_on = %(monday)s AND deleted_at IS NULL),
    EXISTS (SELECT FROM challenge_restweek
        WHERE enrollment_id = %(runner)s AND week_starts_on = %(monday)s AND deleted_at IS NULL),
    ARRAY(SELECT site FROM challenge_run
        WHERE enrollment_id = %(runner)s AND deleted_at IS NULL AND site = ANY(%(joints)s) AND pain >= %(amber)s
        UNION SELECT site FROM challenge_strengthsession
        WHERE enrollment_id = %(runner)s AND deleted_at IS NULL AND site = ANY(%(joints)s) AND pain >= %(amber)s
        UNION SELECT site FROM challenge_morning
        WHERE enrollment_id = %(runner)s AND deleted_at IS NULL AND site = ANY(%(joints)s) AND pain >= %(amber)s)
"""
