"""A guided session: every set is stored once, whatever is sent twice, late, or from another phone."""

import threading
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client

from challenge.care.models import Flag
from challenge.enrollment.models import Enrollment
from challenge.protocol.catalog.plan import ALTERNATIVES, CATALOG, TRACK_PLAN
from challenge.protocol.clinical_record import ComplaintRecord, DoseOverride, PhaseInput
from challenge.protocol.pain import LEFT_OUT_WHEN_RED
from challenge.protocol.parameters import CLINIC
from challenge.protocol.vocabulary import ComplaintStatus, ExerciseId, FlagKind, FormKind, Phase, Side, Site
from challenge.workouts import strength_session_actions as actions
from challenge.workouts.models import EntryRevision, StrengthSession
from challenge.workouts.prescribed_sets import PrescribedSets, prescribed_sets
from challenge.workouts.runner_log import LogSpan, logs_for_snapshot
from challenge.workouts.strength_session import CHANGE_LEGS_S, NEEDS, READY_S, needs, session_exercises
from challenge.workouts.strength_session_models import GuidedSession, GuidedSet
from tests.factories.cohorts import STARTS, enroll
from tests.factories.complaints import open_complaint
from tests.factories.log import evening, log_run
from tests.factories.weekly import make_target

TODAY = date(2026, 1, 7)
PLACE = {"planned": "heavy_calf_raise", "leg": "left", "number": "1"}
ONE_SET = {"exercise": "heavy_calf_raise", "form": "standard", "reps": "8", "load_g": "45 lb"}


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


def send(phone: Client, key: str, **values: str) -> Any:
    fields = {"session": key, "local_on": TODAY.isoformat()} | PLACE | ONE_SET | values
    return phone.post("/log/strength/set/", fields)


def finish(phone: Client, key: str, **values: Any) -> Any:
    return phone.post(
        "/log/strength/finish/", {"key": key, "local_on": TODAY.isoformat(), "pain": "1"} | values
    )


def logged() -> list[tuple[Any, ...]]:
    session = StrengthSession.objects.get()
    return [*session.sets.values_list("exercise", "number", "reps", "load_g", "pain")]


def test_a_set_is_stored_as_it_is_done_and_once(phone: Client, key: str) -> None:
    for _ in range(3):
        answer = send(phone, key)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    only = GuidedSet.objects.get()
    assert (only.planned, only.leg, only.number, only.reps, only.load_g) == (
        "heavy_calf_raise",
        "left",
        1,
        8,
        20412,
    )
    assert [one["load"] for one in answer.json()["sets"]] == ["45"]
    assert not StrengthSession.objects.exists()


def test_the_page_of_a_session_hears_of_a_stop(phone: Client, enrollment: Enrollment, key: str) -> None:
    assert phone.get("/log/strength/set/").json()["stopped"] is False
    finish(phone, key, symptoms=["pop"])
    assert phone.get("/log/strength/set/").json()["stopped"] is True


def test_the_same_set_with_a_pain_changes_it(phone: Client, key: str) -> None:
    send(phone, key)
    send(phone, key, pain="4", reps="6")
    assert [*GuidedSet.objects.values_list("pain", "reps")] == [(4, 6)]


def test_finishing_writes_one_entry_and_both_legs_are_one_set(phone: Client, key: str) -> None:
    send(phone, key, pain="2")
    send(phone, key, leg="right", reps="7", pain="3", load_g="50 lb")
    send(phone, key, number="2")
    for _ in range(2):
        answer = finish(phone, key)
    session = StrengthSession.objects.get()
    assert answer["Location"] == f"/log/strength/done/{session.pk}/"
    assert logged() == [("heavy_calf_raise", 1, 7, 22680, 3), ("heavy_calf_raise", 2, 8, 20412, None)]
    assert (session.key, session.pain, session.local_on) == (uuid.UUID(key), 3, TODAY)
    assert EntryRevision.objects.count() == 1


def test_a_second_phone_goes_on_with_the_same_session(phone: Client, key: str) -> None:
    send(phone, key)
    answer = send(phone, str(uuid.uuid4()), leg="right")
    assert answer.json()["key"] == key
    assert len(phone.get("/log/strength/set/").json()["sets"]) == 2
    page = phone.get("/log/strength/by-hand/")
    assert str(page.context["form"]["key"].value()) == key
    assert GuidedSession.objects.count() == 1


def test_the_same_place_from_two_phones_is_one_set(phone: Client, key: str) -> None:
    send(phone, key, reps="8")
    send(phone, str(uuid.uuid4()), reps="5")
    assert GuidedSet.objects.get().reps == 8


def test_a_set_that_arrives_after_the_finish_is_added_once(phone: Client, key: str) -> None:
    send(phone, key)
    finish(phone, key)
    for _ in range(2):
        send(phone, key, number="2", pain="5")
    assert [one[1] for one in logged()] == [1, 2]
    session = StrengthSession.objects.get()
    assert session.pain == 5
    assert EntryRevision.objects.filter(entry_id=session.pk).count() == 2


def test_a_late_set_leaves_a_correction_by_hand_alone(phone: Client, key: str) -> None:
    send(phone, key)
    finish(phone, key)
    session = StrengthSession.objects.get()
    phone.post(
        f"/log/strength/{session.pk}/",
        {
            "local_on": "2026-01-07",
            "pain": "1",
            "heavy_calf_raise-done_1": "on",
            "heavy_calf_raise-amount_1": "3",
        },
    )
    send(phone, key, number="2")
    assert [one[2] for one in logged()] == [3, 8]


def test_a_late_set_of_a_session_that_was_taken_out_stays_out(phone: Client, key: str) -> None:
    send(phone, key)
    finish(phone, key)
    session = StrengthSession.objects.get()
    phone.post(f"/log/strength/{session.pk}/delete/")
    assert send(phone, key, number="2").status_code == 200
    assert StrengthSession.objects.filter(deleted_at=None).count() == 0


def test_a_second_finish_keeps_the_worst_pain_and_every_symptom(phone: Client, key: str) -> None:
    send(phone, key)
    finish(phone, key, note="first")
    answer = finish(phone, str(uuid.uuid4()), pain="4", site="calf", symptoms=["pop"], note="second")
    session = StrengthSession.objects.get()
    assert (session.pain, session.symptoms, session.note) == (4, ["pop"], "first\nsecond")
    assert answer["Location"] == "/log/stop/"
    assert Flag.objects.filter(kind=FlagKind.STOP).count() == 1


def test_a_stop_in_the_first_set_is_answered_although_nothing_was_done(phone: Client, key: str) -> None:
    answer = finish(phone, key, pain="7", site="calf", symptoms=["pop"])
    assert answer["Location"] == "/log/stop/"
    assert finish(phone, key, pain="7", site="calf", symptoms=["pop"])["Location"] == "/log/stop/"
    assert Flag.objects.filter(kind=FlagKind.STOP).count() == 1


def test_nothing_done_is_told_and_nothing_typed_is_lost(phone: Client, key: str) -> None:
    answer = finish(phone, key, note="typed")
    assert answer.status_code == 422
    assert "There’s no set to save yet" in answer.content.decode()
    assert "typed" in answer.content.decode()


def test_a_session_left_open_is_asked_about_and_saved_for_its_day(
    phone: Client, enrollment: Enrollment, key: str
) -> None:
    make_target(enrollment)
    send(phone, key, local_on="2026-01-06")
    send(phone, key, local_on="2026-01-06", number="2")
    assert "You did 2 sets on Tuesday" in phone.get("/log/strength/").content.decode()
    page = phone.get("/log/strength/finish/")
    assert str(page.context["form"]["key"].value()) == key
    finish(phone, key, local_on="2026-01-06")
    assert StrengthSession.objects.get().local_on == date(2026, 1, 6)
    assert "You did 2 sets" not in phone.get("/log/strength/").content.decode()


def test_a_session_left_open_can_be_left_out(phone: Client, enrollment: Enrollment, key: str) -> None:
    make_target(enrollment)
    send(phone, key, local_on="2026-01-06")
    finish(phone, key, discard="1")
    assert "You did 1 set" not in phone.get("/log/strength/").content.decode()
    assert not StrengthSession.objects.exists()


def test_two_sessions_of_one_day_are_two_entries(phone: Client, key: str) -> None:
    send(phone, key)
    finish(phone, key)
    second = str(uuid.uuid4())
    send(phone, second)
    finish(phone, second)
    assert StrengthSession.objects.count() == 2


def test_an_easier_form_is_named_and_no_step_toward_the_next_dose(
    phone: Client, enrollment: Enrollment, key: str
) -> None:
    send(phone, key, form="easier", because="it hurt")
    send(phone, key, planned="heavy_seated_calf_raise", exercise="heavy_seated_calf_raise")
    finish(phone, key)
    session = StrengthSession.objects.get()
    assert [one.because for one in session.sets.all()] == ["Easier form: it hurt", ""]
    span = LogSpan(TODAY, TODAY, as_of=evening(TODAY))
    (entry,) = logs_for_snapshot({enrollment.pk: span})[enrollment.pk].strength
    assert [done.exercise for done in entry.done] == [ExerciseId.HEAVY_SEATED_CALF_RAISE]


def test_a_swap_names_the_planned_exercise_and_the_reason(phone: Client, key: str) -> None:
    send(phone, key, exercise="arch_raise", because="no weight here")
    finish(phone, key)
    only = StrengthSession.objects.get().sets.get()
    assert (only.exercise, only.instead_of, only.because) == (
        "arch_raise",
        "heavy_calf_raise",
        "no weight here",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"session": "no key"},
        {"local_on": "soon"},
        {"planned": "push-ups"},
        {"leg": "third"},
        {"number": "21"},
        {"reps": "0"},
        {"reps": "", "seconds": ""},
        {"seconds": "45"},
        {"pain": "11"},
        {"load_g": "heavy"},
        {"because": "x" * 201},
        {"because": "a\x00b"},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_a_set_that_cannot_be_is_refused_with_a_reason(
    phone: Client, key: str, wrong: dict[str, str]
) -> None:
    answer = send(phone, key, **wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert not GuidedSet.objects.exists()


def test_a_phone_that_is_ahead_of_the_runners_zone_logs_today(phone: Client, key: str) -> None:
    send(phone, key, local_on=(TODAY + timedelta(days=1)).isoformat())
    assert GuidedSession.objects.get().local_on == TODAY


@pytest.mark.parametrize("day", ["0001-01-01", "1970-01-01", "9999-12-31"])
def test_a_phone_whose_clock_is_wrong_logs_today(phone: Client, key: str, day: str) -> None:
    send(phone, key, local_on=day)
    finish(phone, key, local_on=day)
    assert StrengthSession.objects.get().local_on == TODAY


def test_the_form_by_hand_says_what_is_prescribed(phone: Client, enrollment: Enrollment) -> None:
    make_target(enrollment)
    page = phone.get("/log/strength/by-hand/")
    assert page.status_code == 200
    assert "Done as prescribed" in page.content.decode()
    again = phone.post("/log/strength/", {"key": str(uuid.uuid4()), "pain": ""})
    assert again.status_code == 422


def test_last_weeks_doses_hold_until_mondays_decision(client: Client, enrollment: Enrollment) -> None:
    """Before six on a Monday the dose that a clinician set must not give way to the ladder's first step."""
    calf = ExerciseId.SHORT_RANGE_CALF_RAISE
    two = DoseOverride(exercise=calf, sets=2, set_at=datetime(2026, 1, 4, 12, tzinfo=UTC))
    make_target(enrollment, hand_doses=(two,))

    def sets_on_monday() -> int:
        page = client.get("/log/strength/by-hand/")
        return next(len(one.numbers) for one in page.context["exercises"] if one.planned.exercise is calf)

    assert enrollment.seat.user is not None
    with time_machine.travel(datetime(2026, 1, 12, 11, tzinfo=UTC), tick=False):
        client.force_login(enrollment.seat.user)
        assert sets_on_monday() == 2

    # On the Monday after, that target is two weeks old and says nothing any more.
    with time_machine.travel(datetime(2026, 1, 19, 11, tzinfo=UTC), tick=False):
        client.force_login(enrollment.seat.user)
        assert sets_on_monday() == CATALOG[calf].ladder[0].sets != 2


def test_another_runners_key_opens_nothing(phone: Client, enrollment: Enrollment, key: str) -> None:
    send(phone, key)
    other = enroll(cohort=enrollment.seat.cohort)
    assert other.seat.user is not None
    stranger = Client()
    stranger.force_login(other.seat.user)
    send(stranger, key, reps="3")
    assert {(one.enrollment_id, one.reps) for one in GuidedSet.objects.all()} == {
        (enrollment.pk, 8),
        (other.pk, 3),
    }
    finish(stranger, key)
    assert stranger.get(f"/log/strength/done/{StrengthSession.objects.get().pk}/").status_code == 200
    assert phone.get(f"/log/strength/done/{StrengthSession.objects.get().pk}/").status_code == 404


def test_the_database_holds_one_set_in_a_place_and_one_session_a_day(phone: Client, key: str) -> None:
    send(phone, key)
    stored = GuidedSet.objects.get()
    session = stored.session
    stored.pk, stored.key = None, uuid.uuid4()
    with pytest.raises(IntegrityError, match="guided_set_once_in_its_place"), transaction.atomic():
        stored.save(force_insert=True)
    session.pk, session.key = None, uuid.uuid4()
    with pytest.raises(IntegrityError, match="guided_session_one_a_day"), transaction.atomic():
        session.save(force_insert=True)


def test_the_form_goes_on_with_the_sets_of_the_phone_and_finishes_them(
    phone: Client, enrollment: Enrollment, key: str
) -> None:
    make_target(enrollment)
    place = {"planned": "isometric_calf_hold", "exercise": "isometric_calf_hold", "reps": "", "seconds": "45"}
    send(phone, key, **place)
    page = phone.get("/log/strength/by-hand/")
    first = page.context["exercises"][0]
    assert [first[f"done_{n}"].value() for n in (1, 2)] == [True, None]
    send(phone, key, **place, number="5")  # on the phone, after the form was opened
    values = {f"{first.prefix}-done_{n}": "on" for n in (1, 2)}
    values |= {"key": key, "seen": str(page.context["seen"]), "local_on": "2026-01-07", "pain": "0"}
    for _ in range(2):
        phone.post("/log/strength/", values)
    assert StrengthSession.objects.get().sets.count() == 3
    assert not GuidedSession.objects.filter(finished=None).exists()


def test_a_form_that_is_not_finished_is_kept_as_typed(phone: Client, enrollment: Enrollment) -> None:
    make_target(enrollment)
    first = phone.get("/log/strength/by-hand/").context["exercises"][0].prefix
    typed = {f"{first}-done_2": "on", f"{first}-amount_2": "forty 🙂", "note": "half way", "keep": "1"}
    answer = phone.post("/log/strength/", typed, follow=True)
    page = answer.content.decode()
    assert "Saved. Come back any time today" in page
    assert 'value="forty 🙂"' in page
    assert "half way" in page
    assert not StrengthSession.objects.exists()


def test_as_prescribed_is_asked_back_once_something_was_ticked(phone: Client, enrollment: Enrollment) -> None:
    make_target(enrollment)
    first = phone.get("/log/strength/by-hand/").context["exercises"][0].prefix
    values = {"local_on": "2026-01-07", "pain": "0", f"{first}-done_1": "on", "as_prescribed": "1"}
    answer = phone.post("/log/strength/", values)
    assert answer.status_code == 422
    assert "You checked 1 of 13 sets. Did you do all 13?" in answer.content.decode()
    phone.post("/log/strength/", values | {"as_prescribed": "all"})
    assert StrengthSession.objects.get().sets.count() == 13


def test_the_sore_leg_comes_first(phone: Client, enrollment: Enrollment, wednesday: Any) -> None:
    make_target(enrollment)
    planned = prescribed_sets(enrollment, None, parameters=CLINIC)
    assert [leg.value for leg in session_exercises(enrollment, planned)[0].legs] == ["left", "right"]
    log_run(enrollment, pain=2, site="achilles", side="right")
    assert [leg.value for leg in session_exercises(enrollment, planned)[0].legs] == ["right", "left"]


def test_the_finished_page_counts_the_days_at_the_dose(
    phone: Client, enrollment: Enrollment, key: str
) -> None:
    make_target(enrollment)
    for number in ("1", "2", "3"):
        send(
            phone,
            key,
            planned="short_range_calf_raise",
            exercise="short_range_calf_raise",
            leg="both",
            number=number,
            reps="8",
            form=FormKind.STANDARD.value,
        )
    page = phone.get(finish(phone, key)["Location"]).content.decode()
    assert "1 of 3 days at this dose. Then 3 × 10." in page


@pytest.mark.django_db(transaction=True)
def test_two_phones_that_begin_at_the_same_moment_share_one_session(enrollment: Enrollment) -> None:
    start = threading.Barrier(2)

    def begin(number: int) -> None:
        start.wait()
        try:
            actions.save_set(
                enrollment=enrollment,
                session_key=uuid.uuid4(),
                local_on=TODAY,
                planned="heavy_calf_raise",
                leg="left",
                number=number,
                exercise="heavy_calf_raise",
                form="standard",
                reps=8,
                seconds=None,
                load_g=None,
                pain=None,
                because="",
                by=enrollment.seat.user,
                at=evening(TODAY),
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=begin, args=[number]) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert GuidedSession.objects.get().sets.count() == 2


@pytest.mark.parametrize("phase", [1, 2, 3])
@pytest.mark.parametrize("site", [Site.KNEE, Site.HIP, Site.FOOT])
def test_the_session_of_a_track_is_as_long_as_the_plan_says(
    phone: Client, enrollment: Enrollment, site: Site, phase: int
) -> None:
    track = ComplaintRecord(
        "one", site, ComplaintStatus.PRESENT, STARTS, STARTS, side=Side.RIGHT, track_approved=True
    )
    make_target(enrollment, complaints=(track,), phases=(PhaseInput(Phase(phase), STARTS),))
    open_complaint(enrollment, site.value, "right")
    enrollment.complaints.update(track_approved=True)
    session = phone.get("/log/strength/")
    assert session.context["minutes"].startswith("about ")
    assert session.context["minutes"] in " ".join(phone.get("/plan/1/").content.decode().split())
    shown = {one.planned.exercise for one in session.context["exercises"]}
    assert shown >= {place.exercise for place in TRACK_PLAN[site][Phase(phase)]}
    for one in session.context["exercises"]:
        assert len(one.legs) == (2 if one.form.one_sided else 1), one.planned.exercise
        assert one.rest_s > 0


def test_a_session_needs_what_its_tracks_need_and_says_sides(enrollment: Enrollment) -> None:
    planned = [
        PrescribedSets(exercise, exercise.label, "", 3, None, 30, 0, 30, 0)
        for exercise in (ExerciseId.SIDE_PLANK, ExerciseId.STEP_DOWN, ExerciseId.HIP_HIKE)
    ]
    exercises = session_exercises(enrollment, planned)
    assert needs(exercises, with_weight=True) == ["a mat", "a low step", "a wall"]
    assert [one.for_script("lb", with_weight=True)["each"] for one in exercises] == ["side", "leg", "leg"]
    tracks = {place.exercise for plans in TRACK_PLAN.values() for one in plans.values() for place in one}
    without_equipment = {ExerciseId.ARCH_RAISE, ExerciseId.SPLIT_SQUAT_CALF_RAISE}
    assert {*ALTERNATIVES, *tracks} - without_equipment <= {*NEEDS}


@pytest.mark.parametrize("phase", [2, 3])
def test_a_red_report_leaves_jumps_and_heavy_lifts_out_of_the_session(
    phone: Client, enrollment: Enrollment, key: str, phase: int
) -> None:
    make_target(enrollment, phases=(PhaseInput(Phase(phase), STARTS),))
    whole = {one.planned.exercise for one in phone.get("/log/strength/").context["exercises"]}
    send(phone, key)  # what has begun stays
    log_run(enrollment, on=TODAY, pain=7, site="achilles", side="left")
    page = phone.get("/log/strength/")
    led = {one.planned.exercise for one in page.context["exercises"]}
    strained = {one for one in whole if CATALOG[one].kind in LEFT_OUT_WHEN_RED}
    begun = {ExerciseId.HEAVY_CALF_RAISE} & whole
    assert strained - begun
    assert led == whole - strained | begun
    assert "Left out until your pain is lower: " in page.content.decode()


def test_one_leg_rests_while_the_other_one_works(enrollment: Enrollment) -> None:
    heavy = PrescribedSets(ExerciseId.HEAVY_CALF_RAISE, "", "", 3, 8, None, 3, 0, 4)
    (one,) = session_exercises(enrollment, [heavy])
    assert one.rest_s == 120 - (CHANGE_LEGS_S + READY_S + 56) - READY_S
    (both,) = session_exercises(enrollment, [replace(heavy, form=FormKind.EASIER)])
    assert both.rest_s == (39 if both.form.each else 120)


def test_a_guarded_form_has_its_own_steps_and_page_in_the_session(
    phone: Client, enrollment: Enrollment
) -> None:
    knee = ComplaintRecord("one", Site.KNEE, ComplaintStatus.PRESENT, STARTS, STARTS)
    make_target(enrollment, complaints=(knee,), phases=(PhaseInput(Phase.STRENGTHEN, STARTS),))
    page = phone.get("/log/strength/").content.decode()
    squat = CATALOG[ExerciseId.SPLIT_SQUAT_CALF_RAISE]
    assert "/guide/split_squat_calf_raise/easier/" in page
    assert all(step in page for step in squat.steps_of(FormKind.EASIER))
    assert squat.never not in page
