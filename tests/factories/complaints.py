"""Complaints of an invented runner, opened by the action that the intake and the pages use."""

from datetime import datetime
from typing import Any

from challenge.accounts.models import User
from challenge.care import complaints
from challenge.care.complaint_models import ComplaintChange, RunnerComplaint
from challenge.care.complaints import BodyPlace
from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import ComplaintStatus
from tests.conftest import NOW

ChangeSource = ComplaintChange.ChangeSource


def open_complaint(
    enrollment: Enrollment,
    site: str = "achilles",
    side: str = "left",
    *,
    kind: str = "",
    status: ComplaintStatus = ComplaintStatus.PRESENT,
    by: User | None = None,
    at: datetime = NOW,
    **changed: Any,
) -> RunnerComplaint:
    """A present complaint from the intake; with `by`, one that a clinician opened."""
    values = {
        "source": ChangeSource.CLINICIAN if by is not None else ChangeSource.INTAKE,
        "reason": "Seen in the clinic." if by is not None else "",
        "on": at.date(),
    }
    return complaints.open_complaint(
        enrollment=enrollment,
        place=BodyPlace(site, side, kind),
        status=status,
        by=by,
        at=at,
        **values | changed,
    )
