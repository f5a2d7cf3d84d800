"""The log without a network: a page without user data, and the service worker that stores it."""

import hashlib
from copy import deepcopy
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from challenge.clinic.queries import clinic_words
from challenge.protocol.reading_hours import READS
from challenge.protocol.sentences.stop import BY_SYMPTOM, EMERGENCY, TODAY
from challenge.protocol.vocabulary import STOP_SYMPTOMS, Site, Symptom
from challenge.workouts.forms import EntryForm, MorningForm, RunForm
from challenge.workouts.models import entry_fields
from challenge.workouts.strength_forms import StrengthForm

FILES = (
    "css/tokens.css",
    "css/base.css",
    "css/figures.css",
    "css/workouts.css",
    "css/session.css",
    "fonts/besley-var.woff2",
    "img/favicon.svg",
    "img/icons.svg",
    "js/waiting.js",
    "js/offline.js",
    "js/held-pages.js",
    "js/offline-log.js",
    "js/session-count.js",
    "js/session.js",
)


# The fields that the page lays out by hand; it folds all others of the same forms away below them.
OPEN_FIELDS = {"local_on", "distance_m", "duration_s", "cadence_spm", "pain", "site", "symptoms"}


def _folded(form: type[EntryForm], prefix: str) -> forms.Form:
    """Return the remaining fields of a log form, so that a new field reaches the page without a change here.

    The form itself cannot be used: it wants a runner and a day, and the page knows neither.
    """
    folded = forms.Form(auto_id=f"{prefix}-%s", label_suffix="")
    names = [name for name in entry_fields(form.model) if name in form.base_fields]
    folded.fields = {name: deepcopy(form.base_fields[name]) for name in names if name not in OPEN_FIELDS}
    return folded


def _page() -> str:
    """Return the page, rendered without a request so that it cannot contain user data."""
    context: dict[str, Any] = {
        "numbers": range(11),
        "folded_run": _folded(RunForm, "run"),
        "folded_strength": _folded(StrengthForm, "strength"),
        "folded_morning": _folded(MorningForm, "morning"),
        "sites": Site.choices(),
        "symptoms": Symptom.choices(),
        "stops": " ".join(sorted(symptom.value for symptom in STOP_SYMPTOMS)),
        "stop_texts": [(symptom.value, text) for symptom, text in BY_SYMPTOM.items()],
        "no_running": TODAY,
        "emergency": EMERGENCY,
        "clinic": {"phone": clinic_words()["phone"], "email": settings.CLINIC_EMAIL, "reads": READS},
    }
    return render_to_string("workouts/offline/page.html", context)


@require_safe
@cache_control(no_cache=True)
def page(request: HttpRequest) -> HttpResponse:
    """Return the page that the service worker shows for the log's URLs without a network."""
    return HttpResponse(_page())


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """Return the service worker. It is at the root, because its path limits the URLs it may answer for."""
    # The browser compares bytes: a change of the page or of any file must change the script.
    version = hashlib.sha256("".join([_page(), *map(static, FILES)]).encode()).hexdigest()[:12]
    text = render_to_string("workouts/offline/sw.js", {"files": FILES, "version": f"log-{version}"})
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")
