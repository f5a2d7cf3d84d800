"""Invented recordings with a known truth, spoiled as real devices do: what is read is true, or a doubt is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from challenge.workouts.activity_files import FileResult, FileRun, read
from challenge.workouts.activity_files.consistency import day_doubt
from challenge.workouts.activity_files.doubts import Answer, DoubtKind
from challenge.workouts.activity_files.recording import A_RIDE, TOO_SHORT_READABLE
from challenge.workouts.activity_files.xml_text import UNREAD_TIMES
from tests.factories.activity_files import NORTH_DEG_PER_M, RECORD, START, fit, session, timer

TOLERANCE = 0.02
NAMED = {UNREAD_TIMES, A_RIDE, TOO_SHORT_READABLE}  # refusals that say what is wrong
# Without shrinking: a recording of a thousand samples has too many ways to become smaller.
QUICK = settings(deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Sample:
    """A sample with its true place, and what the device writes about it."""

    at: datetime
    place_m: float
    meters: float | None
    speed_mps: float | None
    steps: float | None
    placed: bool = True
    after_pause: bool = False


@dataclass(frozen=True)
class Recorded:
    """A recording with its truth: meters, seconds, and the steps a minute of its running."""

    form: str
    feet: int
    samples: list[Sample]
    total_m: float | None
    total_s: float | None
    true_m: float
    true_s: float
    true_spm: float | None
    sport: str | None = "running"
    title: str = "Loop"
    start: datetime | None = None  # as the file writes it, that of the first sample unless it is wrong
    rewrite: list[tuple[str, str]] = field(default_factory=list)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Let hypothesis show a failing case without its samples."""
        printer.text(str([(name, value) for name, value in vars(self).items() if name != "samples"]))

    def read(self) -> FileResult:
        if self.form == "fit":
            return read(self.as_fit(), "a.fit")
        text = self.as_gpx() if self.form == "gpx" else self.as_tcx()
        for pattern, new in self.rewrite:
            text = re.sub(pattern, new, text)
        return read(text.encode(), f"a.{self.form}")

    def as_fit(self) -> bytes:
        messages = []
        for sample in self.samples:
            if sample.after_pause:
                messages += [timer("stop_all", sample.at - timedelta(seconds=1)), timer("start", sample.at)]
            message = {
                "mesg_num": RECORD,
                "timestamp": sample.at,
                "distance": sample.meters,
                "enhanced_speed": sample.speed_mps,
                "cadence": None if sample.steps is None else round(sample.steps * self.feet / 2),
            }
            if sample.placed:
                message["position_lat"] = round(latitude(sample) * 2**31 / 180)
                message["position_long"] = -1_000_000_000
            messages.append({name: value for name, value in message.items() if value is not None})
        totals = {
            "total_distance": self.total_m,
            "total_timer_time": self.total_s,
            "total_elapsed_time": None,
        }
        return fit([*messages, session([], self.start or self.samples[0].at, sport=self.sport, **totals)])

    def as_gpx(self) -> str:
        rows = []
        for sample in self.samples:
            rows.append("</trkseg><trkseg>" if sample.after_pause else "")
            steps = "" if sample.steps is None else f"<gpxtpx:cad>{sample.steps * self.feet / 2}</gpxtpx:cad>"
            extensions = (
                f"<extensions><gpxtpx:TrackPointExtension>{steps}</gpxtpx:TrackPointExtension></extensions>"
            )
            time = f"<time>{iso(sample.at)}</time>"
            rows.append(f'<trkpt lat="{latitude(sample):.7f}" lon="-93.1">{time}{extensions}</trkpt>')
        sport = f"<type>{self.sport}</type>" if self.sport else ""
        return (
            '<gpx creator="x" xmlns:gpxtpx="urn:x"><trk>'
            f"<name>{self.title}</name>{sport}<trkseg>{''.join(rows)}</trkseg></trk></gpx>"
        )

    def as_tcx(self) -> str:
        rows = []
        for sample in self.samples:
            lat = f"<LatitudeDegrees>{latitude(sample):.7f}</LatitudeDegrees>"
            place = f"<Position>{lat}<LongitudeDegrees>-93.1</LongitudeDegrees></Position>"
            rows += [
                "</Track><Track>" if sample.after_pause else "",
                f"<Trackpoint><Time>{iso(sample.at)}</Time>",
                place if sample.placed else "",
                "" if sample.meters is None else f"<DistanceMeters>{sample.meters:.3f}</DistanceMeters>",
                "<Extensions><TPX>",
                "" if sample.speed_mps is None else f"<Speed>{sample.speed_mps:.3f}</Speed>",
                "" if sample.steps is None else f"<RunCadence>{sample.steps * self.feet / 2}</RunCadence>",
                "</TPX></Extensions></Trackpoint>",
            ]
        seconds = "" if self.total_s is None else f"<TotalTimeSeconds>{self.total_s}</TotalTimeSeconds>"
        meters = "" if self.total_m is None else f"<DistanceMeters>{self.total_m}</DistanceMeters>"
        sport = {"running": "Running", None: ""}.get(self.sport, self.sport)
        start = iso(self.start or START)
        return (
            f'<TrainingCenterDatabase><Activities><Activity Sport="{sport}"><Id>{start}</Id>'
            f'<Notes>{self.title}</Notes><Lap StartTime="{start}">{seconds}{meters}'
            f"<Track>{''.join(rows)}</Track></Lap></Activity></Activities></TrainingCenterDatabase>"
        )


def latitude(sample: Sample) -> float:
    return 44.9 + sample.place_m * NORTH_DEG_PER_M


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


@st.composite
def recordings(draw: st.DrawFn, *, walking: bool = False) -> Recorded:
    """A sound recording: running with walking breaks and pauses, or, with `walking`, a walk; on any device."""
    every_s = draw(st.integers(2, 5))
    legs = draw(st.lists(st.tuples(run_legs(), walks(), pauses()), min_size=1, max_size=2))
    # One rhythm in all legs: between two of the same length, the median would be a matter of one sample.
    spm = draw(st.integers(150, 190))
    samples: list[Sample] = []
    at, place = START, 0.0
    for run, walk, pause_s in legs:
        at += timedelta(seconds=pause_s if samples else 0)
        after_pause = bool(samples) and pause_s > 0
        for seconds, mps, steps in [walk] if walking else [(*run, spm), walk]:
            for _ in range(0, seconds, every_s):
                samples.append(Sample(at, place, place, mps, steps, after_pause=after_pause))
                after_pause = False
                at, place = at + timedelta(seconds=every_s), place + mps * every_s
    legs_of = [(a, b) for a, b in pairwise(samples) if not b.after_pause]
    true_s = sum((b.at - a.at).total_seconds() for a, b in legs_of)
    true_m = sum(b.place_m - a.place_m for a, b in legs_of)
    form = draw(st.sampled_from(["fit", "tcx", "gpx"]))
    with_totals = form != "gpx" and draw(st.booleans())
    sound = Recorded(
        form=form,
        feet=draw(st.sampled_from([1, 2])),
        samples=samples,
        total_m=round(true_m, 1) if with_totals else None,
        total_s=round(true_s, 1) if with_totals else None,
        true_m=true_m,
        true_s=true_s,
        true_spm=None if walking else spm,
    )
    return draw(devices(sound))


def run_legs() -> st.SearchStrategy[tuple[int, float]]:
    """Seconds and speed; with 150 to 190 steps a minute, a step is 0.66 to 1.5 m."""
    return st.tuples(st.integers(400, 900), st.floats(2.1, 3.75))


def walks() -> st.SearchStrategy[tuple[int, float, int]]:
    return st.tuples(st.integers(200, 300), st.floats(1.2, 1.7), st.integers(100, 120))


def pauses() -> st.SearchStrategy[int]:
    return st.sampled_from([0, 45, 300, 900])


@st.composite
def devices(draw: st.DrawFn, sound: Recorded) -> Recorded:
    """What a device leaves out: cadence, speed, the count, positions; never all that tells a distance."""
    if not draw(st.booleans()):
        sound = change(sound, lambda one: replace(one, steps=None), true_spm=None)
    if draw(st.booleans()):
        sound = change(sound, lambda one: replace(one, speed_mps=None))
    if sound.form != "gpx":
        left_out = draw(st.sampled_from(["nothing", "positions", "count"]))
        if left_out == "positions":
            sound = change(sound, lambda one: replace(one, placed=False))
        elif left_out == "count":
            sound = change(sound, lambda one: replace(one, meters=None))
    return sound


def change(recorded: Recorded, how: Callable[[Sample], Sample], **truth: object) -> Recorded:
    return replace(recorded, samples=[how(sample) for sample in recorded.samples], **truth)  # type: ignore[arg-type]


def error_of(run: FileRun, recorded: Recorded) -> str | None:
    """What is read wrong by more than two in a hundred; what is left open is asked on the card anyway."""
    pairs = (
        ("distance", run.distance_m, recorded.true_m),
        ("time", run.duration_s, recorded.true_s),
        ("cadence", run.cadence_spm, recorded.true_spm),
    )
    for name, value, truth in pairs:
        if value is not None and (truth is None or abs(value - truth) > TOLERANCE * truth + 1):
            return f"{name} {value} instead of {truth}"
    if abs((run.started_at - START).total_seconds()) > 60:
        return f"start {run.started_at} instead of {START}"
    if recorded.true_spm is not None and run.cadence_spm is None:
        return "no cadence"
    return None


def asks(run: FileRun) -> bool:
    return any(doubt.answer is not Answer.TELL for doubt in run.doubts)


def check_spoiled(recorded: Recorded) -> None:
    """No silent error: every run of the file is right, or a doubt is said about it."""
    result = recorded.read()
    assert result.runs or result.refusal in NAMED, result.refusal
    for run in result.runs:
        assert asks(run) or error_of(run, recorded) is None, (error_of(run, recorded), run)


# Ways to spoil a recording: each takes it and how much, from 0 to 1.


def walk_called_a_run(recorded: Recorded, much: float) -> Recorded:
    return recorded  # drawn as a walk: see `spoiled`


def totals_stop_short(recorded: Recorded, much: float) -> Recorded:
    share = 0.3 + 0.55 * much
    return replace(recorded, total_m=recorded.true_m * share, total_s=recorded.true_s * share)


def distance_total_alone(recorded: Recorded, much: float) -> Recorded:
    return replace(recorded, total_m=recorded.true_m * far_from_one(much), total_s=None)


def time_total_alone(recorded: Recorded, much: float) -> Recorded:
    return replace(recorded, total_s=recorded.true_s * far_from_one(much), total_m=None)


def far_from_one(much: float) -> float:
    """A factor from 0.3 to 3 that is not within a tenth, or nearly, of one."""
    return 0.3 + much if much < 0.5 else 0.2 + 2 * much if much > 0.51 else 3.0


def count_stands_still(recorded: Recorded, much: float) -> Recorded:
    stops_m = recorded.true_m * 0.8 * much
    spoiled = change(recorded, lambda one: replace(one, meters=min(one.place_m, stops_m) + 1.0, placed=True))
    return replace(spoiled, total_m=None)


def count_in_another_unit(recorded: Recorded, much: float) -> Recorded:
    unit_m = (1000.0, 1609.344, 0.3048)[int(2.99 * much)]
    spoiled = change(recorded, lambda one: replace(one, meters=one.place_m / unit_m, placed=True))
    return replace(spoiled, total_m=None)


def count_is_off(recorded: Recorded, much: float) -> Recorded:
    factor = 1.15 + 0.5 * much
    return change(recorded, lambda one: replace(one, meters=one.place_m * factor, placed=True), total_m=None)


def gps_came_late(recorded: Recorded, much: float) -> Recorded:
    begins = recorded.samples[int(len(recorded.samples) * (0.03 + 0.4 * much))].at
    spoiled = change(recorded, lambda one: replace(one, placed=one.at >= begins, meters=None, speed_mps=None))
    return replace(spoiled, total_m=None, form="tcx" if recorded.form == "gpx" else recorded.form)


def positions_stick_and_jump(recorded: Recorded, much: float) -> Recorded:
    """A phone in a tunnel: the last position again and again, then the one at the end of it."""
    begins = int(len(recorded.samples) * 0.3)
    stuck = recorded.samples[begins : begins + int(len(recorded.samples) * (0.1 + 0.5 * much))]
    places = {one.at: stuck[0].place_m for one in stuck}
    spoiled = change(
        recorded,
        lambda one: replace(
            one,
            place_m=places.get(one.at, one.place_m),
            meters=None,
            speed_mps=None,
            placed=True,
            after_pause=False,
        ),
    )
    return replace(spoiled, total_m=None)


def clock_is_set_back(recorded: Recorded, much: float) -> Recorded:
    """The phone finds another clock in the middle of the run."""
    middle = recorded.samples[len(recorded.samples) // 2].at
    back = timedelta(seconds=60 + 5000 * much)
    spoiled = change(recorded, lambda one: replace(one, at=one.at - back if one.at >= middle else one.at))
    return replace(placed(spoiled), total_s=None)


def clock_is_set_right(recorded: Recorded, much: float) -> Recorded:
    """A receiver without a date begins in 1980, and finds the day in the middle of the run."""
    middle = recorded.samples[int(len(recorded.samples) * (0.1 + 0.8 * much))].at
    lost = timedelta(days=16_000)
    return change(
        placed(recorded),
        lambda one: replace(one, at=one.at - lost if one.at < middle else one.at),
        total_s=None,
    )


def start_of_another_clock(recorded: Recorded, much: float) -> Recorded:
    hours = round(1 + 14 * much)
    apart = timedelta(hours=hours if hours % 2 else -hours)
    form = "tcx" if recorded.form == "gpx" else recorded.form
    return replace(recorded, form=form, start=START + apart)


def cadence_doubles_at_times(recorded: Recorded, much: float) -> Recorded:
    often = 2 + int(6 * much)
    numbers = iter(range(10**6))

    def double(one: Sample) -> Sample:
        full = next(numbers) % often == 0
        return replace(
            one, steps=one.steps and one.steps * (2 if full else 1), placed=True, meters=one.place_m
        )

    return replace(change(recorded, double), feet=1)


def cadence_too_high(recorded: Recorded, much: float) -> Recorded:
    steps = 214 + round(30 * much)
    return change(recorded, lambda one: replace(one, steps=one.steps and steps), true_spm=None)


def ride_without_a_sport(recorded: Recorded, much: float) -> Recorded:
    return replace(recorded, sport=None, true_m=1.0)


def ride_by_its_title(recorded: Recorded, much: float) -> Recorded:
    title = ("Cycling", "Morning ride", "Bike to work", "Evening walk")[int(3.99 * much)]
    form = "gpx" if recorded.form == "fit" else recorded.form
    return replace(placed(recorded), title=title, form=form, true_m=1.0)


def other_of_tcx(recorded: Recorded, much: float) -> Recorded:
    return replace(recorded, form="tcx", sport="Other", true_m=1.0)


def ride_by_its_pace(recorded: Recorded, much: float) -> Recorded:
    factor = (6.5 + 3 * much) * recorded.true_s / recorded.true_m
    return change(
        recorded,
        lambda one: replace(
            one,
            place_m=one.place_m * factor,
            meters=one.meters and one.meters * factor,
            speed_mps=one.speed_mps and one.speed_mps * factor,
            steps=None,
        ),
        total_m=None,
        true_m=1.0,
    )


def cut_off(recorded: Recorded, much: float) -> Recorded:
    """The end of the text is lost, with its totals."""
    form = "gpx" if recorded.form == "fit" else recorded.form
    keep = 1 + int(len(recorded.samples) * (0.4 + 0.5 * much))
    spoiled = replace(
        placed(recorded), form=form, samples=recorded.samples[:keep], total_m=None, total_s=None
    )
    return replace(spoiled, rewrite=[(r"</(trkseg|Track)>(</trk></gpx>|</Lap>.*)$", "")])


def times_half_unreadable(recorded: Recorded, much: float) -> Recorded:
    form = "gpx" if recorded.form == "fit" else recorded.form
    minute = f"[{int(5 * much)}5-9]"
    return replace(
        placed(recorded), form=form, rewrite=[(rf"(<[tT]ime>)\d+-\d+-(\d+T\d\d:{minute})", r"\1 day \2")]
    )


def odd_times(recorded: Recorded, much: float) -> Recorded:
    new = (r"\1T\2z", r"\1 \2 UTC", r"\1T\2+0:00", r"\1 \2 +0000")[int(3.99 * much)]
    return replace(recorded, rewrite=[(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)Z", new)])


def harmless_errors(recorded: Recorded, much: float) -> Recorded:
    pairs = [
        ("<gpxtpx:", "<other:"),
        ("</gpxtpx:", "</other:"),
        (">Loop<", ">Tom & Ann's loop<"),
        ("$", "\0"),
    ]
    return replace(recorded, rewrite=pairs[: 1 + int(3.99 * much)])


def tracks_of_one_outing(recorded: Recorded, much: float) -> Recorded:
    """A track for each stretch between pauses, and one more cut without a pause."""
    return replace(
        placed(recorded),
        form="gpx",
        rewrite=[("</trkseg><trkseg>", "</trkseg></trk><trk><type>running</type><trkseg>")],
    )


def placed(recorded: Recorded) -> Recorded:
    return change(recorded, lambda one: replace(one, placed=True))


Spoil = Callable[[Recorded, float], Recorded]
STILL_SOUND: list[Spoil] = [odd_times, harmless_errors]
SPOILED: list[Spoil] = [
    walk_called_a_run,
    totals_stop_short,
    distance_total_alone,
    time_total_alone,
    count_stands_still,
    count_in_another_unit,
    count_is_off,
    gps_came_late,
    positions_stick_and_jump,
    clock_is_set_back,
    clock_is_set_right,
    start_of_another_clock,
    cadence_doubles_at_times,
    cadence_too_high,
    ride_without_a_sport,
    ride_by_its_title,
    other_of_tcx,
    ride_by_its_pace,
    cut_off,
    times_half_unreadable,
    *STILL_SOUND,
]


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[str, Recorded]:
    spoil = draw(st.sampled_from(SPOILED))
    recorded = draw(recordings(walking=spoil is walk_called_a_run))
    return spoil.__name__, spoil(recorded, draw(st.floats(0, 1)))


def sound_run(recorded: Recorded) -> None:
    result = recorded.read()
    (run,) = result.runs
    assert error_of(run, recorded) is None, (error_of(run, recorded), run)
    assert run.doubts == ()


@settings(QUICK, max_examples=60)
@given(recordings())
def test_a_sound_recording_is_read_right_and_raises_no_doubt(recorded: Recorded) -> None:
    sound_run(recorded)


@settings(QUICK, max_examples=30)
@given(recordings(), st.sampled_from(STILL_SOUND), st.floats(0, 1))
def test_odd_times_and_harmless_errors_raise_no_doubt(recorded: Recorded, spoil: Spoil, much: float) -> None:
    sound_run(spoil(recorded, much))


@settings(QUICK, max_examples=200)
@given(spoiled())
def test_no_error_is_silent(case: tuple[str, Recorded]) -> None:
    check_spoiled(case[1])


@pytest.mark.deep
@settings(QUICK, max_examples=2000)
@given(spoiled())
def test_no_error_of_two_thousand_is_silent(case: tuple[str, Recorded]) -> None:
    check_spoiled(case[1])


@settings(QUICK, max_examples=30)
@given(recordings())
def test_tracks_of_one_outing_are_one_run_of_the_same_numbers(recorded: Recorded) -> None:
    several = tracks_of_one_outing(recorded, 0)
    gaps = [(b.at - a.at).total_seconds() for a, b in pairwise(several.samples)]
    runs = several.read().runs
    assert len(runs) == 1 + sum(gap >= 600 for gap in gaps)
    if len(runs) == 1:
        assert error_of(runs[0], recorded) is None
        assert {doubt.kind for doubt in runs[0].doubts} <= {DoubtKind.JOINED}


@settings(QUICK, max_examples=50)
@given(st.integers(0, 60))
def test_a_lost_week_count_is_always_asked_about(days_ago: int) -> None:
    today = datetime(2026, 11, 25, tzinfo=UTC).date()
    written = today - timedelta(days=days_ago) - timedelta(weeks=1024)
    doubt = day_doubt(written, starts_on=today - timedelta(days=40), today=today)
    assert doubt is not None
    assert doubt.kind is DoubtKind.WEEK_COUNT


def test_the_check_sees_a_silent_error() -> None:
    """A negative control: the same check fails for a reading that is wrong without a doubt."""
    samples = [Sample(START + timedelta(seconds=3 * n), 9.0 * n, 9.0 * n, 3.0, 168) for n in range(400)]
    wrong = Recorded("tcx", 1, samples, None, None, true_m=3000.0, true_s=1197.0, true_spm=168)
    with pytest.raises(AssertionError, match="distance 3591 instead of 3000"):
        check_spoiled(wrong)
