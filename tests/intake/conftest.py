"""Answers as a browser sends them."""

import pytest

from challenge.enrollment.models import Cohort
from tests.factories.cohorts import make_cohort
from tests.intake.pages import OPEN_AT


@pytest.fixture
def cohort(db: None) -> Cohort:
    """A public cohort that is open at OPEN_AT."""
    return make_cohort(capacity=3, opens_at=OPEN_AT, starts_on="2026-01-12")
