"""A clinician adds, leaves out and swaps exercises, and sets dose, load and tempo within the catalog's range."""

from types import SimpleNamespace

import pytest
from django.test import Client

from challenge.care.models import ClinicianOverride
from challenge.enrollment.models import Enrollment
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.vocabulary import ExerciseId, PlanChangeKind
from challenge.weekly.engine_inputs import gather_snapshots
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
        ({"kind": "add", "exercise": "heavy_calf_raise"}, "is an exercise of phase 2"),
        ({"kind": "add", "exercise": HOLD}, "is in this runner&#x27;s plan already"),
        ({"kind": "leave_out", "exercise": "pogo_hops"}, "is not in this runner&#x27;s plan"),
        ({"kind": "swap", "exercise": HOLD}, "Which exercise comes instead?"),
        ({"kind": "swap", "exercise": HOLD, "replacement": HOLD}, "That is the same exercise"),
        ({"kind": "swap", "exercise": HOLD, "replacement": "pogo_hops"}, "is an exercise of phase 3"),
        ({"kind": "add", "exercise": "arch_raise", "replacement": HOLD}, "Only a swap gives another"),
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


DOSE = {"exercise": "heavy_calf_raise", "sets": 3, "reps": 6, "sessions_per_week": 2, "reason": "Less."}


def test_load_and_tempo_are_set_with_the_dose(care: SimpleNamespace, desk: Client) -> None:
    assert post(desk, care, "dose", **DOSE, load_lb=20, up_s=4, hold_s=1, down_s=5).status_code == 302
    (dose,) = snapshot_of(care.runner).hand_doses
    assert (dose.load_g, dose.up_s, dose.hold_s, dose.down_s) == (9072, 4, 1, 5)
    assert "3 × 6, 2 times a week, 20 lb, 4 s up, 1 s held, 5 s down" in page(desk, care).content.decode()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"sets": 6}, "sets from 1 to"),
        ({"reps": 30}, "repetitions from 1 to"),
        ({"down_s": 60}, "seconds down from 4 to"),
        ({"load_lb": 900}, "a load from"),
        ({"reps": "", "seconds": 45}, "is counted in repetitions: leave this empty"),
        ({"exercise": "arch_raise", "load_lb": 20}, "is done with body weight alone"),
        ({"reps": "", "seconds": ""}, "Write repetitions or seconds"),
    ],
)
def test_a_dose_outside_the_catalogs_range_is_refused_beside_its_field(
    care: SimpleNamespace, desk: Client, values: dict[str, object], sentence: str
) -> None:
    answer = post(desk, care, "dose", **DOSE | values)
    assert answer.status_code == 409
    assert sentence in answer.content.decode()
    assert not ClinicianOverride.objects.exists()
