"""Accounts, roles, second factors and the access log in the admin."""

from typing import Any, ClassVar, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from challenge.accounts.actions import assign_address, end_sessions
from challenge.accounts.admin_base import AuditedAdmin
from challenge.accounts.emails import role_given
from challenge.accounts.fields import PhoneField
from challenge.accounts.identity import record_identity
from challenge.accounts.models import WAITING, AccessEntry, AddressChange, IdentityEvent, User
from challenge.accounts.queries import active_owners, waiting_reset
from challenge.accounts.roles import CLINICIAN, OWNER, STAFF_ROLES
from challenge.accounts.second_person import (
    GrantRefused,
    ResetRefused,
    ask_for_reset,
    ask_for_roles,
    cancel_waiting_roles,
    confirm_reset,
    confirm_roles,
    describe_waiting_reset,
    describe_waiting_roles,
    roles_that_wait,
    waiting_grants,
)
from challenge.accounts.staff import can_edit_account
from challenge.accounts.time_zones import TimeZoneField
from challenge.accounts.waiting_models import RoleGrant
from challenge.db.generic_classes import AnyModelForm
from challenge.mail.admin import LargeTableAdmin, ReadOnlyAdmin

admin.site.unregister(Group)
# An address or a passkey added in these lists would open the account without its holder's consent. The list of
# sessions searches a foreign key, which fails, and shows network addresses that no one here needs.
admin.site.unregister([EmailAddress, Authenticator, UserSession])

LAST_OWNER = "This is the last active owner. Give a colleague the role first."


class UserForm(AnyModelForm):
    """An account with its roles. `is_staff` follows from the roles (`UserAdmin.save_related`)."""

    phone = PhoneField(required=False)
    time_zone = TimeZoneField()
    factors_reset = forms.BooleanField(
        required=False,
        label="Their device is lost: remove the app, the passkeys and the recovery codes",
        help_text="We email the person. It takes effect after 48 hours, or once another owner confirms it here.",
    )
    reset_confirmed = forms.BooleanField(
        required=False,
        label="I know the person and have talked with them: remove the second factors now",
    )
    roles_confirmed = forms.BooleanField(
        required=False, label="I have talked with who asked for it: give the waiting role now"
    )
    roles_stopped = forms.BooleanField(required=False, label="Stop the waiting role")

    class Meta:
        model = User
        fields = ("email", "name", "phone", "time_zone", "is_active", "groups")

    def clean_email(self) -> str:
        """Refuse an address that another account has, or waits for."""
        email = str(self.cleaned_data["email"]).strip().lower()
        addresses = EmailAddress.objects.filter(email=email)
        waiting = AddressChange.objects.filter(WAITING, new_email=email)
        if any(rows.exclude(user=self.instance.pk).exists() for rows in (addresses, waiting)):
            raise forms.ValidationError("Another account has this address already.")
        return email

    def clean(self) -> dict[str, Any]:
        """Refuse, next to the field, to close or demote the last owner, as the trigger `last_owner_stays` does."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        # The lock serializes two forms, each of which would leave the other owner as the last one.
        owner = Group.objects.select_for_update(no_key=True).get(name=OWNER)
        owners = active_owners()
        if owners.filter(pk=self.instance.pk).exists() and owners.count() == 1:
            if not cleaned.get("is_active", True):
                self.add_error("is_active", LAST_OWNER)
            if owner not in cleaned.get("groups", [owner]):
                self.add_error("groups", LAST_OWNER)
        return cleaned


def _by(request: HttpRequest) -> User:
    return cast(User, request.user)


class UserAdmin(AuditedAdmin, LargeTableAdmin):
    """The base of `enrollment.account_admin.PersonAdmin`, which is registered: a change of address needs the seats."""

    to_person = "pk"
    form = UserForm
    list_display = ("email", "name", "is_staff", "is_active", "joined_at")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "name")
    filter_horizontal = ("groups",)
    ordering = ("email",)

    readonly_fields: ClassVar[tuple[str, ...]] = ("second_factors", "waiting_roles")

    def hidden_fields(self, request: HttpRequest, user: User | None) -> set[str]:
        """Return the boxes that this person has no use for on this page."""
        waiting = waiting_reset(user) if user is not None else None
        has_factors = user is not None and Authenticator.objects.filter(user=user).exists()
        may_confirm = waiting is not None and request.user.pk not in {waiting.asked_by_id, waiting.user_id}
        hidden = {"factors_reset": waiting is not None or not has_factors, "reset_confirmed": not may_confirm}
        grants = list(waiting_grants(user)) if user is not None else []
        own = {grant.asked_by_id for grant in grants} | {user.pk if user is not None else None}
        hidden |= {"roles_stopped": not grants, "roles_confirmed": not grants or request.user.pk in own}
        return {name for name, is_hidden in hidden.items() if is_hidden}

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        hidden = self.hidden_fields(request, obj)
        return [name for name in super().get_fields(request, obj) if name not in hidden]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let an owner read a superuser's page but not change it: that would give them every permission."""
        allowed = obj is None or can_edit_account(obj, by=_by(request))
        return allowed and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Never: an account is closed here, and erased by its person alone. Histories keep what staff did."""
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Offer only staff in the autocomplete fields of other pages, which are not recorded as looks at runners."""
        rows, may_repeat = super().get_search_results(request, queryset, search_term)
        return (rows.filter(is_staff=True) if "field_name" in request.GET else rows), may_repeat

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
            super().save_model(request, obj, form, change)
            # Without a row of allauth, no code could be sent to the new account.
            assign_address(user=obj, email=obj.email)
            record_identity(what="account_made", account=obj, by=_by(request), at=timezone.now())
            return
        obj.email = form.initial["email"]  # the new address is set when the change takes effect
        super().save_model(request, obj, form, change)
        if "is_active" in form.changed_data:
            what = "account_opened" if obj.is_active else "account_closed"
            record_identity(what=what, account=obj, by=_by(request), at=timezone.now())
            end_sessions(obj)
        self.change_factors(request, obj, form)
        self.change_waiting_roles(request, obj, form.cleaned_data)
        if "email" in form.changed_data:
            self.change_address(request, obj, form.cleaned_data["email"])

    @admin.display(description="second factors")
    def second_factors(self, user: User) -> str:
        """Return the kinds of factors, and when a removal of them takes effect."""
        kinds = Authenticator.objects.filter(user=user).order_by("type").values_list("type", flat=True)
        listed = ", ".join(str(Authenticator.Type(kind).label) for kind in dict.fromkeys(kinds)) or "none"
        return f"{listed}. {describe_waiting_reset(user)}".strip()

    @admin.display(description="roles that wait")
    def waiting_roles(self, user: User) -> str:
        """Return the roles that were asked for, and when they are given."""
        return describe_waiting_roles(user) or "none"

    def change_factors(self, request: HttpRequest, user: User, form: Any) -> None:
        """Ask for, or confirm, the removal of the account's second factors, as the boxes say."""
        by, at, typed = _by(request), timezone.now(), form.cleaned_data
        try:
            if typed.get("factors_reset"):
                ask_for_reset(user=user, by=by, at=at)
            if typed.get("reset_confirmed"):
                confirm_reset(user=user, by=by, at=at)
        except ResetRefused as refusal:
            messages.error(request, str(refusal))

    def change_waiting_roles(self, request: HttpRequest, user: User, typed: dict[str, Any]) -> None:
        """Give the waiting roles now, or stop them, as the boxes say."""
        by, at = _by(request), timezone.now()
        if typed.get("roles_stopped"):
            cancel_waiting_roles(user, by=by, at=at)
        elif typed.get("roles_confirmed"):
            try:
                confirm_roles(user=user, by=by, at=at)
            except GrantRefused as refusal:
                messages.error(request, str(refusal))

    def _let_roles_wait(self, request: HttpRequest, user: User, before: set[str]) -> None:
        """Take back the roles that this owner cannot give alone, and let them wait."""
        given = set(user.groups.values_list("name", flat=True)) - before
        waiting = roles_that_wait(given, user=user, by=_by(request))
        if not waiting:
            return
        user.groups.remove(*Group.objects.filter(name__in=waiting))
        ask_for_roles(waiting, user=user, by=_by(request), at=timezone.now())
        messages.warning(request, describe_waiting_roles(user))

    def change_address(self, request: HttpRequest, user: User, email: str) -> None:
        """Request the new address, or tell staff why not."""
        raise NotImplementedError

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        user = form.instance
        before = set(user.groups.values_list("name", flat=True))
        super().save_related(request, form, formsets, change)
        if form.cleaned_data.get("roles_confirmed"):  # the form was shown before they were given
            mine = RoleGrant.objects.filter(user=user, confirmed_by=_by(request), role__in=before)
            user.groups.add(*Group.objects.filter(name__in=mine.values("role")))
        self._let_roles_wait(request, user, before)
        # Only now: the form saves its roles after the account itself.
        roles = user.groups.values_list("name", flat=True)
        if before != set(roles):
            means = ", ".join(sorted(roles)) or "none"
            by, at = _by(request), timezone.now()
            event = record_identity(what="role_changed", account=user, by=by, at=at, means=means)
            if CLINICIAN in set(roles) - before:
                role_given(event=event, account=user, by=by, at=at)
            # Owners changing their own role go on working in this session.
            end_sessions(user, but=request.session.session_key or "")
        user.is_staff = user.is_superuser or user.groups.filter(name__in=STAFF_ROLES).exists()
        user.save(update_fields=["is_staff"])


@admin.register(AccessEntry)
class AccessEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "viewer", "runner", "what")
    list_select_related = ("viewer", "runner")
    search_fields = ("viewer__email", "viewer__name", "runner__email", "runner__name", "what")


@admin.register(IdentityEvent)
class IdentityEventAdmin(AuditedAdmin, ReadOnlyAdmin):
    """Sign-ins and changes of who someone is, for owners: no health data, no address of a network in full."""

    to_person = "account"
    list_display = ("at", "account", "kind", "happened", "actor", "means", "device", "network")
    list_select_related = ("account", "actor")
    list_filter = ("kind",)
    search_fields = ("account__email", "account__name", "actor__email")

    @admin.display(description="what happened")
    def happened(self, event: IdentityEvent) -> str:
        """Return the sentence that the person reads too."""
        return event.sentence


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """Second factors without their keys, never added or removed here: see `accounts.second_person`."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    exclude = ("data",)
