"""The rule of decisions that one owner cannot make alone: they wait for 48 hours, or for a second person.

Until then everything is as it was, and the person may cancel it ("this was not me"). The account is locked before a
decision over it is read again. What is decided, and who may ask, is in `role_grants` and `factor_resets`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from challenge.accounts.models import WAITING, User
from challenge.accounts.queries import is_frozen
from challenge.accounts.waiting_models import WaitingDecision

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
