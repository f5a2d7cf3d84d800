"""The runner's own page of messages, at the root."""

from django.urls import path

from challenge.review import message_views

urlpatterns = [path("messages/", message_views.message_list, name="messages")]
