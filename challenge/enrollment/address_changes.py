"""Changes of an account's address by staff: request, objection, confirmation, application.

If the account has a health record, the new address does not work for 48 hours: the old one still signs in and gets
mail, and its holder may object by the link that we mail there. A clinician of the runner's cohort may confirm earlier.
Until a change is applied, the account does not have the new address, so no code and no reset goes there. Without a
health record (a typing mistake before the intake) the change takes effect immediately. Both addresses get an email.

After an objection time applies no later change: a clinician confirms it, or a clinician or owner clears the objection.
"""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from challenge.accounts import emails as account_emails
from challenge.accounts.actions import assign_address, end_sessions, record_access
from challenge.accounts.identity import record_identity
from challenge.accounts.models import WAITING, AddressChange, User
from challenge.accounts.queries import is_frozen, open_objection, waiting_change
from challenge.accounts.staff import can_change_address
from challenge.enrollment import emails
from challenge.enrollment.ledger import record_event
from challenge.enrollment.models import TAKEN, Cohort, Enrollment, LedgerEvent, Seat
from challenge.enrollment.queries import has_health_record, last_seat_of
from challenge.mail.actions import withdraw_unsent
from challenge.mail.models import MessageKind
from challenge.mail.push_addresses import addresses_of

WAIT = timedelta(hours=48)
SALT = "enrollment.address-change"
LINK_LIFETIME_S = 30 * 24 * 3600
IDENTITY = {
    LedgerEvent.ASKED: "address_asked",
    LedgerEvent.CORRECTED: "address_given",
    LedgerEvent.KEPT: "address_kept",
}
ADDRESS_TAKEN = "Another account has this address already."


class AddressRefused(Exception):
    """A change that cannot be requested; `str()` is the sentence for the field."""


class AddressTaken(AddressRefused):
    """Another account has this address already."""


class NotYours(AddressRefused):
    """The account belongs to a colleague; the front desk may change only runners' addresses."""


class CannotConfirm(Exception):
    """The change no longer waits, or the same person requested it."""


class CannotClear(Exception):
    """The same person asked for the change that the runner objected to."""


class LinkNotValid(Exception):
    """The link was altered or is too old, or its change was deleted."""


def ask_for_address(*, user: User, email: str, reason: str, by: User, at: datetime) -> AddressChange | None:
    """Request another address for this account; return None where it has that address already.

    A waiting change is replaced; a request for the current address only cancels it. Writes the ledger and an access
    entry. Raises AddressTaken, NotYours.
    """
    email = email.strip().lower()
    with transaction.atomic():
        # Every function here locks the account first: of two concurrent requests the second sees the first.
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        _check_can_ask(user, email, by=by)
        waiting = waiting_change(user)
        if waiting is not None and waiting.new_email == email:
            return waiting
        if waiting is not None:
            _cancel(waiting, by=by, reason=reason, at=at)
        if email == user.email:
            _readdress_seats(user, email=email)
            return None
        change = _create_change(user, email, reason=reason, by=by, at=at)
        _write_to_both(change, by=by, at=at)
        if change.has_waiting_time:
            _record(user, LedgerEvent.ASKED, by=by, reason=reason, at=at)
        elif not _apply(change, by=by, reason=reason, at=at):
            raise AddressTaken(ADDRESS_TAKEN)
    return change


def _write_to_both(change: AddressChange, *, by: User, at: datetime) -> None:
    """Write the access entry and both emails; end the sessions of an address that was never confirmed."""
    record_access(viewer=by, runner=change.user, what="change of address", at=at)
    # Before anyone proved the old address, a stranger with a typo's mailbox may have signed in.
    if not change.old_is_proven:
        end_sessions(change.user)
    account_emails.address_changing(change=change, token=token_of(change), at=at)
    account_emails.address_given(change=change, at=at)


def _check_can_ask(user: User, email: str, *, by: User) -> None:
    if not can_change_address(user, by=by):
        raise NotYours("This is a colleague’s account. Its address is not changed here.")
    if _is_taken_from(user, email):
        raise AddressTaken(ADDRESS_TAKEN)


def _is_taken_from(user: User, email: str) -> bool:
    """Return whether another person's account, waiting change, or seat in the user's cohorts has the address."""
    others = User.objects.filter(email=email).exclude(pk=user.pk)
    addresses = EmailAddress.objects.filter(email=email).exclude(user=user)
    waiting = AddressChange.objects.filter(WAITING, new_email=email).exclude(user=user)
    # `seat_one_per_address` holds within a cohort only.
    cohorts = Seat.objects.filter(TAKEN, user=user).values("cohort")
    seats = Seat.objects.filter(TAKEN, email=email, cohort__in=cohorts).exclude(user=user)
    return others.exists() or addresses.exists() or waiting.exists() or seats.exists()


def _create_change(user: User, email: str, *, reason: str, by: User, at: datetime) -> AddressChange:
    proven = EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists()
    waits = has_health_record(user) or open_objection(user) is not None or is_frozen(user)
    try:
        with transaction.atomic():
            return AddressChange.objects.create(
                user=user,
                old_email=user.email,
                new_email=email,
                old_is_proven=proven,
                reason=reason,
                asked_by=by,
                asked_at=at,
                effective_at=at + WAIT if waits else at,
            )
    except IntegrityError as error:  # the same address was requested for another account at the same moment
        raise AddressTaken(ADDRESS_TAKEN) from error


def confirm_change(*, change: AddressChange, by: User, at: datetime) -> None:
    """Apply a waiting change early. Raises CannotConfirm.

    The caller checks that `by` is a clinician of the runner's cohort.
    """
    with transaction.atomic():
        locked = _lock(change)
        if not locked.is_waiting:
            raise CannotConfirm("This change isn’t waiting anymore.")
        if locked.asked_by_id == by.pk:
            raise CannotConfirm("You asked for this change yourself. A colleague confirms it.")
        locked.confirmed_by = by
        locked.save(update_fields=["confirmed_by"])
        record_access(viewer=by, runner=locked.user, what="address confirmed", at=at)
        _apply(locked, by=by, reason="confirmed by a clinician", at=at)


def apply_due(*, at: datetime) -> int:
    """Apply every change whose waiting time is over, each in its own transaction; return how many took effect."""
    due = AddressChange.objects.filter(WAITING, effective_at__lte=at).order_by("effective_at")
    return sum(_apply_one_due(change, at=at) for change in due)


def _apply_one_due(change: AddressChange, *, at: datetime) -> bool:
    with transaction.atomic():
        locked = _lock(change)
        # Who asks for one change after another would otherwise only have to wait for the runner to miss an email.
        if not locked.is_waiting or open_objection(locked.user) is not None or is_frozen(locked.user):
            return False
        return _apply(locked, by=None, reason="no objection in time", at=at)


def clear_objection(*, user: User, by: User, at: datetime) -> None:
    """Let time apply later changes again, after a talk with the runner. Without an objection change nothing.

    The caller checks that `by` is a clinician of the runner's cohort or an owner. Raises CannotClear.
    """
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        objected = open_objection(user)
        if objected is None:
            return
        if objected.asked_by_id == by.pk:
            raise CannotClear("You asked for that change yourself. A colleague clears the objection.")
        AddressChange.objects.create(
            user=user,
            old_email=user.email,
            new_email=user.email,
            old_is_proven=objected.old_is_proven,
            reason="objection cleared",
            asked_by=by,
            asked_at=at,
            effective_at=at,
            applied_at=at,
        )
        record_access(viewer=by, runner=user, what="address objection cleared", at=at)
        _record(user, LedgerEvent.KEPT, by=by, reason="objection cleared", at=at)


def object_to(*, change: AddressChange, at: datetime) -> AddressChange:
    """Cancel the change for the holder of the old address, sign out every device, email the owners. Idempotent.

    A change that took effect before is not reverted, as the old mailbox may be lost: the runner's account is closed
    until an owner has talked with the person and opens it again.
    """
    with transaction.atomic():
        locked = _lock(change)
        if locked.objected_at is not None:
            return locked
        locked.objected_at = at
        locked.save(update_fields=["objected_at"])
        if locked.is_waiting:
            _cancel(locked, by=None, reason="the runner objected", at=at)
        elif locked.applied_at is not None and not locked.user.is_staff:
            User.objects.filter(pk=locked.user_id).update(is_active=False)
            record_identity(what="account_closed", account=locked.user, by=None, at=at)
            addresses_of(locked.user.about).delete()
            _record(
                locked.user, LedgerEvent.KEPT, by=None, reason="the runner objected: account closed", at=at
            )
        end_sessions(locked.user)
        account_emails.address_objected(change=locked, at=at)
    return locked


def describe_waiting(change: AddressChange) -> str:
    """Return the sentences that staff read about a waiting change."""
    if open_objection(change.user) is not None:
        return (
            "We’ve emailed both addresses. The runner objected to an earlier change, so no one can sign in with the "
            "new address until a clinician of the cohort confirms it, or a clinician or owner clears the objection."
        )
    when = date_format(timezone.localtime(change.effective_at), r"g:i A \o\n F j")
    return (
        "We’ve emailed both addresses. The runner has a health record, so no one can sign in with the new address "
        f"until {when}, unless a clinician of the cohort confirms it sooner."
    )


def token_of(change: AddressChange) -> str:
    return signing.dumps(change.pk, salt=SALT)


def change_of(token: str) -> AddressChange:
    """Return the change of an emailed link, or the waiting change that replaced it. Raises LinkNotValid."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=LINK_LIFETIME_S)
        change = AddressChange.objects.select_related("user").get(pk=pk)
    except (signing.BadSignature, AddressChange.DoesNotExist) as error:
        raise LinkNotValid("This link doesn’t work anymore.") from error
    later = waiting_change(change.user)
    replaced = change.canceled_at is not None and change.objected_at is None
    return later if later is not None and replaced and later.old_email == change.old_email else change


def _lock(change: AddressChange) -> AddressChange:
    """Return the current row, locked after its account: the locking order of `ask_for_address`."""
    User.objects.select_for_update(no_key=True).get(pk=change.user_id)
    return AddressChange.objects.select_for_update(of=["self"]).select_related("user").get(pk=change.pk)


def cancel_waiting_address(user: User, *, reason: str, at: datetime) -> None:
    """Cancel the change that waits for this account, with its row in the ledger; the caller has locked the account."""
    waiting = waiting_change(user)
    if waiting is not None:
        _cancel(waiting, by=None, reason=reason, at=at)


def _cancel(change: AddressChange, *, by: User | None, reason: str, at: datetime) -> None:
    change.canceled_at = at
    change.save(update_fields=["canceled_at"])
    _record(change.user, LedgerEvent.KEPT, by=by, reason=reason, at=at)


def _apply(change: AddressChange, *, by: User | None, reason: str, at: datetime) -> bool:
    """Give the account its new address and return True; cancel the change if the address is no longer free."""
    user = change.user
    if user.email != change.old_email or _is_taken_from(user, change.new_email):
        _cancel(change, by=by, reason="the address was taken by another account", at=at)
        return False
    try:
        with transaction.atomic():
            _readdress_seats(user, email=change.new_email)
            assign_address(user=user, email=change.new_email)
            change.applied_at = at
            change.save(update_fields=["applied_at"])
    except IntegrityError:  # a sign-up took the address after the check above
        _cancel(change, by=by, reason="the address was taken by another account", at=at)
        return False
    _record(user, LedgerEvent.CORRECTED, by=by, reason=reason, at=at)
    if not change.has_waiting_time:
        _welcome_again(user, at=at)
    return True


def _readdress_seats(user: User, *, email: str) -> None:
    """Write the address on the person's seats.

    Lock the cohorts before the account's row changes: a claim that holds the cohort's lock refers to the account, and
    each transaction would wait for the other.
    """
    seats = Seat.objects.filter(TAKEN, user=user)
    list(Cohort.objects.select_for_update(no_key=True).filter(pk__in=seats.values("cohort")).order_by("pk"))
    seats.update(email=email)


def _welcome_again(user: User, *, at: datetime) -> None:
    """Send the welcome email to the corrected address: it went to the mistyped one."""
    for enrollment in Enrollment.objects.filter(seat__in=Seat.objects.filter(TAKEN, user=user)):
        withdraw_unsent(about=enrollment.about, kind=MessageKind.WELCOME, at=at)
        emails.welcome(enrollment=enrollment, at=at)


def _record(user: User, happened: LedgerEvent, *, by: User | None, reason: str, at: datetime) -> None:
    """Record it as an identity event, and in the ledger of each cohort where the person has a seat, else the last."""
    record_identity(what=IDENTITY[happened], account=user, by=by, at=at)
    seats = list(Seat.objects.filter(TAKEN, user=user).select_related("cohort"))
    last = None if seats else last_seat_of(user)
    for seat in [*seats, *([last] if last else [])]:
        record_event(cohort=seat.cohort, seat=seat, user=user, by=by, happened=happened, at=at, reason=reason)
