"""Work done by the group: made, written, let go."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def let_go_whole() -> Iterator[None]:
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
