"""Export and erase a person's reminders, devices and the address of their plan. What is a key is not exported."""

from collections.abc import Iterator

from challenge.accounts.models import User
from challenge.db.export import Table, whole_table
from challenge.mail.models import PushAddress
from challenge.notifications.models import PlanFeed, ReminderChoice

COVERS = (PlanFeed, ReminderChoice, PushAddress)
HIDDEN = {"id", "enrollment_id", "user_id", "owner", "key_sha256", "sealed_key", "endpoint_sha256", "sealed"}


def export(user: User) -> Iterator[Table]:
    """Yield what was chosen, the devices, and when the address of the plan was made."""
    yield whole_table(PlanFeed, hidden=HIDDEN, enrollment__seat__user=user)
    yield whole_table(ReminderChoice, hidden=HIDDEN, user=user)
    yield whole_table(PushAddress, hidden=HIDDEN, owner=user.about)


def erase(user: User) -> None:
    """Turn the address off, and every device; the pushes themselves go with the outbox."""
    ReminderChoice.objects.filter(user=user).delete()
    PushAddress.objects.filter(owner=user.about).delete()
    PlanFeed.objects.filter(enrollment__seat__user=user).delete()
