"""What must hold for every runner when an entry gets worse: nothing rises, and what hurts is spared."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from challenge.protocol.catalog.plan import CATALOG
from challenge.protocol.decision import Decision
from challenge.protocol.log_view import LogView
from challenge.protocol.pain import pain_summary
from challenge.protocol.parameters import CLINIC
from challenge.protocol.snapshot import CorrectionInput, Snapshot
from challenge.protocol.vocabulary import GUARDED_JOINTS, HeelStrikeStep, Site
from challenge.protocol.weekly import decide
from tests.protocol.invented import PAIN, stories
from tests.protocol.story import run
from tests.protocol.test_properties import QUICK


@QUICK
@given(stories(), st.integers(6, 10), st.sampled_from(["runs", "strength", "daily_life", "mornings"]))
def test_nothing_rises_because_an_entry_that_counts_is_redder(
    story: list[tuple[Snapshot, Decision]], pain: int, name: str
) -> None:
    """No target, dose or limit. A morning in the first five also moves the usual one, so it changes no limit here."""
    for s, before in story[2::3]:
        counted = [e for e in getattr(s, name) if s.week_on - timedelta(days=7) <= e.local_on < s.week_on]
        for entry in [e for e in counted if (e.pain or 0) < pain and e.logged_at <= s.log_as_of][:2]:
            others = tuple(e for e in getattr(s, name) if e is not entry)
            changed: dict[str, Any] = {name: (*others, replace(entry, pain=pain))}
            after = decide(replace(s, **changed))
            assert (after.cadence.target_spm or 0) <= (before.cadence.target_spm or 0)
            steps = {p.exercise: p.step for p in before.exercises}
            assert all(p.step <= steps.get(p.exercise, p.step) for p in after.exercises)
            if before.longest_run is not None and after.longest_run is not None and name != "mornings":
                assert (after.longest_run.limit_m or 0) <= (before.longest_run.limit_m or 0)


@QUICK
@given(stories(), st.integers(4, 10), st.sampled_from(sorted(GUARDED_JOINTS)))
def test_a_joint_at_4_or_more_is_spared_in_the_very_next_decision(
    story: list[tuple[Snapshot, Decision]], pain: int, site: Site
) -> None:
    for s, _ in story[1::4]:
        sore = run(s.week_on - timedelta(days=1), key="sore", pain=pain, site=site, logged_at=s.log_as_of)
        decision = decide(replace(s, runs=(*s.runs, sore)))
        for p in decision.exercises:
            assert p.exercise in s.approved or site not in CATALOG[p.exercise].form(p.form).loads
        assert decision.strike.step is not HeelStrikeStep.OFFER


@QUICK
@given(stories(), PAIN)
def test_a_correction_and_a_late_entry_of_the_same_pain_hold_alike(
    story: list[tuple[Snapshot, Decision]], pain: int | None
) -> None:
    for s, _ in story[6::4]:
        last = LogView(s).last_look
        if last is None or last.week_on < s.week_on - timedelta(days=7):
            continue
        day, read = last.week_on - timedelta(days=2), last.log_as_of
        late = run(day, key="one", pain=pain, logged_at=read + timedelta(hours=2))
        in_time = replace(late, logged_at=read - timedelta(hours=2))
        correction = CorrectionInput("one", read + timedelta(hours=2), 0)
        as_late = pain_summary(LogView(replace(s, runs=(*s.runs, late))), CLINIC)
        corrected = replace(s, runs=(*s.runs, in_time), corrections=(correction,))
        as_corrected = pain_summary(LogView(corrected), CLINIC)
        assert as_late.holds_cadence == as_corrected.holds_cadence
        assert [r.pain for r in as_late.new_reds] == [r.pain for r in as_corrected.new_reds]
