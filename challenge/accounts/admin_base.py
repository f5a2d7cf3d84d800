"""Base classes of the admin: the site grouped by part, recorded pages, and forms refilled after a sign-out."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from challenge.accounts.actions import record_accesses
from challenge.accounts.kept_forms import KeptForm
from challenge.accounts.models import User
from challenge.accounts.queries import is_front_desk, is_owner
from challenge.accounts.query_parameters import AUTOCOMPLETE_PARAMETERS, DeclaredFilters, takes
from challenge.db.generic_classes import AnyModelAdmin

TYPED_IS_BACK = (
    "You were signed out before this was sent, so nothing is saved yet. What you typed is back: look at it, then save. "
    "You’ll need to choose files and type passwords again."
)


class KeptChangeForm(AnyModelAdmin):
    """Show a kept POST as a bound form, inline rows included, and save nothing.

    `GroupedAdminSite.register` adds it to every admin class.
    """

    def _changeform_view(
        self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: Any
    ) -> HttpResponse:
        kept: KeptForm | None = getattr(request, "kept_form", None)
        if kept is None or request.method != "GET" or kept.action != request.path:
            return self._django_view(request, object_id, form_url, extra_context)
        _ = (
            request.FILES
        )  # read while this is still a GET, or Django would parse the empty body over our POST
        request.method, request.POST = "POST", kept.as_post()  # type: ignore[assignment]
        messages.warning(request, TYPED_IS_BACK)
        response = self._django_view(request, object_id, form_url, extra_context)
        kept.is_shown = response.status_code == 200
        return response

    def _django_view(self, *args: Any) -> HttpResponse:
        # Private, because the public `changeform_view` checks the CSRF token of a POST, which this is not.
        response: HttpResponse = super()._changeform_view(*args)  # type: ignore[misc] # unknown to the stubs
        return response

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if getattr(request, "kept_form", None) is None:
            return form
        return type(form.__name__, (NeverValidForm, form), {})


class NeverValidForm(BaseForm):
    """Mixed into a form, check and show it but never save it."""

    def is_valid(self) -> bool:
        super().is_valid()  # fills `errors`
        return False


class AuditedAdmin(AnyModelAdmin):
    """An admin of rows about people; its lists and pages are recorded in the access log.

    `to_person` is the lookup from the model to its user.
    """

    to_person = ""

    def people_in(self, ids: Iterable[Any]) -> Iterable[int]:
        """Return the ids of the users whose data these rows are, without staff."""
        user_ids = self.model._default_manager.filter(pk__in=list(ids)).values(self.to_person)
        return User.objects.filter(pk__in=user_ids, is_staff=False).values_list("pk", flat=True)

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
        # A redirect or a refusal has no changelist, and showed no rows.
        changelist = getattr(response, "context_data", {}).get("cl")
        if changelist is not None:
            self.record_views(request, [row.pk for row in changelist.result_list])
        return response

    def record_views(self, request: HttpRequest, ids: list[Any]) -> None:
        """Record the look, once per runner, page and day."""
        viewer: Any = request.user
        what = f"the lists of staff: {self.opts.verbose_name}"
        record_accesses(viewer=viewer, runners=self.people_in(ids), what=what, at=timezone.now())


# Part -> heading, in the order of a day at the clinic; other parts follow under their own names.
PARTS = {
    "care": "Care: where runners stand",
    "review": "What clinicians wrote",
    "workouts": "The log",
    "intake": "Intake",
    "weekly": "Coming weeks",
    "enrollment": "Cohorts and seats",
    "calls": "Calls",
    "mail": "Email",
    "outcomes": "Questionnaires",
    "feedback": "Feedback",
    "pages": "First page",
    "accounts": "People and access",
}


class GroupedAdminSite(AdminSite):
    """Django's admin site, with its models listed by part and its lists closed to undeclared filters."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Put `DeclaredFilters` and `KeptChangeForm` in front of every admin class, also those of libraries."""
        base = admin_class or ModelAdmin
        bases = (DeclaredFilters, KeptChangeForm, base)
        super().register(
            model_or_iterable, type(base.__name__, bases, {"__module__": base.__module__}), **options
        )

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Offer rows for a field during typing, by Django's own five parameters."""
        return takes(**AUTOCOMPLETE_PARAMETERS)(super().autocomplete_view)(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Return the first page: the seats for the front desk and the owner, the list of models for others."""
        user = cast(User, request.user)
        at_the_desk = is_front_desk(user) or is_owner(user)
        return super().index(request, {"at_the_desk": at_the_desk} | (extra_context or {}))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the parts that the person may open, then the libraries' models."""
        groups: list[dict[str, Any]] = []
        for app in super().get_app_list(request, app_label):
            groups += _group_by_part(app) if app["app_label"] == "challenge" else [app]
        return groups


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
    """Return the part that shows the model. Runners are listed under care, although enrollment owns their rows."""
    part = model.__module__.split(".")[1]
    return "care" if model.__name__ == "Enrollment" else part
