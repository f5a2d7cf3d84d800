"""The four pages of the intake, which together give `IntakeAnswers`, and the forms of `/me/`.

The page about running is in `running_form`. That about the body asks for up to three places that hurt, what hurt
before, and the symptoms of the screening.
"""

from collections.abc import Mapping
from typing import Any

from django import forms

from challenge.accounts.fields import FreeTextField, PhoneField
from challenge.accounts.time_zones import HOW_TO_SEARCH, TimeZoneField
from challenge.care.complaint_models import NO_SIDE, SITES_WITHOUT_SIDE
from challenge.enrollment.models import EmailContent
from challenge.intake import queries
from challenge.intake.actions import ComplaintAnswer, IntakeAnswers
from challenge.intake.fields import IntakePainField, ScreeningField, StepForm, meters
from challenge.intake.models import Goal, TendonHistory
from challenge.intake.running_form import RunningForm
from challenge.protocol.vocabulary import Arch, ComplaintKind, Shoe, Side, Site, Symptom

PLACES = (1, 2, 3)


class BodyForm(StepForm):
    """Up to three places that hurt now, what hurt before, and the screening for symptoms."""

    past = forms.MultipleChoiceField(
        label="Hurt in the past, but not now",
        choices=[(Site.KNEE.value, "A knee"), (Site.HIP.value, "A hip")],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    knee_or_hip_history = FreeTextField(
        label="What was it?", max_length=1000, required=False, widget=forms.Textarea({"rows": 3})
    )
    arch = forms.ChoiceField(
        label="When you stand on one leg, your arch",
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (Arch.STEADY.value, "stays up"),
            (Arch.COLLAPSING.value, "sinks inward"),
            ("", "I can’t tell"),
        ],
    )
    shoe = forms.ChoiceField(
        label="Your running shoes, set on a table and seen from behind",
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (Shoe.EVEN.value, "stand upright"),
            (Shoe.TILTS_INWARD.value, "tilt inward"),
            (Shoe.TILTS_OUTWARD.value, "tilt outward"),
            ("", "I can’t tell"),
        ],
    )
    tendon_history = ScreeningField(
        label="Your Achilles tendon: any of these?",
        help_text="Even if it doesn’t hurt now. A clinician looks at your answer.",
        choices=TendonHistory.choices,
    )
    symptoms = ScreeningField(
        label="Any of these in the last few weeks?",
        help_text="Your seat stays yours, whatever you check. After some of these, a clinician talks with you before "
        "you get targets.",
        choices=Symptom.choices(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for n in PLACES:
            self.fields[f"site_{n}"] = forms.ChoiceField(
                label="Where", choices=[("", "Nowhere"), *Site.choices()], required=False
            )
            self.fields[f"side_{n}"] = forms.ChoiceField(
                label="Which side", choices=[("", "Choose"), *Side.choices()], required=False
            )
            self.fields[f"kind_{n}"] = forms.ChoiceField(
                label="If it’s your Achilles tendon: where does it hurt?",
                choices=[
                    ("", "Not my Achilles, or I can’t tell"),
                    (ComplaintKind.INSERTIONAL.value, "At the heel bone"),
                    (ComplaintKind.MID_PORTION.value, "Above the heel bone, in the tendon"),
                ],
                required=False,
            )
            self.fields[f"now_{n}"] = IntakePainField(label="Worst pain in the last few days")
            self.fields[f"morning_{n}"] = IntakePainField(label="Pain in the first steps of the morning")

    def places(self) -> list[dict[str, Any]]:
        """Return the fields of each place for the template; the first is always open."""
        return [
            {
                "number": n,
                "site": self[f"site_{n}"],
                "side": self[f"side_{n}"],
                "kind": self[f"kind_{n}"],
                "now": self[f"now_{n}"],
                "morning": self[f"morning_{n}"],
                "open": n == 1 or bool(self[f"site_{n}"].value()) or bool(self[f"now_{n}"].value()),
            }
            for n in PLACES
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        seen: set[tuple[str, str]] = set()
        for n in PLACES:
            site, side = cleaned.get(f"site_{n}") or "", cleaned.get(f"side_{n}") or ""
            numbers = [cleaned.get(f"now_{n}"), cleaned.get(f"morning_{n}")]
            if not site:
                if any(number is not None for number in numbers):
                    self.add_error(f"site_{n}", "Where is this pain?")
                continue
            if not side and site not in {Site.LOWER_BACK, Site.OTHER}:
                self.add_error(f"side_{n}", "Left, right or both?")
            if side and site in SITES_WITHOUT_SIDE:
                self.add_error(f"side_{n}", NO_SIDE)
            if numbers[0] is None:
                self.add_error(f"now_{n}", "Choose a number; 0 is an answer too.")
            if (site, side) in seen:
                self.add_error(f"site_{n}", "You already listed this spot above.")
            seen.add((site, side))
        return cleaned

    def complaints(self) -> tuple[ComplaintAnswer, ...]:
        """Return the places that hurt now, then the knee and hip of the past unless they hurt now."""
        cleaned = self.cleaned_data
        present = [
            ComplaintAnswer(
                site=cleaned[f"site_{n}"],
                side=cleaned[f"side_{n}"],
                # The answer is for the Achilles alone: with another place it was left from an earlier choice.
                kind=cleaned[f"kind_{n}"] if cleaned[f"site_{n}"] == Site.ACHILLES else "",
                pain_now=cleaned[f"now_{n}"],
                pain_morning=cleaned[f"morning_{n}"],
            )
            for n in PLACES
            if cleaned[f"site_{n}"]
        ]
        # A knee that hurts now is not also one of the past.
        hurting = {place.site for place in present}
        past = [ComplaintAnswer(site=site, present=False) for site in cleaned["past"] if site not in hurting]
        return (*present, *past)


YOUR_WEEK = f"Your week starts on Monday in your time zone. {HOW_TO_SEARCH}"
PHONE_NEEDED = "Enter a number where a clinician can reach you if something worries us."


class AboutYouForm(StepForm):
    name = FreeTextField(
        max_length=120,
        label="Your name",
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": "Enter your name, so we know what to call you."},
    )
    phone = PhoneField(
        help_text="So the clinic can call you when that’s faster than an email.",
        error_messages={"required": PHONE_NEEDED},
    )
    time_zone = TimeZoneField(help_text=YOUR_WEEK)
    is_adult = forms.BooleanField(
        label="I’m 18 or older",
        error_messages={"required": "The challenge is for people 18 or older."},
    )


class ConsentForm(StepForm):
    goals = forms.MultipleChoiceField(
        label="Which of these do you want to work on?",
        choices=Goal.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    remarks = FreeTextField(
        label="Anything else the clinicians should know",
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )
    email_content = forms.ChoiceField(
        label="Your weekly email",
        help_text="Email is like a postcard: others may read it on the way. Ours never mentions pain or a diagnosis. "
        "Your cadence and exercises can be in it, or stay behind your sign-in.",
        choices=[
            (EmailContent.TARGETS.value, "Put my targets in the email"),
            (EmailContent.LINK.value, "Only send me a link"),
        ],
        error_messages={"required": "Choose one: your targets in the email, or only a link."},
        widget=forms.RadioSelect,
    )
    consent = forms.BooleanField(
        label="I have read this and agree",
        error_messages={"required": "Please check the box to join. Without it we can’t keep your log."},
    )
    # The version that the page showed: a runner agrees to what they read.
    consent_read = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def clean_consent_read(self) -> str:
        """Refuse once if the text changed while the page was open."""
        read, version = str(self.cleaned_data["consent_read"]), queries.current()[0]
        if read and read != version:
            self.add_error(
                "consent", "This text changed while your page was open. Please read it again, then agree."
            )
        return version


STEPS: dict[str, type[StepForm]] = {
    "you": AboutYouForm,
    "running": RunningForm,
    "body": BodyForm,
    "agree": ConsentForm,
}


def initial_of(form_class: type[StepForm], saved: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return a draft's values as the initial values of its form, without validating them."""
    multiple = {
        name for name, field in form_class.base_fields.items() if isinstance(field, forms.MultipleChoiceField)
    }
    return {name: values if name in multiple else values[-1] for name, values in saved.items() if values}


def answers_of(forms_by_step: Mapping[str, Any]) -> IntakeAnswers:
    """Return the answers of four valid forms."""
    you, running = forms_by_step["you"].cleaned_data, forms_by_step["running"].cleaned_data
    body, agree = forms_by_step["body"].cleaned_data, forms_by_step["agree"].cleaned_data
    spm, source = forms_by_step["running"].cadence()
    return IntakeAnswers(
        name=you["name"],
        phone=you["phone"],
        time_zone=you["time_zone"],
        uses_kilometers=running["unit"] == "km",
        runs_per_week=running["runs_per_week"],
        usual_week_m=meters(running["usual_week"], running["unit"]),
        longest_run_m=meters(running["longest_run"], running["unit"]),
        training_block_started_on=running["training_block_started_on"],
        used_to_hills=running["used_to_hills"],
        used_to_tempo=running["used_to_tempo"],
        event=running["event"],
        event_on=running["event_on"],
        baseline_cadence_spm=spm,
        baseline_cadence_source=source,
        strike=running["strike"],
        surface=running["surface"],
        arch=body["arch"],
        shoe=body["shoe"],
        symptoms=tuple(body["symptoms"]),
        complaints=forms_by_step["body"].complaints(),
        tendon_history=tuple(body["tendon_history"]),
        knee_or_hip_history=body["knee_or_hip_history"],
        goals=tuple(agree["goals"]),
        remarks=agree["remarks"],
        email_content=agree["email_content"],
        consent_version=agree["consent_read"],
    )


class SettingsForm(forms.Form):
    """Name, phone, time zone, units and, for a runner, the content of the weekly email.

    A runner's phone number can be changed and not taken away, as the intake asks for one; others may leave it out.
    """

    name = FreeTextField(
        max_length=120,
        label="Your name",
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": "Enter your name, so we know what to call you."},
    )
    phone = PhoneField(error_messages={"required": PHONE_NEEDED})
    time_zone = TimeZoneField(help_text=YOUR_WEEK)
    unit = forms.ChoiceField(
        label="Distances in", choices=[("mi", "Miles"), ("km", "Kilometers")], widget=forms.RadioSelect
    )
    email_content = forms.ChoiceField(
        label="Your weekly email",
        help_text="It never mentions pain or a diagnosis.",
        choices=[
            (EmailContent.TARGETS, "Put my targets in the email"),
            (EmailContent.LINK, "Only send me a link"),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, is_runner: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].required = is_runner
        if not is_runner:
            del self.fields["email_content"]


class WithdrawForm(forms.Form):
    sure = forms.BooleanField(
        label="Yes, give up my seat",
        error_messages={"required": "Check the box if you’re sure. Nothing has changed so far."},
    )
