"""An answer or a decision taken back while its email still waits: both rows stay, and the question is asked again."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from challenge.care.models import ClinicianOverride, Flag, HeelStrikePeriod, Pause, PhaseChange
from challenge.care.overrides import start_heel_strike_period
from challenge.care.queries import current_phase, current_targets, pause_on
from challenge.care.questions import question_name
from challenge.mail.models import MessageKind, MessageState, OutboxMessage
from challenge.review.undo import recent_decisions_of
from challenge.weekly.engine_inputs import gather_snapshots
from tests.factories.complaints import open_complaint
from tests.factories.log import log_run
from tests.review.conftest import moment, monday
from tests.review.test_answering import answer, answers_offered, ask, home, is_open, with_seen

pytestmark = pytest.mark.django_db


def undo(desk: Client, care: SimpleNamespace, key: str) -> Any:
    return desk.post(f"{home(care)}undo/", {"key": key}, follow=True)


def test_an_undone_phase_leaves_both_rows_asks_again_and_sends_nothing(
    care: SimpleNamespace, desk: Client
) -> None:
    red = ask(care.runner, "pain.scale:red")
    before = gather_snapshots([care.runner], week_starts_on=monday(), at=timezone.now())[care.runner.pk]
    desk.post(f"{home(care)}phase/", with_seen(care, "phase", to_phase=1, reason="Hold."))
    desk.post(f"{home(care)}phase/", with_seen(care, "phase", to_phase=2, reason="Oh, the wrong runner."))
    assert not is_open(red)
    (forward,) = [one.key for one in recent_decisions_of(care.runner, at=timezone.now())]
    assert "The email goes out 10 minutes after the decision" in desk.get(home(care)).content.decode()
    assert "Taken back" in undo(desk, care, forward).content.decode()
    assert current_phase(care.runner) == 1
    kinds = PhaseChange.objects.filter(enrollment=care.runner).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["start", "hold", "advance", "back"]
    after = gather_snapshots([care.runner], week_starts_on=monday(), at=timezone.now())[care.runner.pk]
    assert after.phases == before.phases
    assert (
        "already taken back or changed, or its email is on its way"
        in undo(desk, care, forward).content.decode()
    )
    queued = OutboxMessage.objects.filter(kind=MessageKind.PHASE, state=MessageState.QUEUED)
    assert not queued.exists()


@pytest.mark.parametrize(("name", "value"), answers_offered())
def test_each_answer_closes_its_question_and_its_one_undo_opens_it_again(
    care: SimpleNamespace, desk: Client, name: str, value: str
) -> None:
    began = {"starts_on": monday(1), "reason": "For the calf.", "by": care.clinician, "at": moment(monday(1))}
    if value == "strike_end":
        start_heel_strike_period(enrollment=care.runner, **began)
    if value in ("approve", "track"):
        open_complaint(care.runner, "knee", "left", at=moment(monday(1)))
    if value == "count":
        log_run(care.runner, monday(1), distance_m=20_000, at=moment(monday(1)))
    flag = ask(care.runner, name)
    done = answer(desk, care, flag, value, note="Because.", cadence_spm=160)
    assert done.status_code == 302, done.content.decode()[:4000]
    assert not is_open(flag)
    made = recent_decisions_of(care.runner, at=timezone.now())
    # A talk that took place, a complaint that is none and the end of heel strike are not taken back.
    assert len(made) == (value not in ("called", "none", "strike_end"))
    for one in made:
        assert "is open again" in undo(desk, care, one.key).content.decode()
        # The engine may ask it anew, in place of the one that was answered.
        again = Flag.objects.filter(enrollment=care.runner, closed_at__isnull=True)
        assert question_name(flag) in [question_name(one) for one in again]


def test_an_undone_answer_is_asked_again_beside_the_closed_one(care: SimpleNamespace, desk: Client) -> None:
    flag = ask(care.runner, "strike.offer")
    answer(desk, care, flag, "strike")
    (made,) = recent_decisions_of(care.runner, at=timezone.now())
    undo(desk, care, made.key)
    assert HeelStrikePeriod.objects.get().ended_on is not None
    assert not is_open(flag)
    assert Flag.objects.get(closed_at__isnull=True).facts == flag.facts
    again = Flag.objects.get(closed_at__isnull=True)
    answer(desk, care, again, "decline", note="No.")
    undo(desk, care, again.about)
    assert Flag.objects.filter(rule="strike.offer").count() == 3


def test_an_undone_cadence_brings_back_the_one_before(care: SimpleNamespace, desk: Client) -> None:
    for spm in (150, 155):
        desk.post(f"{home(care)}cadence/", with_seen(care, "cadence", cadence_spm=spm, reason="So."))
    newest = recent_decisions_of(care.runner, at=timezone.now())[0]
    undo(desk, care, newest.key)
    assert ClinicianOverride.objects.get(ended_at__isnull=True).cadence_spm == 150
    assert ClinicianOverride.objects.count() == 3


@pytest.mark.parametrize(
    ("what", "values", "part"),
    [("cadence", {"cadence_spm": 150}, "cadence"), ("strike", {}, "strike")],
)
def test_after_an_undo_the_week_is_as_monday_decided_it(
    care: SimpleNamespace, desk: Client, what: str, values: dict[str, int], part: str
) -> None:
    before, decided = current_targets(care.runner)[0], timezone.now()
    with time_machine.travel(decided, tick=False):
        desk.post(f"{home(care)}{what}/", with_seen(care, what, reason="Oh, the wrong runner.", **values))
        assert current_targets(care.runner)[0].decision[part] != before.decision[part]
        (made,) = recent_decisions_of(care.runner, at=timezone.now())
    # A decision between keeps nothing of what is taken back.
    with time_machine.travel(decided + timedelta(minutes=1), tick=False):
        desk.post(f"{home(care)}phase/", with_seen(care, "phase", to_phase=1, reason="Hold."))
    with time_machine.travel(decided + timedelta(minutes=2), tick=False):
        page = undo(desk, care, made.key).content.decode()
    assert "Taken back." in page
    assert "The question it answered" not in page  # it answered none
    after = current_targets(care.runner)[0]
    assert after.revision > before.revision + 1
    assert after.decision[part] == before.decision[part]


def test_an_undone_pause_covers_no_day_and_an_undone_complaint_is_as_before(
    care: SimpleNamespace, desk: Client
) -> None:
    desk.post(f"{home(care)}pause/", with_seen(care, "pause", reason="Oh."))
    undo(desk, care, f"pause:{Pause.objects.get().pk}")
    assert pause_on(care.runner, on=timezone.localdate()) is None
    newest = current_targets(care.runner).first()
    assert newest is not None
    assert newest.decision["state"] == "active"
    row = open_complaint(care.runner, "knee", at=moment(monday(1)))
    values = {"complaint": row.pk, "status": "past", "reason": "Gone."}
    desk.post(f"{home(care)}complaint_change/", with_seen(care, "complaint_change", **values))
    undo(desk, care, f"complaint:{row.changes.latest('pk').pk}")
    row.refresh_from_db()
    assert (row.status, row.changes.count()) == ("present", 3)


@pytest.mark.parametrize(
    "key", ["", "phase", "phase:x", "flag:1", "night:2", "pause:99999999999999999999999"]
)
def test_nothing_else_is_taken_back(care: SimpleNamespace, desk: Client, key: str) -> None:
    assert "Make a new decision instead" in undo(desk, care, key).content.decode()


def test_after_the_quiet_minutes_nothing_is_taken_back(care: SimpleNamespace, desk: Client) -> None:
    desk.post(f"{home(care)}pause/", with_seen(care, "pause", reason="Ill."))
    at = timezone.now()
    assert recent_decisions_of(care.runner, at=at + timedelta(minutes=9))
    assert not recent_decisions_of(care.runner, at=at + timedelta(minutes=11))
