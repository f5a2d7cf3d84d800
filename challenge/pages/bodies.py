"""Read a form within bounds before its view does: a body too large or too slow, or an unexpected file, ends here.

The middleware precedes the CSRF check, which would otherwise read a hundred megabytes to find one field.
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
    """Refuse a body that the view does not accept, with a sentence and without reading it."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Return the refusal, or None for a body that the view may read."""
        length = _length(request)
        most = getattr(view, "most_bytes", FORM_BYTES)
        if length > most:
            return errors.too_large(f"This page takes up to {most // 1_000_000} MB at once.")
        # Anonymous visitors never upload files: send them to sign in before anything large is read.
        if length > FORM_BYTES and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if length == 0 or request.content_type not in FORMS:
            return None
        if not hasattr(view, "most_bytes"):
            request.upload_handlers = [RefuseFiles(request)]
        return _read(request)


def _length(request: HttpRequest) -> int:
    """Return the declared length, 0 if it is missing or invalid."""
    stated = request.META.get("CONTENT_LENGTH") or "0"
    return int(stated) if stated.isascii() and stated.isdigit() else 0


def _read(request: HttpRequest) -> HttpResponse | None:
    """Read the form; return the refusal if it is cut off, has an unexpected file or finds no disk space."""
    try:
        # Django parses the body at this access; afterwards it is cached for the view.
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
        return errors.unavailable(request)  # the upload folder is full
    return None


def _throw_away(request: HttpRequest) -> None:
    """Delete the part of a file that arrived."""
    for handler in request.upload_handlers:
        with contextlib.suppress(FileNotFoundError):
            handler.upload_interrupted()
