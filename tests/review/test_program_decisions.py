"""A clinician adds, leaves out and swaps exercises, and sets dose, load and tempo within the catalog's range."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from challenge.care.actions import change_phase
from challenge.care.models import ClinicianOverride
from challenge.enrollment.models import Enrollment
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.vocabulary import ExerciseId, PlanChangeKind
from challenge.review.program_actions import CannotTakeEffect, change_plan, set_dose
from challenge.weekly.engine_inputs import gather_snapshots
from tests.factories.cohorts import enroll, make_open_cohort
from tests.factories.complaints import open_complaint
from tests.review.conftest import moment, monday
from tests.review.test_deciding import page, post, revisions

pytestmark = pytest.mark.django_db
HOLD, RAISE = "isometric_calf_hold", "short_range_calf_raise"


def snapshot_of(runner: Enrollment) -> Snapshot:
    week = monday()
    return gather_snapshots([runner], week_starts_on=week, at=moment(week, 20))[runner.pk]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "add", "exercise": "arch_raise"}, "Added exercise: Arch raise"),
        ({"kind": "leave_out", "exercise": HOLD}, "Exercise left out: Standing calf hold"),
        (
            {"kind": "swap", "exercise": HOLD, "replacement": "side_plank"},
            "Swapped exercise: Side plank instead of Standing calf hold",
        ),
    ],
)
def test_a_change_reaches_the_engine_and_holds_until_it_is_ended(
    care: SimpleNamespace, desk: Client, values: dict[str, str], words: str
) -> None:
    before = revisions(care)
    assert post(desk, care, "plan", **values, reason="They told me.").status_code == 302
    assert revisions(care) == before + 1
    row = ClinicianOverride.objects.get()
    (change,) = snapshot_of(care.runner).plan_changes
    assert (change.kind, change.exercise, change.ended_at) == (
        PlanChangeKind(values["kind"]),
        ExerciseId(values["exercise"]),
        None,
    )
    assert words in page(desk, care).content.decode()
    assert post(desk, care, "end", override=row.pk, reason="Enough.").status_code == 302
    row.refresh_from_db()
    assert (row.ended_by, row.end_reason) == (care.clinician, "Enough.")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"kind": "add", "exercise": "heavy_calf_raise"},
            "belongs to phase 2 and 3; this runner is in phase 1",
        ),
        ({"kind": "add", "exercise": HOLD}, "is in the plan already"),
        ({"kind": "leave_out", "exercise": "pogo_hops"}, "is not in the plan of this week"),
        ({"kind": "swap", "exercise": HOLD}, "Which exercise comes instead?"),
        ({"kind": "swap", "exercise": HOLD, "replacement": HOLD}, "That is the same exercise"),
        (
            {"kind": "swap", "exercise": HOLD, "replacement": "pogo_hops"},
            "belongs to phase 3; this runner is in phase 1",
        ),
        ({"kind": "add", "exercise": "arch_raise", "replacement": HOLD}, "Only a swap needs a second"),
        ({"exercise": HOLD}, "Choose one: add, leave out or swap."),
    ],
)
def test_what_cannot_take_effect_is_refused_and_not_stored(
    care: SimpleNamespace, desk: Client, values: dict[str, str], sentence: str
) -> None:
    answer = post(desk, care, "plan", **values, reason="Written at length.")
    assert answer.status_code == 409
    assert sentence in answer.content.decode()
    assert "Written at length." in answer.content.decode()
    assert not ClinicianOverride.objects.exists()


def test_the_sentence_is_beside_the_exercise_that_it_is_about(care: SimpleNamespace, desk: Client) -> None:
    values = {"kind": "swap", "exercise": HOLD, "replacement": "pogo_hops", "reason": "Why not."}
    answer = post(desk, care, "plan", **values)
    assert [*answer.context["decisions"]["plan"].errors] == ["replacement"]


def test_what_loads_a_sore_knee_waits_for_its_approval(care: SimpleNamespace, desk: Client) -> None:
    open_complaint(care.runner, "knee", at=moment(monday(1)))
    values = {"kind": "add", "exercise": "wall_sit", "reason": "For the thigh."}
    refused = post(desk, care, "plan", **values)
    assert refused.status_code == 409
    assert "loads the knee, which hurts now. Approve the exercise first." in refused.content.decode()
    assert not ClinicianOverride.objects.exists()
    assert post(desk, care, "approval", exercise="wall_sit", reason="Seen.").status_code == 302
    assert post(desk, care, "plan", **values).status_code == 302


def test_the_last_exercise_stays(care: SimpleNamespace, desk: Client) -> None:
    answers = [
        post(desk, care, "plan", kind="leave_out", exercise=exercise, reason="Enough.")
        for exercise in (HOLD, "isometric_soleus_hold", RAISE)
    ]
    assert [answer.status_code for answer in answers] == [302, 302, 409]
    assert "At least one exercise stays in the plan." in answers[-1].content.decode()


def test_before_the_start_the_first_week_counts_and_after_the_end_nothing_changes(
    care: SimpleNamespace,
) -> None:
    runner = enroll(cohort=make_open_cohort())
    change = {"exercise": HOLD, "replacement": "", "reason": "Not this one.", "by": care.clinician}
    leave_out = change | {"enrollment": runner, "kind": PlanChangeKind.LEAVE_OUT}
    with pytest.raises(CannotTakeEffect, match="not in the plan of this week"):
        change_plan(at=moment(monday(), 20), **leave_out | {"exercise": "pogo_hops"})
    assert change_plan(at=moment(monday(), 20), **leave_out).exercise == HOLD
    with pytest.raises(CannotTakeEffect, match="The challenge is over"):
        change_plan(at=moment(runner.cohort.over_on + timedelta(days=1)), **leave_out)


DOSE = {"exercise": "heavy_calf_raise", "sets": 3, "reps": 6, "sessions_per_week": 2, "reason": "Less."}


@pytest.fixture
def strengthening(care: SimpleNamespace) -> None:
    change_phase(
        enrollment=care.runner,
        expected_phase=1,
        to_phase=2,
        reason="Calm.",
        shown={},
        by=care.clinician,
        at=moment(monday(), 14),
    )


@pytest.mark.usefixtures("strengthening")
def test_a_dose_that_leaves_numbers_to_the_catalog_is_worded_without_them(
    care: SimpleNamespace, desk: Client
) -> None:
    set_dose(
        enrollment=care.runner,
        exercise="heavy_calf_raise",
        dose={"sets": 3},
        reason="As it is.",
        by=care.clinician,
        at=timezone.now(),
    )
    assert "Heavy slow calf raise, 3 sets" in page(desk, care).content.decode()


@pytest.mark.usefixtures("strengthening")
def test_load_and_tempo_are_set_with_the_dose(care: SimpleNamespace, desk: Client) -> None:
    assert post(desk, care, "dose", **DOSE, load_lb=20, up_s=4, hold_s=1, down_s=5).status_code == 302
    (dose,) = snapshot_of(care.runner).hand_doses
    assert (dose.load_g, dose.up_s, dose.hold_s, dose.down_s) == (9072, 4, 1, 5)
    assert "3 × 6, 2 times a week, 20 lb, 4 s up, 1 s held, 5 s down" in page(desk, care).content.decode()


@pytest.mark.usefixtures("strengthening")
@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"exercise": "pogo_hops"}, "Pogo hops on two feet is not in the plan of this week."),
        ({"sets": 6}, "sets from 1 to"),
        ({"reps": 30}, "repetitions from 1 to"),
        ({"down_s": 60}, "seconds down from 4 to"),
        ({"load_lb": 900}, "The load of Heavy slow calf raise goes up to 220.5 lb"),
        ({"reps": "", "seconds": 45}, "not held for seconds: leave this empty"),
        ({"exercise": "arch_raise", "load_lb": 20}, "is done with body weight alone"),
        ({"reps": "", "seconds": ""}, "Enter repetitions or seconds"),
    ],
)
def test_a_dose_outside_the_catalogs_range_is_refused_beside_its_field(
    care: SimpleNamespace, desk: Client, values: dict[str, object], sentence: str
) -> None:
    answer = post(desk, care, "dose", **DOSE | values)
    assert answer.status_code == 409
    assert sentence in answer.content.decode()
    assert not ClinicianOverride.objects.exists()
