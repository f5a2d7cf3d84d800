"""What the settings become where the clinic's own environment is given."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import global_settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from tests.check import PRODUCTION

ROOT = Path(__file__).resolve().parents[2]
NAMES = [
    "DEBUG",
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "CSRF_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SAMESITE",
    "SESSION_COOKIE_DOMAIN",
    "SESSION_COOKIE_PATH",
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_PROXY_SSL_HEADER",
    "REQUIRE_STAFF_MFA",
    "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN",
    "ALLOWED_HOSTS",
    "SESSION_COOKIE_AGE",
    "ACCOUNT_PREVENT_ENUMERATION",
    "PASSWORD_HASHERS",
    "MESSAGE_STORAGE",
]
PRINT = (
    "import json; from thrive import settings as s; print(json.dumps({{n: getattr(s, n, None) for n in {}}}))"
)


@pytest.fixture(scope="module")
def production() -> dict[str, Any]:
    code = PRINT.format(NAMES)
    bare = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=bare | PRODUCTION,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_cookies_belong_to_this_host_alone_and_travel_encrypted(production: dict[str, Any]) -> None:
    assert production["SESSION_COOKIE_NAME"] == "__Host-session"
    assert production["CSRF_COOKIE_NAME"] == "__Host-csrf"
    assert production["MESSAGE_STORAGE"] == "thrive.backends.MessageStorage"
    for name in (
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SESSION_COOKIE_HTTPONLY",
        "CSRF_COOKIE_HTTPONLY",
    ):
        assert production[name] is True, name
    assert production["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert production["SESSION_COOKIE_DOMAIN"] is None
    assert production["SESSION_COOKIE_PATH"] in {None, "/"}
    assert production["SESSION_COOKIE_AGE"] == 14 * 24 * 3600


def test_everything_goes_over_tls(production: dict[str, Any]) -> None:
    assert production["SECURE_SSL_REDIRECT"] is True
    assert production["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600
    assert production["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
    assert production["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]


def test_nothing_of_development_is_left_on(production: dict[str, Any]) -> None:
    assert production["DEBUG"] is False
    assert production["REQUIRE_STAFF_MFA"] is True
    assert production["MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN"] is False
    assert production["ALLOWED_HOSTS"] == ["challenge.example.org"]
    assert production["ACCOUNT_PREVENT_ENUMERATION"] is True


def test_passwords_are_hashed_slowly(production: dict[str, Any]) -> None:
    """Django's own choice, as no other is named."""
    assert production["PASSWORD_HASHERS"] is None
    assert global_settings.PASSWORD_HASHERS[0].endswith("PBKDF2PasswordHasher")
    assert PBKDF2PasswordHasher.iterations >= 600_000, "what OWASP advises for PBKDF2 with SHA-256"
