"""Loaded by pytest before the settings: a test environment, and private servers where no address is given.

`make test` and a bare `pytest` both come through here; xdist's workers inherit what the controller started.
"""

import atexit
import gc
import os

import pytest

from tests.prepared import TEMPLATE, lay_out
from thrive.devserver.local import temporary_services


def _prepare() -> None:
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "thrive.settings",
            "DEBUG": "0",
            "SECRET_KEY": "only-for-tests-" * 4,
            "DATA_KEY": "another-only-for-tests-" * 4,
            "SITE_URL": "http://testserver",
            "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
            "CLINIC_EMAIL": "hello@clinic.test",
            "CLINICAL_REPLY_EMAIL": "clinicians@clinic.test",
            "CLINIC_PHONE": "+1 612 555 0142",
            "DEFAULT_FROM_EMAIL": "Thrive HQ <challenge@clinic.test>",
            "REQUIRE_STAFF_MFA": "1",
            "EMAIL_URL": "smtp://127.0.0.1:1",
            "LOG_FORMAT": "json",
        }
    )
    if not os.environ.get("DATABASE_URL"):
        services = temporary_services(lay_out)
        found, _ = services.__enter__()
        atexit.register(services.__exit__, None, None, None)
        os.environ.update(found.environment() | {TEMPLATE: "thrive"})
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    if "PYTEST_XDIST_WORKER" in os.environ:
        number = 2 + 2 * int(worker)
        for name, offset in (("REDIS_URL", 0), ("CACHE_URL", 1)):
            address = os.environ[name]
            os.environ[name] = (
                f"{address.split('?db=')[0]}?db={number + offset}"
                if address.startswith("unix://")
                else f"{address.rsplit('/', 1)[0]}/{number + offset}"
            )


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Collect garbage from now on, and only what the tests make."""
    gc.freeze()
    gc.enable()


_prepare()
# Importing all tests makes half a million objects that stay; to look through them again and again finds nothing.
gc.disable()
