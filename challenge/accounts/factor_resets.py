"""Remove an account's second factors after a lost device: asked for by an owner, by the rule of `second_person`.

The person gets an email with "this was not me", which cancels it. A frozen account keeps its factors.
"""

from datetime import datetime
from functools import partial

from allauth.mfa.models import Authenticator
from django.db import transaction

from challenge.accounts.actions import end_sessions
from challenge.accounts.identity import record_identity
from challenge.accounts.models import WAITING, User
from challenge.accounts.queries import is_frozen, is_owner, waiting_reset
from challenge.accounts.second_person import (
    NOT_THE_SECOND,
    WAIT,
    apply_due,
    effective_text,
    is_second_person,
    lock_account,
    mark_applied,
)
from challenge.accounts.staff import can_edit_account
from challenge.accounts.waiting_models import FactorReset


class ResetRefused(Exception):
    """It cannot be asked for, or not be confirmed by this person; `str()` is the sentence to show."""


def ask_for_reset(*, user: User, by: User, at: datetime) -> FactorReset:
    """Ask for the removal, and write to the person. A reset that waits is returned unchanged. Raises ResetRefused."""
    with transaction.atomic():
        user = lock_account(user.pk)
        _check_may(user, by=by)
        waiting = waiting_reset(user)
        if waiting is not None:
            return waiting
        reset = FactorReset.objects.create(user=user, asked_by=by, asked_at=at, effective_at=at + WAIT)
        record_identity(what="factors_reset_asked", account=user, by=by, at=at)
    return reset


def confirm_reset(*, user: User, by: User, at: datetime) -> None:
    """Apply the waiting reset early, as a second person. Raises ResetRefused."""
    with transaction.atomic():
        user = lock_account(user.pk)
        _check_may(user, by=by)
        reset = waiting_reset(user)
        if reset is None:
            raise ResetRefused("No removal of second factors is waiting anymore.")
        if not is_second_person(by, reset):
            raise ResetRefused(NOT_THE_SECOND)
        _apply(reset, user, by=by, at=at)


def apply_due_resets(*, at: datetime) -> int:
    """Apply every reset whose 48 hours are over, each in its own transaction; return how many took effect."""
    return apply_due(FactorReset, partial(_apply, by=None, at=at), at=at)


def cancel_waiting(user: User, *, by: User | None, at: datetime) -> None:
    """Cancel the account's waiting reset, if there is one. The caller has locked the account."""
    if FactorReset.objects.filter(WAITING, user=user).update(canceled_at=at):
        record_identity(what="factors_kept", account=user, by=by, at=at)


def describe_waiting_reset(user: User) -> str:
    """Return the sentence that staff read about a waiting reset; "" without one."""
    reset = waiting_reset(user)
    if reset is None:
        return ""
    return (
        f"They are removed at {effective_text(reset)}, "
        "unless another owner confirms it before or the person objects."
    )


def _check_may(user: User, *, by: User) -> None:
    if not (is_owner(by) and can_edit_account(user, by=by)):
        raise ResetRefused("Only an owner removes second factors, and only a superuser those of a superuser.")
    if is_frozen(user):
        raise ResetRefused("The person reported a theft. Talk with them and open the account first.")


def _apply(reset: FactorReset, user: User, *, by: User | None, at: datetime) -> None:
    mark_applied(reset, confirmed_by=by, at=at)
    Authenticator.objects.filter(user=user).delete()
    record_identity(what="factors_reset", account=user, by=by, at=at)
    end_sessions(user)
