"""The forms for hours, terms and leave, and for what happens to booked calls that a change affects."""

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django import forms

from challenge.accounts.fields import FreeTextField
from challenge.accounts.time_zones import TimeZoneField
from challenge.calls.schedule import ConfirmedConflict, whole_days
from challenge.calls.schedule_models import Availability, CallPlace, CheckInTerms, Weekday
from challenge.calls.slot_picker import YEARS
from challenge.calls.slots import WallTimes

STRETCHES = (1, 2)


def time_field(label: str) -> forms.TimeField:
    """Return an optional time field."""
    return forms.TimeField(
        required=False,
        label=label,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Enter a time, like 9:30 AM."},
    )


def date_field(label: str, *, required: str) -> forms.DateField:
    """Return a required date field with its own message."""
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": required, "invalid": "Enter the date, like 3/9/2026."},
        validators=[_check_year],
    )


def _check_year(on: date) -> None:
    """Refuse a year that overflows when a time zone moves it."""
    if on.year not in YEARS:
        raise forms.ValidationError(f"Enter a year from {YEARS[0]} to {YEARS[-1]}.")


class WeekHoursForm(forms.Form):
    """Two stretches of hours for each weekday. An end time before its start means the next morning."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in Weekday:
            for n in STRETCHES:
                self.fields[f"from_{day.value}_{n}"] = time_field(f"{day.label}, from")
                self.fields[f"to_{day.value}_{n}"] = time_field(f"{day.label}, to")

    @classmethod
    def of(cls, availability: Availability, *, kind: str = "", **kwargs: Any) -> "WeekHoursForm":
        """Return the form filled with the staff member's weekly hours, or those of one kind of call."""
        initial: dict[str, time | None] = {}
        count: dict[int, int] = {}
        for hours in availability.hours.filter(weekday__isnull=False, kind=kind).order_by(
            "weekday", "starts"
        ):
            day = hours.weekday or 0
            n = count[day] = count.get(day, 0) + 1
            initial |= {f"from_{day}_{n}": hours.starts, f"to_{day}_{n}": hours.ends}
        return cls(initial=initial, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Check each pair of times, and that the two stretches of a day do not overlap."""
        clean = super().clean() or self.cleaned_data
        for day in Weekday:
            for n in STRETCHES:
                _check_pair(self, f"from_{day.value}_{n}", f"to_{day.value}_{n}")
            first, second = (self._stretch(day.value, n) for n in STRETCHES)
            if first and second and _overlap(first, second):
                self.add_error(f"from_{day.value}_2", "The two pairs of times of this day overlap.")
        return clean

    def _stretch(self, day: int, n: int) -> WallTimes | None:
        starts, ends = self.cleaned_data.get(f"from_{day}_{n}"), self.cleaned_data.get(f"to_{day}_{n}")
        return (starts, ends) if starts and ends else None

    def weekly(self) -> list[tuple[int, WallTimes]]:
        """Return the filled stretches as (weekday, times)."""
        stretches = [(day.value, self._stretch(day.value, n)) for day in Weekday for n in STRETCHES]
        return [(day, times) for day, times in stretches if times is not None]

    def days(self) -> list[tuple[str, list[tuple[forms.BoundField, forms.BoundField]]]]:
        """Return the fields by weekday, as the page lays them out."""
        return [
            (day.label, [(self[f"from_{day.value}_{n}"], self[f"to_{day.value}_{n}"]) for n in STRETCHES])
            for day in Weekday
        ]


def _check_pair(form: forms.Form, since: str, until: str) -> None:
    starts, ends = form.cleaned_data.get(since), form.cleaned_data.get(until)
    if since in form.errors or until in form.errors:
        return
    if bool(starts is not None) != bool(ends is not None):
        form.add_error(until if ends is None else since, "Enter both times, or neither.")
    elif starts is not None and starts == ends:
        form.add_error(until, "The end is the same as the start.")


def _overlap(first: WallTimes, second: WallTimes) -> bool:
    """Return whether two stretches of a day overlap, counted in minutes from midnight."""

    def minutes(times: WallTimes) -> tuple[int, int]:
        since, until = (moment.hour * 60 + moment.minute for moment in times)
        # An end at or before the start is on the next morning: add a day of minutes.
        return since, until if until > since else until + 1440

    (a, b), (c, d) = minutes(first), minutes(second)
    return a < d and c < b


class DateHoursForm(forms.Form):
    """The hours of a single date; without times, no calls are taken on it."""

    on = date_field("Date", required="Choose a date.")
    since = time_field("From")
    until = time_field("To")

    def clean(self) -> dict[str, Any]:
        """Check that both times are given or neither."""
        clean = super().clean() or self.cleaned_data
        _check_pair(self, "since", "until")
        return clean

    def times(self) -> list[WallTimes]:
        """Return the stretch as a list, empty without times."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        return [(since, until)] if since is not None else []


class LeaveForm(forms.Form):
    """A leave from a day to a day, whole days unless a time is given."""

    first = date_field("First day", required="Choose the first day.")
    since = time_field("from, if not all day")
    last = date_field("Last day", required="Choose the last day.")
    until = time_field("until, if not all day")

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return start and end of the leave in a time zone."""
        clean = self.cleaned_data
        return whole_days(
            clean["first"], clean["last"], zone=zone, since=clean["since"], until=clean["until"]
        )

    def clean(self) -> dict[str, Any]:
        """Check that the leave ends after it begins."""
        clean = super().clean() or self.cleaned_data
        if not self.errors:
            # Any zone serves to compare; the form does not know the staff member's.
            starts, ends = self.moments(ZoneInfo("UTC"))
            if ends <= starts:
                self.add_error("last", "The time off ends before it begins.")
        return clean


# Django's class is generic for the type checker only.
if TYPE_CHECKING:
    AvailabilityForm = forms.ModelForm[Availability]
else:
    AvailabilityForm = forms.ModelForm


def _check_link(form: "forms.ModelForm[Any]") -> None:
    """Require a link for video, and refuse one that a browser would not open as a page."""
    clean = form.cleaned_data
    link = str(clean.get("video_link") or "")
    needed = clean.get("place") == CallPlace.VIDEO or link
    if needed and not re.fullmatch(r"https://[^\s<>\"]+", link) and not form.errors:
        form.add_error("video_link", "Paste your video link, which begins with https://.")


class TermsForm(AvailabilityForm):
    """The terms on which a staff member takes calls."""

    time_zone = TimeZoneField(label="Time zone of the hours")

    class Meta:
        model = Availability
        fields = (
            "takes_calls",
            "time_zone",
            "length_min",
            "step_min",
            "buffer_before_min",
            "buffer_after_min",
            "notice_min",
            "horizon_days",
            "calls_a_day",
            "place",
            "video_link",
            "question",
        )

    def clean(self) -> dict[str, Any]:
        """Require a link for video."""
        clean = super().clean() or self.cleaned_data
        _check_link(self)
        return clean


if TYPE_CHECKING:
    TermsOfCheckIns = forms.ModelForm[CheckInTerms]
else:
    TermsOfCheckIns = forms.ModelForm


class CheckInForm(TermsOfCheckIns):
    """The terms on which a staff member takes check-in calls of runners."""

    class Meta:
        model = CheckInTerms
        fields = (
            "is_offered", "has_own_hours", "length_min", "buffer_before_min", "buffer_after_min", "place",
            "video_link", "question",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Require a link for video."""
        clean = super().clean() or self.cleaned_data
        _check_link(self)
        return clean


class CalendarForm(forms.Form):
    """The secret address of one's own calendar."""

    name = FreeTextField(
        max_length=60,
        label="Name",
        help_text="For you, such as “Work”.",
        error_messages={"required": "Enter a name, so you know which calendar it is."},
    )
    address = FreeTextField(
        max_length=1000,
        label="Secret address",
        help_text="Google: “Secret address in iCal format”. Outlook: the ICS link of a published calendar. "
        "iCloud: the link of a public calendar.",
        widget=forms.TextInput(attrs={"type": "url", "autocomplete": "off"}),
        error_messages={"required": "Paste the secret address of the calendar."},
    )

    def clean_address(self) -> str:
        """Return an https address; `webcal://`, as iCloud shows it, is the same address."""
        address = str(self.cleaned_data["address"]).strip()
        if address.lower().startswith("webcal://"):
            address = "https" + address[len("webcal") :]
        try:
            parts = urlsplit(address)
            is_fine = (
                parts.scheme == "https" and bool(parts.hostname) and not parts.username and not parts.port
            )
        except ValueError:
            is_fine = False
        if not is_fine or not address.isprintable() or " " in address:
            raise forms.ValidationError(
                "Paste an address that begins with https://, as the calendar shows it."
            )
        return address


class ConfirmConflictForm(forms.Form):
    """The decision about the booked calls that a change affects."""

    agreed = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    then = forms.ChoiceField(
        required=False,
        label="What happens to them?",
        choices=[("keep", "They stay, as exceptions"), ("cancel", "Cancel them and tell each caller why")],
        widget=forms.RadioSelect,
    )
    reason = FreeTextField(
        required=False,
        max_length=200,
        label="Reason, for the callers",
        help_text="They read it in the email that cancels their call.",
    )

    def clean(self) -> dict[str, Any]:
        """Require a decision, and a reason for a cancellation."""
        clean = super().clean() or self.cleaned_data
        if clean.get("agreed") and not clean.get("then"):
            self.add_error("then", "Choose what happens to these calls.")
        if clean.get("then") == "cancel" and not clean.get("reason"):
            self.add_error("reason", "Enter a reason; the callers will read it.")
        return clean

    def answer(self) -> ConfirmedConflict:
        """Return the decision; ids that are not numbers are ignored."""
        parts = self.cleaned_data["agreed"].split(",")
        ids = frozenset(int(part) for part in parts if part.isascii() and part.isdecimal())
        return ConfirmedConflict(ids, self.cleaned_data["then"] == "cancel", self.cleaned_data["reason"])
