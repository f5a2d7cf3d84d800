"""Limits of a request's body: how much a view reads, and whether its form takes files.

The middleware `challenge.pages.middleware` applies them, with the pages that a visitor sees.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

FORM_BYTES = 2 * 1024 * 1024
IMPORT_BYTES = 110_000_000
INBOUND_BYTES = 36_000_000  # a mail of 25 MB, as most services allow, in the letters of base64
View = TypeVar("View", bound=Callable[..., Any])


def takes_files(
    *, most_bytes: int = FORM_BYTES, trusts: Callable[[HttpRequest], bool] | None = None
) -> Callable[[View], View]:
    """Mark a view whose form has a file field. All other views refuse a request at its first file part.

    Beyond FORM_BYTES only runners may send, or those whose request `trusts` accepts by its headers.
    """

    def mark(view: View) -> View:
        view.most_bytes, view.trusts = most_bytes, trusts  # type: ignore[attr-defined]
        return view

    return mark


class FileNotTaken(Exception):
    """A file was sent to a page whose form has no file field."""


class RefuseFiles(FileUploadHandler):
    """An upload handler that stops at the first file part, before any of it is stored."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise FileNotTaken

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        raise FileNotTaken

    def file_complete(self, file_size: int) -> None:
        return None
