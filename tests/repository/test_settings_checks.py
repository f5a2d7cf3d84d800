"""What cannot be meant ends the start with a sentence: each value read as a clinic's process would read it."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.check import PRODUCTION

ROOT = Path(__file__).resolve().parents[2]
KEY = "AGE-SECRET-KEY-1" + "Q" * 58
# One process reads the settings once for each case: a process for each would take minutes on a busy machine.
READ = """
import json, os, runpy, sys
bare = dict(os.environ)
found = []
for case in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(bare | case)
    problems = runpy.run_module("thrive.settings")["ENVIRONMENT"].problems
    found.append({p.name: f"{p.sentence} {p.hint}" for p in problems})
print(json.dumps(found))
"""
GOOD = {"BACKUP_KEY": KEY, "CLINIC_TIME_ZONE": "US/Central", "REDIS_URL": "rediss://queue.test:6379/0"}
CASES = [
    ("EMAIL_URL", "smtp+tls://u:p@ss@mail.test:587", "%40"),
    ("EMAIL_URL", "smtp+tls://u:p/ss@mail.test:587", "%2F"),
    ("EMAIL_URL", "smtp+tls://u:p#ss@mail.test:587", "%23"),
    ("EMAIL_URL", "smtp+tls://u:p$ss@mail.test:587", "%24"),
    ("EMAIL_URL", "anymail+postmark://k#ey@", "%23"),
    ("EMAIL_URL", "smtp+tls://u:pass@mail.test", "names no port"),
    ("EMAIL_URL", "smtps://u:pass@mail.test:465", "smtp+ssl://"),
    ("EMAIL_URL", "dummymail://", "sends nothing"),
    ("EMAIL_URL", "consolemail://", "sends nothing"),
    ("DATABASE_URL", "postgresql://u:p@ss@db.test:5432/thrive", "%40"),
    ("DATABASE_URL", "postgresql://u:p/ss@db.test:5432/thrive", "%2F"),
    ("DATABASE_URL", "postgresql://u:p#ss@db.test:5432/thrive", "%23"),
    ("DATABASE_URL", "postgresql://u:p$ss@db.test:5432/thrive", "%24"),
    ("DATABASE_URL", "postgresql://u:p@db.test:5432/thrive?sslmode=verify_full", "verify-full"),
    (
        "DATABASE_URL",
        "postgresql://u:p@db.test:5432/thrive?sslmode=verify-full&sslrootcert=/none.crt",
        "no such file",
    ),
    ("REDIS_URL", "redis://u:1#ss@queue.test:6379/0", "%23"),
    ("REDIS_URL", "rediss://:p@queue.test:6379/0?ssl_cert_reqs=none", "check of the certificate off"),
    ("REDIS_URL", "rediss://:p@queue.test:6379/0?ssl_check_hostname=false", "check of the certificate off"),
    ("CACHE_URL", "rediss://:p@cache.test:6379/0?ssl_ca_certs=/none.crt", "no such file"),
    ("CACHE_URL", "rediss://:p/ss@cache.test:6379/0", "%2F"),
    ("TRUSTED_PROXY_COUNT", "0", "redirect to itself"),
    ("DEBUG", "1", "SITE_URL is https"),
    ("CACHE_URL", PRODUCTION["REDIS_URL"], "push out the queue"),
    ("CACHE_URL", PRODUCTION["REDIS_URL"].removesuffix("/0"), "push out the queue"),
    ("ALLOWED_HOSTS", "www.example.org", "'challenge.example.org'"),
    ("BACKUP_KEY", "AGE-SECRET-KEY-1QQQ", "58 characters"),
    ("SECRET_KEY_FALLBACKS", "short", "too short"),
    ("SECRET_KEY_FALLBACKS", PRODUCTION["SECRET_KEY"], "the present one"),
    ("DATA_KEY_FALLBACKS", "short", "too short"),
    ("DATA_KEY_FALLBACKS", PRODUCTION["DATA_KEY"], "the present one"),
    ("DATA_KEY", PRODUCTION["SECRET_KEY"], "same as SECRET_KEY"),
    ("CLINIC_PHONE", "+1 612 555 0142", "kept for fiction"),
    ("CLINIC_PHONE", "(612) 555-0199", "kept for fiction"),
    ("CLINIC_PHONE", "see our website", "no telephone can dial"),
    ("CLINIC_PHONE", "555 1234", "no telephone can dial"),
]


@cache
def problems() -> list[dict[str, str]]:
    """The sentences of a start with good values, then of one with each case's value, by variable."""
    values = [GOOD, *({name: value} for name, value, _ in CASES)]
    bare = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
    done = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=ROOT,
        env=bare | PRODUCTION,
        input=json.dumps(values),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


def test_the_good_values_have_no_problem() -> None:
    assert problems()[0] == {}


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: "-".join(CASES[number][::2]))
def test_a_value_that_cannot_be_meant_is_refused(number: int) -> None:
    name, _, says = CASES[number]
    found = problems()[number + 1]
    assert list(found) == [name]
    assert says in found[name]
    assert "ss@" not in found[name]


def test_the_queue_asks_for_a_certificate() -> None:
    code = (
        "from thrive import settings; import django; django.setup(); from thrive.celery import app;"
        "print(app.connection_for_write().ssl['ssl_cert_reqs'].name)"
    )
    bare = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=bare
        | PRODUCTION
        | {"REDIS_URL": "rediss://queue.test:6379/0", "DJANGO_SETTINGS_MODULE": "thrive.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "CERT_REQUIRED"
