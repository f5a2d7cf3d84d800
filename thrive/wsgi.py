"""The WSGI application. It ends with a sentence on a wrong configuration, because gunicorn runs no system checks."""

import os
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thrive.settings")
if settings.ENVIRONMENT.problems:
    sys.exit(settings.ENVIRONMENT.sentence())
application = get_wsgi_application()
