"""Accounts and their addresses in the admin: a change of address waits where health data exists."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from challenge.accounts.admin import UserAdmin, UserForm
from challenge.accounts.admin_base import AuditedAdmin
from challenge.accounts.models import AddressChange, User
from challenge.accounts.queries import is_owner, open_objection, open_report, user_ids_with_address
from challenge.accounts.roles import CLINICIAN
from challenge.enrollment.address_changes import (
    AddressRefused,
    CannotClear,
    ask_for_address,
    clear_objection,
    describe_waiting,
)
from challenge.enrollment.cohort_forms import (
    cohorts_left_alone,
    last_clinician_sentence,
)
from challenge.enrollment.disputes import CannotThaw, changes_in_doubt, thaw
from challenge.mail.admin import AddressAdmin
from challenge.mail.models import AddressState

STILL_THERE = (
    "Nothing was taken back, so ask about each of these changes. An app or a passkey that isn’t theirs: ask for the "
    "removal of their second factors below before you let them in. An email address that isn’t: stay on the phone "
    "until they have removed it."
)


class AccountForm(UserForm):
    """An account, with boxes to clear an objection to a change of its address and to open a frozen account."""

    objection_cleared = forms.BooleanField(
        required=False,
        label="I have talked with the runner: clear the objection",
        help_text="Until then only a clinician opens another address.",
    )
    thawed = forms.BooleanField(
        required=False,
        label="I have talked with the person: let them sign in again",
        help_text="They pressed “this wasn’t me”. Call the number that you knew before, not one from a new email.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk and "thawed" in self.fields and (changes := changes_in_doubt(self.instance)):
            days = (f"{date_format(timezone.localtime(one.at), 'F j')}: {one.sentence}" for one in changes)
            self.fields["thawed"].help_text += f" {STILL_THERE} {' '.join(days)}"

    def clean(self) -> dict[str, Any]:
        """Refuse to close or demote the last clinician of a running cohort, as `last_clinician_stays` does."""
        cleaned = super().clean()
        if self.instance.pk is None or not {"is_active", "groups"} & set(self.changed_data):
            return cleaned
        roles = {group.name for group in cleaned.get("groups", [])}
        if cleaned.get("is_active", True) and (CLINICIAN in roles or self.instance.is_superuser):
            return cleaned
        if alone := [cohort.name for cohort in cohorts_left_alone(self.instance.pk)]:
            field = "groups" if cleaned.get("is_active", True) else "is_active"
            self.add_error(field, f"{', '.join(alone)}: {last_clinician_sentence()}")
        return cleaned


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Accounts, with the waiting change of address of those that have a health record."""

    form = AccountForm
    readonly_fields = (*UserAdmin.readonly_fields, "address_change")

    def hidden_fields(self, request: HttpRequest, user: User | None) -> set[str]:
        """Offer to clear an objection where there is one, but not to who asked for that change."""
        objected = open_objection(user) if user is not None else None
        may_clear = objected is not None and objected.asked_by_id != request.user.pk
        may_thaw = user is not None and open_report(user) is not None
        hidden = {"objection_cleared": not may_clear, "thawed": not may_thaw}
        return super().hidden_fields(request, user) | {
            name for name, is_hidden in hidden.items() if is_hidden
        }

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        by: Any = request.user
        if change and form.cleaned_data.get("objection_cleared") and is_owner(by):
            try:
                clear_objection(user=obj, by=by, at=timezone.now())
            except CannotClear as refusal:
                messages.error(request, str(refusal))
        if change and form.cleaned_data.get("thawed") and is_owner(by):
            try:
                thaw(user=obj, by=by, at=timezone.now())
            except CannotThaw as refusal:
                messages.error(request, str(refusal))
        if change and obj.is_active and "is_active" in form.changed_data:
            self.keep_closed(request, obj, form)
        super().save_model(request, obj, form, change)

    def keep_closed(self, request: HttpRequest, user: User, form: Any) -> None:
        """Leave the account closed if the runner objected to the address that this same person asked for."""
        objected = open_objection(user)
        if objected is not None and objected.asked_by_id == request.user.pk:
            user.is_active = False
            form.changed_data.remove("is_active")
            messages.error(
                request, "You asked for the address that the runner objected to. A colleague opens it."
            )

    @admin.display(description="change of address")
    def address_change(self, user: User) -> str:
        """Return the waiting change, or that the runner objected to the last one."""
        change = AddressChange.objects.filter(user=user).order_by("-asked_at", "-pk").first()
        if change is not None and change.is_waiting:
            return f"{change.new_email}. {describe_waiting(change)}"
        if open_objection(user) is not None:
            return "The runner objected to the last one. Call them before you change anything."
        return "no change is waiting"

    def change_address(self, request: HttpRequest, user: User, email: str) -> None:
        by: Any = request.user
        reason = "changed on the page of people"
        try:
            change = ask_for_address(user=user, email=email, reason=reason, by=by, at=timezone.now())
        except AddressRefused as refusal:  # the address was taken after the form's own check
            messages.error(request, str(refusal))
            return
        if change is not None and change.is_waiting:
            messages.warning(request, describe_waiting(change))


@admin.register(AddressState)
class AuditedAddressAdmin(AuditedAdmin, AddressAdmin):
    def people_in(self, ids: Iterable[Any]) -> Iterable[int]:
        return user_ids_with_address(
            AddressState.objects.filter(pk__in=list(ids)).values_list("email", flat=True)
        )
