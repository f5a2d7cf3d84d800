"""What is written about accounts."""

from collections.abc import Iterable
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from challenge.accounts.models import AccessEntry, User
from challenge.accounts.queries import accesses_by, start_of_day


def assign_address(*, user: User, email: str) -> None:
    """Makes `email` the account's only address; it proves itself by the code at the next sign-in.

    Whoever has the old mailbox is out, as they may be a stranger: every session ends and the password goes. Runners
    lose their second factors as well; those of staff stay, so that a new mailbox alone never opens their account.
    """
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    if not user.is_staff:
        Authenticator.objects.filter(user=user).delete()
    user.email = email
    user.set_unusable_password()  # sessions are signed with it
    user.save(update_fields=["email", "password"])
    end_sessions(user)


def end_sessions(user: User, *, but: str = "") -> None:
    """Sign the person out on every device; the session with the key `but` goes on."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=but):
        session.end()


def record_access(*, viewer: User, runner: User, what: str, at: datetime) -> None:
    """Notes that staff looked at a runner's data; `what` names the page, never its content.

    Looking at one's own data is no entry.
    """
    if viewer.pk != runner.pk:
        AccessEntry.objects.create(viewer=viewer, runner=runner, what=what[:80], at=at)


def record_accesses(*, viewer: User, runners: Iterable[int], what: str, at: datetime) -> None:
    """Notes one look at many runners' data; a page that refreshes itself is one entry a runner and day."""
    people = set(runners) - {viewer.pk}
    if not people:
        return
    before = accesses_by(viewer, what, since=start_of_day(at)).filter(runner__in=people)
    if fresh := people - set(before.values_list("runner_id", flat=True)):
        AccessEntry.objects.bulk_create(
            AccessEntry(viewer=viewer, runner_id=pk, what=what[:80], at=at) for pk in sorted(fresh)
        )
