"""Apple Health exports: running workouts, their cadence from the steps of one source, and damage in a sentence."""

import io
import re
import uuid
import zipfile
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from challenge.enrollment.models import Enrollment
from challenge.workouts import import_actions, import_forms
from challenge.workouts.activity_files import FileResult, archive, health_export
from challenge.workouts.activity_files.doubts import DoubtKind
from challenge.workouts.activity_files.health_export import (
    CUT,
    CUT_EARLY,
    MANY_RUNS,
    NO_DATA,
    NO_RUNS,
    TWO_APPS,
    TWO_EXPORTS,
    TWO_PEOPLE,
    UNREAD_TIMES,
    is_health_export,
    read_health_export,
)
from challenge.workouts.activity_files.recording import NO_CADENCE, ONLY_WALKING
from challenge.workouts.activity_files.sandbox import LARGE, read_isolated
from challenge.workouts.import_models import ImportJob
from challenge.workouts.models import Run
from tests.factories.health_export import (
    PHONE,
    START,
    TAIL,
    WATCH,
    Part,
    Session,
    export_xml,
    export_zip,
    heart_rates,
)


def read(data: bytes | str, since: datetime | None = None) -> FileResult:
    """Read as the sandbox does, without its process."""
    data = data.encode() if isinstance(data, str) else data
    file = io.BytesIO(data)
    head = file.read(65_536)
    assert is_health_export(head)
    return read_health_export(head, file.read, "export.zip", since)


@pytest.mark.parametrize("old", [False, True])
def test_a_run_has_its_distance_time_and_cadence(old: bool) -> None:
    session = Session(old=old)
    (run,) = read(export_zip(export_xml([session]))).runs
    assert (run.started_at, run.distance_m, run.duration_s) == (START, 3360, 1200)
    assert run.cadence_spm == pytest.approx(170, rel=0.01)
    assert (run.cadence_unit, run.source_device, run.indoor, run.warnings) == ("both_feet", WATCH, False, ())


def test_walking_breaks_and_pauses_are_no_running() -> None:
    parts = [Part(600), Part(120, 110, 1.4), Part(60, paused=True), Part(600, 174), Part(120, 105, 1.4)]
    (run,) = read(export_xml([Session(parts, indoor=True)])).runs
    assert (run.duration_s, run.elapsed_s, run.indoor) == (1440, 1500, True)
    assert run.running_s == pytest.approx(1200, abs=40)
    assert run.cadence_spm == pytest.approx(172, rel=0.02)


def test_steps_of_watch_and_phone_are_not_added_up() -> None:
    alone, both = (read(export_xml([Session(also_phone_s=every)])).runs[0] for every in (None, 5.0))
    assert alone.cadence_spm == both.cadence_spm
    by_an_app = Session(source="A running app")
    (run,) = read(
        export_xml([by_an_app]).replace('"A running app" sourceVersion="11.3" device', '"A" x="1" device')
    ).runs
    assert run.cadence_spm == pytest.approx(170, rel=0.02)


def test_a_workout_without_steps_or_with_a_walk_alone_has_no_cadence() -> None:
    without = export_xml([Session()]).replace("StepCount", "FlightsClimbed")
    assert read(without).runs[0].warnings == (NO_CADENCE,)
    (walk,) = read(export_xml([Session([Part(1200, 112, 1.5)])])).runs
    assert (walk.cadence_spm, walk.notes) == (None, (ONLY_WALKING,))
    assert [doubt.kind for doubt in walk.doubts] == [DoubtKind.WALK]


def test_only_runs_since_the_runner_joined_are_read() -> None:
    sessions = [Session(start=START + timedelta(days=day), also_phone_s=None) for day in (-400, -1, 1)]
    sessions.append(Session(start=START + timedelta(days=2), kind="Cycling"))
    (run,) = read(export_zip(export_xml(sessions)), since=START).runs
    assert run.started_at == START + timedelta(days=1)
    assert read(export_xml(sessions[:2]), since=START).refusal == NO_RUNS


def test_a_run_that_two_apps_recorded_is_one_run() -> None:
    twice = [
        Session(also_phone_s=None),
        Session(start=START + timedelta(seconds=20), source="An app", record_s=9e9),
    ]
    result = read(
        export_xml(twice).replace(
            'sourceName="An app" sourceVersion="11.3" device', 'sourceName="" device', 1
        )
    )
    assert [run.source_device for run in result.runs] == [WATCH]
    assert result.warnings == (TWO_APPS,)


def test_the_same_workout_in_the_next_export_is_the_same_file() -> None:
    later = [Session(), Session(start=START + timedelta(days=7))]
    first, again = read(export_xml([Session()])).runs[0], read(export_zip(export_xml(later))).runs
    assert first.file_sha256 == again[0].file_sha256 != again[1].file_sha256


def test_an_export_of_two_people_is_refused() -> None:
    assert read(export_xml(people=2)).refusal == TWO_PEOPLE
    file = io.BytesIO(export_zip())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("apple_health_export/export 2.xml", export_xml().replace("1988-04-01", "1991-04-01"))
    assert read(file.getvalue()).refusal == TWO_PEOPLE


def test_an_export_that_breaks_off_says_so() -> None:
    xml = export_xml([Session(), Session(start=START + timedelta(days=1))])
    cut = read(export_zip(xml[: xml.rindex("<Workout ") + 50]))
    assert (len(cut.runs), cut.warnings) == (1, (CUT,))
    assert read(xml[: len(xml) // 3]).refusal == CUT_EARLY
    data = export_zip(export_xml(filler=heart_rates(3000)))
    assert read(data[:900]).refusal == CUT_EARLY
    assert read(data[: len(data) // 2]).refusal == CUT_EARLY
    assert read(export_xml(tail="")).warnings == (CUT,)


def test_an_export_without_records_says_so() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("apple_health_export/export_cda.xml", "<ClinicalDocument/>")
    assert read(file.getvalue()).refusal == NO_DATA


@pytest.mark.parametrize("name", ["export.xml", "apple_health_export/Exportieren.xml"])
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_zips_made_by_hand_and_other_languages_are_read(name: str, method: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as packed:
        packed.writestr(name, export_xml())
    assert len(read(file.getvalue()).runs) == 1


def test_entities_are_never_expanded() -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    xml = export_xml().replace("<!ELEMENT", f'<!ENTITY l0 "lol">{lol}<!ELEMENT', 1).replace(WATCH, "&l11;")
    assert len(read_isolated(export_zip(xml), "export.zip").runs) <= 1


def test_pieces_of_any_size_give_the_same_runs() -> None:
    sessions = [Session(), Session([Part(700, 160)], START + timedelta(days=3))]
    data = export_zip(export_xml(sessions, filler=heart_rates(20_000)))
    whole = read_isolated(data, "export.zip")
    pieces = (data[at : at + 777] for at in range(0, len(data), 777))
    assert read_isolated(pieces, "export.zip", LARGE) == whole
    assert len(whole.runs) == 2


@settings(max_examples=60, deadline=None)
@given(
    spm=st.integers(140, 205),
    record_s=st.sampled_from([1.0, 2.6, 5.0, 10.0, 61.0]),
    phone_s=st.none() | st.sampled_from([3.0, 60.0, 600.0]),
    laps=st.lists(st.tuples(st.integers(120, 900), st.integers(0, 90)), min_size=1, max_size=6),
    walk_spm=st.integers(85, 120),
)
def test_cadence_distance_and_time_are_within_two_percent_or_doubted(
    spm: int, record_s: float, phone_s: float | None, laps: list[tuple[int, int]], walk_spm: int
) -> None:
    parts = [
        part for run, walk in laps for part in (Part(run, spm), Part(walk, walk_spm, 1.4)) if part.seconds
    ]
    session = Session(parts, record_s=record_s, also_phone_s=phone_s)
    (run,) = read(export_xml([session])).runs
    assert run.distance_m == pytest.approx(session.distance_m, rel=0.02)
    assert run.duration_s == pytest.approx(session.active_s, rel=0.02)
    assert run.cadence_spm == pytest.approx(spm, rel=0.02) or run.cadence_is_doubtful


def test_an_export_is_sent_read_in_pieces_and_saved(
    phone: Client, enrollment: Enrollment, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_actions, "PIECE", 5000)
    monkeypatch.setattr(import_actions, "TELL_EVERY", 4000)
    Enrollment.objects.update(created_at=START - timedelta(days=1))
    data = export_zip(export_xml(filler=heart_rates(3000)))
    sent = phone.post(
        "/log/import/", {"batch": str(uuid.uuid4()), "activities": [SimpleUploadedFile("export.zip", data)]}
    )
    address = sent.headers["Location"]
    assert "0 of 1 read" in phone.get(address).content.decode()
    ImportJob.objects.update(state=ImportJob.ImportState.READING, claimed_at=now, taken_bytes=len(data) // 2)
    assert "49% so far" in phone.get(address).content.decode()
    ImportJob.objects.update(state=ImportJob.ImportState.WAITING, taken_bytes=0)
    assert import_actions.read_next(at=now)
    job = ImportJob.objects.get()
    assert (job.content, job.taken_bytes > 4000) == (None, True)
    assert "1 run found" in phone.get(address).content.decode()
    assert not Run.objects.exists()


def test_a_zip_may_be_larger_than_a_single_file_but_not_boundless(
    phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(name: str, size: int) -> int:
        files = {
            "batch": str(uuid.uuid4()),
            "activities": [SimpleUploadedFile(name, b"PK\3\4" + bytes(size))],
        }
        answer = phone.post("/log/import/", files)
        if answer.status_code == 422:
            sentence = str(answer.context["form"].errors["activities"])
            assert "MB" in sentence
            assert ("Compress" in sentence) == name.endswith(".zip")
        return answer.status_code

    monkeypatch.setattr(import_forms, "MOST_BYTES", 1000)
    monkeypatch.setattr(health_export, "MOST_BYTES", 2000)
    assert [send("a.zip", 1500), send("a.fit", 1500), send("a.zip", 2500)] == [302, 422, 422]
    assert archive.MOST_BYTES < import_forms.MOST_TOGETHER


def test_sources_with_marks_in_their_names_are_kept_apart() -> None:
    (run,) = read(export_xml([Session(source=PHONE, record_s=30, also_phone_s=None)])).runs
    assert run.source_device == PHONE
    assert TAIL in export_xml()


@pytest.mark.parametrize("seconds", [25, 30, 35, 45])
def test_breaks_of_half_a_minute_are_seen(seconds: int) -> None:
    parts = [Part(seconds, 168, 2.8), Part(60 - seconds, 112, 1.5)] * 20
    (run,) = read(export_xml([Session(parts)])).runs
    assert run.cadence_spm == pytest.approx(168, rel=0.02)
    assert run.running_s == pytest.approx(20 * seconds, rel=0.2)


def test_short_pauses_are_left_out_to_the_second() -> None:
    (run,) = read(export_xml([Session([Part(60), Part(15, paused=True)] * 15)])).runs
    assert (run.duration_s, run.doubts) == (900.0, ())
    assert run.cadence_spm == pytest.approx(170, rel=0.02)


def test_workouts_less_than_ten_minutes_apart_are_one_run() -> None:
    first, after = Session([Part(600)]), START + timedelta(seconds=780)
    (run,) = read(export_xml([first, Session([Part(900)], start=after)])).runs
    assert (run.distance_m, run.duration_s, run.elapsed_s) == (4200, 1500.0, 1680.0)
    assert [doubt.kind for doubt in run.doubts] == [DoubtKind.JOINED]
    later = START + timedelta(seconds=600 + 660)
    assert len(read(export_xml([first, Session([Part(900)], start=later)])).runs) == 2


def test_steps_counted_in_long_stretches_are_asked_about() -> None:
    # The mean of 168 for a minute and 112 for the next.
    text = export_xml([Session([Part(1200, 140, 2.15)], record_s=600, also_phone_s=None)])
    (run,) = read(text).runs
    assert [doubt.kind for doubt in run.doubts] == [DoubtKind.CADENCE_COARSE]
    assert run.cadence_is_doubtful


@pytest.mark.parametrize("noon", ["PM", "\u202fp. m.", "p.m."])
def test_the_times_of_a_phone_set_to_twelve_hours_are_read(noon: str) -> None:
    text = export_xml([Session(start=START + timedelta(hours=7))])
    assert "14:00:00 -0600" in text
    text = re.sub(r"1[45]:(\d\d:\d\d) -0600", lambda found: f"2:{found[1]} {noon} -0600", text)
    (run,) = read(text).runs
    assert (run.started_at, run.cadence_spm) == (START + timedelta(hours=7), 170)


def test_times_of_an_unknown_form_are_named_as_such() -> None:
    text = re.sub(r"(\d{4})-(\d\d)-(\d\d) (\d\d:\d\d:\d\d)", r"\3.\2.\1 \4", export_xml())
    assert read(text).refusal == UNREAD_TIMES


def test_two_exports_of_one_person_are_not_called_two_people() -> None:
    later = export_xml([Session(), Session(start=START + timedelta(days=1))])
    two = io.BytesIO()
    with zipfile.ZipFile(two, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("apple_health_export/export.xml", export_xml())
        packed.writestr("apple_health_export/export 2.xml", later)
    result = read(two.getvalue())
    assert len(result.runs) == 2
    assert [run.cadence_spm for run in result.runs] == [170, 170]
    assert result.warnings == (TWO_EXPORTS,)


def test_more_runs_than_are_shown_are_counted() -> None:
    sessions = [Session([Part(120)], start=START + timedelta(days=day), record_s=60) for day in range(203)]
    result = read(export_xml(sessions))
    assert len(result.runs) == 200
    assert MANY_RUNS in result.warnings
