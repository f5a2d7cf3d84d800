"""Pain of 4 or more at a knee or hip in the log guards that joint from then on, in every rule."""

from datetime import timedelta
from typing import Any

import pytest

from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.decision import Decision, Prescription
from challenge.protocol.exercises import guarded_form, guide_path
from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import reason_for
from challenge.protocol.snapshot import ComplaintInput, HeelStrikeInput, JointReport, PhaseInput
from challenge.protocol.validation import ProtocolError
from challenge.protocol.vocabulary import (
    ExerciseId,
    FootStrike,
    FormKind,
    HeelStrikeStep,
    Phase,
    Rule,
    Side,
    Site,
)
from challenge.protocol.weekly import decide
from tests.protocol.story import START, at, intake, later, monday, morning, play, run, snapshot, strength

DAY = timedelta(days=1)
SPLIT_SQUAT = ExerciseId.SPLIT_SQUAT_CALF_RAISE
ACHILLES = intake(
    complaints=(ComplaintInput(Site.ACHILLES),), strike=FootStrike.FOREFOOT, usual_week_m=30_000
)
PHASES = (PhaseInput(Phase.STRENGTHEN, START),)
SPELL = (HeelStrikeInput(START),)


def week(number: int, **values: Any) -> Decision:
    return decide(snapshot(number, **{"intake": ACHILLES, "phases": PHASES, **values}))


def squat(decision: Decision) -> Prescription:
    return next(p for p in decision.exercises if p.exercise is SPLIT_SQUAT)


def knee(day: Any = START + 5 * DAY, pain: int | None = 5, site: Site = Site.KNEE, **values: Any) -> Any:
    return run(day, pain=pain, site=site, side=Side.LEFT, **values)


def test_a_knee_sore_on_every_run_from_week_3_is_guarded_and_the_spell_asked_back() -> None:
    decisions = play(
        5,
        lambda number, _: {"runs": (knee(monday(number) + DAY),)} if number >= 3 else {},
        intake=ACHILLES,
        phases=PHASES,
        strike_spells=SPELL,
    )
    for decision, guarded in zip(decisions, (False, False, False, True, True), strict=True):
        assert squat(decision).form is (FormKind.EASIER if guarded else FormKind.STANDARD)
        assert (decision.strike.step is HeelStrikeStep.NEVER) is guarded
    fourth = decisions[3]
    assert squat(fourth).reason.rule is Rule.EXERCISE_APPROVAL
    asked = [question.key for question in fourth.questions]
    assert {
        f"exercise.approval:knee:{START}@{monday(4)}",
        f"strike.never:never@{monday(4)}",
        f"complaint.open:knee@{monday(4)}",
    } <= {*asked}
    assert not [q for q in decisions[4].questions if q.reason.rule is Rule.EXERCISE_APPROVAL]


@pytest.mark.parametrize(
    ("log", "guarded"),
    [
        ({"runs": (knee(),)}, True),
        ({"runs": (knee(pain=4),)}, True),
        ({"runs": (knee(pain=3),)}, False),
        ({"runs": (knee(pain=None),)}, False),
        ({"runs": (knee(site=Site.HIP),)}, True),
        ({"runs": (knee(site=Site.ANKLE),)}, False),
        ({"runs": (run(START, pain=8),)}, False),
        ({"runs": (knee(START - 20 * DAY),)}, True),
        ({"strength": (strength(START, ExerciseId.HEAVY_CALF_RAISE, pain=4, site=Site.KNEE),)}, True),
        ({"mornings": (morning(START, 4, site=Site.HIP),)}, True),
        ({"joint_reports": (JointReport(Site.KNEE, START, 4),)}, True),
        ({"joint_reports": (JointReport(Site.KNEE, START, 3),)}, False),
    ],
)
def test_what_guards_a_joint(log: dict[str, Any], guarded: bool) -> None:
    assert (squat(week(2, **log)).form is FormKind.EASIER) is guarded
    assert squat(week(2, **log, engine_version="3")).form is FormKind.STANDARD


def test_it_is_guarded_for_good_until_a_clinician_approves() -> None:
    assert squat(week(12, runs=(knee(),))).form is FormKind.EASIER
    assert squat(week(12, runs=(knee(),), approved=(SPLIT_SQUAT,))).form is FormKind.STANDARD


def test_a_report_of_wednesday_counts_in_the_revision_of_wednesday() -> None:
    first = week(2)
    moment = later(monday(2) + 2 * DAY, 2, log_as_of=at(monday(2)))
    report = JointReport(Site.KNEE, monday(2) + 2 * DAY, 5)
    again = decide(
        snapshot(**moment, intake=ACHILLES, phases=PHASES, past=(first.past(),), joint_reports=(report,))
    )
    assert squat(first).form is FormKind.STANDARD
    assert squat(again).form is FormKind.EASIER
    assert squat(again).since_on == squat(first).since_on
    assert Rule.EXERCISE_APPROVAL in [question.reason.rule for question in again.questions]
    assert again.cadence.target_spm == first.cadence.target_spm


def test_the_reasons_say_that_it_was_the_log() -> None:
    sore = week(2, runs=(knee(),), strike_spells=SPELL)
    never = sore.strike.reason
    assert never == reason_for(
        Rule.STRIKE_NEVER, site="knee", past=False, under_way=True, logged=True, limit_m=21_000
    )
    approval = next(q.reason for q in sore.questions if q.reason.rule is Rule.EXERCISE_APPROVAL)
    assert approval.fact("logged") is True
    stated = intake(
        complaints=(ComplaintInput(Site.ACHILLES), ComplaintInput(Site.KNEE)), strike=FootStrike.FOREFOOT
    )
    known = week(2, runs=(knee(),), strike_spells=SPELL, intake=stated)
    assert known.strike.reason == reason_for(
        Rule.STRIKE_NEVER, site="knee", past=False, under_way=True, back=True
    )
    (asked,) = [q.reason for q in known.questions if q.reason.rule is Rule.EXERCISE_APPROVAL]
    assert asked.fact("logged") is None
    assert week(2, runs=(knee(),)).strike.reason == reason_for(
        Rule.STRIKE_NEVER, site="knee", past=False, logged=True
    )


def test_the_volume_stays_cut_on_the_way_back_and_the_clinicians_end_is_followed() -> None:
    back = week(2, runs=(knee(),), strike_spells=SPELL)
    assert (back.strike.step, back.strike.weekly_limit_m) == (HeelStrikeStep.NEVER, 21_000)
    unknown = intake(complaints=(ComplaintInput(Site.ACHILLES),))
    free = week(2, runs=(knee(START - DAY),), strike_spells=SPELL, intake=unknown)
    assert (free.strike.step, free.strike.weekly_limit_m) == (HeelStrikeStep.NEVER, None)
    ended = (HeelStrikeInput(START, return_on=monday(2)),)
    returning = week(2, runs=(knee(),), strike_spells=ended)
    assert (returning.strike.step, returning.strike.weekly_limit_m) == (HeelStrikeStep.RETURNING, 21_000)
    assert week(
        2, runs=(knee(),), strike_spells=ended, intake=_with_knee(), engine_version="3"
    ).strike.step is (HeelStrikeStep.NEVER)
    assert week(4, runs=(knee(),), strike_spells=ended).strike.step is HeelStrikeStep.OVER


def _with_knee() -> Any:
    return intake(complaints=(ComplaintInput(Site.ACHILLES), ComplaintInput(Site.KNEE)))


def test_a_sore_knee_before_the_start_is_no_calm_start() -> None:
    calm = intake(pain_now=0)
    assert decide(snapshot(1, intake=calm)).phase.proposed is Phase.STRENGTHEN
    sore = decide(snapshot(1, intake=calm, runs=(knee(START - 3 * DAY),)))
    assert sore.phase.proposed is None


def test_the_threshold_is_the_parameter_of_amber() -> None:
    s = snapshot(2, runs=(knee(pain=4),), intake=ACHILLES, phases=PHASES)
    assert LogView(s).guarded == {Site.KNEE}
    assert not LogView(s, CLINIC.altered(amber_from=5)).guarded


def test_a_guarded_form_has_a_page_of_its_own() -> None:
    spared = {exercise for exercise in CATALOG if guarded_form(exercise, FormKind.EASIER)}
    assert spared == {
        SPLIT_SQUAT,
        ExerciseId.POGO_HOPS,
        ExerciseId.SINGLE_LEG_HOPS,
        ExerciseId.SKIPPING,
    }
    assert guarded_form(SPLIT_SQUAT, FormKind.STANDARD) is None
    assert guide_path(SPLIT_SQUAT, FormKind.EASIER) == "/guide/split_squat_calf_raise/easier/"
    assert guide_path(SPLIT_SQUAT) == "/guide/split_squat_calf_raise/"
    assert guide_path(ExerciseId.ARCH_RAISE, FormKind.EASIER) == "/guide/arch_raise/"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"site": "knee"}, "joint_report.site"),
        ({"on": at(START)}, "joint_report.on"),
        ({"pain": 11}, "joint_report.pain"),
    ],
)
def test_an_impossible_report_is_refused_by_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        JointReport(**{"site": Site.KNEE, "on": START, "pain": 4, **values})
    assert refused.value.field == field
