"""Admin pages that show people's data: each look of staff at it is an AccessEntry."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from challenge.accounts.actions import note_accesses
from challenge.accounts.models import User


class Watched(admin.ModelAdmin):
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
            self.note_looks(request, [object_id])
        return response

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        response = super().history_view(request, object_id, extra_context)
        if response.status_code == 200:
            self.note_looks(request, [object_id])
        return response

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        response = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", {}).get("cl")
        if shown is not None:
            self.note_looks(request, [row.pk for row in shown.result_list])
        return response

    def note_looks(self, request: HttpRequest, ids: list[Any]) -> None:
        """One entry a runner, page and day."""
        viewer: Any = request.user
        what = f"admin: {self.opts.verbose_name}"
        note_accesses(viewer=viewer, runners=self.people_in(ids), what=what, at=timezone.now())
