"""URLs: `/join/` holds a seat, `/join/intake/` asks the questions, `/join/done/` is the confirmed seat; `/me/`."""

from django.urls import path

from challenge.intake import me_views, views

urlpatterns = [
    path("join/", views.join, name="join"),
    path("join/release/", views.release, name="join_release"),
    path("join/intake/", views.intake, {"step": "you"}, name="intake"),
    path("join/intake/<slug:step>/", views.intake, name="intake_step"),
    path("join/intake/<slug:step>/draft/", views.draft, name="intake_draft"),
    path("join/done/", views.done, name="join_done"),
    path("join/done/start.ics", views.start_calendar, name="join_calendar"),
    path("join/<slug:slug>/", views.join_cohort, name="join_cohort"),
    path("me/", me_views.me, name="me"),
    path("me/withdraw/", me_views.withdraw, name="me_withdraw"),
    path("join/preview/<slug:step>/", views.join_preview, name="join_preview"),
]
