"""The WSGI application. It ends with a sentence on a wrong setting, because gunicorn runs no system checks."""

import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")
if settings.ENVIRONMENT.problems:
    sys.exit(settings.ENVIRONMENT.sentence())
application = get_wsgi_application()

from challenge.operations.data_key import wrong_key_at_start  # noqa: E402 - models need the apps

if sentence := wrong_key_at_start():
    sys.exit(sentence)
