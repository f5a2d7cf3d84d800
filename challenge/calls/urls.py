"""Addresses of the visitor's pages, and of the staff's under /admin/calls/."""

from django.urls import path

from challenge.calls import caller_views, check_in_views, day_views, staff_hours_views, staff_views, views

app_name = "calls"
urlpatterns = [
    path("", views.book, name="book"),
    path("check-in/", check_in_views.check_in, name="check_in"),
    path("again/", views.link_again, name="link_again"),
    path("feed/<str:token>/calls.ics", views.feed, name="feed"),
    path("confirm/<str:token>/", check_in_views.confirm, name="confirm"),
    path("<str:token>/", views.call, name="call"),
    path("<str:token>/move/", views.move, name="move"),
    path("<str:token>/cancel/", views.cancel, name="cancel"),
    path("<str:token>/call.ics", views.download, name="calendar_file"),
]

staff_urlpatterns = [
    path("", day_views.day, name="day"),
    path("week/", day_views.week, name="week"),
    path("feed/", day_views.desk_feed, name="desk_feed"),
    path("book/", staff_views.book, name="book"),
    path("squeeze-in/", caller_views.squeeze_in, name="squeeze_in"),
    path("check-in/<int:pk>/", check_in_views.book_for_runner, name="check_in"),
    path("check-in/<int:pk>/offer/", check_in_views.offer, name="offer_check_in"),
    path("<int:pk>/", staff_views.call, name="call"),
    path("<int:pk>/move/", staff_views.move, name="move"),
    path("<int:pk>/cancel/", staff_views.cancel, name="cancel"),
    path("<int:pk>/outcome/", staff_views.outcome, name="outcome"),
    path("<int:pk>/correct/", caller_views.correct, name="correct"),
    path("<int:pk>/resend/", caller_views.resend, name="resend"),
    path("<int:pk>/hand-over/", caller_views.hand_over, name="hand_over"),
    path("<int:pk>/phoned/", caller_views.phoned, name="phoned"),
    path("<int:pk>/followed-up/", caller_views.followed_up, name="followed_up"),
    path("<int:pk>/notes/", staff_views.notes, name="notes"),
    path("<int:pk>/seat/", staff_views.seat, name="seat"),
    path("hours/", staff_hours_views.people, name="people"),
    path("hours/begin/", staff_hours_views.begin_taking_calls, name="begin"),
    path("hours/<int:pk>/", staff_hours_views.hours, name="hours"),
    path("hours/<int:pk>/week/", staff_hours_views.set_week, name="set_week"),
    path("hours/<int:pk>/terms/", staff_hours_views.set_terms, name="set_terms"),
    path("hours/<int:pk>/date/", staff_hours_views.set_date, name="set_date"),
    path("hours/<int:pk>/leave/", staff_hours_views.enter_leave, name="enter_leave"),
    path("hours/<int:pk>/leave/<int:leave>/end/", staff_hours_views.end_leave, name="end_leave"),
    path("hours/<int:pk>/check-in/", staff_hours_views.set_check_in, name="set_check_in"),
    path("hours/<int:pk>/calendar/", staff_hours_views.enter_calendar, name="enter_calendar"),
    path("hours/<int:pk>/calendar/<int:calendar>/end/", staff_hours_views.end_calendar, name="end_calendar"),
    path("hours/<int:pk>/feed/", staff_hours_views.renew_feed, name="renew_feed"),
]
