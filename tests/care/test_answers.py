"""Which decision closes which question, tried both ways, and what a newer question replaces."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from challenge.accounts.models import User
from challenge.care.actions import close_flag, close_unreported, raise_flag
from challenge.care.answers import ANSWERED_BY, DecisionKind, MadeDecision, close_answered, named_exercises
from challenge.care.models import COMPLAINT_SOURCE, Flag
from challenge.care.questions import JOINT_HURTS, question_name
from challenge.enrollment.models import Enrollment
from challenge.protocol.vocabulary import ExerciseId, FlagKind
from tests.conftest import NOW
from tests.factories.cohorts import enroll

pytestmark = pytest.mark.django_db

SPLIT_SQUAT = ExerciseId.SPLIT_SQUAT_CALF_RAISE
KNEE: dict[str, Any] = {"site": "knee", "side": "left"}
# Every question there is: its kind, rule and facts. What no decision answers is answered on the question itself.
QUESTIONS: dict[str, tuple[FlagKind, str, dict[str, Any]]] = {
    "pain.stop": (FlagKind.STOP, "pain.stop", {"symptoms": ["pop"]}),
    "pain.ask": (FlagKind.ASK, "pain.ask", {"symptoms": ["night_pain"]}),
    "complaint.open": (FlagKind.COMPLAINT, "complaint.open", KNEE),
    "pain.scale:joint": (FlagKind.ASK, "pain.scale", {"site": "knee", "joint": True}),
    "pain.scale:red": (FlagKind.RED, "pain.scale", KNEE | {"pain": 7, "on": "2026-01-06"}),
    "pain.scale:daily_life": (FlagKind.RED, "pain.scale", {"pain": 7, "daily_life": True}),
    "pain.morning": (FlagKind.WORSE_WEEK, "pain.morning", {"week": "2026-01-05"}),
    "pain.not_better": (FlagKind.QUESTION, "pain.not_better", {"why": "amber"}),
    "phase.propose_back": (FlagKind.QUESTION, "phase.propose_back", {"reds": 2}),
    "cadence.stuck": (FlagKind.STUCK, "cadence.stuck", {"target_spm": 168}),
    "cadence.unmeasured": (FlagKind.QUESTION, "cadence.unmeasured", {"target_spm": 168}),
    "cadence.review": (FlagKind.REVIEW, "cadence.review", {"target_spm": 180}),
    "exercise.approval": (
        FlagKind.QUESTION,
        "exercise.approval",
        {"site": "knee", "exercises": SPLIT_SQUAT.label},
    ),
    "exercise.track": (FlagKind.QUESTION, "exercise.track", {"site": "knee"}),
    "exercise.return": (FlagKind.QUESTION, "exercise.return", {"days": 28}),
    "load.long_run": (FlagKind.LOAD, "load.long_run", {"distance_m": 20000}),
    "load.stacked": (FlagKind.LOAD, "load.stacked", {}),
    "load.weekly_jump": (FlagKind.LOAD, "load.weekly_jump", {}),
    "load.recovery": (FlagKind.LOAD, "load.recovery", {}),
    "load.return": (FlagKind.LOAD, "load.return", {}),
    "strike.offer": (FlagKind.QUESTION, "strike.offer", {}),
    "strike.shin": (FlagKind.QUESTION, "strike.shin", {}),
    "strike.never:past": (FlagKind.QUESTION, "strike.never", {"past": True}),
    "strike.never:under_way": (FlagKind.QUESTION, "strike.never", {"under_way": True}),
    "strike.return": (FlagKind.QUESTION, "strike.return", {"review": True}),
    "message.words": (FlagKind.ASK, "message.words", {"words": ["popped"], "on": "2026-01-06"}),
    "log.silence": (FlagKind.SILENCE, "log.silence", {}),
    "mail.failing": (FlagKind.MAIL, "mail.failing", {}),
}
SORE = {"pain.scale:red", "pain.scale:daily_life", "pain.morning", "pain.not_better", "phase.propose_back"}
LOADS = {"load.long_run", "load.stacked", "load.weekly_jump", "load.recovery", "load.return"}
STRIKE = {"strike.offer", "strike.shin", "strike.never:past"}
# Written here once more, from the side of the decision: what it closes, and by that what it leaves open.
CLOSES: dict[DecisionKind, set[str]] = {
    DecisionKind.PHASE_FORWARD: set(),
    DecisionKind.PHASE_HOLD: SORE,
    DecisionKind.PHASE_BACK: SORE | {"exercise.return"},
    DecisionKind.CADENCE: {"cadence.stuck", "cadence.unmeasured", "cadence.review"},
    DecisionKind.DOSE: {"exercise.return", "pain.not_better"},
    DecisionKind.PLAN: {"exercise.approval"},
    DecisionKind.APPROVAL: {"exercise.approval"},
    DecisionKind.LONG_RUN: {"load.long_run"},
    DecisionKind.COMPLAINT: {"complaint.open", "pain.scale:joint", "pain.scale:red"} | STRIKE,
    DecisionKind.COMPLAINT_PAST: {
        "complaint.open",
        "pain.scale:joint",
        "exercise.approval",
        "exercise.track",
    },
    DecisionKind.NO_COMPLAINT: {"complaint.open", "exercise.approval"},
    DecisionKind.TRACK: {"exercise.track"},
    DecisionKind.HEEL_STRIKE: STRIKE,
    DecisionKind.HEEL_STRIKE_END: {"strike.never:under_way", "strike.return"},
    DecisionKind.PAUSE: {"message.words"} | SORE | LOADS | {"exercise.return", "log.silence"},
    DecisionKind.CONTACT: {"message.words", "log.silence"},
}


def ask_everything(runner: Enrollment) -> dict[str, Flag]:
    asked = {}
    for name, (kind, rule, facts) in QUESTIONS.items():
        asked[name] = raise_flag(
            enrollment=runner, kind=kind, rule=rule, source=f"test:{name}", facts=facts, at=NOW
        )
        assert name in (question_name(asked[name]), rule)
    return asked


def still_open(asked: dict[str, Flag]) -> set[str]:
    waiting = set(Flag.objects.filter(closed_at__isnull=True).values_list("pk", flat=True))
    return {name for name, flag in asked.items() if flag.pk in waiting}


def decision(kind: DecisionKind, **changed: Any) -> MadeDecision:
    about: dict[str, Any] = {
        "place": ("knee", "left"),
        "exercises": frozenset({SPLIT_SQUAT.value}),
        "distance_m": 20000,
    }
    return MadeDecision(kind, f"{kind}:1", "Decided", **(about | changed))


def decide(runner: Enrollment, made: MadeDecision, by: User) -> None:
    close_answered(enrollment=runner, made=made, reason="Because.", by=by, at=NOW)


@pytest.mark.parametrize("kind", DecisionKind)
def test_a_decision_closes_what_it_answers_and_nothing_else(kind: DecisionKind, clinician: User) -> None:
    runner, stranger = enroll(), enroll()
    asked, theirs = ask_everything(runner), ask_everything(stranger)
    decide(runner, decision(kind), clinician)
    assert set(QUESTIONS) - still_open(asked) == CLOSES[kind]
    assert still_open(theirs) == set(QUESTIONS)
    for name in CLOSES[kind]:
        flag = asked[name]
        flag.refresh_from_db()
        assert (flag.closed_by, flag.closing_note, flag.answered_with) == (
            clinician,
            "Decided. Because.",
            f"{kind}:1",
        )


def test_the_table_knows_every_decision_and_no_stop() -> None:
    assert {kind for kinds in ANSWERED_BY.values() for kind in kinds} == set(DecisionKind)
    assert "pain.stop" not in ANSWERED_BY
    assert set(ANSWERED_BY) <= set(QUESTIONS)


@pytest.mark.parametrize(
    ("kind", "changed", "stays"),
    [
        (DecisionKind.COMPLAINT, {"place": ("knee", "right")}, {"complaint.open", "pain.scale:red"}),
        (DecisionKind.COMPLAINT, {"place": ("hip", "left")}, {"complaint.open", "pain.scale:joint"}),
        (DecisionKind.NO_COMPLAINT, {"place": ("knee", "")}, {"complaint.open"}),
        (DecisionKind.TRACK, {"place": ("hip", "left")}, {"exercise.track"}),
        (DecisionKind.APPROVAL, {"exercises": frozenset({"wall_sit"})}, {"exercise.approval"}),
        (DecisionKind.PLAN, {"exercises": frozenset()}, {"exercise.approval"}),
        (DecisionKind.LONG_RUN, {"distance_m": 8000}, {"load.long_run"}),
    ],
)
def test_a_decision_about_something_else_closes_nothing(
    kind: DecisionKind, changed: dict[str, Any], stays: set[str], clinician: User
) -> None:
    runner = enroll()
    asked = ask_everything(runner)
    decide(runner, decision(kind, **changed), clinician)
    assert stays <= still_open(asked)


def test_a_question_about_two_exercises_waits_for_both(clinician: User) -> None:
    runner = enroll()
    both = f"{SPLIT_SQUAT.label}, {ExerciseId.ARCH_RAISE.label}"
    flag = raise_flag(
        enrollment=runner,
        kind=FlagKind.QUESTION,
        rule="exercise.approval",
        source="x",
        facts={"site": "knee", "exercises": both},
        at=NOW,
    )
    assert named_exercises(flag) == {SPLIT_SQUAT.value, ExerciseId.ARCH_RAISE.value}
    decide(runner, decision(DecisionKind.APPROVAL), clinician)
    assert Flag.objects.filter(closed_at__isnull=True).count() == 1
    approved = frozenset({SPLIT_SQUAT.value, ExerciseId.ARCH_RAISE.value})
    decide(runner, decision(DecisionKind.APPROVAL, exercises=approved), clinician)
    assert not Flag.objects.filter(closed_at__isnull=True).exists()


def test_no_exercise_is_named_by_the_label_of_another() -> None:
    for one in ExerciseId:
        assert [other for other in ExerciseId if other.label in one.label] == [one]


def test_a_newer_question_replaces_the_older_one_with_a_link() -> None:
    runner = enroll()

    def red(day: int, side: str = "left") -> Flag:
        return raise_flag(
            enrollment=runner,
            kind=FlagKind.RED,
            rule="pain.scale",
            source=f"run:{day}{side}",
            facts={"pain": 7, "site": "knee", "side": side, "on": f"2026-01-{day:02}"},
            at=NOW + timedelta(days=day),
        )

    old, other_side = red(1), red(2, "right")
    new = red(3)
    old.refresh_from_db()
    other_side.refresh_from_db()
    assert (old.replaced_by, old.closed_by) == (new, None)
    assert old.closed_at == NOW + timedelta(days=3)
    assert other_side.closed_at is None


def test_nothing_replaces_a_stop_a_complaint_or_another_symptom() -> None:
    runner = enroll()
    for source in ("a", "b"):
        for kind, rule, facts in (
            (FlagKind.STOP, "pain.stop", {"symptoms": ["pop"]}),
            (FlagKind.COMPLAINT, "complaint.open", KNEE),
            (FlagKind.ASK, "pain.ask", {"symptoms": ["night_pain" if source == "a" else "rest_pain"]}),
            (FlagKind.ASK, "pain.ask", {"tendon_history": ["rupture"]}),
        ):
            raise_flag(
                enrollment=runner, kind=kind, rule=rule, source=f"{source}{facts}", facts=facts, at=NOW
            )
    assert Flag.objects.filter(closed_at__isnull=True).count() == 8


def test_the_database_lets_nothing_replace_a_stop() -> None:
    runner = enroll()
    flags = [
        raise_flag(enrollment=runner, kind=kind, rule="pain.stop", source=kind, facts={}, at=NOW)
        for kind in (FlagKind.STOP, FlagKind.ASK)
    ]
    with pytest.raises(IntegrityError, match="flag_is_answered_or_replaced"), transaction.atomic():
        Flag.objects.filter(pk=flags[0].pk).update(closed_at=NOW, replaced_by=flags[1])
    Flag.objects.filter(pk=flags[1].pk).update(closed_at=NOW, replaced_by=flags[0])


def test_a_corrected_report_closes_no_stop_and_leaves_a_note() -> None:
    stop = raise_flag(enrollment=enroll(), kind=FlagKind.STOP, rule="pain.stop", source="x", facts={}, at=NOW)
    question = raise_flag(
        enrollment=enroll(), kind=FlagKind.COMPLAINT, rule="complaint.open", source="x", facts=KNEE, at=NOW
    )
    for flag, note in ((stop, "Corrected."), (question, "")):
        with pytest.raises(IntegrityError, match="flag_is_answered_or_replaced"), transaction.atomic():
            close_unreported(flags=[flag], entry="run:1", note=note, at=NOW)
    close_unreported(flags=[question], entry="run:1", note="Corrected.", at=NOW)
    question.refresh_from_db()
    assert (question.closed_at, question.answered_with) == (NOW, "corrected:run:1")


def test_a_correction_leaves_the_answer_that_a_clinician_gave(clinician: User) -> None:
    asked = raise_flag(
        enrollment=enroll(), kind=FlagKind.COMPLAINT, rule="complaint.open", source="x", facts=KNEE, at=NOW
    )
    close_flag(flag=asked, note="A bruise.", by=clinician, at=NOW)
    close_unreported(flags=[asked], entry="run:1", note="Corrected.", at=NOW + timedelta(hours=1))
    asked.refresh_from_db()
    assert (asked.closed_by, asked.closing_note, asked.closed_at) == (clinician, "A bruise.", NOW)


def test_a_complaint_away_from_knee_and_hip_leaves_heel_strike_to_ask(clinician: User) -> None:
    runner = enroll()
    asked = ask_everything(runner)
    decide(runner, decision(DecisionKind.COMPLAINT, place=("calf", "left")), clinician)
    assert still_open(asked) >= STRIKE
    decide(runner, decision(DecisionKind.COMPLAINT, place=("hip", "right")), clinician)
    assert not STRIKE & still_open(asked)


@pytest.mark.parametrize(("phase", "ended"), [(2, set()), (3, STRIKE | {"exercise.approval"})])
def test_phase_3_leaves_no_question_about_heel_strike_or_exercises_of_phase_2(
    phase: int, ended: set[str], clinician: User
) -> None:
    runner = enroll()
    asked = ask_everything(runner)
    decide(runner, decision(DecisionKind.PHASE_FORWARD, phase=phase), clinician)
    assert set(QUESTIONS) - still_open(asked) == ended


@pytest.mark.parametrize(("phase", "ended"), [(1, {"exercise.approval"}), (2, set())])
def test_a_step_back_leaves_no_question_about_exercises_of_the_phase_before(
    phase: int, ended: set[str], clinician: User
) -> None:
    runner = enroll()
    asked = ask_everything(runner)
    decide(runner, decision(DecisionKind.PHASE_BACK, phase=phase), clinician)
    assert set(QUESTIONS) - still_open(asked) == CLOSES[DecisionKind.PHASE_BACK] | ended


@pytest.mark.parametrize("kind", [DecisionKind.NO_COMPLAINT, DecisionKind.COMPLAINT_PAST])
@pytest.mark.parametrize("still_sore", [True, False])
def test_a_joint_that_is_calm_again_is_no_reason_to_go_back_to_the_midfoot(
    kind: DecisionKind, still_sore: bool, clinician: User
) -> None:
    runner, facts = enroll(), {"under_way": True, "site": "knee"}
    flag = raise_flag(
        enrollment=runner, kind=FlagKind.QUESTION, rule="strike.never", source="test", facts=facts, at=NOW
    )
    decide(runner, decision(kind, place=("hip", "left")), clinician)
    assert still_open({"strike": flag})
    decide(runner, decision(kind, still_sore=still_sore), clinician)
    assert bool(still_open({"strike": flag})) is still_sore


@pytest.mark.parametrize(
    ("site", "source", "closed"),
    [
        ("knee", f"{COMPLAINT_SOURCE}run:1", True),
        ("calf", f"{COMPLAINT_SOURCE}run:1", False),
        ("knee", "runner:1", False),
    ],
)
def test_a_joint_that_begins_to_hurt_replaces_the_questions_about_heel_strike(
    site: str, source: str, closed: bool
) -> None:
    runner, stranger = enroll(), enroll()
    asked, theirs = ask_everything(runner), ask_everything(stranger)
    later = NOW + timedelta(hours=1)
    sore = raise_flag(
        enrollment=runner,
        kind=FlagKind.COMPLAINT,
        rule="complaint.open",
        source=source,
        facts={"site": site},
        at=later,
    )
    assert set(QUESTIONS) - still_open(asked) == (STRIKE if closed else set())
    assert still_open(theirs) == set(QUESTIONS)
    offer = asked["strike.offer"]
    offer.refresh_from_db()
    assert (offer.replaced_by, offer.closing_note) == ((sore, JOINT_HURTS) if closed else (None, ""))
    # What is asked after the report was asked with the report in view.
    raise_flag(
        enrollment=runner, kind=FlagKind.QUESTION, rule="strike.offer", source="later", facts={},
        at=later + timedelta(hours=1),
    )  # fmt: skip
    assert Flag.objects.filter(enrollment=runner, source="later", closed_at__isnull=True).exists()
