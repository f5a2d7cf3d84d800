"""Rows made by the program, sent by COPY.

What the rows of a table do not tell gets the column's empty value, so that a new column needs no change here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

AT_ONCE = 10_000


@dataclass(frozen=True)
class Rows:
    """Rows of one table: each line gives the columns of `told` in turn; `fixed` is the same in all of them."""

    model: type[models.Model]
    told: tuple[str, ...]
    lines: Iterable[tuple[Any, ...]]
    fixed: Mapping[str, Any] = field(default_factory=dict)


def copy_in(cursor: Any, rows: Rows) -> None:
    """Sends the rows as text, AT_ONCE of them together."""
    fields = {f.column: f for f in rows.model._meta.concrete_fields}
    assert {*rows.told, *rows.fixed} <= {*fields}, rows.model
    empty: dict[Any, Any] = {name: _empty(f) for name, f in fields.items() if not _makes_itself(f)}
    given = {**empty, **rows.fixed}
    same = {name: value for name, value in given.items() if name not in rows.told}
    columns = ", ".join(f'"{name}"' for name in (*rows.told, *same))
    line = "\t".join(["%s"] * len(rows.told) + [str(value) for value in same.values()]) + "\n"
    lines = iter(rows.lines)
    with cursor.copy(f"COPY {rows.model._meta.db_table} ({columns}) FROM STDIN") as copy:
        while some := "".join(line % told for told in islice(lines, AT_ONCE)):
            copy.write(some)


def _makes_itself(column: Any) -> bool:
    return isinstance(column, models.AutoField) or getattr(column, "generated", False)


def _empty(column: Any) -> str:
    if column.null:
        return r"\N"
    if isinstance(column, models.BooleanField):
        return "f"
    if isinstance(column, (ArrayField, models.JSONField)):
        return "{}"
    return "0" if isinstance(column, models.IntegerField) else ""
