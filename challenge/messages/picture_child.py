"""The child's side of `picture_reader`: it reads one untrusted picture under limits. It loads no Django."""

import json
import sys
from dataclasses import dataclass

from challenge.clinic.pictures import PictureRefused, redrawn_within
from challenge.db.process_limits import limit_self

MOST_BYTES = 12_000_000
LARGEST = 400_000  # bytes of a stored picture
SIDE_PX = 1600


@dataclass(frozen=True, slots=True)
class RedrawnPicture:
    """A JPEG of ours, with its sides in pixels."""

    jpeg: bytes
    width_px: int
    height_px: int


def redraw(content: bytes) -> RedrawnPicture:
    """Return the picture drawn again, without its metadata. Raises PictureRefused."""
    jpeg, (width, height) = redrawn_within(content, most_bytes=MOST_BYTES, side_px=SIDE_PX, largest=LARGEST)
    return RedrawnPicture(jpeg, width, height)


def main() -> None:
    """Read one picture from standard input; write one line of JSON, and the JPEG, to standard output."""
    limit_self(json.loads(sys.stdin.buffer.readline(1_000)))
    jpeg = b""
    try:
        drawn = redraw(sys.stdin.buffer.read(MOST_BYTES + 1))
    except PictureRefused as refusal:
        result: dict[str, str | int] = {"refusal": str(refusal)}
    else:
        result, jpeg = {"width_px": drawn.width_px, "height_px": drawn.height_px}, drawn.jpeg
    sys.stdout.buffer.write(json.dumps(result).encode() + b"\n" + jpeg)


if __name__ == "__main__":
    main()
