"""Answers close no more than they answer, and taking one back leaves no runner unguarded or uninformed."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from challenge.care import actions as care_actions
from challenge.care.complaint_models import ComplaintChange
from challenge.care.complaints import change_complaint, complaints_of
from challenge.care.models import ClinicianOverride, Flag, Pause
from challenge.care.queries import pause_on
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.protocol.parameters import CLINIC
from challenge.protocol.vocabulary import ComplaintStatus, PauseReason, Site
from challenge.review import actions
from challenge.review.undo import recent_decisions_of
from challenge.weekly.engine_inputs import gather_snapshots
from challenge.workouts.guards import guards_now
from tests.factories.cohorts import enroll
from tests.factories.complaints import open_complaint
from tests.factories.log import log_run
from tests.factories.people import make_runner_user
from tests.review.conftest import moment, monday
from tests.review.test_answering import answer, ask, home, is_open, with_seen
from tests.review.test_undo import undo

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
    assert "not an answer to this question" in refused.content.decode()
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
    many = {"flag": [flag.pk for flag in reds], "answer": "seen", "note": "Fine."}
    page = desk.post(address, many, follow=True).content.decode()
    assert "answer it on this runner" in page
    assert "<dd>Fine.</dd>" in page
    desk.post(address, {"flag": [stop.pk]} | NOT_YET)
    assert all(is_open(flag) for flag in (*reds, stop))
    desk.post(address, {"flag": [reds[0].pk], "answer": "seen", "note": "Fine."})
    assert not is_open(reds[0])


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


def test_an_undone_complaint_leaves_the_joint_guarded_and_its_question_open(
    care: SimpleNamespace, desk: Client
) -> None:
    log_run(care.runner, timezone.localdate(), pain=5, site="knee", side="left", at=timezone.now())
    flag = Flag.objects.get(rule="complaint.open", closed_at__isnull=True)
    before = guards_now(care.runner, parameters=CLINIC)
    answer(desk, care, flag, "open")
    (made,) = [one for one in recent_decisions_of(care.runner, at=timezone.now()) if "knee" in one.words]
    undo(desk, care, made.key)
    assert before.joints == guards_now(care.runner, parameters=CLINIC).joints == {Site.KNEE}
    assert Flag.objects.filter(rule="complaint.open", closed_at__isnull=True).count() == 1
    snapshot = gather_snapshots([care.runner], week_starts_on=monday(), at=timezone.now())[care.runner.pk]
    assert Site.KNEE not in {record.site for record in snapshot.complaints or ()}
    assert not desk.get(home(care)).context["complaints"]
    answer(desk, care, Flag.objects.get(rule="complaint.open", closed_at__isnull=True), "open")
    assert [row.status for row in complaints_of(care.runner).filter(site="knee")] == ["present"]


def test_an_undone_change_answers_no_report_of_pain(care: SimpleNamespace, desk: Client) -> None:
    """A knee that was past, hurt again and was opened by mistake: past since then, so the report still guards."""
    row = open_complaint(care.runner, "knee", at=moment(monday(2)))
    change_complaint(
        complaint=row,
        status=ComplaintStatus.PAST,
        source=ComplaintChange.ChangeSource.CLINICIAN,
        reason="Gone.",
        on=monday(1),
        by=care.clinician,
        at=moment(monday(1)),
    )
    log_run(care.runner, timezone.localdate(), pain=5, site="knee", side="left", at=timezone.now())
    answer(desk, care, Flag.objects.get(rule="complaint.open", closed_at__isnull=True), "open")
    undo(desk, care, f"complaint:{row.changes.latest('pk').pk}")
    row.refresh_from_db()
    assert (row.status, row.changed_on) == (ComplaintStatus.PAST, monday(1))
    assert guards_now(care.runner, parameters=CLINIC).joints == {Site.KNEE}


def test_what_an_undo_brings_back_is_not_offered_for_undo(care: SimpleNamespace, desk: Client) -> None:
    first, second = (
        actions.set_cadence(
            enrollment=care.runner, cadence_spm=spm, reason="So.", by=care.clinician, at=timezone.now()
        )
        for spm in (150, 155)
    )
    undo(desk, care, f"hand:{second.pk}")
    back = ClinicianOverride.objects.get(ended_at__isnull=True)
    assert (back.cadence_spm, back.pk != first.pk) == (150, True)
    assert f"hand:{back.pk}" not in {one.key for one in recent_decisions_of(care.runner, at=timezone.now())}


def test_the_run_that_counts_is_the_one_that_was_asked_about(care: SimpleNamespace, desk: Client) -> None:
    """Of equal runs, neither one that counts already nor one that was logged after the question."""
    far = log_run(care.runner, monday(1) + timedelta(days=1), distance_m=20_000, pain=7, at=moment(monday(1)))
    flag = ask(care.runner, "load.long_run", distance_m=20_000)
    Flag.objects.filter(pk=flag.pk).update(source=f"week:{monday().isoformat()}")
    log_run(care.runner, monday(), distance_m=20_000, pain=7, at=timezone.now())
    answer(desk, care, flag, "count")
    assert ClinicianOverride.objects.get().exercise == f"run:{far.pk}"
    again = ask(care.runner, "load.long_run", distance_m=20_000)
    Flag.objects.filter(pk=again.pk).update(raised_at=timezone.now())
    for day in (2, 3):
        on = monday(1) + timedelta(days=day)
        log_run(care.runner, on, distance_m=20_000, pain=7, at=moment(monday(1)))
    refused = answer(desk, care, again, "count", note="They do it often.")
    assert "Several runs have this distance" in refused.content.decode()
    assert "They do it often." in refused.content.decode()


def test_a_runner_does_not_end_a_clinicians_break_and_reads_who_does(care: SimpleNamespace) -> None:
    today = timezone.localdate()
    break_of_the_runner(care, today, today + timedelta(days=3))
    by_clinic = care_actions.pause(
        enrollment=care.runner,
        reason=PauseReason.CLINICIAN,
        starts_on=today,
        ends_on=None,
        by=care.clinician,
        at=timezone.now(),
    )
    phone = Client()
    phone.force_login(care.runner.seat.user)
    assert "a clinician will end the pause" in phone.get("/log/pause/").content.decode()
    page = phone.post("/log/pause/", {"back": "1"}, follow=True).content.decode()
    assert "a clinician will end the pause" in page
    by_clinic.refresh_from_db()
    assert by_clinic.ended_at is None
    Pause.objects.filter(pk=by_clinic.pk).update(ended_at=timezone.now(), ends_on=today)
    assert "Welcome back" in phone.post("/log/pause/", {"back": "1"}, follow=True).content.decode()
