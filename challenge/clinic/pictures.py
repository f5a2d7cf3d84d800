"""Pictures that people upload: decoded and drawn again, so that nothing of the file itself is ever served."""

import io
import struct
import warnings

from PIL import Image, ImageOps

MOST_BYTES = 2_000_000
MOST_PIXELS = 40_000_000  # a phone's largest picture; more is an attack on the memory
SIDE_PX = 480
QUALITY = 82
QUALITIES = (QUALITY, 70, 55, 40)
FORMATS = ("JPEG", "PNG", "WEBP")
# What the library raises on a damaged file, metadata included: reading them fails in more ways than it documents.
DAMAGED = (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, struct.error)
NOT_A_PICTURE = "This isn’t a picture we can read. Save it as JPEG, PNG or WebP and send it again."
TOO_MANY_PIXELS = "This picture has more than 40 megapixels. Send a smaller one."
MOVES = "This is an animation. Send a still picture."


class PictureRefused(ValueError):
    """The file is no picture, or too large; `str()` is the sentence for the field."""


def redrawn(content: bytes, *, most_bytes: int = MOST_BYTES, side_px: int = SIDE_PX) -> bytes:
    """Return the picture as a JPEG of at most `side_px` a side, upright and without metadata. Raises PictureRefused."""
    return _as_jpeg(_flattened(content, most_bytes, side_px), QUALITY)


def redrawn_within(
    content: bytes, *, most_bytes: int, side_px: int, largest: int
) -> tuple[bytes, tuple[int, int]]:
    """Return the picture as `redrawn` does, in at most `largest` bytes, and its width and height in pixels."""
    flat = _flattened(content, most_bytes, side_px)
    while True:
        for quality in QUALITIES:
            jpeg = _as_jpeg(flat, quality)
            if len(jpeg) <= largest:
                return jpeg, flat.size
        flat.thumbnail((max(1, flat.width // 2), max(1, flat.height // 2)))


def _flattened(content: bytes, most_bytes: int, side_px: int) -> Image.Image:
    """Return the pixels alone, upright and on white."""
    if len(content) > most_bytes:
        raise PictureRefused(f"This picture is larger than {most_bytes // 1_000_000} MB. Send a smaller one.")
    try:
        upright = _decoded(content, side_px)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused(TOO_MANY_PIXELS) from error
    except PictureRefused:
        raise
    except DAMAGED as error:
        raise PictureRefused(NOT_A_PICTURE) from error
    upright.thumbnail((side_px, side_px))
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright.getchannel("A"))
    return flat


def _decoded(content: bytes, side_px: int) -> Image.Image:
    # Only these three decoders: others of the library run on formats that no camera writes.
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # of damaged metadata, which is dropped; too many pixels are counted here
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureRefused(TOO_MANY_PIXELS)
            # Some phones write a JPEG with a second picture inside: its first one counts.
            if opened.format in ("PNG", "WEBP") and getattr(opened, "is_animated", False):
                raise PictureRefused(MOVES)
            opened.draft("RGB", (side_px * 2, side_px * 2))
            return ImageOps.exif_transpose(opened).convert("RGBA")


def _as_jpeg(flat: Image.Image, quality: int) -> bytes:
    written = io.BytesIO()
    flat.save(written, "JPEG", quality=quality, optimize=True)
    return written.getvalue()
