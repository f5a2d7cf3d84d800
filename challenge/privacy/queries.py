"""The parts that hold data of a person, and everything they hold."""

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
from challenge.review import privacy as review
from challenge.weekly import privacy as targets
from challenge.workouts import privacy as workouts

# The parts that know people. `mail` knows addresses only and is asked by address; `accounts` is forgotten last of all.
BY_PERSON = (review, targets, calls, feedback, workouts, intake, care, enrollment)
LAST = accounts
BY_ADDRESS = mail
EVERY = (*BY_PERSON, LAST, BY_ADDRESS)

Tables = dict[str, list[dict[str, Any]]]


def everything_about(user: User) -> Tables:
    """Table name, as `part/name`, to rows. All of it is read from one snapshot of the database."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _tables(user)


def _tables(user: User) -> Tables:
    found: Tables = {}
    for part in (LAST, *reversed(BY_PERSON)):
        name = part.__name__.split(".")[1]
        found |= {f"{name}/{table}": rows for table, rows in part.export(user)}
    for email in email_addresses_of(user):
        for table, rows in BY_ADDRESS.export(email):
            found.setdefault(f"mail/{table}", []).extend(rows)
    return found
