"""The coming week before it is decided: what the engine would say now, and the email as it would go out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.mail.rendering import RenderedMessage, render
from challenge.protocol.decision import Decision
from challenge.protocol.local_week import WEEK, current_week_start
from challenge.protocol.parameters import CLINIC
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.validation import ProtocolError
from challenge.protocol.weekly import decide
from challenge.weekly.due import due
from challenge.weekly.email.messages import WeeklyEmail, weekly_message_of
from challenge.weekly.engine_inputs import gather_snapshots
from challenge.weekly.models import PlannedCadence
from challenge.weekly.queries import changes_in_force


@dataclass(frozen=True)
class ComingWeek:
    """One runner's coming week as it stands now; `trouble` where the engine cannot decide it."""

    runner: Enrollment
    week_starts_on: date
    snapshot: Snapshot | None
    decision: Decision | None
    change: PlannedCadence | None = None
    trouble: str = ""

    @property
    def present_spm(self) -> int | None:
        """The target in force before the coming week."""
        past = self.snapshot.past if self.snapshot is not None else ()
        return past[-1].cadence.in_force_spm if past else None

    @property
    def mark(self) -> str:
        """The week and the change that a page shows: another mark is another week, or a colleague's change."""
        return f"{self.week_starts_on.isoformat()}:{self.change.pk if self.change is not None else 0}"

    @property
    def summary(self) -> str:
        """One line without a name."""
        who = f"runner {self.runner.pk}, week of {self.week_starts_on}"
        if self.decision is None:
            return f"{who}: {self.trouble}"
        target = self.decision.cadence.target_spm
        phase = self.decision.phase.present.value
        return f"{who}: {self.decision.state.value}, cadence {target or 'none'}, phase {phase}"

    def email(self) -> RenderedMessage | None:
        """As it would go out now; None for a week without an email."""
        if self.decision is None or self.snapshot is None:
            return None
        letter = weekly_message_of(
            WeeklyEmail(self.runner, self.decision, self.snapshot, unsubscribe_url="#")
        )
        return render(letter.template, letter.context, letter.personal) if letter is not None else None


def preview_decision(*, at: datetime, cohort: Cohort | None) -> Iterator[ComingWeek]:
    """What deciding now would decide; nothing is written."""
    for week, runners in due(at=at, cohort=cohort):
        yield from _preview(list(runners), week_starts_on=week, at=at)


def coming_week(*, cohort: Cohort, at: datetime) -> Iterator[ComingWeek]:
    """The next undecided Monday of every runner of the cohort, with the log as it stands now."""
    by_week: dict[date, list[Enrollment]] = {}
    for runner in active_enrollments().filter(seat__cohort=cohort).order_by("seat__number"):
        week = next_week(runner, at=at)
        if week is not None:
            by_week.setdefault(week, []).append(runner)
    for week, runners in by_week.items():
        yield from _preview(runners, week_starts_on=week, at=at)


def coming_week_of(runner: Enrollment, *, at: datetime) -> ComingWeek | None:
    """One runner's coming week; None after the challenge."""
    week = next_week(runner, at=at)
    return next(_preview([runner], week_starts_on=week, at=at), None) if week is not None else None


def next_week(runner: Enrollment, *, at: datetime) -> date | None:
    """The week of the runner's next Monday 06:00 that is part of the challenge; None after its end."""
    user, cohort = runner.seat.user, runner.seat.cohort
    if user is None:
        return None
    week = max(current_week_start(at, user.zone) + WEEK, cohort.starts_on)
    return week if week <= cohort.starts_on + cohort.weeks * WEEK else None


def _preview(runners: list[Enrollment], *, week_starts_on: date, at: datetime) -> Iterator[ComingWeek]:
    changes = {c.enrollment_id: c for c in changes_in_force(week_starts_on=week_starts_on)}
    snapshots = gather_snapshots(runners, week_starts_on=week_starts_on, at=at)
    for runner in runners:
        snapshot = snapshots[runner.pk]
        try:
            decision = decide(snapshot, CLINIC)
        except ProtocolError as error:
            yield ComingWeek(runner, week_starts_on, None, None, trouble=str(error))
        else:
            yield ComingWeek(runner, week_starts_on, snapshot, decision, changes.get(runner.pk))
