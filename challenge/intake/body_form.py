"""The page about the body: up to three places that hurt, what hurt before, and the screening for symptoms."""

from typing import Any

from django import forms

from challenge.accounts.free_text import FreeTextField
from challenge.care.complaint_models import NO_SIDE, SITES_WITHOUT_SIDE
from challenge.intake.fields import IntakePainField, ScreeningField, StepForm
from challenge.intake.intake_answers import ComplaintAnswer
from challenge.intake.models import TendonHistory
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
