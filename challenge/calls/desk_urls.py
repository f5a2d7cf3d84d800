"""Addresses of the staff's pages, under /admin/calls/."""

from django.urls import path

from challenge.calls import desk, desk_hours

app_name = "calls_admin"
urlpatterns = [
    path("", desk.week, name="week"),
    path("book/", desk.book, name="book"),
    path("<int:pk>/", desk.call, name="call"),
    path("<int:pk>/move/", desk.move, name="move"),
    path("<int:pk>/cancel/", desk.cancel, name="cancel"),
    path("<int:pk>/outcome/", desk.outcome, name="outcome"),
    path("<int:pk>/notes/", desk.notes, name="notes"),
    path("<int:pk>/seat/", desk.seat, name="seat"),
    path("hours/", desk_hours.people, name="people"),
    path("hours/begin/", desk_hours.begin, name="begin"),
    path("hours/<int:pk>/", desk_hours.hours, name="hours"),
    path("hours/<int:pk>/week/", desk_hours.set_week, name="set_week"),
    path("hours/<int:pk>/terms/", desk_hours.set_terms, name="set_terms"),
    path("hours/<int:pk>/date/", desk_hours.set_date, name="set_date"),
    path("hours/<int:pk>/leave/", desk_hours.enter_leave, name="enter_leave"),
    path("hours/<int:pk>/leave/<int:leave>/end/", desk_hours.end_leave, name="end_leave"),
    path("hours/<int:pk>/feed/", desk_hours.renew_feed, name="renew_feed"),
]
