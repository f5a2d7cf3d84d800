"""The parts that hold data of a person, and the one loop that exports it."""

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from challenge.accounts import privacy as accounts
from challenge.accounts.models import User
from challenge.accounts.queries import email_addresses_of
from challenge.calls import privacy as calls
from challenge.care import privacy as care
from challenge.enrollment import privacy as enrollment
from challenge.feedback import privacy as feedback
from challenge.intake import privacy as intake
from challenge.mail import privacy as mail
from challenge.messages import privacy as messages
from challenge.notifications import privacy as notifications
from challenge.outcomes import privacy as outcomes
from challenge.review import privacy as review
from challenge.weekly import privacy as weekly
from challenge.workouts import privacy as workouts

# `mail` knows addresses only, so it is asked by address. `accounts` is erased last: the other parts find their rows
# through the user.
BY_PERSON = (
    review,
    notifications,
    messages,
    weekly,
    calls,
    feedback,
    outcomes,
    workouts,
    intake,
    care,
    enrollment,
)
LAST = accounts
BY_ADDRESS = mail
EVERY = (*BY_PERSON, LAST, BY_ADDRESS)

Tables = dict[str, list[Mapping[str, Any]]]


def everything_about(user: User) -> Tables:
    """Return the rows of every table by `part/name`, all from one snapshot of the database."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:  # PostgreSQL sets the isolation level only before a transaction's first query
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _tables(user)


def _tables(user: User) -> Tables:
    tables: Tables = {}
    for part in (LAST, *reversed(BY_PERSON)):
        name = part.__name__.split(".")[1]
        tables |= {f"{name}/{table}": list(rows) for table, rows in part.export(user)}
    for email in email_addresses_of(user):
        for table, rows in BY_ADDRESS.export(email):
            tables.setdefault(f"mail/{table}", []).extend(rows)
    return tables
