"""`/early-access/`: ask for a place, confirm it by the emailed link, take it back. Any address gets the same words."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from challenge.accounts.limits import is_allowed, visitor_of
from challenge.enrollment.address_changes import LinkNotValid as ChangeNotFound
from challenge.enrollment.address_changes import change_of, object_to
from challenge.enrollment.forms import PlaceForm
from challenge.enrollment.lists import (
    LinkNotValid,
    ask_for_place,
    confirm_place,
    leave_list,
    list_for,
    place_of,
)
from challenge.enrollment.queries import public_cohort

HOUR, DAY = 3600, 86_400


@require_http_methods(["GET", "HEAD", "POST"])
def early_access(request: HttpRequest) -> HttpResponse:
    """The list that is open now: early access before opening, the public launch after."""
    at = timezone.now()
    cohort = public_cohort(at=at)
    form = PlaceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if not is_allowed("list-by-visitor", visitor_of(request), times=20, in_s=HOUR):
            return render(request, "429.html", status=429)
        human = not form.cleaned_data["website"]
        if human and is_allowed("list-by-address", email, times=5, in_s=DAY):
            ask_for_place(email=email, cohort=cohort, at=at)
        return redirect("early_access_asked")
    context = {"form": form, "which": list_for(cohort=cohort, at=at), "cohort": cohort, "now": at}
    return render(request, "enrollment/early_access.html", context, status=422 if form.errors else 200)


@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """The same for everybody: look into your mailbox."""
    return render(request, "enrollment/asked.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest, token: str) -> HttpResponse:
    """What the emailed link opens: buttons. Opening it changes nothing."""
    try:
        mine = place_of(token)
    except LinkNotValid as error:
        raise Http404(str(error)) from error
    done = ""
    if request.method == "POST" and request.POST.get("do") == "leave":
        leave_list(place=mine)
        done = "left"
    elif request.method == "POST":
        confirm_place(place=mine, at=timezone.now())
        done = "confirmed"
    context = {"place": mine, "done": done, "cohort": mine.cohort}
    return render(request, "enrollment/place.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def object_to_address(request: HttpRequest, token: str) -> HttpResponse:
    """What the link mailed to the old address opens: one button. Opening it changes nothing."""
    try:
        change = change_of(token)
    except ChangeNotFound as error:
        raise Http404(str(error)) from error
    if request.method == "POST":
        change = object_to(change=change, at=timezone.now())
    return render(request, "enrollment/object_to_address.html", {"change": change})
