"""The forms of decisions about complaints: open one, change one, answer a question about a place, approve a track."""

from datetime import date, datetime
from typing import Any

from django import forms

from challenge.accounts.models import User
from challenge.care.complaint_models import NO_SIDE, ONLY_ACHILLES, SITES_WITHOUT_SIDE, RunnerComplaint
from challenge.care.complaints import TRACK_SITES, BodyPlace, complaints_of, open_proposals
from challenge.care.models import Flag
from challenge.protocol.vocabulary import ComplaintKind, ComplaintStatus, Side, Site
from challenge.review import complaint_actions
from challenge.review.forms import RunnerForm, reason_field

LONGEST_YEARS = 30
KIND = "For the Achilles tendon only: where on the tendon"
STATUS_HELP = "The plan goes easy on a present or settling complaint, but not on a past one."


class ComplaintDecisionForm(RunnerForm):
    """The base of decisions with a day: today unless the clinician writes an earlier one."""

    effect = "It starts now. The runner gets one email, a few minutes after your last change."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "on" in self.fields:
            self.fields["on"].initial = self.today

    def clean_on(self) -> date:
        """Return the day; refuse one that is still to come."""
        value: date = self.cleaned_data["on"] or self.today
        if value > self.today:
            raise forms.ValidationError("That day hasn’t come yet. Choose today or an earlier day.")
        if value.year < self.today.year - LONGEST_YEARS:
            raise forms.ValidationError(f"Choose a day of the last {LONGEST_YEARS} years.")
        return value


def day_field(label: str) -> forms.DateField:
    """Return the field for the local day of a change."""
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a day, like 1/31/2026."},
    )


def status_field(label: str) -> forms.ChoiceField:
    """Return the field for the state of a complaint."""
    return forms.ChoiceField(label=label, choices=ComplaintStatus.choices(), help_text=STATUS_HELP)


class OpenComplaintForm(ComplaintDecisionForm):
    """Open a complaint, or open a past one again; open questions about its place are answered by it."""

    title, button, done = "Open a complaint", "Open it", "Opened; the plan goes easy on it."
    site = forms.ChoiceField(label="Where", choices=Site.choices())
    side = forms.ChoiceField(label="Side", choices=[("", "No side"), *Side.choices()], required=False)
    kind = forms.ChoiceField(
        label=KIND,
        choices=[("", "Another place, or not known"), *ComplaintKind.choices()],
        required=False,
    )
    status = forms.ChoiceField(
        label="State",
        choices=[(one.value, one.label) for one in (ComplaintStatus.PRESENT, ComplaintStatus.SETTLING)],
        help_text=STATUS_HELP,
    )
    on = day_field("Since")
    reason = reason_field()

    def clean(self) -> dict[str, Any]:
        """Refuse a side or a kind that the place does not have."""
        cleaned = super().clean() or self.cleaned_data
        site = cleaned.get("site")
        if cleaned.get("side") and site in SITES_WITHOUT_SIDE:
            self.add_error("side", NO_SIDE)
        if cleaned.get("kind") and site != Site.ACHILLES:
            self.add_error("kind", ONLY_ACHILLES)
        return cleaned

    def save(self, *, by: User, at: datetime) -> None:
        typed = self.cleaned_data
        complaint_actions.open_complaint(
            enrollment=self.enrollment,
            place=BodyPlace(typed["site"], typed["side"], typed["kind"]),
            status=ComplaintStatus(typed["status"]),
            on=typed["on"],
            reason=typed["reason"],
            by=by,
            at=at,
        )


class ChangeComplaintForm(ComplaintDecisionForm):
    """Change the state of a complaint (present, settling, past), or where in the Achilles tendon it is."""

    title, button, done = "Change a complaint", "Change it", "Changed; the runner’s page is up to date."
    complaint = forms.ModelChoiceField(
        label="Which complaint", queryset=RunnerComplaint.objects.none(), empty_label=None
    )
    status = status_field("It is now")
    kind = forms.ChoiceField(
        label=KIND, choices=[("", "Leave it as it is"), *ComplaintKind.choices()], required=False
    )
    on = day_field("Since")
    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_complaints(self, sites=tuple(Site))

    @property
    def is_offered(self) -> bool:
        return bool(self.complaints)

    def save(self, *, by: User, at: datetime) -> None:
        typed = self.cleaned_data
        complaint_actions.change_complaint(
            complaint=typed["complaint"],
            status=ComplaintStatus(typed["status"]),
            kind=typed["kind"] or None,
            on=typed["on"],
            reason=typed["reason"],
            by=by,
            at=at,
        )


class TrackForm(ComplaintDecisionForm):
    """Approve the track of a knee, hip or foot complaint, or end the approval."""

    title, button, done = (
        "Exercises for a knee, hip or foot",
        "Decide",
        "Decided; the exercises have changed.",
    )
    complaint = forms.ModelChoiceField(
        label="Which complaint", queryset=RunnerComplaint.objects.none(), empty_label=None
    )
    approved = forms.TypedChoiceField(
        label="Exercises for this complaint",
        coerce=lambda value: value == "yes",
        choices=[
            ("yes", "Begin them: they load the sore joint on purpose"),
            ("no", "End them: only the basic plan remains"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one: begin or end."},
    )
    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_complaints(self, sites=TRACK_SITES)

    @property
    def is_offered(self) -> bool:
        return any(row.site in TRACK_SITES for row in self.complaints or ())

    def save(self, *, by: User, at: datetime) -> None:
        typed = self.cleaned_data
        complaint_actions.approve_track(
            complaint=typed["complaint"],
            approved=typed["approved"],
            on=self.today,
            reason=typed["reason"],
            by=by,
            at=at,
        )


class DismissForm(ComplaintDecisionForm):
    """Answer "no complaint" to a question about a place."""

    title, button, done = "No complaint", "No complaint", "Answered; the plan no longer goes easy on it."
    flag = forms.ModelChoiceField(label="Which question", queryset=Flag.objects.none(), empty_label=None)
    reason = reason_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["flag"]
        field.queryset = open_proposals(self.enrollment)
        if self.proposals is not None:
            field.choices = [(flag.pk, flag.text) for flag in self.proposals]

    @property
    def is_offered(self) -> bool:
        return bool(self.proposals)

    def save(self, *, by: User, at: datetime) -> None:
        complaint_actions.dismiss_proposal(
            flag=self.cleaned_data["flag"], reason=self.cleaned_data["reason"], by=by, at=at
        )


def _offer_complaints(form: RunnerForm, *, sites: tuple[Site, ...]) -> None:
    """Offer the runner's complaints at these sites; a page that has read them already asks no second time."""
    field: Any = form.fields["complaint"]
    field.queryset = complaints_of(form.enrollment).filter(site__in=sites)
    if form.complaints is not None:
        rows = [row for row in form.complaints if row.site in sites]
        field.choices = [(row.pk, f"{row.place}: {row.get_status_display().lower()}") for row in rows]
