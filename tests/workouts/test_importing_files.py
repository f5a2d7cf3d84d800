"""Activity files: sent, read in a process of their own, looked at, saved once; the bytes are not kept."""

import html
import io
import uuid
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from challenge.enrollment.models import Enrollment
from challenge.workouts import import_actions
from challenge.workouts.activity_files.archive import MOST_BYTES, MOST_UNPACKED
from challenge.workouts.import_models import ActivityFile, ImportJob
from challenge.workouts.models import Run
from tests.factories.activity_files import Stretch, fit_run, gpx, zipped
from tests.factories.cohorts import enroll
from tests.factories.log import log_run

STARTED = datetime(2026, 1, 6, 13, 0, tzinfo=UTC)  # Tuesday, 07:00 in Chicago
FIT = fit_run([Stretch(1200)], start=STARTED)  # 3,600 m in 20 minutes at 168


def send(phone: Client, *files: tuple[str, bytes]) -> str:
    given = [SimpleUploadedFile(name, content) for name, content in files]
    answer = phone.post("/log/import/", {"batch": str(uuid.uuid4()), "activities": given})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def read(phone: Client, now: datetime, *files: tuple[str, bytes]) -> str:
    """Sends files and lets the worker's action read all of them."""
    address = send(phone, *files)
    while import_actions.read_next(at=now):
        pass
    return address


def answers(phone: Client, address: str, **changed: Any) -> dict[str, Any]:
    """What a browser would send back of the preview as it is shown."""
    values: dict[str, Any] = {}
    for preview in phone.get(address).context["previews"]:
        values[preview.name] = preview.decision
        form = preview.form
        values |= {
            form.add_prefix(name): form[name].value() or "" for name in form.fields if name != "duration_s"
        }
        # As typed by a runner who feels fine; a test that needs another pain says so.
        values |= {form.add_prefix("pain"): "0"} if preview.asks_pain else {}
        boxes = form.fields["duration_s"].widget.decompress(form["duration_s"].value())
        values |= {f"{form.add_prefix('duration_s')}_{n}": v or "" for n, v in zip("hms", boxes, strict=True)}
    return {
        name: value
        for name, value in (values | changed).items()
        if value not in ([], False) and (value or not name.endswith("symptoms"))
    }


def test_a_run_of_a_file_is_looked_at_and_saved(phone: Client, enrollment: Enrollment, now: datetime) -> None:
    address = read(phone, now, ("morning run.fit", FIT))
    page = phone.get(address).content.decode()
    assert "1 run found" in page
    assert "168 steps a minute" in page
    assert not Run.objects.exists()
    phone.post(address, answers(phone, address))
    run = Run.objects.get()
    assert (run.enrollment, run.started_at, run.local_on.isoformat()) == (enrollment, STARTED, "2026-01-06")
    assert run.distance_m == pytest.approx(3600, abs=20)
    assert run.duration_s == pytest.approx(1200, abs=2)
    assert (run.cadence_spm, run.cadence_source, run.pain) == (168, "file", 0)
    assert run.running_s == pytest.approx(1200, abs=10)
    assert (run.file.name, run.file.cadence_unit) == ("morning run.fit", "one_foot")


def test_each_of_several_runs_says_what_it_warns_of(
    phone: Client, enrollment: Enrollment, now: datetime
) -> None:
    log_run(enrollment, STARTED.date() - timedelta(days=3), distance_m=3600)
    far = fit_run([Stretch(7200)], start=STARTED - timedelta(days=1))
    address = read(phone, now, ("far.fit", far), ("short.fit", FIT))
    sore = next(
        preview.form.add_prefix("pain")
        for preview in phone.get(address).context["previews"]
        if preview.form["local_on"].value() == STARTED.date()
    )
    saved = phone.post(address, answers(phone, address, **{sore: "3"}), follow=True).content.decode()
    assert "2 runs saved." in saved
    assert "was more than twice your longest run" in saved


def test_a_run_of_this_or_last_week_is_asked_about_pain(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.fit", FIT))
    assert "Worst pain on this run" in phone.get(address).content.decode()
    refused = phone.post(address, answers(phone, address, **{"1-0-pain": "", "1-0-note": "windy"}))
    assert refused.status_code == 422
    assert "Tap a number. 0 is no pain." in refused.content.decode()
    assert "windy</textarea>" in refused.content.decode()
    assert not Run.objects.exists()
    red = answers(phone, address, **{"1-0-pain": "7", "1-0-site": "calf"})
    page = phone.post(address, red, follow=True).content.decode()
    assert (Run.objects.get().pain, Run.objects.get().site) == (7, "calf")
    assert "7 out of 10 is red: your calf" in page


def test_an_older_run_and_one_that_is_left_out_are_not_asked_about_pain(phone: Client, now: datetime) -> None:
    old = fit_run([Stretch(1200)], start=STARTED - timedelta(weeks=3))
    address = read(phone, now, ("a.fit", FIT), ("old.fit", old))
    values = answers(phone, address, **{"1-0-pain": "", "keep-1-0": "skip"})
    assert phone.post(address, values).status_code == 302
    assert [run.pain for run in Run.objects.all()] == [None]


def test_the_bytes_are_kept_until_read_and_places_never(
    phone: Client, enrollment: Enrollment, now: datetime
) -> None:
    send(phone, ("run.gpx", gpx(start=STARTED).encode()))
    assert ImportJob.objects.get().content is not None
    import_actions.read_next(at=now)
    job = ImportJob.objects.get()
    assert job.content is None
    assert "44.9" not in str(job.reading)
    assert "93.1" not in str(job.reading)


def test_saving_a_preview_twice_saves_each_run_once(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.fit", FIT))
    values = answers(phone, address)
    phone.post(address, values)
    phone.post(address, values)
    assert Run.objects.count() == ActivityFile.objects.count() == 1


def test_everything_can_be_corrected_before_saving(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.fit", FIT))
    phone.post(address, answers(phone, address, **{"1-0-distance_m": "2.5", "1-0-cadence_spm": "172"}))
    run = Run.objects.get()
    assert (run.distance_m, run.cadence_spm, run.cadence_source) == (4023, 172, "file")


def test_a_watch_average_typed_over_a_file_with_walking_breaks_measures_nothing(
    phone: Client, now: datetime
) -> None:
    with_breaks = fit_run(
        [Stretch(600), Stretch(300, speed_mps=1.4, cadence=50), Stretch(300)], start=STARTED
    )
    address = read(phone, now, ("a.fit", with_breaks))
    typed = {"1-0-cadence_spm": "151", "1-0-cadence_source": "watch"}
    phone.post(address, answers(phone, address, **typed))
    run = Run.objects.get()
    assert (run.cadence_spm, run.cadence_source, run.walk_breaks) == (151, "watch", True)


def test_a_file_without_walking_leaves_a_typed_average_as_it_is(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.fit", FIT))
    typed = {"1-0-cadence_spm": "166", "1-0-cadence_source": "watch"}
    phone.post(address, answers(phone, address, **typed))
    assert not Run.objects.get().walk_breaks


def test_what_cannot_be_saved_is_said_beside_its_field(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.fit", FIT))
    answer = phone.post(address, answers(phone, address, **{"1-0-distance_m": "far"}))
    assert answer.status_code == 422
    assert "Enter the distance as a number" in answer.content.decode()
    assert not Run.objects.exists()


def test_several_files_and_zips_are_read_one_by_one(phone: Client, now: datetime) -> None:
    later = fit_run([Stretch(1500)], start=STARTED + timedelta(hours=5))
    inside = zipped([("x.fit", fit_run([Stretch(900)], start=STARTED - timedelta(days=1)))])
    address = send(phone, ("a.fit", FIT), ("b.fit", later), ("c.zip", inside))
    assert "0 of 3 read" in phone.get(address).content.decode()
    import_actions.read_next(at=now)
    assert "1 of 3 read" in phone.get(address).content.decode()
    while import_actions.read_next(at=now):
        pass
    assert "3 runs found" in phone.get(address).content.decode()


@pytest.mark.parametrize("content", [b"", b"\x00\x01not a run", b"<gpx>", b"%PDF-1.7"])
def test_what_is_no_run_is_said_in_one_sentence(phone: Client, now: datetime, content: bytes) -> None:
    if not content:
        given = {"batch": str(uuid.uuid4()), "activities": [SimpleUploadedFile("run.fit", content)]}
        assert phone.post("/log/import/", given).status_code in (302, 422)
        return
    address = read(phone, now, ("run.fit", content))
    page = phone.get(address).content.decode()
    assert "No run found" in page
    assert "run.fit" in page


def test_the_same_file_again_is_left_out_unless_the_runner_says_otherwise(
    phone: Client, now: datetime
) -> None:
    first = read(phone, now, ("a.fit", FIT))
    phone.post(first, answers(phone, first))
    again = read(phone, now, ("a.fit", FIT))
    assert "You imported this file before" in phone.get(again).content.decode()
    phone.post(again, answers(phone, again))
    assert Run.objects.count() == 1
    phone.post(again, answers(phone, again, **{"keep-1-0": "new", "1-0-pain": "0"}))
    assert Run.objects.count() == 2


def test_a_start_within_two_minutes_is_shown(phone: Client, now: datetime) -> None:
    first = read(phone, now, ("a.fit", FIT))
    phone.post(first, answers(phone, first))
    other = fit_run([Stretch(1190)], start=STARTED + timedelta(seconds=100))
    again = read(phone, now, ("b.fit", other))
    assert "starts at the same time" in phone.get(again).content.decode()


def test_two_files_of_one_run_in_one_upload_are_noticed(phone: Client, now: datetime) -> None:
    other = fit_run([Stretch(1190)], start=STARTED + timedelta(seconds=30))
    address = read(phone, now, ("a.fit", FIT), ("b.fit", other))
    phone.post(address, answers(phone, address))
    assert Run.objects.count() == 1


def test_a_run_typed_by_hand_takes_the_numbers_of_its_file_and_keeps_its_pain(
    phone: Client, enrollment: Enrollment, now: datetime
) -> None:
    typed = log_run(enrollment, distance_m=3700, duration_s=1200, pain=3, note="felt fine", cadence_spm=None)
    address = read(phone, now, ("a.fit", FIT))
    assert "You logged a run like this by hand" in phone.get(address).content.decode()
    phone.post(address, answers(phone, address))
    run = Run.objects.get()
    assert run.pk == typed.pk
    assert (run.pain, run.note, run.cadence_spm, run.cadence_source) == (3, "felt fine", 168, "file")
    assert run.started_at == STARTED


def test_a_stop_told_in_the_preview_is_answered_at_once(
    phone: Client, enrollment: Enrollment, now: datetime
) -> None:
    """Also where the file fills a run that was typed in: what worries is not lost with the file's numbers."""
    typed = log_run(enrollment, distance_m=3700, duration_s=1200, pain=3, cadence_spm=None)
    address = read(phone, now, ("a.fit", FIT))
    answer = phone.post(address, answers(phone, address) | {"1-0-symptoms": ["limp"]})
    assert answer.headers["Location"] == "/log/stop/"
    typed.refresh_from_db()
    assert (typed.symptoms, typed.pain, typed.cadence_spm) == (["limp"], 3, 168)


def test_a_run_of_tomorrow_is_refused_beside_its_day(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.fit", fit_run([Stretch(1200)], start=now + timedelta(days=2))))
    answer = phone.post(address, answers(phone, address))
    assert "hasn’t come yet" in answer.content.decode()


REAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "fixtures" / "activities"
SAID = {
    "fenix2-run.fit": ("1 run found", "166 steps a minute"),
    "garmin-run2.fit": ("1 run found", "162 steps a minute"),
    "strava-android.fit": ("1 run found", "No cadence in the file"),
    "run1.tcx": ("1 run found", "No cadence in the file"),
    "cut-short.fit": ("No run found", "too short"),
    "fenix5-walk.fit": ("No run found", "walk"),
    "settings.fit": ("No run found", "settings.fit"),
    "broken1.gpx": ("found",),
}


@pytest.mark.parametrize("name", sorted(SAID))
def test_the_files_of_real_watches_are_previewed_as_they_are(phone: Client, now: datetime, name: str) -> None:
    path = REAL / name
    if not path.is_file():
        pytest.skip("the recorded files of real watches are not beside this project")
    address = read(phone, now, (name, path.read_bytes()))
    page = phone.get(address).content.decode()
    assert all(words in page for words in SAID[name])


def test_no_one_sees_another_runners_upload(phone: Client, now: datetime) -> None:
    batch = uuid.uuid4()
    import_actions.start_import(enrollment=enroll(), batch=batch, files=[("a.fit", FIT)], at=now)
    assert phone.get(f"/log/import/{batch}/").status_code == 404


def test_a_file_whose_reader_was_lost_is_read_again(enrollment: Enrollment, now: datetime) -> None:
    import_actions.start_import(enrollment=enrollment, batch=uuid.uuid4(), files=[("a.fit", FIT)], at=now)
    ImportJob.objects.update(state=ImportJob.ImportState.READING, claimed_at=now)
    assert not import_actions.read_next(at=now + timedelta(minutes=2))
    assert import_actions.read_next(at=now + timedelta(minutes=4))


def test_too_many_files_are_refused_with_a_sentence(phone: Client) -> None:
    given = [SimpleUploadedFile(f"{n}.fit", b"x") for n in range(21)]
    answer = phone.post("/log/import/", {"batch": str(uuid.uuid4()), "activities": given})
    assert answer.status_code == 422
    assert "at most 20 files" in answer.content.decode()


@pytest.mark.parametrize(
    "name", ["../../../etc/cron.d/x.fit", "..\\..\\x.fit", "a\nb: c.fit", "/etc/passwd", "x" * 400]
)
def test_a_files_name_is_a_name_and_never_a_path(
    phone: Client, enrollment: Enrollment, now: datetime, name: str
) -> None:
    page = phone.get(read(phone, now, (name, FIT))).content.decode()
    kept = ImportJob.objects.get().name
    assert "/" not in kept
    assert "\\" not in kept
    assert "\n" not in kept
    assert "etc/" not in page


def test_a_file_beyond_the_limit_is_refused_beside_its_field_and_kept_nowhere(phone: Client) -> None:
    given = [SimpleUploadedFile("long.fit", bytes(MOST_BYTES + 1))]
    answer = phone.post("/log/import/", {"batch": str(uuid.uuid4()), "activities": given})
    assert answer.status_code == 422
    assert "“long.fit” is larger than" in answer.content.decode()
    assert not ImportJob.objects.exists()


def test_a_bomb_is_one_sentence_on_the_page(phone: Client, now: datetime) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("a.gpx", bytes(MOST_UNPACKED + 1))
    page = phone.get(read(phone, now, ("bomb.zip", packed.getvalue()))).content.decode()
    refusal = (ImportJob.objects.get().reading or {})["refusal"]
    assert refusal
    assert refusal.split("“")[0] in html.unescape(page)
