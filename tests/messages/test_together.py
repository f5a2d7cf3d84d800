"""`/together/`: who is seen, by whom, and that nothing but bibs, names and nods leaves it."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from challenge.messages.models import CohortNote, Nod, WallPlace
from challenge.messages.together import join_wall, leave_wall, wall_of
from challenge.privacy.actions import erase_account
from challenge.privacy.queries import everything_about
from tests.factories.cohorts import enroll
from tests.factories.log import log_run
from tests.factories.people import make_runner_user
from tests.messages.conftest import FRIDAY, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/together/"
MONDAY = date(2026, 1, 5)


@pytest.fixture
def mate(people: SimpleNamespace) -> SimpleNamespace:
    """A second runner of the cohort, on the wall without a name."""
    enrollment = enroll(cohort=people.enrollment.cohort, user=make_runner_user(name="Bea Quill"))
    join_wall(enrollment=enrollment, shows_name=False, at=FRIDAY)
    return SimpleNamespace(
        enrollment=enrollment, number=enrollment.seat.number, client=signed_in(enrollment.seat.user)
    )


def test_no_one_is_on_the_wall_who_did_not_ask(phone: Client, mate: SimpleNamespace) -> None:
    page = phone.get(PAGE).content.decode()
    assert "Put me on the wall" in page
    assert "have logged this week.</p>" not in page
    assert f'nods/{mate.number}/"' not in page
    assert "Odalys" not in mate.client.get(PAGE).content.decode()


def test_a_bib_with_or_without_a_first_name(
    phone: Client, people: SimpleNamespace, mate: SimpleNamespace
) -> None:
    phone.post(f"{PAGE}join/", {"name": "on"})
    seen = mate.client.get(PAGE).content.decode()
    assert "Odalys" in seen
    assert "Finch" not in seen
    assert "Bea" not in phone.get(PAGE).content.decode()
    phone.post(f"{PAGE}join/", {})
    assert "Odalys" not in mate.client.get(PAGE).content.decode()
    phone.post(f"{PAGE}leave/")
    assert f'nods/{people.enrollment.seat.number}/"' not in mate.client.get(PAGE).content.decode()


def test_how_many_have_logged_this_week_and_nothing_of_it(
    phone: Client, people: SimpleNamespace, mate: SimpleNamespace
) -> None:
    join_wall(enrollment=people.enrollment, shows_name=True, at=FRIDAY)
    log_run(mate.enrollment, MONDAY - timedelta(days=1), pain=7)
    assert wall_of(people.enrollment, week_starts_on=MONDAY).logged == 0
    log_run(mate.enrollment, MONDAY, pain=7, cadence_spm=171)
    log_run(mate.enrollment, MONDAY + timedelta(days=2), pain=7)
    page = phone.get(PAGE).content.decode()
    assert "<strong>1 of 2</strong> have logged" in page
    assert "171" not in page


def test_a_nod_is_one_a_week_and_only_its_receiver_counts_them(
    phone: Client, people: SimpleNamespace, mate: SimpleNamespace
) -> None:
    phone.post(f"{PAGE}join/", {})
    for _ in range(2):
        assert phone.post(f"{PAGE}nods/{mate.number}/").status_code == 302
    assert Nod.objects.count() == 1
    assert "You nodded" in phone.get(PAGE).content.decode()
    assert "1 nod this week" in mate.client.get(PAGE).content.decode()
    assert "nod this week" not in phone.get(PAGE).content.decode()


def test_no_nod_from_off_the_wall_to_oneself_or_to_another_cohort(
    phone: Client, people: SimpleNamespace, mate: SimpleNamespace
) -> None:
    nod = f"{PAGE}nods/{mate.number}/"
    assert phone.post(nod).status_code == 404
    phone.post(f"{PAGE}join/", {})
    assert phone.post(f"{PAGE}nods/{people.enrollment.seat.number}/").status_code == 404
    assert phone.post(f"{PAGE}nods/999/").status_code == 404
    join_wall(enrollment=people.other, shows_name=True, at=FRIDAY)
    assert "Piet" not in phone.get(PAGE).content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        Nod.objects.create(
            giver=people.enrollment, receiver=people.enrollment, week_starts_on=MONDAY, at=FRIDAY
        )


def test_leaving_and_erasing_take_the_nods_along(
    phone: Client, people: SimpleNamespace, mate: SimpleNamespace
) -> None:
    phone.post(f"{PAGE}join/", {})
    phone.post(f"{PAGE}nods/{mate.number}/")
    user = people.enrollment.seat.user
    exported = everything_about(user)
    assert len(exported["messages/nods_given"]) == len(exported["messages/wallplace"]) == 1
    leave_wall(enrollment=people.enrollment)
    assert not Nod.objects.exists()
    phone.post(f"{PAGE}join/", {})
    mate.client.post(f"{PAGE}nods/{people.enrollment.seat.number}/")
    erase_account(user=user, by=user, at=FRIDAY)
    assert not Nod.objects.exists()
    assert [place.enrollment for place in WallPlace.objects.all()] == [mate.enrollment]


def test_the_clinic_writes_one_note_a_week_to_all(
    phone: Client, desk: Client, people: SimpleNamespace
) -> None:
    path = f"/admin/messages/cohorts/{people.enrollment.cohort.slug}/note/"
    assert desk.post(path, {"text": "Icy paths: take the short loop."}).status_code == 302
    assert "Icy paths" in phone.get(PAGE).content.decode()
    again = desk.post(path, {"text": "And one more."})
    assert again.status_code == 409
    assert "And one more.</textarea>" in again.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        CohortNote.objects.update(text="Other")
    assert "Icy paths" not in signed_in(people.other.seat.user).get(PAGE).content.decode()
    assert signed_in(people.stranger).get(path).status_code == 404


def test_the_queries_of_the_wall_do_not_grow_with_it(
    phone: Client, people: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    def queries() -> int:
        with django_assert_max_num_queries(40) as counted:
            page = phone.get(PAGE).content.decode()
        assert page.count("Nod to bib") == WallPlace.objects.count() - 1
        return len(counted.captured_queries)

    join_wall(enrollment=people.enrollment, shows_name=True, at=FRIDAY)
    phone.get(PAGE)  # the first page of a process fills the caches
    found = []
    for mates in (1, 12):
        for _ in range(mates):
            one = enroll(cohort=people.enrollment.cohort, user=make_runner_user())
            join_wall(enrollment=one, shows_name=True, at=FRIDAY)
            log_run(one)
        found.append(queries())
    assert found[0] == found[1]
