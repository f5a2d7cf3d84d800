"""Many rows in one statement: one JSON document that PostgreSQL takes apart again.

Django binds each value of each row by itself, and the driver then marks and quotes it in Python: a quarter of the time
of a weekly decision. A document is written and quoted once.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

import orjson
from django.db import connection
from django.db.models import Model

from challenge.protocol.serial import Document, part

M = TypeVar("M", bound=Model)


def insert(rows: Sequence[M], *, key: str | None, known_too: bool = False) -> list[M]:
    """Stores new rows of one model and gives them their ids; returns those that were stored.

    Values are words, numbers, days, moments and JSON. `key` names an attribute that tells the rows apart; with None
    nobody learns the ids, and nothing is returned. With `known_too`, a row that breaks a unique rule is passed over;
    else IntegrityError. A JSON column may hold a `Document` of the method: stored as `to_data` has it, it is read back
    when somebody asks for it.
    """
    if not rows:
        return []
    model = type(rows[0])
    columns = _columns(model)
    document = orjson.dumps(
        [{column: _stored(row.__dict__[name]) for name, column in columns} for row in rows]
    )
    with connection.cursor() as cursor:
        cursor.execute(_statement(model, key, known_too), [document.decode()])
        if key is None:
            return []
        ids = dict(cursor.fetchall())
    stored = [row for row in rows if getattr(row, key) in ids]
    for row in stored:
        row.pk = ids[getattr(row, key)]
        row._state.adding, row._state.db = False, connection.alias
        for name in [name for name, value in row.__dict__.items() if isinstance(value, Document)]:
            del row.__dict__[name]
    return stored


def _stored(value: Any) -> Any:
    """A document of the method with its schema version; what is inside it is written as it stands."""
    return part(value) if isinstance(value, Document) else value


@cache
def _columns(model: type[Model]) -> list[tuple[str, str]]:
    return [(f.attname, str(f.column)) for f in model._meta.concrete_fields if not f.primary_key]


@cache
def _statement(model: type[Model], key: str | None, known_too: bool) -> str:
    name = connection.ops.quote_name
    table = name(model._meta.db_table)
    columns = ", ".join(name(column) for _, column in _columns(model))
    returned = f" RETURNING {name(key)}, {name(str(model._meta.pk.column))}" if key else ""
    return (
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s::json) "  # noqa: S608 - names of our models
        f"{'ON CONFLICT DO NOTHING' if known_too else ''}{returned}"
    )
