"""Spoils a request that asks for it: rolls its transaction back at the end, or takes its row locks off.

Only the races load it (tests.races.settings).
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

_unlocked = threading.local()
_real: Any = QuerySet.select_for_update


def _select_for_update(self: Any, *args: Any, **kwargs: Any) -> Any:
    """The real thing, except in a request without locks: there, the gap where the lock would be is widened."""
    if getattr(_unlocked, "on", False):
        time.sleep(0.1)
        return self
    return _real(self, *args, **kwargs)


class SpoilingMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        QuerySet.select_for_update = _select_for_update  # type: ignore[method-assign]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "X-Roll-Back" in request.headers:
            with transaction.atomic():
                self.get_response(request)
                time.sleep(0.01)  # the others wait for this lock, as they would for a slow request
                transaction.set_rollback(True)
            return HttpResponse("rolled back", status=202)
        _unlocked.on = "X-No-Lock" in request.headers
        try:
            return self.get_response(request)
        finally:
            _unlocked.on = False
