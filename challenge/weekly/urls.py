"""URLs of the staff pages about messages and coming weeks, under /admin/targets/."""

from django.urls import path

from challenge.weekly import staff_views

app_name = "weekly_admin"
urlpatterns = [
    path("", staff_views.overview, name="messages"),
    path("messages/<int:pk>/", staff_views.message, name="message"),
    path("messages/<int:pk>/html/", staff_views.message_html, name="message_html"),
    path("messages/<int:pk>/again/", staff_views.message_again, name="message_again"),
    path("messages/<int:pk>/test/", staff_views.message_test, name="message_test"),
    path("addresses/again/", staff_views.addresses_again, name="addresses_again"),
    path("coming/<slug:cohort>/", staff_views.coming, name="coming"),
    path("coming/runners/<int:pk>/", staff_views.coming_runner, name="coming_runner"),
    path("coming/runners/<int:pk>/html/", staff_views.coming_html, name="coming_html"),
    path("coming/runners/<int:pk>/take-back/", staff_views.take_back, name="take_back"),
    path("write/<slug:cohort>/", staff_views.write_to_cohort, name="write"),
]
