"""Feedback in the admin, read-only: clinicians see that of their cohorts, the owner all of it."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from challenge.accounts.queries import is_owner
from challenge.enrollment.admin import CohortFilter, CohortScoped
from challenge.feedback.models import EndFeedback, WeekFeedback


class FeedbackAdmin(CohortScoped):
    """Every stored answer; the latest of a runner and week counts."""

    list_select_related = ()
    list_filter: ClassVar[tuple[Any, ...]] = (CohortFilter,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        viewer: Any = request.user
        if is_owner(viewer):
            everything: QuerySet[Any] = self.model._default_manager.all()
            return everything
        return super().get_queryset(request)


@admin.register(WeekFeedback)
class WeekFeedbackAdmin(FeedbackAdmin):
    list_display = ("at", "runner", "week", "question", "ease", "text")
    list_filter = (CohortFilter, "ease")


@admin.register(EndFeedback)
class EndFeedbackAdmin(FeedbackAdmin):
    list_display = ("at", "runner", "recommend", "cadence", "strength", "log", "may_quote")
