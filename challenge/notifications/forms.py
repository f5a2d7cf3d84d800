"""What a person chooses about reminders on their devices and about the calendar of their plan."""

from datetime import time
from typing import Any

from django import forms

IN_QUIET_HOURS = "That’s in your quiet hours. Pick another time, or change the hours below."
SAME_TIME = "Quiet hours that begin and end at the same time would last all day. Change one of the two."


def _time(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        error_messages={
            "required": "Pick a time, for example 7:30 AM.",
            "invalid": "Enter a time, like 7:30 AM.",
        },
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )


class PlanFeedForm(forms.Form):
    """What the calendar shows next to the days."""

    shows_number = forms.BooleanField(
        label="Show my steps a minute on Mondays",
        required=False,
        help_text="Anyone who sees your calendar sees it too.",
    )


class ReminderForm(forms.Form):
    """Kinds, times and quiet hours of a runner's reminders."""

    strength = forms.BooleanField(label="Strength is due today", required=False)
    strength_at = _time("Remind me of strength at")
    morning = forms.BooleanField(label="How was this morning?", required=False)
    morning_at = _time("Ask about the morning at")
    message = forms.BooleanField(label="There’s a new message", required=False)
    quiet_from = _time("Quiet from")
    quiet_until = _time("Quiet until")

    def clean(self) -> dict[str, Any]:
        """Refuse a reminder that its own quiet hours would swallow."""
        typed = super().clean() or self.cleaned_data
        begin, end = typed.get("quiet_from"), typed.get("quiet_until")
        if begin is None or end is None:
            return typed
        if begin == end:
            self.add_error("quiet_until", SAME_TIME)
            return typed
        for kind in ("strength", "morning"):
            at = typed.get(f"{kind}_at")
            if typed.get(kind) and at is not None and _lies_between(at, begin, end):
                self.add_error(f"{kind}_at", IN_QUIET_HOURS)
        return typed


def _lies_between(at: time, begin: time, end: time) -> bool:
    return begin <= at < end if begin < end else at >= begin or at < end


class DeviceForm(forms.Form):
    """A browser's push address and its two keys, as the browser gave them to the page."""

    endpoint = forms.CharField(max_length=1000)
    p256dh = forms.CharField(max_length=200)
    auth = forms.CharField(max_length=100)
