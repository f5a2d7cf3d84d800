"""Reading of a runner's picture in a process of its own, as of an activity file: `picture_child` is that process.

The child's standard input is one line of JSON (the limits) and the file.
"""

import json
import subprocess

from challenge.clinic.pictures import MOVES, NOT_A_PICTURE, TOO_MANY_PIXELS, PictureRefused
from challenge.messages.picture_child import MOST_BYTES, RedrawnPicture
from challenge.workouts.activity_files.sandbox import run_worker

CHILD = "challenge.messages.picture_child"
CPU_S, WALL_S, MEMORY = 15, 20.0, 768 * 1024 * 1024
TOO_SLOW = "Reading this picture took too long. Send a smaller one."
LARGE = f"This picture is larger than {MOST_BYTES // 1_000_000} MB. Send a smaller one."
REFUSALS = {NOT_A_PICTURE, TOO_MANY_PIXELS, MOVES, LARGE}


def read_picture(content: bytes) -> RedrawnPicture:
    """Return the picture drawn again, without its metadata. Raises PictureRefused, whatever the file holds."""
    if not content:
        raise PictureRefused(NOT_A_PICTURE)
    if len(content) > MOST_BYTES:
        raise PictureRefused(LARGE)
    limits = json.dumps({"cpu_s": CPU_S, "memory": MEMORY}).encode()
    try:
        answer = run_worker([limits + b"\n", content], WALL_S, CHILD)
        head, _, jpeg = answer.partition(b"\n")
        result = json.loads(head)
        if refusal := result.get("refusal"):
            raise PictureRefused(refusal if refusal in REFUSALS else NOT_A_PICTURE)
        return RedrawnPicture(jpeg, int(result["width_px"]), int(result["height_px"]))
    except subprocess.TimeoutExpired as error:
        raise PictureRefused(TOO_SLOW) from error
    except PictureRefused:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PictureRefused(NOT_A_PICTURE) from error
