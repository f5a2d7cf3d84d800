"""What is doubtful in a file is one question on its card: nothing is saved before the runner has answered."""

import html
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from challenge.enrollment.models import Enrollment
from challenge.workouts.import_models import ActivityFile, ImportJob
from challenge.workouts.models import EntryRevision, Run
from tests.factories.activity_files import Stretch, fit_run, gpx, tcx
from tests.factories.cohorts import enroll
from tests.factories.log import log_run
from tests.workouts.test_importing_files import FIT, STARTED, answers, read

SHORT_TOTALS = fit_run([Stretch(1200)], start=STARTED, total_distance=2000.0)
RIDE = gpx([Stretch(1200, 6.0, None)], start=STARTED, kind=None).replace("Loop", "Cycling").encode()
LOST_WEEKS = timedelta(weeks=1024)
OLD = fit_run([Stretch(1200)], start=STARTED - LOST_WEEKS)


def page_of(phone: Client, address: str) -> str:
    return html.unescape(phone.get(address).content.decode())


def test_a_run_without_a_doubt_is_chosen_as_before(phone: Client, now: datetime) -> None:
    (preview,) = phone.get(read(phone, now, ("a.fit", FIT))).context["previews"]
    assert (preview.decision, preview.doubts) == ("new", ())


def test_a_doubt_says_what_disagrees_and_chooses_nothing(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.fit", SHORT_TOTALS))
    page = page_of(phone, address)
    assert "The file’s total says 1.24 mi (2.00 km), but the recording itself covers 2.24 mi" in page
    assert 'value="new" checked' not in page
    assert 'value="skip" checked' not in page


def test_an_unanswered_doubt_saves_nothing_and_keeps_what_was_typed(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.fit", SHORT_TOTALS), ("b.fit", fit_run(start=now - timedelta(hours=5))))
    answer = phone.post(address, answers(phone, address, **{"1-0-note": "felt fine"}))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert page.count("Choose one: save it, or leave it out.") == 1
    assert "felt fine" in page
    assert not Run.objects.exists()


def test_an_answered_doubt_saves_once_with_both_numbers(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.fit", SHORT_TOTALS))
    values = answers(phone, address, **{"keep-1-0": "new"})
    phone.post(address, values)
    phone.post(address, values)
    file = ActivityFile.objects.get()
    assert file.run.distance_m == pytest.approx(3597, abs=10)
    assert file.reader_version == 2
    assert [(one["kind"], one["other"], one["believed"]) for one in file.doubts] == [
        ("total_distance", 2000.0, 3597.0)
    ]


def test_what_is_probably_no_run_is_left_out_unless_the_runner_says_that_it_is(
    phone: Client, now: datetime
) -> None:
    address = read(phone, now, ("a.gpx", RIDE))
    page = page_of(phone, address)
    assert "sounds like a bike ride" in page
    assert 'value="skip" checked' in page
    phone.post(address, answers(phone, address))
    assert not Run.objects.exists()
    phone.post(address, answers(phone, address, **{"keep-1-0": "new"}))
    assert Run.objects.count() == 1


def test_a_doubtful_file_of_a_run_typed_by_hand_is_not_merged_unasked(
    phone: Client, enrollment: Enrollment, now: datetime
) -> None:
    log_run(enrollment, distance_m=3600, duration_s=1200)
    address = read(phone, now, ("a.fit", SHORT_TOTALS))
    assert phone.get(address).context["previews"][0].decision == ""
    phone.post(address, answers(phone, address, **{"keep-1-0": "into"}))
    assert Run.objects.get().distance_m in range(3590, 3625)


def test_a_lost_week_count_is_asked_with_its_year(phone: Client, now: datetime) -> None:
    page = page_of(phone, read(phone, now, ("a.fit", OLD)))
    assert "The file says May 23, 2006." in page
    assert "if yours did, it was January 6, 2026" in page
    assert "Tuesday, May 23, 2006" in page
    assert "Save it under January 6, 2026" in page
    assert "checked><span>Save" not in page


def test_the_later_day_moves_the_start_with_it(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.fit", OLD))
    phone.post(address, answers(phone, address, **{"keep-1-0": "later"}))
    run = Run.objects.get()
    assert (run.local_on, run.started_at) == (date(2026, 1, 6), STARTED)


def test_a_corrected_day_moves_the_start_with_it(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.fit", OLD))
    phone.post(address, answers(phone, address, **{"keep-1-0": "new", "1-0-local_on": "2026-01-05"}))
    run = Run.objects.get()
    assert (run.local_on, run.started_at) == (date(2026, 1, 5), STARTED - timedelta(days=1))


def test_the_files_own_day_is_kept_if_the_runner_says_so(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.fit", OLD))
    phone.post(address, answers(phone, address, **{"keep-1-0": "new"}))
    assert Run.objects.get().started_at == STARTED - LOST_WEEKS


def test_a_run_of_the_later_day_that_was_typed_by_hand_is_found(
    phone: Client, enrollment: Enrollment, now: datetime
) -> None:
    log_run(enrollment, distance_m=3600, duration_s=1200)
    address = read(phone, now, ("a.fit", OLD))
    assert "You logged a run like this by hand" in page_of(phone, address)
    phone.post(address, answers(phone, address, **{"keep-1-0": "into"}))
    run = Run.objects.get()
    assert (run.local_on, run.started_at) == (date(2026, 1, 6), STARTED)


def test_a_run_of_years_ago_is_asked_about(phone: Client, now: datetime) -> None:
    page = page_of(phone, read(phone, now, ("a.fit", fit_run(start=datetime(2019, 5, 1, 12, tzinfo=UTC)))))
    assert "The file says May 1, 2019, long before your challenge." in page
    assert "Save it under" not in page


@pytest.mark.parametrize("decision", ["later", "into", "everything", ""])
def test_a_choice_that_was_not_offered_is_none(phone: Client, now: datetime, decision: str) -> None:
    address = read(phone, now, ("a.fit", SHORT_TOTALS))
    answer = phone.post(address, answers(phone, address) | {"keep-1-0": decision})
    assert answer.status_code == 422
    assert not Run.objects.exists()


def imported(phone: Client, now: datetime) -> Run:
    address = read(phone, now, ("a.fit", FIT))
    phone.post(address, answers(phone, address))
    return Run.objects.get()


def correct(phone: Client, run: Run, **changed: Any) -> int:
    form = phone.get(f"/log/run/{run.pk}/").context["form"]
    values = {
        name: form[name].value() or "" for name in form.fields if name not in ("duration_s", "symptoms")
    }
    values |= {"duration_s_h": "", "duration_s_m": "20", "duration_s_s": "0", "pain": "0"}
    return phone.post(f"/log/run/{run.pk}/", values | changed).status_code


def test_correcting_the_day_of_an_imported_run_moves_its_start(phone: Client, now: datetime) -> None:
    run = imported(phone, now)
    assert correct(phone, run, local_on="2026-01-05") == 302
    run.refresh_from_db()
    assert (run.local_on, run.started_at) == (date(2026, 1, 5), STARTED - timedelta(days=1))
    assert EntryRevision.objects.filter(entry_id=run.pk).count() == 2


def test_correcting_the_time_of_an_imported_run_below_its_running_is_no_error(
    phone: Client, now: datetime
) -> None:
    run = imported(phone, now)
    assert correct(phone, run, duration_s_m="15") == 302
    run.refresh_from_db()
    assert (run.duration_s, run.running_s) == (900, 900)


def old_import(
    enrollment: Enrollment, *, name: str = "a.fit", cadence_raw: float = 84.0, **values: Any
) -> Run:
    """A run as version 1 of the reader stored it."""
    defaults: dict[str, Any] = {"cadence_spm": 168, "cadence_source": "file", "started_at": STARTED}
    run = log_run(enrollment, **defaults | values)
    ActivityFile.objects.create(
        run=run,
        sha256="0" * 64,
        name=name,
        file_format="fit",
        elapsed_s=run.duration_s,
        cadence_spm=run.cadence_spm,
        cadence_raw=cadence_raw,
        cadence_unit="one_foot",
    )
    return run


WALK: dict[str, Any] = {"cadence_raw": 112.0, "cadence_spm": 224, "distance_m": 1800, "duration_s": 1200}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (WALK, "steps of 16 inches"),
        ({"name": "Morning_Ride.fit"}, "its name sounds like a bike ride"),
        (
            {"distance_m": 22_000, "duration_s": 3300, "cadence_spm": None, "cadence_source": ""},
            "faster than",
        ),
        ({"on": date(2006, 5, 23)}, "January 6, 2026"),
    ],
)
@pytest.mark.parametrize("address", ["/log/", "/log/import/"])
def test_what_the_old_reader_took_and_is_doubtful_now_is_listed(
    phone: Client, enrollment: Enrollment, address: str, values: dict[str, Any], words: str
) -> None:
    run = old_import(enrollment, **values)
    page = page_of(phone, address)
    assert "Please look at these again" in page
    assert words in page
    assert f"/log/run/{run.pk}/" in page
    assert EntryRevision.objects.count() == 1, "nothing changes by itself"


def test_sound_imports_typed_runs_and_those_of_others_are_not_listed(
    phone: Client, enrollment: Enrollment
) -> None:
    old_import(enrollment)
    log_run(enrollment, cadence_spm=224)
    old_import(enroll(), **WALK)
    gone = old_import(enrollment, **WALK)
    Run.objects.filter(pk=gone.pk).update(deleted_at=STARTED)
    assert "Please look at these again" not in page_of(phone, "/log/")


def test_a_doubt_that_was_answered_in_the_preview_is_not_listed(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.gpx", RIDE))
    phone.post(address, answers(phone, address, **{"keep-1-0": "new"}))
    assert "Please look at these again" not in page_of(phone, "/log/")


def test_the_list_is_shown_until_the_runner_has_looked(
    phone: Client, enrollment: Enrollment, now: datetime
) -> None:
    run = old_import(enrollment, **WALK)
    other = old_import(enroll(), **WALK)
    assert phone.post("/log/import/", {"seen": "1"}).status_code == 302
    assert "Please look at these again" not in page_of(phone, "/log/")
    assert ActivityFile.objects.get(run=run).doubts_seen_at == now
    assert ActivityFile.objects.get(run=other).doubts_seen_at is None
    run.refresh_from_db()
    assert run.cadence_spm == 224


def test_a_corrected_run_leaves_the_list(phone: Client, enrollment: Enrollment) -> None:
    run = old_import(enrollment, **WALK)
    assert correct(phone, run, cadence_spm="", cadence_source="") == 302
    run.refresh_from_db()
    assert run.cadence_spm is None
    assert "steps of 16 inches" not in page_of(phone, "/log/")


def test_an_upload_read_before_the_doubts_is_shown_as_it_was(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.tcx", tcx(start=STARTED).encode()))
    job = ImportJob.objects.get()
    assert job.reading is not None
    for run in job.reading["runs"]:
        del run["doubts"], run["reader_version"]
    job.save()
    phone.post(address, answers(phone, address))
    assert ActivityFile.objects.get().reader_version == 1


def test_a_run_of_the_future_is_asked_about_with_its_year(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.fit", fit_run(start=datetime(2027, 3, 1, 12, tzinfo=UTC))))
    (preview,) = phone.get(address).context["previews"]
    assert (preview.decision, preview.opens_day) == ("", True)
    assert "The file says March 1, 2027, and that day hasn’t come yet." in page_of(phone, address)


def test_a_corrected_day_of_this_week_is_asked_about_pain(phone: Client, now: datetime) -> None:
    address = read(phone, now, ("a.fit", fit_run(start=datetime(2019, 5, 1, 12, tzinfo=UTC))))
    values = answers(phone, address, **{"keep-1-0": "new", "1-0-local_on": "2026-01-06"})
    refused = phone.post(address, values)
    assert refused.status_code == 422
    assert "Tap a number. 0 is no pain." in refused.content.decode()
    assert not Run.objects.exists()
    phone.post(address, values | {"1-0-pain": "2"})
    assert (Run.objects.get().pain, Run.objects.get().local_on) == (2, date(2026, 1, 6))


def test_a_run_whose_corrected_day_is_in_the_log_is_not_saved_twice_unasked(
    phone: Client, now: datetime
) -> None:
    address = read(phone, now, ("a.fit", FIT))
    phone.post(address, answers(phone, address))
    address = read(phone, now, ("b.fit", fit_run(start=STARTED - timedelta(days=3 * 365))))
    values = answers(phone, address, **{"keep-1-0": "new", "1-0-local_on": "2026-01-06", "1-0-pain": "0"})
    asked = phone.post(address, values)
    assert asked.status_code == 422
    page = asked.content.decode()
    assert "Your log has a run that starts at the same time" in page
    assert "Choose one: save it, or leave it out." in page
    assert Run.objects.count() == 1
    (preview,) = asked.context["previews"]
    again = values | {f"shown-{preview.form.prefix}": preview.shown_duplicate}
    assert phone.post(address, again).status_code == 302
    assert Run.objects.count() == 2
