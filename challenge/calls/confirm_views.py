"""The page behind the emailed link that confirms a call."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from challenge.calls.caller_actions import confirm_call
from challenge.calls.emails import call_token, uid_to_confirm
from challenge.calls.models import BookingState
from challenge.calls.queries import call_by_uid
from challenge.calls.time_text import call_time


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Show the button on GET, because mail scanners open links; confirm on POST. A call that was let go says so."""
    uid = uid_to_confirm(token)
    booking = call_by_uid(uid) if uid else None
    if booking is None or not booking.email:
        raise Http404
    if request.method == "POST" and confirm_call(booking=booking, by=None, at=timezone.now()):
        return redirect("calls:call", call_token(booking))
    waits = booking.state == BookingState.BOOKED and hasattr(booking, "unconfirmed")
    context = {
        "waits": waits,
        "gone": booking.state == BookingState.CANCELED,
        "page": call_token(booking),
        "when": call_time(booking.starts_at, here=booking.time_zone, there=booking.time_zone),
    }
    response = render(request, "calls/confirm.html", context)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
