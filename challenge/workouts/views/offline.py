"""The log without a network: a page without user data, and the service worker that stores it."""

import hashlib
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from challenge.protocol.reading_hours import READS
from challenge.protocol.sentences.stop import BY_SYMPTOM, EMERGENCY, TODAY
from challenge.protocol.vocabulary import STOP_SYMPTOMS, Site, Symptom

FILES = (
    "css/tokens.css",
    "css/base.css",
    "css/figures.css",
    "css/workouts.css",
    "fonts/besley-var.woff2",
    "img/favicon.svg",
    "js/waiting.js",
    "js/offline-log.js",
)


def _page() -> str:
    """Return the page, rendered without a request so that it cannot contain user data."""
    context: dict[str, Any] = {
        "numbers": range(11),
        "sites": Site.choices(),
        "symptoms": Symptom.choices(),
        "stops": " ".join(sorted(symptom.value for symptom in STOP_SYMPTOMS)),
        "stop_texts": [(symptom.value, text) for symptom, text in BY_SYMPTOM.items()],
        "no_running": TODAY,
        "emergency": EMERGENCY,
        "clinic": {"phone": settings.CLINIC_PHONE, "email": settings.CLINIC_EMAIL, "reads": READS},
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
    return HttpResponse(text, content_type="text/javascript")
