"""Fixtures for every test. PostgreSQL and Valkey are real; mail goes to a list unless a test starts a mail server."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, TransactionTestCase, override_settings

from challenge.accounts.models import User
from challenge.clinic.queries import CACHE_KEY, with_defaults
from tests.factories.people import make_clinician, make_runner_user, make_superuser
from tests.prepared import TEMPLATE

NOW = datetime(2026, 1, 7, 15, 0, tzinfo=UTC)  # a Wednesday, 09:00 in Chicago


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Copy the migrated database if the servers began with one; migrating takes much longer."""
    if name := os.environ.get(TEMPLATE):
        connection.settings_dict["TEST"]["TEMPLATE"] = name


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each process begin with its part of the long tests, so that none is left alone with one at the end.

    With `--dist worksteal` a process begins with its own share of the list.
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if item.get_closest_marker("long")]
    others = iter([item for item in items if not item.get_closest_marker("long")])
    ordered: list[pytest.Item] = []
    for number in range(processes):
        share = long[number::processes]
        size = (len(items) - len(ordered)) // (processes - number)
        ordered += [*share, *islice(others, max(0, size - len(share)))]
    items[:] = [*ordered, *others]


@contextmanager
def kept_for_a_module(blocker: Any) -> Iterator[None]:
    """Keep the rows that a module's fixture writes, for all tests of the module; each test takes back only its own.

    For fixtures with the scope of a module, `blocker` is pytest-django's `django_db_blocker`. Every test of that module
    that uses the database meets the rows, and none may have transactions of its own. Hand out deep copies of objects.
    """
    with blocker.unblock():
        whole = transaction.atomic()
        # As in Django's TestCase: `durable` blocks may begin inside.
        whole._from_testcase = True  # type: ignore[attr-defined]
        with whole:
            yield
            transaction.set_rollback(True)


@pytest.fixture(scope="session", autouse=True)
def quick_settings() -> Iterator[None]:
    """Serve static files by their plain names, and hash passwords with one round.

    Only the real server collects a manifest, and without this every test client reads all collected files before its
    first request. The real hash is slow on purpose; the running programs of the journeys keep it.
    """
    files = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(
        WHITENOISE_AUTOREFRESH=True,
        STORAGES=settings.STORAGES | files,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield


# What migrating writes; a test with transactions of its own leaves it as it was.
WRITTEN_BY_MIGRATING = {
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "django_migrations",
}


def _delete_rows(case: TransactionTestCase) -> None:
    """Delete the rows of every table that has some.

    Django truncates all tables and writes all permissions again: thirty times as long.
    """
    with connection.cursor() as cursor:
        names = [
            name for name in connection.introspection.table_names(cursor) if name not in WRITTEN_BY_MIGRATING
        ]
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)
        )
        filled = [name for (name,) in cursor.fetchall()]
        # No guard and no foreign key judges what empties the whole database.
        cursor.execute("SET session_replication_role = replica")
        for name in filled:
            cursor.execute(f"DELETE FROM {name}")
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.fixture(scope="session", autouse=True)
def quick_clean_up() -> None:
    """Let tests with transactions of their own clean up by deleting rows."""
    TransactionTestCase._fixture_teardown = _delete_rows  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Clear the rate limits and sessions that a test left; the clinic's words are cached, as in a program that runs."""
    cache.clear()
    cache.set(CACHE_KEY, with_defaults({}))


@pytest.fixture(autouse=True)
def quiet_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish no wake-ups: unit tests have no worker. The whole program in tests.program has a real one."""
    monkeypatch.setattr("celery.app.base.Celery.send_task", lambda *args, **kwargs: None)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def runner(db: None) -> User:
    return make_runner_user()


@pytest.fixture
def clinician(db: None) -> User:
    return make_clinician()


@pytest.fixture
def superuser(db: None) -> User:
    return make_superuser()


@pytest.fixture
def runner_client(client: Client, runner: User) -> Client:
    client.force_login(runner)
    return client
