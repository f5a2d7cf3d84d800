"""Pictures of the clinic's people: decoded and drawn again, so that nothing of the file itself is ever served."""

import io
import struct

from PIL import Image, ImageOps

MOST_BYTES = 2_000_000
MOST_PIXELS = 40_000_000  # a phone's largest picture; more is an attack on the memory
SIDE_PX = 480
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")
# What the library raises on a damaged file, metadata included: reading them fails in more ways than it documents.
DAMAGED = (Image.DecompressionBombError, OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError,
           EOFError, struct.error)  # fmt: skip
NOT_A_PICTURE = "This is not a picture that we can read. Save it as JPEG, PNG or WebP and send it again."


class PictureRefused(ValueError):
    """The file is no picture, or too large; `str()` is the sentence for the field."""


def redrawn(content: bytes) -> bytes:
    """Return the picture as a JPEG of at most SIDE_PX a side: upright, without its metadata. Raises PictureRefused."""
    if len(content) > MOST_BYTES:
        raise PictureRefused("This picture is larger than 2 MB. Send a smaller one.")
    try:
        # Only these three decoders: others of the library run on formats that no camera writes.
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureRefused("This picture has more than 40 megapixels. Send a smaller one.")
            opened.draft("RGB", (SIDE_PX * 2, SIDE_PX * 2))
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except PictureRefused:
        raise
    except DAMAGED as error:
        raise PictureRefused(NOT_A_PICTURE) from error
    upright.thumbnail((SIDE_PX, SIDE_PX))
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright.getchannel("A"))
    written = io.BytesIO()
    flat.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()
