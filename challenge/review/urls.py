"""Addresses of the clinicians' pages, under /admin/review/."""

from django.urls import path

from challenge.review import cohort_views, views

app_name = "review"
urlpatterns = [
    path("", views.cohorts, name="cohorts"),
    path("<slug:cohort>/", views.cohort_board, name="board"),
    path("<slug:cohort>/report/", cohort_views.cohort_report, name="report"),
    path("<slug:cohort>/report.csv", cohort_views.cohort_report_csv, name="report_csv"),
    path("<slug:cohort>/what-if/", cohort_views.cohort_what_if, name="what_if"),
    path("<slug:cohort>/what-if/sign/", cohort_views.sign_numbers, name="sign_numbers"),
    path("<slug:cohort>/approve/", views.approve, name="approve"),
    path("<slug:cohort>/runners/<int:pk>/", views.runner, name="runner"),
    path("<slug:cohort>/runners/<int:pk>/flags/<int:flag>/take/", views.take, name="take"),
    path("<slug:cohort>/runners/<int:pk>/flags/<int:flag>/close/", views.close, name="close"),
    path("<slug:cohort>/runners/<int:pk>/address/", views.confirm_address, name="confirm_address"),
    path("<slug:cohort>/runners/<int:pk>/<slug:what>/", views.decide, name="decide"),
]
