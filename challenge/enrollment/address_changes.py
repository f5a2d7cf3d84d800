"""Changes of an account's address by staff: asked for, objected to, confirmed, applied.

Where the account has a health record, the new address opens nothing for 48 hours: the old one goes on signing in and
getting mail, and its holder may object by the link that we mail there. A clinician of the runner's cohort may confirm
earlier. Until a change is applied, the account does not know the new address, so no code and no reset goes there.
Elsewhere (a typing mistake before the intake) the change takes effect at once. Both addresses are written to.
"""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from challenge.accounts import emails as account_emails
from challenge.accounts.actions import assign_address, end_sessions, record_access
from challenge.accounts.models import WAITING, AddressChange, User
from challenge.accounts.queries import can_readdress, waiting_change
from challenge.enrollment import emails
from challenge.enrollment.actions import record_event
from challenge.enrollment.models import TAKEN, Cohort, Enrollment, LedgerEvent, Seat
from challenge.enrollment.queries import has_health_record, last_seat_of
from challenge.mail.actions import withdraw_unsent
from challenge.mail.models import MessageKind

WAIT = timedelta(hours=48)
SALT = "enrollment.address-change"
LINK_LIVES_S = 30 * 24 * 3600
TAKEN_ALREADY = "Another account has this address already."


class AddressRefused(Exception):
    """A change that cannot be asked for; `str()` says why beside the field."""


class AddressTaken(AddressRefused):
    """Another account has this address already."""


class NotYours(AddressRefused):
    """The account belongs to a colleague; the front desk changes runners' addresses alone."""


class CannotConfirm(Exception):
    """The change no longer waits, or the same person asked for it."""


class LinkNotValid(Exception):
    """The link was altered, is too old, or its change is gone."""


def ask_for_address(*, user: User, email: str, reason: str, by: User, at: datetime) -> AddressChange | None:
    """Ask for another address for this account; None where it has that address already.

    A change that still waits is replaced, and one back to the present address only stops it. Writes the ledger and an
    access entry. Raises AddressTaken, NotYours.
    """
    email = email.strip().lower()
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        _check_can_ask(user, email, by=by)
        waiting = waiting_change(user)
        if waiting is not None and waiting.new_email == email:
            return waiting
        if waiting is not None:
            _stop(waiting, by=by, reason=reason, at=at)
        if email == user.email:
            _readdress_seats(user, email=email)
            return None
        change = _asked(user, email, reason=reason, by=by, at=at)
        _write_to_both(change, by=by, at=at)
        if change.waits_for_its_time:
            _note(user, LedgerEvent.ASKED, by=by, reason=reason, at=at)
        elif not _apply(change, by=by, reason=reason, at=at):
            raise AddressTaken(TAKEN_ALREADY)
    return change


def _write_to_both(change: AddressChange, *, by: User, at: datetime) -> None:
    """Write the access entry and both emails; end the sessions of an address that was never confirmed."""
    record_access(viewer=by, runner=change.user, what="change of address", at=at)
    if not change.old_is_proven:
        end_sessions(change.user)
    account_emails.address_changing(change=change, token=token_of(change), at=at)
    account_emails.address_given(change=change, at=at)


def _check_can_ask(user: User, email: str, *, by: User) -> None:
    if not can_readdress(user, by=by):
        raise NotYours("This is a colleague's account. Its address is not changed here.")
    if _is_taken(email, besides=user):
        raise AddressTaken(TAKEN_ALREADY)


def _is_taken(email: str, *, besides: User) -> bool:
    """Whether somebody else's account, seat or waiting change has the address."""
    others = User.objects.filter(email=email).exclude(pk=besides.pk)
    addresses = EmailAddress.objects.filter(email=email).exclude(user=besides)
    waiting = AddressChange.objects.filter(WAITING, new_email=email).exclude(user=besides)
    cohorts = Seat.objects.filter(TAKEN, user=besides).values("cohort")
    seats = Seat.objects.filter(TAKEN, email=email, cohort__in=cohorts).exclude(user=besides)
    return others.exists() or addresses.exists() or waiting.exists() or seats.exists()


def _asked(user: User, email: str, *, reason: str, by: User, at: datetime) -> AddressChange:
    proven = EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists()
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
                effective_at=at + WAIT if has_health_record(user) else at,
            )
    except IntegrityError as error:  # the same address for somebody else, at the same moment
        raise AddressTaken(TAKEN_ALREADY) from error


def confirm_change(*, change: AddressChange, by: User, at: datetime) -> None:
    """Apply a waiting change before its time, as a clinician of the runner's cohort. Raises CannotConfirm."""
    with transaction.atomic():
        locked = _locked(change)
        if not locked.is_waiting:
            raise CannotConfirm("This change does not wait any more.")
        if locked.asked_by_id == by.pk:
            raise CannotConfirm(
                "You asked for this change yourself. A colleague confirms it, or the time does."
            )
        locked.confirmed_by = by
        locked.save(update_fields=["confirmed_by"])
        record_access(viewer=by, runner=locked.user, what="address confirmed", at=at)
        _apply(locked, by=by, reason="confirmed by a clinician", at=at)


def apply_due(*, at: datetime) -> int:
    """Apply every change whose time has come, each in a transaction of its own; return how many took effect."""
    due = AddressChange.objects.filter(WAITING, effective_at__lte=at).order_by("effective_at")
    return sum(_apply_one_due(change, at=at) for change in due)


def _apply_one_due(change: AddressChange, *, at: datetime) -> bool:
    with transaction.atomic():
        locked = _locked(change)
        return locked.is_waiting and _apply(locked, by=None, reason="no objection in time", at=at)


def object_to(*, change: AddressChange, at: datetime) -> AddressChange:
    """Stop the change for the holder of the old address, sign out every device and write to the owners. Twice is once.

    A change that took effect before is not turned back, as the old mailbox may be lost: the runner's account is closed
    until an owner has talked with the person and opens it again.
    """
    with transaction.atomic():
        locked = _locked(change)
        if locked.objected_at is not None:
            return locked
        locked.objected_at = at
        locked.save(update_fields=["objected_at"])
        if locked.is_waiting:
            _stop(locked, by=None, reason="the runner objected", at=at)
        elif locked.applied_at is not None and not locked.user.is_staff:
            User.objects.filter(pk=locked.user_id).update(is_active=False)
            _note(locked.user, LedgerEvent.KEPT, by=None, reason="the runner objected: account closed", at=at)
        end_sessions(locked.user)
        account_emails.address_objected(change=locked, at=at)
    return locked


def words_of(change: AddressChange) -> str:
    """Return what staff read of a change that waits."""
    when = date_format(timezone.localtime(change.effective_at), r"g:i A \o\n F j")
    return (
        "Both addresses are written to. The runner has a health record, so the new address opens nothing until "
        f"{when}, unless a clinician of the cohort confirms it before."
    )


def token_of(change: AddressChange) -> str:
    return signing.dumps(change.pk, salt=SALT)


def change_of(token: str) -> AddressChange:
    """Return the change that an emailed link is about, or the waiting one that replaced it. Raises LinkNotValid."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=LINK_LIVES_S)
        change = AddressChange.objects.select_related("user").get(pk=pk)
    except (signing.BadSignature, AddressChange.DoesNotExist) as error:
        raise LinkNotValid("This link does not work any more.") from error
    later = waiting_change(change.user)
    replaced = change.canceled_at is not None and change.objected_at is None
    return later if later is not None and replaced and later.old_email == change.old_email else change


def _locked(change: AddressChange) -> AddressChange:
    """The row as it is now, its account locked first: the order of `ask_for_address`."""
    User.objects.select_for_update(no_key=True).get(pk=change.user_id)
    return AddressChange.objects.select_for_update(of=["self"]).select_related("user").get(pk=change.pk)


def _stop(change: AddressChange, *, by: User | None, reason: str, at: datetime) -> None:
    change.canceled_at = at
    change.save(update_fields=["canceled_at"])
    _note(change.user, LedgerEvent.KEPT, by=by, reason=reason, at=at)


def _apply(change: AddressChange, *, by: User | None, reason: str, at: datetime) -> bool:
    """Give the account its new address; stop the change instead where the world has moved on meanwhile."""
    user = change.user
    if user.email != change.old_email or _is_taken(change.new_email, besides=user):
        _stop(change, by=by, reason="the address was taken meanwhile", at=at)
        return False
    try:
        with transaction.atomic():
            _readdress_seats(user, email=change.new_email)
            assign_address(user=user, email=change.new_email)
            change.applied_at = at
            change.save(update_fields=["applied_at"])
    except IntegrityError:  # somebody signed up with it between the look and the change
        _stop(change, by=by, reason="the address was taken meanwhile", at=at)
        return False
    _note(user, LedgerEvent.CORRECTED, by=by, reason=reason, at=at)
    if not change.waits_for_its_time:
        _welcome_again(user, at=at)
    return True


def _readdress_seats(user: User, *, email: str) -> None:
    """Write the address on the person's seats.

    The cohorts are locked first, before the account's row changes as well: a claim that holds the cohort's lock refers
    to the account, and each would wait for the other.
    """
    mine = Seat.objects.filter(TAKEN, user=user)
    list(Cohort.objects.select_for_update(no_key=True).filter(pk__in=mine.values("cohort")).order_by("pk"))
    mine.update(email=email)


def _welcome_again(user: User, *, at: datetime) -> None:
    """Send the welcome to the corrected address: the mistyped one had it."""
    for enrollment in Enrollment.objects.filter(seat__in=Seat.objects.filter(TAKEN, user=user)):
        withdraw_unsent(about=enrollment.about, kind=MessageKind.WELCOME, at=at)
        emails.welcome(enrollment=enrollment, at=at)


def _note(user: User, happened: LedgerEvent, *, by: User | None, reason: str, at: datetime) -> None:
    """Write the ledger of each cohort where the person has a seat, else of their last one."""
    seats = list(Seat.objects.filter(TAKEN, user=user).select_related("cohort"))
    last = None if seats else last_seat_of(user)
    for seat in [*seats, *([last] if last else [])]:
        record_event(cohort=seat.cohort, seat=seat, user=user, by=by, happened=happened, at=at, reason=reason)
