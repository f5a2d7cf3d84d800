"""The URLs of the clinic's side of the conversation, under /admin/messages/."""

from django.urls import path

from challenge.messages import staff_views, together_views

app_name = "messages_admin"

urlpatterns = [
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
