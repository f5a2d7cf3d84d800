"""System checks for the environment, so that nothing starts half configured."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def environment(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    return [Error(p.sentence, hint=p.hint, id=f"thrive.{p.name}") for p in settings.ENVIRONMENT.problems]
