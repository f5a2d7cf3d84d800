"""The environment: read in one place, listed in one file, refused with a sentence."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from thrive.apps import check_environment
from thrive.environment import Environment

ROOT = Path(__file__).resolve().parents[2]
LISTED = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))


def test_the_example_lists_what_the_settings_read_and_nothing_else() -> None:
    assert settings.ENVIRONMENT.read == LISTED


def test_each_variable_is_explained_in_the_operations_guide() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text()
    assert sorted(name for name in LISTED if f"`{name}`" not in guide) == []


def test_nothing_else_reads_the_environment() -> None:
    readers = [
        str(p.relative_to(ROOT))
        for folder in ("challenge", "thrive")
        for p in (ROOT / folder).rglob("*.py")
        if re.search(r"os\.environ(?!\.setdefault\(\"DJANGO_SETTINGS_MODULE\")|os\.getenv", p.read_text())
    ]
    allowed = {
        "thrive/environment.py",
        "thrive/healthcheck.py",  # asked every 15 seconds: it does not load the settings
        "thrive/devserver/local.py",
        "thrive/devserver/supervisor.py",
        "thrive/devserver/children.py",
        "thrive/devserver/reaper.py",
    }
    assert set(readers) <= allowed


@pytest.mark.parametrize(
    ("name", "value", "read", "sentence"),
    [
        ("DEBUG", "perhaps", lambda e: e.switch("DEBUG"), "neither on nor off"),
        ("TRUSTED_PROXY_COUNT", "-1", lambda e: e.count("TRUSTED_PROXY_COUNT"), "not a whole number"),
        (
            "LOG_FORMAT",
            "xml",
            lambda e: e.one_of("LOG_FORMAT", ("json", "console"), "json"),
            "LOG_FORMAT is 'xml'",
        ),
        ("CLINIC_TIME_ZONE", "Mars", lambda e: e.time_zone("CLINIC_TIME_ZONE", "UTC"), "not a time zone"),
        (
            "SITE_URL",
            "ftp://x",
            lambda e: e.web_address("SITE_URL", "http://a", needed=True),
            "not a web address",
        ),
        (
            "CLINIC_EMAIL",
            "nobody",
            lambda e: e.email("CLINIC_EMAIL", "a@b", needed=True),
            "not an email address",
        ),
        (
            "SECRET_KEY",
            "",
            lambda e: e.required("SECRET_KEY", "x", needed=True, hint="h"),
            "SECRET_KEY is not set",
        ),
    ],
)
def test_a_wrong_value_is_a_sentence_that_names_it(
    name: str, value: str, read: object, sentence: str
) -> None:
    environment = Environment({name: value})
    read(environment)  # type: ignore[operator]
    assert [p.name for p in environment.problems] == [name]
    assert sentence in environment.sentence()
    assert environment.problems[0].hint


def test_a_wrong_address_never_shows_its_password() -> None:
    environment = Environment({"DATABASE_URL": "postgres://u:secret@[broken"})

    def parse(raw: str) -> str:
        if "broken" in raw:
            raise ValueError(raw)
        return raw

    environment.parsed("DATABASE_URL", "fine", parse, hint="")
    assert "secret" not in environment.sentence()


def test_problems_become_system_checks(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Environment({"DEBUG": "perhaps"})
    wrong.switch("DEBUG")
    settings.ENVIRONMENT = wrong  # type: ignore[attr-defined]
    assert [e.id for e in check_environment(None)] == ["thrive.DEBUG"]
