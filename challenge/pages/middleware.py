"""Refuse what no page can read before its view does: a query string, a body too large or too slow, a stray file.

The middleware precedes the CSRF check, which would otherwise read a hundred megabytes to find one field.

A body beyond FORM_BYTES may take minutes, and a thread waits for it: only runners may send one, one at a time each,
and a process reads so few at the same time that threads for all other pages are left.
"""

import contextlib
import errno
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import redis
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.shortcuts import redirect

from challenge.enrollment.queries import enrollment_of
from challenge.pages import errors
from thrive import gunicorn_conf
from thrive.bodies import FORM_BYTES, FileNotTaken, RefuseFiles

Respond = Callable[[HttpRequest], HttpResponse]
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
NO_FILES = "This page takes no files."
BUSY = "Another import is being read; try again in a minute."
LARGE_AT_ONCE = max(1, gunicorn_conf.threads // 2 - 1)  # in one process
LARGE_PLACES = threading.BoundedSemaphore(LARGE_AT_ONCE)


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
        if length > FORM_BYTES and (refusal := _refuse_stranger(request, getattr(view, "trusts", None))):
            return refusal
        if length == 0 or request.content_type not in FORMS:
            return None
        if not hasattr(view, "most_bytes"):
            request.upload_handlers = [RefuseFiles(request)]
        return _read(request) if length <= FORM_BYTES else _read_large(request)


def _refuse_stranger(
    request: HttpRequest, trusts: Callable[[HttpRequest], bool] | None
) -> HttpResponse | None:
    """Send everyone but runners away before anything large is read: to sign in, or to the page's answer for them.

    A view for machines decides itself which requests it trusts.
    """
    if trusts is not None:
        return None if trusts(request) else errors.page(403)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if request.user.is_staff or enrollment_of(request.user) is None:
        return redirect(request.get_full_path())
    return None


def _length(request: HttpRequest) -> int:
    """Return the declared length, 0 if it is missing or invalid."""
    stated = request.META.get("CONTENT_LENGTH") or "0"
    return int(stated) if stated.isascii() and stated.isdigit() else 0


def _read_large(request: HttpRequest) -> HttpResponse | None:
    """Read the form, as `_read`, or refuse it while this process or this account is reading another."""
    if not LARGE_PLACES.acquire(blocking=False):
        return errors.busy(BUSY)
    try:
        lease = LargeBodyLease(request)
        if not lease.take():
            return errors.busy(BUSY)
        try:
            request.upload_handlers.insert(0, lease)
            return _read(request)
        finally:
            lease.give_back()
    finally:
        LARGE_PLACES.release()


class LargeBodyLease(FileUploadHandler):
    """One account's right to send a large body, to all processes of all hosts. It is the first handler of its upload.

    It is a key in the cache, not a lock of the database: such a lock belongs to a connection, and behind PgBouncer the
    next statement may have another. Each piece that arrives renews it; what a killed process leaves ends by itself.
    Without a cache there is no limit but that of each process.
    """

    SECONDS = 60  # a slower body is given up by gunicorn_conf.PatientSocket
    RENEW_AFTER_S = 10

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.key = f"large-body:{request.user.pk or 0}"  # machines have no account, and take turns
        self.token = uuid.uuid4().hex
        self.renewed_s = time.monotonic()

    def take(self) -> bool:
        """Return whether the right is ours now."""
        try:
            return bool(cache.add(self.key, self.token, self.SECONDS))
        except (redis.RedisError, OSError):
            return True

    def give_back(self) -> None:
        """End the right, unless it ended by itself and another upload has it."""
        with contextlib.suppress(redis.RedisError, OSError):
            if cache.get(self.key) == self.token:
                cache.delete(self.key)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass the piece on to the next handler."""
        if time.monotonic() - self.renewed_s > self.RENEW_AFTER_S:
            self.renewed_s = time.monotonic()
            with contextlib.suppress(redis.RedisError, OSError):
                cache.touch(self.key, self.SECONDS)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""
        return


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


class QueryStringMiddleware:
    """Answer 400 where the query string has too many parameters for Django, or NUL, which PostgreSQL cannot store."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Return the refusal, or None for a query string that the view may read."""
        try:
            # Django parses the query string at this access; afterwards it is cached for the view.
            is_broken = any("\0" in text for name, values in request.GET.lists() for text in (name, *values))
        except SuspiciousOperation as error:  # more parameters than DATA_UPLOAD_MAX_NUMBER_FIELDS
            return errors.bad_request(request, error)
        return errors.page(400) if is_broken else None
