"""Bulk database work: insert many rows at once, filter by many ids, pause garbage collection."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import orjson
from django.db import connection
from django.db.models import Field, ForeignKey, Lookup, Model

from challenge.protocol.json_codec import Document, part


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """`filter(enrollment__any_of=ids)`: the column is one of these whole numbers.

    PostgreSQL plans both alike; to prepare, name and quote four hundred values was a tenth of a Monday's work.
    """

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", (*params, list(self.rhs))


@contextmanager
def paused_garbage_collection() -> Iterator[None]:
    """Python's collector of cycles rests meanwhile: everything a group made goes with it, and looking for cycles among
    tens of thousands of living rows again and again was a tenth of a Monday's work.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


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
        [{column: _column_values(row.__dict__[name]) for name, column in columns} for row in rows]
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


def _column_values(value: Any) -> Any:
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
