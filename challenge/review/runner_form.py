"""What the forms about one runner share: each runs its action; a refusal becomes its error, nothing typed is lost."""

from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.db import transaction

from challenge.accounts.models import User
from challenge.care import actions as care
from challenge.care import by_hand
from challenge.care.models import HandSet
from challenge.enrollment.models import Enrollment
from challenge.review import actions

REFUSALS = (
    care.PhaseNotReady,
    care.AlreadyPaused,
    care.AlreadyClosed,
    by_hand.OutOfRange,
    by_hand.AlreadySet,
    actions.PageIsOld,
)


class RunnerForm(forms.Form):
    """About one runner, by one member of staff, at one moment. `needs_fresh_page`: judged against `seen`."""

    title: ClassVar[str] = ""
    button: ClassVar[str] = "Save"
    done: ClassVar[str] = "Saved."
    needs_fresh_page: ClassVar[bool] = True

    def __init__(
        self,
        *args: Any,
        enrollment: Enrollment,
        today: date,
        phase: int | None = None,
        hand_sets: list[tuple[HandSet, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        """`phase` and `hand_sets` (each with its words) are the present ones, where the page has read them already."""
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)
        self.enrollment = enrollment
        self.today = today
        self.phase, self.hand_sets = phase, hand_sets
        for field in self.fields.values():
            # A number input drops what is no number; as text it comes back beside its error.
            if isinstance(field, forms.IntegerField):
                field.widget = forms.TextInput({"inputmode": "numeric", "size": 6, **_required(field)})

    def save(self, *, by: User, at: datetime) -> None:
        raise NotImplementedError

    def run(self, *, seen: str, by: User, at: datetime) -> bool:
        """Whether the action went through; where it was refused, the sentence stands in the form."""
        if not self.is_valid():
            return False
        try:
            # The check and the decision under one lock, or two clinicians deciding at once would both pass it.
            with transaction.atomic():
                if self.needs_fresh_page:
                    actions.check_page_is_fresh(enrollment=self.enrollment, seen=seen)
                self.save(by=by, at=at)
        except REFUSALS as refusal:
            self.add_error(None, str(refusal))
            return False
        return True


def _required(field: forms.Field) -> dict[str, str]:
    return {"aria-required": "true"} if field.required else {}


def reason_field(label: str = "Why") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": "Write why, in a few words: it is kept with the decision."},
    )
