"""Addresses of the staff's pages about messages and coming weeks, under /admin/targets/."""

from django.urls import path

from challenge.targets import staff_messages, staff_weeks

app_name = "targets_admin"
urlpatterns = [
    path("", staff_messages.overview, name="messages"),
    path("messages/<int:pk>/", staff_messages.message, name="message"),
    path("messages/<int:pk>/html/", staff_messages.message_html, name="message_html"),
    path("messages/<int:pk>/again/", staff_messages.message_again, name="message_again"),
    path("messages/<int:pk>/test/", staff_messages.message_test, name="message_test"),
    path("addresses/again/", staff_messages.addresses_again, name="addresses_again"),
    path("coming/<slug:cohort>/", staff_weeks.coming, name="coming"),
    path("coming/runners/<int:pk>/", staff_weeks.coming_runner, name="coming_runner"),
    path("coming/runners/<int:pk>/html/", staff_weeks.coming_html, name="coming_html"),
    path("coming/runners/<int:pk>/take-back/", staff_weeks.take_back, name="take_back"),
    path("write/<slug:cohort>/", staff_weeks.write_to_cohort, name="write"),
]
