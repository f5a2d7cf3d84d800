"""What clinicians decide about complaints, through one runner's page."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from challenge.care.complaint_models import ComplaintChange, DismissedProposal, RunnerComplaint
from challenge.care.models import Flag, WeeklyTarget
from challenge.enrollment.models import Enrollment
from challenge.protocol.catalog.plan import PLAN, TRACK_PLAN
from challenge.protocol.parameters import CLINIC
from challenge.protocol.vocabulary import ExerciseId, FormKind, Phase
from challenge.weekly.decide import revise_week
from challenge.workouts.guards import form_now, guards_now
from tests.factories.complaints import open_complaint
from tests.factories.log import log_run
from tests.review.conftest import moment, monday
from tests.review.test_deciding import page, post, revisions

pytestmark = pytest.mark.django_db
SQUAT = ExerciseId.SPLIT_SQUAT_CALF_RAISE
KNEE = {"site": "knee", "side": "left"}


def squat_now(runner: Enrollment) -> FormKind:
    return form_now(PLAN[Phase.STRENGTHEN], guards_now(runner, parameters=CLINIC))[SQUAT]


def test_a_clinician_opens_a_complaint_and_what_loads_it_is_spared(
    care: SimpleNamespace, desk: Client
) -> None:
    assert squat_now(care.runner) is FormKind.STANDARD
    answer = post(desk, care, "complaint", **KNEE, status="present", reason="Seen on the stairs.")
    assert answer.status_code == 302
    row = RunnerComplaint.objects.get()
    assert row.changes.get().by == care.clinician
    assert squat_now(care.runner) is FormKind.EASIER
    assert WeeklyTarget.objects.latest("pk").because == "complaint"
    shown = page(desk, care).content.decode()
    assert "Left knee: present since" in shown
    assert "Seen on the stairs." in shown


def test_the_question_of_the_log_is_answered_by_a_complaint(care: SimpleNamespace, desk: Client) -> None:
    log_run(care.runner, monday(), pain=5, at=moment(monday()), **KNEE)
    assert squat_now(care.runner) is FormKind.EASIER
    flag = Flag.objects.get(rule="complaint.open")
    post(desk, care, "complaint", **KNEE, status="present", reason="It is the kneecap.")
    flag.refresh_from_db()
    assert (flag.closed_by, flag.closing_note) == (care.clinician, "It is the kneecap.")
    assert ComplaintChange.objects.get().source == "log"


def test_no_complaint_ends_the_guard_until_it_hurts_again(care: SimpleNamespace, desk: Client) -> None:
    log_run(care.runner, monday(), pain=5, at=moment(monday(), 1), **KNEE)
    flag = Flag.objects.get(rule="complaint.open")
    assert "No complaint is open there." in page(desk, care).content.decode()
    assert post(desk, care, "no_complaint", flag=flag.pk, reason="A fall, it is a bruise.").status_code == 302
    assert DismissedProposal.objects.get().side == "left"
    assert squat_now(care.runner) is FormKind.STANDARD
    assert not Flag.objects.filter(rule="complaint.open", closed_at__isnull=True).exists()
    log_run(care.runner, monday(), pain=4, at=moment(monday()) + timedelta(days=7), **KNEE)
    assert squat_now(care.runner) is FormKind.EASIER
    assert Flag.objects.filter(rule="complaint.open", closed_at__isnull=True).count() == 1


def test_a_note_alone_does_not_answer_the_question_of_the_log(care: SimpleNamespace, desk: Client) -> None:
    log_run(care.runner, monday(), pain=5, at=moment(monday()), **KNEE)
    flag = Flag.objects.get(rule="complaint.open")
    address = f"/admin/review/{care.cohort.slug}/runners/{care.runner.pk}/flags/{flag.pk}/close/"
    answer = desk.post(address, {"note": "Seen it."})
    assert answer.status_code == 409
    assert "Choose an answer: open a complaint" in answer.content.decode()
    assert "Seen it." in answer.content.decode()
    flag.refresh_from_db()
    assert flag.closed_at is None


def test_a_complaint_settles_and_is_past(care: SimpleNamespace, desk: Client) -> None:
    row = open_complaint(care.runner, "knee", at=moment(monday(2)))
    for status in ("settling", "past"):
        answer = post(
            desk, care, "complaint_change", complaint=row.pk, status=status, reason="Better each week."
        )
        assert answer.status_code == 302
        assert (squat_now(care.runner) is FormKind.EASIER) is (status == "settling")
    assert row.changes.count() == 3


def test_the_track_of_a_knee_is_approved_and_ended(care: SimpleNamespace, desk: Client) -> None:
    row = open_complaint(care.runner, "knee", at=moment(monday(2)))
    open_complaint(care.runner, "foot", at=moment(monday(2)))
    before = revisions(care)
    for approved, expected in (("yes", True), ("no", False)):
        answer = post(desk, care, "track", complaint=row.pk, approved=approved, reason="Ready for it.")
        assert answer.status_code == 302
        row.refresh_from_db()
        assert row.track_approved is expected
    assert revisions(care) == before + 2


def test_where_in_the_achilles_it_is_can_be_found_out_later(care: SimpleNamespace, desk: Client) -> None:
    row = open_complaint(care.runner, "achilles", at=moment(monday(2)))
    typed = {"complaint": row.pk, "status": "present", "kind": "insertional", "reason": "Sore at the bone."}
    assert post(desk, care, "complaint_change", **typed).status_code == 302
    row.refresh_from_db()
    assert row.kind == "insertional"
    assert [change.kind for change in row.changes.order_by("pk")] == ["", "insertional"]
    assert "left Achilles tendon (at the heel bone): present" in page(desk, care).content.decode()
    assert WeeklyTarget.objects.latest("pk").because == "complaint"
    again = post(desk, care, "complaint_change", **typed)
    assert "It is present already" in again.content.decode()
    place = {"site": "achilles", "side": "left", "status": "present", "reason": "Higher up after all."}
    assert post(desk, care, "complaint", **place, kind="mid_portion").status_code == 302
    row.refresh_from_db()
    assert (row.kind, row.changes.count()) == ("mid_portion", 3)


@pytest.mark.parametrize("site", [*TRACK_PLAN])
def test_every_track_that_the_engine_asks_about_can_be_approved_on_the_question(
    care: SimpleNamespace, desk: Client, site: str
) -> None:
    open_complaint(care.runner, site, at=moment(monday(2)))
    revise_week(
        enrollment=care.runner,
        because=WeeklyTarget.RevisionReason.COMPLAINT,
        by=care.clinician,
        at=timezone.now(),
    )
    flag = Flag.objects.get(rule="exercise.track", facts__site=site, closed_at__isnull=True)
    desk.post(
        f"/admin/review/{care.cohort.slug}/runners/{care.runner.pk}/flags/{flag.pk}/close/",
        {"answer": "track"},
    )
    flag.refresh_from_db()
    assert flag.closed_at is not None
    assert care.runner.complaints.get(site=site).track_approved


def test_a_calf_has_no_track_to_approve(care: SimpleNamespace, desk: Client) -> None:
    row = open_complaint(care.runner, "calf", at=moment(monday(2)))
    answer = post(desk, care, "track", complaint=row.pk, approved="yes", reason="Ready for it.")
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("what", "values", "sentence"),
    [
        ("complaint", {"site": "lower_back", "side": "left"}, "The lower back has no side"),
        ("complaint", KNEE | {"kind": "insertional"}, "Only the Achilles tendon has this"),
        ("complaint", KNEE | {"on": "2999-01-01"}, "That day hasn’t come yet"),
        ("complaint", KNEE | {"on": "0001-01-01"}, "Choose a day of the last 30 years"),
        ("complaint_change", {"kind": "insertional", "on": "2020-01-01"}, "choose that day or a later one"),
        ("complaint", KNEE | {"on": "soon"}, "Enter a day, like 1/31/2026"),
        ("complaint", KNEE | {"reason": ""}, "Say why in a few words"),
        ("complaint_change", {"status": "past", "on": "2020-01-01"}, "choose that day or a later one"),
        ("complaint_change", {"status": "present"}, "It is present already"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    care: SimpleNamespace, desk: Client, what: str, values: dict[str, str], sentence: str
) -> None:
    row = open_complaint(care.runner, "achilles", at=moment(monday(2)))
    typed = {"complaint": row.pk, "status": "settling", "reason": "Written at length."} | values
    answer = post(desk, care, what, **typed)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert sentence in shown
    assert typed["reason"] in shown
    assert ComplaintChange.objects.count() == 1


def test_of_two_clinicians_the_second_sees_what_the_first_changed(
    care: SimpleNamespace, desk: Client
) -> None:
    row = open_complaint(care.runner, "knee", at=moment(monday(2)))
    seen = page(desk, care).context["seen"]
    post(desk, care, "complaint_change", complaint=row.pk, status="settling", reason="Better.")
    data = {"complaint_change-complaint": row.pk, "complaint_change-status": "past", "seen": seen}
    address = f"/admin/review/{care.cohort.slug}/runners/{care.runner.pk}/complaint_change/"
    answer = desk.post(address, data | {"complaint_change-reason": "Gone."})
    assert answer.status_code == 409
    assert "Something changed since you opened this page" in answer.content.decode()
