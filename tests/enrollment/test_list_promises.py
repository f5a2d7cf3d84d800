"""The lists keep their promises: early access by itself at its opening, the launch once and in waves, a way off."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from challenge.accounts.models import User
from challenge.enrollment.ledger import record_event
from challenge.enrollment.models import Cohort, EarlyAccess, LaunchWave, LedgerEvent
from challenge.enrollment.waiting_list import (
    CannotAnnounce,
    announce,
    invite_due,
    invite_one,
    launch_queue,
    off_token,
    token_of,
    write_due_waves,
)
from challenge.mail.models import MessageKind, OutboxMessage
from tests.conftest import NOW
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_front_desk, make_owner, make_runner_user, use_second_factor

pytestmark = pytest.mark.django_db

EARLY_AT = NOW + timedelta(days=1)
OPENS_AT = NOW + timedelta(days=3)


@pytest.fixture
def soon() -> Cohort:
    return make_cohort(
        name="Spring", slug="spring", capacity=2, early_access_at=EARLY_AT, opens_at=OPENS_AT,
        starts_on=date(2026, 1, 19),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def wednesday() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def entry(cohort: Cohort | None, email: str, *, confirmed: bool = True, minutes: int = 0) -> EarlyAccess:
    at = NOW + timedelta(minutes=minutes)
    which = "early" if cohort else "launch"
    return EarlyAccess.objects.create(
        which=which, cohort=cohort, email=email, asked_at=at, confirmed_at=at if confirmed else None
    )


def written_to() -> list[str]:
    return list(
        OutboxMessage.objects.filter(kind=MessageKind.INVITATION)
        .order_by("pk")
        .values_list("to_email", flat=True)
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    use_second_factor(client, user)
    return client


def test_early_access_is_written_to_by_itself_at_its_opening_and_once(soon: Cohort) -> None:
    entry(soon, "kim@callers.test")
    entry(soon, "ada@callers.test", confirmed=False)
    assert invite_due(at=EARLY_AT - timedelta(minutes=1)) == 0
    assert [invite_due(at=EARLY_AT + timedelta(minutes=n)) for n in range(3)] == [1, 0, 0]
    assert written_to() == ["kim@callers.test"]
    letter = OutboxMessage.objects.get(kind=MessageKind.INVITATION)
    assert "You can claim your seat now" in letter.text
    assert "Saturday, January 10, 9:00 AM CST" in letter.text
    assert letter.reply_to == "hello@clinic.test"


def test_who_confirms_while_early_access_runs_is_invited_at_once(soon: Cohort, client: Client) -> None:
    place = entry(soon, "kim@callers.test", confirmed=False)
    with time_machine.travel(EARLY_AT, tick=False):
        page = client.post(f"/early-access/{token_of(place)}/", {"do": "confirm"})
        assert "your invitation is on its way" in page.text
        assert invite_due(at=EARLY_AT) == 0
    assert written_to() == ["kim@callers.test"]


def test_who_confirms_after_the_close_is_offered_the_launch_list(soon: Cohort, client: Client) -> None:
    place = entry(soon, "kim@callers.test", confirmed=False)
    link = f"/early-access/{token_of(place)}/"
    with time_machine.travel(OPENS_AT, tick=False):
        assert "Everyone can claim a seat now" in client.post(link, {"do": "confirm"}).text
    Cohort.objects.update(closed_at=OPENS_AT)
    with time_machine.travel(OPENS_AT + timedelta(days=1), tick=False):
        assert "Enrollment of Spring has closed" in client.get(link).text
        done = client.post(link, {"do": "launch"}).text
        client.post(link, {"do": "launch"})
        assert "You’re on the list for the public launch" in done
    launch = EarlyAccess.objects.get(which="launch")
    assert (launch.email, launch.confirmed_at is not None) == ("kim@callers.test", True)


def test_the_way_off_works_for_as_long_as_the_entry_exists(soon: Cohort, client: Client) -> None:
    entry(soon, "kim@callers.test")
    invite_due(at=EARLY_AT)
    letter = OutboxMessage.objects.get(kind=MessageKind.INVITATION)
    off = next(word for word in letter.text.split() if "/early-access/" in word).removeprefix(
        "http://testserver"
    )
    assert off.removeprefix("http://testserver") in letter.html
    with time_machine.travel(NOW + timedelta(days=900), tick=False):
        assert client.get(off).status_code == 200
        client.post(off, {"do": "leave"})
        assert client.get(off).status_code == 404
    assert not EarlyAccess.objects.exists()


@pytest.mark.parametrize("token", ["1", "1.x", ".", "²", "a.b.c", "1.2:3"])
def test_a_made_up_way_off_leads_nowhere(client: Client, soon: Cohort, token: str) -> None:
    entry(soon, "kim@callers.test")
    assert client.get(f"/early-access/{token}/").status_code == 404


def test_one_person_is_invited_from_a_form_of_ours_and_not_twice(soon: Cohort) -> None:
    desk = signed_in(make_front_desk())
    there = "/admin/seats/spring/invitations/"
    assert "Enter their whole address" in desk.post(there, {"do": "one", "email": "kim@"}).text
    for _ in "12":
        assert desk.post(there, {"do": "one", "email": "Kim@Callers.test"}).status_code == 302
    assert written_to() == ["kim@callers.test"]
    assert EarlyAccess.objects.get().invited_at == NOW
    assert signed_in(make_owner()).get("/admin/challenge/earlyaccess/add/").status_code == 403


def test_those_who_asked_and_never_confirmed_can_be_invited(soon: Cohort) -> None:
    entry(soon, "kim@callers.test", confirmed=False)
    entry(soon, "ada@callers.test")
    desk = signed_in(make_front_desk())
    page = desk.get("/admin/seats/spring/").text
    assert "On the list, confirmed and not invited yet: 1" in page
    desk.post("/admin/seats/spring/invitations/", {"do": "invite_unconfirmed"})
    assert written_to() == ["kim@callers.test"]


def test_people_with_a_seat_are_not_counted_and_not_invited(soon: Cohort) -> None:
    user = make_runner_user(email="kim@callers.test")
    invite_one(cohort=soon, email=user.email, at=EARLY_AT)
    enroll(cohort=soon, user=user, at=EARLY_AT)
    EarlyAccess.objects.update(invited_at=None)
    OutboxMessage.objects.all().delete()
    assert (
        "On the list, confirmed and not invited yet: 0"
        in signed_in(make_front_desk()).get("/admin/seats/spring/").text
    )
    assert invite_due(at=EARLY_AT) == 0


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_dry_run_is_kept_without_the_file_and_understands_any_separator(
    soon: Cohort, separator: str
) -> None:
    enroll(cohort=soon, user=make_runner_user(email="seated@callers.test"), at=OPENS_AT)
    rows = [
        "Name|Email",
        "Kim, the first|kim@callers.test",
        "Ada|ada@callers.test",
        "Bo|bo@",
        "S|seated@callers.test",
    ]
    if separator == ",":
        rows[1] = "Kim|kim@callers.test"
    desk, there = signed_in(make_front_desk()), "/admin/seats/spring/invitations/"
    file = SimpleUploadedFile("list.csv", "\n".join(rows).replace("|", separator).encode())
    page = desk.post(there, {"do": "dry", "file": file})
    assert "would add 2" in page.text
    assert "with a seat already 1; not an address 1" in page.text
    assert "The first line holds no address: “Name, Email”" in page.text
    kept = page.context["invitations"].kept
    desk.post(there, {"do": "import", "kept": kept})
    assert sorted(EarlyAccess.objects.values_list("email", flat=True)) == [
        "ada@callers.test",
        "kim@callers.test",
    ]


def test_five_thousand_lines_with_every_third_broken_are_read_and_imported_once(soon: Cohort) -> None:
    lines = ["email", *(f"p{n}@callers.test" if n % 3 else f"p{n}@" for n in range(4999))]
    right = sum("." in line for line in lines)
    desk, there = signed_in(make_front_desk()), "/admin/seats/spring/invitations/"
    for added in (right, 0):
        page = desk.post(there, {"do": "import", "kept": "\n".join(lines)})
        assert len(page.context["invitations"].new) == added
        assert len(page.context["invitations"].wrong) == 4999 - right
    assert EarlyAccess.objects.count() == right


def test_the_launch_is_written_in_waves_early_access_first_then_those_refused(soon: Cohort) -> None:
    late, first = entry(None, "late@callers.test", minutes=9), entry(None, "first@callers.test")
    refused = make_runner_user(email="refused@callers.test")
    entry(None, refused.email, minutes=5)
    record_event(
        cohort=soon, user=refused, by=None, happened=LedgerEvent.REFUSED, at=NOW, reason="CohortFull"
    )
    entry(None, "early@callers.test", minutes=7)
    EarlyAccess.objects.create(
        which="early", cohort=soon, email="early@callers.test", asked_at=NOW, confirmed_at=NOW, invited_at=NOW
    )
    entry(None, "never@callers.test", confirmed=False)
    assert [one.email.split("@")[0] for one in launch_queue()] == ["early", "refused", "first", "late"]
    owner = make_owner()
    announce(cohort=soon, size=2, first_at=OPENS_AT, every=timedelta(hours=24), by=owner, at=NOW)
    with pytest.raises(CannotAnnounce):
        announce(cohort=soon, size=9, first_at=OPENS_AT, every=timedelta(hours=24), by=owner, at=NOW)
    moments = [OPENS_AT + timedelta(hours=hours) for hours in (-1, 0, 1, 24, 48)]
    assert [write_due_waves(at=at) for at in moments] == [0, 2, 0, 2, 0]
    assert [address.split("@")[0] for address in written_to()] == ["early", "refused", "first", "late"]
    assert {first.pk, late.pk} == set(EarlyAccess.objects.filter(wave__number=2).values_list("pk", flat=True))


def test_an_owner_announces_on_the_page_the_desk_reads_it_and_the_outcome_is_shown(soon: Cohort) -> None:
    entry(None, "kim@callers.test")
    there = "/admin/seats/launch/"
    typed = {
        "cohort": str(soon.pk), "size": "10", "first_at_0": "2026-01-10", "first_at_1": "09:00", "every_hours": "24",
    }  # fmt: skip
    desk, owner = signed_in(make_front_desk()), signed_in(make_owner())
    assert "An owner announces the launch here." in desk.get(there).text
    assert desk.post(there, typed).status_code == 403
    for wrong in ({"size": "0"}, {"size": "x"}, {"first_at_0": "2025-01-10"}, {"every_hours": ""}, {"cohort": "9999"},
                  {"first_at_0": "9999-12-31"}, {"cohort": "²"}):  # fmt: skip
        assert owner.post(there, typed | wrong).status_code == 422, wrong
    assert owner.post(there, typed).status_code == 302
    assert "announced already" in owner.post(there, typed).text
    write_due_waves(at=OPENS_AT)
    assert LaunchWave.objects.get().written == 1
    assert "Into Spring" in desk.get(there).text


def test_nothing_is_written_for_a_cohort_that_closed_meanwhile(soon: Cohort) -> None:
    entry(None, "kim@callers.test")
    announce(cohort=soon, size=2, first_at=OPENS_AT, every=timedelta(hours=1), by=make_owner(), at=NOW)
    Cohort.objects.update(closed_at=NOW)
    assert write_due_waves(at=OPENS_AT) == 0
    assert launch_queue().count() == 1


def test_every_mail_of_the_lists_has_a_way_off_and_an_address_to_reply_to(
    soon: Cohort, client: Client
) -> None:
    client.post("/early-access/", {"email": "kim@callers.test"})
    place = EarlyAccess.objects.get()
    EarlyAccess.objects.update(confirmed_at=NOW)
    entry(None, "ada@callers.test")
    invite_due(at=EARLY_AT)
    announce(cohort=soon, size=2, first_at=OPENS_AT, every=timedelta(hours=1), by=make_owner(), at=NOW)
    write_due_waves(at=OPENS_AT)
    letters = OutboxMessage.objects.filter(about__startswith="list:")
    assert letters.count() == 3
    for letter in letters:
        assert letter.reply_to == "hello@clinic.test"
        token = off_token(EarlyAccess.objects.get(pk=int(letter.about.removeprefix("list:"))))
        assert token in letter.text
        assert token in letter.html
    assert place.pk
