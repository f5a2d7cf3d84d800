"""What runners see of the review, at the root."""

from django.urls import path

from challenge.review import letters

urlpatterns = [path("messages/", letters.letters, name="messages")]
