"""The runner's own settings, and the last question before withdrawing."""

from typing import Any

from django import forms

from challenge.enrollment.models import EmailContent
from challenge.intake.fields import time_zone_choices


class SettingsForm(forms.Form):
    """Name, phone, time zone, units; what the weekly email holds, for somebody in a challenge."""

    name = forms.CharField(
        max_length=120,
        label="Your name",
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": "Write your name, so that we know whom to greet."},
    )
    phone = forms.CharField(
        max_length=40,
        label="Phone",
        required=False,
        widget=forms.TextInput({"autocomplete": "tel", "type": "tel"}),
    )
    time_zone = forms.ChoiceField(label="Time zone", help_text="Your week turns over on your own Monday.")
    unit = forms.ChoiceField(
        label="Distances in", choices=[("mi", "Miles"), ("km", "Kilometres")], widget=forms.RadioSelect
    )
    email_content = forms.ChoiceField(
        label="Your weekly email",
        help_text="It never names pain or a diagnosis.",
        choices=[
            (EmailContent.TARGETS, "Put my targets in the email"),
            (EmailContent.LINK, "Only send me a link"),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, is_runner: bool, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_runner:
            del self.fields["email_content"]
        choices = time_zone_choices()
        if zone not in {value for _, group in choices for value, _ in group}:
            choices = [("Yours now", [(zone, zone)]), *choices]
        self.fields["time_zone"].choices = choices  # type: ignore[attr-defined]


class WithdrawForm(forms.Form):
    sure = forms.BooleanField(
        label="Yes, give up my seat",
        error_messages={"required": "Tick the box if you are sure. Nothing has changed so far."},
    )
