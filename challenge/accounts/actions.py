"""Change an account's address, end sessions, and record who looked at whose data."""

from collections.abc import Iterable
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from challenge.accounts.models import AccessEntry, User
from challenge.accounts.queries import accesses_by, start_of_day

# AccessEntry.what is a column of this length.
PAGE_NAME_LENGTH = 80


def assign_address(*, user: User, email: str) -> None:
    """Make `email` the account's only address, unverified until its owner signs in with an emailed code.

    A stranger may own the old mailbox, so every session ends and the password is removed. Runners also lose their
    second factors. Staff keep theirs, because a new mailbox alone must never open a staff account.
    """
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    if not user.is_staff:
        Authenticator.objects.filter(user=user).delete()
    user.email = email
    # Django signs sessions with the password hash: this also ends sessions that UserSession does not list.
    user.set_unusable_password()
    user.save(update_fields=["email", "password"])
    end_sessions(user)


def end_sessions(user: User, *, but: str = "") -> None:
    """Sign the person out on every device except the session with the key `but`."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=but):
        session.end()


def record_access(*, viewer: User, runner: User, what: str, at: datetime) -> None:
    """Record that staff looked at a runner's data. `what` names the page, never its content."""
    if viewer.pk != runner.pk:  # looking at one's own data is not recorded
        AccessEntry.objects.create(viewer=viewer, runner=runner, what=what[:PAGE_NAME_LENGTH], at=at)


def record_accesses(*, viewer: User, runners: Iterable[int], what: str, at: datetime) -> None:
    """Record one look at many runners' data, at most one entry per runner, page and day.

    The limit is for pages that refresh themselves: they would otherwise write an entry per runner every minute.
    """
    people = set(runners) - {viewer.pk}
    if not people:
        return
    today = accesses_by(viewer, what, since=start_of_day(at)).filter(runner__in=people)
    if unrecorded := people - set(today.values_list("runner_id", flat=True)):
        AccessEntry.objects.bulk_create(
            AccessEntry(viewer=viewer, runner_id=pk, what=what[:PAGE_NAME_LENGTH], at=at)
            for pk in sorted(unrecorded)
        )
