"""`complaint.open`: the record of complaints as of deciding, what the log guards beyond it, and what it proposes."""

from datetime import date, timedelta
from typing import Any

import pytest

from challenge.protocol.complaints import SiteReport, proposals, recorded_complaints
from challenge.protocol.decision import Decision
from challenge.protocol.log_view import LogView
from challenge.protocol.parameters import CLINIC
from challenge.protocol.reasons import reason_for
from challenge.protocol.snapshot import (
    ComplaintDismissal,
    ComplaintInput,
    ComplaintRecord,
    HeelStrikeInput,
    JointReport,
    PhaseInput,
    Snapshot,
)
from challenge.protocol.vocabulary import (
    ComplaintStatus,
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
from tests.protocol.story import START, at, intake, monday, morning, run, snapshot, strength

DAY = timedelta(days=1)
PRESENT, SETTLING, PAST = ComplaintStatus
HEAVY = (PhaseInput(Phase.STRENGTHEN, START),)
FORE = intake(strike=FootStrike.FOREFOOT, usual_week_m=30_000)


def record(
    site: Site, status: ComplaintStatus = PRESENT, since: date = START, **values: Any
) -> ComplaintRecord:
    opened = values.pop("opened_on", min(since, START))
    return ComplaintRecord(values.pop("key", site.value), site, status, opened, since, **values)


def sore(site: Site, *days: int, pain: int = 4, **values: Any) -> dict[str, Any]:
    return {
        "runs": tuple(
            run(START + day * DAY, pain=pain, site=site, key=f"{site}{day}", **values) for day in days
        )
    }


def with_record(*complaints: ComplaintRecord, week: int = 3, **values: Any) -> Snapshot:
    return snapshot(week, complaints=complaints, **values)


def opened(decision: Decision) -> dict[str, Any]:
    """The facts of each proposal, by its key."""
    return {q.key: dict(q.reason.facts) for q in decision.questions if q.reason.rule is Rule.COMPLAINT_OPEN}


def squat(decision: Decision) -> FormKind | None:
    forms = {p.exercise: p.form for p in decision.exercises}
    return forms.get(ExerciseId.SPLIT_SQUAT_CALF_RAISE)


@pytest.mark.parametrize(
    ("site", "days", "pain", "proposes"),
    [
        (Site.KNEE, (2,), 4, True),
        (Site.KNEE, (2,), 3, False),
        (Site.ANKLE, (2,), 4, True),
        (Site.LOWER_BACK, (2,), 4, True),
        (Site.CALF, (2,), 9, False),
        (Site.CALF, (2, 3), 4, True),
        (Site.CALF, (2, 3), 3, False),
        (Site.CALF, (0, 13), 4, True),
        (Site.CALF, (0, 14), 4, False),
        (Site.FOOT, (2, 2), 4, False),
    ],
)
def test_one_report_at_a_joint_or_two_days_elsewhere_propose_a_complaint(
    site: Site, days: tuple[int, ...], pain: int, proposes: bool
) -> None:
    runs = tuple(
        run(START + day * DAY, pain=pain, site=site, key=f"run-{number}") for number, day in enumerate(days)
    )
    found = opened(decide(with_record(runs=runs, week=4)))
    assert set(found) == ({f"complaint.open:{site.value}@{monday(4)}"} if proposes else set())


def test_a_proposal_says_where_how_much_and_whether_it_is_spared() -> None:
    reports = sore(Site.KNEE, 2, pain=5, side=Side.LEFT)
    reports["mornings"] = (morning(START + 3 * DAY, 6, site=Site.KNEE, side=Side.LEFT),)
    reports["strength"] = (
        strength(START + 3 * DAY, ExerciseId.SKIPPING, pain=4, site=Site.KNEE, side=Side.LEFT),
    )
    decision = decide(with_record(week=2, **reports))
    asked = next(q.reason for q in decision.questions if q.reason.rule is Rule.COMPLAINT_OPEN)
    facts: dict[str, Any] = {
        "site": "knee",
        "side": "left",
        "pain": 6,
        "days": 2,
        "joint": True,
        "guarded": True,
    }
    assert asked == reason_for(Rule.COMPLAINT_OPEN, **facts)
    calf = decide(
        with_record(week=2, runs=(*sore(Site.CALF, 1, side=Side.LEFT)["runs"], *sore(Site.CALF, 2)["runs"]))
    )
    (found,) = opened(calf).values()
    assert (found["side"], found["joint"], found["guarded"]) == (None, False, False)


def test_the_question_about_a_joint_is_not_asked_beside_it() -> None:
    rules = [q.reason.rule for q in decide(with_record(week=2, **sore(Site.ANKLE, 2))).questions]
    assert Rule.PAIN_SCALE not in rules
    mild = [q.reason.rule for q in decide(with_record(week=2, **sore(Site.ANKLE, 2, pain=3))).questions]
    assert mild == [Rule.PAIN_SCALE]


@pytest.mark.parametrize(
    ("answers", "guarded", "proposed"),
    [
        ({}, True, True),
        ({"complaints": (record(Site.KNEE),)}, True, False),
        ({"complaints": (record(Site.KNEE, SETTLING, START + 9 * DAY),)}, True, False),
        ({"complaints": (record(Site.KNEE, SETTLING, START + 2 * DAY),)}, True, True),
        ({"complaints": (record(Site.KNEE, PAST, START + 3 * DAY),)}, False, False),
        ({"complaints": (record(Site.KNEE, PAST, START + 2 * DAY),)}, True, True),
        ({"complaints": (record(Site.HIP),)}, True, True),
        ({"complaints": (record(Site.KNEE, PAST, START + 9 * DAY, side=Side.RIGHT),)}, True, True),
        ({"complaints": (record(Site.KNEE, PAST, START + 9 * DAY, side=Side.LEFT),)}, False, False),
        ({"complaints": (record(Site.KNEE, PAST, START + 9 * DAY, side=Side.BOTH),)}, False, False),
        ({"dismissals": (ComplaintDismissal(Site.KNEE, None, at(START + 2 * DAY, 20)),)}, False, False),
        ({"dismissals": (ComplaintDismissal(Site.KNEE, None, at(START + 2 * DAY, 19)),)}, True, True),
        ({"dismissals": (ComplaintDismissal(Site.KNEE, Side.LEFT, at(START + 9 * DAY)),)}, False, False),
        ({"dismissals": (ComplaintDismissal(Site.KNEE, Side.RIGHT, at(START + 9 * DAY)),)}, True, True),
        ({"dismissals": (ComplaintDismissal(Site.HIP, None, at(START + 9 * DAY)),)}, True, True),
    ],
)
def test_a_report_guards_and_asks_until_a_clinician_answers(
    answers: dict[str, Any], guarded: bool, proposed: bool
) -> None:
    made: dict[str, Any] = {
        "complaints": (),
        "phases": HEAVY,
        **sore(Site.KNEE, 2, side=Side.LEFT),
        **answers,
    }
    decision = decide(snapshot(3, **made))
    assert squat(decision) is (FormKind.EASIER if guarded else FormKind.STANDARD)
    assert bool(opened(decision)) is proposed


def test_a_joint_report_after_the_cut_off_guards_and_is_answered_by_a_dismissal() -> None:
    def decided(*reports: JointReport, **values: Any) -> Decision:
        return decide(snapshot(2, complaints=(), phases=HEAVY, joint_reports=reports, **values))

    monday_noon = JointReport(Site.KNEE, monday(2), 5)
    assert squat(decided(monday_noon)) is FormKind.EASIER
    assert opened(decided(monday_noon))
    assert squat(decided(JointReport(Site.KNEE, monday(2), 3))) is FormKind.STANDARD
    same_day = (ComplaintDismissal(Site.KNEE, None, at(monday(2), 23)),)
    assert squat(decided(monday_noon, dismissals=same_day)) is FormKind.EASIER
    known = JointReport(Site.KNEE, monday(2), 5, None, at(monday(2), 12))
    assert squat(decided(known, dismissals=same_day)) is FormKind.STANDARD
    day_after = (ComplaintDismissal(Site.KNEE, None, at(monday(2) + DAY)),)
    assert squat(decided(monday_noon, dismissals=day_after)) is FormKind.STANDARD


def test_a_proposal_is_asked_once_and_again_after_an_answer_or_a_month_of_new_reports() -> None:
    past: list[Any] = []

    def week(number: int, *days: int, **values: Any) -> bool:
        decision = decide(with_record(week=number, past=tuple(past), **sore(Site.KNEE, *days), **values))
        past.append(decision.past())
        return bool(opened(decision))

    assert week(2, 2)
    assert not week(3, 2, 9)
    answered = {"dismissals": (ComplaintDismissal(Site.KNEE, None, at(START + 15 * DAY)),)}
    assert not week(4, 2, 9, **answered)
    assert week(5, 2, 9, 23, **answered)
    assert not week(8, 2, 9, 23, 44, **answered)
    assert not week(9, 2, 9, 23, 44, **answered)
    assert week(10, 2, 9, 23, 44, 60, **answered)


def test_settling_is_spared_like_present_and_past_is_a_question() -> None:
    achilles = record(Site.ACHILLES)
    for status, step in (
        (PRESENT, HeelStrikeStep.NEVER),
        (SETTLING, HeelStrikeStep.NEVER),
        (PAST, HeelStrikeStep.ASK),
    ):
        strike = decide(with_record(achilles, record(Site.KNEE, status), intake=FORE)).strike
        assert strike.step is step
    assert (
        decide(with_record(record(Site.ACHILLES, SETTLING), intake=FORE)).strike.step
        is HeelStrikeStep.NOT_RELEVANT
    )
    both = LogView(with_record(record(Site.KNEE, PAST, key="a"), record(Site.KNEE, key="b")))
    assert both.past_sites == frozenset()


def test_every_guard_reads_the_record_and_none_the_intake() -> None:
    stated = intake(
        complaints=(ComplaintInput(Site.ACHILLES), ComplaintInput(Site.KNEE)), strike=FootStrike.FOREFOOT
    )
    closed = decide(
        with_record(record(Site.ACHILLES), record(Site.KNEE, PAST, START + DAY), intake=stated, phases=HEAVY)
    )
    assert squat(closed) is FormKind.STANDARD
    assert closed.strike.step is HeelStrikeStep.ASK
    assert not [q for q in closed.questions if q.reason.rule is Rule.EXERCISE_APPROVAL]
    calm = intake(pain_now=0)
    assert decide(snapshot(1, intake=calm, complaints=(record(Site.CALF),))).phase.proposed is None
    assert (
        decide(snapshot(1, intake=calm, complaints=(record(Site.CALF, PAST),))).phase.proposed
        is Phase.STRENGTHEN
    )


def test_a_present_knee_complaint_asks_a_running_spell_back_with_less_volume() -> None:
    decision = decide(
        with_record(
            record(Site.ACHILLES), record(Site.KNEE), intake=FORE, strike_spells=(HeelStrikeInput(START),)
        )
    )
    assert decision.strike.step is HeelStrikeStep.NEVER
    assert decision.strike.weekly_limit_m == 21_000
    assert decision.strike.reason is not None
    assert (
        "please go back toward midfoot, a little each run, and keep each week to 13.0 mi or less"
        in decision.strike.reason.runner
    )


def test_an_approval_is_asked_again_for_a_complaint_opened_after_the_last_one_closed() -> None:
    first = decide(with_record(record(Site.KNEE), phases=HEAVY, week=2))
    assert f"exercise.approval:knee:{START}@{monday(2)}" in {q.key for q in first.questions}
    again: dict[str, Any] = {"phases": HEAVY, "past": (first.past(),)}
    same = decide(with_record(record(Site.KNEE), **again))
    assert not [q for q in same.questions if q.reason.rule is Rule.EXERCISE_APPROVAL]
    new = record(Site.KNEE, since=START + 15 * DAY, opened_on=START + 15 * DAY)
    asked = decide(with_record(new, **again | {"week": 4})).questions
    assert f"exercise.approval:knee:{START}@{monday(4)}" in {q.key for q in asked}


def test_version_3_neither_guards_by_the_log_nor_proposes() -> None:
    old = decide(snapshot(3, phases=HEAVY, engine_version="3", **sore(Site.KNEE, 2, 3)))
    assert squat(old) is FormKind.STANDARD
    assert opened(old) == {}


def test_an_intake_without_a_record_speaks_for_the_side_that_it_names() -> None:
    stated = intake(complaints=(ComplaintInput(Site.KNEE, Side.LEFT), ComplaintInput(Site.CALF)))
    records = recorded_complaints(snapshot(3, intake=stated, complaints=None))
    assert [(one.key, one.site, one.side) for one in records] == [
        ("intake-0", Site.KNEE, Side.LEFT),
        ("intake-1", Site.CALF, None),
    ]


def test_reports_of_two_sites_in_turn_are_one_proposal_each_since_the_first_day() -> None:
    def report(site: Site, day: int, pain: int) -> SiteReport:
        return SiteReport(site, Side.LEFT, START + day * DAY, pain, None)

    mixed = [
        report(Site.CALF, 3, 5),
        report(Site.KNEE, 2, 4),
        report(Site.CALF, 1, 4),
        report(Site.KNEE, 0, 6),
    ]
    found = {one.site: one for one in proposals(mixed, CLINIC)}
    assert len(proposals(mixed, CLINIC)) == 2
    assert (found[Site.CALF].since_on, found[Site.CALF].days, found[Site.CALF].pain) == (START + DAY, 2, 5)
    assert (found[Site.KNEE].since_on, found[Site.KNEE].days, found[Site.KNEE].pain) == (START, 2, 6)
