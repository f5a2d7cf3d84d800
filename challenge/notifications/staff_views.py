"""`/admin/notices/`: a clinician says how to be reached, and who substitutes."""

from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from challenge.accounts.staff import StaffRequest, for_clinicians
from challenge.notifications.forms import NoticeSettingsForm
from challenge.notifications.models import NoticeSettings


@for_clinicians
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: StaffRequest) -> HttpResponse:
    """Show or change the settings; the button "I'm back" ends the time away and leaves the rest."""
    at = timezone.now()
    if request.method == "POST" and "back" in request.POST:
        NoticeSettings.objects.filter(user=request.user).update(away_until=None, stand_in=None, changed_at=at)
        messages.success(request, "Welcome back. Stop flags go to you again.")
        return redirect("notices")
    form = NoticeSettingsForm(request.POST if request.method == "POST" else None, user=request.user, at=at)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("notices")
    return _page(request, form)


def _page(request: StaffRequest, form: NoticeSettingsForm) -> HttpResponse:
    # What is stored: the instance of a form that came back holds what was typed.
    stored = NoticeSettings.objects.filter(user=form.user, away_until__gte=form.today)
    context = {
        "form": form,
        "away": stored.select_related("stand_in").first(),
        "stands_in_for": NoticeSettings.objects.filter(
            stand_in=form.user, away_until__gte=form.today, user__is_active=True
        ).select_related("user"),
        "title": "How we reach you",
        **admin.site.each_context(request),
    }
    return render(request, "notifications/staff/notices.html", context, status=422 if form.errors else 200)
