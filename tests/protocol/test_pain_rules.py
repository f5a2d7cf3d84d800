"""Pain: colors, the morning after, what stops a week, what is asked, and the phases that follow from it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from challenge.protocol.entries import median
from challenge.protocol.log_view import LogView
from challenge.protocol.pain import (
    PainJudgment,
    PainReport,
    judge_pain,
    pain_color,
    pain_summary,
    worse,
)
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import reason_for
from challenge.protocol.snapshot import ComplaintInput, PauseInput, Snapshot
from challenge.protocol.validation import ProtocolError
from challenge.protocol.vocabulary import (
    ExerciseId,
    PainColor,
    PauseReason,
    ReportKind,
    Rule,
    Side,
    Site,
    Symptom,
)
from challenge.protocol.weekly import decide
from tests.protocol.story import at, daily, intake, monday, morning, run, snapshot, strength

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("pain", "shade"),
    [
        (0, PainColor.GREEN),
        (3, PainColor.GREEN),
        (4, PainColor.AMBER),
        (5, PainColor.AMBER),
        (6, PainColor.RED),
        (10, PainColor.RED),
    ],
)
def test_0_to_3_is_green_4_to_5_amber_above_5_red(pain: int, shade: PainColor) -> None:
    assert pain_color(pain) is shade


@pytest.mark.parametrize("pain", [-1, 11, None, 2.5])
def test_pain_is_a_whole_number_from_0_to_10(pain: Any) -> None:
    with pytest.raises(ProtocolError, match="from 0 to 10") as refused:
        pain_color(pain)
    assert refused.value.field == "pain"


@pytest.mark.parametrize(
    ("pain", "baseline", "verdict"),
    [(4, 2, True), (3, 2, False), (2, 0, True), (1, 0, False), (None, 0, False), (9, None, False)],
)
def test_a_worse_morning_is_two_or_more_above_baseline(
    pain: int | None, baseline: int | None, verdict: bool
) -> None:
    assert worse(pain, baseline) is verdict


def report(**values: Any) -> PainReport:
    return PainReport(**{"kind": ReportKind.SESSION, **values})


@pytest.mark.parametrize("symptom", [Symptom.POP, Symptom.CALF_SWELLING, Symptom.BONE_SPOT, Symptom.LIMP])
def test_a_stop_symptom_stops_immediately_with_what_to_do_and_who_calls(symptom: Symptom) -> None:
    judged = judge_pain(report(pain=2, symptoms=(symptom,)))
    assert [reason.rule for reason in judged.stop] == [Rule.PAIN_STOP]
    assert judged.stop[0].fact("symptom") == symptom.value
    assert judged.ask == ()
    said = judged.stop[0].runner
    assert said.startswith("Stop running now")
    assert "call you by 5:00 PM clinic time on the next business day" in said
    assert "urgent care" in said


@pytest.mark.parametrize("symptom", [Symptom.NIGHT_PAIN, Symptom.REST_PAIN])
def test_night_or_rest_pain_is_a_question_and_targets_go_on(symptom: Symptom) -> None:
    judged = judge_pain(report(symptoms=(symptom,)))
    assert (judged.stop, judged.color, judged.reasons) == ((), None, judged.ask)
    assert judged.ask[0].fact("symptom") == symptom.value


def rules_of(judgment: PainJudgment) -> list[Rule]:
    return [reason.rule for reason in judgment.reasons]


def test_a_judgment_keeps_its_color_and_facts() -> None:
    judged = judge_pain(report(pain=5, site=Site.CALF))
    assert judged.color is PainColor.AMBER
    assert judged.reasons == (reason_for(Rule.PAIN_SCALE, pain=5, color="amber", site="calf", joint=False),)
    assert judge_pain(report(pain=5), CLINIC.altered(red_from=5)).color is PainColor.RED
    morning = report(kind=ReportKind.MORNING, pain=3, baseline=2)
    assert Rule.PAIN_MORNING in rules_of(judge_pain(morning, CLINIC.altered(worse_by=1)))
    assert Rule.PAIN_MORNING not in rules_of(judge_pain(morning))


def test_a_morning_is_judged_against_its_baseline_and_a_session_is_not() -> None:
    judged = judge_pain(report(kind=ReportKind.MORNING, pain=4, baseline=2))
    assert rules_of(judged) == [Rule.PAIN_SCALE, Rule.PAIN_MORNING]
    assert (judged.reasons[1].fact("pain"), judged.reasons[1].fact("baseline")) == (4, 2)
    assert rules_of(judge_pain(report(pain=4, baseline=2))) == [Rule.PAIN_SCALE]


@pytest.mark.parametrize(
    ("site", "pain", "joint"),
    [(Site.KNEE, 1, True), (Site.KNEE, 0, False), (Site.ACHILLES, 5, False), (None, 5, False)],
)
def test_joint_pain_is_always_a_question(site: Site | None, pain: int, joint: bool) -> None:
    judged = judge_pain(report(pain=pain, site=site, side=Side.LEFT))
    assert judged.reasons[0].fact("joint") is joint
    assert judged.reasons[0].fact("site") == (site.value if site else None)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"pain": 11}, "report.pain"),
        ({"baseline": -1}, "report.baseline"),
        ({"kind": "session "}, "report.kind"),
        ({"site": "elbow"}, "report.site"),
        ({"side": "middle"}, "report.side"),
        ({"symptoms": ("pop",)}, "report.symptoms"),
    ],
)
def test_an_impossible_report_is_refused_by_field(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        report(**values)
    assert refused.value.field == field


def test_the_median_of_two_middles_is_cut() -> None:
    assert [median(v) for v in ((3,), (1, 4), (5, 1, 3), (1, 2, 2, 9))] == [3, 2, 3, 2]


def told(*pains: int | None, **values: Any) -> LogView:
    mornings = tuple(morning(monday(1) + day * DAY, pain) for day, pain in enumerate(pains))
    return LogView(snapshot(2, mornings=mornings, **values))


def test_the_morning_baseline_is_the_intakes_or_the_first_five_mornings_median() -> None:
    assert told(9, intake=intake(pain_morning=1)).usual_morning.stated == 1
    assert told(3, 1, 2, 2, None).usual_morning.stated is None
    assert told(3, 1, 2, 2, 5).usual_morning.stated == 2
    assert told(3, 1, 2, 2, None, 5, 9).usual_morning.stated == 2


def test_a_late_morning_that_makes_an_old_week_worse_counts_once() -> None:
    first = decide(snapshot(1))
    on_time = morning(monday(1) + DAY, 4)
    late = morning(monday(1) + 2 * DAY, 4, logged_at=at(monday(2), 9))
    calm = intake(pain_morning=1)
    second = decide(snapshot(2, mornings=(on_time,), intake=calm, past=(first.past(),)))
    third = snapshot(3, mornings=(on_time, late), intake=calm, past=(first.past(), second.past()))
    assert pain_summary(LogView(third), CLINIC).newly_worse == {monday(1)}
    fourth = replace(
        snapshot(4), mornings=third.mornings, intake=calm, past=(*third.past, decide(third).past())
    )
    seen = pain_summary(LogView(fourth), CLINIC)
    assert not seen.newly_worse
    assert seen.worse_weeks == {monday(1)}


def test_a_third_worse_morning_logged_late_does_not_hold_again() -> None:
    first = decide(snapshot(1))
    two = tuple(morning(monday(1) + day * DAY, 4) for day in (1, 2))
    calm = intake(pain_morning=1)
    second = decide(snapshot(2, mornings=two, intake=calm, past=(first.past(),)))
    late = morning(monday(1) + 3 * DAY, 4, logged_at=at(monday(2), 9))
    third = snapshot(3, mornings=(*two, late), intake=calm, past=(first.past(), second.past()))
    assert not pain_summary(LogView(third), CLINIC).holds_cadence


def test_two_check_ins_of_one_morning_are_one_worse_morning() -> None:
    twice = (morning(monday(1), 4), morning(monday(1), 5, key="again"))
    assert not pain_summary(
        LogView(snapshot(2, mornings=twice, intake=intake(pain_morning=1))), CLINIC
    ).holds_cadence


def test_mornings_after_a_session_that_were_not_recorded_are_counted() -> None:
    runs = (run(monday(1)), run(monday(1) + 2 * DAY), run(monday(1) + 6 * DAY))
    lifted = (strength(monday(1) + 4 * DAY, ExerciseId.HEAVY_CALF_RAISE),)
    mornings = (morning(monday(1) + DAY, 0), morning(monday(1) + 3 * DAY, None))
    s = snapshot(2, runs=runs, strength=lifted, mornings=mornings)
    assert pain_summary(LogView(s), CLINIC).mornings_missing == 2
    noted = decide(s).phase.noted
    assert [(n.what, n.have) for n in noted] == [("mornings after a session not recorded", 2)]


def test_a_morning_that_was_recorded_is_not_missing() -> None:
    ran = (run(monday(1)), run(monday(1) + 2 * DAY), run(monday(1) + 4 * DAY))
    mornings = (morning(monday(1) + DAY, 0), morning(monday(1) + 3 * DAY, 2))
    assert pain_summary(LogView(snapshot(2, runs=ran, mornings=mornings)), CLINIC).mornings_missing == 1


def asked(s: Snapshot) -> list[str]:
    return [question.key for question in decide(s).questions]


def test_questions_about_joints_are_asked_once_in_28_days() -> None:
    knee = run(monday(1) + DAY, 168, pain=1, site=Site.KNEE)
    s = snapshot(
        2, runs=(knee, run(monday(1), 168, pain=0, site=Site.HIP), run(monday(1) + 2 * DAY, 168, pain=3))
    )
    assert asked(s) == [f"pain.scale:knee@{monday(2)}"]
    assert decide(s).questions[0].reason == reason_for(Rule.PAIN_SCALE, site="knee", joint=True)
    past = (decide(s).past(),)
    for week, keys in ((5, []), (6, [f"pain.scale:knee@{monday(6)}"])):
        again = replace(
            knee, key=f"again-{week}", local_on=monday(week) - DAY, logged_at=at(monday(week) - DAY)
        )
        assert asked(snapshot(week, runs=(knee, again), past=past)) == keys


def test_a_complaint_at_a_joint_is_asked_with_the_first_decision() -> None:
    ankle = intake(
        complaints=(
            ComplaintInput(Site.ANKLE),
            ComplaintInput(Site.ACHILLES),
            ComplaintInput(Site.LOWER_BACK, present=False),
        )
    )
    assert asked(snapshot(1, intake=ankle)) == [f"pain.scale:ankle@{monday(1)}"]
    first = decide(snapshot(1, intake=ankle))
    for week in (2, 5, 6):
        assert asked(snapshot(week, intake=ankle, past=(first.past(),))) == []


def test_a_complaint_at_a_joint_that_was_never_asked_is_asked_with_the_next_decision() -> None:
    """A pause in week 1, or an intake that was answered again, must not swallow the question."""
    ankle = intake(complaints=(ComplaintInput(Site.ANKLE),))
    paused = decide(
        snapshot(1, intake=ankle, pauses=(PauseInput(monday(1), monday(2), PauseReason.ILLNESS),))
    )
    assert paused.questions == ()
    assert asked(snapshot(2, intake=ankle, past=(paused.past(),))) == [f"pain.scale:ankle@{monday(2)}"]
    before = decide(snapshot(1, intake=intake()))
    second = decide(snapshot(2, intake=ankle, past=(before.past(),)))
    assert [q.key for q in second.questions] == [f"pain.scale:ankle@{monday(2)}"]
    assert asked(snapshot(3, intake=ankle, past=(before.past(), second.past()))) == []


def test_a_joint_gets_no_color_that_the_scale_cannot_give() -> None:
    amber = judge_pain(report(pain=4, site=Site.KNEE)).reasons[0].runner
    assert amber == "The scale is for tendons and muscles, not joints, so a clinician will look at your knee."
    red = judge_pain(report(pain=7, site=Site.KNEE)).reasons[0].runner
    assert red.startswith("Red: ease off today. Your next target stays where it is. The scale is for")


def test_night_pain_in_the_log_is_asked_in_every_week_that_reports_it() -> None:
    night = run(monday(1), 168, symptoms=(Symptom.NIGHT_PAIN,))
    rest = morning(monday(1) + DAY, 1, symptoms=(Symptom.REST_PAIN, Symptom.POP))
    questions = decide(snapshot(2, runs=(night,), mornings=(rest,))).questions
    assert [q.reason for q in questions] == [
        reason_for(Rule.PAIN_ASK, symptom="night_pain"),
        reason_for(Rule.PAIN_ASK, symptom="rest_pain"),
    ]
    assert [q.key for q in questions] == [
        f"pain.ask:night_pain@{monday(2)}",
        f"pain.ask:rest_pain@{monday(2)}",
    ]


def test_red_in_daily_life_is_asked_and_holds_nothing() -> None:
    s = snapshot(2, daily_life=(daily(monday(1) + DAY, 5), daily(monday(1) + 2 * DAY, 6)))
    questions = decide(s).questions
    assert [q.key for q in questions] == [f"pain.scale:daily_life@{monday(2)}"]
    assert questions[0].reason == reason_for(Rule.PAIN_SCALE, pain=6, color="red", daily_life=True)
    assert decide(s).cadence.target_spm == 168
    assert asked(snapshot(2, daily_life=(daily(monday(1) + DAY, 5),))) == []
