"""A pytest plugin that writes each failure when it happens: a long run that is cut off has not hidden it.

`python -m pytest -p tests.failures_at_once ...`
"""

import sys

import pytest


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write name, phase and traceback of a test that failed."""
    if report.failed:
        sys.stderr.write(f"\nFAILED {report.nodeid} ({report.when})\n{report.longreprtext}\n")
        sys.stderr.flush()
