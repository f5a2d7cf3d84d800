"""The clinicians' messages on the runner's own page."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from challenge.enrollment.queries import enrollment_of
from challenge.review.queries import messages_of


@login_required
@require_safe
def message_list(request: HttpRequest) -> HttpResponse:
    """Show the runner's messages, newest first; 404 for a user without an enrollment."""
    assert request.user.is_authenticated
    enrollment = enrollment_of(request.user)
    if enrollment is None:
        raise Http404
    return render(request, "review/messages.html", {"clinician_messages": messages_of(enrollment)})
