"""What clinicians wrote, to read. The review pages are where it is written."""

from django.contrib import admin

from challenge.enrollment.admin import CohortScoped
from challenge.review.models import Contact, Message, Note, OutcomeScore


@admin.register(Note, Message, Contact, OutcomeScore)
class WrittenAdmin(CohortScoped):
    list_display = ("at", "enrollment", "by")
    list_select_related = ("enrollment", "by")
    date_hierarchy = "at"
