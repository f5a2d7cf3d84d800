"""The gallery of components, and every state of the public pages. Available in DEBUG only."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from challenge.accounts.fields import FreeTextField
from challenge.care.stop import StopNotice, texts_of
from challenge.enrollment.queries import CohortState
from challenge.pages import errors
from challenge.pages.exercise_figures import FIGURES
from challenge.pages.openings import Bib, Opening, announcement
from challenge.pages.views import home_context
from challenge.protocol.sentences.stop import BY_SYMPTOM

SHOWN_ERRORS = {400, 403, 404, 409, 429, 500, 503}


class SampleForm(forms.Form):
    """A field of each kind, some of them with errors."""

    name = FreeTextField(help_text="The name you’d like your clinician to use.")
    miles = forms.DecimalField(
        label="Longest run of the last 30 days, in miles",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    surface = forms.ChoiceField(choices=[("road", "Road"), ("trail", "Trail"), ("treadmill", "Treadmill")])
    strike = forms.ChoiceField(
        label="How your foot lands", choices=[("heel", "Heel"), ("mid", "Midfoot")], widget=forms.RadioSelect
    )
    words = FreeTextField(label="Anything else", widget=forms.Textarea, required=False)
    agreed = forms.BooleanField(label="I have read this")
    pain = forms.TypedChoiceField(
        label="Worst pain today?", choices=[(n, n) for n in range(11)], coerce=int, widget=forms.RadioSelect
    )


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Show every component in the light and the dark scheme."""
    wrong = {"name": "", "miles": "far", "surface": "road", "pain": "4"}
    context = {"sides": _sides(wrong), "icons": _icons(), "stop_shown": StopNotice(texts_of(BY_SYMPTOM))}
    return render(request, "pages/components.html", context)


def _icons() -> list[str]:
    sprite = settings.BASE_DIR / "static/img/icons.svg"
    return re.findall(r'<symbol id="(\w+)"', sprite.read_text())


def _sides(wrong: dict[str, str]) -> list[dict[str, Any]]:
    bibs = [
        Bib(n, "taken" if n < 13 else "held" if n < 15 else "yours" if n == 15 else "free")
        for n in range(1, 21)
    ]
    figure = [scene.drawing() for scene in FIGURES["heavy_calf_raise"]]
    return [
        {
            "scheme": scheme,
            "shown_in": f", {scheme}",
            "messages": [
                Message(constants.SUCCESS, "Saved: 5.0 mi at 168."),
                Message(constants.WARNING, "That seat is gone."),
            ],
            "bibs": bibs,
            "figure": figure,
            "form": SampleForm(prefix=scheme),
            "wrong": SampleForm(
                {f"{scheme}_wrong-{k}": v for k, v in wrong.items()}, prefix=f"{scheme}_wrong"
            ),
        }
        for scheme in ("light", "dark")
    ]


@require_safe
def opening(request: HttpRequest, opening: str) -> HttpResponse:
    """Show the home page in one of its six states."""
    at = timezone.now()
    states = sample_states(at)
    if opening not in states:
        raise Http404
    return render(request, "pages/home.html", home_context(announcement(states[opening], at=at)))


def sample_states(at: datetime) -> dict[str, CohortState]:
    """Return a cohort for each opening, as it would be read at `at`."""
    monday = (at + timedelta(days=14 - at.weekday())).date()
    now_open = CohortState(
        name="Beta",
        slug="beta",
        capacity=20,
        weeks=12,
        starts_on=monday,
        early_access_at=at - timedelta(days=9),
        opens_at=at - timedelta(days=2),
        closed_at=None,
        confirmed=11,
        held=2,
        next_free_at=at + timedelta(minutes=7),
        joinable_until=at + timedelta(days=21),
    )
    later = at + timedelta(days=3)
    return {
        Opening.SOON: replace(
            now_open, early_access_at=at + timedelta(days=1), opens_at=later, confirmed=0, held=0
        ),
        Opening.EARLY: replace(now_open, opens_at=later, confirmed=3, held=1),
        Opening.OPEN: now_open,
        Opening.NEARLY_FULL: replace(now_open, confirmed=16, held=1),
        Opening.ALL_HELD: replace(now_open, confirmed=17, held=3),
        Opening.CLOSED: replace(now_open, confirmed=20, held=0, closed_at=at),
    }


@require_safe
def error(request: HttpRequest, status: int) -> HttpResponse:
    """Show the error page of a status."""
    if status not in SHOWN_ERRORS:
        raise Http404
    return errors.page(status)
