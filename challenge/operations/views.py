"""Answers for machines: /health/live/, /health/ready/ and /metrics/."""

import contextlib
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from challenge.operations.metrics import ProgramCollector
from challenge.operations.queries import failing_checks
from challenge.operations.site_checks import signature_is_good
from thrive.middleware import request_registry


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process runs; neither database nor cache is asked. `manage.py doctor` reads as what visitor
    it is taken.
    """
    answer: dict[str, Any] = {"live": True}
    if signature_is_good(request):
        with contextlib.suppress(PermissionDenied):  # no address can be read
            answer["visitor"] = str(get_adapter().get_client_ip(request))
    return JsonResponse(answer)


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every check passes, else 503 with a sentence for each failing one."""
    failing = failing_checks(at=timezone.now())
    return JsonResponse({"ready": not failing, "troubles": failing}, status=503 if failing else 200)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus, which shows METRICS_TOKEN as a bearer token. Without the setting there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not constant_time_compare(token.strip(), settings.METRICS_TOKEN):
        return HttpResponse("A token is needed.\n", status=401, headers={"WWW-Authenticate": "Bearer"})
    registry = request_registry()
    registry.register(ProgramCollector(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)
