"""Public pages: readable by anyone, changing nothing. Two have addresses that every site has in one place."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from challenge.enrollment.cohort_parameters import parameters_for
from challenge.enrollment.models import Cohort, Enrollment
from challenge.enrollment.queries import (
    CohortState,
    latest_zone_day,
    other_public_states,
    public_cohort_state,
)
from challenge.pages import exercise_pages, guide
from challenge.pages.context import enrollment_of_reader
from challenge.pages.exercise_pages import ExercisePage, PhaseGroup, TrackGroup
from challenge.pages.method import method_facts
from challenge.pages.models import TeamMember
from challenge.pages.openings import Announcement, Opening, announcement, event_json_ld
from challenge.protocol.catalog.plan import PLAN, Place
from challenge.protocol.exercises import guarded_form, guide_path
from challenge.protocol.local_week import local_day, monday_of
from challenge.protocol.parameters import Parameters
from challenge.protocol.runner_plan import Guards
from challenge.protocol.sentences.stop import BY_SYMPTOM
from challenge.protocol.vocabulary import ExerciseId, FormKind
from challenge.review.queries import video_of
from challenge.review.tags import spelled
from challenge.workouts.current_week import target_shown
from challenge.workouts.guards import form_now, guards_now

CACHE_S = 1
MOST_BIBS = 60  # more would be a wallpaper, and half of the page's bytes
T = TypeVar("T")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the home page; the seats cost one query a second at most."""
    at = timezone.now()
    # Lazy: the page of a visitor needs no database beyond the seats.
    seat = {"has_seat": SimpleLazyObject(lambda: _has_seat(request, at))}
    state = _seats(at)
    also = _cached("pages.also", lambda: other_public_states(but=state, at=at))
    shown = {"team": _cached("pages.team", _team), "also": also, "now_at": at}
    context = home_context(announcement(state, at=at)) | seat | shown
    return render(request, "pages/home.html", context)


def _has_seat(request: HttpRequest, at: datetime) -> bool:
    """Return whether the reader is a runner of a challenge that is not over."""
    enrollment = enrollment_of_reader(request)
    return enrollment is not None and enrollment.seat.over_on > latest_zone_day(at)


def _seats(at: datetime) -> CohortState | None:
    """Return the public cohort's seats, at most a second old."""
    return _cached("pages.seats", lambda: public_cohort_state(at=at))


def _team() -> list[TeamMember]:
    return list(TeamMember.objects.filter(is_shown=True).select_related("picture").defer("picture__jpeg"))


def _cached(key: str, read: Callable[[], T]) -> T:
    """Return what was read in the last second; read every time while the cache is down."""
    try:
        # In a tuple: None and an empty list are results to cache too.
        cached: tuple[T] | None = cache.get(key)
        if cached is None:
            cached = (read(),)
            cache.set(key, cached, CACHE_S)
        return cached[0]
    except RedisError:
        # The home page must not go down with the cache.
        return read()


def _seat_line(request: HttpRequest) -> dict[str, Any]:
    """Return `seat_free`, lazily: whether a page of the guide may lead this reader to a seat."""

    def free() -> bool:
        at = timezone.now()
        try:
            opening = announcement(_seats(at), at=at).opening
            return opening in (Opening.OPEN, Opening.NEARLY_FULL) and not _has_seat(request, at)
        except DatabaseError:
            return False  # the guide stays available without the database

    return {"seat_free": SimpleLazyObject(free)}


def home_context(announced: Announcement) -> dict[str, Any]:
    """Return the context of the home page for a real or a sample state."""
    capacity = spelled(announced.capacity or Cohort._meta.get_field("capacity").default)
    return {
        "announcement": announced,
        "capacity": capacity,
        "draws_bibs": announced.capacity <= MOST_BIBS,
        "method": method_facts(),
        "social_description": f"The Pain-Free Runner Challenge: {capacity} runners, one number a week, "
        "a clinician who reads the log.",
        "event_json": as_data_block(event_json_ld(announced, settings.SITE_URL)),
    }


def as_data_block(data: dict[str, Any]) -> str:
    """Return JSON that is safe inside a script element: no tag can begin in it."""
    # HTML escaping would break the JSON; these escapes are part of it.
    return (
        json.dumps(data, ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
    )


@require_safe
def guide_index(request: HttpRequest) -> HttpResponse:
    """List the articles and exercises."""
    phases, tracks = _groups_for_reader(request)
    context = {"articles": guide.ARTICLES, "phases": phases, "tracks": tracks}
    return render(request, "pages/guide/index.html", context | _seat_line(request))


@require_safe
def guide_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show an article of the guide, or an exercise of the catalog."""
    if (article := guide.BY_SLUG.get(slug)) is not None:
        before, after = guide.neighbors(slug)
        phases, tracks = _groups_for_reader(request) if article.lists_exercises else ((), ())
        context: dict[str, Any] = {
            "article": article,
            "before": before,
            "after": after,
            "phases": phases,
            "tracks": tracks,
            "stop_texts": BY_SYMPTOM.values(),
            **_method_for_reader(request),
        }
        return render(request, article.template, context | _seat_line(request))
    page = exercise_pages.page_of(slug)
    if page is None:
        raise Http404
    page = next(iter(_for_reader(request, (page,))), None)
    if page is None:  # it loads what hurts in every form
        raise Http404
    if page.own is not None:
        return render(request, "pages/guide/own_form.html", {"page": page})
    context = {"page": page, "video": _video(slug), **_method_for_reader(request)}
    return render(request, "pages/guide/exercise.html", context | _seat_line(request))


def _method_for_reader(request: HttpRequest) -> dict[str, Any]:
    """Return `method`, and `own_numbers`: whether they are those of the signed-in runner's cohort this week.

    Every other reader gets the clinic's, as does everyone while the database is down.
    """
    try:
        enrollment = enrollment_of_reader(request)
        if enrollment is None:
            return {"method": method_facts(), "own_numbers": False}
        numbers = parameters_for(enrollment, at=timezone.now())
    except DatabaseError:
        return {"method": method_facts(), "own_numbers": False}
    return {"method": method_facts(numbers), "own_numbers": True}


def _for_reader(request: HttpRequest, pages: tuple[ExercisePage, ...]) -> tuple[ExercisePage, ...]:
    """Return the pages in the forms that the signed-in runner does now; unchanged for every other reader.

    The week's decision goes first: a clinician may have approved what would otherwise load a hurting joint. An
    exercise that it does not hold and that loads such a joint in every form is left out.
    """
    forms = _forms_for_reader(request, pages)
    return pages if forms is None else exercise_pages.in_forms(pages, forms)


def _groups_for_reader(request: HttpRequest) -> tuple[tuple[PhaseGroup, ...], tuple[TrackGroup, ...]]:
    """Return the exercises of the phases and of the tracks in the reader's forms; empty groups are left out."""
    phases, tracks = exercise_pages.by_phase(), exercise_pages.by_track()
    forms = _forms_for_reader(request, exercise_pages.all_pages())
    if forms is None:
        return phases, tracks
    return exercise_pages.groups_in_forms(phases, forms), exercise_pages.groups_in_forms(tracks, forms)


def _forms_for_reader(
    request: HttpRequest, pages: tuple[ExercisePage, ...]
) -> dict[ExerciseId, FormKind] | None:
    """Return the form of each exercise that the signed-in runner may do; None for every other reader."""
    enrollment = enrollment_of_reader(request)
    if enrollment is None:
        return None
    at = timezone.now()
    places = [place for page in pages for place in _places(page)]
    parameters = parameters_for(enrollment, at=at)
    guards = guards_now(enrollment, parameters=parameters)
    return form_now(places, guards) | _forms_of_week(enrollment, guards, parameters, at)


def _places(page: ExercisePage) -> list[Place]:
    """Return the exercise's place in its phase; one of a track or by hand has the standard form."""
    planned = [place for place in PLAN[page.phase] if place.exercise is page.exercise.id]
    return planned or [Place(page.exercise.id, page.sessions_per_week)]


def _forms_of_week(
    enrollment: Enrollment, guards: Guards, parameters: Parameters, at: datetime
) -> dict[ExerciseId, FormKind]:
    """Return the exercises of the present week's decision in their forms, without those that the log now forbids."""
    user = enrollment.seat.user
    if user is None:
        return {}
    today = local_day(at, user.zone)
    target = target_shown(
        enrollment, week_starts_on=monday_of(today), today=today, guards=guards, parameters=parameters
    )
    lines = target.decision.get("exercises", []) if target is not None else []
    return {ExerciseId(line["exercise"]): FormKind(line["form"]) for line in lines}


@require_safe
def guide_form(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """Show a form that has a page of its own: one that spares a joint, or one with no heel below the floor."""
    page = exercise_pages.page_of(slug)
    shown = page.in_form(FormKind(form)) if page is not None else None
    if shown is None or shown.own is None:
        raise Http404
    return render(request, "pages/guide/own_form.html", {"page": shown})


def _video(slug: str) -> str:
    """Return the exercise's video; the guide stays available without the database, then without videos."""
    try:
        return video_of(slug)
    except DatabaseError:
        return ""


@require_safe
def exercise_sheet(request: HttpRequest, phase: int) -> HttpResponse:
    """Show every exercise of one phase, to print."""
    pages = next((group.pages for group in exercise_pages.by_phase() if group.number == phase), None)
    if pages is None:
        raise Http404
    shown = _for_reader(request, pages)
    context = {"pages": shown, "phase": phase, "length": exercise_pages.session_length(shown)}
    return render(request, "pages/guide/sheet.html", context)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Return the rules for search engines."""
    plain = "text/plain; charset=utf-8"
    return render(request, "pages/robots.txt", {"site_url": settings.SITE_URL}, content_type=plain)


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Return the manifest with which a phone installs the site on its home screen."""
    return render(request, "pages/site.webmanifest", content_type="application/manifest+json")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """List every public page for search engines."""
    exercises = exercise_pages.slugs()
    forms = [(slug, kind) for slug in exercises for kind in (FormKind.EASIER, FormKind.FLAT)]
    context = {
        "site_url": settings.SITE_URL,
        "phases": exercise_pages.by_phase(),
        "slugs": [*guide.BY_SLUG, *exercises],
        "forms": [guide_path(slug, kind) for slug, kind in forms if guarded_form(slug, kind)],
    }
    return render(request, "pages/sitemap.xml", context, content_type="application/xml")


VALID_FOR = timedelta(days=180)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return whom to write to about a weakness (RFC 9116). The end moves on as long as the program runs."""
    ends = (timezone.now() + VALID_FOR).strftime("%Y-%m-%dT00:00:00Z")
    lines = (
        f"Contact: mailto:{settings.CLINIC_EMAIL}",
        f"Expires: {ends}",
        "Preferred-Languages: en",
        f"Canonical: {settings.SITE_URL}/.well-known/security.txt",
    )
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Lead a password manager to the page; allauth sends people without a password to the page that sets one."""
    return redirect("account_change_password")
