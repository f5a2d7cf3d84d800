"""Each wrong or missing variable ends every process at start, with a sentence that names it and no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.check import PRODUCTION

ROOT = Path(__file__).resolve().parents[2]
BARE = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
NEEDED = sorted(set(PRODUCTION) - {"DEBUG", "TRUSTED_PROXY_COUNT"})
WRONG = {
    "SECRET_KEY": ["short"],
    "DATA_KEY": ["short", PRODUCTION["SECRET_KEY"]],
    "DEBUG": ["perhaps"],
    "SITE_URL": ["challenge.example", "ftp://x", "https://[x", "https://x:bad", "https://x/path", "https://u:p@x"],
    "ALLOWED_HOSTS": ["https://challenge.example", "a b", "challenge.example:8000"],
    "TRUSTED_PROXY_COUNT": ["-1", "one", "1.5", "²"],
    "DATABASE_URL": [
        "nonsense", "postgresql://", "postgresql://u:pass-word@host:5432/", "postgresql://u:p@host:bad/db",
        "mysql://u:p@host/db", "postgresql://u:p@host:99999/db",
    ],
    "PROGRAM_DATABASE_URL": ["nonsense", "mysql://u:p@host/db", "postgresql://u:p@host:bad/db"],
    "REDIS_URL": ["nonsense", "redis://", "redis://h:bad/0", "redis://h:99999/0", "redis://h:6379/x", "unix://?db=x"],
    "CACHE_URL": ["http://h", "redis://h:0/0", "redis://[h/0", "unix:///socket?db=-1"],
    "EMAIL_URL": [
        "nonsense", "smtp://", "smtp://h:bad", "smtp+foo://h", "smtp+tls://u:pass-word@:587", "anymail+postmark://",
        "anymail+nobody://KEY@", "anymail+mailgun://KEY@", "anymail+postmark://KEY@?webhook=name",
    ],
    "DEFAULT_FROM_EMAIL": ["Thrive HQ", "Thrive HQ <challenge@>"],
    "CLINIC_EMAIL": ["nobody", "@x"],
    "CLINICAL_REPLY_EMAIL": ["a b@x"],
    "CLINIC_TIME_ZONE": ["Mars"],
    "REQUIRE_STAFF_MFA": ["never"],
    "SENTRY_DSN": ["nonsense", "https://key@host/x", "https://host/1", "https://key@host:bad/1"],
    "RELEASE_URL": ["nonsense", "http://x.test/release.json", "https://u:pass-word@x.test/a", "https://x.test:8443/a"],
    "LOG_FORMAT": ["xml"],
    "SECRET_KEY_FALLBACKS": ["short"],
    "DATA_KEY_FALLBACKS": ["short"],
    "BACKUP_KEY": ["AGE-SECRET-KEY-1QQ"],
    "METRICS_TOKEN": ["short", "with blanks in it and thirty-two or more"],
    "PUSH_KEY": ["short", "x" * 44],
    "CLINIC_PHONE": ["+1 612 555 0142"],
    "INBOUND_MAIL_DOMAIN": ["clinic", "https://clinic.test", "a b.test", "in.clinic.test"],  # the last: no service
}  # fmt: skip
FREE_TEXT = {
    "ERASURE_LIST",
}  # the backup key is read by the backup commands
READ = """
import json, os, runpy, sys
found = []
for name, value in json.load(sys.stdin):
    kept = dict(os.environ)
    os.environ[name] = value
    problems = runpy.run_path("thrive/settings.py")["ENVIRONMENT"].problems
    found.append([[p.name, f"{p.sentence} {p.hint}"] for p in problems])
    os.environ.clear()
    os.environ.update(kept)
print(json.dumps(found))
"""
PROCESSES = {
    "web": ["-m", "gunicorn", "thrive.wsgi", "-c", "python:thrive.gunicorn_conf", "--bind", "127.0.0.1:0"],
    "worker": ["-m", "celery", "--app", "thrive", "worker"],
    "beat": ["-m", "celery", "--app", "thrive", "--quiet", "beat", "--pidfile="],
    "manage.py": ["manage.py", "migrate"],
}


def problems(cases: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """What the settings of production find wrong with each variable set so, names and sentences."""
    done = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=ROOT,
        env=BARE | PRODUCTION,
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[list[tuple[str, str]]] = json.loads(done.stdout)
    return found


def test_every_variable_has_a_wrong_value_or_is_free_text() -> None:
    from django.conf import settings

    assert set(WRONG) | FREE_TEXT == settings.ENVIRONMENT.read


def test_each_wrong_value_and_each_missing_one_is_a_sentence_that_names_its_variable() -> None:
    cases = [(name, value) for name, values in WRONG.items() for value in values]
    cases += [(name, "") for name in NEEDED]
    for (name, value), found in zip(cases, problems(cases), strict=True):
        assert [problem for problem, _ in found] == [name], (name, value, found)
        assert name in found[0][1]
        assert len(found[0][1]) > len(name) + 20, "how to mend it"
        assert "pass-word" not in found[0][1]


def test_what_a_clinic_would_write_is_right() -> None:
    right = [
        ("DATABASE_URL", "postgresql://thrive:p%40ss@db:5432/thrive?sslmode=require"),
        ("REDIS_URL", "rediss://:secret@queue:6380/3"),
        ("CACHE_URL", "unix:///run/valkey.sock?db=1"),
        ("EMAIL_URL", "smtp+tls://user:password@smtp.example:587"),
        ("EMAIL_URL", "anymail+mailgun://KEY@?domain=mg.clinic.test&webhook=NAME:SECRET"),
        ("SENTRY_DSN", "https://key@reports.example/12"),
        ("SENTRY_DSN", ""),
        ("SITE_URL", "https://challenge.example.org:8443/"),
        ("ALLOWED_HOSTS", "challenge.example.org, .clinic.test,10.0.0.7,[::1]"),
        ("DEFAULT_FROM_EMAIL", "Thrive HQ <challenge@clinic.test>"),
    ]
    assert problems(right) == [[] for _ in right]


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_ends_with_the_sentences(process: str, tmp_path: Path) -> None:
    wrong = {"SENTRY_DSN": "nonsense", "REDIS_URL": "redis://host:bad/0", "DATABASE_URL": ""}
    done = subprocess.run(
        [
            sys.executable,
            *PROCESSES[process],
            *([f"--schedule={tmp_path}/beat"] if process == "beat" else []),
        ],
        cwd=ROOT,
        env=BARE | PRODUCTION | wrong,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Traceback" not in said
    for name in wrong:
        assert f"{name} " in said, said
