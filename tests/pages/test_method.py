"""The pages take every number of the method from its parameters: move one, and its sentence moves along."""

from pathlib import Path

import pytest
from django.template.loader import render_to_string

from challenge.pages import guide
from challenge.pages.exercise_pages import by_phase, by_track
from challenge.pages.method import method_facts
from challenge.protocol.parameters import CLINIC, Parameters

# The parameters that the guide explains, by article.
EXPLAINED = {
    "cadence": (
        "raise_percent",
        "cap_spm",
        "consistent_runs",
        "consistent_on_target",
        "five_runs",
        "on_target_margin_spm",
        "on_target_minutes",
    ),
    "pain": ("amber_from", "red_from", "worse_by", "worse_mornings"),
    "phases": (
        "step_after_sessions",
        "settle_days",
        "strengthen_days",
        "heavy_sessions",
        "back_reds",
        "back_days",
        "back_worse_weeks",
    ),
    "recovery": (
        "days_without_off",
        "hard_days",
        "window_first_week",
        "window_last_week",
        "long_run_percent",
    ),
    "strike": ("volume_cut_percent", "volume_days", "strike_review_days", "strike_return_days"),
    "three-mistakes": ("long_run_percent", "long_run_days", "jump_percent"),
}
CASES = [(slug, name) for slug, names in EXPLAINED.items() for name in names]


def page(slug: str, parameters: Parameters) -> str:
    article = guide.BY_SLUG[slug]
    context = {
        "article": article,
        "phases": by_phase(),
        "tracks": by_track(),
        "method": method_facts(parameters),
    }
    return render_to_string(article.template, context)


@pytest.mark.parametrize(("slug", "name"), CASES, ids=str)
@pytest.mark.parametrize("step", [1, -1])
def test_an_article_follows_each_parameter_that_it_explains(slug: str, name: str, step: int) -> None:
    moved = CLINIC.altered(**{name: getattr(CLINIC, name) + step})
    before, after = page(slug, CLINIC).splitlines(), page(slug, moved).splitlines()
    assert len(before) == len(after)
    assert before != after


def test_with_another_raise_no_sum_of_the_old_one_remains() -> None:
    text = page("cadence", CLINIC.altered(raise_percent=4))
    assert "160 becomes 166; 170 becomes 176" in text
    assert "becomes 168" not in text
    assert "H168" not in text, "the drawn step"
    assert "1.05" not in text


def test_every_fact_is_used_on_a_page() -> None:
    templates = "".join(path.read_text() for path in Path("templates/pages").glob("**/*.html"))
    assert [name for name in method_facts() if f"method.{name}" not in templates] == []
