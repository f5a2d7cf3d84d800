"""The log's pages, as a runner meets them on a Wednesday morning."""

import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from challenge.care.actions import raise_flag
from challenge.care.models import Flag
from challenge.enrollment.models import Enrollment
from challenge.protocol.reading_hours import READS
from challenge.protocol.vocabulary import FlagKind
from challenge.protocol.weekly import decide
from challenge.weekly.engine_inputs import gather_snapshots
from challenge.workouts import queries
from challenge.workouts.models import DailyLife, Morning, RestWeek, Run, StrengthSession
from tests.factories.cohorts import enroll
from tests.factories.log import DAY, log_morning, log_run, log_strength
from tests.factories.people import use_second_factor
from tests.factories.weekly import make_target

RUN = {
    "local_on": "2026-01-07",
    "distance_m": "3.1",
    "duration_s_m": "30",
    "cadence_spm": "166",
    "cadence_source": "watch",
    "surface": "road",
    "effort": "easy",
    "pain": "1",
}


def a_run(**changed: Any) -> dict[str, Any]:
    return RUN | {"key": str(uuid.uuid4())} | changed


def test_today_shows_one_number_and_why(phone: Client, enrollment: Enrollment) -> None:
    make_target(enrollment)
    page = phone.get("/today/").content.decode()
    assert '<span class="number">168</span></h1>' in page
    assert "/log/run/" in page


def test_a_stop_flag_that_is_open_now_hides_every_target(
    phone: Client, enrollment: Enrollment, now: datetime
) -> None:
    make_target(enrollment)
    raise_flag(enrollment=enrollment, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=now)
    for address in ("/today/", "/plan/", "/plan/1/"):
        page = phone.get(address).content.decode()
        assert not re.search(r"\b168\b", page)
        assert "on hold" in page
    assert "calf raise" not in phone.get("/plan/1/").content.decode().lower()


@pytest.mark.parametrize(("baseline", "words"), [(None, "no number"), (182, "what’s changing now")])
def test_without_a_number_today_says_why(
    phone: Client, enrollment: Enrollment, baseline: int | None, words: str
) -> None:
    make_target(enrollment, baseline_spm=baseline)
    assert words in phone.get("/today/").content.decode()


def test_a_run_is_saved_with_what_was_said(phone: Client, enrollment: Enrollment) -> None:
    answer = phone.post("/log/run/", a_run(), follow=True)
    run = Run.objects.get()
    assert answer.redirect_chain == [("/today/", 302)]
    assert "Run saved: 3.1 mi at 166." in answer.content.decode()
    assert (run.distance_m, run.duration_s, run.cadence_spm, run.pain) == (4989, 1800, 166, 1)
    assert (run.enrollment, run.local_on) == (enrollment, date(2026, 1, 7))


def test_pressing_save_twice_saves_once(phone: Client) -> None:
    values = a_run()
    phone.post("/log/run/", values)
    phone.post("/log/run/", values)
    assert Run.objects.count() == 1


def test_the_next_form_knows_the_last_run_but_never_its_pain_or_cadence(
    phone: Client, enrollment: Enrollment
) -> None:
    log_run(enrollment, distance_m=8047, surface="trail", effort="tempo", pain=3, cadence_spm=171)
    form = phone.get("/log/run/").context["form"]
    assert form["distance_m"].value() == "5.0"
    assert (form["surface"].value(), form["effort"].value()) == ("trail", "tempo")
    assert (form["pain"].value(), form["cadence_spm"].value(), form["cadence_source"].value()) == (None,) * 3


def test_a_long_run_is_not_the_next_forms_distance(phone: Client, enrollment: Enrollment) -> None:
    for days, miles in ((4, 3), (3, 4), (2, 4), (1, 20)):
        log_run(enrollment, DAY - timedelta(days=days), distance_m=miles * 1609, duration_s=18000)
    assert phone.get("/log/run/").context["form"]["distance_m"].value() == "4.0"


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("distance_m", "", "How far was it?"),
        ("distance_m", "-3", "Enter the distance as a number, like 5.2."),
        ("distance_m", "NaN", "Enter the distance as a number, like 5.2."),
        ("distance_m", "🏃", "Enter the distance as a number, like 5.2."),
        ("distance_m", "9" * 10_000, "Enter the distance as a number, like 5.2."),
        ("distance_m", "0", "too short to be a run"),
        ("distance_m", "900", "up to 186"),
        ("duration_s_m", "", "How many minutes did you run?"),
        ("duration_s_m", "-1", "Enter the time in whole numbers"),
        ("duration_s_m", "🙂", "Enter the time in whole numbers"),
        ("duration_s_m", "9999", "48 hours"),
        ("duration_s_m", "1", "faster than anyone has run"),
        ("cadence_spm", "0", "from 60 to 250"),
        ("cadence_spm", "NaN", "from 60 to 250"),
        ("cadence_spm", "16٤", "from 60 to 250"),
        ("pain", "", "Tap a number. 0 is no pain."),
        ("pain", "11", "Tap a number from 0 to 10."),
        ("local_on", "1970-01-01", "The log goes back to "),
        ("local_on", "2099-01-01", "hasn’t come yet"),
        ("local_on", "yesterday", "Enter a day"),
        ("note", "x" * 10_000, "10,000 characters"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field_and_kept(
    phone: Client, field: str, typed: str, sentence: str
) -> None:
    answer = phone.post("/log/run/", a_run(**{field: typed, "note": typed if field == "note" else "kept"}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert typed in page
    assert field == "note" or "kept</textarea>" in page
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("typed", "meters"), [("5,2", 8369), ("5.2", 8369), ("8 km", 8000), ("8k", 8000), ("3 miles", 4828)]
)
def test_distances_are_read_as_people_write_them(phone: Client, typed: str, meters: int) -> None:
    phone.post("/log/run/", a_run(distance_m=typed, duration_s_m="55"))
    assert Run.objects.get().distance_m == meters


def test_a_runner_who_uses_kilometers_types_kilometers(phone: Client, enrollment: Enrollment) -> None:
    user = enrollment.seat.user
    assert user is not None
    user.uses_kilometers = True
    user.save()
    phone.post("/log/run/", a_run(distance_m="5"))
    assert Run.objects.get().distance_m == 5000


@pytest.mark.parametrize(("meant", "saved"), [("164", 164), ("82", 82)])
def test_one_foot_is_asked_back_once(phone: Client, meant: str, saved: int) -> None:
    first = phone.post("/log/run/", a_run(cadence_spm="82"))
    assert "82? Did you mean 164?" in first.content.decode()
    assert not Run.objects.exists()
    phone.post("/log/run/", a_run(cadence_spm="82", cadence_meant=meant))
    assert Run.objects.get().cadence_spm == saved


def test_a_watch_average_with_walking_breaks_makes_no_baseline(phone: Client, enrollment: Enrollment) -> None:
    page = phone.get("/log/run/").content.decode()
    assert "With walking breaks" in page
    for _ in range(3):
        phone.post("/log/run/", a_run(cadence_spm="138", walk_breaks="on"))
    assert [run.walk_breaks for run in Run.objects.all()] == [True] * 3
    monday, at = date(2026, 1, 12), datetime(2026, 1, 12, 13, tzinfo=UTC)
    decision = decide(gather_snapshots([enrollment], week_starts_on=monday, at=at)[enrollment.pk])
    assert (decision.cadence.measured_runs, decision.cadence.baseline_spm) == (0, None)
    Run.objects.update(walk_breaks=False)
    decision = decide(gather_snapshots([enrollment], week_starts_on=monday, at=at)[enrollment.pk])
    assert decision.cadence.measured_runs == 1, "all that is run on one day is one run"


def test_with_the_metronome_needs_no_number(phone: Client) -> None:
    phone.post("/log/run/", a_run(cadence_spm="", cadence_source="metronome"))
    run = Run.objects.get()
    assert (run.cadence_spm, run.cadence_source) == (None, "metronome")


def test_from_four_up_where_it_hurt_is_asked(phone: Client) -> None:
    assert "Where was it worst?" in phone.post("/log/run/", a_run(pain="4")).content.decode()
    answer = phone.post("/log/run/", a_run(pain="6", site="calf"), follow=True)
    assert "6 out of 10 is red: your calf" in answer.content.decode()


def test_a_stop_is_answered_at_once(phone: Client, enrollment: Enrollment) -> None:
    answer = phone.post("/log/run/", a_run(symptoms=["calf_swelling"]), follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [("/log/stop/", 302)]
    assert "blood clot" in page
    assert "will call you by 5:00 PM clinic time tomorrow" in page
    assert page.count("will call you by") == 1


def test_a_question_goes_to_a_clinician_and_targets_go_on(phone: Client, enrollment: Enrollment) -> None:
    make_target(enrollment)
    page = phone.post("/log/run/", a_run(symptoms=["night_pain"]), follow=True).content.decode()
    assert READS in page
    assert "168" in page
    assert Flag.objects.get().kind == FlagKind.ASK


def test_the_morning_after_is_asked_on_today_and_in_the_next_log(
    phone: Client, enrollment: Enrollment
) -> None:
    log_run(enrollment, on=DAY)
    assert "How was this morning?" in phone.get("/today/").content.decode()
    phone.post("/log/run/", a_run(morning_on="2026-01-07", morning_pain="2"))
    assert (Morning.objects.get().local_on, Morning.objects.get().pain) == (date(2026, 1, 7), 2)
    assert "How was this morning?" not in phone.get("/today/").content.decode()


def test_the_morning_after_is_asked_in_a_strength_log_too(phone: Client, enrollment: Enrollment) -> None:
    make_target(enrollment)
    log_run(enrollment)
    assert "And how much did it hurt getting up this morning?" in phone.get("/log/strength/").content.decode()
    values = {"local_on": "2026-01-07", "pain": "0", "as_prescribed": "1"}
    phone.post("/log/strength/", values | {"morning_on": "2026-01-07", "morning_pain": "2"})
    assert Morning.objects.get().pain == 2


@pytest.mark.parametrize(("kind", "log"), [("run", log_run), ("strength", log_strength)])
def test_the_morning_after_can_be_given_and_corrected_where_its_session_is(
    phone: Client, enrollment: Enrollment, kind: str, log: Any
) -> None:
    entry = log(enrollment)
    address = f"/log/{kind}/{entry.pk}/"
    assert "And how much did it hurt getting up this morning?" in phone.get(address).content.decode()
    said = a_run(local_on="2026-01-06", **{"heavy_calf_raise-done_1": "on"})
    phone.post(address, said | {"morning_on": "2026-01-07", "morning_pain": "3"})
    morning = Morning.objects.get()
    assert (morning.local_on, morning.pain) == (DAY + timedelta(days=1), 3)
    page = phone.get(address).content.decode()
    assert "And how much did it hurt getting up" not in page
    assert f"/log/morning/{morning.pk}/" in page


def test_a_morning_long_gone_is_not_asked_where_its_session_is(phone: Client, enrollment: Enrollment) -> None:
    run = log_run(enrollment, on=DAY - timedelta(days=9))
    assert "And how much did it hurt getting up" not in phone.get(f"/log/run/{run.pk}/").content.decode()


def test_a_correction_is_answered_like_an_entry(phone: Client, enrollment: Enrollment) -> None:
    run = log_run(enrollment)
    night = a_run(local_on="2026-01-06", symptoms=["night_pain"])
    page = phone.post(f"/log/run/{run.pk}/", night, follow=True).content.decode()
    assert "Corrected." in page
    assert READS in page


def test_a_morning_that_was_told_is_opened_to_correct_it(phone: Client, enrollment: Enrollment) -> None:
    told = log_morning(enrollment, on=date(2026, 1, 7), at=timezone.now())
    assert phone.get("/log/morning/").headers["Location"] == f"/log/morning/{told.pk}/"
    answer = phone.post("/log/morning/", {"local_on": "2026-01-07", "pain": "3"})
    assert answer.headers["Location"] == f"/log/morning/{told.pk}/"


def test_daily_life_is_one_answer_a_week(phone: Client) -> None:
    for pain in ("3", "2"):
        phone.post("/log/daily-life/", {"pain": pain, "key": str(uuid.uuid4())})
    assert [answer.pain for answer in DailyLife.objects.all()] == [2]


def test_nothing_this_week_is_an_answer_without_reproach(phone: Client) -> None:
    for _ in range(2):
        page = phone.post("/log/nothing/", {"note": "flu"}, follow=True).content.decode()
    assert RestWeek.objects.count() == 1
    assert "Weeks like this are part of it" in page


def test_a_break_and_the_way_back(phone: Client, enrollment: Enrollment) -> None:
    make_target(enrollment)
    phone.post("/log/pause/", {"reason": "travel", "starts_on": "2026-01-07"})
    assert "You’re paused" in phone.get("/today/").content.decode()
    phone.post("/log/pause/", {"back": "1"})
    assert "168" in phone.get("/today/").content.decode()


def test_a_session_as_prescribed_is_one_tap_and_a_number(phone: Client, enrollment: Enrollment) -> None:
    make_target(enrollment)
    page = phone.get("/log/strength/by-hand/")
    values: dict[str, Any] = {"local_on": "2026-01-07", "pain": "0", "as_prescribed": "1"}
    for form in page.context["exercises"]:
        values |= {box.html_name: box.value() or "" for row in form.rows() for box in row[1:]}
    phone.post("/log/strength/", values)
    session = StrengthSession.objects.get()
    planned = page.context["exercises"]
    assert session.as_prescribed
    assert session.sets.count() == sum(form.planned.sets for form in planned)


def test_a_session_set_by_set_with_a_substitute(phone: Client, enrollment: Enrollment) -> None:
    make_target(enrollment)
    first = phone.get("/log/strength/by-hand/").context["exercises"][0]
    prefix = first.prefix
    values = {"local_on": "2026-01-07", "pain": "2", f"{prefix}-done_1": "on", f"{prefix}-load_1": "45"}
    values |= {f"{prefix}-instead": "heavy_calf_raise"}
    assert "Tell us why in a few words" in phone.post("/log/strength/", values).content.decode()
    phone.post("/log/strength/", values | {f"{prefix}-because": "no wall"})
    only = StrengthSession.objects.get().sets.get()
    assert (only.exercise, only.instead_of, only.because) == ("heavy_calf_raise", prefix, "no wall")
    assert only.load_g == 20412


def test_a_session_without_a_tick_is_asked_back(phone: Client, enrollment: Enrollment) -> None:
    answer = phone.post("/log/strength/", {"local_on": "2026-01-07", "pain": "0"})
    assert "Check off the sets you did" in answer.content.decode()


def test_every_kind_of_entry_can_be_corrected_and_taken_out(phone: Client, enrollment: Enrollment) -> None:
    run, session, morning = log_run(enrollment), log_strength(enrollment), log_morning(enrollment)
    phone.post(f"/log/run/{run.pk}/", a_run(local_on="2026-01-06", distance_m="4"))
    phone.post(
        f"/log/strength/{session.pk}/",
        {"local_on": "2026-01-05", "pain": "1", "heavy_calf_raise-done_1": "on"},
    )
    phone.post(f"/log/morning/{morning.pk}/", {"local_on": "2026-01-06", "pain": "5", "site": "calf"})
    assert queries.runs(enrollment).get().distance_m == 6437
    assert queries.strength_sessions(enrollment).get().sets.count() == 1
    assert queries.mornings(enrollment).get().pain == 5
    page = phone.get(f"/log/run/{run.pk}/").content.decode()
    assert "What it said before" in page
    for kind, entry in (("run", run), ("strength", session), ("morning", morning)):
        assert phone.get(f"/log/{kind}/{entry.pk}/delete/").status_code == 200
        phone.post(f"/log/{kind}/{entry.pk}/delete/")
        assert phone.get(f"/log/{kind}/{entry.pk}/").status_code == 404


def test_no_one_opens_another_runners_entry(phone: Client) -> None:
    run = log_run(enroll())
    assert phone.get(f"/log/run/{run.pk}/").status_code == 404
    assert phone.post(f"/log/run/{run.pk}/delete/").status_code == 404
    assert phone.get("/log/dreams/1/").status_code == 404


def test_looking_changes_nothing(phone: Client, enrollment: Enrollment) -> None:
    run = log_run(enrollment)
    for address in (f"/log/run/{run.pk}/delete/", "/log/nothing/", "/log/pause/", "/log/", "/log/import/"):
        assert phone.get(address).status_code == 200
    assert queries.runs(enrollment).exists()
    assert not RestWeek.objects.exists()


def test_who_has_no_seat_is_told_how_to_get_one(client: Client, runner: Any) -> None:
    client.force_login(runner)
    assert "You don’t have a seat yet" in client.get("/today/").content.decode()


def test_staff_have_no_log(client: Client, clinician: Any) -> None:
    client.force_login(clinician)
    use_second_factor(client, clinician)
    assert client.get("/today/").status_code == 403


def test_a_run_is_typed_for_a_year_before_the_challenge_and_no_earlier(
    phone: Client, enrollment: Enrollment
) -> None:
    first = enrollment.cohort.starts_on - timedelta(days=365)
    answer = phone.post("/log/run/", a_run(local_on=str(first - timedelta(days=1)), note="kept"))
    assert answer.status_code == 422
    assert f"{first:%B} {first.day}, {first.year}. Choose that day or a later one." in answer.content.decode()
    assert "kept</textarea>" in answer.content.decode()
    assert phone.post("/log/run/", a_run(local_on=str(first))).status_code == 302
    assert Run.objects.get().local_on == first
