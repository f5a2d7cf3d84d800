"""Export and erase a person's account, devices, second factors and access log."""

from collections.abc import Iterator

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from challenge.accounts.models import AccessEntry, AddressChange, IdentityEvent, User
from challenge.accounts.queries import email_addresses_of
from challenge.accounts.waiting_models import FactorReset, RoleGrant
from challenge.db.export import Table

COVERS = (
    User,
    AccessEntry,
    AddressChange,
    FactorReset,
    IdentityEvent,
    RoleGrant,
    EmailAddress,
    Authenticator,
    UserSession,
    LogEntry,
)
ERASED = "erased"
ADDRESS_CHANGE_FIELDS = (
    "old_email",
    "new_email",
    "reason",
    "asked_at",
    "effective_at",
    "applied_at",
    "canceled_at",
    "objected_at",
)


def export(user: User) -> Iterator[Table]:
    """Yield the account, its addresses, devices, second factors without their keys, and the looks of staff."""
    fields = ("email", "name", "phone", "time_zone", "uses_kilometers", "joined_at")
    yield "account", User.objects.filter(pk=user.pk).values(*fields)
    addresses = EmailAddress.objects.filter(user=user).order_by("pk")
    yield "addresses", addresses.values("email", "verified", "primary")
    changes = AddressChange.objects.filter(user=user).order_by("asked_at")
    yield "address_changes", changes.values(*ADDRESS_CHANGE_FIELDS)
    devices = UserSession.objects.filter(user=user).order_by("created_at")
    yield "devices", devices.values("ip", "user_agent", "created_at", "last_seen_at")
    factors = Authenticator.objects.filter(user=user).order_by("created_at")
    yield "second_factors", factors.values("type", "data__name", "created_at", "last_used_at")
    accesses = AccessEntry.objects.filter(runner=user).order_by("at")
    resets = FactorReset.objects.filter(user=user).order_by("asked_at")
    yield "factor_resets", resets.values("asked_at", "effective_at", "applied_at", "canceled_at")
    grants = RoleGrant.objects.filter(user=user).order_by("asked_at")
    yield "role_grants", grants.values("role", "asked_at", "effective_at", "applied_at", "canceled_at")
    events = IdentityEvent.objects.filter(account=user).order_by("at")
    yield "identity_events", events.values("kind", "what", "means", "network", "device", "at")
    yield "who_looked", accesses.values("viewer__name", "what", "at")


def erase(user: User) -> None:
    """Delete the account and blank its name in the admin's log. Other histories refer to the row and lose it.

    Identity events keep the bare number of the account, without devices and networks.
    """
    IdentityEvent.objects.filter(Q(account=user) | Q(actor=user)).update(network="", device="")
    of_account = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    named = LogEntry.objects.filter(of_account | Q(object_repr__in=email_addresses_of(user)))
    named.update(object_repr=ERASED, change_message="")
    user.delete()
