"""Questions answered in place: on the board, on the runner's page, and several at once."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from challenge.care.actions import raise_flag
from challenge.care.models import ClinicianOverride, Flag, FunctionTest, HeelStrikePeriod, Pause, PhaseChange
from challenge.care.overrides import start_heel_strike_period
from challenge.care.queries import current_phase, current_targets, decision_of, pause_on
from challenge.enrollment.models import Enrollment, Seat
from challenge.protocol.vocabulary import FlagKind
from challenge.review.answers import DECIDES, OFFERED, answers_to
from challenge.review.models import Contact
from challenge.review.queries import page_version
from tests.care.test_answers import QUESTIONS, ask_everything
from tests.factories.cohorts import enroll
from tests.factories.complaints import open_complaint
from tests.factories.log import log_run
from tests.factories.people import make_runner_user
from tests.review.conftest import moment, monday

pytestmark = pytest.mark.django_db


def ask(runner: Enrollment, name: str, **more: Any) -> Flag:
    kind, rule, facts = QUESTIONS[name]
    source = f"test:{name}:{Flag.objects.count()}"
    return raise_flag(
        enrollment=runner, kind=kind, rule=rule, source=source, facts=facts | more, at=timezone.now()
    )


def home(care: SimpleNamespace) -> str:
    return f"/admin/review/{care.cohort.slug}/runners/{care.runner.pk}/"


def answer(desk: Client, care: SimpleNamespace, flag: Flag, value: str, **data: Any) -> Any:
    given = {"answer": value, f"phase-{flag.pk}": current_phase(care.runner)}
    return desk.post(f"{home(care)}flags/{flag.pk}/close/", given | data)


def is_open(flag: Flag) -> bool:
    return Flag.objects.get(pk=flag.pk).closed_at is None


def test_every_question_offers_an_answer_and_a_stop_none() -> None:
    for name, (kind, rule, facts) in QUESTIONS.items():
        offered = answers_to(Flag(kind=kind, rule=rule, facts=facts))
        assert bool(offered) is (name != "pain.stop"), name
    assert set(OFFERED) <= set(QUESTIONS)


def test_approving_heel_strike_on_the_question_starts_it_and_closes_the_question(
    care: SimpleNamespace, desk: Client
) -> None:
    flag = ask(care.runner, "strike.offer")
    assert answer(desk, care, flag, "strike").status_code == 302
    flag.refresh_from_db()
    period = HeelStrikePeriod.objects.get()
    assert (flag.answered_with, flag.closed_by) == (f"strike:{period.pk}", care.clinician)
    assert flag.closing_note == f"Heel strike for a while: approved. {period.reason}"


def test_a_decline_needs_its_reason_and_changes_nothing_else(care: SimpleNamespace, desk: Client) -> None:
    flag = ask(care.runner, "strike.offer")
    refused = answer(desk, care, flag, "decline")
    assert refused.status_code == 409
    assert "Say why in a few words" in refused.content.decode()
    assert answer(desk, care, flag, "decline", note="The knee is sore.").status_code == 302
    flag.refresh_from_db()
    assert flag.closing_note == "No. The knee is sore."
    assert not HeelStrikePeriod.objects.exists()


def test_a_lowered_cadence_closes_both_questions_about_it(care: SimpleNamespace, desk: Client) -> None:
    stuck, unmeasured, red = (
        ask(care.runner, name) for name in ("cadence.stuck", "cadence.unmeasured", "pain.scale:red")
    )
    wrong = answer(desk, care, stuck, "cadence", cadence_spm="fast", note="Lower, for a while.")
    assert wrong.status_code == 409
    assert "from 120 to 180" in wrong.content.decode()
    assert "Lower, for a while." in wrong.content.decode()
    assert answer(desk, care, stuck, "cadence", cadence_spm="158", note="Lower.").status_code == 302
    assert [is_open(flag) for flag in (stuck, unmeasured, red)] == [False, False, True]
    assert ClinicianOverride.objects.get().cadence_spm == 158


def test_the_complaint_of_the_log_is_opened_or_declined_on_the_question(
    care: SimpleNamespace, desk: Client
) -> None:
    flag = ask(care.runner, "complaint.open")
    assert answer(desk, care, flag, "none").status_code == 409
    assert answer(desk, care, flag, "open").status_code == 302
    assert care.runner.complaints.get(site="knee").status == "present"
    again = ask(care.runner, "complaint.open", side="right")
    assert answer(desk, care, again, "none", note="A bruise.").status_code == 302
    assert not is_open(again)


def test_a_question_that_a_colleague_answered_meanwhile_says_so_and_keeps_the_words(
    care: SimpleNamespace, desk: Client
) -> None:
    flag = ask(care.runner, "strike.offer")
    answer(desk, care, flag, "decline", note="First.")
    late = answer(desk, care, flag, "strike", note="Second, and longer.")
    assert late.status_code == 409
    text = late.content.decode()
    assert "Closed meanwhile" in text
    assert "Second, and longer." in text
    assert not HeelStrikePeriod.objects.exists()


def test_other_answers_do_what_they_say(care: SimpleNamespace, desk: Client) -> None:
    held = ask(care.runner, "pain.scale:red")
    assert answer(desk, care, held, "hold").status_code == 302
    assert PhaseChange.objects.latest("pk").kind == "hold"
    silent = ask(care.runner, "log.silence")
    assert answer(desk, care, silent, "called", note="Back from holiday.").status_code == 302
    assert Contact.objects.get().text == "Back from holiday."
    open_complaint(care.runner, "knee", at=moment(monday(1)))
    joint = ask(care.runner, "exercise.approval")
    assert answer(desk, care, joint, "approve").status_code == 302
    track = ask(care.runner, "exercise.track")
    assert answer(desk, care, track, "track").status_code == 302
    assert care.runner.complaints.get(site="knee").track_approved
    back = ask(care.runner, "exercise.return")
    assert answer(desk, care, back, "pause", note="Ill.").status_code == 302
    assert pause_on(care.runner, on=timezone.localdate()) is not None
    # The joint complaint of the intake was never a question: the engine asked with the first decision.
    assert [flag.rule for flag in Flag.objects.filter(closed_at__isnull=True)] == ["pain.scale"]


def test_one_reason_answers_several_and_each_is_a_row_of_its_own(care: SimpleNamespace, desk: Client) -> None:
    other = enroll(cohort=care.cohort, user=make_runner_user(name="Aaron First"))
    stranger = enroll()
    flags = [ask(runner, "load.stacked") for runner in (care.runner, other, stranger)]
    board = f"/admin/review/{care.cohort.slug}/"
    assert "Load warning: answer 2 together" in desk.get(board).content.decode()
    ids = [str(flag.pk) for flag in flags]
    desk.post(
        f"{board}answers/", {"flag": [*ids, "x", "9" * 30], "answer": "seen", "note": "Talked on Monday."}
    )
    assert [is_open(flag) for flag in flags] == [False, False, True]
    assert Flag.objects.filter(closing_note="Seen, continue. Talked on Monday.").count() == 2


@pytest.mark.parametrize("what", ["answers", "approve"])
def test_nothing_ticked_is_said_and_not_counted(care: SimpleNamespace, desk: Client, what: str) -> None:
    address = f"/admin/review/{care.cohort.slug}/{what}/"
    text = desk.post(address, {"answer": "seen", "note": "Fine."}, follow=True).content.decode()
    assert "Nothing was ticked, so nothing was" in text
    stop = ask(care.runner, "pain.stop")
    refused = {"flag": [stop.pk], "answer": "seen", "note": "Fine.", "runner": f"{care.runner.pk}:1:2"}
    text = desk.post(address, refused, follow=True).content.decode()
    assert " 0 " not in text.partition("messagelist")[2].partition("</ul>")[0]
    assert "Nothing was ticked" not in text


def test_a_flag_taken_twice_by_the_same_person_is_still_theirs(care: SimpleNamespace, desk: Client) -> None:
    flag = ask(care.runner, "pain.stop")
    address = f"/admin/review/{care.cohort.slug}/runners/{care.runner.pk}/flags/{flag.pk}/take/"
    assert "It’s yours now." in desk.post(address, follow=True).content.decode()
    assert "It’s yours already." in desk.post(address, follow=True).content.decode()


@pytest.mark.parametrize(("what", "field"), [("answers", "note"), ("approve", "reason")])
def test_a_reason_too_long_for_many_comes_back_in_its_form(
    care: SimpleNamespace, desk: Client, what: str, field: str
) -> None:
    other = enroll(cohort=care.cohort, user=make_runner_user(name="Aaron First"))
    flags = [ask(runner, "load.stacked") for runner in (care.runner, other)]
    board = f"/admin/review/{care.cohort.slug}/"
    sent = {"flag": [flag.pk for flag in flags], "answer": "seen", "runner": f"{care.runner.pk}:1:2"}
    long = "Why, at length. " * 625
    page = desk.post(
        f"{board}{what}/", sent | {field: long}, headers={"Referer": f"http://testserver{board}"}
    )
    text = desk.get(page["Location"], follow=True).content.decode()
    assert "Please shorten it to 2000 characters; it has 9999." in text
    assert long.strip() in text
    assert "signed out" not in text
    assert all(is_open(flag) for flag in flags)
    assert not PhaseChange.objects.exclude(kind="start").exists()


def test_a_reason_that_not_all_took_is_not_lost(care: SimpleNamespace, desk: Client) -> None:
    stop, load = ask(care.runner, "pain.stop"), ask(care.runner, "load.stacked")
    sent = {
        "flag": [stop.pk, load.pk],
        "answer": "seen",
        "note": "Talked on Monday.",
        "runner": care.runner.pk,
    }
    text = desk.post(f"/admin/review/{care.cohort.slug}/answers/", sent, follow=True).content.decode()
    assert "This is about safety" in text
    assert "What you typed" in text
    assert "<dd>Talked on Monday.</dd>" in text
    assert [is_open(stop), is_open(load)] == [True, False]


def test_a_closed_flag_is_taken_by_no_one(care: SimpleNamespace, desk: Client) -> None:
    flag = ask(care.runner, "strike.offer")
    answer(desk, care, flag, "decline", note="No.")
    address = f"{home(care)}flags/{flag.pk}/take/"
    assert "This flag was closed already." in desk.post(address, follow=True).content.decode()
    assert Flag.objects.get(pk=flag.pk).taken_by is None


def test_a_stop_is_closed_by_no_batch_and_no_decision(care: SimpleNamespace, desk: Client) -> None:
    flag = ask(care.runner, "pain.stop")
    board = f"/admin/review/{care.cohort.slug}/"
    desk.post(f"{board}answers/", {"flag": [flag.pk], "answer": "seen", "note": "Fine."})
    assert answer(desk, care, flag, "seen", note="Fine.").status_code == 409
    assert is_open(flag)


def test_a_stop_without_running_yet_pauses_in_the_same_moment(care: SimpleNamespace, desk: Client) -> None:
    flag = ask(care.runner, "pain.stop")
    until = timezone.localdate() + timedelta(days=10)
    given = {"found": "bone_stress", "note": "Referred; Ada called."}
    wrong = desk.post(
        f"{home(care)}flags/{flag.pk}/close/", given | {"holds_now": "runs_short", "paused_until": until}
    )
    assert "A last paused day goes only with “No running yet”" in wrong.content.decode()
    right = given | {"holds_now": "no_running", "paused_until": until}
    assert desk.post(f"{home(care)}flags/{flag.pk}/close/", right).status_code == 302
    assert Pause.objects.get().ends_on == until
    flag.refresh_from_db()
    assert (flag.found, flag.holds_now) == ("bone_stress", "no_running")
    newest = current_targets(care.runner).first()
    assert newest is not None
    assert newest.decision["state"] == "paused"


def test_a_test_just_recorded_is_missing_no_more(care: SimpleNamespace, desk: Client) -> None:
    desk.post(f"{home(care)}phase/", with_seen(care, "phase", to_phase=2, reason="Calm."))
    assert "hop test" in desk.get(home(care)).content.decode().lower()
    for kind in ("hop", "heel_raise"):
        desk.post(f"{home(care)}test/", {"test-kind": kind, "test-side": "both", "test-repetitions": 20})
    newest = current_targets(care.runner).first()
    assert newest is not None
    assert (newest.because, FunctionTest.objects.count()) == ("test", 2)
    assert not [one for one in decision_of(newest).phase.missing if "test" in one.what]
    assert "test, or why it was not done" not in desk.get(home(care)).content.decode()


def with_seen(care: SimpleNamespace, what: str, **values: Any) -> dict[str, Any]:
    return {f"{what}-{name}": value for name, value in values.items()} | {"seen": page_version(care.runner)}


def answers_offered() -> list[tuple[str, str]]:
    asked = {name: Flag(kind=kind, rule=rule, facts=facts) for name, (kind, rule, facts) in QUESTIONS.items()}
    return [(name, one.value) for name, flag in asked.items() for one in answers_to(flag)]


@pytest.mark.parametrize("together", [False, True])
def test_staying_in_a_phase_that_a_colleague_changed_is_refused(
    care: SimpleNamespace, desk: Client, together: bool
) -> None:
    flag = ask(care.runner, "pain.scale:red")
    shown = {"answer": "hold", "note": "Let it calm down.", f"phase-{flag.pk}": "1"}
    assert f'name="phase-{flag.pk}" value="1"' in desk.get(home(care)).content.decode()
    assert (
        f'name="phase-{flag.pk}" value="1"' in desk.get(f"/admin/review/{care.cohort.slug}/").content.decode()
    )
    desk.post(f"{home(care)}phase/", with_seen(care, "phase", to_phase=2, reason="Calm."))
    if together:
        board = f"/admin/review/{care.cohort.slug}/answers/"
        late = desk.post(board, shown | {"flag": flag.pk, "runner": care.runner.pk}, follow=True)
    else:
        late = desk.post(f"{home(care)}flags/{flag.pk}/close/", shown)
        assert late.status_code == 409
        assert "Let it calm down." in late.content.decode()
    assert "This runner is in phase 2 now." in late.content.decode()
    assert is_open(flag)
    assert answer(desk, care, flag, "hold").status_code == 302
    assert list(PhaseChange.objects.order_by("pk").values_list("kind", flat=True)) == [
        "start",
        "advance",
        "hold",
    ]


def test_answers_on_one_board_follow_one_another(care: SimpleNamespace, desk: Client) -> None:
    for name in ("pain.scale:red", "pain.morning"):
        flag = ask(care.runner, name)
        assert answer(desk, care, flag, "hold", on_board="1").status_code == 302


@pytest.mark.parametrize(("value", "name"), {value: name for name, value in answers_offered()}.items())
def test_nothing_is_decided_for_a_runner_who_left(
    care: SimpleNamespace, desk: Client, name: str, value: str
) -> None:
    flag = ask(care.runner, name)
    Seat.objects.filter(pk=care.runner.seat_id).update(
        state="ended", ended_at=timezone.now(), end_reason="withdrew"
    )
    stays = value not in DECIDES or value in ("none", "called")
    page = (
        desk.get(home(care)).content.decode().partition(f'id="flag-{flag.pk}"')[2].partition("</article>")[0]
    )
    assert (f'value="{value}"' in page) is stays
    before = [model.objects.count() for model in (PhaseChange, Pause, ClinicianOverride, HeelStrikePeriod)]
    given = answer(desk, care, flag, value, note="Because.", cadence_spm=160)
    assert given.status_code == (302 if stays else 409)
    assert before == [
        model.objects.count() for model in (PhaseChange, Pause, ClinicianOverride, HeelStrikePeriod)
    ]
    if not stays:
        assert "This runner has left the challenge" in given.content.decode()
        assert is_open(flag)
        closed = desk.post(f"{home(care)}flags/{flag.pk}/close/", {"note": "They left."})
        assert (closed.status_code == 302) is ("none" not in [one.value for one in answers_to(flag)])


def test_next_goes_around_the_board_and_ends_where_nothing_is_open(
    care: SimpleNamespace, desk: Client
) -> None:
    other = enroll(cohort=care.cohort, user=make_runner_user(name="Aaron First"))
    board = f"/admin/review/{care.cohort.slug}/"
    for runner in (care.runner, other):
        log_run(runner, timezone.localdate())
        ask(runner, "pain.morning")
    first = desk.get(f"{board}next/").headers["Location"]
    second = desk.get(f"{board}next/", {"after": first.rstrip("/").split("/")[-1]}).headers["Location"]
    assert {first, second} == {f"{board}runners/{runner.pk}/" for runner in (care.runner, other)}
    kept = desk.get(f"{board}next/", {"after": care.runner.pk, "phase": "1"}).headers["Location"]
    assert kept == f"{board}runners/{other.pk}/?phase=1"
    Flag.objects.update(closed_at=timezone.now(), closed_by=care.clinician, closing_note="x")
    assert (
        desk.get(f"{board}next/", {"after": care.runner.pk})
        .headers["Location"]
        .startswith(f"{board}#runner-")
    )
    assert desk.get(f"{board}next/", {"after": "x"}).status_code == 400


def test_the_board_groups_by_when_to_look_and_an_old_red_ranks_no_more(
    care: SimpleNamespace, desk: Client
) -> None:
    board = f"/admin/review/{care.cohort.slug}/"
    log_run(care.runner, timezone.localdate())

    def group() -> str:
        groups = desk.get(board).context["groups"]
        return str(next(one.slug for one in groups if one.rows))

    assert group() == "well"
    ask(care.runner, "load.stacked")
    assert group() == "well"
    ask(care.runner, "cadence.stuck")
    assert group() == "week"
    old = (timezone.localdate() - timedelta(days=42)).isoformat()
    ask(care.runner, "pain.scale:red", on=old)
    assert group() == "week"
    ask(care.runner, "pain.scale:red", on=timezone.localdate().isoformat(), side="right")
    assert group() == "today"


def test_a_report_of_knee_pain_takes_the_offer_of_heel_strike_back_with_a_note(
    care: SimpleNamespace, desk: Client
) -> None:
    flag = ask(care.runner, "strike.offer")
    log_run(care.runner, timezone.localdate(), pain=5, site="knee", side="right", at=timezone.now())
    flag.refresh_from_db()
    assert flag.replaced_by == Flag.objects.get(rule="complaint.open")
    page = desk.get(home(care)).content.decode()
    assert "A knee or hip hurts now: heel strike is not offered." in page
    late = answer(desk, care, flag, "strike", note="For the calf.")
    assert late.status_code == 409
    assert "Closed meanwhile" in late.content.decode()


@pytest.mark.parametrize("through", ["question", "form"])
@pytest.mark.parametrize("why", ["complaint", "log", "phase"])
def test_heel_strike_is_refused_where_it_would_be_asked_back_at_once(
    care: SimpleNamespace, desk: Client, why: str, through: str
) -> None:
    if why == "complaint":
        open_complaint(care.runner, "knee", "right", at=moment(monday(1)))
    elif why == "log":
        log_run(care.runner, timezone.localdate(), pain=5, site="knee", side="right", at=timezone.now())
    else:
        PhaseChange.objects.create(
            enrollment=care.runner, kind="advance", from_phase=2, to_phase=3, by=care.clinician,
            at=timezone.now(), reason="Ready.",
        )  # fmt: skip
    # A question that came too late, as two people may work on one runner.
    flag = ask(care.runner, "strike.offer")
    values = {"starts_on": timezone.localdate(), "reason": "For the calf."}
    refused = (
        answer(desk, care, flag, "strike", note="For the calf.")
        if through == "question"
        else desk.post(f"{home(care)}strike/", with_seen(care, "strike", **values))
    )
    text = refused.content.decode()
    assert refused.status_code == 409
    assert ("Phase 3 works on midfoot mechanics" if why == "phase" else "The knee hurts now") in text
    assert "For the calf." in text
    assert not HeelStrikePeriod.objects.exists()


def test_from_everything_open_to_nothing_in_single_answers(care: SimpleNamespace, desk: Client) -> None:
    """Every question there is, each answered by its first answer that may be given, leaves an empty board."""
    ask_everything(care.runner)
    start_heel_strike_period(
        enrollment=care.runner,
        starts_on=monday(1),
        reason="For the calf.",
        by=care.clinician,
        at=moment(monday(1)),
    )
    open_complaint(care.runner, "knee", "right", at=moment(monday(1)))
    log_run(care.runner, monday(1), distance_m=20_000, at=moment(monday(1)))
    for flag in Flag.objects.filter(closed_at__isnull=True).order_by("pk"):
        flag.refresh_from_db()
        if flag.closed_at is None and flag.kind != FlagKind.STOP:
            first = answers_to(flag)[0]
            data = {"cadence_spm": 160} if first.takes_cadence else {}
            if first.value == "strike":
                # The right knee hurts now, and heel strike would load it.
                assert answer(desk, care, flag, first.value, note="Because.").status_code == 409
                first = answers_to(flag)[1]
            done = answer(desk, care, flag, first.value, note="Because.", **data)
            assert done.status_code == 302, (flag.rule, done.content.decode()[:4000])
    assert [flag.kind for flag in Flag.objects.filter(closed_at__isnull=True)] == ["stop"]
