"""People enrolling inside a running program, while something of it is away; and what must be so afterwards."""

import json

from tests.program import Program

ENROLL = """
from datetime import date, timedelta
from django.utils import timezone
from challenge.accounts.models import User
from challenge.enrollment.actions import confirm_seat, hold_seat
from challenge.enrollment.models import Cohort
now = timezone.now()
monday = date.today() + timedelta(days=14 - date.today().weekday())
cohort, _ = Cohort.objects.get_or_create(
    slug="faults", defaults=dict(name="Faults", opens_at=now - timedelta(days=1), starts_on=monday)
)
user, _ = User.objects.get_or_create(email="{email}")
hold_seat(cohort=cohort, user=user, by=user, at=now)
print("seat", confirm_seat(cohort=cohort, user=user, by=user, at=now).seat.number)
"""
# Enrolls until the database refuses, goes on for a while, and prints the addresses that were promised a seat.
HAMMER = """
import json
from datetime import date, timedelta
from django.db import connection
from django.utils import timezone
from challenge.accounts.models import User
from challenge.enrollment.actions import confirm_seat, hold_seat
from challenge.enrollment.models import Cohort
now = timezone.now()
monday = date.today() + timedelta(days=14 - date.today().weekday())
taken, refused, cohort = [], [], None
for n in range(2000):
    try:
        if n % 20 == 0 or cohort is None:
            cohort = None
            begins = {"opens_at": now - timedelta(days=1), "starts_on": monday}
            cohort = Cohort.objects.create(name="Full", slug=f"full-{n}", **begins)
        user = User.objects.create_user(f"full{n}@runners.test")
        hold_seat(cohort=cohort, user=user, by=user, at=now)
        confirm_seat(cohort=cohort, user=user, by=user, at=now)
        taken.append(user.email)
    except Exception as error:
        refused.append(type(error).__name__)
        connection.close()
        if len(refused) > 20:
            break
print(json.dumps([taken, refused]))
"""
HALF = """
import json
from challenge.enrollment.models import Enrollment, LedgerEntry, Seat
from challenge.mail.models import OutboxMessage
confirmed = Seat.objects.filter(state="confirmed")
print(json.dumps({
    "confirmed": list(confirmed.values_list("email", flat=True)),
    "without enrollment": confirmed.filter(enrollment__isnull=True).count(),
    "without ledger": confirmed.exclude(ledger__happened="confirmed").count(),
    "welcomes": list(OutboxMessage.objects.filter(kind="welcome").values_list("to_email", flat=True)),
}))
"""


def check_nothing_is_half_done(program: Program, promised: list[str]) -> None:
    """Check that each promised seat exists, and that each seat has its enrollment, ledger row and email."""
    found = json.loads(program.shell(HALF))
    assert set(promised) <= set(found["confirmed"]), "a promised seat is there"
    assert found["without enrollment"] == found["without ledger"] == 0
    assert sorted(found["welcomes"]) == sorted(found["confirmed"])
