"""The form of a cohort and of its clinicians: what the database would refuse gets a sentence at the field."""

from collections.abc import Iterable
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.db.models import Q
from django.forms.models import BaseInlineFormSet
from django.utils import timezone

from challenge.accounts.models import User
from challenge.db.generic_classes import AnyModelForm
from challenge.enrollment.models import Cohort, Seat, SeatState
from challenge.enrollment.policies import ASK_ANOTHER_OWNER, may_join_team
from challenge.enrollment.queries import caring_clinicians, clinic_today, has_seats

if TYPE_CHECKING:
    AnyInlineFormSet = BaseInlineFormSet[Any, Any, Any]
else:
    AnyInlineFormSet = BaseInlineFormSet

MOST_SEATS, MOST_WEEKS = 500, 52
FIXED_ONCE_BEGUN = {"starts_on", "weeks"}
NAMES_SHOWN = 20
RESERVED = {"done", "intake", "preview", "release"}  # under /join/
FIELDS: tuple[str, ...] = (
    "name",
    "slug",
    "capacity",
    "early_access_at",
    "opens_at",
    "starts_on",
    "weeks",
    "is_public",
)
LAST_CLINICIAN = (
    "This cohort runs and this is its last clinician. Name another one first, or check that its flags go to "
    "{address}."
)


def last_clinician_sentence() -> str:
    """Return why the last clinician of a running cohort stays, and what to do instead."""
    return LAST_CLINICIAN.format(address=settings.CLINICAL_REPLY_EMAIL)


class CohortForm(AnyModelForm):
    """A cohort. A change that would move people shows them and asks; of two owners neither overwrites the other."""

    instance: Cohort
    touches_people = forms.BooleanField(
        required=False, label="Yes, move the start or the end for everyone who has a seat"
    )
    flags_to_clinic = forms.BooleanField(required=False)
    as_shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    class Meta:
        model = Cohort
        help_texts: ClassVar[dict[str, str]] = {
            "capacity": "From 1 to 500. It can’t change once someone has held a seat.",
            "slug": "The last part of its address, like spring in /join/spring/.",
            "starts_on": "A Monday that’s still ahead.",
        }
        error_messages: ClassVar[dict[str, dict[str, str]]] = {
            "name": {"required": "Give the cohort a name."},
            "slug": {"required": "Choose the last part of its address."},
        }
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.touched: list[Seat] = []
        if self.instance.begun_at is not None:
            for name in FIXED_ONCE_BEGUN & self.fields.keys():
                self.fields[name].help_text = "This cohort has begun: it keeps its start and its weeks."
        if "flags_to_clinic" in self.fields:
            self.fields[
                "flags_to_clinic"
            ].label = f"Without a clinician, its flags go to {settings.CLINICAL_REPLY_EMAIL}"
            self.initial["flags_to_clinic"] = self.instance.flags_to_clinic_at is not None
        self.version = self._version()
        self.initial["as_shown"] = self.version

    def _version(self) -> str:
        """Return a fingerprint of the stored values; the page carries that of the values it shows."""
        if self.instance.pk is None:
            return ""
        stored = [str(getattr(self.instance, name)) for name in (*FIELDS, "flags_to_clinic_at")]
        return sha256("\n".join(stored).encode()).hexdigest()

    def clean_slug(self) -> str:
        """Refuse the last parts of addresses that the join pages have already."""
        slug = str(self.cleaned_data["slug"])
        if slug in RESERVED:
            raise forms.ValidationError("This address has a page already. Choose another word.")
        return slug

    def clean_starts_on(self) -> date:
        """Refuse a day that is over or no Monday, and any other day for a cohort that has begun."""
        day: date = self.cleaned_data["starts_on"]
        self._check_fixed("starts_on", day)
        if day.weekday():
            raise forms.ValidationError(f"{day:%B} {day.day} is a {day:%A}. A challenge starts on a Monday.")
        # From its Monday on the start is fixed, so a wrong year could never be corrected.
        if "starts_on" in self.changed_data and day < timezone.localdate():
            raise forms.ValidationError("That Monday has passed. Choose a later one.")
        if day.year > timezone.localdate().year + 3:
            raise forms.ValidationError("Choose a Monday within three years.")
        return day

    def clean_capacity(self) -> int:
        number = self._between("capacity", 1, MOST_SEATS, "seats")
        if self.instance.pk is not None and "capacity" in self.changed_data and has_seats(self.instance):
            raise forms.ValidationError(
                "Someone has held a seat of this cohort, so its capacity stays. Announce a second cohort instead."
            )
        return number

    def clean_weeks(self) -> int:
        self._check_fixed("weeks", self.cleaned_data["weeks"])
        return self._between("weeks", 1, MOST_WEEKS, "weeks")

    def _check_fixed(self, name: str, value: date | int) -> None:
        """Raise ValidationError if a cohort that has begun would change; the trigger refuses the same."""
        before = self.initial.get(name)
        if self.instance.begun_at is not None and value != before:
            first = self.instance.starts_on
            raise forms.ValidationError(
                f"This cohort began on {first:%B} {first.day}, {first.year}, and its runners rely on its dates. "
                f"It keeps its start and its {self.instance.weeks} weeks."
            )

    def _between(self, name: str, least: int, most: int, what: str) -> int:
        number: int = self.cleaned_data[name]
        if not least <= number <= most:
            raise forms.ValidationError(f"Enter a whole number from {least} to {most} {what}.")
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        early, opens, starts = (cleaned.get(name) for name in ("early_access_at", "opens_at", "starts_on"))
        if early and opens and early > opens:
            self.add_error(
                "early_access_at", "Invited people come first: choose a time before the public one."
            )
        if opens and starts and {"opens_at", "starts_on"} & set(self.changed_data):
            self._check_opens_in_time(opens, starts)
        self._check_unchanged_meanwhile(cleaned)
        self._check_clinic_address_needed(cleaned)
        if not self.errors:
            self._ask_about_people(cleaned)
        return cleaned

    def _check_opens_in_time(self, opens: datetime, starts: date) -> None:
        if timezone.localdate(opens) > starts:
            self.add_error(
                "opens_at",
                f"That is after the start on {starts:%B} {starts.day}. Choose a time before it, or a later start.",
            )

    def _check_unchanged_meanwhile(self, cleaned: dict[str, Any]) -> None:
        """Refuse once if a colleague saved this cohort while the page was open; the next press saves."""
        shown = cleaned.get("as_shown")
        if not shown or shown == self.version:
            return
        stored = ", ".join(
            f"{self.fields[name].label}: {self._as_stored(name)}"
            for name in self.changed_data
            if name in {*FIELDS, "clinicians"} and name in self.initial
        )
        typed: Any = self.data
        self.data = typed = typed.copy()
        typed[self.add_prefix("as_shown")] = self.version
        self.add_error(
            None,
            "A colleague changed this cohort while your page was open. We kept what you typed. What’s saved now: "
            f"{stored or 'the same as you typed'}. Look at it, then save again.",
        )

    def _as_stored(self, name: str) -> str:
        return str(self.initial[name])

    def _check_clinic_address_needed(self, cleaned: dict[str, Any]) -> None:
        """Refuse to take the shared address back while the running cohort has no clinician."""
        confirmed = self.instance.flags_to_clinic_at is not None
        if "flags_to_clinic" not in self.fields or cleaned.get("flags_to_clinic") or not confirmed:
            return
        people = self.instance.clinicians.values_list("user", flat=True)
        if runs(self.instance) and not caring_clinicians(people).exists():
            self.add_error(
                "flags_to_clinic", "This cohort has no clinician. Name one and save, then uncheck this."
            )

    def _ask_about_people(self, cleaned: dict[str, Any]) -> None:
        """Show whom a new start or another number of weeks moves, and ask; no one moves by one click."""
        if self.instance.pk is None or not FIXED_ONCE_BEGUN & set(self.changed_data):
            return
        seats = Seat.objects.filter(cohort=self.instance, state=SeatState.CONFIRMED)
        self.touched = list(seats.select_related("user").order_by("number"))
        if self.touched and not cleaned.get("touches_people"):
            self.add_error("touches_people", _whom(self.touched))

    def save(self, commit: bool = True) -> Any:
        asked = self.cleaned_data.get("flags_to_clinic")
        if "flags_to_clinic" in self.fields and asked != (self.instance.flags_to_clinic_at is not None):
            self.instance.flags_to_clinic_at = timezone.now() if asked else None
        return super().save(commit)


def _whom(seats: list[Seat]) -> str:
    names = [f"{seat.user or 'someone who left'} (bib {seat.number})" for seat in seats[:NAMES_SHOWN]]
    more = f" and {len(seats) - NAMES_SHOWN} more" if len(seats) > NAMES_SHOWN else ""
    people = "1 runner" if len(seats) == 1 else f"{len(seats)} runners"
    return f"This moves {people} with a seat: {', '.join(names)}{more}. Check the box to move it for them."


class ClinicianFormSet(AnyInlineFormSet):
    """The clinicians of a cohort; the last one of a running cohort stays. `by` is the person changing them."""

    by: User

    def clean(self) -> None:
        """Refuse a list without a clinician while the cohort runs, and one person removed and added in one go."""
        super().clean()
        if any(self.errors):
            return
        kept, removed = set[int](), set[int]()
        for form in self.forms:
            person = form.cleaned_data.get("user")
            if person is not None:
                (removed if form.cleaned_data.get("DELETE") else kept).add(person.pk)
        self._check_joining(kept)
        if kept & removed:
            raise forms.ValidationError("Someone is both removed and added. Leave their row as it is.")
        uncovered = self.instance.flags_to_clinic_at is None and not caring_clinicians(kept).exists()
        if self.has_changed() and uncovered and runs(self.instance):
            raise forms.ValidationError(last_clinician_sentence())

    def _check_joining(self, kept: set[int]) -> None:
        """Refuse at its row that a person adds themselves to a cohort with runners; `record_clinicians` would raise."""
        if self.instance.pk is None or self.by.pk not in kept:
            return
        joins = not self.instance.clinicians.filter(user=self.by).exists()
        if joins and not may_join_team(self.by, self.instance):
            for form in self.forms:
                if form.cleaned_data.get("user") == self.by:
                    form.add_error("user", ASK_ANOTHER_OWNER)

    def save(self, commit: bool = True) -> list[Any]:
        """Add before removing: the trigger `last_clinician_stays` judges each row, not the whole list."""
        if not commit:
            return super().save(commit)
        added = self.save_new_objects(commit)
        return [*self.save_existing_objects(commit), *added]


def runs(cohort: Cohort) -> bool:
    """Return whether the stored cohort has begun and is not over."""
    return Cohort.objects.filter(pk=cohort.pk, begun_at__isnull=False, over_at=None).exists()


def cohorts_left_alone(user_id: int) -> Iterable[Cohort]:
    """Return the running cohorts that would have no clinician without this person and no confirmed address."""
    began = Q(begun_at__isnull=False) | Q(starts_on__lte=clinic_today(timezone.now()))
    running = Cohort.objects.filter(began, over_at=None, flags_to_clinic_at=None, clinicians__user=user_id)
    for cohort in running:
        others = cohort.clinicians.exclude(user=user_id).values_list("user", flat=True)
        if not caring_clinicians(others).exists():
            yield cohort
