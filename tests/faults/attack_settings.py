"""The program's own settings, and a clock that a request may set: an hour of requests passes in seconds.

Only the attacks load it. The clock is that of the whole process, so one request is sent at a time.
"""

import time
from collections.abc import Callable

import time_machine
from django.http import HttpRequest, HttpResponse

from thrive.settings import *  # noqa: F403
from thrive.settings import MIDDLEWARE

CLOCK = "X-Clock"  # seconds from now


class ClockMiddleware:
    """Answer a request at the moment that it names."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        later_s = float(request.headers.get(CLOCK, 0))
        if not later_s:
            return self.get_response(request)
        with time_machine.travel(time.time() + later_s):
            return self.get_response(request)


MIDDLEWARE = ["tests.faults.attack_settings.ClockMiddleware", *MIDDLEWARE]
