"""One decision and one email per runner and week, written together."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from challenge.accounts.models import User
from challenge.care.actions import pause, raise_flag
from challenge.care.models import ClinicianOverride, Flag, WeeklyTarget
from challenge.enrollment.actions import withdraw
from challenge.enrollment.models import EmailContent, EndReason, Enrollment
from challenge.mail.delivery import deliver_due
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.protocol.decision import Decision
from challenge.protocol.parameters import Parameters
from challenge.protocol.snapshot import Snapshot
from challenge.protocol.validation import ProtocolError
from challenge.protocol.vocabulary import FlagKind, PauseReason
from challenge.protocol.weekly import decide
from challenge.weekly import decide as weekly_decide
from challenge.weekly.decide import decide_due, revise_out_of_date, revise_week
from challenge.weekly.due import count_missing
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.log import log_run
from tests.factories.weekly import decide_week
from tests.weekly.conftest import MONDAY, SIX

pytestmark = pytest.mark.django_db
Because = WeeklyTarget.RevisionReason


def weekly_rows() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(kind=MessageKind.WEEKLY).order_by("pk"))


def test_at_six_on_monday_the_week_is_decided_and_written_to_the_runner(enrolled: Enrollment) -> None:
    assert decide_due(now=lambda: SIX - timedelta(seconds=1)) == 0
    assert decide_due(now=lambda: SIX) == 1
    target = WeeklyTarget.objects.get()
    assert (target.week, target.revision, target.because) == (1, 1, Because.MONDAY)
    assert target.message is not None
    assert target.message.to_email == enrolled.seat.email
    assert target.message.reply_to == "clinicians@clinic.test"


def test_a_second_pass_decides_no_runner_twice(enrolled: Enrollment) -> None:
    decide_due(now=lambda: SIX)
    assert decide_due(now=lambda: SIX + timedelta(minutes=5)) == 0
    assert WeeklyTarget.objects.count() == 1
    assert len(weekly_rows()) == 1


def test_deciding_one_week_again_gives_the_decision_that_is_there(enrolled: Enrollment) -> None:
    first = decide_week(enrollment=enrolled, week_starts_on=MONDAY, at=SIX)
    assert decide_week(enrollment=enrolled, week_starts_on=MONDAY, at=SIX + timedelta(hours=3)) == first


def test_who_was_missed_is_caught_up_this_week_with_the_log_as_of_monday(enrolled: Enrollment) -> None:
    thursday = SIX + timedelta(days=3)
    assert count_missing(at=thursday) == 1
    assert decide_due(now=lambda: thursday) == 1
    stored = WeeklyTarget.objects.get()
    snapshot = Snapshot.from_json(stored.snapshot)
    assert snapshot.log_as_of == SIX
    assert snapshot.as_of == thursday
    assert count_missing(at=thursday) == 0


def test_a_missed_week_is_not_made_up_for_later(enrolled: Enrollment) -> None:
    decide_due(now=lambda: SIX + timedelta(days=7))
    assert [t.week for t in WeeklyTarget.objects.all()] == [2]


def test_who_joins_in_the_first_week_gets_week_one_on_the_day(db: None) -> None:
    wednesday = SIX + timedelta(days=2)
    enroll(cohort=make_cohort(), at=wednesday)
    decide_due(now=lambda: wednesday + timedelta(minutes=5))
    assert WeeklyTarget.objects.get().because == Because.JOINED


def test_no_week_is_decided_before_the_start_or_after_the_finish(enrolled: Enrollment) -> None:
    assert decide_due(now=lambda: SIX - timedelta(days=1)) == 0
    finish = SIX + timedelta(weeks=12)
    assert decide_due(now=lambda: finish) == 1
    assert WeeklyTarget.objects.get().decision["state"] == "finished"
    assert "weeks: from start to now" in weekly_rows()[0].subject
    assert decide_due(now=lambda: finish + timedelta(weeks=1)) == 0


def test_a_paused_runner_gets_nothing_and_is_caught_up_when_back(enrolled: Enrollment) -> None:
    pause(
        enrollment=enrolled,
        reason=PauseReason.TRAVEL,
        starts_on=MONDAY,
        ends_on=MONDAY + timedelta(days=1),
        by=None,  # type: ignore[arg-type]
        at=SIX,
    )
    assert decide_due(now=lambda: SIX) == 0
    assert count_missing(at=SIX + timedelta(hours=1)) == 0
    assert decide_due(now=lambda: SIX + timedelta(days=2)) == 1


@pytest.mark.parametrize(("from_day", "state"), [(0, MessageState.WITHDRAWN), (3, MessageState.QUEUED)])
def test_a_pause_that_begins_takes_back_the_number_that_has_not_gone_out(
    enrolled: Enrollment, runner: User, from_day: int, state: MessageState
) -> None:
    decide_due(now=lambda: SIX)
    pause(
        enrollment=enrolled,
        reason=PauseReason.ILLNESS,
        starts_on=MONDAY + timedelta(days=from_day),
        ends_on=None,
        by=runner,
        at=SIX + timedelta(minutes=1),
    )
    assert weekly_rows()[0].state == state


def test_a_pause_does_not_take_back_the_email_that_ends_the_challenge(
    enrolled: Enrollment, runner: User
) -> None:
    finish = SIX + timedelta(weeks=enrolled.cohort.weeks)
    decide_due(now=lambda: finish)
    today = MONDAY + timedelta(weeks=enrolled.cohort.weeks)
    pause(
        enrollment=enrolled,
        reason=PauseReason.ILLNESS,
        starts_on=today,
        ends_on=None,
        by=runner,
        at=finish,
    )
    assert weekly_rows()[0].state == MessageState.QUEUED


def test_a_withdrawn_runner_gets_nothing(enrolled: Enrollment) -> None:
    withdraw(seat=enrolled.seat, reason=EndReason.WITHDREW, by=None, at=SIX)
    assert decide_due(now=lambda: SIX) == 0


def test_the_stored_input_gives_the_stored_decision_again(enrolled: Enrollment) -> None:
    for week in range(3):
        decide_due(now=lambda week=week: SIX + timedelta(weeks=week))  # type: ignore[misc]
    for stored in WeeklyTarget.objects.all():
        again = decide(Snapshot.from_json(stored.snapshot))
        assert again == Decision.from_json(stored.decision)


def test_one_impossible_log_does_not_block_the_other_runners(
    enrolled: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = enroll()

    def failing(snapshot: Snapshot, parameters: object) -> Decision:
        if len(seen) == 0:
            seen.append(1)
            raise ProtocolError("run.distance_m", "is impossible")
        return decide(snapshot)

    seen: list[int] = []
    monkeypatch.setattr("challenge.weekly.decide.decide", failing)
    assert decide_due(now=lambda: SIX) == 1
    assert WeeklyTarget.objects.get().enrollment == other
    assert count_missing(at=SIX + timedelta(hours=1)) == 1


def test_a_pass_leaves_out_by_number_only_those_it_could_not_decide(
    enrolled: Enrollment, monkeypatch: pytest.MonkeyPatch
) -> None:
    runners = [enrolled, enroll(), enroll()]
    left_out: list[set[int]] = []
    group = weekly_decide._decide_group

    def watched(*, without: set[int], **values: Any) -> weekly_decide.Group:
        left_out.append(set(without))
        return group(without=without, **values)

    def failing(snapshot: Snapshot, parameters: Parameters) -> Decision:
        if len(left_out) == 2:
            raise ProtocolError("run.distance_m", "is impossible")
        return decide(snapshot, parameters)

    monkeypatch.setattr(weekly_decide, "GROUP_SIZE", 1)
    monkeypatch.setattr(weekly_decide, "_decide_group", watched)
    monkeypatch.setattr(weekly_decide, "decide", failing)
    assert decide_due(now=lambda: SIX) == 2
    assert left_out == [set(), set(), {runners[1].pk}, {runners[1].pk}]


def stop(enrollment: Enrollment) -> Flag:
    return raise_flag(
        enrollment=enrollment, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=SIX
    )


def test_a_stop_flag_turns_the_weeks_email_into_a_hold(enrolled: Enrollment) -> None:
    stop(enrolled)
    decide_due(now=lambda: SIX)
    row = weekly_rows()[0]
    assert "please get in touch" in row.subject
    assert "on hold" in row.text
    assert "steps a minute" not in row.text + row.html
    assert WeeklyTarget.objects.get().on_hold


def test_a_stop_flag_takes_back_the_email_that_has_not_gone_out(enrolled: Enrollment) -> None:
    decide_due(now=lambda: SIX)
    stop(enrolled)
    revised = revise_week(enrollment=enrolled, because=Because.STOP, by=None, at=SIX + timedelta(minutes=1))
    assert revised is not None
    assert (revised.revision, revised.on_hold) == (2, True)
    first, second = weekly_rows()
    assert (first.state, second.state) == (MessageState.WITHDRAWN, MessageState.QUEUED)
    deliver_due(now=lambda: SIX + timedelta(minutes=2))
    assert ["please get in touch" in m.subject for m in mail.outbox if "week" in m.subject] == [True]


def test_the_job_finds_a_stop_flag_that_no_page_reported_and_its_end(
    enrolled: Enrollment, clinician: User
) -> None:
    from challenge.care.actions import close_flag

    decide_due(now=lambda: SIX)
    flag = stop(enrolled)
    at = SIX + timedelta(minutes=5)
    assert revise_out_of_date(at=at) == 1
    assert revise_out_of_date(at=at) == 0
    close_flag(flag=flag, note="Seen, fine.", by=clinician, at=at)
    assert revise_out_of_date(at=at + timedelta(minutes=5)) == 1
    assert list(WeeklyTarget.objects.order_by("revision").values_list("because", flat=True)) == [
        Because.MONDAY,
        Because.STOP,
        Because.CLOSED_STOP,
    ]
    assert [row.state for row in weekly_rows()] == [
        MessageState.WITHDRAWN,
        MessageState.WITHDRAWN,
        MessageState.QUEUED,
    ]


def test_a_revision_that_says_the_same_sends_no_second_email(enrolled: Enrollment) -> None:
    decide_due(now=lambda: SIX)
    deliver_due(now=lambda: SIX)
    revise_week(enrollment=enrolled, because=Because.PHASE, by=None, at=SIX + timedelta(hours=1))
    assert WeeklyTarget.objects.count() == 2
    assert len(weekly_rows()) == 1


def test_who_chose_only_a_link_gets_nothing_of_the_plan(enrolled: Enrollment) -> None:
    Enrollment.objects.update(email_content=EmailContent.LINK)
    decide_due(now=lambda: SIX)
    row = weekly_rows()[0]
    assert "/today/" in row.text
    assert "EXERCISES" not in row.text
    assert "exercise" not in row.html


def test_a_runner_who_chose_a_link_still_gets_the_hold_email(enrolled: Enrollment) -> None:
    Enrollment.objects.update(email_content=EmailContent.LINK)
    stop(enrolled)
    decide_due(now=lambda: SIX)
    assert "on hold" in weekly_rows()[0].text


def test_the_last_email_counts_nothing_for_who_chose_only_a_link(enrolled: Enrollment) -> None:
    other = enroll(cohort=enrolled.seat.cohort)
    Enrollment.objects.filter(pk=other.pk).update(email_content=EmailContent.LINK)
    decide_due(now=lambda: SIX + timedelta(weeks=12))
    told = {row.about: row.text for row in weekly_rows()}
    assert "phase 1 of three" in told[enrolled.about]
    assert "phase 1 of three" not in told[other.about]
    assert all("HOW TO KEEP GOING ON YOUR OWN" in text for text in told.values())


def test_a_stop_flag_after_the_email_went_out_sends_the_hold_as_well(enrolled: Enrollment) -> None:
    decide_due(now=lambda: SIX)
    deliver_due(now=lambda: SIX)
    stop(enrolled)
    revise_week(enrollment=enrolled, because=Because.STOP, by=None, at=SIX + timedelta(hours=1))
    assert [row.state for row in weekly_rows()] == [MessageState.SENT, MessageState.QUEUED]
    assert "on hold" in weekly_rows()[1].text


def test_a_value_set_by_hand_after_the_email_says_that_it_replaces_it(
    enrolled: Enrollment, clinician: User
) -> None:
    decide_due(now=lambda: SIX)
    deliver_due(now=lambda: SIX)
    at = SIX + timedelta(hours=1)
    ClinicianOverride.objects.create(
        enrollment=enrolled,
        what=ClinicianOverride.OverrideKind.CADENCE,
        cadence_spm=166,
        reason="Seen on the treadmill.",
        by=clinician,
        at=at,
    )
    revise_week(enrollment=enrolled, because=Because.BY_HAND, by=clinician, at=at)
    second = weekly_rows()[1]
    assert "replaces the email you had" in second.text
    assert "166 steps a minute" in second.text


def test_queries_per_runner_do_not_grow_with_their_number(
    db: None, django_assert_max_num_queries: object
) -> None:
    cohort = make_cohort(capacity=60)
    for _ in range(40):
        enroll(cohort=cohort)
    with django_assert_max_num_queries(160) as made:  # type: ignore[operator]
        assert decide_due(now=lambda: SIX) == 40
    assert len(made.captured_queries) / 40 <= 4


def test_the_letter_counts_the_runs_of_the_week_it_tells_of_not_those_logged_late(
    enrolled: Enrollment,
) -> None:
    decide_due(now=lambda: SIX)
    for day in (1, 3, 5):
        log_run(enrolled, MONDAY + timedelta(days=day), cadence_spm=160)
    decide_due(now=lambda: SIX + timedelta(weeks=1))
    wednesday = SIX + timedelta(weeks=1, days=2)
    for day in (2, 4, 6):
        log_run(enrolled, MONDAY + timedelta(days=day), cadence_spm=172, at=wednesday)
    log_run(enrolled, MONDAY + timedelta(days=8), cadence_spm=172, at=wednesday)
    log_run(enrolled, MONDAY + timedelta(days=9), cadence_spm=150, at=wednesday)
    decide_due(now=lambda: SIX + timedelta(weeks=2))
    decision = WeeklyTarget.objects.latest("week").decision
    assert decision["cadence"]["on_target_runs"] == 4
    assert "2 runs and 6.2 mi, 1 of them on target." in weekly_rows()[-1].text


def test_a_stop_in_the_log_withdraws_the_waiting_raise_and_sends_the_hold(
    enrolled: Enrollment,
) -> None:
    decide_due(now=lambda: SIX)
    at = SIX + timedelta(minutes=1)
    log_run(enrolled, MONDAY, at=at, symptoms=["limp"])
    deliver_due(now=lambda: at)  # the clinicians' notice alone
    assert [row.state for row in weekly_rows()] == [MessageState.WITHDRAWN]
    assert revise_out_of_date(at=at) == 1
    assert [row.state for row in weekly_rows()] == [MessageState.WITHDRAWN, MessageState.QUEUED]
    assert WeeklyTarget.objects.latest("revision").on_hold


def test_a_second_stop_in_the_log_does_not_withdraw_the_hold_of_the_first(enrolled: Enrollment) -> None:
    decide_due(now=lambda: SIX)
    deliver_due(now=lambda: SIX)  # the week's number is out, and then the mail server is away
    at = SIX + timedelta(hours=1)
    log_run(enrolled, MONDAY, at=at, symptoms=["limp"])
    assert revise_out_of_date(at=at) == 1
    log_run(enrolled, MONDAY, at=at + timedelta(hours=1), symptoms=["calf_swelling"])
    revise_out_of_date(at=at + timedelta(hours=1))
    assert Flag.objects.filter(kind=FlagKind.STOP).count() == 2
    assert [row.state for row in weekly_rows()] == [MessageState.SENT, MessageState.QUEUED]
    assert "please get in touch" in weekly_rows()[-1].subject


def test_the_last_email_taken_back_by_a_stop_flag_goes_out_with_the_hold(db: None) -> None:
    runner = enroll(cohort=make_cohort(weeks=1))
    decide_due(now=lambda: SIX)
    deliver_due(now=lambda: SIX)
    last = SIX + timedelta(days=7)
    decide_due(now=lambda: last)
    log_run(runner, MONDAY, at=last + timedelta(minutes=1), symptoms=["limp"])
    at = last + timedelta(minutes=5)
    assert revise_out_of_date(at=at) == 1
    assert revise_out_of_date(at=at) == 0
    assert [row.state for row in weekly_rows()] == [
        MessageState.SENT,
        MessageState.WITHDRAWN,
        MessageState.QUEUED,
    ]
    assert "Your targets are on hold right now" in weekly_rows()[-1].text


def test_a_stop_flag_after_the_last_email_went_out_sends_no_second_one(db: None) -> None:
    runner = enroll(cohort=make_cohort(weeks=1))
    last = SIX + timedelta(days=7)
    decide_due(now=lambda: last)
    deliver_due(now=lambda: last)
    log_run(runner, MONDAY, at=last + timedelta(minutes=1), symptoms=["limp"])
    assert revise_out_of_date(at=last + timedelta(minutes=5)) == 0
