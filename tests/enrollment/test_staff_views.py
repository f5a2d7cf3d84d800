"""What the front desk does for people: every seat through the same claim, every act with a reason."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from challenge.accounts.models import User
from challenge.enrollment.actions import AddressInUse, CohortClosed, hold_seat, withdraw
from challenge.enrollment.models import Cohort, EarlyAccess, EndReason, Enrollment, LedgerEntry, Seat
from challenge.mail.models import OutboxMessage
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import (
    make_clinician,
    make_front_desk,
    make_runner_user,
    make_superuser,
    sign_in_now,
    use_second_factor,
)

pytestmark = pytest.mark.django_db
KIM = {"name": "Kim Vale", "email": "Kim@runners.test", "phone": "+1 612 555 0107", "reason": "rang us"}


@pytest.fixture
def cohort() -> Cohort:
    return make_cohort(capacity=2, starts_on="2026-01-12", slug="winter")


@pytest.fixture
def desk(client: Client) -> Client:
    user = make_front_desk()
    client.force_login(user)
    use_second_factor(client, user)
    return client


@pytest.fixture(autouse=True)
def wednesday() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def test_a_caller_gets_a_seat_for_two_days_and_a_link(desk: Client, cohort: Cohort) -> None:
    desk.post("/admin/seats/winter/person/", KIM | {"do": "hold"})
    seat = Seat.objects.get()
    assert (seat.email, seat.state) == ("kim@runners.test", "held")
    assert seat.hold_ends_at == NOW + timedelta(hours=48)
    entry = LedgerEntry.objects.get(happened="held")
    assert (entry.reason, entry.by) == ("rang us", User.objects.get(is_staff=True))
    assert "/join/intake/" in OutboxMessage.objects.get(to_email="kim@runners.test").text


def test_a_person_is_enrolled_immediately_and_answers_later(desk: Client, cohort: Cohort) -> None:
    desk.post("/admin/seats/winter/person/", KIM | {"do": "enroll"})
    seat = Seat.objects.get()
    assert seat.state == "confirmed"
    templates = set(OutboxMessage.objects.values_list("kind", flat=True))
    assert {"welcome", "seat"} <= templates
    theirs = Client()
    theirs.force_login(User.objects.get(email="kim@runners.test"))
    assert theirs.get("/join/intake/").status_code == 200
    assert "Answer the questions" in theirs.get("/join/done/").content.decode()


def test_the_desk_gets_no_seat_beyond_the_last(desk: Client, cohort: Cohort) -> None:
    enroll(cohort=cohort)
    enroll(cohort=cohort)
    page = desk.post("/admin/seats/winter/person/", KIM | {"do": "enroll"})
    assert "Enrollment has closed." in page.content.decode()
    assert "Kim Vale" in page.content.decode()
    assert Seat.objects.count() == 2


def test_a_wrong_address_is_corrected_on_the_same_seat(desk: Client, cohort: Cohort) -> None:
    enrollment = enroll(cohort=cohort)
    desk.post(
        f"/admin/seats/winter/{enrollment.seat_id}/",
        {"do": "address", "email": "Right@runners.test", "reason": "typing mistake"},
    )
    seat = Seat.objects.get()
    assert seat.pk == enrollment.seat_id
    assert (seat.email, seat.user.email) == ("right@runners.test",) * 2  # type: ignore[union-attr]
    assert list(EmailAddress.objects.filter(user=seat.user).values_list("email", "verified")) == [
        ("right@runners.test", False)
    ]
    assert OutboxMessage.objects.filter(kind="welcome", to_email="right@runners.test").exists()
    assert LedgerEntry.objects.filter(happened="corrected", reason="typing mistake").exists()


def test_a_session_of_the_wrong_address_is_ended(desk: Client, cohort: Cohort) -> None:
    enrollment, stranger = enroll(cohort=cohort), Client()
    assert enrollment.seat.user is not None
    sign_in_now(stranger, enrollment.seat.user)
    Authenticator.objects.create(user=enrollment.seat.user, type="totp", data={"secret": "a stranger's"})
    assert stranger.get("/today/").status_code == 200
    desk.post(
        f"/admin/seats/winter/{enrollment.seat_id}/",
        {"do": "address", "email": "right@runners.test", "reason": "typing mistake"},
    )
    assert stranger.get("/today/")["Location"].startswith("/accounts/login/")
    assert not Authenticator.objects.filter(user=enrollment.seat.user).exists()


def test_another_persons_address_is_not_taken_over(desk: Client, cohort: Cohort) -> None:
    enrollment, other = enroll(cohort=cohort), make_runner_user()
    before = enrollment.seat.email
    path = f"/admin/seats/winter/{enrollment.seat_id}/"
    page = desk.post(path, {"do": "address", "email": other.email, "reason": "typing mistake"})
    assert page.status_code == 422
    assert Seat.objects.get().email == before
    said = page.content.decode()
    for label in ("The right address", "Why", "Reason"):
        assert f">{label}</label>" in said
    assert "Another account has this address already." in said
    assert f'value="{other.email}"' in said
    assert 'value="typing mistake"' in said


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"do": "address", "email": "kim@", "reason": "rang us"}, "whole address, like robin@example.org"),
        ({"do": "address", "email": "kim@runners.test", "reason": ""}, "Say why in a few words"),
        ({"do": "end", "why": "bored", "reason": "rang us"}, "Select a valid choice"),
        ({"do": "end", "why": "medical", "reason": ""}, "Say why in a few words"),
    ],
)
def test_what_is_wrong_with_a_seat_is_said_beside_its_own_form(
    desk: Client, cohort: Cohort, sent: dict[str, str], sentence: str
) -> None:
    enroll(cohort=cohort)
    mine = enroll(cohort=cohort).seat
    page = desk.post(f"/admin/seats/winter/{mine.pk}/", sent)
    assert page.status_code == 422
    said = page.content.decode()
    assert sentence in said
    marked = [
        control for control in re.findall(r"<(?:input|select)[^>]*>", said) if "aria-invalid" in control
    ]
    assert len(marked) == 1
    assert f"-seat-{mine.pk}-" in marked[0]
    assert Seat.objects.filter(state="confirmed").count() == 2


@pytest.mark.parametrize("why", ["medical", "never_started", "withdrew", "other"])
def test_a_seat_is_ended_with_a_reason(desk: Client, cohort: Cohort, why: str) -> None:
    enrollment = enroll(cohort=cohort)
    desk.post(
        f"/admin/seats/winter/{enrollment.seat_id}/", {"do": "end", "why": why, "reason": "said on the phone"}
    )
    seat = Seat.objects.get()
    assert (seat.state, seat.end_reason) == ("ended", why)
    assert LedgerEntry.objects.get(happened="withdrew").reason == f"{why}: said on the phone"


def test_the_first_page_of_staff_leads_the_desk_to_its_seats(desk: Client) -> None:
    assert 'href="/admin/seats/"' in desk.get("/admin/").content.decode()


def test_enrollment_is_closed_by_hand_when_no_hold_runs(desk: Client, cohort: Cohort) -> None:
    hold_seat(cohort=cohort, user=make_runner_user(), by=None, at=NOW - timedelta(minutes=15))
    for typed, said in (
        ("", "so type “winter” first"),
        ("wint", "so type “winter” first"),
        ("winter", "Someone holds a seat right now."),
    ):
        answer = desk.post("/admin/seats/winter/close/", {"sure": typed})
        assert answer.status_code == 422
        page = answer.content.decode()
        assert said in page
        assert f'value="{typed}"' in page or not typed
        cohort.refresh_from_db()
        assert cohort.closed_at is None
    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        desk.post("/admin/seats/winter/close/", {"sure": "winter"})
    cohort.refresh_from_db()
    assert cohort.closed_at is not None
    assert Seat.objects.get().end_reason == "expired"
    with pytest.raises(CohortClosed):
        hold_seat(cohort=cohort, user=make_runner_user(), by=None, at=NOW)


def test_one_person_with_two_seats_is_pointed_out(desk: Client, cohort: Cohort) -> None:
    enroll(cohort=cohort, user=make_runner_user(name="Ana Lind", phone="(612) 555-0199"))
    enroll(cohort=cohort, user=make_runner_user(name="A. Lind", phone="+1 612 555 0199"))
    assert "Possibly the same person twice" in desk.get("/admin/seats/winter/").content.decode()


def upload(desk: Client, text: str, do: str) -> str:
    file = SimpleUploadedFile("people.csv", text.encode())
    return desk.post("/admin/seats/winter/invitations/", {"file": file, "do": do}).content.decode()


def test_invitations_come_from_a_file_first_as_a_dry_run(desk: Client, cohort: Cohort) -> None:
    early = {"early_access_at": NOW + timedelta(days=1), "opens_at": NOW + timedelta(days=2)}
    Cohort.objects.filter(pk=cohort.pk).update(**early)
    text = "name,email\nAna,ANA@runners.test\nBo,bo@runners.test\nbo@runners.test\nnobody\n"
    page = upload(desk, text, "dry")
    assert "would add 2" in page
    assert "Line 5" in page
    assert not EarlyAccess.objects.exists()
    assert "Added 2" in upload(desk, text, "import")
    assert "would add 0" in upload(desk, text, "dry")
    assert not Seat.objects.exists()
    desk.post("/admin/seats/winter/invitations/", {"do": "invite"})
    assert OutboxMessage.objects.filter(kind="invitation").count() == 2


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        ({"closed_at": NOW}, "Enrollment has closed"),
        ({"early_access_at": None}, "no time for early access"),
        ({"early_access_at": NOW - timedelta(days=2), "opens_at": NOW}, "Everyone can claim a seat now"),
    ],
)
def test_no_invitation_without_early_access(
    desk: Client, cohort: Cohort, times: dict[str, Any], sentence: str
) -> None:
    early = {"early_access_at": NOW, "opens_at": NOW + timedelta(days=2)}
    Cohort.objects.filter(pk=cohort.pk).update(**early | times)
    upload(desk, "ana@runners.test", "import")
    desk.post("/admin/seats/winter/invitations/", {"do": "invite"})
    assert sentence in desk.get("/admin/seats/winter/").content.decode()
    assert not OutboxMessage.objects.filter(kind="invitation").exists()
    assert EarlyAccess.objects.get().invited_at is None


def test_an_import_gives_no_seat_in_a_full_cohort(desk: Client, cohort: Cohort) -> None:
    enroll(cohort=cohort)
    enroll(cohort=cohort)
    late = make_runner_user()
    upload(desk, late.email, "import")
    desk.post("/admin/seats/winter/invitations/", {"do": "invite"})
    with pytest.raises(CohortClosed):
        hold_seat(cohort=cohort, user=late, by=late, at=NOW)


def test_a_file_that_is_no_text_is_refused_beside_its_field(desk: Client, cohort: Cohort) -> None:
    file = SimpleUploadedFile("people.xlsx", b"PK\x03\x04\xff\xfe\x00")
    page = desk.post("/admin/seats/winter/invitations/", {"file": file, "do": "import"})
    assert page.status_code == 422
    assert "Save it as CSV" in page.content.decode()


def test_the_cohort_as_csv_runs_no_formula(desk: Client, cohort: Cohort) -> None:
    enroll(cohort=cohort, user=make_runner_user(name='=HYPERLINK("http://x")', phone="+1 612 555 0100"))
    rows = list(csv.reader(io.StringIO(desk.post("/admin/seats/winter/export/").content.decode())))
    assert rows[1][2] == '\'=HYPERLINK("http://x")'
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


COHORT = {
    "name": "The spring one",
    "slug": "spring",
    "capacity": "20",
    "weeks": "12",
    "starts_on": "2026-03-02",
    "opens_at_0": "2026-02-02",
    "opens_at_1": "09:00",
    "early_access_at_0": "2026-02-01",
    "early_access_at_1": "09:00",
    "is_public": "on",
    "clinicians-TOTAL_FORMS": "0",
    "clinicians-INITIAL_FORMS": "0",
}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"starts_on": "2026-03-03"}, "March 3 is a Tuesday. A challenge starts on a Monday."),
        ({"capacity": "0"}, "from 1 to 500 seats"),
        ({"weeks": "53"}, "from 1 to 52 weeks"),
        ({"early_access_at_0": "2026-02-03"}, "choose a time before the public one"),
    ],
)
def test_the_next_cohort_needs_no_code_and_its_mistakes_get_a_sentence(
    client: Client, wrong: dict[str, str], sentence: str
) -> None:
    user = make_superuser()
    client.force_login(user)
    use_second_factor(client, user)
    page = client.post("/admin/challenge/cohort/add/", COHORT | wrong).content.decode()
    assert sentence in page
    assert "Constraint" not in page
    assert not Cohort.objects.exists()
    client.post("/admin/challenge/cohort/add/", COHORT)
    assert Cohort.objects.get().slug == "spring"


def test_clinicians_do_not_open_the_desk(client: Client, cohort: Cohort) -> None:
    user = make_clinician()
    client.force_login(user)
    use_second_factor(client, user)
    assert client.get("/admin/seats/winter/").status_code == 403


def test_a_refusal_at_the_front_desk_is_in_the_ledger_with_its_reason(desk: Client, cohort: Cohort) -> None:
    for _ in range(cohort.capacity):
        enroll(cohort=cohort)
    for act in ("hold", "enroll"):
        desk.post("/admin/seats/winter/person/", KIM | {"do": act})
    refused = LedgerEntry.objects.filter(happened="refused")
    assert [entry.reason for entry in refused] == ["CohortClosed: rang us"] * 2
    assert {entry.by for entry in refused} == {User.objects.get(is_staff=True)}
    assert not User.objects.filter(email="kim@runners.test").exists()


def test_a_promised_hold_ends_with_the_joining(desk: Client, cohort: Cohort) -> None:
    cohort.refresh_from_db()
    ends = cohort.joinable_until
    with time_machine.travel(ends - timedelta(hours=3), tick=False):
        desk.post("/admin/seats/winter/person/", KIM | {"do": "hold"})
    assert Seat.objects.get().hold_ends_at == ends
    kim = User.objects.get(email="kim@runners.test")
    with time_machine.travel(ends - timedelta(minutes=5), tick=False):
        hold_seat(cohort=cohort, user=make_runner_user(), by=None, at=ends - timedelta(minutes=5))
        assert (
            hold_seat(cohort=cohort, user=kim, by=None, at=ends - timedelta(minutes=4)).hold_ends_at == ends
        )
    assert not Seat.objects.filter(hold_ends_at__gt=ends).exists()


def test_mail_follows_a_changed_address_and_the_old_one_is_not_seated_twice(cohort: Cohort) -> None:
    user = make_runner_user(email="old@runners.test")
    enrollment = enroll(cohort=cohort, user=user)
    user.email = "new@runners.test"
    user.save()
    EmailAddress.objects.filter(user=user).update(email=user.email)
    assert Enrollment.objects.get(pk=enrollment.pk).address == "new@runners.test"
    with pytest.raises(AddressInUse):
        hold_seat(cohort=cohort, user=make_runner_user(email="old@runners.test"), by=None, at=NOW)
    withdraw(seat=enrollment.seat, reason=EndReason.WITHDREW, by=None, at=NOW)
    assert OutboxMessage.objects.get(dedupe_key__startswith="seat_withdrawn:").to_email == "new@runners.test"


def test_a_file_of_an_old_spreadsheet_is_read_and_a_monstrous_cell_is_refused(
    desk: Client, cohort: Cohort
) -> None:
    assert "would add 2" in upload(desk, "ana@runners.test\rbo@runners.test\r", "dry")
    assert "This isn’t a CSV file" in upload(desk, '"' + "a" * 140_000, "import")


@pytest.mark.parametrize("wrong", ["x", "²", "-1", "1.5", "9" * 30, "9" * 18])
def test_a_clinician_of_a_cohort_that_is_no_person_gets_a_sentence_at_the_field(
    client: Client, wrong: str
) -> None:
    user = make_superuser()
    client.force_login(user)
    use_second_factor(client, user)
    sent = COHORT | {"clinicians-TOTAL_FORMS": "1", "clinicians-0-user": wrong}
    page = client.post("/admin/challenge/cohort/add/", sent)
    assert page.status_code == 200
    assert "That choice is not one of the available choices" in page.content.decode()
    assert "The spring one" in page.content.decode()
    assert not Cohort.objects.exists()
