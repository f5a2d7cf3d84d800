"""`/admin/clinic/`: the owner writes the program's words about the clinic; `/team/`: pictures of its people."""

from hashlib import sha256
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenge.accounts.queries import is_owner
from challenge.accounts.query_parameters import NUMBER, takes
from challenge.accounts.staff import StaffRequest, for_staff
from challenge.clinic.actions import ClinicChanged, save_clinic
from challenge.clinic.models import ClinicVersion
from challenge.clinic.queries import WORDS, clinic_versions, paragraphs, question_pairs, with_defaults
from challenge.pages.clinic_forms import ClinicForm, PictureForm
from challenge.pages.models import TeamMember, TeamPicture
from thrive.bodies import takes_files

VERSIONS_SHOWN = 20
PICTURE_POLICY = "sandbox; default-src 'none'"


@for_staff(is_owner)
@takes(version=NUMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def clinic(request: StaffRequest) -> HttpResponse:
    """Show the clinic's words with their history; preview or save a new version."""
    latest = clinic_versions().first()
    if request.method != "POST":
        return _page(request, ClinicForm(initial=_first_values(request, latest)))
    form = ClinicForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    if request.POST.get("do") != "save":
        return _page(request, form, preview=form.words())
    try:
        save_clinic(
            words=form.words(),
            based_on=form.cleaned_data["based_on"] or 0,
            author=str(request.user),
            reason=form.cleaned_data["reason"],
            at=timezone.now(),
        )
    except ClinicChanged as refusal:
        return _conflict(request, refusal)
    messages.success(request, "Saved. Pages and emails say it from now on.")
    return redirect("clinic")


def _first_values(request: HttpRequest, latest: ClinicVersion | None) -> dict[str, Any]:
    """Return the words in force, or those of the version that `?version=` names, to be brought back."""
    asked = request.GET.get("version")
    shown = get_object_or_404(ClinicVersion, pk=asked) if asked else latest
    words = {name: getattr(shown, name) for name in WORDS} if shown is not None else with_defaults({})
    based_on = latest.pk if latest is not None else 0
    return words | {"based_on": based_on, "reason": f"as on {shown.at:%B %-d, %Y}" if asked and shown else ""}


def _conflict(request: StaffRequest, refusal: ClinicChanged) -> HttpResponse:
    """Show what was typed again, on top of the colleague's version: the next press saves."""
    typed = request.POST.copy()
    typed["based_on"] = str(refusal.latest.pk)
    form = ClinicForm(typed)
    form.add_error(
        None, f"{refusal} What you typed is kept. Compare it with the newest version, then save again."
    )
    return _page(request, form, status=409)


def _page(
    request: HttpRequest,
    form: ClinicForm,
    *,
    status: int = 200,
    preview: dict[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "versions": clinic_versions()[:VERSIONS_SHOWN],
        "people": TeamMember.objects.select_related("picture").defer("picture__jpeg"),
        "picture_form": PictureForm(),
        **admin.site.each_context(request),
        **more,
    }
    if preview is not None:
        words = with_defaults(preview)
        context["preview"] = words
        context["preview_questions"] = question_pairs(words["questions"])
        context["preview_consent"] = paragraphs(words["consent"])
    return render(request, "pages/clinic.html", context, status=status)


@takes_files()
@for_staff(is_owner)
@require_POST
def picture_of(request: StaffRequest, pk: int) -> HttpResponse:
    """Store a person's picture, or remove it."""
    member = get_object_or_404(TeamMember, pk=pk)
    if request.POST.get("do") == "remove":
        TeamPicture.objects.filter(member=member).delete()
        messages.success(request, f"{member} has no picture now.")
        return redirect("clinic")
    form = PictureForm(request.POST, request.FILES)
    if not form.is_valid():
        first = ClinicForm(initial=_first_values(request, clinic_versions().first()))
        return _page(request, first, status=422, picture_form=form, refused=member.pk)
    jpeg = form.cleaned_data["picture"]
    values = {"jpeg": jpeg, "digest": sha256(jpeg).hexdigest()[:16], "at": timezone.now()}
    TeamPicture.objects.update_or_create(member=member, defaults=values)
    messages.success(request, f"{member} has a new picture.")
    return redirect("clinic")


@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def team_picture(request: HttpRequest, pk: int, digest: str) -> HttpResponse:
    """Return a picture under a policy of its own: whatever it were, a browser would run nothing of it."""
    picture = TeamPicture.objects.filter(member=pk, digest=digest, member__is_shown=True).first()
    if picture is None:
        raise Http404
    response = HttpResponse(bytes(picture.jpeg), content_type="image/jpeg")
    response["Content-Security-Policy"] = PICTURE_POLICY
    response["Content-Disposition"] = "inline"
    return response
