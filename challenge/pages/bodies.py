"""Reads a form before its view does, within bounds: a body too large, too slow or with an unasked file ends here.

It stands before the CSRF check, which would otherwise read a hundred megabytes to find one field.
"""

import contextlib
import errno
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError

from challenge.pages import errors
from thrive.bodies import FORM_BYTES, FileNotTaken, RefuseFiles

Respond = Callable[[HttpRequest], HttpResponse]
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
NO_FILES = "This page takes no files."


class RequestBodyMiddleware:
    """Refuses what a view does not take, with a sentence and without reading it."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        length = _length(request)
        most = getattr(view, "most_bytes", FORM_BYTES)
        if length > most:
            return errors.too_large(f"This page takes up to {most // 1_000_000} MB at once.")
        if length > FORM_BYTES and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())  # nothing large is read for a stranger
        if length == 0 or request.content_type not in FORMS:
            return None
        if not hasattr(view, "most_bytes"):
            request.upload_handlers = [RefuseFiles(request)]
        return _read(request)


def _length(request: HttpRequest) -> int:
    stated = request.META.get("CONTENT_LENGTH") or "0"
    return int(stated) if stated.isascii() and stated.isdigit() else 0


def _read(request: HttpRequest) -> HttpResponse | None:
    try:
        _ = request.POST
    except FileNotTaken:
        return errors.too_large(NO_FILES)
    except UnreadablePostError:
        _throw_away(request)
        return errors.cut_off()
    except OSError as error:
        _throw_away(request)
        if error.errno != errno.ENOSPC:
            raise
        return errors.unavailable(request)  # the folder for uploads is full of other people's files
    return None


def _throw_away(request: HttpRequest) -> None:
    """Delete the half of a file that came."""
    for handler in request.upload_handlers:
        with contextlib.suppress(FileNotFoundError):
            handler.upload_interrupted()
