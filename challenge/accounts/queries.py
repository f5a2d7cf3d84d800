"""Read roles, addresses and the access log of accounts."""

from collections.abc import Iterable
from datetime import UTC, datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from challenge.accounts.identity_kinds import IdentityKind
from challenge.accounts.models import WAITING, AccessEntry, AddressChange, IdentityEvent, User
from challenge.accounts.roles import CLINICIAN, FRONT_DESK, OWNER
from challenge.accounts.waiting_models import FactorReset


def is_clinician(user: User) -> bool:
    return in_role(user, CLINICIAN)


def is_front_desk(user: User) -> bool:
    return in_role(user, FRONT_DESK)


def is_owner(user: User) -> bool:
    return in_role(user, OWNER)


def in_role(user: User, role: str) -> bool:
    """Return whether an active staff member is in the role's group. A superuser is in every role."""
    if not (user.is_active and user.is_staff):
        return False
    return user.is_superuser or role in role_names(user)


def active_owners() -> QuerySet[User]:
    """Return the active owners. The trigger `last_owner_stays` keeps the last of them."""
    return User.objects.filter(is_active=True, is_staff=True, groups__name=OWNER)


def owner_addresses() -> list[str]:
    """Return the addresses of the active owners, or the clinic's own: a new clinic may have only a superuser so far."""
    return list(active_owners().values_list("email", flat=True)) or [settings.CLINIC_EMAIL]


def has_passkey(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists())


def waiting_change(user: User) -> AddressChange | None:
    """Return the account's change of address that is not applied yet, or None."""
    return AddressChange.objects.filter(WAITING, user=user).first()


def waiting_reset(user: User) -> FactorReset | None:
    """Return the removal of the account's second factors that is not applied yet, or None."""
    return FactorReset.objects.filter(WAITING, user=user).first()


def latest_changes(users: Iterable[int]) -> dict[int, AddressChange]:
    """Return user id -> latest change of address, in one query."""
    # DISTINCT ON keeps the first row of each user, so the order decides which one.
    changes = AddressChange.objects.filter(user__in=list(users)).order_by("user", "-asked_at", "-pk")
    return {change.user_id: change for change in changes.distinct("user")}


def open_objections(users: Iterable[int]) -> dict[int, AddressChange]:
    """Return user id -> latest change that the runner objected to and that has not been cleared, in one query."""
    cleared = AddressChange.objects.filter(
        user=OuterRef("user"), new_email=F("old_email"), applied_at__gte=OuterRef("objected_at")
    )
    objected = AddressChange.objects.filter(~Exists(cleared), user__in=list(users), objected_at__isnull=False)
    rows = objected.select_related("asked_by").order_by("user", "-objected_at", "-pk")
    return {change.user_id: change for change in rows.distinct("user")}


def open_objection(user: User) -> AddressChange | None:
    """Return the change that the runner objected to, until a clinician or an owner has cleared it."""
    return open_objections([user.pk]).get(user.pk)


def is_locked_out(user: User) -> bool:
    """Return whether no address opens the account: the old one was never confirmed, the new one still waits."""
    change = waiting_change(user)
    return change is not None and not change.old_is_proven


def role_names(user: User) -> frozenset[str]:
    """Return the names of the user's groups, read once per user object: one request checks several roles."""
    if not hasattr(user, "_role_names"):
        user._role_names = frozenset(user.groups.values_list("name", flat=True))  # type: ignore[attr-defined]
    names: frozenset[str] = user._role_names  # type: ignore[attr-defined]
    return names


def email_addresses_of(user: User) -> list[str]:
    """Return every address of the account in lower case, sorted: the sign-in address and allauth's others."""
    others = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    return sorted({user.email.lower(), *(email.lower() for email in others)})


def user_ids_with_address(addresses: Iterable[str]) -> QuerySet[User, int]:
    """Return the ids of accounts with one of these addresses, without staff."""
    return User.objects.filter(email__in=list(addresses), is_staff=False).values_list("pk", flat=True)


def accesses_by(viewer: User, what: str, *, since: datetime | None = None) -> QuerySet[AccessEntry]:
    """Return the entries of one staff member for one page, from `since` on."""
    entries = AccessEntry.objects.filter(viewer=viewer, what=what)
    return entries if since is None else entries.filter(at__gte=since)


def start_of_day(at: datetime) -> datetime:
    """Return the start of the day, in the time zone of `at`, in which a self-refreshing page counts as one look."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def accesses_to(user: User) -> QuerySet[AccessEntry]:
    """Return the entries about this runner's data, newest first."""
    return AccessEntry.objects.filter(runner=user).select_related("viewer").order_by("-at")


def live_sessions(user: User, *, at: datetime) -> QuerySet[UserSession]:
    """Return the sessions in which this person is signed in, the latest used first."""
    live = Session.objects.filter(expire_date__gt=at).values("session_key")
    sessions: QuerySet[UserSession] = UserSession.objects.filter(user=user, session_key__in=live)
    return sessions.order_by("-last_seen_at")


def identity_events_of(user: User) -> QuerySet[IdentityEvent]:
    """Return what happened to this account, newest first, with who did it."""
    events = IdentityEvent.objects.filter(account=user).select_related("actor")
    return events.order_by("-at", "-pk")


def open_report(user: User) -> IdentityEvent | None:
    """Return the latest "this was not me" about this account, until an owner has talked with the person."""
    kinds = (IdentityKind.NOT_ME, IdentityKind.CLEARED)
    last = IdentityEvent.objects.filter(account=user, kind__in=kinds).order_by("pk").last()
    return last if last is not None and last.kind == IdentityKind.NOT_ME else None


def reported_since(*, account: str, made_at: str) -> Exists:
    """Return the condition that “this was not me” was pressed after a secret address was made.

    So does the objection to an address that had taken effect: it closes the account without an actor.
    `account` and `made_at` are paths from its row; no moment counts as long ago. Whoever held the account may have read
    or made such an address, and it would outlive the sessions that the report ended.
    """
    ages_ago = Value(datetime(1970, 1, 1, tzinfo=UTC), output_field=DateTimeField())
    since = Coalesce(OuterRef(made_at), ages_ago)
    reports = Q(what="not_me") | Q(what="account_closed", actor__isnull=True)
    return Exists(IdentityEvent.objects.filter(reports, account=OuterRef(account), at__gte=since))


def is_frozen(user: User) -> bool:
    """Return whether no one may sign in to this account until an owner has talked with its person.

    Never the last owner who may sign in, nor a superuser: no one could open the account again. Their second factor
    still guards it. If all owners are reported, the one reported last may sign in.
    """
    report = None if user.is_superuser else open_report(user)
    if report is None:
        return False
    if not is_owner(user):
        return True
    others = (open_report(owner) for owner in active_owners().exclude(pk=user.pk))
    return any(other is None or other.pk > report.pk for other in others)
