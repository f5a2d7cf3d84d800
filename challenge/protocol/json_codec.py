"""Encode frozen dataclasses as JSON and decode them without loss, through msgspec, with a schema number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self, TypeVar

import msgspec

from challenge.protocol.upcasters import SCHEMA, upcast
from challenge.protocol.validation import ProtocolError

T = TypeVar("T")

# msgspec ends a message with the place, in JSONPath: "Expected `int`, got `str` - at `$.runs[0].pain`".
_PLACE = " - at `$"


@dataclass(frozen=True)
class Document:
    """A dataclass that is stored whole. `schema` numbers the shape it was written in.

    Raise `SCHEMA` and add a function to `UPCASTERS` whenever a field is renamed or removed, or changes its meaning.
    """

    schema: int = field(default=SCHEMA, kw_only=True)

    def to_data(self) -> dict[str, Any]:
        """Return plain objects, lists, strings and numbers that fit a JSON column."""
        data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return data

    def to_json(self) -> str:
        """Return canonical JSON text: sorted keys, no spaces. Equal values give equal text."""
        return msgspec.json.encode(self, order="sorted").decode()

    @classmethod
    def from_json(cls, stored: str | bytes | Mapping[str, Any]) -> Self:
        """Decode what `to_json` or `to_data` returned, also in an older schema.

        Raises ProtocolError that names the field that does not fit. Unknown names are refused at the top level only:
        msgspec ignores them deeper in a dataclass, and there the schema number is the guard.
        """
        data = _parse(stored) if isinstance(stored, str | bytes) else stored
        current = upcast(data)
        unknown = current.keys() - {entry.name for entry in fields(cls)}
        if unknown:
            raise ProtocolError(f"{cls.__name__}.{min(unknown)}", "is not known")
        return revive(cls, current, cls.__name__)


def revive(kind: type[T], data: Any, where: str) -> T:
    """Return the typed value of plain data in the current schema.

    Raises ProtocolError with the path to what does not fit, from `where` on.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        # The rules of `validation` speak for themselves: msgspec only wraps what they raise.
        if isinstance(error.__cause__, ProtocolError):
            raise error.__cause__ from error
        problem, _, path = str(error).partition(_PLACE)
        raise ProtocolError(f"{where}{path.removesuffix('`')}", f"does not fit: {problem}") from error


def _parse(stored: str | bytes) -> Any:
    try:
        return msgspec.json.decode(stored)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ProtocolError("document", f"must be JSON: {error}") from error
