"""The method's numbers as the public pages write them. No page holds a number of the method as a literal."""

from challenge.calls.schedule_models import CALL_MINUTES
from challenge.enrollment.actions import HOLD
from challenge.pages.exercise_pages import ExercisePage, by_phase
from challenge.protocol.long_run import limit_m
from challenge.protocol.measured_cadence import raised_cadence
from challenge.protocol.parameters import CLINIC, Parameters
from challenge.protocol.sentences.facts import distance
from challenge.protocol.vocabulary import ExerciseId, Phase
from challenge.protocol.wording import days_in_words, times
from challenge.review.tags import spelled

EXAMPLE_SPM = (160, 170)
EXAMPLE_RUN_M = 16_093  # ten miles


def method_facts(parameters: Parameters = CLINIC) -> dict[str, object]:
    """Return the facts for the templates' `method`; small numbers are in words."""
    return {
        **_cadence(parameters),
        **_pain(parameters),
        **_phases(parameters),
        **_load(parameters),
        "call_minutes": spelled(CALL_MINUTES),
        "session_minutes": parameters.longest_session_minutes,
        "hold_minutes": int(HOLD.total_seconds() // 60),
    }


def _cadence(parameters: Parameters) -> dict[str, object]:
    first, second = EXAMPLE_SPM
    return {
        "raise_percent": parameters.raise_percent,
        "raise_factor": f"{1 + parameters.raise_percent / 100:.2f}",
        "cap_spm": parameters.cap_spm,
        "near_cap_spm": parameters.cap_spm - 4,
        "first_spm": first,
        "first_raised_spm": raised_cadence(first, parameters),
        "second_spm": second,
        "second_raised_spm": raised_cadence(second, parameters),
        "consistent_runs": spelled(parameters.consistent_runs),
        "consistent_on_target": spelled(parameters.consistent_on_target),
        "five_runs": spelled(parameters.five_runs),
        "on_target_margin_spm": spelled(parameters.on_target_margin_spm),
        "on_target_minutes": spelled(parameters.on_target_minutes),
    }


def _pain(parameters: Parameters) -> dict[str, object]:
    return {
        "green_band": f"0–{parameters.amber_from - 1}",
        "amber_band": f"{parameters.amber_from}–{parameters.red_from - 1}",
        "red_band": f"{parameters.red_from}–10",
        "green_to": spelled(parameters.amber_from - 1),
        "amber_from": parameters.amber_from,
        "red_call_time": days_in_words(parameters.red_call_days),
        "worse_by": spelled(parameters.worse_by),
        "worse_mornings": spelled(parameters.worse_mornings),
    }


def _phases(parameters: Parameters) -> dict[str, object]:
    heavy = _page(Phase.STRENGTHEN, ExerciseId.HEAVY_CALF_RAISE)
    kept = _page(Phase.POWER, ExerciseId.HEAVY_CALF_RAISE)
    ladder, tempo = heavy.exercise.ladder, heavy.exercise.tempo
    reps = [dose.reps for dose in ladder if dose.reps is not None]
    return {
        "heavy_sets": spelled(ladder[0].sets),
        "most_reps": spelled(max(reps)),
        "fewest_reps": spelled(min(reps)),
        "up_s": spelled(tempo.up_s),
        "down_s": spelled(tempo.down_s),
        "strength_sessions": spelled(heavy.sessions_per_week),
        "strength_times": times(heavy.sessions_per_week),
        "kept_times": times(kept.sessions_per_week),
        "step_after_sessions": spelled(parameters.step_after_sessions),
        "settle_days": spelled(parameters.settle_days),
        "settle_sessions": spelled(parameters.settle_sessions),
        "strengthen_time": days_in_words(parameters.strengthen_days),
        "heavy_sessions": spelled(parameters.heavy_sessions),
        "back_reds": spelled(parameters.back_reds),
        "back_time": days_in_words(parameters.back_days),
        "back_worse_weeks": spelled(parameters.back_worse_weeks),
    }


def _load(parameters: Parameters) -> dict[str, object]:
    return {
        "long_run_percent": parameters.long_run_percent - 100,
        "long_run_days": spelled(parameters.long_run_days),
        "example_run": distance(EXAMPLE_RUN_M).removesuffix(" mi"),
        "example_limit": distance(limit_m(EXAMPLE_RUN_M, parameters)).removesuffix(" mi"),
        "days_without_off": spelled(parameters.days_without_off),
        "hard_days": spelled(parameters.hard_days),
        "window_first_week": spelled(parameters.window_first_week),
        "window_last_week": spelled(parameters.window_last_week),
        "jump_percent": parameters.jump_percent - 100,
        "volume_cut_percent": parameters.volume_cut_percent,
        "volume_time": days_in_words(parameters.volume_days),
        "strike_review_days": spelled(parameters.strike_review_days),
        "strike_return_time": days_in_words(parameters.strike_return_days),
    }


def _page(phase: Phase, exercise: ExerciseId) -> ExercisePage:
    group = next(group for group in by_phase() if group.number == phase.value)
    return next(page for page in group.pages if page.exercise.id is exercise)
