"""Who is named a clinician of a cohort reads its runners: an event each time, and a mail where there are runners."""

import re
from datetime import date
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from challenge.accounts.models import IdentityEvent, User
from challenge.accounts.roles import CLINICIAN
from challenge.enrollment.cohort_actions import clinician_ids
from challenge.enrollment.models import Cohort, CohortClinician
from challenge.enrollment.policies import ASK_ANOTHER_OWNER
from challenge.mail.models import OutboxMessage
from challenge.operations.people import CannotClosePerson, close_colleague, invite_colleague
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_clinician, make_owner, sign_in_now, use_second_factor
from tests.pages.test_next_cohort import as_typed

pytestmark = pytest.mark.django_db
LATER = date(2026, 2, 2)


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner() -> User:
    return make_owner(email="owner@clinic.test", name="Olga Lind")


@pytest.fixture
def cohort() -> Cohort:
    made = make_cohort(starts_on=LATER)
    CohortClinician.objects.create(cohort=made, user=make_clinician(email="ada@clinic.test"))
    enroll(cohort=made)
    OutboxMessage.objects.all().delete()
    return made


def signed_in(user: User) -> Client:
    client = Client()
    sign_in_now(client, user)
    use_second_factor(client, user)
    return client


def by_plan(owner: User, cohort: Cohort, person: User) -> None:
    client, page = signed_in(owner), f"/admin/cohorts/{cohort.slug}/"
    people = [*cohort.clinicians.values_list("user", flat=True), person.pk]
    answer = client.post(page, as_typed(client.get(page), clinicians=people))
    assert answer.status_code == 302, answer.context["form"].errors


def sent_by_admin(owner: User, cohort: Cohort, person: User) -> Any:
    client, page = signed_in(owner), reverse("admin:challenge_cohort_change", args=[cohort.pk])
    form = client.get(page).context["adminform"].form
    sent = {name: form[name].value() for name in ("name", "slug", "weeks", "as_shown")}
    sent |= {"starts_on": str(LATER), "is_public": "on", "opens_at_0": "2026-01-01", "opens_at_1": "06:00"}
    row = cohort.clinicians.get()
    sent |= {"clinicians-TOTAL_FORMS": 2, "clinicians-INITIAL_FORMS": 1, "clinicians-0-id": row.pk}
    sent |= {"clinicians-0-cohort": cohort.pk, "clinicians-0-user": row.user_id}
    sent |= {"clinicians-1-cohort": cohort.pk, "clinicians-1-user": person.pk}
    return client.post(page, sent)


def by_admin(owner: User, cohort: Cohort, person: User) -> None:
    answer = sent_by_admin(owner, cohort, person)
    assert answer.status_code == 302, answer.context["errors"]


def by_hand_over(owner: User, cohort: Cohort, person: User) -> None:
    close_colleague(person=cohort.clinicians.get().user, successor=person, by=owner, at=NOW)


@pytest.mark.parametrize("name_them", [by_plan, by_admin, by_hand_over])
def test_each_way_to_name_a_clinician_leaves_an_event_and_mails(
    owner: User, cohort: Cohort, name_them: Any
) -> None:
    person = make_clinician(email="zoe@clinic.test", name="Zoe Fenn")
    name_them(owner, cohort, person)
    event = IdentityEvent.objects.get(what="cohort_given")
    assert (event.account, event.actor, event.means) == (person, owner, cohort.name)
    letters = OutboxMessage.objects.filter(dedupe_key__startswith="clinician_named:")
    expected = {"owner@clinic.test", "zoe@clinic.test", "ada@clinic.test"}
    if name_them is by_hand_over:
        expected.remove("ada@clinic.test")  # whose account was closed
    assert {letter.to_email for letter in letters} == expected
    assert all("Olga Lind named Zoe Fenn" in letter.text for letter in letters)


def test_an_invited_colleague_is_one_too(owner: User, cohort: Cohort) -> None:
    """A second mailbox of the same owner looks like a colleague: whoever cares for the cohort, and owners, learn it."""
    make_owner(email="other@clinic.test")
    person = invite_colleague(
        email="new@clinic.test", name="New", roles=[CLINICIAN], cohorts=[cohort], by=owner, at=NOW
    )
    event = IdentityEvent.objects.get(what="cohort_given")
    assert (event.account, event.actor) == (person, owner)
    letters = OutboxMessage.objects.filter(dedupe_key__startswith="clinician_named:")
    told = {"ada@clinic.test", "other@clinic.test", "owner@clinic.test", "new@clinic.test"}
    assert {letter.to_email for letter in letters} == told


@pytest.fixture
def caring_owner(owner: User) -> User:
    owner.groups.add(Group.objects.get(name=CLINICIAN))
    return owner


def refused_by_admin(owner: User, cohort: Cohort) -> None:
    answer = sent_by_admin(owner, cohort, owner)
    assert answer.status_code == 200
    _, added = answer.context["inline_admin_formsets"][0].formset.forms
    assert added.errors == {"user": [ASK_ANOTHER_OWNER]}


def refused_by_plan(owner: User, cohort: Cohort) -> None:
    client, page = signed_in(owner), f"/admin/cohorts/{cohort.slug}/"
    people = [*cohort.clinicians.values_list("user", flat=True), owner.pk]
    answer = client.post(page, as_typed(client.get(page), clinicians=people))
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"clinicians": [ASK_ANOTHER_OWNER]}


def refused_by_hand_over(owner: User, cohort: Cohort) -> None:
    make_owner()
    with pytest.raises(CannotClosePerson, match="take over their cohorts yourself"):
        by_hand_over(owner, cohort, owner)


@pytest.mark.parametrize("refused", [refused_by_admin, refused_by_plan, refused_by_hand_over])
def test_no_one_adds_themselves_where_there_are_runners(
    caring_owner: User, cohort: Cohort, refused: Any
) -> None:
    refused(caring_owner, cohort)
    assert clinician_ids(cohort) == set(
        User.objects.filter(email="ada@clinic.test").values_list("pk", flat=True)
    )
    assert not IdentityEvent.objects.filter(what="cohort_given").exists()
    assert User.objects.get(email="ada@clinic.test").is_active


@pytest.mark.parametrize("name_them", [by_plan, by_admin])
def test_another_owner_adds_them(caring_owner: User, cohort: Cohort, name_them: Any) -> None:
    name_them(make_owner(), cohort, caring_owner)
    assert caring_owner.pk in clinician_ids(cohort)


def test_before_anyone_joins_they_add_themselves(caring_owner: User) -> None:
    make_owner()
    empty = make_cohort(starts_on=LATER)
    by_plan(caring_owner, empty, caring_owner)
    assert clinician_ids(empty) == {caring_owner.pk}


def test_the_one_who_stays_takes_the_team_over(caring_owner: User, cohort: Cohort) -> None:
    by_hand_over(caring_owner, cohort, caring_owner)
    assert caring_owner.pk in clinician_ids(cohort)


def test_a_clinic_of_one_person_goes_on(caring_owner: User, cohort: Cohort) -> None:
    User.objects.filter(email="ada@clinic.test").update(is_active=False)
    by_admin(caring_owner, cohort, caring_owner)
    assert caring_owner.pk in clinician_ids(cohort)


def test_every_module_that_changes_a_team_passes_the_guard() -> None:
    """`record_clinicians` holds it. The demo makes its people itself."""
    makes = re.compile(
        r"CohortClinician(\.objects\.\w*create|\()|\.clinicians\.(\w*create|add|set)\(|model = CohortClin"
    )
    for path in (settings.BASE_DIR / "challenge").rglob("*.py"):
        text = path.read_text()
        if makes.search(text.replace("class CohortClinician(", "")) and "demo" not in path.parts:
            assert "record_clinicians(" in text, path


def test_taking_one_off_leaves_an_event_and_a_plan_without_runners_mails_no_one(
    owner: User, cohort: Cohort
) -> None:
    other = make_clinician()
    by_plan(owner, cohort, other)
    client, page = signed_in(owner), f"/admin/cohorts/{cohort.slug}/"
    assert client.post(page, as_typed(client.get(page), clinicians=[other.pk])).status_code == 302
    assert IdentityEvent.objects.filter(what="cohort_taken", account__email="ada@clinic.test").exists()
    OutboxMessage.objects.all().delete()
    empty = make_cohort(starts_on=LATER, slug="empty")
    by_plan(owner, empty, other)
    assert IdentityEvent.objects.filter(what="cohort_given", means=empty.name).exists()
    assert not OutboxMessage.objects.filter(dedupe_key__startswith="clinician_named:").exists()


def move(owner: User, cohort: Cohort, **changes: Any) -> Any:
    client, page = signed_in(owner), f"/admin/cohorts/{cohort.slug}/"
    return client.post(page, as_typed(client.get(page), **changes))


def test_a_moved_start_is_mailed_to_everyone_with_a_seat(owner: User, cohort: Cohort) -> None:
    enroll(cohort=cohort)
    OutboxMessage.objects.all().delete()
    assert move(owner, cohort, starts_on="2026-02-09").status_code == 422  # it asks first
    assert not OutboxMessage.objects.exists()
    assert move(owner, cohort, starts_on="2026-02-09", touches_people="on").status_code == 302
    letters = OutboxMessage.objects.filter(dedupe_key__startswith="start_moved:")
    assert letters.count() == 2
    for letter in letters:
        assert "from Monday, February 2 to Monday, February 9" in letter.text
        (file,) = letter.attachments
        assert "DTSTART;VALUE=DATE:20260209" in file["content"]
        assert "SEQUENCE:" in file["content"]
    # Another name alone moves no one.
    assert move(owner, cohort, name="Spring").status_code == 302
    assert letters.count() == 2


def test_the_admin_mails_a_moved_start_as_well(owner: User, cohort: Cohort) -> None:
    client, page = signed_in(owner), reverse("admin:challenge_cohort_change", args=[cohort.pk])
    form = client.get(page).context["adminform"].form
    sent = {name: form[name].value() for name in ("name", "slug", "as_shown")}
    sent |= {"starts_on": str(LATER), "weeks": 10, "is_public": "on", "touches_people": "on"}
    sent |= {"opens_at_0": "2026-01-01", "opens_at_1": "06:00"}
    sent |= {"clinicians-TOTAL_FORMS": 0, "clinicians-INITIAL_FORMS": 0}
    answer = client.post(page, sent)
    assert answer.status_code == 302, answer.context["errors"]
    letter = OutboxMessage.objects.get(dedupe_key__startswith="start_moved:")
    assert "The start stays on Monday, February 2" in letter.text
    assert "10 weeks" in letter.text
