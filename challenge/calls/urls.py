"""Addresses of the visitor's pages."""

from django.urls import path

from challenge.calls import check_in_views, confirm_views, views

app_name = "calls"
urlpatterns = [
    path("", views.book, name="book"),
    path("check-in/", check_in_views.check_in, name="check_in"),
    path("again/", views.link_again, name="link_again"),
    path("feed/<str:token>/calls.ics", views.feed, name="feed"),
    path("confirm/<str:token>/", confirm_views.confirm, name="confirm"),
    path("<str:token>/", views.call, name="call"),
    path("<str:token>/move/", views.move, name="move"),
    path("<str:token>/cancel/", views.cancel, name="cancel"),
    path("<str:token>/call.ics", views.download, name="calendar_file"),
]
