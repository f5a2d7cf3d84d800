"""What clinicians decide on one runner's page: one row each, the page changes immediately, refusals lose nothing."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from challenge.accounts.models import AccessEntry
from challenge.care.actions import change_phase, close_flag, raise_flag
from challenge.care.models import (
    ClinicianOverride,
    FunctionTest,
    HeelStrikePeriod,
    Pause,
    PhaseChange,
    WeeklyTarget,
)
from challenge.care.queries import current_phase
from challenge.enrollment.actions import withdraw
from challenge.enrollment.models import EndReason
from challenge.mail.models import OutboxMessage
from challenge.messages.models import Message
from challenge.protocol.long_run import limit_m
from challenge.protocol.vocabulary import FlagKind
from challenge.protocol.weekly import decide
from challenge.review.charts import RecordedEntries, RunnerChart
from challenge.review.models import Contact, Note
from challenge.review.queries import page_version
from challenge.review.timeline import TimelineEvent
from challenge.weekly.engine_inputs import gather_snapshots
from challenge.workouts.actions import change_entry
from tests.factories.cohorts import enroll
from tests.factories.complaints import open_complaint
from tests.factories.log import log_morning, log_run, log_strength
from tests.factories.outcomes import give_answer
from tests.review.conftest import moment, monday

pytestmark = pytest.mark.django_db


def post(desk: Client, care: SimpleNamespace, what: str, **values: object) -> Any:
    data = {f"{what}-{name}": value for name, value in values.items()} | {"seen": page_version(care.runner)}
    return desk.post(f"/admin/review/{care.cohort.slug}/runners/{care.runner.pk}/{what}/", data)


def page(desk: Client, care: SimpleNamespace) -> Any:
    return desk.get(f"/admin/review/{care.cohort.slug}/runners/{care.runner.pk}/")


def revisions(care: SimpleNamespace) -> int:
    last = (
        WeeklyTarget.objects.filter(enrollment=care.runner).order_by("-week_starts_on", "-revision").first()
    )
    assert last is not None
    return last.revision


def test_the_page_shows_and_the_look_is_written_down(care: SimpleNamespace, desk: Client) -> None:
    response = page(desk, care)
    assert response.status_code == 200
    assert b"Odalys Finch" in response.content
    assert AccessEntry.objects.filter(viewer=care.clinician, runner=care.runner.seat.user).count() == 1


def test_advancing_makes_one_row_one_revision_and_one_neutral_email(
    care: SimpleNamespace, desk: Client
) -> None:
    before, mails = revisions(care), OutboxMessage.objects.count()
    assert post(desk, care, "phase", to_phase=2, reason="Two calm weeks.").status_code == 302
    change = PhaseChange.objects.filter(enrollment=care.runner).latest("at")
    assert (change.kind, change.to_phase, change.by, change.reason) == (
        "advance",
        2,
        care.clinician,
        "Two calm weeks.",
    )
    assert change.shown["phase"]
    assert revisions(care) == before + 1
    assert OutboxMessage.objects.count() == mails + 1
    assert "pain" not in OutboxMessage.objects.latest("pk").text.lower()


def test_a_choice_that_is_gone_is_a_sentence_and_nothing_is_lost(care: SimpleNamespace, desk: Client) -> None:
    text = post(desk, care, "phase", to_phase=9, reason="A reason that I typed.").content.decode()
    assert "That isn’t one of the choices now: choose again." in text
    assert "A reason that I typed." in text


def test_advancing_with_an_open_stop_flag_is_refused_and_nothing_is_lost(
    care: SimpleNamespace, desk: Client
) -> None:
    raise_flag(
        enrollment=care.runner,
        kind=FlagKind.STOP,
        rule="pain.stop",
        source="run:1",
        facts={},
        at=timezone.now(),
    )
    response = post(desk, care, "phase", to_phase=2, reason="A reason that I typed.")
    assert response.status_code == 409
    assert b"A stop flag is open" in response.content
    assert b"A reason that I typed." in response.content
    assert current_phase(care.runner) == 1


def test_of_two_clinicians_the_second_sees_what_the_first_did(care: SimpleNamespace, desk: Client) -> None:
    seen = page_version(care.runner)
    change_phase(
        enrollment=care.runner,
        expected_phase=1,
        to_phase=2,
        reason="first",
        shown={},
        by=care.clinician,
        at=timezone.now(),
    )
    address = f"/admin/review/{care.cohort.slug}/runners/{care.runner.pk}/phase/"
    response = desk.post(address, {"phase-to_phase": 2, "phase-reason": "second", "seen": seen})
    assert response.status_code == 409
    assert b"Something changed since you opened this page" in response.content
    assert b"second" in response.content


@pytest.mark.parametrize("spm", [119, 181, "fast", ""])
def test_a_cadence_outside_120_to_180_is_refused(care: SimpleNamespace, desk: Client, spm: object) -> None:
    response = post(desk, care, "cadence", cadence_spm=spm, reason="because")
    assert response.status_code == 409
    assert b"120 to 180" in response.content
    assert not ClinicianOverride.objects.exists()


def test_a_cadence_by_hand_holds_until_it_is_ended(care: SimpleNamespace, desk: Client) -> None:
    post(desk, care, "cadence", cadence_spm=158, reason="a little slower")
    newest = (
        WeeklyTarget.objects.filter(enrollment=care.runner).order_by("-week_starts_on", "-revision").first()
    )
    assert newest is not None
    assert newest.cadence_spm == 158
    row = ClinicianOverride.objects.get()
    post(desk, care, "end", override=row.pk, reason="enough")
    row.refresh_from_db()
    assert row.ended_by == care.clinician


def test_a_dose_an_approval_a_strike_spell_and_a_pause(care: SimpleNamespace, desk: Client) -> None:
    dose = {
        "exercise": "short_range_calf_raise",
        "sets": 2,
        "reps": 8,
        "sessions_per_week": 3,
        "reason": "less",
    }
    assert post(desk, care, "dose", **dose).status_code == 302
    assert post(desk, care, "strike", reason="for two weeks").status_code == 302
    assert HeelStrikePeriod.objects.get().ended_on is None
    assert post(desk, care, "strike", reason="back").status_code == 302
    assert HeelStrikePeriod.objects.get().ended_on is not None
    approval = {"exercise": "split_squat_calf_raise", "reason": "fine"}
    refused = post(desk, care, "approval", **approval)
    assert "loads no joint that hurts now, so there’s nothing to approve" in refused.content.decode()
    open_complaint(care.runner, "knee", at=moment(monday(1)))
    assert post(desk, care, "approval", **approval).status_code == 302
    assert "The knee hurts now" in post(desk, care, "strike", reason="again").content.decode()
    assert post(desk, care, "pause", reason="holiday").status_code == 302
    assert Pause.objects.get().reason == "clinician"
    assert post(desk, care, "pause", reason="back").status_code == 302
    assert Pause.objects.get().ended_at is not None
    assert Note.objects.get().text == "The pause was ended: back"


def test_notes_messages_contacts_and_tests_are_kept(care: SimpleNamespace, desk: Client) -> None:
    assert post(desk, care, "note", text="Limped a little in the hall.").status_code == 302
    assert post(desk, care, "message", text="Well done; see you on Friday.").status_code == 302
    assert post(desk, care, "contact", how="called", text="Reached.").status_code == 302
    assert post(desk, care, "test", kind="hop", side="left", repetitions=20, pain=1).status_code == 302
    assert (Note.objects.count(), Message.objects.count(), Contact.objects.count()) == (1, 1, 1)
    notice = Message.objects.get().notice
    assert notice is not None
    assert "Well done" not in notice.text


def test_a_button_pressed_twice_writes_and_sends_once(care: SimpleNamespace, desk: Client) -> None:
    for _ in range(2):
        post(desk, care, "message", text="See you on Friday.")
        post(desk, care, "note", text="Limped a little.")
        post(desk, care, "contact", how="called", text="")
        post(desk, care, "test", kind="hop", side="left", repetitions=20, pain=1)
        post(desk, care, "test", kind="heel_raise", side="left", not_tested_because="too early")
    for model in (Message, Note, Contact):
        assert model.objects.count() == 1, model
    assert sorted(FunctionTest.objects.values_list("kind", flat=True)) == ["heel_raise", "hop"]
    post(desk, care, "test", kind="hop", side="right", repetitions=20, pain=1)
    assert FunctionTest.objects.filter(kind="hop").count() == 2, "the other side is a test of its own"
    assert OutboxMessage.objects.filter(kind="message").count() == 1
    post(desk, care, "message", text="On Saturday, sorry.")
    assert Message.objects.count() == 2


def test_a_test_needs_a_result_or_a_reason(care: SimpleNamespace, desk: Client) -> None:
    assert post(desk, care, "test", kind="hop", side="left").status_code == 409


def test_a_flag_is_taken_once_and_closed_with_a_note(care: SimpleNamespace, desk: Client) -> None:
    flag = raise_flag(
        enrollment=care.runner,
        kind=FlagKind.STOP,
        rule="pain.stop",
        source="run:1",
        facts={},
        at=timezone.now(),
    )
    base = f"/admin/review/{care.cohort.slug}/runners/{care.runner.pk}/flags/{flag.pk}/"
    desk.post(f"{base}take/")
    assert desk.post(f"{base}close/", {"note": ""}).status_code == 409
    assert desk.post(f"{base}close/", {"note": "Seen in the clinic, all well."}).status_code == 409
    seen = {"found": "no_injury", "holds_now": "runs_by_plan"}
    answer = desk.post(f"{base}close/", seen | {"note": "Seen in the clinic, all well."})
    assert answer.status_code == 302
    flag.refresh_from_db()
    assert (flag.taken_by, flag.closed_by) == (care.clinician, care.clinician)
    assert (flag.found, flag.holds_now) == ("no_injury", "runs_by_plan")
    late = desk.post(f"{base}close/", seen | {"note": "A colleague's longer note."})
    assert late.status_code == 409
    assert b"Closed meanwhile" in late.content
    assert b"Seen in the clinic, all well." in late.content
    assert b"A colleague&#x27;s longer note." in late.content


@pytest.mark.parametrize("model", [Note, Contact])
def test_what_was_written_cannot_be_rewritten(care: SimpleNamespace, desk: Client, model: type) -> None:
    post(desk, care, "note", text="x")
    post(desk, care, "contact", how="called")
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(at=timezone.now())  # type: ignore[attr-defined]


def test_the_page_takes_at_most_twenty_queries_however_long_the_log(
    care: SimpleNamespace, desk: Client
) -> None:
    queries: list[str] = []

    def count() -> int:
        page(desk, care)  # sessions and roles are remembered from here on
        with CaptureQueriesContext(connection) as found:
            assert page(desk, care).status_code == 200
        queries[:] = [query["sql"][:150] for query in found.captured_queries]
        return len(found)

    today = timezone.localdate()
    log_strength(care.runner, today)
    post(desk, care, "message", text="one")
    post(desk, care, "cadence", cadence_spm=157, reason="three")
    few = count()
    for day in range(12):
        log_run(care.runner, today - timedelta(days=day), pain=7, site="achilles", side="left")
        log_strength(care.runner, today - timedelta(days=day))
        log_morning(care.runner, today - timedelta(days=day))
    post(desk, care, "note", text="one")
    post(desk, care, "message", text="two")
    post(desk, care, "cadence", cadence_spm=158, reason="three")
    assert count() == few, "\n".join(queries)
    assert few <= 20, "\n".join(queries)


def test_a_pause_to_the_end_of_time_is_refused_and_nothing_is_lost(
    care: SimpleNamespace, desk: Client
) -> None:
    response = post(desk, care, "pause", ends_on="9999-12-31", reason="for good")
    assert response.status_code == 409
    assert "Choose a day within a year" in response.content.decode()
    assert "for good" in response.content.decode()
    assert not Pause.objects.exists()


def test_the_page_carries_the_mark_that_decisions_are_judged_by(care: SimpleNamespace, desk: Client) -> None:
    marks = {page_version(care.runner)}
    for what, values in (
        ("cadence", {"cadence_spm": 150}),
        ("dose", {"exercise": "short_range_calf_raise", "sets": 2, "reps": 8, "sessions_per_week": 3}),
        ("strike", {}),
        ("pause", {}),
    ):
        assert post(desk, care, what, reason="because", **values).status_code == 302, what
        assert f'name="seen" value="{page_version(care.runner)}"' in page(desk, care).content.decode(), what
        marks.add(page_version(care.runner))
    assert len(marks) == 5


def test_a_page_loaded_an_hour_ago_does_not_replace_what_a_colleague_set_by_hand(
    care: SimpleNamespace, desk: Client
) -> None:
    seen = page_version(care.runner)
    post(desk, care, "cadence", cadence_spm=150, reason="first")
    address = f"/admin/review/{care.cohort.slug}/runners/{care.runner.pk}/cadence/"
    response = desk.post(address, {"cadence-cadence_spm": 160, "cadence-reason": "second", "seen": seen})
    assert response.status_code == 409
    assert b"Nothing was decided" in response.content
    assert b'value="160"' in response.content
    assert ClinicianOverride.objects.get().cadence_spm == 150


def test_a_form_opened_by_itself_leads_to_the_page(care: SimpleNamespace, desk: Client) -> None:
    page = f"/admin/review/{care.cohort.slug}/runners/{care.runner.pk}/"
    assert desk.get(f"{page}cadence/").headers["Location"] == f"{page}#cadence"
    assert desk.get(f"/admin/review/{care.cohort.slug}/approve/").status_code == 302


def test_nothing_is_decided_for_who_has_left(care: SimpleNamespace, desk: Client) -> None:
    withdraw(
        seat=care.runner.seat, reason=EndReason.WITHDREW, remark="", by=care.clinician, at=timezone.now()
    )
    assert b"has left the challenge" in page(desk, care).content
    response = post(desk, care, "cadence", cadence_spm=150, reason="late")
    assert response.status_code == 409
    assert b"nothing left to decide" in response.content
    assert b">\nlate</textarea>" in response.content
    assert not ClinicianOverride.objects.exists()


def test_the_stop_flag_of_who_has_left_stays_on_the_board_until_someone_closes_it(
    care: SimpleNamespace, desk: Client
) -> None:
    at, board = timezone.now(), f"/admin/review/{care.cohort.slug}/"
    stop = raise_flag(
        enrollment=care.runner, kind=FlagKind.STOP, rule="pain.stop", source="run:1", facts={}, at=at
    )
    withdraw(seat=care.runner.seat, reason=EndReason.WITHDREW, remark="", by=care.clinician, at=at)
    shown = desk.get(board).content.decode()
    assert "Odalys Finch" in shown
    assert "has left the challenge" in shown
    written = OutboxMessage.objects.count()
    response = desk.post(
        f"{board}runners/{care.runner.pk}/flags/{stop.pk}/close/",
        {"found": "elsewhere", "holds_now": "runs_by_plan", "note": "Called: in good hands."},
    )
    assert response.status_code == 302
    stop.refresh_from_db()
    assert stop.closing_note == "Called: in good hands."
    assert OutboxMessage.objects.count() == written
    assert "Odalys Finch" not in desk.get(board).content.decode()


def test_the_page_tells_edits_decisions_closed_flags_and_scores(care: SimpleNamespace, desk: Client) -> None:
    run = log_run(care.runner, timezone.localdate(), pain=2, site="achilles", side="left")
    change_entry(entry=run, values={"pain": 4}, by=care.runner.seat.user, at=timezone.now())
    flag = raise_flag(
        enrollment=care.runner,
        kind=FlagKind.ASK,
        rule="pain.ask",
        source="x",
        facts={},
        at=timezone.now(),
    )
    close_flag(flag=flag, note="Talked it over.", by=care.clinician, at=timezone.now())
    post(desk, care, "cadence", cadence_spm=158, reason="a little slower")
    give_answer(care.runner, "visa-a-total", None, {"total": 64}, by=care.clinician, on_paper=True)
    shown = page(desk, care).content.decode()
    assert "pain 2 (achilles, left) → 4 (achilles, left)" in shown
    assert "Talked it over." in shown
    assert "158 steps a minute" in shown
    assert "64 of 100" in shown
    assert "revision 2" in shown
    assert "cadence.baseline" in shown or "decision.by_hand" in shown


def test_an_evening_in_the_clinic_is_not_the_next_day_on_the_runners_page() -> None:
    evening = datetime(2026, 1, 7, 1, 0, tzinfo=UTC)  # 19:00 in Chicago, on the sixth
    one = TimelineEvent(evening, "Phase 2", "Calm.", "Ada Moor", "phase 2")
    picture = RunnerChart(
        recorded=RecordedEntries([]), targets=[], decisions=[one], scores=[], today=date(2026, 1, 9)
    )
    assert picture.phases[0].title.startswith("Jan 6:")


def test_a_long_run_that_a_clinician_lets_count_raises_the_limit(care: SimpleNamespace, desk: Client) -> None:
    """Submitting twice stores one row; once ended, the method decides again."""
    near = log_run(care.runner, on=monday(1), at=timezone.now())
    far = log_run(care.runner, on=monday(1) + timedelta(days=1), at=timezone.now(), distance_m=20_000, pain=7)
    reason = "Ran this often before the challenge."

    def limit() -> int | None:
        week = monday(-1)
        found = gather_snapshots([care.runner], week_starts_on=week, at=moment(week, 20))[care.runner.pk]
        longest = decide(found).longest_run
        return None if longest is None else longest.limit_m

    assert limit() == limit_m(5000)
    refused = post(desk, care, "long_run", which=near.pk, reason=reason)
    assert "This run already counts" in refused.content.decode()
    assert not ClinicianOverride.objects.exists()
    for _ in range(2):
        assert post(desk, care, "long_run", which=far.pk, reason=reason).status_code == 302
    row = ClinicianOverride.objects.get()
    assert (row.what, row.exercise, row.reason) == (
        ClinicianOverride.OverrideKind.LONG_RUN,
        f"run:{far.pk}",
        reason,
    )
    assert limit() == limit_m(20_000)
    assert f"run {far.pk} raises the limit at once" in page(desk, care).content.decode()
    assert post(desk, care, "end", override=row.pk, reason="enough").status_code == 302
    assert limit() == limit_m(5000)


def test_another_runners_long_run_is_no_choice(care: SimpleNamespace, desk: Client) -> None:
    other = log_run(enroll(cohort=care.cohort), on=monday(1), at=timezone.now())
    assert post(desk, care, "long_run", which=other.pk, reason="Often before.").status_code == 409
    assert not ClinicianOverride.objects.exists()
