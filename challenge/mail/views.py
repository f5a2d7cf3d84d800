"""One-click unsubscribing from weekly emails (RFC 8058)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from challenge.mail.actions import subscribe_weekly, unsubscribe_weekly
from challenge.mail.models import AddressState
from challenge.mail.queries import address_of_token

PAGE = "mail/unsubscribe.html"


@csrf_exempt  # mail programs post here by themselves; the signed token is the proof
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page on GET; on POST end weekly emails, or resume them for the page's second button.

    A GET changes nothing because mail scanners follow links.
    """
    address = address_of_token(token)
    if address is None:
        return render(request, PAGE, {"known": False}, status=404)
    if request.method == "POST":
        if request.POST.get("again"):
            subscribe_weekly(address=address)
        else:
            unsubscribe_weekly(address=address, at=timezone.now())
        address = AddressState.objects.get(pk=address.pk)
    return render(
        request, PAGE, {"known": True, "stopped": address.weekly_unsubscribed_at is not None, "token": token}
    )
