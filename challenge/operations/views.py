"""Health, for machines: up, and up with everything that the program needs."""

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from challenge.operations.queries import failing_checks


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """200 while the process answers; touches nothing else."""
    return JsonResponse({"live": True})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when all is well, 503 with a sentence for each trouble."""
    found = failing_checks(at=timezone.now())
    return JsonResponse({"ready": not found, "troubles": found}, status=503 if found else 200)
