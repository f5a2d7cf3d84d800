"""Bulk insert: many rows of one model in one statement.

Used for a Monday's emails, weekly targets and flags (`mail.actions`, `weekly.save`). PostgreSQL unpacks one JSON
document, so that neither Django nor psycopg handles each value, and the ids of new rows come back even where existing
rows are skipped, which `bulk_create(ignore_conflicts=True)` cannot do.

Measured: with bulk_create and a second query for the ids, a Monday takes 69% more processor time.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

import orjson
from django.db import connection
from django.db.models import Model

from challenge.protocol.json_codec import Document

M = TypeVar("M", bound=Model)


def insert(rows: Sequence[M], *, key: str | None, known_too: bool = False) -> list[M]:
    """Store new rows of one model, set their ids, and return the rows that were stored.

    Values are text, numbers, dates, datetimes and JSON. `key` names an attribute that is unique among the rows; with
    None no ids are read and the result is empty. With `known_too`, rows that break a unique constraint are skipped;
    without it they raise IntegrityError. A JSON column may hold a `Document` of the method, which is stored as its
    `to_data` has it and read back from the database on the next access.
    """
    if not rows:
        return []
    model = type(rows[0])
    columns = _columns(model)
    document = orjson.dumps(
        [{column: _column_value(row.__dict__[name]) for name, column in columns} for row in rows]
    )
    with connection.cursor() as cursor:
        cursor.execute(_statement(model, key, known_too), [document.decode()])
        if key is None:
            return []
        ids = dict(cursor.fetchall())
    stored = [row for row in rows if getattr(row, key) in ids]
    for row in stored:
        row.pk = ids[getattr(row, key)]
        # Without this a later save() would insert the row again.
        row._state.adding, row._state.db = False, connection.alias
        for name in [name for name, value in row.__dict__.items() if isinstance(value, Document)]:
            del row.__dict__[name]
    return stored


def _column_value(value: Any) -> Any:
    # A document of the method writes itself: its JSON goes into the statement as it is.
    return orjson.Fragment(value.to_json()) if isinstance(value, Document) else value


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
