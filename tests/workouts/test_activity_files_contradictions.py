"""Files that contradict themselves: what is believed, and what is said about it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from challenge.workouts.activity_files import FileRun, read
from challenge.workouts.activity_files.consistency import day_doubt, fastest_mps, week_count_day
from challenge.workouts.activity_files.doubts import VERDICTS, Answer, DoubtKind
from challenge.workouts.activity_files.gpx import NO_TIMES
from challenge.workouts.activity_files.xml_text import UNREAD_TIMES, moment
from tests.factories.activity_files import START, Stretch, fit_run, gpx, kinds, tcx

FOLDER = Path(__file__).resolve().parents[2] / ".." / "shared" / "fixtures" / "contradictions"
LONG = [Stretch(1200)]


def one_run(text: str | bytes, name: str = "a.xml") -> FileRun:
    result = read(text.encode() if isinstance(text, str) else text, name)
    assert result.refusal is None
    (run,) = result.runs
    return run


@pytest.mark.parametrize(
    ("name", "distance_m", "duration_s", "spm", "said"),
    [
        ("both-feet-walk.tcx", 1800, 1200.0, None, {DoubtKind.WALK, DoubtKind.TITLE_AGAINST}),
        ("laps-stop-short.tcx", 2970, 900.0, 168, {DoubtKind.TOTAL_DISTANCE, DoubtKind.TOTAL_TIME}),
        ("name-says-cycling.gpx", 21945, 3295.0, None, {DoubtKind.TITLE, DoubtKind.FAST}),
        ("points-distance-stuck.tcx", 2970, 900.0, 168, {DoubtKind.COUNTER}),
        ("points-distance-stuck-lap-says.tcx", 2970, 900.0, 168, set()),
        ("rollover-2007.gpx", 2685, 895.0, 168, set()),
        ("time-lower-z.gpx", 2685, 895.0, 168, set()),
        ("time-short-offset.gpx", 2685, 895.0, 168, set()),
        ("time-slashes.gpx", 2685, 895.0, 168, set()),
        ("undeclared-prefix.gpx", 2685, 895.0, 168, set()),
    ],
)
def test_the_lent_files_have_their_right_reading(
    name: str, distance_m: int, duration_s: float, spm: int | None, said: set[DoubtKind]
) -> None:
    path = FOLDER / name
    if not path.is_file():
        pytest.skip("the contradicting files are not beside this project")
    run = one_run(path.read_bytes(), name)
    assert (run.distance_m, run.duration_s, run.cadence_spm) == (distance_m, duration_s, spm)
    assert kinds(run) == said
    assert len(run.warnings) >= len(said)


def test_every_kind_has_a_verdict_with_one_sentence() -> None:
    assert set(VERDICTS) == set(DoubtKind)
    assert all(verdict.sentence.endswith((".", "?")) for verdict in VERDICTS.values())


def test_lap_totals_that_stop_short_give_way_and_both_numbers_are_kept() -> None:
    text = tcx(LONG).replace("<TotalTimeSeconds>1200", "<TotalTimeSeconds>800")
    run = one_run(text.replace("<DistanceMeters>3600.0", "<DistanceMeters>2400.0", 1))
    assert (run.distance_m, run.duration_s) == (3597, 1199.0)
    kept = {doubt.kind: (doubt.other, doubt.believed) for doubt in run.doubts}
    assert kept == {DoubtKind.TOTAL_DISTANCE: (2400.0, 3597.0), DoubtKind.TOTAL_TIME: (800.0, 1199.0)}
    assert "1.49 mi (2.40 km)" in run.warnings[0]
    assert "13:20" in run.warnings[1]


def test_session_totals_of_a_watch_are_judged_alike() -> None:
    run = one_run(fit_run(LONG, total_distance=2000.0, total_timer_time=700.0, total_elapsed_time=700.0))
    assert (run.distance_m, run.duration_s) == (3597, 1199.0)
    assert kinds(run) == {DoubtKind.TOTAL_DISTANCE, DoubtKind.TOTAL_TIME}


def test_standing_at_lights_explains_a_shorter_time() -> None:
    lights = [Stretch(600), Stretch(200, 0.0, 0), Stretch(600)]
    run = one_run(fit_run(lights, total_timer_time=1200.0))
    assert (run.distance_m, run.duration_s, run.doubts) == (3600, 1200.0, ())


def test_a_pause_explains_a_shorter_time() -> None:
    run = one_run(tcx([Stretch(600), Stretch(600, paused_before_s=400)]))
    assert (run.duration_s, run.elapsed_s, run.doubts) == (1200.0, 1599.0, ())


@pytest.mark.parametrize("unit_m", [1000.0, 1609.344, 0.3048])
@pytest.mark.parametrize("positions", [True, False])
def test_distances_in_another_unit_give_way(unit_m: float, positions: bool) -> None:
    text = tcx([Stretch(1200)], positions=positions)
    text = re.sub(
        r"<DistanceMeters>([\d.]+)</DistanceMeters>(?=<Ext)",
        lambda found: f"<DistanceMeters>{float(found[1]) / unit_m:.5f}</DistanceMeters>",
        text,
    )
    run = one_run(text.replace("<DistanceMeters>3600.0</DistanceMeters><Track>", "<Track>"))
    assert run.distance_m == pytest.approx(3597, rel=0.02)
    assert DoubtKind.COUNTER_UNIT in kinds(run)
    assert run.cadence_spm == 168


def test_kilometers_without_anything_beside_them_are_guessed_and_asked() -> None:
    text = re.sub(r"<ns3:Speed>[\d.]+</ns3:Speed>", "", tcx(LONG, positions=False))
    text = re.sub(r"<DistanceMeters>([\d.]+)<", lambda m: f"<DistanceMeters>{float(m[1]) / 1000}<", text)
    run = one_run(text)
    assert run.distance_m == pytest.approx(3600, rel=0.02)
    assert DoubtKind.COUNTER_UNIT in kinds(run)


def test_a_counter_that_stops_halfway_gives_way_to_positions() -> None:
    text = re.sub(
        r"<DistanceMeters>([\d.]+)</DistanceMeters>(?=<Ext)",
        lambda found: f"<DistanceMeters>{min(float(found[1]), 1500.0)}</DistanceMeters>",
        tcx(LONG),
    ).replace("<DistanceMeters>3600.0</DistanceMeters><Track>", "<Track>")
    run = one_run(text)
    assert run.distance_m == pytest.approx(3597, abs=3)
    assert DoubtKind.COUNTER in kinds(run)


def test_a_treadmill_with_wandering_positions_keeps_its_count() -> None:
    wander = iter(range(10_000))
    text = re.sub(
        r"<LatitudeDegrees>[\d.]+", lambda _: f"<LatitudeDegrees>44.9000{next(wander) % 7}", tcx(LONG)
    )
    run = one_run(text)
    assert (run.distance_m, run.doubts) == (3600, ())


def test_a_count_far_from_the_positions_is_asked_about() -> None:
    messages = tcx(LONG)
    text = re.sub(
        r"<DistanceMeters>([\d.]+)", lambda found: f"<DistanceMeters>{1.3 * float(found[1])}", messages
    )
    assert kinds(one_run(text)) == {DoubtKind.POSITIONS}


def test_gps_that_came_late_is_said_without_a_total_and_fits_with_one() -> None:
    without = re.sub(r"<DistanceMeters>[\d.]+</DistanceMeters>", "", tcx(LONG))
    without = re.sub(r"<ns3:Speed>[\d.]+</ns3:Speed>", "", without)
    late = re.sub(r"<Position>.*?</Position>", "", without, count=400)
    assert kinds(one_run(late)) == {DoubtKind.POSITIONS_PART}
    total = late.replace("<Track>", "<DistanceMeters>3600</DistanceMeters><Track>", 1)
    run = one_run(total)
    assert (run.distance_m, run.doubts) == (3600, ())


@pytest.mark.parametrize(("spm", "said"), [(208, set()), (212, {DoubtKind.CADENCE_HIGH})])
def test_a_median_above_210_is_doubted(spm: int, said: set[DoubtKind]) -> None:
    run = one_run(tcx([Stretch(1200, 4.5, spm)]))
    assert (run.cadence_spm, kinds(run)) == (spm, said)


@pytest.mark.parametrize(("speed_mps", "doubted"), [(1.2, True), (1.6, False), (4.5, False), (6.0, True)])
def test_steps_too_short_or_too_long_are_doubted(speed_mps: float, doubted: bool) -> None:
    run = one_run(tcx([Stretch(1200, speed_mps, 168)]))
    assert (DoubtKind.CADENCE_STEP in kinds(run)) is doubted
    assert run.cadence_is_doubtful is doubted


def test_a_file_that_doubles_at_times_is_read_as_one_foot_and_asked_about() -> None:
    run = one_run(tcx([Stretch(900, 3.0, 84), Stretch(300, 3.0, 150)]))
    assert (run.cadence_spm, kinds(run)) == (168, {DoubtKind.CADENCE_MIXED})


@pytest.mark.parametrize(
    ("title", "kind", "said"),
    [
        ("Cycling", None, DoubtKind.TITLE),
        ("Evening walk", None, DoubtKind.TITLE),
        ("Morning ride", "running", DoubtKind.TITLE_AGAINST),
        ("Loop", None, DoubtKind.SPORT_UNKNOWN),
    ],
)
def test_a_title_of_another_sport_is_asked_about(title: str, kind: str | None, said: DoubtKind) -> None:
    assert kinds(one_run(gpx(kind=kind).replace("Loop", title))) == {said}


@pytest.mark.parametrize("title", ["Hills and strides", "Run to the bike shop", "Lake Drive", "Bridge loop"])
def test_streets_and_strides_in_a_title_are_no_other_sport(title: str) -> None:
    assert one_run(gpx().replace("Loop", title)).doubts == ()


def test_a_title_that_says_run_is_enough() -> None:
    assert one_run(gpx(kind=None).replace("Loop", "Morning Run")).doubts == ()


def test_the_name_of_a_file_speaks_against_a_run_and_never_for_one() -> None:
    assert kinds(one_run(gpx(kind=None), "Morning_Ride.gpx")) == {DoubtKind.TITLE}
    assert kinds(one_run(gpx(kind=None), "Morning_Run.gpx")) == {DoubtKind.SPORT_UNKNOWN}


@pytest.mark.parametrize(
    ("meters", "mps", "fast"),
    [(1000, 7.2, False), (5100, 6.6, True), (10_000, 5.5, False), (22_000, 6.7, True)],
)
def test_the_fastest_pace_depends_on_the_distance(meters: int, mps: float, fast: bool) -> None:
    assert (mps > fastest_mps(meters)) is fast
    run = one_run(gpx([Stretch(round(meters / mps), mps, None)]))
    assert (DoubtKind.FAST in kinds(run)) is fast


def test_a_walking_pace_without_cadence_is_asked_about() -> None:
    assert kinds(one_run(gpx([Stretch(1200, 1.4, None)]))) == {DoubtKind.SLOW}
    assert one_run(gpx([Stretch(1200, 1.8, None)])).doubts == ()


def two_tracks(gap_s: int) -> str:
    later = gpx([Stretch(600)], start=START + timedelta(seconds=600 + gap_s))
    track = later[later.index("<trk>") : later.index("</gpx>")]
    return gpx([Stretch(600)]).replace("</gpx>", track + "</gpx>")


def test_tracks_of_one_outing_are_one_run() -> None:
    run = one_run(two_tracks(300))
    assert kinds(run) == {DoubtKind.JOINED}
    assert run.doubts[0].answer is Answer.TELL
    assert (run.duration_s, run.elapsed_s) == (1198.0, 1499.0)
    assert run.distance_m == pytest.approx(3594, abs=3)


def test_a_track_for_every_lap_loses_nothing_between_them() -> None:
    assert one_run(two_tracks(0)).duration_s == 1199.0


@pytest.mark.parametrize("gap_s", [900, -300])
def test_tracks_further_apart_or_at_the_same_time_stay_apart(gap_s: int) -> None:
    assert len(read(two_tracks(gap_s).encode(), "a.gpx").runs) == 2


def test_activities_of_one_tcx_outing_are_one_run_with_both_totals() -> None:
    later = tcx([Stretch(600)], start=START + timedelta(seconds=720))
    activity = later[later.index("<Activity ") : later.index("</Activities>")]
    run = one_run(tcx([Stretch(600)]).replace("</Activities>", activity + "</Activities>"))
    assert (run.distance_m, run.duration_s, kinds(run)) == (3600, 1200.0, {DoubtKind.JOINED})


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-10T14:00:00z",
        "2026-01-10 14:00:00 UTC",
        "2026-01-10T08:00:00-6:00",
        "2026/01/10 14:00:00",
        "2026/1/10 14:00:00 GMT",
        "2026-01-10 14:00:00 +0000",
        "2026-01-10T08:00:00 -06:00",
        "2026.01.10 14:00",
    ],
)
def test_times_in_odd_forms_are_the_same_moment(text: str) -> None:
    assert moment(text) == datetime(2026, 1, 10, 14, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "text",
    [
        "10.01.2026 14:00",
        "01/10/2026 2:00 PM",
        "yesterday",
        "2026/13/10 14:00",
        "",
    ],
)
def test_times_that_could_mean_two_things_are_not_guessed(text: str) -> None:
    assert moment(text) is None


@pytest.mark.parametrize("make", [gpx, tcx])
def test_times_that_cannot_be_read_are_named_as_such(make: object) -> None:
    text = gpx(LONG) if make is gpx else tcx(LONG)
    odd = re.sub(r"<([Tt]ime)>(\d+)-(\d+)-(\d+)T([\d:]+)[^<]*<", r"<\1>\4.\3.\2 \5<", text)
    result = read(odd.encode(), "a")
    assert (result.runs, result.refusal) == ((), UNREAD_TIMES)
    assert read(gpx(times=False).encode(), "a").refusal == NO_TIMES


def test_some_times_that_cannot_be_read_are_said() -> None:
    text = re.sub(r"<time>2026-01-10T14:0([5-9])", r"<time>10/01/2026 14:0\1", gpx(LONG))
    assert DoubtKind.SOME_TIMES in kinds(one_run(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("gpxtpx:cad", "other:cad"),
        ("<name>Loop", "<name>Tom & Jerry's loop"),
        ("<name>Loop", "<name>a&b &nbsp; <!-- <trkpt> -->"),
        ("</gpx>", "</gpx>\0\0\0"),
    ],
)
def test_what_loses_no_element_is_no_damage(old: str, new: str) -> None:
    run = one_run(gpx().replace(old, new))
    assert (run.distance_m, run.cadence_spm, run.doubts) == (3597, 168, ())


@pytest.mark.parametrize(
    ("old", "new"), [("</gpx>", ""), ("</trkseg></trk></gpx>", ""), ("<trkseg>", "</trk></gpx><trkseg>")]
)
def test_what_loses_elements_is_damage(old: str, new: str) -> None:
    text = gpx([Stretch(600), Stretch(600, paused_before_s=60)])
    cut = text.replace(old, new) if old != "<trkseg>" else new.join(text.rsplit(old, 1))
    assert DoubtKind.INCOMPLETE in kinds(one_run(cut))


STARTS_ON, TODAY = date(2026, 11, 2), date(2026, 11, 25)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2007, 4, 9), DoubtKind.WEEK_COUNT),
        (date(2007, 4, 12), DoubtKind.LONG_BEFORE),  # 1,024 weeks later is still to come
        (date(2019, 5, 1), DoubtKind.LONG_BEFORE),
        (date(1970, 1, 1), DoubtKind.LONG_BEFORE),
        (date.min, DoubtKind.LONG_BEFORE),
        (date(2026, 8, 1), None),
        (date(2026, 11, 24), None),
        (date.max, DoubtKind.FUTURE),
    ],
)
def test_a_day_long_before_the_cohort_is_asked_about_with_its_year(day: date, kind: DoubtKind | None) -> None:
    said = day_doubt(day, starts_on=STARTS_ON, today=TODAY)
    assert (said.kind if said else None) == kind
    if said is not None:
        assert str(day.year) in said.sentence


def test_a_lost_week_count_has_its_day() -> None:
    assert week_count_day(date(2007, 4, 9), starts_on=STARTS_ON, today=TODAY) == date(2026, 11, 23)
