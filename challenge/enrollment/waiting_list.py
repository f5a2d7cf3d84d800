"""The early-access list and the list for the public launch: asked for, confirmed by email, invited by staff.

Nothing here tells whether an address is on a list: asking always looks the same, and only the mailbox's owner learns
more.
"""

from datetime import datetime

from django.core import signing
from django.db import transaction

from challenge.enrollment import emails
from challenge.enrollment.models import Cohort, EarlyAccess

SALT = "enrollment.list"
LINK_LIVES_S = 30 * 24 * 3600


class InvalidLink(Exception):
    """The link was altered, is too old, or its place on the list is gone."""


def open_list(*, cohort: Cohort | None, at: datetime) -> EarlyAccess.List:
    """Early access before the public may claim; the public launch from then on."""
    if cohort is not None and cohort.is_joinable(at) and at < cohort.opens_at:
        return EarlyAccess.List.EARLY
    return EarlyAccess.List.LAUNCH


class NoOneToInvite(Exception):
    """An invitation would promise what is not so; `str()` says why."""


def check_can_invite(*, cohort: Cohort, at: datetime) -> None:
    """Invitations promise a seat before the public: raises NobodyToInvite where there is no such time ahead or now."""
    if not cohort.is_joinable(at):
        raise NoOneToInvite("Enrollment has closed: an invitation would lead to a closed door.")
    if cohort.early_access_at is None:
        raise NoOneToInvite("This cohort has no time for early access yet. Set one first.")
    if at >= cohort.opens_at:
        raise NoOneToInvite("Everybody may take a seat by now: there is nothing to be early for.")


def join_waiting_list(*, email: str, cohort: Cohort | None, at: datetime) -> None:
    """Writes the address down, unconfirmed, and mails a link to confirm it, at most once a day."""
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
    """The place a link speaks of. Raises LinkNotValid."""
    try:
        return EarlyAccess.objects.get(pk=signing.loads(token, salt=SALT, max_age=LINK_LIVES_S))
    except (signing.BadSignature, EarlyAccess.DoesNotExist) as error:
        raise InvalidLink("This link does not work any more.") from error


def confirm_entry(*, place: EarlyAccess, at: datetime) -> None:
    """The address is its owner's. Twice is once."""
    EarlyAccess.objects.filter(pk=place.pk, confirmed_at__isnull=True).update(confirmed_at=at)


def leave_waiting_list(*, place: EarlyAccess) -> None:
    """Takes the address off the list."""
    place.delete()


def invite(*, cohort: Cohort, at: datetime) -> int:
    """Invites everybody of the cohort's list who confirmed and was not invited; how many. Raises NobodyToInvite."""
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
        EarlyAccess.objects.filter(pk__in=[place.pk for place in waiting]).update(invited_at=at)
        for place in waiting:
            emails.early_access_invitation(place=place, cohort=cohort, at=at)
    return len(waiting)
