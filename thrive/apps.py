"""The app configuration of the project's wiring, and the system check of its environment."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


def check_environment(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Return an error for each wrong or missing variable, so that nothing starts half configured."""
    return [Error(p.sentence, hint=p.hint, id=f"thrive.{p.name}") for p in settings.ENVIRONMENT.problems]


class ThriveConfig(AppConfig):
    """The settings' system check, and the Celery app as the default of every process."""

    name = "thrive"

    def ready(self) -> None:
        # Importing the app makes it the default. Web processes and commands wake the worker too, and with the app that
        # Celery makes by itself they would look for a broker that is not there.
        import thrive.celery  # noqa: F401

        register(check_environment)
