"""The cohort board: every runner in a row, worst first, whatever the numbers in the same few queries."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from challenge.care.actions import pause, raise_flag
from challenge.care.models import Flag, PhaseChange, WeeklyTarget
from challenge.mail.actions import put_in_outbox
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.protocol.vocabulary import FlagKind, PauseReason
from challenge.review.board import pain_line
from challenge.review.runner_summary import runner_summaries
from tests.factories.cohorts import enroll
from tests.factories.log import log_morning, log_run, log_strength
from tests.factories.people import make_clinician, make_runner_user, use_second_factor
from tests.factories.weekly import decide_week
from tests.review.conftest import moment, monday

pytestmark = pytest.mark.django_db


def address(care: SimpleNamespace) -> str:
    return f"/admin/review/{care.cohort.slug}/"


def stop(care: SimpleNamespace, runner: object) -> Flag:
    return raise_flag(
        enrollment=runner,  # type: ignore[arg-type]
        kind=FlagKind.STOP,
        rule="pain.stop",
        source="run:1",
        facts={"symptoms": ["pop"]},
        at=timezone.now(),
    )


def test_a_row_says_where_the_runner_stands(care: SimpleNamespace, desk: Client) -> None:
    page = desk.get(address(care)).content.decode()
    assert "Odalys Finch" in page
    assert "week 3, phase 1" in page


def test_the_runner_with_a_stop_flag_comes_first(care: SimpleNamespace) -> None:
    other = enroll(cohort=care.cohort, user=make_runner_user(name="Aaron First"))
    stop(care, care.runner)
    assert [row.pk for row in runner_summaries(care.cohort, at=timezone.now())] == [care.runner.pk, other.pk]


def test_an_untaken_flag_weighs_more_than_a_taken_one(care: SimpleNamespace) -> None:
    flag = stop(care, care.runner)
    before = runner_summaries(care.cohort, at=timezone.now())[0].urgency
    Flag.objects.filter(pk=flag.pk).update(taken_by=care.clinician, taken_at=timezone.now())
    assert runner_summaries(care.cohort, at=timezone.now())[0].urgency < before


def test_filters_leave_out_who_does_not_match(care: SimpleNamespace, desk: Client) -> None:
    assert b"Odalys" in desk.get(address(care), {"phase": "1"}).content
    assert b"Odalys" not in desk.get(address(care), {"phase": "3"}).content
    assert b"Odalys" not in desk.get(address(care), {"flag": "stop"}).content
    stop(care, care.runner)
    assert b"Odalys" in desk.get(address(care), {"flag": "stop"}).content


def test_a_clinician_of_another_cohort_finds_nothing(care: SimpleNamespace, client: Client) -> None:
    stranger = make_clinician()
    client.force_login(stranger)
    use_second_factor(client, stranger)
    assert client.get(address(care)).status_code == 404


def test_silence_shows_after_a_week_without_an_entry(care: SimpleNamespace) -> None:
    assert runner_summaries(care.cohort, at=timezone.now())[0].is_silent
    log_run(care.runner, timezone.localdate())
    assert not runner_summaries(care.cohort, at=timezone.now())[0].is_silent


def test_many_small_flags_do_not_hide_a_stop_that_someone_took(care: SimpleNamespace) -> None:
    busy = enroll(cohort=care.cohort, user=make_runner_user(name="Aaron Busy"))
    flag = stop(care, care.runner)
    Flag.objects.filter(pk=flag.pk).update(taken_by=care.clinician, taken_at=timezone.now())
    for n in range(9):
        raise_flag(
            enrollment=busy,
            kind=FlagKind.RED,
            rule="pain.scale",
            source=f"run:{n}",
            facts={},
            at=timezone.now(),
        )
    assert [row.pk for row in runner_summaries(care.cohort, at=timezone.now())] == [care.runner.pk, busy.pk]


def test_a_flag_is_found_by_the_clinician_who_took_it(care: SimpleNamespace, desk: Client) -> None:
    flag = stop(care, care.runner)
    assert b"Odalys" in desk.get(address(care), {"clinician": "nobody"}).content
    assert b"Odalys" not in desk.get(address(care), {"clinician": care.clinician.pk}).content
    Flag.objects.filter(pk=flag.pk).update(taken_by=care.clinician, taken_at=timezone.now())
    assert b"Odalys" not in desk.get(address(care), {"clinician": "nobody"}).content
    assert b"Odalys" in desk.get(address(care), {"clinician": care.clinician.pk}).content


def test_who_is_paused_owes_no_entry(care: SimpleNamespace) -> None:
    pause(
        enrollment=care.runner,
        reason=PauseReason.TRAVEL,
        starts_on=timezone.localdate(),
        ends_on=timezone.localdate(),
        by=care.runner.seat.user,
        at=timezone.now(),
    )
    row = runner_summaries(care.cohort, at=timezone.now())[0]
    assert (row.paused, row.is_silent) == (True, False)


def test_the_last_email_stands_with_what_became_of_it(care: SimpleNamespace, desk: Client) -> None:
    put_in_outbox(
        kind=MessageKind.PHASE,
        template="page_changed",
        to=care.runner.address,
        about=care.runner.about,
        dedupe_key="x",
        context={},
        at=timezone.now(),
    )
    assert b'waiting <span class="quiet">phase decision' in desk.get(address(care)).content
    OutboxMessage.objects.filter(dedupe_key="x").update(state=MessageState.FAILED)
    assert b'failed <span class="quiet">phase decision' in desk.get(address(care)).content


def test_the_worst_pain_of_a_day_is_the_days_pain(care: SimpleNamespace) -> None:
    today = timezone.localdate()
    log_run(care.runner, today, pain=2, site="achilles", side="left")
    log_morning(care.runner, today, pain=4, site="achilles", side="left")
    row = runner_summaries(care.cohort, at=timezone.now())[0]
    assert row.pain[today] == 4
    line = pain_line(row.pain, today=today)
    on = f"{today:%b} {today.day}"
    assert line.words == f"worst 4 on {on}, last 4 on {on}"
    # On a Monday the line still holds the run of the first Tuesday, 13 days ago.
    assert line.bands[-1][0] == "amber"


def test_the_words_of_a_flag_are_the_methods(care: SimpleNamespace) -> None:
    assert stop(care, care.runner).text


def test_the_board_takes_at_most_twelve_queries_however_many_runners_and_entries(
    care: SimpleNamespace, desk: Client
) -> None:
    queries: list[dict[str, str]] = []

    def count() -> int:
        desk.get(address(care))  # sessions and roles are remembered from here on
        with CaptureQueriesContext(connection) as found:
            assert desk.get(address(care)).status_code == 200
        queries[:] = found.captured_queries
        return len(found)

    few = count()
    for n in range(4):
        runner = enroll(cohort=care.cohort, user=make_runner_user(name=f"Runner {n}"))
        for day in range(5):
            log_run(runner, timezone.localdate() - timedelta(days=day))
            log_strength(runner, timezone.localdate() - timedelta(days=day))
        stop(care, runner)
    assert count() == few
    assert few <= 12, "\n".join(q["sql"][:150] for q in queries)


@pytest.fixture
def proposed(care: SimpleNamespace) -> SimpleNamespace:
    """The engine proposes phase 2 to Odalys and to a second runner."""
    care.other = enroll(cohort=care.cohort, user=make_runner_user(name="Aaron First"))
    decide_week(enrollment=care.other, week_starts_on=monday(), at=moment(monday(), 13))
    for runner in (care.runner, care.other):
        last = WeeklyTarget.objects.filter(enrollment=runner).order_by("-week_starts_on", "-revision")[0]
        values = {
            f.attname: getattr(last, f.attname) for f in last._meta.concrete_fields if f.attname != "id"
        }
        phase = last.decision["phase"] | {"present": 1, "proposed": 2, "missing": []}
        values |= {
            "decision": last.decision | {"phase": phase},
            "revision": last.revision + 1,
            "message_id": None,
        }
        WeeklyTarget.objects.create(**values)
    return care


def ticked(care: SimpleNamespace) -> list[str]:
    return [f"{care.runner.pk}:1:2", f"{care.other.pk}:1:2"]


def test_approving_all_decides_each_for_itself_and_leaves_who_has_a_flag(
    proposed: SimpleNamespace, desk: Client
) -> None:
    stop(proposed, proposed.other)
    approvable = desk.get(address(proposed)).context["approvable"]
    assert [summary.pk for summary in approvable] == [proposed.runner.pk]
    answer = desk.post(f"{address(proposed)}approve/", {"runner": ticked(proposed)}, follow=True)
    assert b"1 proposal decided." in answer.content
    assert b"A flag about safety is open" in answer.content
    made = PhaseChange.objects.get(kind="advance")
    assert (made.enrollment, made.to_phase, made.by) == (proposed.runner, 2, proposed.clinician)
    assert WeeklyTarget.objects.filter(enrollment=proposed.runner, because="phase").count() == 1


def test_information_forbids_no_approval_and_a_hold_is_a_decision_too(
    proposed: SimpleNamespace, desk: Client
) -> None:
    for runner, kind in ((proposed.runner, FlagKind.LOAD), (proposed.other, FlagKind.STOP)):
        raise_flag(enrollment=runner, kind=kind, rule="x", source="x", facts={}, at=timezone.now())
    desk.post(f"{address(proposed)}approve/", {"runner": ticked(proposed)[:1], "do": "follow"})
    desk.post(
        f"{address(proposed)}approve/", {"runner": ticked(proposed)[1:], "do": "hold", "reason": "Seen."}
    )
    made = (
        PhaseChange.objects.exclude(kind="start").order_by("pk").values_list("enrollment", "kind", "reason")
    )
    assert list(made) == [
        (proposed.runner.pk, "advance", "As proposed; decided on the board."),
        (proposed.other.pk, "hold", "Seen."),
    ]


def test_a_proposal_that_changed_since_the_board_was_read_is_not_followed(
    proposed: SimpleNamespace, desk: Client
) -> None:
    for asked in (f"{proposed.runner.pk}:2:3", f"{proposed.runner.pk}:2:1", "all", "1:2", "²:1:2", "9" * 30):
        desk.post(f"{address(proposed)}approve/", {"runner": [asked]})
    assert not PhaseChange.objects.filter(kind__in=["advance", "back"]).exists()
    desk.post(f"{address(proposed)}approve/", {"runner": ticked(proposed)})
    desk.post(f"{address(proposed)}approve/", {"runner": ticked(proposed)})
    assert PhaseChange.objects.filter(kind="advance").count() == 2


def test_what_most_phases_wait_for_is_read_once_above_the_rows(care: SimpleNamespace, desk: Client) -> None:
    for n in range(3):
        runner = enroll(cohort=care.cohort, user=make_runner_user(name=f"Runner {n}"))
        decide_week(enrollment=runner, week_starts_on=monday(), at=moment(monday(), 13))
    context = desk.get(address(care)).context
    above = {what for what, _ in context["missing"]}
    assert above
    assert not [one for group in context["groups"] for row in group.rows for one in row.stays if one in above]
