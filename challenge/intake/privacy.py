"""What the intake holds of a person. Erased, only the bare fact of consent stays."""

from collections.abc import Iterator
from typing import Any

from challenge.accounts.models import User
from challenge.intake.models import Complaint, Consent, Draft, Intake

COVERS = (Intake, Complaint, Consent, Draft)
HIDDEN = {"id", "enrollment_id", "intake_id", "user_id"}


def export(user: User) -> Iterator[tuple[str, list[Any]]]:
    """Answers, complaints, consents and the draft."""
    paths = {
        Intake: "enrollment__seat__user",
        Complaint: "intake__enrollment__seat__user",
        Consent: "enrollment__seat__user",
        Draft: "user",
    }
    for model in COVERS:
        columns = [f.attname for f in model._meta.concrete_fields if f.attname not in HIDDEN]
        rows = model._default_manager.filter(**{paths[model]: user}).order_by("pk")
        yield model._meta.model_name or "", list(rows.values(*columns))


def erase(user: User) -> None:
    """Deletes answers, complaints and the draft."""
    Intake.objects.filter(enrollment__seat__user=user).delete()
    Draft.objects.filter(user=user).delete()
