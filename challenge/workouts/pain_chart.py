"""The pain of /progress/: one lane for each kind of report, so that no series covers another."""

from dataclasses import dataclass

from challenge.protocol.pain import pain_color
from challenge.workouts.charts import (
    LEFT,
    RIGHT,
    TOP,
    AxisLabel,
    ChartFrame,
    ChartPoint,
    WeekBar,
    day_text,
    week_labels,
)
from challenge.workouts.progress import Progress, ProgressPain

LANES = {"session": "Runs and strength", "morning": "Mornings after", "daily": "Daily life, once a week"}
BAND_WORDS = {"green": "fine", "amber": "acceptable", "red": "too much"}
# The scale is for tendons and muscles: pain at a joint is always a question to a clinician (`pain.scale`).
JOINT_WORDS = BAND_WORDS | {"green": "low", "amber": "medium"}
LANE_HEIGHT, TITLE_HEIGHT = 66, 20


@dataclass(frozen=True, slots=True)
class PainLane:
    """The reports of one kind on the bands of `pain.scale`."""

    title: AxisLabel
    bands: list[WeekBar]
    marks: list[ChartPoint]
    up: list[AxisLabel]


@dataclass(frozen=True, slots=True)
class PainChart:
    """The lanes that have a report, one above the other; all on one scale."""

    lanes: list[PainLane]
    across: list[AxisLabel]
    bottom: float
    up: tuple[AxisLabel, ...] = ()

    @property
    def height(self) -> float:
        return self.bottom + 26


def pain_chart(progress: Progress, *, sore_joint: bool = False) -> PainChart | None:
    """Return every pain report in the lane of its kind; None without a report.

    With a `sore_joint` no band is called fine.
    """
    kinds = [kind for kind in LANES if any(one.kind == kind for one in progress.pain)]
    if not kinds:
        return None
    # The scale ends where the reports end, but always shows where amber begins.
    most = max(progress.parameters.amber_from, *(one.pain for one in progress.pain))
    lanes, top = [], float(TOP)
    for kind in kinds:
        frame = ChartFrame(
            progress.first,
            progress.last,
            -0.5,
            most + 0.5,
            top + TITLE_HEIGHT,
            top + TITLE_HEIGHT + LANE_HEIGHT,
        )
        reports = [one for one in progress.pain if one.kind == kind]
        lanes.append(_lane(kind, reports, frame, progress, JOINT_WORDS if sore_joint else BAND_WORDS))
        top = frame.bottom + 6
    return PainChart(lanes, week_labels(progress, frame), frame.bottom)


def _lane(
    kind: str, reports: list[ProgressPain], frame: ChartFrame, progress: Progress, words: dict[str, str]
) -> PainLane:
    most, parameters = int(frame.high), progress.parameters
    bands = []
    for name, word in words.items():
        # The bands come from the method, so that a changed parameter moves them here too.
        inside = [value for value in range(most + 1) if pain_color(value, parameters).value == name]
        if inside:
            top, bottom = frame.y(inside[-1] + 0.5), frame.y(inside[0] - 0.5)
            height = round(bottom - top, 1)
            bands.append(WeekBar(LEFT, top, RIGHT - LEFT, height, kind=f"band-{name}", text=word))
    marks = []
    for one in reports:
        word = words[pain_color(one.pain, parameters).value]
        says = f"{day_text(one.local_on, progress.today)}: {one.pain} of 10, {word}"
        marks.append(ChartPoint(frame.x(one.local_on), frame.y(one.pain), kind, says=says))
    step = 2 if most <= 6 else 5
    up = [AxisLabel(LEFT - 5, frame.y(value), str(value)) for value in range(0, most + 1, step)]
    return PainLane(AxisLabel(LEFT, frame.top - 6, LANES[kind]), bands, marks, up)
