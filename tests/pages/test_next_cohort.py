"""The next cohort on one page: a copy with its dates moved, previews, a checklist, the announcement."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from challenge.enrollment.cohort_actions import begin_cohorts
from challenge.enrollment.cohort_parameters import parameters_of, sign_parameters
from challenge.enrollment.models import Cohort, CohortClinician, Seat
from challenge.mail.models import OutboxMessage
from challenge.pages.plan_forms import PlanForm
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import (
    make_clinician,
    make_owner,
    make_runner_user,
    sign_in_now,
    use_second_factor,
)

pytestmark = pytest.mark.django_db
NEXT = "/admin/cohorts/next/"


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner(client: Client) -> Client:
    user = make_owner()
    client.force_login(user)
    use_second_factor(client, user)
    return client


@pytest.fixture
def beta() -> Cohort:
    cohort = make_cohort(
        name="Beta", slug="beta", capacity=30, early_access_at=datetime(2025, 12, 30, 15, tzinfo=UTC)
    )
    CohortClinician.objects.create(cohort=cohort, user=make_clinician(name="Ada Moor"))
    return cohort


def as_typed(page: Any, **changes: Any) -> dict[str, Any]:
    """What a browser sends back of the form."""
    sent: dict[str, Any] = {}
    for field in page.context["form"]:
        value = field.value()
        if field.name in {"opens_at", "early_access_at"}:
            names = (f"{field.html_name}_0", f"{field.html_name}_1")
            parts = field.field.widget.decompress(value) if isinstance(value, datetime) else ["", ""]
            sent |= dict(zip(names, (str(part or "") for part in parts), strict=True))
        elif value not in (None, False):
            sent[field.html_name] = value
    return sent | changes


def plan(owner: Client, **changes: Any) -> Cohort:
    answer = owner.post(NEXT, as_typed(owner.get(NEXT), **changes))
    assert answer.status_code == 302, answer.context["form"].errors
    return Cohort.objects.latest("pk")


def test_it_is_a_copy_with_its_dates_moved(owner: Client, beta: Cohort) -> None:
    spring = plan(owner)
    assert (spring.weeks, spring.capacity, spring.starts_on) == (12, 30, date(2026, 3, 30))
    # On the clinic's clock, over the change to daylight saving on March 8: 9 AM stays 9 AM.
    before, after = (timezone.localtime(one.opens_at).replace(tzinfo=None) for one in (beta, spring))
    assert after - before == spring.starts_on - beta.starts_on
    assert spring.early_access_at is not None
    assert spring.copied_from == beta
    assert [row.user.name for row in spring.clinicians.all()] == ["Ada Moor"]
    assert not spring.is_public
    assert not OutboxMessage.objects.exists()


def test_the_first_cohort_of_a_clinic_is_planned_too(owner: Client) -> None:
    first = plan(owner, name="First", slug="first")
    assert first.starts_on.weekday() == 0
    assert first.copied_from is None


def test_no_one_sees_a_plan(owner: Client, beta: Cohort) -> None:
    spring = plan(owner, name="Spring and secret", slug="spring")
    assert "Spring and secret" not in Client().get("/").content.decode()
    assert Client().get("/join/spring/").status_code == 404
    for page in ("home", "join", "emails"):
        answer = owner.get(f"/admin/cohorts/spring/preview/{page}/")
        assert answer.status_code == 200
    assert "Spring and secret" in answer.content.decode()
    assert "/join/spring/" in answer.content.decode()
    assert owner.get("/admin/cohorts/spring/preview/other/").status_code == 404
    assert not Seat.objects.filter(cohort=spring).exists()


def test_everything_may_be_edited_before_anyone_has_joined(owner: Client, beta: Cohort) -> None:
    plan(owner, slug="spring")
    other = make_clinician(name="Zoe Fenn")
    page = owner.get("/admin/cohorts/spring/")
    changes = {
        "name": "Evening",
        "slug": "evening",
        "capacity": "500",
        "weeks": "10",
        "clinicians": [other.pk],
    }
    assert owner.post("/admin/cohorts/spring/", as_typed(page, **changes)).status_code == 302
    spring = Cohort.objects.get(slug="evening")
    assert (spring.capacity, spring.weeks) == (500, 10)
    assert [row.user for row in spring.clinicians.all()] == [other]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"capacity": "0"}, "capacity"),
        ({"capacity": "10000"}, "capacity"),
        ({"weeks": "0"}, "weeks"),
        ({"starts_on": "2026-03-31"}, "starts_on"),
        ({"starts_on": "2025-03-31"}, "starts_on"),
        ({"opens_at_0": "2026-04-01"}, "opens_at"),
        ({"opens_at_0": "soon"}, "opens_at"),
        ({"early_access_at_0": "2026-03-29", "early_access_at_1": "09:00"}, "early_access_at"),
        ({"slug": "intake"}, "slug"),
        ({"slug": "beta"}, "slug"),
        ({"name": ""}, "name"),
        ({"clinicians": ["999999"]}, "clinicians"),
    ],
)
def test_bad_plans_are_refused_beside_the_field(
    owner: Client, beta: Cohort, changes: dict[str, Any], field: str
) -> None:
    page = owner.post(NEXT, as_typed(owner.get(NEXT), **({"name": "Typed before"} | changes)))
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert field == "name" or 'value="Typed before"' in page.content.decode()
    assert Cohort.objects.count() == 1


def test_a_runner_is_no_clinician(owner: Client, beta: Cohort) -> None:
    for person in (make_runner_user(), make_owner(), make_clinician(is_active=False)):
        page = owner.post(NEXT, as_typed(owner.get(NEXT), clinicians=[person.pk]))
        assert "clinicians" in page.context["form"].errors


def test_it_is_announced_once_and_only_with_a_clinician(owner: Client, beta: Cohort) -> None:
    spring = plan(owner, name="Spring", slug="spring", clinicians=[])
    page = owner.get("/admin/cohorts/spring/")
    assert "A clinician who can act." in page.content.decode()
    owner.post("/admin/cohorts/spring/announce/")
    spring.refresh_from_db()
    assert not spring.is_public
    CohortClinician.objects.create(cohort=spring, user=make_clinician())
    owner.post("/admin/cohorts/spring/announce/")
    spring.refresh_from_db()
    assert spring.announced_at == NOW
    assert spring.is_public
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        owner.post("/admin/cohorts/spring/announce/")
    spring.refresh_from_db()
    assert spring.announced_at == NOW
    assert "Spring" in Client().get("/").content.decode()


def test_the_database_keeps_the_announcement(beta: Cohort) -> None:
    spring = make_cohort(starts_on=date(2026, 4, 6))
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Cohort.objects.filter(pk=spring.pk).update(announced_at=NOW + timedelta(days=100))
    assert "cohort_announced_before_it_starts" in str(refused.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]
    Cohort.objects.filter(pk=spring.pk).update(announced_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cohort.objects.filter(pk=spring.pk).update(announced_at=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Cohort.objects.filter(pk=spring.pk).update(starts_on=date(2026, 1, 5))


def test_a_plan_is_thrown_away_but_no_cohort_that_someone_joined(owner: Client, beta: Cohort) -> None:
    plan(owner, slug="spring")
    assert owner.post("/admin/cohorts/spring/delete/").status_code == 302
    assert list(Cohort.objects.all()) == [beta]
    enroll(cohort=beta)
    owner.post("/admin/cohorts/beta/delete/")
    assert Cohort.objects.exists()


def test_a_cohort_that_has_begun_has_no_plan_page(owner: Client, beta: Cohort) -> None:
    begin_cohorts(at=NOW)
    assert owner.get("/admin/cohorts/beta/")["Location"] == "/admin/seats/beta/"
    assert owner.post("/admin/cohorts/beta/", {"name": "x"}).status_code == 302
    beta.refresh_from_db()
    assert beta.name == "Beta"


def test_the_numbers_of_the_method_come_along(owner: Client, beta: Cohort) -> None:
    begin_cohorts(at=NOW)
    sign_parameters(cohort=beta, altered={"cap_spm": 176}, reason="Small steps", by=make_clinician(), at=NOW)
    spring = plan(owner, slug="spring")
    begin_cohorts(at=datetime(2026, 3, 30, 12, tzinfo=UTC))
    assert parameters_of(spring, week_starts_on=spring.starts_on).cap_spm == 176


def test_two_owners_at_once_do_not_take_each_others_clinicians_away(owner: Client, beta: Cohort) -> None:
    spring = plan(owner, slug="spring")
    opened = as_typed(owner.get("/admin/cohorts/spring/"), name="Evening")
    CohortClinician.objects.create(cohort=spring, user=make_clinician(name="Zoe Fenn"))
    page = owner.post("/admin/cohorts/spring/", opened)
    assert page.status_code == 422
    assert "A colleague changed this cohort" in page.content.decode()
    assert "Its clinicians: Ada Moor, Zoe Fenn" in page.content.decode()
    assert spring.clinicians.count() == 2
    again = opened | {"as_shown": page.context["form"]["as_shown"].value()}
    answer = owner.post("/admin/cohorts/spring/", again)
    assert answer.status_code == 302, answer.context["form"].errors
    assert [row.user.name for row in spring.clinicians.all()] == ["Ada Moor"]


def test_an_address_taken_in_the_same_moment_is_refused(
    owner: Client, beta: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    spring = plan(owner, slug="spring")
    # The look that another owner's insert overtakes.
    monkeypatch.setattr(PlanForm, "validate_unique", lambda form: None)
    for address in (NEXT, "/admin/cohorts/spring/"):
        page = owner.post(address, as_typed(owner.get(address), slug="beta"))
        assert page.status_code == 422
        assert "got this address just now" in str(page.context["form"].errors["slug"])
    spring.refresh_from_db()
    assert (spring.slug, Cohort.objects.count()) == ("spring", 2)


def test_a_plan_keeps_its_dates_from_its_monday_on_though_the_worker_is_late(owner: Client) -> None:
    cohort = make_cohort(slug="late", starts_on=date(2026, 1, 5))
    changed = as_typed(owner.get("/admin/cohorts/late/"), starts_on="2026-02-02")
    assert owner.post("/admin/cohorts/late/", changed)["Location"] == "/admin/seats/late/"
    cohort.refresh_from_db()
    assert (cohort.starts_on, cohort.begun_at) == (date(2026, 1, 5), NOW)


def test_one_that_was_taken_off_the_first_page_is_announced_again(owner: Client, beta: Cohort) -> None:
    spring = plan(owner, name="Spring", slug="spring")
    owner.post("/admin/cohorts/spring/announce/")
    Cohort.objects.filter(pk=spring.pk).update(is_public=False)
    assert "taken off the home page since" in owner.get("/admin/cohorts/spring/").content.decode()
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        owner.post("/admin/cohorts/spring/announce/")
    spring.refresh_from_db()
    assert (spring.is_public, spring.announced_at) == (True, NOW)


def test_one_that_is_closed_is_not_announced(owner: Client, beta: Cohort) -> None:
    spring = plan(owner, slug="spring")
    Cohort.objects.filter(pk=spring.pk).update(closed_at=NOW)
    owner.post("/admin/cohorts/spring/announce/")
    spring.refresh_from_db()
    assert not spring.is_public


# Several at once


@pytest.fixture
def two() -> tuple[Cohort, Cohort]:
    fields = {"starts_on": date(2026, 1, 19), "capacity": 2}
    day, evening = (make_cohort(name=name, slug=name.lower(), **fields) for name in ("Day", "Evening"))
    return day, evening


def test_the_first_page_lists_the_others(two: tuple[Cohort, Cohort]) -> None:
    make_cohort(name="Hidden", slug="hidden", is_public=False, starts_on=date(2026, 1, 19))
    body = Client().get("/").content.decode()
    assert 'href="/join/evening/">Evening</a>, 12 weeks, starting January 19, 2 of 2 seats left' in body
    assert "Hidden" not in body


def test_each_has_its_address_and_its_own_seats(two: tuple[Cohort, Cohort], client: Client) -> None:
    user = make_runner_user()
    assert "next=/join/evening/" in Client().get("/join/evening/").content.decode()
    assert Client().post("/join/evening/")["Location"] == "/accounts/signup/?next=/join/evening/"
    sign_in_now(client, user)
    page = client.get("/join/evening/")
    assert 'action="/join/evening/"' in page.content.decode()
    assert client.post("/join/evening/")["Location"] == "/join/intake/"
    assert Seat.objects.get().cohort == two[1]
    assert client.get("/join/intake/").status_code == 200
    for number in range(2):
        other = Client()
        sign_in_now(other, make_runner_user())
        answer = other.post("/join/evening/")
        assert (answer["Location"] == "/join/evening/?missed") is (number == 1)


def test_five_hundred_seats_are_a_number_and_no_wallpaper() -> None:
    make_cohort(starts_on=date(2026, 1, 19), capacity=500)
    body = Client().get("/").content.decode()
    assert "<strong>500 of 500</strong>" in body
    assert body.count('class="bib ') < 60


def test_the_plan_says_which_questionnaires_are_asked_and_when(owner: Client, beta: Cohort) -> None:
    plan(owner, slug="spring", weeks="10")
    page = owner.get("/admin/cohorts/spring/")
    asked = dict(page.context["questionnaires"])
    assert {"every week"} < set(asked.values())
    assert asked["Then and now"] == "week 10 (Jun 8)"  # at the end of ten weeks after March 30
    assert all(title in page.text for title in asked)
