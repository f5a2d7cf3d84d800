"""When a questionnaire is asked: the occasions of a cohort's weeks, each with its first and last day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from challenge.outcomes.definition import Questionnaire
from challenge.protocol.local_week import WEEK

# A week is asked about when most of it is known, and remembered for some days after.
ASKED_FROM, ASKED_UNTIL = timedelta(days=4), timedelta(days=10)  # Friday to the Thursday after
# Answers of the third week are no baseline; later occasions wait a little longer.
START_OPEN, LATER_OPEN = timedelta(days=13), timedelta(days=20)


@dataclass(frozen=True, slots=True)
class Occasion:
    """One questionnaire in one week. `opens_on` is None where it may be answered from the first day of the seat."""

    questionnaire: Questionnaire
    week: int
    opens_on: date | None
    closes_on: date

    def is_open(self, day: date) -> bool:
        """Return whether it may be answered on this day, both ends included."""
        return (self.opens_on is None or self.opens_on <= day) and day <= self.closes_on

    @property
    def place(self) -> str:
        """Return code and week as the address has them."""
        return f"{self.questionnaire.code}/{self.week}"

    @property
    def label(self) -> str:
        """Return the name of the occasion."""
        return week_label(self.week)


def week_label(week: int | None) -> str:
    """Return the name of an answer's week."""
    if week is None:
        return "Another day"
    return "Start" if week == 0 else f"Week {week}"


def occasions_of(one: Questionnaire, *, starts_on: date, weeks: int) -> Iterator[Occasion]:
    """Yield the occasions of a questionnaire in a cohort that starts on this Monday and lasts so many weeks."""
    schedule = one.schedule
    if schedule.every_week:
        for number in range(1, weeks + 1):
            monday = starts_on + (number - 1) * WEEK
            yield Occasion(one, number, monday + ASKED_FROM, monday + ASKED_UNTIL)
        return
    for week in sorted({*schedule.weeks, *([weeks] if schedule.at_the_end else [])}):
        due_on = starts_on + week * WEEK
        if week == 0:
            yield Occasion(one, 0, None, starts_on + START_OPEN)
        else:
            yield Occasion(one, week, due_on, due_on + LATER_OPEN)
