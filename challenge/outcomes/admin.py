"""Answers and loaded questionnaires in the admin, for reading only."""

from typing import ClassVar

from django.contrib import admin

from challenge.enrollment.admin_base import CohortFilter, CohortScoped
from challenge.mail.admin import ReadOnlyAdmin
from challenge.outcomes.models import LoadedQuestionnaire, QuestionnaireAnswer


@admin.register(QuestionnaireAnswer)
class QuestionnaireAnswerAdmin(CohortScoped):
    """Every stored answer; the last of its corrections counts."""

    list_display = ("answered_on", "runner", "code", "week", "score", "on_paper", "by")
    list_filter = (CohortFilter, "code", "on_paper")
    list_select_related: ClassVar[tuple[str, ...]] = ("by",)
    date_hierarchy = "answered_on"


@admin.register(LoadedQuestionnaire)
class LoadedQuestionnaireAdmin(ReadOnlyAdmin):
    """Every version that was loaded; pages of their own load them."""

    list_display = ("code", "version", "by", "at")
    list_select_related = ("by",)
