"""Heel strike for a while: offered, refused, asked, cut, reviewed and over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from challenge.protocol.reasons import reason_for
from challenge.protocol.snapshot import ComplaintInput, HeelStrikeInput, IntakeInput, PhaseInput
from challenge.protocol.vocabulary import ExerciseId, FootStrike, HeelStrikeStep, Phase, Rule, Site
from challenge.protocol.weekly import decide
from tests.protocol.story import START, at, intake, monday, morning, rule_of, run, snapshot, strength

DAY = timedelta(days=1)


def runner(
    *present: Site, past: tuple[Site, ...] = (), strike: Any = FootStrike.FOREFOOT, **values: Any
) -> IntakeInput:
    complaints = (
        *(ComplaintInput(site) for site in present),
        *(ComplaintInput(site, present=False) for site in past),
    )
    return intake(complaints=complaints, strike=strike, **values)


@pytest.mark.parametrize(
    ("who", "phase", "step", "rule"),
    [
        (runner(Site.ACHILLES), 1, HeelStrikeStep.OFFER, Rule.STRIKE_OFFER),
        (runner(Site.CALF), 1, HeelStrikeStep.OFFER, Rule.STRIKE_OFFER),
        (runner(Site.FOOT), 2, HeelStrikeStep.OFFER, Rule.STRIKE_OFFER),
        (runner(Site.INNER_SHIN, strike=FootStrike.MIDFOOT), 2, HeelStrikeStep.OFFER, Rule.STRIKE_OFFER),
        (runner(Site.ACHILLES), 3, HeelStrikeStep.NOT_RELEVANT, None),
        (runner(Site.ACHILLES, strike=FootStrike.HEEL), 1, HeelStrikeStep.NOT_RELEVANT, None),
        (runner(Site.ACHILLES, strike=None), 1, HeelStrikeStep.NOT_RELEVANT, None),
        (runner(), 1, HeelStrikeStep.NOT_RELEVANT, None),
        (runner(Site.KNEE), 1, HeelStrikeStep.NOT_RELEVANT, None),
        (runner(past=(Site.ACHILLES,)), 1, HeelStrikeStep.NOT_RELEVANT, None),
        (runner(Site.ACHILLES, Site.KNEE), 1, HeelStrikeStep.NEVER, Rule.STRIKE_NEVER),
        (runner(Site.ACHILLES, Site.HIP, strike=None), 2, HeelStrikeStep.NEVER, Rule.STRIKE_NEVER),
        (runner(Site.ACHILLES, Site.FRONT_SHIN, Site.KNEE), 1, HeelStrikeStep.NEVER, Rule.STRIKE_NEVER),
        (runner(Site.ACHILLES, past=(Site.KNEE,)), 1, HeelStrikeStep.ASK, Rule.STRIKE_NEVER),
        (runner(Site.ACHILLES, past=(Site.ACHILLES,)), 1, HeelStrikeStep.OFFER, Rule.STRIKE_OFFER),
        (runner(Site.ACHILLES, Site.KNEE, past=(Site.KNEE,)), 1, HeelStrikeStep.NEVER, Rule.STRIKE_NEVER),
        (runner(Site.FRONT_SHIN), 1, HeelStrikeStep.ASK, Rule.STRIKE_SHIN),
        (runner(Site.FRONT_SHIN, strike=FootStrike.HEEL), 1, HeelStrikeStep.ASK, Rule.STRIKE_SHIN),
        (runner(Site.FRONT_SHIN), 3, HeelStrikeStep.ASK, Rule.STRIKE_SHIN),
        (runner(Site.FRONT_SHIN, Site.CALF, past=(Site.HIP,)), 1, HeelStrikeStep.ASK, Rule.STRIKE_SHIN),
    ],
)
def test_which_runners_are_offered_heel_strike(
    who: IntakeInput, phase: int, step: HeelStrikeStep, rule: Rule | None
) -> None:
    decided = decide(snapshot(intake=who, phases=(PhaseInput(Phase(phase), START),)))
    assert (decided.strike.step, rule_of(decided.strike.reason)) == (step, rule)
    asked = [q.key for q in decided.questions if q.key.startswith("strike")]
    waits = step in (HeelStrikeStep.OFFER, HeelStrikeStep.ASK)
    assert asked == ([f"{rule}:{step}@{START}"] if waits else [])


def test_the_reason_of_an_offer_or_a_refusal_is_kept() -> None:
    offered = decide(snapshot(intake=runner(Site.FOOT, Site.CALF))).strike.reason
    assert offered is not None
    assert (offered.fact("site"), offered.fact("strike")) == ("calf", "forefoot")
    refused = decide(snapshot(intake=runner(Site.FOOT, Site.KNEE, Site.HIP))).strike.reason
    assert refused is not None
    assert (refused.fact("site"), refused.fact("past")) == ("hip", False)
    asked = decide(snapshot(intake=runner(Site.FOOT, past=(Site.KNEE,)))).strike.reason
    assert asked is not None
    assert (asked.fact("site"), asked.fact("past")) == ("knee", True)


def spell(**values: Any) -> HeelStrikeInput:
    return HeelStrikeInput(**{"started_on": START, **values})


ACHILLES = runner(Site.ACHILLES, usual_week_m=30_000)


@pytest.mark.parametrize(
    ("spells", "week", "step", "limit"),
    [
        ((spell(),), 1, HeelStrikeStep.ON_HEEL, 21_000),
        ((spell(),), 2, HeelStrikeStep.ON_HEEL, 21_000),
        ((spell(),), 3, HeelStrikeStep.REVIEW, 21_000),
        ((spell(),), 4, HeelStrikeStep.REVIEW, 21_000),
        ((spell(),), 5, HeelStrikeStep.REVIEW, None),
        ((spell(return_on=monday(3)),), 3, HeelStrikeStep.RETURNING, 21_000),
        ((spell(return_on=monday(3)),), 4, HeelStrikeStep.RETURNING, 21_000),
        ((spell(return_on=monday(3)),), 5, HeelStrikeStep.OVER, None),
        ((spell(return_on=monday(3)),), 2, HeelStrikeStep.ON_HEEL, 21_000),
        ((spell(ended_on=monday(2)),), 2, HeelStrikeStep.OVER, None),
        ((spell(ended_on=monday(3)),), 2, HeelStrikeStep.ON_HEEL, 21_000),
        ((spell(declined=True),), 2, HeelStrikeStep.DECLINED, None),
        ((spell(declined=True), spell(started_on=monday(2))), 2, HeelStrikeStep.ON_HEEL, 21_000),
        ((spell(started_on=monday(3)),), 2, HeelStrikeStep.OFFER, None),
    ],
)
def test_a_spell_goes_on_to_its_end(
    spells: tuple[HeelStrikeInput, ...], week: int, step: HeelStrikeStep, limit: int | None
) -> None:
    decided = decide(snapshot(week, intake=ACHILLES, strike_spells=spells)).strike
    assert (decided.step, decided.weekly_limit_m) == (step, limit)
    if step is HeelStrikeStep.OVER:
        assert decided.reason == reason_for(Rule.STRIKE_RETURN, over=True)


def test_the_day_of_a_spell_and_the_cut_are_stated() -> None:
    on_heel = decide(snapshot(2, intake=ACHILLES, strike_spells=(spell(),))).strike.reason
    assert on_heel is not None
    assert on_heel.rule is Rule.STRIKE_VOLUME
    assert [on_heel.fact(name) for name in ("days", "limit_m")] == [7, 21_000]
    back = decide(snapshot(4, intake=ACHILLES, strike_spells=(spell(return_on=monday(3)),))).strike.reason
    assert back is not None
    assert [back.fact(name) for name in ("days", "limit_m")] == [7, 21_000]
    review = decide(snapshot(3, intake=ACHILLES, strike_spells=(spell(),)))
    assert review.strike.reason is not None
    assert review.strike.reason == reason_for(Rule.STRIKE_RETURN, days=14, review=True, limit_m=21_000)
    assert f"strike.return:review@{monday(3)}" in [q.key for q in review.questions]


def test_without_a_usual_week_no_volume_is_guessed() -> None:
    decided = decide(snapshot(intake=runner(Site.ACHILLES), strike_spells=(spell(),))).strike
    assert (decided.step, decided.weekly_limit_m) == (HeelStrikeStep.ON_HEEL, None)


def test_the_cut_is_from_the_usual_week_before_the_spell_and_also_limits_the_long_run() -> None:
    runs = tuple(run(monday(week) + 2 * DAY, distance=20 - week) for week in (1, 2, 3))
    begun = spell(started_on=monday(3) + 5 * DAY)
    said = replace(ACHILLES, usual_week_m=20_000)
    decided = decide(snapshot(4, intake=said, runs=runs, strike_spells=(begun,)))
    usual = (20_000 + runs[1].distance_m) // 2
    assert decided.strike.weekly_limit_m == usual * 70 // 100
    assert decided.longest_run is not None
    assert decided.longest_run.limit_m == decided.strike.weekly_limit_m


def test_it_is_over_by_phase_3() -> None:
    power = (PhaseInput(Phase.POWER, START),)
    decided = decide(snapshot(2, intake=ACHILLES, strike_spells=(spell(),), phases=power)).strike
    assert (decided.step, decided.reason) == (HeelStrikeStep.OVER, reason_for(Rule.STRIKE_RETURN, over=True))


def test_a_knee_that_begins_under_heel_strike_is_asked_the_same_week() -> None:
    knee = replace(ACHILLES, complaints=(*ACHILLES.complaints, ComplaintInput(Site.KNEE)))
    decided = decide(snapshot(2, intake=knee, strike_spells=(spell(),)))
    assert decided.strike.step is HeelStrikeStep.NEVER
    assert decided.strike.reason == reason_for(
        Rule.STRIKE_NEVER, site="knee", past=False, under_way=True, back=True, limit_m=21_000
    )
    assert f"strike.never:never@{monday(2)}" in [q.key for q in decided.questions]


def test_front_shin_in_the_log_is_asked_once_in_28_days() -> None:
    shin = run(START + DAY, 168, pain=2, site=Site.FRONT_SHIN)
    s = snapshot(2, runs=(shin, run(START, 168, pain=0, site=Site.FRONT_SHIN)))
    first = decide(s)
    assert [q.key for q in first.questions] == [f"strike.shin:log@{monday(2)}"]
    assert first.questions[0].reason == reason_for(Rule.STRIKE_SHIN, logged=True)
    for week, asked in ((3, False), (5, False), (6, True)):
        again = replace(shin, key="again", local_on=monday(week) - DAY, logged_at=at(monday(week) - DAY))
        keys = [q.key for q in decide(snapshot(week, runs=(again,), past=(first.past(),))).questions]
        assert keys == ([f"strike.shin:log@{monday(week)}"] if asked else [])
    none = snapshot(2, runs=(replace(shin, pain=0),))
    assert decide(none).questions == ()
    told = decide(snapshot(2, runs=(shin,), intake=runner(Site.FRONT_SHIN)))
    assert [q.key for q in told.questions] == [f"strike.shin:ask@{monday(2)}"]


@pytest.mark.parametrize("pain", [0, 2])
def test_front_shin_pain_of_a_morning_or_a_strength_session_is_asked_too(pain: int) -> None:
    hurts: dict[str, Any] = {"pain": pain, "site": Site.FRONT_SHIN}
    asked = [f"strike.shin:log@{monday(2)}"] if pain else []
    waking = morning(START + DAY, **hurts)
    assert [q.key for q in decide(snapshot(2, mornings=(waking,))).questions] == asked
    lifting = strength(START + DAY, ExerciseId.HEAVY_CALF_RAISE, **hurts)
    assert [q.key for q in decide(snapshot(2, strength=(lifting,))).questions] == asked


def test_an_offer_is_not_repeated_within_28_days() -> None:
    first = decide(snapshot(1, intake=runner(Site.ACHILLES)))
    for week, asked in ((2, False), (4, False), (5, True)):
        keys = [
            q.key
            for q in decide(snapshot(week, intake=runner(Site.ACHILLES), past=(first.past(),))).questions
        ]
        assert (f"strike.offer:offer@{monday(week)}" in keys) is asked
