"""Export and erasure of a runner's answers to questionnaires."""

from collections.abc import Iterator

from challenge.accounts.models import User
from challenge.db.export import Table, whole_table
from challenge.outcomes.models import AnswerDraft, QuestionnaireAnswer

COVERS = (QuestionnaireAnswer, AnswerDraft)
HIDDEN = {"id", "enrollment_id", "by_id", "key", "corrects_id"}


def export(user: User) -> Iterator[Table]:
    """Yield every answer with those that a correction replaced, and what was typed and not sent."""
    for model in COVERS:
        yield whole_table(model, hidden=HIDDEN, enrollment__seat__user=user)


def erase(user: User) -> None:
    """Delete all answers of a person."""
    # The newest first: a correction refers to the row that it corrects.
    mine = QuestionnaireAnswer.objects.filter(enrollment__seat__user=user)
    for answer in mine.order_by("-pk"):
        answer.delete()
    AnswerDraft.objects.filter(enrollment__seat__user=user).delete()
