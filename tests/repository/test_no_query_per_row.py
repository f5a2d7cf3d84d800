"""No page of the staff asks the database once a row: zeal watches every list of the admin and the review pages."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from zeal import NPlusOneError, zeal_context
from zeal.constants import initialize_app_registry
from zeal.patch import patch

from challenge.accounts.models import User
from challenge.enrollment.models import Cohort, CohortClinician, Enrollment
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.lives import fill_life
from tests.factories.people import make_clinician, make_superuser, use_second_factor
from tests.factories.weekly import decide_week
from tests.review.conftest import moment, monday

pytestmark = pytest.mark.django_db
LISTS = sorted(str(m._meta.model_name) for m in admin.site._registry if m._meta.app_label == "challenge")


@pytest.fixture(scope="module", autouse=True)
def watch() -> None:
    initialize_app_registry()
    patch()


@pytest.fixture
def cohort(db: None) -> Cohort:
    """Three runners of one cohort, each with something of everything and a week decided."""
    cohort = make_cohort(starts_on=monday(1), opens_at=moment(monday(5)))
    for number in range(3):
        runner = enroll(cohort=cohort)
        fill_life(runner, make_clinician(), marker=f"number {number}")
        decide_week(enrollment=runner, week_starts_on=monday(), at=min(moment(monday(), 13), timezone.now()))
    return cohort


@pytest.fixture
def root(client: Client, cohort: Cohort) -> Client:
    user: User = make_superuser()
    CohortClinician.objects.create(cohort=cohort, user=user)
    client.force_login(user)
    use_second_factor(client, user)
    return client


def test_every_list_of_the_admin(root: Client, cohort: Cohort) -> None:
    long = 0
    for model in LISTS:
        with zeal_context():
            page = root.get(reverse(f"admin:challenge_{model}_changelist"))
        assert page.status_code == 200, model
        long += len(page.context_data["cl"].result_list) > 2  # type: ignore[index]
    assert long > 15


def test_the_pages_of_the_review(root: Client, cohort: Cohort) -> None:
    board = f"/admin/review/{cohort.slug}/"
    runner = Enrollment.objects.filter(seat__cohort=cohort).latest("pk")
    for path in (
        board,
        f"{board}report/",
        f"{board}what-if/?name=settle_days&value=60",
        f"{board}runners/{runner.pk}/",
    ):
        with zeal_context():
            assert root.get(path).status_code == 200, path


def test_a_query_per_row_is_seen(cohort: Cohort) -> None:
    runners = Enrollment.objects.filter(seat__cohort=cohort)
    with pytest.raises(NPlusOneError), zeal_context():
        assert [runner.seat.number for runner in runners]
