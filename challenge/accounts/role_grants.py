"""Roles that an owner cannot give alone: a second owner, and their own role as a clinician.

An owner reads no health data. Who holds an owner's account for ten minutes could otherwise become a clinician, or make
an accomplice an owner. The role is given by the rule of `second_person`: after 48 hours, or by another owner or a
superuser. The other owners have read about it. A superuser gives it immediately.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet

from challenge.accounts import emails
from challenge.accounts.actions import end_sessions
from challenge.accounts.identity import record_identity
from challenge.accounts.models import WAITING, User
from challenge.accounts.queries import is_frozen, is_owner
from challenge.accounts.roles import CLINICIAN, OWNER
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
from challenge.accounts.waiting_models import RoleGrant


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
            _apply(grant, user, by=by, at=at)


def apply_due_grants(*, at: datetime) -> int:
    """Give every role whose 48 hours are over, each in its own transaction; return how many took effect."""
    return apply_due(RoleGrant, partial(_apply, by=None, at=at), at=at, is_blocked=_is_closed)


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


def _apply(grant: RoleGrant, user: User, *, by: User | None, at: datetime) -> None:
    mark_applied(grant, confirmed_by=by, at=at)
    user.groups.add(Group.objects.get(name=grant.role))
    User.objects.filter(pk=user.pk).update(is_staff=True)
    means = ", ".join(sorted(user.groups.values_list("name", flat=True)))
    record_identity(what="role_changed", account=user, by=by, at=at, means=means)
    end_sessions(user)
