"""The program's own settings, with a beat that comes round in seconds where the real one takes up to a minute."""

from datetime import timedelta

from thrive.schedule import SCHEDULE
from thrive.settings import *  # noqa: F403

LONGEST = timedelta(seconds=5)
CELERY_BEAT_SCHEDULE = {
    name: job | {"schedule": min(job["schedule"], LONGEST)}
    for name, job in SCHEDULE.items()
    if job["schedule"] <= timedelta(minutes=1)
}
