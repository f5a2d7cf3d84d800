"""Staff walk through the join pages as a preview: nothing is kept, no seat is taken."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from challenge.accounts.models import User
from challenge.intake import consent
from challenge.intake.forms import STEPS
from thrive.bodies import takes_files

ORDER = list(STEPS)


@takes_files()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def walk(request: HttpRequest, step: str) -> HttpResponse:
    """One page as runners see it; a POST is judged, and thrown away."""
    user = cast(User, request.user)
    if not user.is_staff or step not in STEPS:
        raise Http404
    today = timezone.now().astimezone(user.zone).date()
    if request.method == "POST":
        form = STEPS[step](request.POST, request.FILES, today=today)
        if form.is_valid():
            following = ORDER.index(step) + 1
            return (
                redirect("join_preview", step=ORDER[following])
                if following < len(ORDER)
                else redirect("join")
            )
    else:
        form = STEPS[step](today=today, initial={"unit": "mi", "time_zone": user.time_zone})
    index = ORDER.index(step)
    context = {
        "form": form,
        "step": step,
        "steps": ORDER,
        "number": index + 1,
        "before": ORDER[index - 1] if index else None,
        "here": request.path,
        "back": reverse("join_preview", args=[ORDER[index - 1]]) if index else "",
        "preview": True,
        "consent_text": consent.present_text(),
    }
    return render(request, f"intake/{step}.html", context, status=422 if form.errors else 200)
