"""Health checks for machines: /health/live/ and /health/ready/."""

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from challenge.operations.queries import failing_checks


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process runs; neither database nor cache is asked."""
    return JsonResponse({"live": True})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every check passes, else 503 with a sentence for each failing one."""
    failing = failing_checks(at=timezone.now())
    return JsonResponse({"ready": not failing, "troubles": failing}, status=503 if failing else 200)
