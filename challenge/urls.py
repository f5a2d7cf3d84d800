"""An index of the parts' addresses, nothing else."""

from django.urls import URLPattern, URLResolver, include, path

from challenge.calls import urls as calls
from challenge.enrollment import urls as enrollment
from challenge.messages import urls as messages
from challenge.outcomes import urls as outcomes

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("challenge.pages.urls")),
    path("", include("challenge.enrollment.urls")),
    path("admin/seats/", include((enrollment.staff_urlpatterns, "seats_admin"))),
    path("", include("challenge.intake.urls")),
    path("call/", include("challenge.calls.urls")),
    path("", include("challenge.messages.urls")),
    path("admin/messages/", include((messages.staff_urlpatterns, "messages_admin"))),
    path("admin/review/", include("challenge.review.urls")),
    path("admin/calls/", include((calls.staff_urlpatterns, "calls_admin"))),
    path("", include("challenge.operations.urls")),
    path("", include("challenge.privacy.urls")),
    path("", include("challenge.mail.urls")),
    path("", include("challenge.workouts.urls")),
    path("", include("challenge.outcomes.urls")),
    path("", include("challenge.notifications.urls")),
    path("admin/questionnaires/", include((outcomes.staff_urlpatterns, "outcomes"))),
    path("", include("challenge.feedback.urls")),
    path("admin/targets/", include("challenge.weekly.urls")),
]
