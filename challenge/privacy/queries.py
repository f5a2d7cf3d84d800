"""Everything the program holds of one person, read at one moment."""

from typing import Any

from django.db import connection, transaction

from challenge.accounts.models import User
from challenge.accounts.queries import addresses_of
from challenge.privacy.parts import BY_ADDRESS, BY_PERSON, LAST

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
    for email in addresses_of(user):
        for table, rows in BY_ADDRESS.export(email):
            found.setdefault(f"mail/{table}", []).extend(rows)
    return found
