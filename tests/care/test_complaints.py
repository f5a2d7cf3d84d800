"""Complaints change by rows that stay; what the record cannot hold is refused with a sentence."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from challenge.accounts.models import User
from challenge.care import complaints
from challenge.care.complaint_models import ComplaintChange, DismissedProposal, RunnerComplaint
from challenge.care.complaints import BodyPlace, ComplaintRefused, change_complaint, open_proposals
from challenge.care.models import Flag
from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import ComplaintStatus
from tests.conftest import NOW
from tests.factories.cohorts import enroll
from tests.factories.complaints import open_complaint

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
PRESENT, SETTLING, PAST = ComplaintStatus


@pytest.fixture
def runner() -> Enrollment:
    return enroll()


def change(row: RunnerComplaint, status: ComplaintStatus, by: User, *, on: date = TODAY) -> ComplaintChange:
    source = ComplaintChange.ChangeSource.CLINICIAN
    return change_complaint(complaint=row, status=status, source=source, reason="Seen.", on=on, by=by, at=NOW)


def test_a_complaint_keeps_every_state_it_had(runner: Enrollment, clinician: User) -> None:
    row = open_complaint(runner, "knee")
    change(row, SETTLING, clinician)
    change(row, PAST, clinician, on=TODAY + timedelta(days=3))
    row.refresh_from_db()
    assert (row.status, row.opened_on, row.changed_on) == (PAST, TODAY, TODAY + timedelta(days=3))
    assert [one.status for one in row.changes.order_by("pk")] == [PRESENT, SETTLING, PAST]


def test_pain_that_comes_back_opens_the_same_complaint_again(runner: Enrollment, clinician: User) -> None:
    row = open_complaint(runner, "knee")
    change(row, PAST, clinician)
    assert open_complaint(runner, "knee", by=clinician) == row
    assert RunnerComplaint.objects.get().status == PRESENT
    assert row.changes.count() == 3


def test_the_approval_of_a_track_ends_with_its_complaint(runner: Enrollment, clinician: User) -> None:
    row = open_complaint(runner, "knee")
    complaints.approve_track(complaint=row, approved=True, reason="Ready.", on=TODAY, by=clinician, at=NOW)
    assert RunnerComplaint.objects.get().track_approved
    change(row, PAST, clinician)
    assert open_complaint(runner, "knee", by=clinician) == row
    assert not RunnerComplaint.objects.get().track_approved


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        (BodyPlace("lower_back", "left"), "The lower back has no side"),
        (BodyPlace("knee", "left", "insertional"), "Only the Achilles tendon"),
    ],
)
def test_a_place_that_cannot_be_is_refused(runner: Enrollment, place: BodyPlace, sentence: str) -> None:
    with pytest.raises(ComplaintRefused, match=sentence):
        open_complaint(runner, place.site, place.side, kind=place.kind)


def test_what_cannot_change_is_refused(runner: Enrollment, clinician: User) -> None:
    row = open_complaint(runner, "ankle")
    with pytest.raises(ComplaintRefused, match="opened on January 7"):
        change(row, PAST, clinician, on=TODAY - timedelta(days=1))
    with pytest.raises(ComplaintRefused, match="present already"):
        change(row, PRESENT, clinician)
    with pytest.raises(ComplaintRefused, match="Only a knee, hip or foot"):
        complaints.approve_track(complaint=row, approved=True, reason="Why?", on=TODAY, by=clinician, at=NOW)
    knee = open_complaint(runner, "knee", status=PAST)
    with pytest.raises(ComplaintRefused, match="past: open it again"):
        complaints.approve_track(complaint=knee, approved=True, reason="Why?", on=TODAY, by=clinician, at=NOW)
    assert ComplaintChange.objects.count() == 2


@pytest.mark.parametrize("answer", ["complaint", "no complaint"])
def test_an_answer_closes_the_questions_about_its_place_alone(
    runner: Enrollment, clinician: User, answer: str
) -> None:
    for number, side in enumerate(("left", "left", "right")):
        facts = {"site": "knee", "side": side, "pain": 5}
        complaints.propose_complaint(enrollment=runner, source=f"run:{number}", facts=facts, at=NOW)
    if answer == "complaint":
        open_complaint(runner, "knee", "left", by=clinician)
    else:
        complaints.dismiss_proposal(
            enrollment=runner, place=BodyPlace("knee", "left"), reason="A bruise.", by=clinician, at=NOW
        )
    assert [flag.facts["side"] for flag in open_proposals(runner)] == ["right"]
    assert Flag.objects.filter(closed_by=clinician).count() == 2


BROKEN: dict[str, dict[str, Any]] = {
    "runner_complaint_side_fits_its_site": {"site": "lower_back", "side": "left"},
    "runner_complaint_kind_fits_its_site": {"kind": "mid_portion"},
    "runner_complaint_changes_after_it_opens": {"changed_on": TODAY - timedelta(days=1)},
    "runner_complaint_once_per_place": {},
}


@pytest.mark.parametrize("constraint", BROKEN)
def test_the_database_holds_it_too(runner: Enrollment, constraint: str) -> None:
    open_complaint(runner, "knee")
    values: dict[str, Any] = {
        "site": "knee",
        "side": "left",
        "status": PRESENT,
        "opened_on": TODAY,
        "changed_on": TODAY,
        "changed_at": NOW,
    }
    with pytest.raises(IntegrityError, match=constraint):
        RunnerComplaint.objects.create(enrollment=runner, **values | BROKEN[constraint])


def test_changes_and_dismissals_are_written_once(runner: Enrollment, clinician: User) -> None:
    row = open_complaint(runner, "knee")
    dismissed = DismissedProposal.objects.create(
        enrollment=runner, site="hip", reason="A bruise.", by=clinician, at=NOW
    )
    for history in (row.changes.get(), dismissed):
        with transaction.atomic(), pytest.raises(IntegrityError, match="append_only"):
            type(history).objects.filter(pk=history.pk).update(reason="another")
    with pytest.raises(IntegrityError, match="complaint_change_has_who_and_why"):
        ComplaintChange.objects.create(complaint=row, status=PAST, source="clinician", on=TODAY, at=NOW)
