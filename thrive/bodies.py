"""How much of a request's body is read, and where files are taken at all: a view says so, the middleware asks.

The middleware is `challenge.pages.bodies`, which has the words for a visitor.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.files.uploadhandler import FileUploadHandler

FORM_BYTES = 2 * 1024 * 1024
IMPORT_BYTES = 110_000_000
View = TypeVar("View", bound=Callable[..., Any])


def takes_files(*, most_bytes: int = FORM_BYTES) -> Callable[[View], View]:
    """Mark a view whose form has a file field. All others refuse a request at its first file part."""

    def mark(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return mark


class FileNotTaken(Exception):
    """A file was sent to a page whose form has no field for one."""


class RefuseFiles(FileUploadHandler):
    """Ends the reading of a form at its first file part, before anything of it is kept."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise FileNotTaken

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        raise FileNotTaken

    def file_complete(self, file_size: int) -> None:
        return None
