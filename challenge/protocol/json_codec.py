"""Frozen dataclasses to JSON and back without loss, with a schema version."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache, partial
from itertools import repeat
from operator import attrgetter
from typing import Any, Self, Union, get_args, get_origin, get_type_hints

from challenge.protocol.validation import ProtocolError

SCHEMA = 1


class Document:
    """A dataclass that is stored whole: `to_data` fits a JSON column, `to_json` is canonical text."""

    def to_data(self) -> dict[str, Any]:
        """Plain lists, objects, strings and numbers, with the schema version."""
        data: dict[str, Any] = json.loads(json.dumps(self, default=part))
        return data

    def to_json(self) -> str:
        """Canonical JSON text: the same value gives the same text."""
        return json.dumps(self, default=part, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, stored: str | bytes | Mapping[str, Any]) -> Self:
        """Back from `to_json` or `to_data`. Raises ProtocolError naming the field that does not fit."""
        data = _parsed(stored) if isinstance(stored, str | bytes) else stored
        if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
            found = data.get("schema") if isinstance(data, Mapping) else None
            raise ProtocolError("schema", f"must be {SCHEMA}, not {found!r}")
        rest = {name: value for name, value in data.items() if name != "schema"}
        whole: Self = revive(cls, rest, cls.__name__)
        return whole


def _parsed(stored: str | bytes) -> Any:
    try:
        return json.loads(stored)
    except ValueError as wrong:
        raise ProtocolError("document", f"must be JSON: {wrong}") from wrong


def part(value: Any) -> Any:
    """One level of a value as JSON knows it, for `json.dumps(default=...)`: words and numbers stand as they are."""
    kind: Any = type(value)
    if kind is date or kind is datetime:
        return value.isoformat()
    if parts := _parts(kind):
        names, read = parts
        return dict(zip(names, read(value), strict=True))
    raise TypeError(f"{kind.__name__} is nothing that is stored")


@cache
def _parts(kind: type) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]] | None:
    """Names and a reader of a dataclass's fields. Asked once a class: thousands of decisions are written in a row."""
    if not is_dataclass(kind):
        return None
    names = tuple(field.name for field in fields(kind))
    read: Callable[[Any], tuple[Any, ...]] = attrgetter(*names)
    if len(names) == 1:
        read = _alone(names[0])
    if not issubclass(kind, Document):
        return names, read
    return ("schema", *names), lambda one: (SCHEMA, *read(one))


def _alone(name: str) -> Callable[[Any], tuple[Any, ...]]:
    return lambda one: (getattr(one, name),)


class _Invalid(Exception):
    """A value that does not fit; each level it passes on its way out puts its own name before the path."""

    def __init__(self, sentence: str, path: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.path = sentence, path


Reviver = Callable[[Any], Any]


def revive(kind: Any, value: Any, where: str) -> Any:
    """The typed value of plain data; ProtocolError names the path to what does not fit, from `where` on."""
    try:
        return _reviver(kind)(value)
    except _Invalid as unfit:
        raise ProtocolError(where + unfit.path, unfit.sentence) from unfit


@cache
def _reviver(kind: Any) -> Reviver:
    """Types are taken apart once, not for every value."""
    if get_origin(kind) in (Union, types.UnionType):
        members = get_args(kind)
        rest = tuple(member for member in members if member is not types.NoneType)
        return partial(_revive_union, rest, len(rest) < len(members))
    if get_origin(kind) is tuple:
        return partial(_revive_tuple, get_args(kind))
    if is_dataclass(kind):
        return partial(_revive_dataclass, kind)
    if kind in (date, datetime):
        return partial(_revive_word, kind, kind.fromisoformat)
    return partial(_revive_word, kind, kind) if issubclass(kind, Enum) else partial(_revive_plain, kind)


@cache
def _field_revivers(kind: type) -> dict[str, Reviver]:
    return {name: _reviver(hint) for name, hint in get_type_hints(kind).items()}


def _revive_union(rest: tuple[Any, ...], optional: bool, value: Any) -> Any:
    if value is None and optional:
        return None
    if len(rest) == 1:
        return _reviver(rest[0])(value)
    if type(value) in rest:
        return value
    raise _Invalid(f"must be one of {', '.join(member.__name__ for member in rest)}, not {value!r}")


def _revive_tuple(members: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise _Invalid(f"must be a list, not {value!r}")
    if members[-1] is not Ellipsis and len(members) != len(value):
        raise _Invalid(f"must hold {len(members)} values, not {len(value)}")
    each = repeat(members[0]) if members[-1] is Ellipsis else members
    made = []
    for at, (member, item) in enumerate(zip(each, value)):  # noqa: B905 - one of them has no end
        try:
            made.append(_reviver(member)(item))
        except _Invalid as unfit:
            raise _Invalid(unfit.sentence, f"[{at}]{unfit.path}") from unfit
    return tuple(made)


def _revive_dataclass(kind: Any, value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise _Invalid(f"must be an object, not {value!r}")
    known = _field_revivers(kind)
    for name in value:
        if name not in known:
            raise _Invalid("is not known", f".{name}")
    made = {}
    for name, item in value.items():
        try:
            made[name] = known[name](item)
        except _Invalid as unfit:
            raise _Invalid(unfit.sentence, f".{name}{unfit.path}") from unfit
    try:
        return kind(**made)
    except TypeError as missing:
        raise _Invalid(f"is incomplete: {missing}") from missing


def _revive_word(kind: Any, read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except (TypeError, ValueError) as wrong:
        raise _Invalid(f"must be a {kind.__name__}, not {value!r}") from wrong


def _revive_plain(kind: Any, value: Any) -> Any:
    if type(value) is not kind:
        raise _Invalid(f"must be a {kind.__name__}, not {value!r}")
    return value
