"""The product's Celery app with a beat and a lease quick enough for a test: `celery -A tests.faults.quick_celery`."""

from datetime import timedelta

import django

from thrive.celery import app

django.setup()

from challenge.mail import delivery  # noqa: E402 - after setup

delivery.LEASE = timedelta(seconds=4)
delivery.WAIT_FOR_SERVER = timedelta(seconds=1)
app.conf.beat_schedule = {
    "deliver-mail": {"task": "challenge.deliver_mail", "schedule": timedelta(seconds=1)}
}
