"""An index of the parts' addresses, nothing else."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("challenge.pages.urls")),
    path("", include("challenge.intake.urls")),
]
