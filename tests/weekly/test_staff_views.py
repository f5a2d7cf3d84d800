"""Staff read what was sent, see what was not, and may change a week that has not begun."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from challenge.accounts.models import AccessEntry, User
from challenge.care.actions import raise_flag
from challenge.care.models import WeeklyTarget
from challenge.enrollment.models import CohortClinician, Enrollment
from challenge.mail.actions import put_in_outbox
from challenge.mail.models import AddressState, MessageKind, MessageState, OutboxMessage
from challenge.protocol.vocabulary import FlagKind
from challenge.weekly.actions import change_coming_week
from challenge.weekly.decide import TooLate, decide_due, revise_out_of_date
from challenge.weekly.models import PlannedCadence
from challenge.weekly.previews import ComingWeek, coming_week_of
from tests.factories.people import use_second_factor
from tests.weekly.conftest import MONDAY, SIX

pytestmark = pytest.mark.django_db
SUNDAY = SIX + timedelta(days=6)
NEXT = MONDAY + timedelta(days=7)


@pytest.fixture
def desk(client: Client, clinician: User, enrolled: Enrollment) -> Client:
    """A clinician of the runner's cohort, signed in, after the first Monday."""
    CohortClinician.objects.create(cohort=enrolled.cohort, user=clinician)
    decide_due(now=lambda: SIX)
    client.force_login(clinician)
    use_second_factor(client, clinician)
    return client


def only() -> OutboxMessage:
    return OutboxMessage.objects.get(kind=MessageKind.WEEKLY)


def test_a_message_is_read_as_it_was_sent_and_the_look_is_noted(desk: Client, enrolled: Enrollment) -> None:
    page = desk.get(f"/admin/targets/messages/{only().pk}/").content.decode()
    assert "<iframe" in page
    assert "YOUR EXERCISES" in page
    assert AccessEntry.objects.get().runner == enrolled.seat.user


def test_the_preview_can_do_nothing(desk: Client) -> None:
    response = desk.get(f"/admin/targets/messages/{only().pk}/html/")
    assert response["Content-Security-Policy"].startswith(
        "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    )
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_a_sign_in_code_is_neither_listed_nor_opened_for_any_staff(desk: Client) -> None:
    code = put_in_outbox(
        kind=MessageKind.SECURITY,
        template="sign_in_code",
        to="x@runners.test",
        context={"code": "482913"},
        dedupe_key="s",
        at=SIX,
    )
    assert b"sign-in code" not in desk.get("/admin/targets/").content
    assert desk.get(f"/admin/targets/messages/{code.pk}/").status_code == 404


def test_a_failed_message_is_listed_first_and_can_be_sent_again(desk: Client) -> None:
    OutboxMessage.objects.filter(pk=only().pk).update(state=MessageState.FAILED, last_error="550")
    expires_at = only().expires_at
    assert "550" in desk.get("/admin/targets/").content.decode()
    with time_machine.travel(SIX + timedelta(hours=1), tick=False):
        desk.post(f"/admin/targets/messages/{only().pk}/again/")
    assert (only().state, only().expires_at) == (MessageState.QUEUED, expires_at)


def test_a_failed_raise_is_not_sent_again_once_a_stop_flag_is_open(
    desk: Client, enrolled: Enrollment
) -> None:
    raised = only()
    OutboxMessage.objects.filter(pk=raised.pk).update(state=MessageState.FAILED, last_error="550")
    with time_machine.travel(SIX + timedelta(hours=1), tick=False):
        raise_flag(
            enrollment=enrolled, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=SIX
        )
        desk.post(f"/admin/targets/messages/{raised.pk}/again/")
        raised.refresh_from_db()
        assert raised.state == MessageState.FAILED, "before the week is decided again"
        revise_out_of_date(at=SIX + timedelta(hours=1))
        assert b"Send again" not in desk.get(f"/admin/targets/messages/{raised.pk}/").content
        answer = desk.post(f"/admin/targets/messages/{raised.pk}/again/", follow=True)
    raised.refresh_from_db()
    assert raised.state == MessageState.FAILED
    assert "What it says is out of date" in answer.content.decode()


def test_a_failed_email_is_not_sent_again_when_its_week_is_over(desk: Client) -> None:
    OutboxMessage.objects.filter(pk=only().pk).update(state=MessageState.FAILED, last_error="too late")
    with time_machine.travel(SIX + timedelta(days=8), tick=False):
        desk.post(f"/admin/targets/messages/{only().pk}/again/")
    assert only().state == MessageState.FAILED


def test_a_failed_email_is_not_sent_again_to_who_wants_none_any_more(desk: Client) -> None:
    OutboxMessage.objects.filter(pk=only().pk).update(state=MessageState.FAILED, last_error="450")
    AddressState.objects.update_or_create(
        email=only().to_email, defaults={"weekly_unsubscribed_at": SIX + timedelta(minutes=5)}
    )
    with time_machine.travel(SIX + timedelta(hours=1), tick=False):
        answer = desk.post(f"/admin/targets/messages/{only().pk}/again/", follow=True)
    assert only().state == MessageState.FAILED
    assert "has unsubscribed from weekly emails" in answer.content.decode()


def test_a_copy_to_oneself_lacks_the_runners_unsubscribe_link(desk: Client, clinician: User) -> None:
    desk.post(f"/admin/targets/messages/{only().pk}/test/")
    copy = OutboxMessage.objects.get(kind=MessageKind.TEST)
    assert copy.to_email == clinician.email
    assert "unsubscribe" not in copy.text + copy.html
    assert copy.headers == {}


def test_the_coming_week_is_shown_before_it_is_decided(desk: Client, enrolled: Enrollment) -> None:
    with time_machine.travel(SUNDAY, tick=False):
        assert "Jan 12" in desk.get(f"/admin/targets/coming/{enrolled.cohort.slug}/").content.decode()
        page = desk.get(f"/admin/targets/coming/runners/{enrolled.pk}/").content.decode()
    assert "WEEK 2 OF 12" in page
    assert WeeklyTarget.objects.count() == 1


def change(desk: Client, enrolled: Enrollment, at: datetime, **data: Any) -> Any:
    with time_machine.travel(at, tick=False):
        coming = coming_week_of(enrolled, at=at)
        assert coming is not None
        return desk.post(f"/admin/targets/coming/runners/{enrolled.pk}/", {"seen": coming.mark} | data)


def test_a_page_from_before_monday_changes_no_later_week_and_loses_nothing(
    desk: Client, enrolled: Enrollment
) -> None:
    early, late = (SIX + timedelta(days=7, minutes=minutes) for minutes in (-10, 1))
    with time_machine.travel(early, tick=False):
        page = desk.get(f"/admin/targets/coming/runners/{enrolled.pk}/").content.decode()
    assert f'name="seen" value="{NEXT}:0"' in page
    answer = change(desk, enrolled, late, seen=f"{NEXT}:0", cadence_spm=170, reason="Looks easy.")
    assert answer.status_code == 422
    assert "A new week has begun" in answer.content.decode()
    assert "Looks easy." in answer.content.decode()
    assert not PlannedCadence.objects.exists()


def test_before_six_on_monday_the_week_that_goes_out_may_still_be_changed(
    desk: Client, enrolled: Enrollment
) -> None:
    early = SIX + timedelta(days=6, hours=21)  # three in the morning in Chicago
    assert change(desk, enrolled, early, cadence_spm=170, reason="Looks easy.").status_code == 302
    decide_due(now=lambda: SIX + timedelta(days=7))
    assert WeeklyTarget.objects.get(week=2).cadence_spm == 170


def test_the_second_of_two_clinicians_who_change_a_week_is_warned(desk: Client, enrolled: Enrollment) -> None:
    change(desk, enrolled, SUNDAY, cadence_spm=170, reason="First.")
    answer = change(desk, enrolled, SUNDAY, seen=f"{NEXT}:0", cadence_spm=160, reason="Second.")
    assert answer.status_code == 422
    assert 'value="160"' in answer.content.decode()
    assert PlannedCadence.objects.get().cadence_spm == 170
    assert change(desk, enrolled, SUNDAY, cadence_spm=160, reason="Second.").status_code == 302


def test_a_change_with_a_reason_is_what_monday_decides(desk: Client, enrolled: Enrollment) -> None:
    change(desk, enrolled, SUNDAY, cadence_spm=170, reason="Looks easy on the treadmill.")
    decide_due(now=lambda: SIX + timedelta(days=7))
    assert WeeklyTarget.objects.get(week=2).cadence_spm == 170
    decide_due(now=lambda: SIX + timedelta(days=14))
    assert WeeklyTarget.objects.get(week=3).cadence_spm == 170


def test_a_change_for_the_coming_week_says_everywhere_that_it_holds_for_that_week_only(
    desk: Client, enrolled: Enrollment, clinician: User
) -> None:
    change(desk, enrolled, SUNDAY, cadence_spm=170, reason="Try.")
    with time_machine.travel(SUNDAY, tick=False):
        for page in (f"runners/{enrolled.pk}/", f"{enrolled.cohort.slug}/"):
            told = desk.get(f"/admin/targets/coming/{page}").content.decode()
            assert "The cadence was set to 170 by hand, for this week only." in told
    decide_due(now=lambda: SIX + timedelta(days=7))
    told = OutboxMessage.objects.get(kind=MessageKind.WEEKLY, weekly_target__week=2).text
    assert "A clinician set your cadence to 170 for this week only." in " ".join(told.split())
    client = Client()
    with time_machine.travel(SIX + timedelta(days=8), tick=False):
        client.force_login(clinician)
        use_second_factor(client, clinician)
        page = client.get(f"/admin/review/{enrolled.cohort.slug}/runners/{enrolled.pk}/").content.decode()
        assert "The cadence was set to 170 by hand, for this week only." in page
        client.force_login(enrolled.seat.user)  # type: ignore[arg-type]
        page = client.get("/today/").content.decode()
        assert "A clinician set your cadence to 170 for this week only." in page
        assert "until they change it" not in page


def test_a_change_needs_a_reason_and_keeps_what_was_typed(desk: Client, enrolled: Enrollment) -> None:
    answer = change(desk, enrolled, SUNDAY, cadence_spm=170, reason="")
    assert answer.status_code == 422
    assert 'value="170"' in answer.content.decode()
    assert not PlannedCadence.objects.exists()


def test_holding_needs_a_target_to_hold(desk: Client, enrolled: Enrollment) -> None:
    page = change(desk, enrolled, SUNDAY, cadence_spm="", reason="Wait.").content.decode()
    assert "There’s no current target to keep" in page


def test_a_target_that_no_hand_may_set_is_not_held_by_hand(
    desk: Client, enrolled: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ComingWeek, "present_spm", property(lambda coming: 105))
    answer = change(desk, enrolled, SUNDAY, cadence_spm="", reason="Wait.")
    assert answer.status_code == 422
    assert "The current target, 105, is not from 120 to 180" in answer.content.decode()


def test_a_change_can_be_taken_back_until_monday(desk: Client, enrolled: Enrollment) -> None:
    change(desk, enrolled, SUNDAY, cadence_spm=170, reason="Try.")
    with time_machine.travel(SUNDAY, tick=False):
        there = f"/admin/targets/coming/runners/{enrolled.pk}/take-back/"
        old = desk.post(there, {"seen": f"{NEXT}:0"}, follow=True)
        assert b"since you opened the page" in old.content
        assert PlannedCadence.objects.filter(taken_back_at__isnull=True).count() == 1
        coming = coming_week_of(enrolled, at=SUNDAY)
        assert coming is not None
        desk.post(there, {"seen": coming.mark})
    decide_due(now=lambda: SIX + timedelta(days=7))
    assert WeeklyTarget.objects.get(week=2).cadence_spm is None


def test_from_monday_six_on_it_is_too_late(enrolled: Enrollment, clinician: User) -> None:
    with pytest.raises(TooLate):
        change_coming_week(
            enrollment=enrolled,
            week_starts_on=NEXT,
            cadence_spm=170,
            reason="Late.",
            by=clinician,
            at=SIX + timedelta(days=7),
        )


def test_one_message_goes_to_the_whole_cohort_once(desk: Client, enrolled: Enrollment) -> None:
    data = {"subject": "Ice on the paths", "text": "Run on the track.\n\nSee you.", "key": "abc"}
    for _ in range(2):
        desk.post(f"/admin/targets/write/{enrolled.cohort.slug}/", data)
    message = OutboxMessage.objects.get(kind=MessageKind.MESSAGE)
    assert (message.subject, message.to_email) == ("Ice on the paths", enrolled.seat.email)
    assert message.created_at <= datetime.now(tz=UTC)


def test_words_mended_after_going_back_a_page_go_out_as_well(desk: Client, enrolled: Enrollment) -> None:
    data = {"subject": "Ice on the paths", "text": "Run on the trak.", "key": "abc"}
    for text in ("Run on the trak.", "Run on the track."):
        desk.post(f"/admin/targets/write/{enrolled.cohort.slug}/", data | {"text": text})
    told = OutboxMessage.objects.filter(kind=MessageKind.MESSAGE).values_list("text", flat=True)
    assert sum("track." in text for text in told) == 1
    assert len(told) == 2


def test_a_message_without_a_subject_comes_back_as_it_was_typed(desk: Client, enrolled: Enrollment) -> None:
    data = {"subject": " ", "text": "Run on the track.", "key": "abc"}
    answer = desk.post(f"/admin/targets/write/{enrolled.cohort.slug}/", data)
    assert answer.status_code == 422
    assert "Enter a subject" in answer.content.decode()
    assert "Run on the track." in answer.content.decode()
    assert not OutboxMessage.objects.filter(kind=MessageKind.MESSAGE).exists()
