"""The early-access list and the list for the public launch: join, confirm by email, invite.

Nothing here reveals whether an address is on a list: joining always looks the same, and only the owner of the mailbox
learns more.
"""

from datetime import datetime

from django.core import signing
from django.db import transaction

from challenge.enrollment import emails
from challenge.enrollment.models import Cohort, EarlyAccess

SALT = "enrollment.list"
LINK_LIFETIME_S = 30 * 24 * 3600


class InvalidLink(Exception):
    """The link was altered or is too old, or its place on the list was deleted."""


def open_list(*, cohort: Cohort | None, at: datetime) -> EarlyAccess.List:
    """Return the list that is open: early access before the public may claim, the public launch from then on."""
    if cohort is not None and cohort.is_joinable(at) and at < cohort.opens_at:
        return EarlyAccess.List.EARLY
    return EarlyAccess.List.LAUNCH


class CannotInvite(Exception):
    """There is no early access to invite to; `str()` is the reason."""


def check_can_invite(*, cohort: Cohort, at: datetime) -> None:
    """Raise CannotInvite unless early access is ahead or running: an invitation promises a claim before the public."""
    if not cohort.is_joinable(at):
        raise CannotInvite("Enrollment has closed: an invitation would lead to a closed door.")
    if cohort.early_access_at is None:
        raise CannotInvite("This cohort has no time for early access yet. Set one first.")
    if at >= cohort.opens_at:
        raise CannotInvite("Everybody may claim a seat by now: there is nothing to be early for.")


def join_waiting_list(*, email: str, cohort: Cohort | None, at: datetime) -> None:
    """Store the address, unconfirmed, and mail a link to confirm it, at most once a day."""
    which = open_list(cohort=cohort, at=at)
    with transaction.atomic():
        place, _ = EarlyAccess.objects.get_or_create(
            which=which,
            cohort=cohort if which == EarlyAccess.List.EARLY else None,
            email=email.strip().lower(),
            defaults={"asked_at": at},
        )
        emails.list_confirm(place=place, token=token_of(place), at=at)


def token_of(place: EarlyAccess) -> str:
    return signing.dumps(place.pk, salt=SALT)


def entry_of_token(token: str) -> EarlyAccess:
    """Return the entry of an emailed link. Raises InvalidLink."""
    try:
        return EarlyAccess.objects.get(pk=signing.loads(token, salt=SALT, max_age=LINK_LIFETIME_S))
    except (signing.BadSignature, EarlyAccess.DoesNotExist) as error:
        raise InvalidLink("This link does not work any more.") from error


def confirm_entry(*, place: EarlyAccess, at: datetime) -> None:
    """Mark the entry as confirmed by the owner of the mailbox. Idempotent."""
    EarlyAccess.objects.filter(pk=place.pk, confirmed_at__isnull=True).update(confirmed_at=at)


def leave_waiting_list(*, place: EarlyAccess) -> None:
    """Delete the entry."""
    place.delete()


def invite(*, cohort: Cohort, at: datetime) -> int:
    """Invite the confirmed addresses of the cohort's list, each once; return how many. Raises CannotInvite."""
    check_can_invite(cohort=cohort, at=at)
    with transaction.atomic():
        waiting = list(
            EarlyAccess.objects.select_for_update().filter(
                which=EarlyAccess.List.EARLY,
                cohort=cohort,
                confirmed_at__isnull=False,
                invited_at__isnull=True,
            )
        )
        # Marked before the emails, under the rows' locks: two presses of the button invite once.
        EarlyAccess.objects.filter(pk__in=[place.pk for place in waiting]).update(invited_at=at)
        for place in waiting:
            emails.early_access_invitation(place=place, cohort=cohort, at=at)
    return len(waiting)
