"""The personal data in clinicians' entries."""

from collections.abc import Iterator

from challenge.accounts.models import User
from challenge.db.export import Table
from challenge.review.models import Contact, Note, OutcomeScore

COVERS = (Note, Contact, OutcomeScore)
ERASED = "erased"


def export(user: User) -> Iterator[Table]:
    """Yield notes, contacts and scores, each in order of time."""
    mine = {"enrollment__seat__user": user}
    yield "notes", Note.objects.filter(**mine).order_by("at").values("text", "at")
    yield "contacts", Contact.objects.filter(**mine).order_by("at").values("how", "text", "at")
    scores = OutcomeScore.objects.filter(**mine).order_by("scored_on")
    yield "outcome_scores", scores.values("instrument", "score", "scored_on")


def erase(user: User) -> None:
    """Blank all free text; the fact of a contact or score remains."""
    mine = {"enrollment__seat__user": user}
    Note.objects.filter(**mine).update(text=ERASED)
    Contact.objects.filter(**mine).update(text="")
