"""Answers close no more than they answer, and taking one back leaves no runner unguarded or uninformed."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from challenge.care import actions as care_actions
from challenge.care.models import Flag, Pause
from challenge.care.queries import pause_on
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.protocol.vocabulary import PauseReason
from challenge.review.undo import recent_decisions_of
from tests.factories.cohorts import enroll
from tests.factories.complaints import open_complaint
from tests.factories.people import make_runner_user
from tests.review.conftest import moment, monday
from tests.review.test_answering import _with_seen as with_seen
from tests.review.test_answering import answer, ask, home, is_open, undo

pytestmark = pytest.mark.django_db

NOT_YET = {"found": "bone_stress", "holds_now": "no_running", "note": "Referred; Ada called."}


def break_of_the_runner(care: SimpleNamespace, starts_on: date, ends_on: date | None) -> Pause:
    return care_actions.pause(
        enrollment=care.runner,
        reason=PauseReason.TRAVEL,
        starts_on=starts_on,
        ends_on=ends_on,
        by=care.runner.seat.user,
        at=timezone.now(),
    )


@pytest.mark.parametrize(("first", "last"), [(0, 1), (0, None), (3, None)])
def test_no_running_yet_pauses_whatever_break_the_runner_has(
    care: SimpleNamespace, desk: Client, first: int, last: int | None
) -> None:
    today = timezone.localdate()
    mine = today + timedelta(days=last) if last is not None else None
    break_of_the_runner(care, today + timedelta(days=first), mine)
    flag, until = ask(care.runner, "pain.stop"), today + timedelta(days=30)
    done = desk.post(f"{home(care)}flags/{flag.pk}/close/", NOT_YET | {"paused_until": until})
    assert (done.status_code, is_open(flag)) == (302, False)
    for day in (0, 2, 30):
        assert pause_on(care.runner, on=today + timedelta(days=day)) is not None, day


def test_taking_back_the_pause_of_a_stop_asks_the_stop_again(care: SimpleNamespace, desk: Client) -> None:
    flag = ask(care.runner, "pain.stop")
    desk.post(f"{home(care)}flags/{flag.pk}/close/", NOT_YET)
    (made,) = recent_decisions_of(care.runner, at=timezone.now())
    undo(desk, care, made.key)
    assert pause_on(care.runner, on=timezone.localdate()) is None
    again = Flag.objects.get(kind="stop", closed_at__isnull=True)
    assert (again.facts, is_open(flag)) == (flag.facts, False)


def test_an_answer_that_the_question_does_not_have_closes_nothing(
    care: SimpleNamespace, desk: Client
) -> None:
    settled = ask(care.runner, "complaint.open", says="settled")
    Flag.objects.filter(pk=settled.pk).update(source="runner:1")
    refused = answer(desk, care, settled, "open", note="Let us look at it.")
    assert (refused.status_code, is_open(settled)) == (409, True)
    assert "does not have that answer" in refused.content.decode()
    assert "Let us look at it." in refused.content.decode()
    ask(care.runner, "complaint.open", side="right")
    alike = desk.get(home(care)).context["several"]
    assert not [one for one in alike if settled in one.flags]


def test_what_is_about_safety_is_answered_for_one_runner_at_a_time(
    care: SimpleNamespace, desk: Client
) -> None:
    other = enroll(cohort=care.cohort, user=make_runner_user(name="Aaron First"))
    on = timezone.localdate().isoformat()
    reds = [ask(runner, "pain.scale:red", on=on) for runner in (care.runner, other)]
    stop = ask(care.runner, "pain.stop")
    address = f"/admin/review/{care.cohort.slug}/answers/"
    desk.post(address, {"flag": [flag.pk for flag in reds], "answer": "seen", "note": "Fine."})
    desk.post(address, {"flag": [stop.pk]} | NOT_YET)
    assert all(is_open(flag) for flag in (*reds, stop))
    page = desk.post(address, {"flag": [reds[0].pk], "answer": "seen", "note": "Fine."}, follow=True)
    assert not is_open(reds[0])
    assert "answer it on this runner" in page.content.decode()


def test_a_red_of_weeks_ago_that_is_logged_now_replaces_no_newer_one(care: SimpleNamespace) -> None:
    today = timezone.localdate()
    now = ask(care.runner, "pain.scale:red", on=today.isoformat())
    late = ask(care.runner, "pain.scale:red", on=(today - timedelta(days=30)).isoformat())
    late.refresh_from_db()
    assert is_open(now)
    assert late.replaced_by == now


@pytest.mark.parametrize("other_status", ["present", "past"])
def test_one_side_that_is_past_leaves_the_question_about_the_other(
    care: SimpleNamespace, desk: Client, other_status: str
) -> None:
    sides = [open_complaint(care.runner, "knee", side, at=moment(monday(1))) for side in ("left", "right")]
    flag = ask(care.runner, "exercise.track")

    def is_past(number: int) -> None:
        values = {"complaint": sides[number].pk, "status": "past", "reason": "Gone."}
        desk.post(f"{home(care)}complaint_change/", with_seen(care, "complaint_change", **values))

    def still_asks() -> bool:
        # The engine may ask the same with more facts, which replaces the question that was open.
        return Flag.objects.filter(rule=flag.rule, closed_at__isnull=True).exists()

    is_past(0)
    assert still_asks()
    if other_status == "past":
        is_past(1)
    assert still_asks() is (other_status == "present")


@pytest.mark.parametrize("before", [("phase", {"to_phase": 1}), None])
def test_the_email_of_a_decision_before_the_one_taken_back_is_still_sent(
    care: SimpleNamespace, desk: Client, before: tuple[str, dict[str, int]] | None
) -> None:
    """A hold cannot be taken back once another phase decision follows, yet the runner must get its email."""
    OutboxMessage.objects.update(state=MessageState.SENT, sent_at=timezone.now())
    if before is not None:
        desk.post(f"{home(care)}{before[0]}/", with_seen(care, before[0], **before[1], reason="Hold."))
    desk.post(f"{home(care)}phase/", with_seen(care, "phase", to_phase=2, reason="Oh, the wrong runner."))
    (made,) = recent_decisions_of(care.runner, at=timezone.now())
    undo(desk, care, made.key)
    mine = OutboxMessage.objects.filter(about=care.runner.about, state=MessageState.QUEUED)
    assert list(mine.values_list("kind", flat=True)) == ([MessageKind.PHASE] if before else [])
