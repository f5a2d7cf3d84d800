"""`manage.py doctor`: ask every part of an installation, from the outside where that is how people meet it.

Each check returns a tick's words, or raises Trouble with a sentence. None of them changes anything but the heartbeat
and the list of erasures, which is filled up as it is every hour.
"""

import smtplib
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import redis
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import DatabaseError, connection
from django.utils import timezone

from challenge.accounts.models import User
from challenge.operations.backup import (
    BackupFailed,
    InvalidBackup,
    InvalidKey,
    back_up,
    count_rows,
    parse_key,
)
from challenge.operations.models import Heartbeat
from challenge.operations.queries import BEAT, failing_checks
from challenge.operations.releases import release_sentences
from challenge.operations.site_checks import Trouble, check_forms, check_site
from challenge.privacy.actions import DamagedList, read_list, write_list
from thrive import VERSION

CLOCK_MAY_DIFFER_S = 5.0
TASK_WITHIN_S = 30.0
# The values of `.env.example` that belong to no one.
EXAMPLE_HOSTS = (".example", "example.org", "example.com", "demo.test")


@dataclass(frozen=True)
class Finding:
    """One line of the page: what was asked, whether it is well, and the words."""

    name: str
    well: bool
    words: str


PARTS = (
    "settings",
    "database",
    "clock",
    "queue",
    "cache",
    "worker",
    "site",
    "forms",
    "email",
    "erasures",
    "backup",
    "releases",
    "readiness",
)
# A press of the owner waits for the answer, and a proxy waits a minute. The backup is the nightly one's work.
PARTS_FOR_A_PAGE = tuple(part for part in PARTS if part != "backup")
TASK_WITHIN_FOR_A_PAGE_S = 10.0


def examine(
    *, mail_to: str, only: Collection[str] = PARTS, worker_within_s: float = TASK_WITHIN_S
) -> Iterator[Finding]:
    """Yield one finding for each check of `only`, in order; without `mail_to`, one states that no email was sent."""
    checks: dict[str, Callable[[], str]] = {
        "settings": _settings,
        "database": _database,
        "clock": _clock,
        "queue": _queue,
        "cache": _cache,
        "worker": lambda: _worker(worker_within_s),
        "site": check_site,
        "forms": check_forms,
        "email": lambda: _email(mail_to),
        "erasures": _erasures,
        "backup": _backup,
        "releases": _releases,
        "readiness": _readiness,
    }
    for name in (name for name in PARTS if name in only):
        check = checks[name]
        try:
            yield Finding(name, True, check())
        except Trouble as trouble:
            yield Finding(name, False, str(trouble))
        except DatabaseError:
            yield Finding(name, False, "not tried: the database does not answer")


def _settings() -> str:
    if settings.ENVIRONMENT.problems:
        raise Trouble(settings.ENVIRONMENT.sentence())
    for name in ("SITE_URL", "CLINIC_EMAIL", "CLINICAL_REPLY_EMAIL", "DEFAULT_FROM_EMAIL"):
        value = str(getattr(settings, name))
        host = urlsplit(value).hostname if "://" in value else parseaddr(value)[1].rpartition("@")[2]
        if not settings.DEBUG and (host or "").endswith(EXAMPLE_HOSTS):
            raise Trouble(f"{name} is still the example's: {value}")
    return "every variable can be read, none is the example's"


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version'), ssl, pg_has_role(current_user, relowner, 'USAGE') "
                "FROM pg_stat_ssl, pg_class WHERE pid = pg_backend_pid() AND relname = 'challenge_ledgerentry'"
            )
            version, encrypted, owns = cursor.fetchone() or ("that is empty", False, False)
    except DatabaseError as error:
        raise Trouble("the database does not answer") from error
    given = connection.get_connection_params()
    role = "; this role owns the tables (see PROGRAM_DATABASE_URL)" if owns else ""
    remote = not str(given.get("host") or "/").startswith("/")
    if encrypted and given.get("sslmode") != "verify-full":
        return f"PostgreSQL {version}, encrypted, its name not checked (sslmode=verify-full checks it){role}"
    return f"PostgreSQL {version}, {'encrypted' if encrypted else 'in clear' if remote else 'on this host'}{role}"


def _clock() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        difference_s = abs((cursor.fetchone()[0] - timezone.now()).total_seconds())
    if difference_s > CLOCK_MAY_DIFFER_S:
        raise Trouble(f"this host and the database differ by {difference_s:.0f} seconds")
    zones = set(User.objects.values_list("time_zone", flat=True).distinct()) | {settings.CLINIC_TIME_ZONE}
    if unknown := sorted(zones - available_timezones()):
        raise Trouble(f"this host does not know the time zone {unknown[0]}, which someone's weeks begin by")
    return f"this host and the database agree, and each of {len(zones)} time zones is known"


def _queue() -> str:
    try:
        with redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3) as client:
            client.ping()
            policy, log = _what_it_keeps(client)
    except (redis.RedisError, OSError) as error:
        raise Trouble(_why_silent("queue", error)) from error
    if policy not in {"noeviction", None}:
        raise Trouble(
            f"the queue forgets tasks when it is full: maxmemory-policy is {policy}, not noeviction"
        )
    keeps = (
        "keeps what it is given" if policy else "does not show its maxmemory-policy: it must be noeviction"
    )
    safe = ", encrypted, its certificate is good" if settings.REDIS_URL.startswith("rediss://") else ""
    return f"answers, {keeps}{', append-only file on' if log else ''}{safe}"


def _what_it_keeps(client: redis.Redis) -> tuple[str | None, bool]:
    """Return the policy of a full queue, None if it is not shown, and whether the append-only file is on.

    Providers refuse CONFIG, so it is read from INFO, which a role may be refused as well.
    """
    try:
        shown: dict[str, Any] = client.info("memory") | client.info("persistence")
    except redis.ResponseError:
        return None, False
    return shown.get("maxmemory_policy"), bool(shown.get("aof_enabled"))


def _why_silent(part: str, error: Exception) -> str:
    """Return the sentence about a server that gives no answer; its own words might hold an address."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return f"the {part}'s certificate is not good: a private authority's file goes into ssl_ca_certs"
    return f"the {part} does not answer: {type(error).__name__}"


def _cache() -> str:
    try:
        cache.set("doctor", "here", 10)
        found = cache.get("doctor")
    except (redis.RedisError, OSError) as error:
        raise Trouble(_why_silent("cache", error)) from error
    if found != "here":
        raise Trouble("the cache forgets what it was given a moment ago")
    return "answers"


def _worker(within_s: float) -> str:
    """Send a task and wait until the worker has done it."""
    before = _last_heartbeat()
    start = time.monotonic()
    try:
        current_app.send_task("challenge.heartbeat")
    except Exception as error:  # kombu raises many kinds
        raise Trouble("the queue takes no task") from error
    while time.monotonic() - start < within_s:
        if _last_heartbeat() != before:
            return f"a task went there and back in {time.monotonic() - start:.1f} seconds"
        time.sleep(0.2)
    raise Trouble(f"the worker did no task within {within_s:.0f} seconds")


def _last_heartbeat() -> datetime | None:
    return Heartbeat.objects.filter(name=BEAT).values_list("at", flat=True).first()


def _email(address: str) -> str:
    if not address:
        raise Trouble("not tried: write an address after the command, and look whether it arrives")
    message = EmailMessage(
        subject="The mail of your running challenge works",
        body="This is the test email of `manage.py doctor`. Nothing else to do.",
        to=[address],
        reply_to=[settings.CLINICAL_REPLY_EMAIL],
    )
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:
        raise Trouble(f"the mail server says: {_server_words(error)}") from error
    except Exception as error:  # an email service's own kinds
        raise Trouble(f"the email service says: {type(error).__name__}: {error}") from error
    return f"handed over for {address}: look whether it arrives, and not in spam"


def _server_words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, refusal = next(iter(error.recipients.values()))
        return f"{code} {refusal.decode(errors='replace')}"
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return f"{error.smtp_code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    return f"{type(error).__name__}: {error}"


def _erasures() -> str:
    """Fill up the list of erasures and read it: without it a restore brings back whom an older backup still holds."""
    if not settings.ERASURE_LIST:
        if settings.DEBUG:
            return "no list is kept while developing (ERASURE_LIST)"
        raise Trouble("ERASURE_LIST is not set: a restore brings back who was erased after the last backup")
    file = Path(settings.ERASURE_LIST)
    try:
        write_list(file)
        listed = len(read_list(file))
    except (DamagedList, OSError) as error:
        raise Trouble(f"the list of erasures cannot be kept: {error}") from error
    return f"listed outside the database: {listed}"


def _backup() -> str:
    """Make a backup in a temporary folder, open it, count its rows, remove it."""
    try:
        key = parse_key(settings.BACKUP_KEY)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "doctor.backup"
            size, rows = back_up(file, key=key), count_rows(file, key=key)
    except (InvalidKey, InvalidBackup, BackupFailed, OSError) as error:
        raise Trouble(str(error)) from error
    return f"made, opened and counted: {rows:,} rows, {size / 1e6:.1f} MB"


def _releases() -> str:
    if news := list(release_sentences(at=timezone.now())):
        raise Trouble(" ".join(news))
    if not settings.RELEASE_URL:
        return f"{VERSION} runs; no one is asked for a newer one (RELEASE_URL)"
    return f"{VERSION} runs, and no newer version or security fix is known"


def _readiness() -> str:
    if failing := failing_checks(at=timezone.now()):
        raise Trouble(" ".join(failing.values()))
    return "/health/ready/ has no trouble"
