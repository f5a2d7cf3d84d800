"""Open the append-only histories for erasing. Every opening is a row of its own, which nothing opens again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction


@contextmanager
def histories_open(*, why: str, at: datetime) -> Iterator[None]:
    """Allow changes of append-only rows inside; `why` stays for good and names no person.

    The functions of `challenge/sql/history_openings.sql` belong to the owner of the tables: the program's own role
    cannot open a history without leaving the row.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT challenge_open_histories(%s, %s)", [why, at])
        yield
        cursor.execute("SELECT challenge_close_histories()")
