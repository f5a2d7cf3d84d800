"""Compressed timestamps of older FIT devices, written out in full because the SDK does not read them.

Such a message has a header of one byte: the local message type (two bits) and the seconds (five bits) since
the last full timestamp. FIT protocol, "Compressed Timestamp Header".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

COMPRESSED, DEFINITION, DEVELOPER = 0x80, 0x40, 0x20
TIMESTAMP_FIELD = 253
WRITTEN_OUT = 12  # local types 0 to 3 come out as 12 to 15
ROLL_S = 32


@dataclass(frozen=True, slots=True)
class _Definition:
    order: Literal["little", "big"]
    fields_bytes: int
    whole_bytes: int
    timestamp_at: int | None


def with_full_timestamps(data: bytes) -> bytes:
    """Return the messages of one file without its header, with full timestamps, up to the first damage."""
    out = bytearray()
    known: dict[int, _Definition] = {}
    at, now = data[0], 0
    while at < len(data):
        head = data[at]
        local = (head >> 5) & 0x03 if head & COMPRESSED else head & 0x0F
        if not head & COMPRESSED and head & DEFINITION:
            end = _definition_end(data, at)
            if end > len(data):
                break
            known[local] = _define(data[at:end], out)
            at = end
            continue
        definition = known.get(local)
        if definition is None or at + 1 + definition.whole_bytes > len(data):
            break
        body = data[at + 1 : at + 1 + definition.whole_bytes]
        at += 1 + definition.whole_bytes
        if head & COMPRESSED:
            now += ((head & 0x1F) - now) % ROLL_S
            stamp = now.to_bytes(4, definition.order)
            fields = body[: definition.fields_bytes]
            out += bytes([local + WRITTEN_OUT]) + fields + stamp + body[definition.fields_bytes :]
            continue
        if definition.timestamp_at is not None:
            stamp = body[definition.timestamp_at : definition.timestamp_at + 4]
            now = int.from_bytes(stamp, definition.order)
        out += bytes([head]) + body
    return bytes(out)


def _definition_end(data: bytes, at: int) -> int:
    if at + 6 > len(data):
        return len(data) + 1
    end = at + 6 + 3 * data[at + 5]
    if data[at] & DEVELOPER:
        return end + 1 + 3 * data[end] if end < len(data) else len(data) + 1
    return end


def _define(message: bytes, out: bytearray) -> _Definition:
    """Return a definition and append it to `out`.

    If its data may come compressed, it is appended twice, the second time with a timestamp field.
    """
    count = message[5]
    fields = [message[6 + 3 * number : 9 + 3 * number] for number in range(count)]
    developer = message[6 + 3 * count :]
    sizes = [field[1] for field in fields]
    stamps = [number for number, field in enumerate(fields) if field[0] == TIMESTAMP_FIELD and field[1] == 4]
    out += message
    local = message[0] & 0x0F
    if local < 4 and not stamps and count < 255:
        head = (message[0] & 0xF0) | (local + WRITTEN_OUT)
        out += bytes([head]) + message[1:5] + bytes([count + 1]) + message[6 : 6 + 3 * count]
        out += bytes([TIMESTAMP_FIELD, 4, 0x86]) + developer
    return _Definition(
        order="little" if message[2] == 0 else "big",
        fields_bytes=sum(sizes),
        whole_bytes=sum(sizes) + sum(developer[2::3]),
        timestamp_at=sum(sizes[: stamps[0]]) if stamps else None,
    )
