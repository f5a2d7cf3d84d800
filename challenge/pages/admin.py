"""What the owner publishes on the public pages."""

from typing import TYPE_CHECKING

from django.contrib import admin

from challenge.pages.models import TeamMember

# Django's class is generic for the type checker only.
if TYPE_CHECKING:
    TeamModelAdmin = admin.ModelAdmin[TeamMember]
else:
    TeamModelAdmin = admin.ModelAdmin


@admin.register(TeamMember)
class TeamMemberAdmin(TeamModelAdmin):
    """The people of the clinic, in the order of the first page."""

    list_display = ("name", "role", "position", "is_shown")
