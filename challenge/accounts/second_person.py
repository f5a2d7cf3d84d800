"""Decisions that one owner cannot make alone: they wait for 48 hours, or for a second person.

Until then everything is as it was, and the person may cancel it ("this was not me"). The account is locked before a
decision over it is read again.

One is a role: a second owner, or an owner's own role as a clinician, because an owner reads no health data. Who holds
an owner's account for ten minutes could otherwise become a clinician, or make an accomplice an owner. The other
owners have read about it; a superuser gives it immediately.

The other is the removal of second factors after a lost device. A frozen account keeps its factors.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from challenge.accounts import emails
from challenge.accounts.actions import end_sessions
from challenge.accounts.identity import record_identity
from challenge.accounts.models import WAITING, User
from challenge.accounts.queries import is_frozen, is_owner, waiting_reset
from challenge.accounts.roles import CLINICIAN, OWNER
from challenge.accounts.staff import can_edit_account
from challenge.accounts.waiting_models import FactorReset, RoleGrant, WaitingDecision

WAIT = timedelta(hours=48)
NOT_THE_SECOND = "Another owner confirms it: not who asked, and not the person."
Decision = TypeVar("Decision", bound=WaitingDecision)


def lock_account(user_id: int) -> User:
    """Lock the account and return it as it is now. Call it inside a transaction."""
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def is_second_person(by: User, decision: WaitingDecision) -> bool:
    """Return whether `by` is neither who asked nor the person whom the decision is about."""
    return by.pk not in {decision.asked_by_id, decision.user_id}


def mark_applied(decision: WaitingDecision, *, confirmed_by: User | None, at: datetime) -> None:
    """Note that the decision took effect now: by its time, or by a second person."""
    decision.confirmed_by, decision.applied_at = confirmed_by, at
    decision.save(update_fields=["confirmed_by", "applied_at"])


def apply_due(
    kind: type[Decision],
    apply: Callable[[Decision, User], None],
    *,
    at: datetime,
    is_blocked: Callable[[User], bool] = is_frozen,
) -> int:
    """Apply every decision whose 48 hours are over, each in its own transaction; return how many took effect.

    Those over an account that `is_blocked` go on waiting.
    """
    due = kind._default_manager.filter(WAITING, effective_at__lte=at).order_by("effective_at")
    return sum(_apply_one(decision, apply, is_blocked) for decision in due)


def _apply_one(
    decision: Decision, apply: Callable[[Decision, User], None], is_blocked: Callable[[User], bool]
) -> bool:
    with transaction.atomic():
        user = lock_account(decision.user_id)
        locked = type(decision)._default_manager.filter(WAITING, pk=decision.pk).first()
        if locked is None or is_blocked(user):
            return False
        apply(locked, user)
        return True


def effective_text(decision: WaitingDecision) -> str:
    """Return when the decision takes effect by itself, on the clinic's clock, for staff to read."""
    return date_format(timezone.localtime(decision.effective_at), r"g:i A \o\n F j")


class GrantRefused(Exception):
    """This person cannot confirm it; `str()` is the sentence to show."""


def roles_that_wait(roles: Iterable[str], *, user: User, by: User) -> set[str]:
    """Return which of the roles `by` cannot give to `user` alone."""
    if by.is_superuser:
        return set()
    alone = {OWNER, CLINICIAN} if user.pk == by.pk else {OWNER}
    return set(roles) & alone


def ask_for_roles(roles: Iterable[str], *, user: User, by: User, at: datetime) -> None:
    """Let each role wait, and write to the person and to every owner. One that waits already is left as it is.

    The caller has checked that `by` is an owner.
    """
    with transaction.atomic():
        user = lock_account(user.pk)
        waiting = set(waiting_grants(user).values_list("role", flat=True))
        for role in sorted(set(roles) - waiting):
            grant = RoleGrant.objects.create(
                user=user, role=role, asked_by=by, asked_at=at, effective_at=at + WAIT
            )
            record_identity(what="role_asked", account=user, by=by, at=at, means=role)
            emails.role_asked(grant=grant, at=at)


def confirm_roles(*, user: User, by: User, at: datetime) -> None:
    """Give the waiting roles early, as a second person. Raises GrantRefused."""
    with transaction.atomic():
        user = lock_account(user.pk)
        if not (is_owner(by) and can_edit_account(user, by=by)):
            raise GrantRefused("Only an owner gives roles, and only a superuser those of a superuser.")
        if _is_closed(user):
            raise GrantRefused("This account is closed, or its person reported a theft. Open it first.")
        for grant in waiting_grants(user):
            if not is_second_person(by, grant):
                raise GrantRefused(NOT_THE_SECOND)
            _give(grant, user, by=by, at=at)


def apply_due_grants(*, at: datetime) -> int:
    """Give every role whose 48 hours are over, each in its own transaction; return how many took effect."""
    return apply_due(RoleGrant, partial(_give, by=None, at=at), at=at, is_blocked=_is_closed)


def _is_closed(user: User) -> bool:
    """Return whether the account gets no role: it is closed, or its person reported a theft."""
    return is_frozen(user) or not user.is_active


def cancel_waiting_roles(user: User, *, by: User | None, at: datetime) -> None:
    """Cancel the account's waiting roles. The caller has locked the account."""
    if waiting_grants(user).update(canceled_at=at):
        record_identity(what="role_kept", account=user, by=by, at=at)


def describe_waiting_roles(user: User) -> str:
    """Return the sentences that staff read about waiting roles; "" without one."""
    return " ".join(
        f"{grant.role.capitalize()} from {effective_text(grant)}, "
        "unless another owner confirms it or the person objects."
        for grant in waiting_grants(user)
    )


def waiting_grants(user: User) -> QuerySet[RoleGrant]:
    return RoleGrant.objects.filter(WAITING, user=user).order_by("role")


def _give(grant: RoleGrant, user: User, *, by: User | None, at: datetime) -> None:
    mark_applied(grant, confirmed_by=by, at=at)
    user.groups.add(Group.objects.get(name=grant.role))
    User.objects.filter(pk=user.pk).update(is_staff=True)
    means = ", ".join(sorted(user.groups.values_list("name", flat=True)))
    record_identity(what="role_changed", account=user, by=by, at=at, means=means)
    end_sessions(user)


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
        _remove(reset, user, by=by, at=at)


def apply_due_resets(*, at: datetime) -> int:
    """Apply every reset whose 48 hours are over, each in its own transaction; return how many took effect."""
    return apply_due(FactorReset, partial(_remove, by=None, at=at), at=at)


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


def _remove(reset: FactorReset, user: User, *, by: User | None, at: datetime) -> None:
    mark_applied(reset, confirmed_by=by, at=at)
    Authenticator.objects.filter(user=user).delete()
    record_identity(what="factors_reset", account=user, by=by, at=at)
    end_sessions(user)
