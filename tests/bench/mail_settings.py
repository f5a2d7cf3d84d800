"""The product's settings plus django-post-office, for the mail benchmark only."""

from thrive.settings import *  # noqa: F403 - settings are made of names
from thrive.settings import DATABASES, INSTALLED_APPS

DEBUG = False  # under DEBUG, Django stores the text of every statement
INSTALLED_APPS = [*INSTALLED_APPS, "post_office"]
MIGRATION_MODULES = {"post_office": None}
DATABASES = {"default": DATABASES["default"] | {"CONN_MAX_AGE": None}}
POST_OFFICE = {
    "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
    "BATCH_SIZE": 1000,
    "THREADS_PER_PROCESS": 1,
    "LOG_LEVEL": 0,
    "CELERY_ENABLED": False,
    "TEMPLATE_ENGINE": "django",
}
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
