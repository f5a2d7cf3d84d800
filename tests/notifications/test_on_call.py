"""Quiet hours, time away and stand-ins change who reads a stop flag first; someone always does."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from challenge.accounts.models import User
from challenge.care.actions import acknowledge_flag, raise_flag
from challenge.care.models import Flag
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.mail.models import MessageKind, OutboxMessage
from challenge.notifications.models import NoticeSettings
from challenge.notifications.notices import alert_clinicians, send_notices
from challenge.protocol.vocabulary import FlagKind
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.people import make_clinician, use_second_factor
from tests.weekly.conftest import SIX

pytestmark = pytest.mark.django_db
TEN = SIX + timedelta(hours=4)  # Monday, 10:00 in Chicago
MONDAY = TEN.date()


@pytest.fixture
def cared_for(enrolled: Enrollment, clinician: User) -> Enrollment:
    CohortClinician.objects.create(cohort=enrolled.cohort, user=clinician)
    return enrolled


@pytest.fixture
def colleague(cared_for: Enrollment) -> User:
    other = make_clinician(name="Ada Moor")
    CohortClinician.objects.create(cohort=cared_for.cohort, user=other)
    return other


def stop(enrollment: Enrollment) -> Flag:
    return raise_flag(
        enrollment=enrollment, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=TEN
    )


def set_notices(user: User, **values: object) -> NoticeSettings:
    return NoticeSettings.objects.update_or_create(user=user, defaults=values | {"changed_at": TEN})[0]


def readers() -> set[str]:
    return set(OutboxMessage.objects.filter(kind=MessageKind.STAFF_ALERT).values_list("to_email", flat=True))


def test_while_away_a_stop_goes_to_the_stand_in_and_the_clinics_address(
    cared_for: Enrollment, clinician: User
) -> None:
    deputy = make_clinician(name="Ada Moor")
    set_notices(clinician, away_until=MONDAY, stand_in=deputy)
    stop(cared_for)
    alert_clinicians(at=TEN)
    assert readers() == {deputy.email, settings.CLINIC_EMAIL.lower()}
    # The day after the last day away, what is not taken reaches them too.
    alert_clinicians(at=TEN + timedelta(days=1))
    assert clinician.email in readers()


@pytest.mark.parametrize("why", ["away", "closed", "none"])
def test_a_stand_in_who_is_not_there_leaves_the_shared_address(
    cared_for: Enrollment, clinician: User, why: str
) -> None:
    deputy = make_clinician(name="Ada Moor")
    set_notices(clinician, away_until=MONDAY, stand_in=None if why == "none" else deputy)
    if why == "away":
        set_notices(deputy, away_until=MONDAY + timedelta(days=3))
    elif why == "closed":
        User.objects.filter(pk=deputy.pk).update(is_active=False)
    stop(cared_for)
    alert_clinicians(at=TEN)
    assert readers() == {settings.CLINIC_EMAIL.lower(), settings.CLINICAL_REPLY_EMAIL.lower()}


def test_in_quiet_hours_colleagues_read_it_and_it_follows_when_they_end(
    cared_for: Enrollment, clinician: User, colleague: User
) -> None:
    set_notices(clinician, quiet_from="09:00", quiet_until="11:30")
    flag = stop(cared_for)
    alert_clinicians(at=TEN)
    assert readers() == {colleague.email}
    alert_clinicians(at=TEN + timedelta(minutes=89))
    assert readers() == {colleague.email}
    alert_clinicians(at=TEN + timedelta(minutes=90))
    assert readers() == {colleague.email, clinician.email}
    assert acknowledge_flag(flag=flag, by=colleague, at=TEN + timedelta(minutes=91))
    assert alert_clinicians(at=TEN + timedelta(hours=7)) == 0


@pytest.mark.parametrize("hours", [("09:00", "11:00"), ("21:00", "10:01")])
def test_when_everyone_is_quiet_the_shared_address_reads_it_at_once(
    cared_for: Enrollment, clinician: User, hours: tuple[str, str]
) -> None:
    set_notices(clinician, quiet_from=hours[0], quiet_until=hours[1])
    stop(cared_for)
    alert_clinicians(at=TEN)
    assert readers() == {settings.CLINICAL_REPLY_EMAIL.lower()}


def test_who_reads_is_one_query_for_any_number_of_flags(
    cared_for: Enrollment, colleague: User, django_assert_max_num_queries: object
) -> None:
    set_notices(colleague, away_until=MONDAY, stand_in=make_clinician(name="Ben Reyes"))
    for runner in (cared_for, enroll(cohort=cared_for.cohort), enroll(cohort=cared_for.cohort)):
        stop(runner)
    alert_clinicians(at=TEN)
    with django_assert_max_num_queries(7):  # type: ignore[operator]
        assert alert_clinicians(at=TEN + timedelta(minutes=1)) == 0


@pytest.mark.parametrize(
    ("values", "sent"),
    [
        ({}, True),
        ({"digest": False}, False),
        ({"away_until": MONDAY}, False),
        ({"quiet_from": "20:00", "quiet_until": "11:00"}, False),
        ({"quiet_from": "20:00", "quiet_until": "07:30"}, True),
    ],
)
def test_the_digest_follows_the_settings(
    cared_for: Enrollment, clinician: User, values: dict[str, object], sent: bool
) -> None:
    if values:
        set_notices(clinician, **values)
    raise_flag(
        enrollment=cared_for, kind=FlagKind.QUESTION, rule="strike.offer", source="x", facts={}, at=TEN
    )
    send_notices(at=TEN)
    assert OutboxMessage.objects.filter(kind=MessageKind.DIGEST, to_email=clinician.email).exists() is sent


def test_no_settings_without_two_ends_or_with_oneself_as_stand_in(clinician: User) -> None:
    for values in (
        {"quiet_from": "09:00"},
        {"quiet_from": "09:00", "quiet_until": "09:00"},
        {"stand_in": make_clinician(name="Ada Moor")},
        {"stand_in": clinician, "away_until": MONDAY},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            set_notices(clinician, **values)


class TestThePage:
    """`/admin/notices/`."""

    @pytest.fixture
    def desk(self, client: Client, clinician: User) -> Client:
        client.force_login(clinician)
        use_second_factor(client, clinician)
        return client

    def test_settings_are_saved_and_i_am_back_ends_the_time_away(
        self, desk: Client, cared_for: Enrollment, clinician: User, colleague: User
    ) -> None:
        day = timezone.localdate() + timedelta(days=5)
        typed = {"quiet_from": "21:00", "quiet_until": "6 AM", "away_until": day, "stand_in": colleague.pk}
        assert desk.post("/admin/notices/", typed).status_code == 302
        row = NoticeSettings.objects.get(user=clinician)
        assert (row.digest, row.away_until, row.stand_in) == (False, day, colleague)
        text = desk.get("/admin/notices/").content.decode()
        assert "You’re away until" in text
        assert "Ada Moor and the clinic’s address" in text
        assert desk.post("/admin/notices/", {"back": "1"}).status_code == 302
        row.refresh_from_db()
        assert (row.away_until, row.stand_in, f"{row.quiet_until:%H:%M}") == (None, None, "06:00")

    def test_the_page_says_for_whom_one_stands_in(
        self, desk: Client, cared_for: Enrollment, clinician: User, colleague: User
    ) -> None:
        today = timezone.localdate()
        set_notices(colleague, away_until=today + timedelta(days=5), stand_in=clinician)
        assert "You stand in for Ada Moor until" in desk.get("/admin/notices/").content.decode()
        set_notices(colleague, away_until=today - timedelta(days=5), stand_in=clinician)
        assert "You stand in" not in desk.get("/admin/notices/").content.decode()

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"quiet_from": "21:00"}, "Enter both times, or leave both empty."),
            ({"quiet_from": "9", "quiet_until": "6"}, "Enter a time, like 9:00 PM."),
            ({"quiet_from": "09:00", "quiet_until": "09:00"}, "Change one of the two"),
            ({"away_until": "tomorrow"}, "Enter a day, like 12/24/2026."),
            ({"away_until": "2020-01-01"}, "This day is over"),
            ({"away_until": "9999-12-31"}, "Choose a day within a year."),
            ({"stand_in": "me"}, "no longer works here as a clinician"),
            ({"stand_in": "stranger", "away_until": "soon"}, "can’t open"),
            ({"stand_in": "colleague"}, "Enter the last day you’re away, or choose no one."),
            ({"stand_in": "away", "away_until": "soon"}, "is away too"),
        ],
    )
    def test_what_cannot_be_is_said_beside_the_field_and_nothing_typed_is_lost(
        self,
        desk: Client,
        cared_for: Enrollment,
        clinician: User,
        colleague: User,
        typed: dict[str, str],
        sentence: str,
    ) -> None:
        at = timezone.now()
        soon = timezone.localdate() + timedelta(days=5)
        people = {"me": clinician, "colleague": colleague, "away": colleague}
        if typed.get("stand_in") == "away":
            set_notices(colleague, away_until=soon, changed_at=at)
        if typed.get("stand_in") == "stranger":
            people["stranger"] = make_clinician(name="Cleo Park")
            CohortClinician.objects.create(cohort=make_cohort(name="Spring"), user=clinician)
        sent = typed | ({"stand_in": people[typed["stand_in"]].pk} if "stand_in" in typed else {})
        sent |= {"away_until": soon.isoformat()} if typed.get("away_until") == "soon" else {}
        page = desk.post("/admin/notices/", sent)
        text = page.content.decode()
        assert page.status_code == 422
        assert sentence in text
        for value in sent.values():
            assert f'value="{value}"' in text or f'value="{value}" selected' in text or "stand_in" in typed
        assert not NoticeSettings.objects.filter(user=clinician).exists()
