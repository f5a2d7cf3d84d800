"""Emergency accesses in the admin, for owners."""

from django.contrib import admin

from challenge.accounts.admin_base import AuditedAdmin
from challenge.enrollment.emergency_models import EmergencyAccess
from challenge.mail.admin import ReadOnlyAdmin


@admin.register(EmergencyAccess)
class EmergencyAccessAdmin(AuditedAdmin, ReadOnlyAdmin):
    """Who opened a record from outside its team, and why, for owners. It shows no health data."""

    to_person = "enrollment__seat__user"
    list_display = ("at", "viewer", "runner", "reason", "ends_at")
    list_select_related = ("viewer", "enrollment__seat__user")
    search_fields = ("viewer__name", "viewer__email")
    exclude = ("enrollment",)

    @admin.display(description="runner")
    def runner(self, access: EmergencyAccess) -> str:
        """Return the runner's name."""
        return str(access.enrollment.seat.user or "someone who left")
