"""Save a new version of the clinic's words."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from django.core.cache import cache
from django.db import connection, transaction
from redis.exceptions import RedisError

from challenge.clinic.models import ClinicVersion
from challenge.clinic.queries import CACHE_KEY, clinic_versions

LOCK = 7_310_021  # an advisory lock: there may be no row yet to lock


class ClinicChanged(Exception):
    """A colleague saved another version since the page was opened; `latest` is theirs."""

    def __init__(self, latest: ClinicVersion) -> None:
        super().__init__(f"{latest.author} saved a version while your page was open.")
        self.latest = latest


def save_clinic(
    *, words: Mapping[str, str], based_on: int, author: str, reason: str, at: datetime
) -> ClinicVersion:
    """Append a version; `based_on` is the id of the one that the page showed, 0 for none. Raises ClinicChanged.

    Saving what is in force already returns it and appends nothing.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        latest = clinic_versions().first()
        if latest is not None and latest.pk != based_on:
            raise ClinicChanged(latest)
        if latest is not None and all(getattr(latest, name) == value for name, value in words.items()):
            return latest
        saved = ClinicVersion.objects.create(**words, author=author[:120], reason=reason, at=at)
        transaction.on_commit(forget_cached)
    return saved


def forget_cached() -> None:
    """Let the next page read the new words; a cache that is down forgets within a minute by itself."""
    with suppress(RedisError, OSError):
        cache.delete(CACHE_KEY)
