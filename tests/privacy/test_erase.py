"""Deleting an account erases name and words; the seat's history stays without a name."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.db import DatabaseError, connection, transaction
from django.test import Client

from challenge.accounts.actions import record_access
from challenge.accounts.models import User
from challenge.calls.models import BookingState, CanceledBy
from challenge.care.models import PhaseChange
from challenge.enrollment.actions import hold_seat
from challenge.enrollment.emails import seat_held
from challenge.enrollment.models import EarlyAccess, Enrollment, LedgerEntry, Seat, SeatState
from challenge.intake.models import Consent
from challenge.mail.actions import send_copy
from challenge.mail.models import OutboxMessage
from challenge.privacy.actions import StaffAccount, erase_account
from tests.conftest import NOW
from tests.factories.calls import make_availability, make_call
from tests.factories.cohorts import make_cohort
from tests.factories.lives import MARKER, make_life
from tests.factories.people import (
    make_clinician,
    make_owner,
    make_runner_user,
    sign_in_now,
    use_second_factor,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


@pytest.fixture
def life() -> Enrollment:
    return make_life(make_runner_user(email="ada.marker@runners.test"))


def person(enrollment: Enrollment) -> User:
    assert enrollment.seat.user is not None
    return enrollment.seat.user


def tables_with(*words: str) -> list[str]:
    """Return the tables that have one of these words anywhere in a row."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            for word in words:
                cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text ILIKE %s', [f"%{word}%"])
                if cursor.fetchone()[0]:
                    found.append(f"{table}: {word}")
    return found


def test_nothing_in_any_table_names_them_or_repeats_their_words(life: Enrollment) -> None:
    words = (MARKER, "ada.marker@runners.test")
    assert len(tables_with(*words)) > 12, "the life must be full before it is erased"
    erase_account(user=person(life), by=person(life), at=LATER)
    assert tables_with(*words) == []


def test_the_admins_log_is_erased_too(client: Client, life: Enrollment) -> None:
    user, owner = person(life), make_owner()
    client.force_login(owner)
    use_second_factor(client, owner)
    sent = {"email": user.email, "name": f"Mended {MARKER}", "time_zone": user.time_zone, "is_active": "on"}
    assert client.post(f"/admin/challenge/user/{user.pk}/change/", sent).status_code == 302
    assert "django_admin_log: Mended" in tables_with("Mended")
    erase_account(user=user, by=user, at=LATER)
    assert tables_with(MARKER) == []
    assert LogEntry.objects.filter(user=owner, object_id=str(user.pk)).exists(), "that it was done stays"


def test_copies_that_staff_sent_to_themselves_go_with_the_email(life: Enrollment) -> None:
    other = make_life(marker="Somebody-else")
    address = make_clinician().email
    for message in OutboxMessage.objects.filter(about__in=[life.about, other.about]):
        send_copy(message=message, to=address, at=NOW)
    erase_account(user=person(life), by=person(life), at=LATER)
    assert tables_with(MARKER) == []
    kept = OutboxMessage.objects.filter(about=other.about).values_list("pk", flat=True)
    copies = OutboxMessage.objects.filter(kind="test").values_list("dedupe_key", flat=True)
    assert {int(key.split(":")[1]) for key in copies} == set(kept)


def test_mail_about_their_seat_goes_whatever_address_it_went_to(life: Enrollment) -> None:
    seat_held(seat=life.seat, at=NOW)
    OutboxMessage.objects.filter(about=f"seat:{life.seat_id}").update(to_email="mistyped@runners.test")
    erase_account(user=person(life), by=person(life), at=LATER)
    assert tables_with("mistyped@runners.test") == []


def test_the_seats_history_stays_without_a_name(life: Enrollment) -> None:
    seat, number = life.seat, life.seat.number
    erase_account(user=person(life), by=person(life), at=LATER)
    seat = Seat.objects.get(pk=seat.pk)
    assert (seat.number, seat.user, seat.email, seat.state) == (number, None, "", SeatState.ENDED)
    happened = LedgerEntry.objects.filter(seat=seat).order_by("pk")
    assert [e.happened for e in happened] == ["held", "confirmed", "withdrew"]
    assert {(e.user, e.by, e.reason) for e in happened} == {(None, None, "")}


def test_consents_and_phases_stay_as_bare_facts(life: Enrollment) -> None:
    erase_account(user=person(life), by=person(life), at=LATER)
    assert Consent.objects.filter(enrollment=life).exists()
    assert PhaseChange.objects.filter(enrollment=life, to_phase=2, reason="erased").exists()


def test_others_keep_everything(life: Enrollment) -> None:
    other = make_life(marker="Somebody-else")
    before = tables_with("Somebody-else", person(other).email)
    erase_account(user=person(life), by=person(life), at=LATER)
    assert tables_with("Somebody-else", person(other).email) == before


def test_a_hold_is_given_back() -> None:
    user, cohort = make_runner_user(), make_cohort()
    seat = hold_seat(cohort=cohort, user=user, by=user, at=NOW)
    erase_account(user=user, by=user, at=NOW)
    assert Seat.objects.get(pk=seat.pk).state == SeatState.ENDED


def test_the_histories_are_append_only_again_afterwards(life: Enrollment) -> None:
    other = make_life(marker="x-marker")
    erase_account(user=person(life), by=person(life), at=LATER)
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        LedgerEntry.objects.filter(seat=other.seat).update(reason="rewritten")


def test_staff_accounts_are_not_deleted_but_closed() -> None:
    clinician = make_clinician()
    with pytest.raises(StaffAccount):
        erase_account(user=clinician, by=clinician, at=NOW)


def test_a_former_staff_account_in_a_history_refers_to_the_owner(client: Client, life: Enrollment) -> None:
    former = make_clinician()
    record_access(viewer=former, runner=person(life), what="runner page", at=NOW)
    former.groups.clear()
    User.objects.filter(pk=former.pk).update(is_staff=False)
    sign_in_now(client, former)
    page = client.post("/me/delete/", {"understood": "on"})
    assert "Staff accounts are closed by the owner." in page.content.decode()
    assert EmailAddress.objects.filter(user=former).exists()


def test_the_page_deletes_signs_out_and_confirms_it(client: Client, life: Enrollment) -> None:
    user = person(life)
    sign_in_now(client, user)
    page = client.post("/me/delete/", {}).content.decode()
    assert "Check the box to show that you mean it." in page
    assert User.objects.filter(pk=user.pk).exists()
    response = client.post("/me/delete/", {"understood": "on"}, follow=True)
    assert "Your account is deleted" in response.content.decode()
    assert not User.objects.filter(pk=user.pk).exists()
    assert not EmailAddress.objects.filter(email=user.email).exists()
    assert "_auth_user_id" not in client.session


def test_looking_at_the_page_deletes_nothing(client: Client, life: Enrollment) -> None:
    sign_in_now(client, person(life))
    assert client.get("/me/delete/").status_code == 200
    assert User.objects.filter(pk=person(life).pk).exists()


def test_every_other_session_ends_with_the_account(client: Client, life: Enrollment) -> None:
    phone = Client()
    sign_in_now(phone, person(life))
    phone.get("/")
    sign_in_now(client, person(life))
    client.post("/me/delete/", {"understood": "on"})
    assert phone.get("/accounts/email/").status_code == 302


def test_a_stale_sign_in_is_asked_first(client: Client, life: Enrollment) -> None:
    client.force_login(person(life))
    response = client.post("/me/delete/", {"understood": "on"})
    assert response["Location"] == "/accounts/again/?next=%2Fme%2Fdelete%2F"
    assert User.objects.filter(pk=person(life).pk).exists()


def test_the_address_may_join_again(life: Enrollment) -> None:
    email = person(life).email
    erase_account(user=person(life), by=person(life), at=LATER)
    assert make_runner_user(email=email).pk


def test_data_under_another_of_their_addresses_is_erased_too(life: Enrollment) -> None:
    EmailAddress.objects.create(user=person(life), email="earlier@runners.test", verified=True)
    EarlyAccess.objects.create(which="early", email="earlier@runners.test", asked_at=NOW)
    who: dict[str, Any] = {"email": "earlier@runners.test", "name": "Earlier-name", "site": "achilles"}
    starts_at = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)  # Thursday, 10:00 in Chicago
    availability = make_availability()
    over = make_call(availability=availability, starts_at=starts_at, at=NOW, **who)
    to_come = make_call(availability=availability, starts_at=starts_at + timedelta(days=7), at=NOW, **who)
    erase_account(user=person(life), by=person(life), at=over.ends_at)
    to_come.refresh_from_db()
    assert to_come.state == BookingState.CANCELED
    assert tables_with("earlier@runners.test", "Earlier-name") == []
    over.refresh_from_db()
    assert over.site == ""


def test_an_upcoming_call_is_canceled_and_leaves_the_clinicians_calendar(life: Enrollment) -> None:
    availability = make_availability()
    starts_at = datetime(2026, 1, 8, 16, 0, tzinfo=UTC)  # Thursday, 10:00 in Chicago
    address = person(life).email
    call = make_call(availability=availability, starts_at=starts_at, at=NOW, email=address, name=MARKER)
    erase_account(user=person(life), by=person(life), at=LATER)
    call.refresh_from_db()
    assert (call.state, call.canceled_by, call.sequence) == (BookingState.CANCELED, CanceledBy.PROSPECT, 1)
    mails = OutboxMessage.objects.filter(about=call.about).order_by("pk")
    assert {mail.to_email for mail in mails} == {availability.staff.email}
    last = str([mail.attachments for mail in mails][-1])
    assert "METHOD:CANCEL" in last
    assert "SEQUENCE:1" in last
    assert tables_with(MARKER, address) == []
    make_call(availability=availability, starts_at=starts_at, at=LATER)
