"""Refuse a query string that no page can read, before a view or a template reads it."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

from challenge.pages import errors

Respond = Callable[[HttpRequest], HttpResponse]


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
