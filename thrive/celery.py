"""The Celery app: a waker. What is due is in the database; a task carries ids, never content."""

import os
import sys
from typing import Any

from celery import Celery
from celery.signals import beat_init, celeryd_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")

app = Celery("thrive")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def refuse_a_wrong_environment(**kwargs: Any) -> None:
    """Worker and beat run no system checks, so they end here with the sentence."""
    if settings.ENVIRONMENT.problems:
        sys.exit(settings.ENVIRONMENT.sentence())
