"""What a person chooses about reminders and their plan's calendar, and how a clinician wants to be reached.

A clinician's form has notices, quiet hours, time away, and who substitutes.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet

from challenge.accounts.models import User
from challenge.accounts.roles import CLINICIAN
from challenge.db.generic_classes import AnyModelForm
from challenge.enrollment.models import Cohort, CohortClinician
from challenge.notifications.models import NoticeSettings
from challenge.notifications.on_call import is_away, settings_of
from challenge.protocol.local_week import local_day

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


LONGEST_AWAY = timedelta(days=365)
A_TIME = "Enter a time, like 9:00 PM."
A_DAY = "Enter a day, like 12/24/2026."


def _optional_time(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": A_TIME},
    )


def _running_cohorts(user: User) -> QuerySet[Cohort]:
    return Cohort.objects.filter(clinicians__user=user, over_at=None).order_by("starts_on", "pk")


class NoticeSettingsForm(AnyModelForm):
    """Stop flags have no switch: someone reads each of them immediately."""

    quiet_from, quiet_until = _optional_time("Quiet from"), _optional_time("Quiet until")
    away_until = forms.DateField(
        label="Away until, the last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Leave it empty when you’re here.",
        error_messages={"invalid": A_DAY},
    )

    class Meta:
        model = NoticeSettings
        fields = ("digest", "quiet_from", "quiet_until", "away_until", "stand_in")
        labels = {
            "digest": "Email me on business mornings how much is waiting",
            "stand_in": "Who stands in for you",
        }
        help_texts = {"stand_in": "Stop flags go to them and to the clinic’s address while you’re away."}

    def __init__(self, *args: Any, user: User, at: datetime, **kwargs: Any) -> None:
        """`at` decides which day it is on this person's clock."""
        kwargs["instance"] = settings_of(user) or NoticeSettings(user=user)
        super().__init__(*args, **kwargs)
        self.user, self.at, self.today = user, at, local_day(at, user.zone)
        people: Any = self.fields["stand_in"]
        colleagues = User.objects.filter(is_active=True, is_staff=True, groups__name=CLINICIAN)
        people.queryset = colleagues.exclude(pk=user.pk).order_by("name", "email")
        people.empty_label = "No one: the clinic’s address alone"
        people.error_messages["invalid_choice"] = "This person no longer works here as a clinician."

    def clean_away_until(self) -> date | None:
        """Take today to a year ahead."""
        day: date | None = self.cleaned_data["away_until"]
        if day is not None and day < self.today:
            raise forms.ValidationError("This day is over: choose today or later, or leave it empty.")
        if day is not None and day > self.today + LONGEST_AWAY:
            raise forms.ValidationError("Choose a day within a year.")
        return day

    def clean(self) -> dict[str, Any]:
        """Require both ends of the quiet hours, and someone who can open what they stand in for."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        begin, end = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if (begin is None) != (end is None) and not {"quiet_from", "quiet_until"} & set(self.errors):
            missing = "quiet_until" if end is None else "quiet_from"
            self.add_error(missing, "Enter both times, or leave both empty.")
        elif begin is not None and begin == end:
            self.add_error(
                "quiet_until", "Quiet hours can’t begin and end at the same time. Change one of the two."
            )
        stand_in = cleaned.get("stand_in")
        if "away_until" not in self.errors and (why := self._why_not(stand_in, cleaned.get("away_until"))):
            self.add_error("stand_in", why)
        return cleaned

    def _why_not(self, stand_in: User | None, until: date | None) -> str:
        """Return why this person cannot stand in, "" if they can."""
        if stand_in is None:
            return ""
        if until is None:
            return "Enter the last day you’re away, or choose no one."
        if is_away(stand_in, at=self.at):
            return f"{stand_in} is away too: choose another colleague."
        theirs = CohortClinician.objects.filter(user=stand_in).values("cohort")
        missing = [cohort.name for cohort in _running_cohorts(self.user).exclude(pk__in=theirs)]
        if missing:
            return f"{stand_in} can’t open {', '.join(missing)}: ask an owner to add them, or choose another."
        return ""

    def save(self, commit: bool = True) -> NoticeSettings:
        """Store the settings with the moment of the change."""
        self.instance.changed_at = self.at
        stored: NoticeSettings = super().save(commit)
        return stored
