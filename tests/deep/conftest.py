"""The installation in containers that several files of tests share: building it takes minutes. Nothing is skipped."""

from collections.abc import Generator
from typing import Any

import pytest

from tests.deep.containers.installation import site

__all__ = ["site"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a skipped test fail: what cannot run here was not shown."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        reason: Any = report.longrepr
        report.outcome = "failed"
        report.longrepr = f"`make deep` skips nothing. {reason[2] if isinstance(reason, tuple) else reason}"
    return report
