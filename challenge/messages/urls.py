"""The URLs of the runner's conversation, and of the clinic's side of it under /admin/messages/."""

from django.urls import path

from challenge.messages import staff_views, together_views, views

urlpatterns = [
    path("messages/", views.message_list, name="messages"),
    path("messages/draft/", views.draft, name="messages_draft"),
    path("messages/read/", views.read, name="messages_read"),
    path("messages/emails/", views.email_wish, name="messages_emails"),
    path("together/", together_views.wall, name="together"),
    path("together/join/", together_views.join, name="together_join"),
    path("together/leave/", together_views.leave, name="together_leave"),
    path("together/nods/<int:number>/", together_views.nod, name="together_nod"),
    path("messages/<int:pk>/check/", views.stop_check, name="message_check"),
    path("messages/pictures/<int:pk>/", views.picture, name="message_picture"),
]

staff_urlpatterns = [
    path("", staff_views.open_conversations, name="open"),
    path("runners/<int:pk>/", staff_views.conversation, name="conversation"),
    path(
        "runners/<int:pk>/templates/<int:template>/delete/",
        staff_views.delete_template,
        name="delete_template",
    ),
    path("cohorts/<slug:cohort>/note/", together_views.note_of_week, name="note_of_week"),
    path("pictures/<int:pk>/", staff_views.picture, name="picture"),
]
