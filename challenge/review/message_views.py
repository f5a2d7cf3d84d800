"""What clinicians wrote to a runner, on the runner's own page."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from challenge.enrollment.queries import enrollment_of
from challenge.review.queries import messages_of


@login_required
@require_safe
def message_list(request: HttpRequest) -> HttpResponse:
    """The messages, newest first; there are none for who runs in no cohort."""
    assert request.user.is_authenticated
    enrollment = enrollment_of(request.user)
    if enrollment is None:
        raise Http404
    return render(request, "review/messages.html", {"letters": messages_of(enrollment)})
