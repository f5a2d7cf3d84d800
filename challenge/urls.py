"""An index of the parts' addresses, nothing else."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("challenge.pages.urls")),
    path("", include("challenge.enrollment.urls")),
    path("admin/seats/", include("challenge.enrollment.staff_urls")),
    path("", include("challenge.intake.urls")),
    path("call/", include("challenge.calls.urls")),
    path("", include("challenge.messages.urls")),
    path("admin/messages/", include("challenge.messages.staff_urls")),
    path("admin/review/", include("challenge.review.urls")),
    path("", include("challenge.notifications.staff_urls")),
    path("admin/calls/", include("challenge.calls.staff_urls")),
    path("", include("challenge.operations.urls")),
    path("", include("challenge.privacy.urls")),
    path("", include("challenge.mail.urls")),
    path("", include("challenge.workouts.urls")),
    path("", include("challenge.outcomes.urls")),
    path("", include("challenge.notifications.urls")),
    path("admin/questionnaires/", include("challenge.outcomes.staff_urls")),
    path("", include("challenge.feedback.urls")),
    path("admin/targets/", include("challenge.weekly.urls")),
]
