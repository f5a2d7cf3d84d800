"""Colleagues: invite one by email, and close one's account with their flags and calls handed over; and the forms."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from challenge.accounts import emails
from challenge.accounts.actions import end_sessions
from challenge.accounts.fields import FreeTextField
from challenge.accounts.identity import record_identity
from challenge.accounts.models import User
from challenge.accounts.roles import CLINICIAN, STAFF_ROLES
from challenge.accounts.second_person import ask_for_roles, roles_that_wait
from challenge.accounts.staff import can_edit_account
from challenge.calls.caller_actions import hand_over
from challenge.calls.models import Booking
from challenge.calls.queries import booked_calls
from challenge.calls.staff_time import CallRefused
from challenge.care.models import Flag
from challenge.enrollment.cohort_actions import CannotJoinTeam, clinician_ids, record_clinicians
from challenge.enrollment.cohort_forms import cohorts_left_alone
from challenge.enrollment.models import Cohort, CohortClinician
from challenge.pages.plan_forms import staff_who_may_care


class CannotInvitePerson(Exception):
    """This address cannot become a colleague's; `str()` is the reason and what to do instead."""


class CannotClosePerson(Exception):
    """The account cannot be closed like this; `str()` is the reason and what to do instead."""


def colleagues() -> QuerySet[User]:
    """Return everyone who works here or did, active people first, each with `has_factor`."""
    factor = Authenticator.objects.filter(
        user=OuterRef("pk"), type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    )
    people = User.objects.filter(is_staff=True).annotate(has_factor=Exists(factor))
    return people.prefetch_related("groups", "cohorts_cared_for__cohort").order_by(
        "-is_active", "name", "email"
    )


def invite_colleague(
    *, email: str, name: str, roles: Iterable[str], cohorts: Iterable[Cohort], by: User, at: datetime
) -> User:
    """Create the account with its roles and cohorts, and mail how to sign in. They set up their own second factor.

    The role of an owner waits: see `accounts.second_person`. That of a clinician does not, so the other owners are
    written to.

    Raises CannotInvitePerson for an address that has an account.
    """
    address = email.strip().lower()
    try:
        with transaction.atomic():
            if (
                User.objects.filter(email=address).exists()
                or EmailAddress.objects.filter(email=address).exists()
            ):
                raise CannotInvitePerson(
                    "This address has an account already. Use another one, or change the account on its page."
                )
            person = User.objects.create_user(address, name=name, is_staff=True)
            EmailAddress.objects.create(user=person, email=address, primary=True, verified=False)
            waiting = roles_that_wait(roles, user=person, by=by)
            person.groups.set(Group.objects.filter(name__in=(set(roles) & set(STAFF_ROLES)) - waiting))
            cohorts = list(cohorts)
            CohortClinician.objects.bulk_create(CohortClinician(cohort=one, user=person) for one in cohorts)
            record_identity(what="account_made", account=person, by=by, at=at)
            means = ", ".join(sorted(set(roles) - waiting))
            given = record_identity(what="role_given", account=person, by=by, at=at, means=means)
            if CLINICIAN in roles:
                emails.role_given(event=given, account=person, by=by, at=at)
            for cohort in cohorts:
                record_clinicians(cohort=cohort, before=clinician_ids(cohort) - {person.pk}, by=by, at=at)
            ask_for_roles(waiting, user=person, by=by, at=at)
            emails.colleague_invited(user=person, roles=sorted(roles), by=by, at=at)
    except IntegrityError as error:  # someone signed up with it in the same moment
        raise CannotInvitePerson(
            "This address got an account just now. Look at the list of people."
        ) from error
    return person


def open_flags_of(person: User) -> QuerySet[Flag]:
    """Return the open flags that this person has taken."""
    return Flag.objects.filter(taken_by=person, closed_at__isnull=True)


def calls_ahead_of(person: User, *, at: datetime) -> QuerySet[Booking]:
    """Return the calls that this person has ahead."""
    return booked_calls().filter(staff=person, ends_at__gt=at).order_by("starts_at")


def close_colleague(*, person: User, successor: User | None, by: User, at: datetime) -> None:
    """Close the account, end its sessions, and give its flags, calls and cohorts to `successor`, in one transaction.

    Raises CannotClosePerson; then nothing has changed.
    """
    if not can_edit_account(person, by=by):
        raise CannotClosePerson("Only a superuser closes a superuser.")
    if person.pk == by.pk:
        raise CannotClosePerson("This is your own account. Ask another owner to close it.")
    try:
        with transaction.atomic():
            was_open = _lock_for_closing(person, successor)
            _hand_over(person, successor, by=by, at=at)
            if not was_open:
                return
            User.objects.filter(pk=person.pk).update(is_active=False)
            end_sessions(person)
            record_identity(what="account_closed", account=person, by=by, at=at)
    except CannotJoinTeam as error:
        raise CannotClosePerson(
            "You can’t take over their cohorts yourself: they have runners. Choose someone else, or ask another owner."
        ) from error
    except CallRefused as error:
        sentence = f"A call stays where it is: {error} Choose someone else, or move it."
        raise CannotClosePerson(sentence) from error
    except IntegrityError as error:
        raise CannotClosePerson(_why(error)) from error


def _lock_for_closing(person: User, successor: User | None) -> bool:
    """Lock both accounts and return whether `person` is still open: two owners may close each for the other."""
    ids = [one.pk for one in (person, successor) if one is not None]
    locked = User.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    active = {one.pk: one.is_active for one in locked}
    if successor is not None and not active.get(successor.pk):
        raise CannotClosePerson(f"{successor}’s account was closed just now. Choose someone else.")
    return active.get(person.pk, False)


def _hand_over(person: User, successor: User | None, *, by: User, at: datetime) -> None:
    calls = list(calls_ahead_of(person, at=at))
    flags = open_flags_of(person)
    alone = list(cohorts_left_alone(person.pk))
    if successor is None and (calls or flags.exists() or alone):
        raise CannotClosePerson("Someone must take over their flags, calls and cohorts. Choose who.")
    if successor is None:
        return
    for row in CohortClinician.objects.filter(user=person, cohort__over_at=None):
        before = clinician_ids(row.cohort)
        CohortClinician.objects.get_or_create(cohort=row.cohort, user=successor)
        record_clinicians(cohort=row.cohort, before=before, by=by, at=at, leaving=person)
    # After the cohorts: a check-in goes only to a clinician of the runner's.
    for call in calls:
        reason = f"{person.get_full_name()} no longer takes calls."
        hand_over(booking=call, staff_id=successor.pk, reason=reason, by=by, at=at)
    flags.update(taken_by=successor, taken_at=at)


def _why(error: IntegrityError) -> str:
    rule = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
    if rule == "last_owner_stays":
        return "This is the last active owner. Give a colleague the role first."
    return "A running cohort would have no clinician. Choose someone with that role to take over."


WHOLE_ADDRESS = "Enter their whole address, like ada@example.org."


class ColleagueForm(forms.Form):
    """A new colleague: address, name, roles and, for a clinician, cohorts."""

    name = FreeTextField(
        label="Their name", max_length=120, error_messages={"required": "Enter their name: runners read it."}
    )
    email = forms.EmailField(
        label="Their email",
        max_length=254,
        error_messages={"required": WHOLE_ADDRESS, "invalid": WHOLE_ADDRESS},
    )
    roles = forms.MultipleChoiceField(
        label="What they do here",
        choices=[(role, role.capitalize()) for role in STAFF_ROLES],
        widget=forms.CheckboxSelectMultiple,
        help_text="Only clinicians read health data. Owners run the clinic and don’t see any.",
        error_messages={"required": "Choose at least one."},
    )
    cohorts = forms.ModelMultipleChoiceField(
        queryset=Cohort.objects.none(),
        label="Cohorts they care for",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cohorts: Any = self.fields["cohorts"]
        cohorts.queryset = Cohort.objects.filter(over_at=None).order_by("-starts_on", "-pk")

    def clean(self) -> dict[str, Any]:
        """Refuse cohorts for anyone but a clinician: they could not open them."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("cohorts") and CLINICIAN not in cleaned.get("roles", [CLINICIAN]):
            self.add_error("cohorts", "Only a clinician cares for cohorts. Choose that role, or no cohort.")
        return cleaned


class CloseColleagueForm(forms.Form):
    """Who takes over the flags, calls and cohorts of a departing colleague."""

    successor = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        label="Who takes over",
        empty_label="No one",
        error_messages={"invalid_choice": "Choose an active clinician."},
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["successor"]
        people.queryset = staff_who_may_care().exclude(pk=person.pk)
