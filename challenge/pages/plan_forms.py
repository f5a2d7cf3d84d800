"""The owner's form of a cohort to come: everything on one page, with its clinicians."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import slugify

from challenge.accounts.models import User
from challenge.accounts.roles import CLINICIAN
from challenge.enrollment.cohort_actions import record_clinicians, write_of_moved_dates
from challenge.enrollment.cohort_forms import CohortForm
from challenge.enrollment.models import Cohort, CohortClinician
from challenge.enrollment.queries import clinic_today, has_seats
from challenge.protocol.local_week import monday_of

LEAD = timedelta(weeks=3)  # from the planning to the start, where the last cohort gives no later day


def staff_who_may_care() -> QuerySet[User]:
    """Return the people who may be a cohort's clinician."""
    able = Q(is_superuser=True) | Q(groups__name=CLINICIAN)
    return User.objects.filter(able, is_active=True, is_staff=True).distinct().order_by("name", "email")


def _moment(label: str, help_text: str, *, required: bool = True) -> forms.SplitDateTimeField:
    return forms.SplitDateTimeField(
        label=label,
        help_text=help_text,
        required=required,
        widget=forms.SplitDateTimeWidget(
            date_attrs={"type": "date", "aria-label": f"{label}: day"},
            time_attrs={"type": "time", "aria-label": f"{label}: time"},
            date_format="%Y-%m-%d",
            time_format="%H:%M",
        ),
        error_messages={
            "required": "Enter the day and the time.",
            "invalid_date": "Enter the day, like 3/9/2026.",
            "invalid_time": "Enter the time, like 9:00 AM.",
        },
    )


class PlanForm(CohortForm):
    """A cohort to come with its clinicians; announcing it is a button of its own."""

    opens_at = _moment("Enrollment opens", "When everyone can start claiming seats, in your time zone.")
    early_access_at = _moment(
        "Early access begins", "For invited people, before everyone else.", required=False
    )
    clinicians = forms.ModelMultipleChoiceField(
        queryset=User.objects.none(),
        label="Its clinicians",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="They read its logs and decide. Choose at least one before you announce it.",
    )
    field_order = (
        "name",
        "slug",
        "capacity",
        "starts_on",
        "weeks",
        "early_access_at",
        "opens_at",
        "clinicians",
    )

    class Meta(CohortForm.Meta):
        fields: tuple[str, ...] = (
            "name",
            "slug",
            "capacity",
            "early_access_at",
            "opens_at",
            "starts_on",
            "weeks",
        )
        widgets = {"starts_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d")}
        labels = {"slug": "Its address", "starts_on": "Starts on", "capacity": "Seats"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["clinicians"]
        people.queryset = staff_who_may_care()
        del self.fields["flags_to_clinic"]
        if self.instance.pk is None:
            del self.fields["touches_people"], self.fields["as_shown"]
            return
        self.initial["clinicians"] = list(self.instance.clinicians.values_list("user", flat=True))
        if has_seats(self.instance):
            self.fields["capacity"].disabled = True
        else:
            del self.fields["touches_people"]

    def _version(self) -> str:
        """Return a fingerprint of the clinicians too: this page stores the whole list."""
        stored = super()._version()
        if not stored:
            return ""
        people = sorted(self.instance.clinicians.values_list("user", flat=True))
        return sha256(f"{stored} {people}".encode()).hexdigest()

    def _as_stored(self, name: str) -> str:
        if name != "clinicians":
            return super()._as_stored(name)
        people = [str(row.user) for row in self.instance.clinicians.select_related("user").order_by("pk")]
        return ", ".join(people) or "none"

    def save_plan(self, *, copied_from: Cohort | None, by: User, at: datetime) -> Cohort:
        """Store the cohort, not announced if it is new, and its clinicians, in one transaction.

        Everyone with a seat gets an email if the dates move.
        """
        with transaction.atomic():
            stored = Cohort.objects.filter(pk=self.instance.pk).values("starts_on", "weeks").first()
            if self.instance.pk is None:
                self.instance.is_public, self.instance.copied_from = False, copied_from
            cohort: Cohort = self.save()
            if stored is not None:
                write_of_moved_dates(cohort=cohort, **stored, at=at)
            chosen = {person.pk for person in self.cleaned_data["clinicians"]}
            now = set(cohort.clinicians.values_list("user", flat=True))
            # Added before removed: a running cohort is never without a clinician.
            CohortClinician.objects.bulk_create(
                CohortClinician(cohort=cohort, user_id=pk) for pk in sorted(chosen - now)
            )
            cohort.clinicians.filter(user__in=now - chosen).delete()
            record_clinicians(cohort=cohort, before=now, by=by, at=at)
        return cohort


def copied_values(before: Cohort | None, *, at: datetime) -> dict[str, Any]:
    """Return the first values of the next cohort: the last one's, moved to the Monday after it or in three weeks."""
    soonest = monday_of(clinic_today(at) + LEAD) + timedelta(weeks=1)
    if before is None:
        opens = at.replace(minute=0, second=0, microsecond=0) + timedelta(days=7)
        return {"starts_on": soonest, "weeks": 12, "capacity": 20, "opens_at": opens}
    starts_on = max(soonest, before.over_on)
    # Added on the local clock, so that 9 AM stays 9 AM when daylight saving begins or ends in between.
    moved = timedelta(days=(starts_on - before.starts_on).days)
    early = before.early_access_at
    name = f"{before.name}, {starts_on:%B %Y}"[:120]
    return {
        "name": name,
        "slug": slugify(f"{starts_on:%B-%Y}"),
        "capacity": before.capacity,
        "weeks": before.weeks,
        "starts_on": starts_on,
        "opens_at": timezone.localtime(before.opens_at) + moved,
        "early_access_at": timezone.localtime(early) + moved if early is not None else None,
        "clinicians": list(before.clinicians.values_list("user", flat=True)),
    }
