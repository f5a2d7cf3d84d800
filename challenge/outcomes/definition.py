"""A questionnaire as data: its items, score and schedule, and the occasions on which a cohort is asked.

Each occasion has its first and last day. Pure; `definition_file` reads it from a file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from challenge.protocol.local_week import WEEK

TENTH = Decimal("0.1")


class ScoreMethod(StrEnum):
    """How answers become one score: their sum, their mean, or their share of the range as 0 to 100."""

    SUM = "sum"
    MEAN = "mean"
    PERCENT = "percent"


class ScoreVerdict(StrEnum):
    """What a change of the score means, next to the smallest change that matters."""

    BETTER = "better"
    UNCLEAR = "unclear"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class ItemChoice:
    """One answer of a choice, with the points it gives."""

    value: int
    label: str


@dataclass(frozen=True, slots=True)
class QuestionItem:
    """One question: a scale from `lowest` to `highest`, or `choices`.

    `names` is the prompt of an item whose subject the runner names. `reversed` items count from the other end.
    """

    id: str
    asks: str
    lowest: int
    highest: int
    lowest_label: str = ""
    highest_label: str = ""
    choices: tuple[ItemChoice, ...] = ()
    names: str = ""
    reversed: bool = False

    @property
    def values(self) -> tuple[int, ...]:
        """Return every value that an answer may have."""
        if self.choices:
            return tuple(choice.value for choice in self.choices)
        return tuple(range(self.lowest, self.highest + 1))

    def share(self, value: int) -> Fraction:
        """Return how far the answer lies from the end that counts nothing, 0 to 1."""
        share = Fraction(value - self.lowest, self.highest - self.lowest)
        return 1 - share if self.reversed else share

    def points(self, share: Fraction) -> Fraction:
        """Return the points at this share of the item's range."""
        return self.lowest + share * (self.highest - self.lowest)


@dataclass(frozen=True, slots=True)
class Scoring:
    """How the score is made. At most `missing_allowed` items may be open; they count as the mean of the others.

    `smallest_change` is in points of the score, None where no number is known or the score is a change itself.
    """

    method: ScoreMethod
    lowest: Decimal
    highest: Decimal
    higher_is_better: bool
    missing_allowed: int
    smallest_change: Decimal | None


@dataclass(frozen=True, slots=True)
class Schedule:
    """When it is asked: weeks after the start (0 is the start itself), every week, at the end. Empty: never."""

    weeks: tuple[int, ...] = ()
    every_week: bool = False
    at_the_end: bool = False

    @property
    def text(self) -> str:
        """Return the schedule in words."""
        if self.every_week:
            return "every week"
        numbered = ", ".join(str(week) for week in self.weeks if week)
        parts = ["at the start" if 0 in self.weeks else "", f"after weeks {numbered}" if numbered else ""]
        parts.append("at the end" if self.at_the_end else "")
        return " and ".join(part for part in parts if part) or "only from paper"


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One version of a questionnaire."""

    code: str
    version: int
    language: str
    title: str
    intro: str
    items: tuple[QuestionItem, ...]
    scoring: Scoring
    schedule: Schedule
    source: str
    license: str

    def item(self, item_id: str) -> QuestionItem | None:
        """Return the item of this name, or None."""
        return next((item for item in self.items if item.id == item_id), None)

    def score(self, answers: Mapping[str, int | None]) -> Decimal | None:
        """Return the score to a tenth, or None if more items are open than the questionnaire allows."""
        shares = [item.share(value) for item in self.items if (value := answers.get(item.id)) is not None]
        if not shares or len(self.items) - len(shares) > self.scoring.missing_allowed:
            return None
        # Items may have different ranges, so an open one counts as the mean share, not as the mean of the points.
        mean = sum(shares, Fraction(0)) / len(shares)
        filled = [
            item.share(value) if (value := answers.get(item.id)) is not None else mean for item in self.items
        ]
        return _tenths(self._total([item.points(s) for item, s in zip(self.items, filled, strict=True)]))

    def reach(self) -> tuple[Decimal, Decimal]:
        """Return the lowest and highest score that answers can reach."""
        if self.scoring.method is ScoreMethod.PERCENT:
            return Decimal(0), Decimal(100)
        ends = [
            self._total([Fraction(getattr(item, end)) for item in self.items])
            for end in ("lowest", "highest")
        ]
        return _tenths(ends[0]), _tenths(ends[1])

    def _total(self, points: list[Fraction]) -> Fraction:
        total = sum(points, Fraction(0))
        if self.scoring.method is ScoreMethod.SUM:
            return total
        if self.scoring.method is ScoreMethod.MEAN:
            return total / len(points)
        low, high = sum(item.lowest for item in self.items), sum(item.highest for item in self.items)
        return 100 * (total - low) / (high - low)

    def compares_with(self, other: "Questionnaire") -> bool:
        """Return whether scores of both lie on one scale: another version may ask other things, or count otherwise."""
        return self._scale == other._scale

    @property
    def _scale(self) -> tuple[object, ...]:
        scoring = self.scoring
        items = [(item.id, item.values, item.reversed) for item in self.items]
        return (scoring.method, scoring.lowest, scoring.highest, scoring.higher_is_better, items)

    def verdict(self, first: Decimal, now: Decimal) -> ScoreVerdict | None:
        """Return whether the score changed by more than noise, or None where no smallest change is known."""
        least = self.scoring.smallest_change
        if least is None:
            return None
        gained = now - first if self.scoring.higher_is_better else first - now
        if abs(gained) < least:
            return ScoreVerdict.UNCLEAR
        return ScoreVerdict.BETTER if gained > 0 else ScoreVerdict.WORSE


def _tenths(number: Fraction) -> Decimal:
    exact = Decimal(number.numerator) / Decimal(number.denominator)
    return exact.quantize(TENTH, rounding=ROUND_HALF_UP)


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
