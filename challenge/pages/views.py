"""Public pages: readable by anyone, changing nothing."""

import json
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from challenge.enrollment.queries import CohortState, public_cohort_state
from challenge.pages import exercise_pages, guide
from challenge.pages.json_ld import event_json_ld
from challenge.pages.openings import Announcement, announcement
from challenge.protocol.exercises import guarded_form
from challenge.protocol.sentences.stop import BY_SYMPTOM
from challenge.protocol.vocabulary import FormKind
from challenge.review.queries import video_of

SEATS_KEPT_S = 1


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The challenge; the seats cost one query, and none within the same second."""
    at = timezone.now()
    context = home_context(announcement(_seats(at), at=at))
    return render(request, "pages/home.html", context)


def _seats(at: Any) -> CohortState | None:
    """The public cohort's seats, at most a second old; asked each time while the cache is away."""
    try:
        kept: tuple[CohortState | None] | None = cache.get("pages.seats")
        if kept is None:
            kept = (public_cohort_state(at=at),)
            cache.set("pages.seats", kept, SEATS_KEPT_S)
        return kept[0]
    except RedisError:
        return public_cohort_state(at=at)


def home_context(announced: Announcement) -> dict[str, Any]:
    """What the first page's template needs, for a real or a shown state."""
    return {
        "announcement": announced,
        "event_json": as_data_block(event_json_ld(announced, settings.SITE_URL)),
    }


def as_data_block(data: dict[str, Any]) -> str:
    """JSON that can stand inside a script element: no tag can begin in it."""
    return (
        json.dumps(data, ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
    )


@require_safe
def guide_index(request: HttpRequest) -> HttpResponse:
    return render(
        request, "pages/guide/index.html", {"articles": guide.ARTICLES, "phases": exercise_pages.by_phase()}
    )


@require_safe
def guide_page(request: HttpRequest, slug: str) -> HttpResponse:
    """An article of the guide, or an exercise of the catalog."""
    if (article := guide.BY_SLUG.get(slug)) is not None:
        before, after = guide.neighbours(slug)
        context = {
            "article": article,
            "before": before,
            "after": after,
            "phases": exercise_pages.by_phase(),
            "stop_texts": BY_SYMPTOM.values(),
        }
        return render(request, article.template, context)
    page = exercise_pages.page_of(slug)
    if page is None:
        raise Http404
    return render(request, "pages/guide/exercise.html", {"page": page, "film": _film(slug)})


@require_safe
def guide_easier(request: HttpRequest, slug: str) -> HttpResponse:
    """The form of an exercise that spares the knee or hip which its full form loads."""
    page = exercise_pages.page_of(slug)
    form = guarded_form(page.exercise.id, FormKind.EASIER) if page is not None else None
    if form is None:
        raise Http404
    return render(request, "pages/guide/easier.html", {"page": page, "form": form})


def _film(slug: str) -> str:
    """The guide stays open while the database is away; then it has no films."""
    try:
        return video_of(slug)
    except DatabaseError:
        return ""


@require_safe
def exercise_sheet(request: HttpRequest, phase: int) -> HttpResponse:
    """Every exercise of one phase, to print."""
    pages = next((group.pages for group in exercise_pages.by_phase() if group.number == phase), None)
    if pages is None:
        raise Http404
    return render(request, "pages/guide/sheet.html", {"pages": pages, "phase": phase})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/robots.txt", {"site_url": settings.SITE_URL}, content_type="text/plain")


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to put the challenge on its home screen."""
    return render(request, "pages/site.webmanifest", content_type="application/manifest+json")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    phases = exercise_pages.by_phase()
    shown = [page for group in phases for page in group.pages]
    easier = [f"{page.slug}/easier" for page in shown if guarded_form(page.exercise.id, FormKind.EASIER)]
    slugs = [*guide.BY_SLUG, *(page.slug for page in shown), *easier]
    context = {"site_url": settings.SITE_URL, "phases": phases, "slugs": list(dict.fromkeys(slugs))}
    return render(request, "pages/sitemap.xml", context, content_type="application/xml")
