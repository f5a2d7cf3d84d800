"""Remind runners of questionnaires that open once the weekly emails are over, as at weeks 12 and 26."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from challenge.enrollment.cohort_forms import MOST_WEEKS
from challenge.enrollment.models import Cohort
from challenge.enrollment.queries import active_enrollments, enrollment_of
from challenge.mail.rendering import OutgoingMessage
from challenge.notifications import messages as emails
from challenge.notifications.quiet_hours import daytime_day
from challenge.outcomes.definition import Questionnaire
from challenge.outcomes.occasions import LATER_OPEN, Occasion, occasions_of
from challenge.outcomes.queries import definitions, first_answers, in_force
from challenge.protocol.local_week import DAY, WEEK


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
