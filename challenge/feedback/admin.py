"""Feedback in the admin, read-only: clinicians read that of their cohorts, owners every cohort's marks."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet, TextField
from django.http import HttpRequest

from challenge.accounts.queries import is_owner, role_names
from challenge.accounts.roles import CLINICIAN
from challenge.enrollment.admin_base import CohortFilter, CohortScoped
from challenge.feedback.models import EndFeedback, WeekFeedback


class FeedbackAdmin(CohortScoped):
    """Every stored answer; the latest of a runner and week counts.

    Runners write about their pain here too, so an owner who is no clinician gets the marks without the words.
    """

    list_select_related = ()
    list_filter: ClassVar[tuple[Any, ...]] = (CohortFilter,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        if self._reads_marks_only(request):
            everything: QuerySet[Any] = self.model._default_manager.all()
            return everything
        return super().get_queryset(request)

    def get_list_display(self, request: HttpRequest) -> Any:
        hidden = self._words(request)
        return [name for name in super().get_list_display(request) if name not in hidden]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*(super().get_exclude(request, obj) or ()), *self._words(request)]

    def _words(self, request: HttpRequest) -> set[str]:
        """Return the free-text fields that this viewer does not read."""
        words = {field.name for field in self.opts.fields if isinstance(field, TextField)}
        return words if self._reads_marks_only(request) else set()

    def _reads_marks_only(self, request: HttpRequest) -> bool:
        viewer: Any = request.user
        return is_owner(viewer) and CLINICIAN not in role_names(viewer)


@admin.register(WeekFeedback)
class WeekFeedbackAdmin(FeedbackAdmin):
    list_display = ("at", "runner", "week", "question", "ease", "text")
    list_filter = (CohortFilter, "ease")


@admin.register(EndFeedback)
class EndFeedbackAdmin(FeedbackAdmin):
    list_display = ("at", "runner", "recommend", "cadence", "strength", "log", "may_quote")
