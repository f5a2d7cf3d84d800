"""Export and erase a person's intake. After erasing only the fact of consent stays."""

from collections.abc import Iterator

from challenge.accounts.models import User
from challenge.db.export import Table, whole_table
from challenge.intake.models import Complaint, Consent, Draft, Intake

COVERS = (Intake, Complaint, Consent, Draft)
HIDDEN = {"id", "enrollment_id", "intake_id", "user_id"}


def export(user: User) -> Iterator[Table]:
    """Yield answers, complaints, consents and the draft."""
    paths = {
        Intake: "enrollment__seat__user",
        Complaint: "intake__enrollment__seat__user",
        Consent: "enrollment__seat__user",
        Draft: "user",
    }
    for model in COVERS:
        yield whole_table(model, hidden=HIDDEN, **{paths[model]: user})


def erase(user: User) -> None:
    """Delete answers, complaints and the draft."""
    Intake.objects.filter(enrollment__seat__user=user).delete()
    Draft.objects.filter(user=user).delete()
