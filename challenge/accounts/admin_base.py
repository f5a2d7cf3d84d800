"""Base classes of the admin: the site grouped by part, and pages whose views are recorded."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin import AdminSite, ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from challenge.accounts.actions import record_accesses
from challenge.accounts.kept_admin import KeptChangeForm
from challenge.accounts.models import User
from challenge.accounts.queries import is_front_desk, is_owner
from challenge.accounts.query_parameters import OF_AUTOCOMPLETE, DeclaredFilters, takes, without_nul


class AuditedAdmin(admin.ModelAdmin):
    """Lists and pages of rows about people. `to_person` leads from the model to its user, as a lookup."""

    to_person = ""

    def people_in(self, ids: Iterable[Any]) -> Iterable[int]:
        """The users whose data these rows are, by id; staff are looked at as staff, not as runners."""
        mine = self.model._default_manager.filter(pk__in=list(ids)).values(self.to_person)
        return User.objects.filter(pk__in=mine, is_staff=False).values_list("pk", flat=True)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        if response.status_code == 200:
            self.record_views(request, [object_id])
        return response

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        response = super().history_view(request, object_id, extra_context)
        if response.status_code == 200:
            self.record_views(request, [object_id])
        return response

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        response = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", {}).get("cl")
        if shown is not None:
            self.record_views(request, [row.pk for row in shown.result_list])
        return response

    def record_views(self, request: HttpRequest, ids: list[Any]) -> None:
        """One entry a runner, page and day."""
        viewer: Any = request.user
        what = f"admin: {self.opts.verbose_name}"
        record_accesses(viewer=viewer, runners=self.people_in(ids), what=what, at=timezone.now())


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


class GroupedAdminSite(AdminSite):
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
            found += _group_by_part(app) if app["app_label"] == "challenge" else [app]
        return found


def _group_by_part(app: dict[str, Any]) -> list[dict[str, Any]]:
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
