"""Who looked at whose data."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from challenge.accounts.actions import record_access, record_accesses
from challenge.accounts.models import AccessEntry, User
from challenge.accounts.queries import accesses_to
from challenge.enrollment.models import Cohort, CohortClinician, Enrollment
from challenge.mail.actions import put_in_outbox
from challenge.mail.models import AddressState, MessageKind, OutboxMessage
from tests.conftest import kept_for_a_module
from tests.factories.lives import make_life
from tests.factories.people import make_front_desk, make_superuser, sign_in_now, use_second_factor
from tests.factories.weekly import decide_week

pytestmark = pytest.mark.django_db


def test_a_look_is_kept_with_who_whose_what_and_when(clinician: User, runner: User, now: datetime) -> None:
    record_access(viewer=clinician, runner=runner, what="runner page", at=now)
    entry = accesses_to(runner).get()
    assert (entry.viewer, entry.what, entry.at) == (clinician, "runner page", now)


def test_looking_at_ones_own_data_is_no_entry(runner: User, now: datetime) -> None:
    record_access(viewer=runner, runner=runner, what="runner page", at=now)
    assert not accesses_to(runner).exists()


def test_many_looks_are_one_entry_a_runner_page_and_day(clinician: User, runner: User, now: datetime) -> None:
    for what in ("board", "board", "report"):
        record_accesses(viewer=clinician, runners=[runner.pk, clinician.pk], what=what, at=now)
    assert sorted(accesses_to(runner).values_list("what", flat=True)) == ["board", "report"]
    record_accesses(viewer=clinician, runners=[runner.pk], what="board", at=now + timedelta(days=1))
    assert AccessEntry.objects.filter(viewer=clinician).count() == 3


SHOWN_TO_CLINICIANS = (
    "/admin/review/{cohort}/",
    "/admin/review/{cohort}/report/",
    "/admin/review/{cohort}/report.csv",
    "/admin/review/{cohort}/runners/{runner}/",
    "/admin/targets/",
    "/admin/targets/messages/{message}/",
    "/admin/targets/coming/{cohort}/",
)
SHOWN_TO_THE_DESK = ("/admin/seats/{cohort}/", "/admin/challenge/seat/", "/admin/challenge/ledgerentry/")


@pytest.fixture(scope="module")
def kept_life(django_db_setup: None, django_db_blocker: Any) -> Iterator[Enrollment]:
    with kept_for_a_module(django_db_blocker):
        life = make_life()
        today = timezone.localdate()
        monday = today - timedelta(days=today.weekday())
        Cohort.objects.filter(pk=life.cohort.pk).update(starts_on=monday)
        decide_week(enrollment=life, week_starts_on=monday, at=timezone.now())
        yield life


@pytest.fixture
def life(kept_life: Enrollment, db: None) -> Enrollment:
    """A runner with something of everything, in a challenge that runs now and has decided its first week."""
    return deepcopy(kept_life)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    use_second_factor(client, user)
    return client


def looks(viewer: User, runner: Enrollment) -> int:
    return AccessEntry.objects.filter(viewer=viewer, runner=runner.seat.user).count()


@pytest.mark.parametrize("address", SHOWN_TO_CLINICIANS)
def test_each_page_of_clinicians_with_a_runners_data_leaves_an_entry(life: Enrollment, address: str) -> None:
    viewer = CohortClinician.objects.get(cohort=life.cohort).user
    before = looks(viewer, life)
    message = OutboxMessage.objects.filter(about=life.about).latest("pk")
    path = address.format(cohort=life.cohort.slug, runner=life.pk, message=message.pk)
    assert signed_in(viewer).get(path).status_code == 200
    assert looks(viewer, life) == before + 1


@pytest.mark.parametrize("address", SHOWN_TO_THE_DESK)
def test_each_page_of_the_desk_with_a_runners_contact_leaves_an_entry(life: Enrollment, address: str) -> None:
    viewer = make_front_desk()
    assert signed_in(viewer).get(address.format(cohort=life.cohort.slug)).status_code == 200
    assert looks(viewer, life) == 1


def test_the_desks_export_leaves_an_entry(life: Enrollment) -> None:
    viewer = make_front_desk()
    client = Client()
    sign_in_now(client, viewer)
    use_second_factor(client, viewer)
    assert client.post(f"/admin/seats/{life.cohort.slug}/export/").status_code == 200
    assert looks(viewer, life) == 1


OF_NO_RUNNER = {"accessentry", "availability", "cohort", "exercisevideo", "loadedquestionnaire", "teammember"}
LISTS = sorted(str(m._meta.model_name) for m in admin.site._registry if m._meta.app_label == "challenge")


@pytest.mark.parametrize("model", [name for name in LISTS if name not in OF_NO_RUNNER])
def test_each_list_and_page_of_the_admin_with_a_runners_rows_leaves_an_entry(
    life: Enrollment, model: str
) -> None:
    viewer, other = make_superuser(), make_superuser()
    for one in (viewer, other):
        CohortClinician.objects.create(cohort=life.cohort, user=one)
    client = signed_in(viewer)
    kind = next(m for m in admin.site._registry if m._meta.model_name == model)
    assert kind._default_manager.exists(), "a life has no row of this kind: give it one"
    listed = client.get(reverse(f"admin:challenge_{model}_changelist"))
    assert listed.status_code == 200
    assert looks(viewer, life) == 1
    for row in listed.context_data["cl"].result_list:  # type: ignore[index]
        assert (
            signed_in(other).get(reverse(f"admin:challenge_{model}_change", args=[row.pk])).status_code == 200
        )
    assert looks(other, life) == 1


def test_a_field_that_offers_people_offers_no_runner(life: Enrollment) -> None:
    """What it offers is not written down; a clinician of a cohort is staff in any case."""
    field = {"app_label": "challenge", "model_name": "cohortclinician", "field_name": "user", "term": ""}
    answer = signed_in(make_superuser()).get("/admin/autocomplete/", field)
    offered = {int(one["id"]) for one in answer.json()["results"]}
    assert CohortClinician.objects.get(cohort=life.cohort).user_id in offered
    assert life.seat.user_id not in offered
    assert not AccessEntry.objects.filter(what__startswith="admin").exists()


def test_a_copy_of_a_runners_email_to_oneself_leaves_an_entry(life: Enrollment) -> None:
    viewer = CohortClinician.objects.get(cohort=life.cohort).user
    message = OutboxMessage.objects.filter(about=life.about).latest("pk")
    before = looks(viewer, life)
    assert signed_in(viewer).post(f"/admin/targets/messages/{message.pk}/test/").status_code == 302
    assert looks(viewer, life) == before + 1


def test_an_address_that_refuses_us_is_a_look_though_its_emails_are_a_page_further(life: Enrollment) -> None:
    viewer = CohortClinician.objects.get(cohort=life.cohort).user
    AddressState.objects.filter(email=life.address).update(refused_at=timezone.now())
    for number in range(60):
        put_in_outbox(
            kind=MessageKind.TEST,
            template="account_changed",
            to=viewer.email,
            context={},
            dedupe_key=f"later:{number}",
            at=timezone.now(),
        )
    before = looks(viewer, life)
    page = signed_in(viewer).get("/admin/targets/")
    assert life.about not in {message.about for message in page.context["listed"]}
    assert f"{life.address}: refused" in page.content.decode()
    assert looks(viewer, life) == before + 1
