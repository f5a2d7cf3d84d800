"""Who is outside a runner's team opens the record with a written reason, for an hour, and both sides are written to."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from challenge.accounts.models import AccessEntry, User
from challenge.care.actions import raise_flag
from challenge.enrollment.emergency_models import EmergencyAccess
from challenge.enrollment.models import Enrollment
from challenge.enrollment.staff_actions import open_record
from challenge.mail.models import OutboxMessage
from challenge.protocol.vocabulary import FlagKind
from tests.factories.lives import MARKER, make_life
from tests.factories.people import (
    make_clinician,
    make_front_desk,
    make_owner,
    make_superuser,
    sign_in_now,
    use_second_factor,
)

pytestmark = pytest.mark.django_db
REASON = "Her clinician is on a plane, and she called the desk."
PAGE = "/admin/emergency/"


@pytest.fixture
def life(db: None) -> Enrollment:
    return make_life()


def signed_in(user: User) -> Client:
    client = Client()
    sign_in_now(client, user)
    use_second_factor(client, user)
    return client


def record(life: Enrollment) -> str:
    return reverse("review:runner", args=[life.cohort.slug, life.pk])


def ask(client: Client, life: Enrollment, **other: str) -> Any:
    return client.post(PAGE, {"email": life.seat.email, "reason": REASON} | other)


@pytest.mark.parametrize("make", [make_clinician, make_superuser])
def test_a_reason_opens_one_record_for_an_hour(life: Enrollment, make: Any) -> None:
    owner, viewer = make_owner(), make()
    client, other = signed_in(viewer), make_life(marker="Another")
    assert client.get(record(life)).status_code == 404
    assert ask(client, life)["Location"] == record(life)
    assert client.get(record(life)).status_code == 200
    assert client.get(record(other)).status_code == 404, "one record, not all"
    assert client.get(f"/admin/review/{life.cohort.slug}/").status_code == 404, "nor the cohort"
    runs = client.get("/admin/challenge/run/").context_data["cl"].result_list  # type: ignore[index]
    assert {run.enrollment for run in runs} == {life}
    letters = {m.to_email: m for m in OutboxMessage.objects.filter(subject__contains="record")}
    assert set(letters) == {owner.email, life.seat.email}
    for letter in letters.values():
        assert viewer.get_full_name() in letter.text
        assert REASON not in letter.text
        assert MARKER not in letter.text.replace(f"Runner {MARKER}", "")
    entry = AccessEntry.objects.get(viewer=viewer, what="emergency access")
    assert entry.runner == life.seat.user
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        later = signed_in(viewer)
        assert later.get(record(life)).status_code == 404
        assert not later.get("/admin/challenge/run/").context_data["cl"].result_list  # type: ignore[index]


def test_a_superuser_sees_no_health_data_without_it(life: Enrollment) -> None:
    client = signed_in(make_superuser())
    for model in (
        "run",
        "intake",
        "message",
        "flag",
        "weeklytarget",
        "runnercomplaint",
        "note",
        "enrollment",
    ):
        page = client.get(f"/admin/challenge/{model}/")
        assert page.status_code == 200
        assert not page.context_data["cl"].result_list, model  # type: ignore[index]
    messages = client.get("/admin/challenge/outboxmessage/").context_data["cl"]  # type: ignore[index]
    assert not [m for m in messages.result_list if m.about.startswith("enrollment:")]


def test_the_opened_page_says_until_when_and_leads_to_no_board(life: Enrollment) -> None:
    client, home = signed_in(make_clinician()), record(life)
    ask(client, life)
    board = reverse("review:board", args=[life.cohort.slug])
    for source in ("one", "two"):
        raise_flag(
            enrollment=life,
            kind=FlagKind.LOAD,
            rule="load.stacked",
            source=source,
            facts={},
            at=timezone.now(),
        )
    page = client.get(home).content.decode()
    ends = timezone.localtime(EmergencyAccess.objects.latest("pk").ends_at)
    assert f"Open to you for emergency access until {ends:%-I:%M %p}." in page
    for address in (f'"{board}', f"{board}next/", f"{board}answers/"):
        assert address not in page.replace(f'"{home}', "").replace(home, "")
    flag = life.flags.filter(closed_at__isnull=True).latest("pk")
    answered = client.post(
        f"{home}flags/{flag.pk}/close/", {"answer": "seen", "on_board": "1", "note": "Talked."}, follow=True
    )
    assert answered.status_code == 200
    assert answered.request["PATH_INFO"] == home


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"reason": ""}, "reason", "Say why; the owners will read it."),
        ({"reason": "needed"}, "reason", "Say why in a whole sentence; the owners will read it."),
        ({"reason": "x" * 301}, "reason", "Please shorten it to 300 characters; it has 301."),
        ({"email": "no-one@runners.test"}, "email", "No runner has this address."),
        ({"email": "robin at example"}, "email", "Enter their whole address"),
        ({"email": "a\x00b@runners.test"}, "email", ""),
    ],
)
def test_what_is_wrong_stands_beside_the_field(
    life: Enrollment, typed: dict[str, str], field: str, sentence: str
) -> None:
    page = ask(signed_in(make_clinician()), life, **typed)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert sentence in str(page.context["form"].errors[field])
    assert not EmergencyAccess.objects.exclude(reason=MARKER).exists()


def test_sent_twice_it_is_one_access_and_one_letter(life: Enrollment) -> None:
    make_owner()
    client = signed_in(make_clinician())
    ask(client, life)
    again = ask(client, life)
    assert again.status_code == 422
    assert "open to you already" in again.content.decode()
    assert EmergencyAccess.objects.exclude(reason=MARKER).count() == 1


@pytest.mark.parametrize("make", [make_front_desk, make_owner])
def test_it_is_not_for_who_reads_no_health_data_at_all(life: Enrollment, make: Any) -> None:
    client = signed_in(make())
    assert client.get(PAGE).status_code == ask(client, life).status_code == 403


def test_a_stale_sign_in_is_confirmed_first(life: Enrollment) -> None:
    client = Client()
    clinician = make_clinician()
    sign_in_now(client, clinician)
    use_second_factor(client, clinician)
    with time_machine.travel(timezone.now() + timedelta(minutes=14)):
        client.get("/admin/")
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert "reauthenticate" in client.get(PAGE)["Location"]
        assert "reauthenticate" in ask(client, life)["Location"]
    assert not EmergencyAccess.objects.exclude(reason=MARKER).exists()


def test_owners_read_who_and_why_and_nothing_else(life: Enrollment) -> None:
    viewer, owner = make_clinician(), make_owner()
    access = open_record(email=life.seat.email, reason=REASON, by=viewer, at=timezone.now())
    page = signed_in(owner).get(f"/admin/challenge/emergencyaccess/{access.pk}/change/").content.decode()
    assert REASON in page
    assert viewer.name in page
    assert signed_in(owner).get(record(life)).status_code == 403


@pytest.mark.parametrize(
    "change", [{"ends_at": timedelta(hours=2)}, {"ends_at": timedelta()}, {"reason": ""}]
)
def test_the_database_knows_no_longer_hour_and_no_empty_reason(life: Enrollment, change: Any) -> None:
    at = timezone.now()
    row = {"viewer": make_clinician(), "enrollment": life, "reason": REASON, "at": at}
    ends = (
        {"ends_at": at + change["ends_at"]} if "ends_at" in change else {"ends_at": at + timedelta(hours=1)}
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        EmergencyAccess.objects.create(**(row | {k: v for k, v in change.items() if k == "reason"} | ends))


def test_no_one_lengthens_or_forgets_it_afterwards(life: Enrollment) -> None:
    open_record(email=life.seat.email, reason=REASON, by=make_clinician(), at=timezone.now())
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        EmergencyAccess.objects.update(reason="Another reason")
