"""The program's addresses with those that only DEBUG shows, for the tests that look at every page."""

from django.urls import include, path

from challenge.pages.urls import dev_urlpatterns
from thrive.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]

urlpatterns = [*dev_urlpatterns, path("", include("thrive.urls"))]
