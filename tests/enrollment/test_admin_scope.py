"""A clinician sees health data of their own cohorts alone, also in the admin's lists; every look is noted."""

from collections.abc import Iterator
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from challenge.accounts.models import AccessEntry, User
from challenge.care.models import PhaseChange
from challenge.enrollment.admin_base import CohortScoped
from challenge.enrollment.emergency_models import EmergencyAccess
from challenge.enrollment.models import CohortClinician, Enrollment, Seat
from challenge.mail.models import OutboxMessage
from challenge.workouts.models import Run
from tests.conftest import kept_for_a_module
from tests.factories.lives import make_life
from tests.factories.people import make_superuser, use_second_factor

pytestmark = pytest.mark.django_db


def leads_to_enrollment(model: type[models.Model], seen: frozenset[type] = frozenset()) -> bool:
    """Whether a required foreign key leads, over one table or more, to one runner's enrollment."""
    if model is Enrollment:
        return True
    parents = [f.related_model for f in model._meta.concrete_fields if f.many_to_one or f.one_to_one]
    return any(
        p not in seen and leads_to_enrollment(p, seen | {model}) for p in parents if isinstance(p, type)
    )


REGISTERED = [m for m in admin.site._registry if m._meta.app_label == "challenge"]
OF_A_RUNNER = [m for m in REGISTERED if leads_to_enrollment(m)]


# Owners read it, who read no health data: who opened a record, and why.
FOR_OWNERS = {EmergencyAccess}


@pytest.mark.parametrize("model", [m for m in OF_A_RUNNER if m not in FOR_OWNERS], ids=lambda m: m.__name__)
def test_what_belongs_to_a_runner_is_scoped(model: type[models.Model]) -> None:
    assert isinstance(admin.site._registry[model], CohortScoped)


@pytest.fixture(scope="module")
def kept_two(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    with kept_for_a_module(django_db_blocker):
        mine, other = make_life(marker="Mine"), make_life(marker="Others")
        clinician = CohortClinician.objects.get(cohort=mine.cohort).user
        yield SimpleNamespace(mine=mine, other=other, clinician=clinician)


@pytest.fixture
def two(client: Client, kept_two: SimpleNamespace, db: None) -> SimpleNamespace:
    """Two runners of two cohorts, and the signed-in clinician of the first."""
    two = deepcopy(kept_two)
    client.force_login(two.clinician)
    use_second_factor(client, two.clinician)
    return two


def rows(response: Any) -> list[Any]:
    return list(response.context_data["cl"].result_list)


MODELS = ("run", "strengthsession", "morning", "dailylife", "flag", "phasechange", "pause", "entryrevision")


@pytest.mark.parametrize("model", MODELS)
def test_a_list_shows_the_own_cohorts_rows(client: Client, two: SimpleNamespace, model: str) -> None:
    found = rows(client.get(reverse(f"admin:challenge_{model}_changelist")))
    assert found
    assert {row.enrollment for row in found} == {two.mine}


def test_filters_and_searches_do_not_reach_over(client: Client, two: SimpleNamespace) -> None:
    runs = reverse("admin:challenge_run_changelist")
    assert client.get(f"{runs}?enrollment__id__exact={two.other.pk}").status_code == 400
    assert client.get(f"{runs}?cohort={two.other.cohort.pk}").status_code == 400
    assert rows(client.get(f"{runs}?q={two.other.seat.email}")) == []
    seats = reverse("admin:challenge_seat_changelist")
    assert rows(client.get(f"{seats}?q={two.other.seat.email}")) == []
    mails = rows(client.get(reverse("admin:challenge_outboxmessage_changelist")))
    assert two.other.seat.email not in {m.to_email for m in mails}
    assert two.mine.seat.email in {m.to_email for m in mails}


@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_a_row_of_another_cohort_does_not_exist(client: Client, two: SimpleNamespace, page: str) -> None:
    for model, name in ((Run, "run"), (PhaseChange, "phasechange")):
        row = model.objects.filter(enrollment=two.other).latest("pk")
        response = client.get(reverse(f"admin:challenge_{name}_{page}", args=[row.pk]))
        assert response.status_code in {403, 404}, name
    mail = OutboxMessage.objects.filter(to_email=two.other.seat.email).latest("pk")
    assert client.get(reverse("admin:challenge_outboxmessage_change", args=[mail.pk])).status_code == 404
    assert client.get(reverse("admin:challenge_enrollment_change", args=[two.other.pk])).status_code == 404


def test_each_look_is_noted_once_a_runner(client: Client, two: SimpleNamespace) -> None:
    before = AccessEntry.objects.count()
    client.get(reverse("admin:challenge_entryrevision_changelist"))
    run = Run.objects.get(enrollment=two.mine)
    client.get(reverse("admin:challenge_run_change", args=[run.pk]))
    looks = AccessEntry.objects.order_by("pk")[before:]
    assert [(e.viewer, e.runner, e.what) for e in looks] == [
        (two.clinician, two.mine.seat.user, "the lists of staff: entry revision"),
        (two.clinician, two.mine.seat.user, "the lists of staff: run"),
    ]


def test_a_superuser_sees_their_own_cohorts_and_leaves_a_trace(client: Client, two: SimpleNamespace) -> None:
    root: User = make_superuser()
    client.force_login(root)
    use_second_factor(client, root)
    runs = reverse("admin:challenge_run_changelist")
    assert rows(client.get(runs)) == []
    CohortClinician.objects.create(cohort=two.other.cohort, user=root)
    assert {run.enrollment for run in rows(client.get(runs))} == {two.other}
    assert AccessEntry.objects.filter(viewer=root).count() == 1


def test_an_erased_runners_rows_show_without_a_trace_of_whom(client: Client, two: SimpleNamespace) -> None:
    Seat.objects.filter(pk=two.mine.seat.pk).update(user=None)
    assert client.get(reverse("admin:challenge_flag_changelist")).status_code == 200
