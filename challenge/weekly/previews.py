"""Preview the coming week: what the engine would decide now, and the email as it would be sent. Nothing is saved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from challenge.enrollment.cohort_parameters import parameters_in_force
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import active_enrollments
from challenge.mail.rendering import RenderedMessage, render
from challenge.outcomes.queries import due_occasions
from challenge.protocol.decision import Decision
from challenge.protocol.local_week import WEEK, current_week_start
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.validation import ProtocolError
from challenge.protocol.weekly import decide
from challenge.weekly.due import due
from challenge.weekly.email.messages import WeeklyEmail, weekly_message_of
from challenge.weekly.engine_inputs import gather_snapshots
from challenge.weekly.models import PlannedCadence
from challenge.weekly.queries import planned_cadences


@dataclass(frozen=True)
class ComingWeek:
    """One runner's coming week as the engine would decide it now; `trouble` is why it cannot."""

    runner: Enrollment
    week_starts_on: date
    snapshot: Snapshot | None
    decision: Decision | None
    change: PlannedCadence | None = None
    parameters: Parameters = CLINIC
    trouble: str = ""

    @property
    def present_spm(self) -> int | None:
        """Return the target in force before the coming week, in steps a minute."""
        past = self.snapshot.past if self.snapshot is not None else ()
        return past[-1].cadence.in_force_spm if past else None

    @property
    def mark(self) -> str:
        """Return a mark of the week and the planned change that a page shows; it differs once either does."""
        return f"{self.week_starts_on.isoformat()}:{self.change.pk if self.change is not None else 0}"

    @property
    def summary(self) -> str:
        """Return one line about the week, without the runner's name."""
        who = f"runner {self.runner.pk}, week of {self.week_starts_on}"
        if self.decision is None:
            return f"{who}: {self.trouble}"
        target = self.decision.cadence.target_spm
        phase = self.decision.phase.present.value
        return f"{who}: {self.decision.state.value}, cadence {target or 'none'}, phase {phase}"

    def email(self) -> RenderedMessage | None:
        """Return the email as it would be sent now; None for a week without one."""
        if self.decision is None or self.snapshot is None:
            return None
        # A preview has no working unsubscribe link: staff must not unsubscribe the runner by trying it.
        week = WeeklyEmail(
            self.runner,
            self.decision,
            self.snapshot,
            unsubscribe_url="#",
            parameters=self.parameters,
            questions=bool(due_occasions(self.runner, on=self.week_starts_on)),
        )
        message = weekly_message_of(week)
        return render(message.template, message.context, message.personal) if message is not None else None


def preview_decision(*, at: datetime, cohort: Cohort | None) -> Iterator[ComingWeek]:
    """Yield what deciding now would decide, for every due runner."""
    for week, runners in due(at=at, cohort=cohort):
        yield from _preview(list(runners), week_starts_on=week, at=at)


def coming_week(*, cohort: Cohort, at: datetime) -> Iterator[ComingWeek]:
    """Yield the next undecided week of every runner of the cohort, with the present log."""
    by_week: dict[date, list[Enrollment]] = {}
    for runner in active_enrollments().filter(seat__cohort=cohort).order_by("seat__number"):
        week = next_week(runner, at=at)
        if week is not None:
            by_week.setdefault(week, []).append(runner)
    for week, runners in by_week.items():
        yield from _preview(runners, week_starts_on=week, at=at)


def coming_week_of(runner: Enrollment, *, at: datetime) -> ComingWeek | None:
    """Return one runner's coming week; None after the challenge."""
    week = next_week(runner, at=at)
    return next(_preview([runner], week_starts_on=week, at=at), None) if week is not None else None


def next_week(runner: Enrollment, *, at: datetime) -> date | None:
    """Return the Monday of the runner's next week of the challenge to be decided; None after its end."""
    user, cohort = runner.seat.user, runner.seat.cohort
    if user is None:
        return None
    # Before the start, the coming week is week 1, however far away; the Monday after the last is the finish.
    week = max(current_week_start(at, user.zone) + WEEK, cohort.starts_on)
    return week if week <= cohort.starts_on + cohort.weeks * WEEK else None


def _preview(runners: list[Enrollment], *, week_starts_on: date, at: datetime) -> Iterator[ComingWeek]:
    changes = {row.enrollment_id: row for row in planned_cadences(week_starts_on=week_starts_on)}
    cohorts = {runner.seat.cohort_id for runner in runners}
    parameters = parameters_in_force(cohorts, week_starts_on=week_starts_on)
    least_pain = min((numbers.amber_from for numbers in parameters.values()), default=0)
    snapshots = gather_snapshots(runners, week_starts_on=week_starts_on, at=at, least_pain=least_pain)
    for runner in runners:
        snapshot = snapshots[runner.pk]
        try:
            numbers = parameters[runner.seat.cohort_id]
            decision = decide(snapshot, numbers)
        except ProtocolError as error:
            yield ComingWeek(runner, week_starts_on, None, None, trouble=str(error))
        else:
            yield ComingWeek(runner, week_starts_on, snapshot, decision, changes.get(runner.pk), numbers)
