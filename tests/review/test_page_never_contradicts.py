"""Log, test, decide, answer and take back in any order: after every step the page of the runner says what is so."""

import contextlib
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from challenge.care.models import ClinicianOverride, Flag, FunctionTest, PhaseChange
from challenge.care.queries import current_heel_strike_period, current_phase
from challenge.care.questions import subject_of
from challenge.protocol.vocabulary import AfterStop, FlagKind, Side, StopFinding, TestKind
from challenge.review import actions, complaint_actions, entry_actions
from challenge.review.answers import CannotAnswer, GivenAnswer, answers_to, give_answer
from challenge.review.forms import REFUSALS
from challenge.review.runner_page import runner_context
from challenge.review.undo import CannotUndo, recent_decisions_of, undo_decision
from challenge.weekly.decide import revise_out_of_date
from tests.factories.cohorts import enroll, make_cohort
from tests.factories.complaints import open_complaint
from tests.factories.log import log_run, log_strength
from tests.factories.people import make_clinician, make_runner_user
from tests.factories.weekly import decide_week
from tests.review.conftest import moment, monday

pytestmark = pytest.mark.django_db

REFUSED = (*REFUSALS, CannotAnswer, CannotUndo)
picks = st.integers(0, 100)


class PageOfOneRunner(RuleBasedStateMachine):
    """A runner in week 3 with a sore knee and Achilles tendon, and a clinician. A refusal changes nothing."""

    @initialize()
    def begin(self) -> None:
        cohort = make_cohort(starts_on=monday(2), opens_at=moment(monday(5)))
        self.clinician = make_clinician()
        self.runner = enroll(cohort=cohort, user=make_runner_user())
        self.now: datetime = moment(monday(), 14)
        for site in ("knee", "achilles"):
            open_complaint(self.runner, site, at=moment(monday(3)))
        for weeks_ago in (2, 1, 0):
            decide_week(
                enrollment=self.runner, week_starts_on=monday(weeks_ago), at=moment(monday(weeks_ago), 13)
            )

    def who(self) -> dict[str, Any]:
        self.now += timedelta(minutes=3)
        return {"by": self.clinician, "at": self.now}

    def attempt(self, act: Any, **values: Any) -> None:
        with contextlib.suppress(*REFUSED):
            act(**values, **self.who())
        revise_out_of_date(at=self.now)

    def open_flags(self) -> list[Flag]:
        return list(Flag.objects.filter(enrollment=self.runner, closed_at__isnull=True).order_by("pk"))

    @rule(pain=st.integers(0, 9), site=st.sampled_from(["knee", "achilles", "hip"]), run=st.booleans())
    def log(self, pain: int, site: str, run: bool) -> None:
        entry = log_run if run else log_strength
        self.now += timedelta(minutes=3)
        entry(self.runner, monday(), pain=pain, site=site, side="left", at=self.now)
        revise_out_of_date(at=self.now)

    @rule()
    def report_a_pop(self) -> None:
        self.now += timedelta(minutes=3)
        log_run(self.runner, monday(), pain=5, site="achilles", side="left", symptoms=["pop"], at=self.now)
        revise_out_of_date(at=self.now)

    @rule(kind=st.sampled_from([*TestKind]))
    def test(self, kind: TestKind) -> None:
        result: Any = {"side": Side.BOTH, "repetitions": 20, "pain": 0, "not_tested_because": "", "note": ""}
        self.attempt(entry_actions.record_test, enrollment=self.runner, kind=kind, **result)

    @rule(to_phase=st.integers(1, 3))
    def decide_phase(self, to_phase: int) -> None:
        present = current_phase(self.runner)
        self.attempt(
            actions.decide_phase,
            enrollment=self.runner,
            expected_phase=present,
            to_phase=to_phase,
            reason="So.",
        )

    @rule(spm=st.integers(150, 180))
    def set_cadence(self, spm: int) -> None:
        self.attempt(actions.set_cadence, enrollment=self.runner, cadence_spm=spm, reason="So.")

    @rule(pick=picks, which=picks)
    def answer(self, pick: int, which: int) -> None:
        asked = [flag for flag in self.open_flags() if flag.kind != FlagKind.STOP]
        if not asked:
            return
        flag = asked[pick % len(asked)]
        offered = answers_to(flag)
        chosen = offered[which % len(offered)]

        def give(*, by: Any, at: datetime) -> None:
            given = GivenAnswer(flag, "So.", monday(), by, at, cadence_spm=160)
            give_answer(given, chosen)

        self.attempt(give)
        if Flag.objects.get(pk=flag.pk).closed_at is not None:
            assert flag not in self.open_flags()

    @rule()
    def close_stops(self) -> None:
        for flag in self.open_flags():
            if flag.kind == FlagKind.STOP:
                found = complaint_actions.StopAnswer(StopFinding.NO_INJURY, AfterStop.BY_PLAN, "Seen.")
                self.attempt(complaint_actions.close_stop, flag=flag, answer=found, today=monday())

    @rule(pick=picks)
    def undo(self, pick: int) -> None:
        recent = recent_decisions_of(self.runner, at=self.now)
        if recent:
            key = recent[pick % len(recent)].key
            self.attempt(undo_decision, enrollment=self.runner, key=key)

    @invariant()
    def nothing_is_missing_that_is_there(self) -> None:
        page = self.page()
        since = PhaseChange.objects.filter(enrollment=self.runner).exclude(kind="hold")
        undone = {row.undoes_id for row in since}
        begun = max(row.at for row in since if row.undoes_id is None and row.pk not in undone)
        tested = FunctionTest.objects.filter(enrollment=self.runner, at__gte=begun).values_list(
            "kind", flat=True
        )
        missing = [one.what for one in page["waits_for"]]
        assert not [
            what for what in missing for kind in set(tested) if what.startswith(TestKind(kind).label.lower())
        ]
        stopped = any(flag.kind == FlagKind.STOP for flag in self.open_flags())
        assert ("a stop flag is open" in missing) <= stopped

    @invariant()
    def nothing_is_proposed_that_is_done(self) -> None:
        page = self.page()
        assert page["proposed"] != page["phase"] == current_phase(self.runner)
        rules = {flag.rule for flag in self.open_flags()}
        if current_heel_strike_period(self.runner) is not None:
            assert "strike.offer" not in rules

    @invariant()
    def no_two_statements_contradict(self) -> None:
        page, flags = self.page(), self.open_flags()
        subjects = [subject_of(flag) for flag in flags]
        known = [subject for subject in subjects if subject is not None]
        assert len(known) == len(set(known)), "one question, one flag"
        assert {flag.pk for flag, _, _ in page["flags"]} == {flag.pk for flag in flags}
        target, stopped = page["target"], any(flag.kind == FlagKind.STOP for flag in flags)
        if page["pause"] is None:
            assert target.on_hold == stopped
            by_hand = ClinicianOverride.objects.filter(
                enrollment=self.runner, what="cadence", ended_at__isnull=True
            ).first()
            if by_hand is not None and not stopped:
                assert target.cadence_spm == by_hand.cadence_spm

    def page(self) -> dict[str, Any]:
        return runner_context(self.runner, today=monday(), at=self.now, closing={})


@pytest.mark.long
def test_after_any_sequence_the_page_says_what_is_so() -> None:
    run_state_machine_as_test(
        PageOfOneRunner,
        settings=settings(
            max_examples=6,
            stateful_step_count=8,
            deadline=None,
            suppress_health_check=[*HealthCheck],
        ),
    )
