"""Addresses of the clinicians' pages, under /admin/review/."""

from django.urls import path

from challenge.review import answer_views, cohort_views, views

app_name = "review"
urlpatterns = [
    path("", views.cohorts, name="cohorts"),
    path("<slug:cohort>/", views.cohort_board, name="board"),
    path("<slug:cohort>/report/", cohort_views.cohort_report, name="report"),
    path("<slug:cohort>/report.csv", cohort_views.cohort_report_csv, name="report_csv"),
    path("<slug:cohort>/what-if/", cohort_views.cohort_what_if, name="what_if"),
    path("<slug:cohort>/what-if/sign/", cohort_views.sign_numbers, name="sign_numbers"),
    path("<slug:cohort>/approve/", answer_views.approve, name="approve"),
    path("<slug:cohort>/answers/", answer_views.answer_many, name="answer_many"),
    path("<slug:cohort>/next/", answer_views.next_waiting, name="next"),
    path("<slug:cohort>/runners/<int:pk>/", views.runner, name="runner"),
    path("<slug:cohort>/runners/<int:pk>/flags/<int:flag>/take/", answer_views.take, name="take"),
    path("<slug:cohort>/runners/<int:pk>/flags/<int:flag>/close/", answer_views.close, name="close"),
    path("<slug:cohort>/runners/<int:pk>/undo/", answer_views.undo, name="undo"),
    path("<slug:cohort>/runners/<int:pk>/address/", views.confirm_address, name="confirm_address"),
    path("<slug:cohort>/runners/<int:pk>/<slug:what>/", views.decide, name="decide"),
]
