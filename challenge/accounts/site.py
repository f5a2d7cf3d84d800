"""The admin's index, grouped by the parts of the story instead of one long list."""

from collections import defaultdict
from typing import Any, cast

from django.contrib.admin import AdminSite, ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from challenge.accounts.kept_admin import KeptChangeForm
from challenge.accounts.models import User
from challenge.accounts.queries import is_front_desk, is_owner
from challenge.accounts.query_parameters import OF_AUTOCOMPLETE, DeclaredFilters, takes, without_nul

# In the order in which a day at the clinic asks for them; a part that is not named follows under its own name.
PARTS = {
    "care": "Care: where runners stand",
    "review": "What clinicians wrote",
    "workouts": "The log",
    "intake": "Intake",
    "targets": "Coming weeks",
    "enrollment": "Cohorts and seats",
    "calls": "Calls",
    "mail": "Email",
    "feedback": "Feedback",
    "accounts": "People and access",
}


class SiteByPart(AdminSite):
    """Django's own site, with its models listed by part and its lists closed to undeclared filters."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register with `DeclaredFilters` and `KeptChangeForm` in front, also what a library registers."""
        given = admin_class or ModelAdmin
        checked = type(
            given.__name__, (DeclaredFilters, KeptChangeForm, given), {"__module__": given.__module__}
        )
        super().register(model_or_iterable, checked, **options)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Wrap every page of the admin, and those of our own that use its guard."""
        return super().admin_view(without_nul(view), cacheable)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Offer rows for a field as somebody types, by Django's own five parameters."""
        return takes(**OF_AUTOCOMPLETE)(super().autocomplete_view)(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The first page; who works the desk finds its page of seats there, others the list."""
        user = cast(User, request.user)
        at_the_desk = is_front_desk(user) or is_owner(user)
        return super().index(request, {"at_the_desk": at_the_desk} | (extra_context or {}))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The parts of the challenge that the person may open, then the libraries' models."""
        found: list[dict[str, Any]] = []
        for app in super().get_app_list(request, app_label):
            found += _by_part(app) if app["app_label"] == "challenge" else [app]
        return found


def _by_part(app: dict[str, Any]) -> list[dict[str, Any]]:
    models: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for model in app["models"]:
        models[_part_of(model["model"])].append(model)
    order = [*PARTS, *sorted(set(models) - set(PARTS))]
    return [
        app
        | {
            "name": PARTS.get(part, part.capitalize()),
            "app_label": f"challenge-{part}",
            "models": models[part],
        }
        for part in order
        if part in models
    ]


def _part_of(model: type) -> str:
    """The part that shows the model: runners stand under care, although enrollment keeps their row."""
    part = model.__module__.split(".")[1]
    return "care" if model.__name__ == "Enrollment" else part
