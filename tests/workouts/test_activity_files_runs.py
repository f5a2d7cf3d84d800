"""What the reader makes of runs as watches record them: sports, pauses, cadence, treadmills, odd recordings."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from challenge.workouts.activity_files import FileResult, FileRun, read
from challenge.workouts.activity_files.doubts import DoubtKind
from challenge.workouts.activity_files.recording import (
    BOTH_FEET_COUNTED,
    NO_CADENCE,
    NO_DISTANCE,
    NO_TIME,
    ONLY_WALKING,
    TOO_LONG,
    TOO_SHORT,
)
from tests.factories.activity_files import (
    DEVELOPER_DATA_ID,
    FIELD_DESCRIPTION,
    START,
    Stretch,
    fit,
    fit_multisport,
    fit_run,
    gpx,
    kinds,
    points,
    record,
    session,
    tcx,
)

RUN_WALK = [stretch for _ in range(6) for stretch in (Stretch(240, 2.8, 82), Stretch(120, 1.4, 56))]


def one_run(data: bytes | str, name: str = "run.fit") -> FileRun:
    reading = read(data.encode() if isinstance(data, str) else data, name)
    assert reading.refusal is None
    (run,) = reading.runs
    return run


def refusal(data: bytes | str, name: str = "run.fit") -> str:
    reading = read(data.encode() if isinstance(data, str) else data, name)
    assert reading.runs == ()
    return str(reading.refusal)


def test_a_fit_run_has_its_start_distance_time_and_both_feet() -> None:
    run = one_run(fit_run())
    assert run.started_at == START
    assert (run.distance_m, run.duration_s, run.elapsed_s) == (3600, 1200.0, 1200.0)
    assert (run.cadence_spm, run.cadence_raw, run.cadence_unit, run.running_s) == (
        168,
        84.0,
        "one_foot",
        1200.0,
    )
    assert (run.file_format, run.source_device, run.warnings) == ("fit", "garmin fr965", ())


def test_a_half_step_of_one_foot_is_a_whole_step_of_both() -> None:
    assert one_run(fit_run([Stretch(600, cadence=83, fractional=0.5)])).cadence_spm == 167


def test_a_run_walk_counts_its_running_alone() -> None:
    run = one_run(fit_run(RUN_WALK))
    assert (run.cadence_spm, run.running_s) == (164, 1440.0)


def test_samples_weigh_by_the_time_they_stand_for() -> None:
    sparse_then_dense = [Stretch(600, cadence=80, every_s=6), Stretch(300, cadence=88)]
    assert one_run(fit_run(sparse_then_dense)).cadence_spm == 160


def test_a_pause_is_in_the_elapsed_time_alone() -> None:
    run = one_run(fit_run([Stretch(600), Stretch(600, paused_before_s=300)]))
    assert (run.duration_s, run.elapsed_s, run.running_s) == (1200.0, 1500.0, 1200.0)


def test_without_a_session_the_samples_and_the_timer_tell() -> None:
    run = one_run(fit_run([Stretch(600), Stretch(600, paused_before_s=300)], with_session=False))
    assert (run.distance_m, run.duration_s, run.elapsed_s) == (3597, 1198.0, 1499.0)
    assert DoubtKind.SPORT_UNKNOWN in kinds(run)


def test_totals_beyond_any_run_give_way_to_the_samples() -> None:
    run = one_run(fit_run(total_distance=9e6, total_timer_time=4e6, total_elapsed_time=4e6))
    assert (run.distance_m, run.duration_s, run.elapsed_s) == (3597, 1199.0, 1199.0)


def test_one_damaged_distance_does_not_change_the_sum() -> None:
    messages = [record(point) for point in points([Stretch(600)])]
    messages[300]["distance"] = 4_000_000.0
    run = one_run(fit([*messages, session([Stretch(600)], total_distance=None)]))
    assert run.distance_m == 1797


def test_a_treadmill_run_needs_no_positions() -> None:
    run = one_run(fit_run(positions=False, sub_sport="treadmill"))
    assert (run.indoor, run.distance_m, run.cadence_spm) == (True, 3600, 168)


def test_a_treadmill_filed_under_gym_equipment_is_a_run() -> None:
    run = one_run(fit_run(positions=False, sport="fitness_equipment", sub_sport="treadmill"))
    assert run.indoor is True


def test_a_treadmill_run_without_any_distance_asks_for_it() -> None:
    data = fit_run(positions=False, leave_out=("distance", "enhanced_speed"), total_distance=None)
    run = one_run(data)
    assert run.distance_m is None
    assert NO_DISTANCE in run.warnings


def test_a_distance_that_is_not_recorded_comes_from_speed() -> None:
    data = fit_run(positions=False, leave_out=("distance",), total_distance=None)
    assert one_run(data).distance_m == 3597


def test_a_distance_that_is_not_recorded_comes_from_positions_before_speed() -> None:
    data = fit_run(leave_out=("distance", "enhanced_speed"), total_distance=None)
    assert one_run(data).distance_m == pytest.approx(3597, abs=3)


def test_only_the_running_parts_of_a_triathlon_are_read() -> None:
    parts = [("swimming", [Stretch(600, 1.0, 30)]), ("cycling", [Stretch(1200, 8.0, 90)])]
    reading = read(fit_multisport([*parts, ("running", [Stretch(900, 3.0, 85)])]), "tri.fit")
    (run,) = reading.runs
    assert run.started_at == START + timedelta(seconds=1800)
    assert (run.distance_m, run.duration_s, run.cadence_spm, run.running_s) == (2700, 900.0, 170, 900.0)
    assert len(reading.warnings) == 2
    assert "a swim" in reading.warnings[0]
    assert "a bike ride" in reading.warnings[1]


def test_both_runs_of_a_duathlon_are_read_each_with_its_own_samples() -> None:
    parts = [("running", [Stretch(600, 3.0, 80)]), ("transition", [Stretch(90, 1.0, 50)])]
    reading = read(fit_multisport([*parts, ("running", [Stretch(900, 3.0, 88)])]), "duathlon.fit")
    assert [run.cadence_spm for run in reading.runs] == [160, 176]
    assert reading.warnings == ()


@pytest.mark.parametrize(
    ("sport", "words"), [("cycling", "a bike ride"), ("hiking", "a hike"), ("golf", "golf")]
)
def test_another_sport_is_named(sport: str, words: str) -> None:
    assert words in refusal(fit_run(sport=sport))


def test_a_session_without_a_sport_is_read_with_a_question() -> None:
    assert DoubtKind.SPORT_UNKNOWN in kinds(one_run(fit_run(sport=None, sub_sport=None)))


def test_a_ride_that_does_not_say_so_is_not_taken_for_a_run() -> None:
    assert "faster than anyone runs" in refusal(fit_run([Stretch(1200, 9.5)], sport=None, sub_sport=None))


def test_a_run_faster_than_anyone_is_read_with_a_question() -> None:
    assert DoubtKind.FAST in kinds(one_run(fit_run([Stretch(1200, 9.5)])))


def test_minutes_are_needed_and_days_are_too_many() -> None:
    assert refusal(fit_run([Stretch(45)])) == TOO_SHORT
    assert refusal(fit_run([Stretch(600, 0.05)])) == TOO_SHORT
    two_days = fit_run([Stretch(49 * 3600, every_s=60)])
    assert refusal(two_days) == TOO_LONG


def test_a_watch_without_a_date_is_refused() -> None:
    messages = [
        {**record(point), "timestamp": 5_000 + second} for second, point in enumerate(points([Stretch(600)]))
    ]
    assert refusal(fit([*messages, session([Stretch(600)], start_time=None, timestamp=5_600)])) == NO_TIME


def test_a_file_that_already_counts_both_feet_is_not_doubled() -> None:
    run = one_run(fit_run([Stretch(600, cadence=164)]))
    assert (run.cadence_spm, run.cadence_unit) == (164, "both_feet")
    assert BOTH_FEET_COUNTED in run.warnings


def test_no_cadence_and_only_walking_are_said_apart() -> None:
    assert NO_CADENCE in one_run(fit_run([Stretch(600, cadence=None)])).warnings
    walked = one_run(fit_run([Stretch(600, 1.4, 55)]))
    assert (walked.cadence_spm, walked.running_s) == (None, 0.0)
    assert ONLY_WALKING in walked.warnings


def test_an_average_alone_is_offered_and_not_taken() -> None:
    run = one_run(fit_run([Stretch(600, cadence=None)], avg_cadence=81, avg_fractional_cadence=0.5))
    assert run.cadence_spm is None
    assert any("163" in warning for warning in run.warnings)


def test_a_foot_pods_developer_field_serves_where_the_watch_has_no_cadence() -> None:
    developer = {"developer_data_index": 0, "application_id": list(range(16))}
    described = {
        "developer_data_index": 0,
        "field_definition_number": 0,
        "fit_base_type_id": 2,
        "field_name": ["Cadence"],
        "units": ["RPM"],
        "native_mesg_num": 20,
        "native_field_num": 4,
    }
    fields = {0: {"developer_data_id_mesg": developer, "field_description_mesg": described}}
    records = [
        record(point, leave_out=("cadence",)) | {"developer_fields": {0: 87}}
        for point in points([Stretch(600)])
    ]
    head = [{"mesg_num": DEVELOPER_DATA_ID, **developer}, {"mesg_num": FIELD_DESCRIPTION, **described}]
    assert one_run(fit([*head, *records, session([Stretch(600)])], developer=fields)).cadence_spm == 174


@pytest.mark.parametrize(("feet", "unit", "raw"), [(1, "one_foot", 84.0), (2, "both_feet", 168.0)])
@pytest.mark.parametrize("make", [gpx, tcx])
def test_gpx_and_tcx_count_one_foot_or_both(
    make: Callable[..., str], feet: int, unit: str, raw: float
) -> None:
    run = one_run(make(feet=feet), "run.xml")
    assert (run.cadence_spm, run.cadence_unit, run.cadence_raw) == (168, unit, raw)


@pytest.mark.parametrize("feet", [1, 2])
def test_a_run_walk_in_either_unit_is_the_same(feet: int) -> None:
    assert one_run(tcx(RUN_WALK, feet=feet), "run.tcx").cadence_spm == 164


def test_a_gpx_measures_its_distance_and_leaves_its_pauses_out() -> None:
    run = one_run(gpx([Stretch(600), Stretch(600, paused_before_s=300)]), "run.gpx")
    assert run.distance_m == pytest.approx(3597, abs=8)
    assert (run.duration_s, run.elapsed_s) == (1198.0, 1499.0)


def test_a_gpx_jump_of_the_position_is_no_distance() -> None:
    text = gpx([Stretch(600)]).replace('lat="44.9080939"', 'lat="45.9080939"')
    assert text.count("45.9080939") == 1
    assert one_run(text, "run.gpx").distance_m == pytest.approx(1791, abs=8)


def test_a_gpx_of_two_days_gives_two_runs() -> None:
    later = gpx([Stretch(900)], start=START + timedelta(days=1))
    track = later[later.index("<trk>") : later.index("</gpx>")]
    reading = read(gpx().replace("</gpx>", track + "</gpx>").encode(), "days.gpx")
    assert [run.duration_s for run in reading.runs] == [1199.0, 899.0]


def test_a_planned_route_is_no_run() -> None:
    assert "no times" in refusal(gpx(times=False), "route.gpx")
    assert "no recorded track" in refusal('<gpx><rte><rtept lat="1" lon="2"/></rte></gpx>', "route.gpx")


def test_a_gpx_may_be_another_sport_or_say_nothing() -> None:
    assert "a bike ride" in refusal(gpx(kind="cycling"), "ride.gpx")
    assert DoubtKind.SPORT_UNKNOWN in kinds(one_run(gpx(kind=None), "run.gpx"))


def test_a_tcx_treadmill_run_is_indoors() -> None:
    run = one_run(tcx(positions=False), "run.tcx")
    assert (run.indoor, run.distance_m, run.source_device) == (True, 3600, "Made-up watch")


def test_a_tcx_ride_is_no_run() -> None:
    assert "a bike ride" in refusal(tcx(sport="Biking"), "ride.tcx")


def test_times_of_other_zones_are_the_same_moment() -> None:
    chicago = timezone(timedelta(hours=-6))
    local = START.astimezone(chicago).isoformat()
    text = gpx([Stretch(300)]).replace(START.isoformat().replace("+00:00", "Z"), local)
    assert one_run(text, "run.gpx").started_at == START


def test_parts_of_a_second_are_kept() -> None:
    half = datetime(2026, 1, 10, 14, 0, 0, 500_000, tzinfo=UTC)
    assert one_run(gpx(start=half), "run.gpx").started_at == half


def test_samples_out_of_order_are_sorted_and_a_stray_clock_is_dropped() -> None:
    messages = [record(point) for point in points([Stretch(600)])]
    messages[10], messages[20] = messages[20], messages[10]
    messages[-1]["timestamp"] = datetime(2085, 12, 21, tzinfo=UTC)
    run = one_run(fit(messages))
    assert (run.started_at, run.elapsed_s) == (START, 598.0)


def test_no_position_leaves_the_reader() -> None:
    for data, name in ((fit_run(), "a.fit"), (gpx().encode(), "a.gpx"), (tcx().encode(), "a.tcx")):
        said = str(read(data, name).to_json())
        assert "44.9" not in said
        assert "93.1" not in said


def test_a_reading_travels_as_json() -> None:
    reading = read(fit_multisport([("swimming", [Stretch(600)]), ("running", [Stretch(900)])]), "a.fit")
    assert FileResult.from_json(reading.to_json()) == reading
