"""Export and erase a person's clinical record. Erasing keeps the rows and blanks the free text."""

from collections.abc import Iterator

from challenge.accounts.models import User
from challenge.care.complaint_models import ComplaintChange, DismissedProposal, RunnerComplaint
from challenge.care.models import (
    ClinicianOverride,
    Flag,
    FunctionTest,
    HeelStrikePeriod,
    Pause,
    PhaseChange,
    WeeklyTarget,
)
from challenge.db.export import Table, whole_table

COVERS = (
    PhaseChange,
    Flag,
    Pause,
    HeelStrikePeriod,
    FunctionTest,
    ClinicianOverride,
    WeeklyTarget,
    RunnerComplaint,
    ComplaintChange,
    DismissedProposal,
)
HIDDEN = {
    "complaint_id",
    "id",
    "enrollment_id",
    "by_id",
    "taken_by_id",
    "closed_by_id",
    "replaced_by_id",
    "ended_by_id",
    "message_id",
    "undoes_id",
}
ERASED = "erased"


def export(user: User) -> Iterator[Table]:
    """Yield each model's name with every row about the person."""
    for model in COVERS:
        path = "complaint__enrollment" if model is ComplaintChange else "enrollment"
        yield whole_table(model, hidden=HIDDEN, **{f"{path}__seat__user": user})


def erase(user: User) -> None:
    """Blank free text and inputs; phases and dates stay, because the clinic must account for its decisions."""
    mine = {"enrollment__seat__user": user}
    PhaseChange.objects.filter(**mine).exclude(reason="").update(reason=ERASED, shown={})
    Flag.objects.filter(**mine).update(facts={}, found="", holds_now="")
    Flag.objects.filter(**mine, closed_at__isnull=False).update(closing_note=ERASED)
    Pause.objects.filter(**mine).update(note="")
    HeelStrikePeriod.objects.filter(**mine).update(reason=ERASED, end_reason="")
    FunctionTest.objects.filter(**mine).update(note="")
    FunctionTest.objects.filter(**mine).exclude(not_tested_because="").update(not_tested_because=ERASED)
    ClinicianOverride.objects.filter(**mine).update(reason=ERASED, end_reason="")
    ComplaintChange.objects.filter(complaint__enrollment__seat__user=user).exclude(reason="").update(
        reason=ERASED
    )
    DismissedProposal.objects.filter(**mine).update(reason=ERASED)
    # The erasing transaction alone may change append-only rows; replay skips rows with an empty snapshot.
    WeeklyTarget.objects.filter(**mine).update(snapshot={}, decision={})
