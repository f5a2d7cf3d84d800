"""The kinds of doubt about a file's run: the words for the runner, and what the preview does about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

METERS_PER_MILE = 1609.344


class Answer(StrEnum):
    """What the preview does about a doubt: only tell, ask with nothing chosen, or choose to leave the run out."""

    TELL = "tell"
    ASK = "ask"
    LEAVE_OUT = "leave_out"


class DoubtKind(StrEnum):
    """What disagrees in a file. The values are stored with the imported run."""

    TOTAL_DISTANCE = "total_distance"
    TOTAL_TIME = "total_time"
    DISTANCE_TOTAL_KEPT = "distance_total_kept"
    TIME_TOTAL_KEPT = "time_total_kept"
    COUNTER = "counter"
    COUNTER_UNIT = "counter_unit"
    POSITIONS = "positions"
    POSITIONS_PART = "positions_part"
    CADENCE_HIGH = "cadence_high"
    CADENCE_STEP = "cadence_step"
    CADENCE_MIXED = "cadence_mixed"
    CADENCE_COARSE = "cadence_coarse"
    SPORT_UNKNOWN = "sport_unknown"
    SPORT_OTHER = "sport_other"
    TITLE = "title"
    TITLE_AGAINST = "title_against"
    WALK = "walk"
    SLOW = "slow"
    FAST = "fast"
    RIDE_PACE = "ride_pace"
    FAST_PARTS = "fast_parts"
    INCOMPLETE = "incomplete"
    SOME_TIMES = "some_times"
    JOINED = "joined"
    CLOCK = "clock"
    START = "start"
    FUTURE = "future"
    LONG_BEFORE = "long_before"
    WEEK_COUNT = "week_count"


def miles(meters: float) -> str:
    """Return a distance as `1.85 mi (2.97 km)`: the reader does not know the runner's unit."""
    return f"{meters / METERS_PER_MILE:.2f} mi ({meters / 1000:.2f} km)"


def clock(seconds: float) -> str:
    """Return a time as `15:00` or `1:02:03`."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def steps(spm: float) -> str:
    """Return a cadence as `168`."""
    return f"{spm:.0f}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a kind of doubt is answered, its sentence, and how the numbers in it are written."""

    answer: Answer
    sentence: str
    number: Callable[[float], str] = steps


ASK, LEAVE_OUT = Answer.ASK, Answer.LEAVE_OUT
VERDICTS = {
    DoubtKind.TOTAL_DISTANCE: Verdict(
        ASK,
        "The file’s total says {other}, but the recording itself covers {believed}. We used the recording.",
        miles,
    ),
    DoubtKind.TOTAL_TIME: Verdict(
        ASK,
        "The file’s total says {other}, but the recording itself lasts {believed}. We used the recording.",
        clock,
    ),
    DoubtKind.DISTANCE_TOTAL_KEPT: Verdict(
        ASK,
        "The file’s total says {believed}, and the recording only covers {other}. We used the total.",
        miles,
    ),
    DoubtKind.TIME_TOTAL_KEPT: Verdict(
        ASK,
        "The file’s total says {believed}, and the recording only lasts {other}. We used the total.",
        clock,
    ),
    DoubtKind.COUNTER: Verdict(
        ASK, "The distance in this file stops while you keep moving. We used {believed} instead.", miles
    ),
    DoubtKind.COUNTER_UNIT: Verdict(
        ASK, "The distance in this file seems to be in the wrong unit. We read it as {believed}.", miles
    ),
    DoubtKind.POSITIONS: Verdict(
        ASK,
        "The file says {believed}, but its GPS points add up to {other}. We used what the file says.",
        miles,
    ),
    DoubtKind.POSITIONS_PART: Verdict(
        ASK, "GPS covers only a part of this run: {believed}. The whole run was probably longer.", miles
    ),
    DoubtKind.CADENCE_HIGH: Verdict(
        ASK, "A cadence of {believed} is higher than almost anyone runs. Please check it, or clear it."
    ),
    DoubtKind.CADENCE_STEP: Verdict(
        ASK,
        "Cadence and pace don’t fit: {believed} steps a minute would be steps of {inches} inches. "
        "Please check the cadence, the distance and the time.",
    ),
    DoubtKind.CADENCE_MIXED: Verdict(
        ASK, "This file counts one foot at times and both feet at others. We used {believed}."
    ),
    DoubtKind.CADENCE_COARSE: Verdict(
        ASK,
        "In this file your steps were counted in long stretches, so the cadence of {believed} may include walking "
        "breaks. Please check it, or clear it.",
    ),
    DoubtKind.SPORT_UNKNOWN: Verdict(
        ASK, "The file doesn’t say which sport this was. Please check that it was a run."
    ),
    DoubtKind.SPORT_OTHER: Verdict(
        LEAVE_OUT, "This is recorded as “Other”, not as a run. Save it only if you ran."
    ),
    DoubtKind.TITLE: Verdict(
        LEAVE_OUT, "The name in this file sounds like {sport}, not a run. Save it only if you ran."
    ),
    DoubtKind.TITLE_AGAINST: Verdict(
        ASK, "This is recorded as a run, but its name sounds like {sport}. Please check that it was a run."
    ),
    DoubtKind.WALK: Verdict(
        LEAVE_OUT,
        "This looks like a walk: slow, and never in a running rhythm. Save it only if you ran.",
    ),
    DoubtKind.SLOW: Verdict(ASK, "This is a walking pace. Please check that it was a run."),
    DoubtKind.FAST: Verdict(
        LEAVE_OUT,
        "This is faster than almost anyone runs that far. If you ran it, check the distance and the time.",
    ),
    DoubtKind.RIDE_PACE: Verdict(
        ASK, "This is fast, and without a cadence it could be a bike ride. Please check that it was a run."
    ),
    DoubtKind.FAST_PARTS: Verdict(
        ASK, "Parts of this are as fast as a bike ride. Please check that it was a run, and its distance."
    ),
    DoubtKind.INCOMPLETE: Verdict(
        ASK,
        "The file breaks off or is damaged, so parts of this run may be missing. Please check the numbers.",
    ),
    DoubtKind.SOME_TIMES: Verdict(
        ASK, "Some points in this file have times we can’t read, so parts of this run may be missing."
    ),
    DoubtKind.JOINED: Verdict(
        Answer.TELL, "This file has {count} tracks less than ten minutes apart. We read them as one run."
    ),
    DoubtKind.CLOCK: Verdict(
        ASK, "The clock in this file jumps. Please check the day, the time and the distance of this run."
    ),
    DoubtKind.START: Verdict(
        ASK,
        "The start time in this file is {other} off from its recording. We used the recording. Please check the day.",
        clock,
    ),
    DoubtKind.FUTURE: Verdict(
        ASK, "The file says {day}, and that day hasn’t come yet. Please correct the day."
    ),
    DoubtKind.LONG_BEFORE: Verdict(
        ASK, "The file says {day}, long before your challenge. Is the year right? If not, correct the day."
    ),
    DoubtKind.WEEK_COUNT: Verdict(
        ASK,
        "The file says {day}. Some GPS watches set the date back 1,024 weeks; if yours did, it was {later}. "
        "Which is right?",
    ),
}
OF_DAY = {DoubtKind.FUTURE, DoubtKind.LONG_BEFORE, DoubtKind.WEEK_COUNT}
OF_CADENCE = {
    DoubtKind.CADENCE_HIGH,
    DoubtKind.CADENCE_STEP,
    DoubtKind.CADENCE_MIXED,
    DoubtKind.CADENCE_COARSE,
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """One contradiction, with the number that was believed and the other one.

    Both are in meters, seconds or steps a minute; None where the contradiction is not about two numbers.
    """

    kind: DoubtKind
    sentence: str
    other: float | None = None
    believed: float | None = None

    @property
    def answer(self) -> Answer:
        """Return what the preview does about it."""
        return VERDICTS[self.kind].answer

    def to_json(self) -> dict[str, Any]:
        """Return values for JSON."""
        return asdict(self) | {"kind": self.kind.value}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Doubt:
        """Return the doubt that `to_json` wrote. Raise KeyError, TypeError or ValueError on anything else."""
        return cls(**values | {"kind": DoubtKind(values["kind"])})


def doubt(
    kind: DoubtKind, *, other: float | None = None, believed: float | None = None, **facts: object
) -> Doubt:
    """Return a doubt of this kind; its sentence is filled in with the two numbers and the facts."""
    verdict = VERDICTS[kind]
    numbers = {
        name: verdict.number(value)
        for name, value in (("other", other), ("believed", believed))
        if value is not None
    }
    sentence = verdict.sentence.format(**numbers, **facts)
    return Doubt(kind, sentence, *(None if value is None else round(value, 1) for value in (other, believed)))
