"""The app configuration of the project's wiring."""

from django.apps import AppConfig


class ThriveConfig(AppConfig):
    """Settings, their system checks and the Celery app that shared tasks bind to."""

    name = "thrive"

    def ready(self) -> None:
        from thrive import checks  # noqa: F401 - registers the system checks
