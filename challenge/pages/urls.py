"""Public addresses. `dev/` exists only while DEBUG is on."""

from django.conf import settings
from django.urls import path, re_path

from challenge.pages import clinic_views, component_gallery, plan_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("admin/clinic/", clinic_views.clinic, name="clinic"),
    path("admin/clinic/people/<int:pk>/picture/", clinic_views.picture_of, name="clinic_picture"),
    path("admin/cohorts/next/", plan_views.next_cohort, name="next_cohort"),
    path("admin/cohorts/<slug:slug>/", plan_views.plan, name="plan_cohort"),
    path("admin/cohorts/<slug:slug>/announce/", plan_views.announce, name="plan_announce"),
    path("admin/cohorts/<slug:slug>/delete/", plan_views.delete, name="plan_delete"),
    re_path(
        r"^admin/cohorts/(?P<slug>[-\w]+)/preview/(?P<page>home|join|emails)/$",
        plan_views.preview,
        name="plan_preview",
    ),
    path("team/<int:pk>/<slug:digest>.jpg", clinic_views.team_picture, name="team_picture"),
    path("guide/", views.guide_index, name="guide"),
    path("guide/sheet/<int:phase>/", views.exercise_sheet, name="exercise_sheet"),
    path("guide/<slug:slug>/", views.guide_page, name="guide_page"),
    path("guide/<slug:slug>/easier/", views.guide_form, {"form": "easier"}, name="guide_easier"),
    path("guide/<slug:slug>/flat/", views.guide_form, {"form": "flat"}, name="guide_flat"),
    path("site.webmanifest", views.manifest, name="manifest"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path(".well-known/change-password", views.change_password, name="change_password_page"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
]
# Available to the tests, and while DEBUG is on.
dev_urlpatterns = [
    path("dev/components/", component_gallery.components, name="dev_components"),
    path("dev/openings/<str:opening>/", component_gallery.opening, name="dev_opening"),
    path("dev/errors/<int:status>/", component_gallery.error, name="dev_error"),
]
if settings.DEBUG:
    urlpatterns += dev_urlpatterns
