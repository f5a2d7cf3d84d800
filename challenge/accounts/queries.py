"""Who somebody is to the program."""

from collections.abc import Iterable
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from challenge.accounts.models import WAITING, AccessEntry, AddressChange, User
from challenge.accounts.roles import CLINICIAN, FRONT_DESK, OWNER


def is_clinician(user: User) -> bool:
    return in_role(user, CLINICIAN)


def is_front_desk(user: User) -> bool:
    return in_role(user, FRONT_DESK)


def is_owner(user: User) -> bool:
    return in_role(user, OWNER)


def in_role(user: User, role: str) -> bool:
    """Whether an active staff member is in the role's group; a superuser is in every role."""
    if not (user.is_active and user.is_staff):
        return False
    return user.is_superuser or role in role_names(user)


def can_edit(user: User, *, by: User) -> bool:
    """Whether `by` may edit, close, rename or re-address this account: a superuser's answers to superusers alone."""
    return by.is_superuser or not user.is_superuser


def can_readdress(user: User, *, by: User) -> bool:
    """Whether `by` may give this account another address: the front desk a runner's, the owner a colleague's."""
    return can_edit(user, by=by) and (not user.is_staff or is_owner(by))


def active_owners() -> QuerySet[User]:
    """Who holds the owner's role and may use it. The database keeps the last of them (`last_owner_stays`)."""
    return User.objects.filter(is_active=True, is_staff=True, groups__name=OWNER)


def waiting_change(user: User) -> AddressChange | None:
    """The change of address that waits for this account."""
    return AddressChange.objects.filter(WAITING, user=user).first()


def latest_changes(users: Iterable[int]) -> dict[int, AddressChange]:
    """The latest change of address of each of these accounts, in one query."""
    changes = AddressChange.objects.filter(user__in=list(users)).order_by("user", "-asked_at", "-pk")
    return {change.user_id: change for change in changes.distinct("user")}


def is_shut_out(user: User) -> bool:
    """Whether no address opens the account now: the old one was never confirmed and the new one still waits."""
    change = waiting_change(user)
    return change is not None and not change.old_is_proven


def role_names(user: User) -> frozenset[str]:
    """The user's groups, read once per user object: one request asks for several roles."""
    if not hasattr(user, "_role_names"):
        user._role_names = frozenset(user.groups.values_list("name", flat=True))  # type: ignore[attr-defined]
    names: frozenset[str] = user._role_names  # type: ignore[attr-defined]
    return names


def email_addresses_of(user: User) -> list[str]:
    """The person's addresses: the one they sign in with, and others of the account."""
    others = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    return sorted({user.email.lower(), *(email.lower() for email in others)})


def user_ids_with_address(addresses: Iterable[str]) -> QuerySet[User, int]:
    """The ids of those whose account has one of these addresses, staff left out."""
    return User.objects.filter(email__in=list(addresses), is_staff=False).values_list("pk", flat=True)


def accesses_by(viewer: User, what: str, *, since: datetime | None = None) -> QuerySet[AccessEntry]:
    """The looks of one member of staff at one page, whosever data; `since` this moment."""
    looks = AccessEntry.objects.filter(viewer=viewer, what=what)
    return looks if since is None else looks.filter(at__gte=since)


def start_of_day(at: datetime) -> datetime:
    """When the day began in which a page that refreshes itself is one look."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def accesses_to(user: User) -> QuerySet[AccessEntry]:
    """The looks of staff at this runner's data, newest first."""
    return AccessEntry.objects.filter(runner=user).select_related("viewer").order_by("-at")
