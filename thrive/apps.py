from django.apps import AppConfig


class ThriveConfig(AppConfig):
    """The wiring: settings, their checks, the Celery app that shared tasks bind to."""

    name = "thrive"

    def ready(self) -> None:
        from thrive import checks  # noqa: F401 - both register themselves once settings are loaded
