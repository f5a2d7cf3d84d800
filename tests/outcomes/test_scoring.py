"""Scores of every built-in questionnaire and of two invented ones, against cases worked by hand."""

from decimal import Decimal
from typing import Any

import pytest

from challenge.outcomes.definition import Questionnaire, ScoreVerdict
from challenge.outcomes.definition_file import read_data
from challenge.outcomes.queries import built_in
from tests.factories.outcomes import knee_file, tendon_file


def built(code: str) -> Questionnaire:
    return next(one for one in built_in() if one.code == code)


@pytest.mark.parametrize(
    ("code", "answers", "score"),
    [
        # The mean of three, of two, of one.
        ("activities", {"first": 2, "second": 5, "third": 9}, "5.3"),
        ("activities", {"first": 2, "second": 5, "third": None}, "3.5"),
        ("activities", {"first": 4}, "4.0"),
        ("activities", {}, None),
        ("running", {"normal": 65}, "65.0"),
        ("running", {"normal": 0}, "0.0"),
        ("running", {"normal": None}, None),
        # (2 + 3 + 1 + 4) of (3 + 7 + 3 + 10)
        ("weekly", {"participation": 2, "days": 3, "performance": 1, "pain": 4}, "43.5"),
        ("weekly", {"participation": 0, "days": 0, "performance": 0, "pain": 0}, "0.0"),
        ("weekly", {"participation": 3, "days": 7, "performance": 3, "pain": 10}, "100.0"),
        ("weekly", {"participation": 2, "days": 3, "performance": 1}, None),
        ("change", {"change": -3}, "-3.0"),
        ("change", {"change": 0}, "0.0"),
        ("visa-a-total", {"total": 72}, "72.0"),
        ("other-total", {"total": 100}, "100.0"),
    ],
)
def test_a_built_in_questionnaire_scores_as_by_hand(
    code: str, answers: dict[str, int | None], score: str | None
) -> None:
    assert built(code).score(answers) == (Decimal(score) if score is not None else None)


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        ({"stairs": 7, "hop": 4, "run": 21}, "32.0"),
        # An open item counts as the mean share of the others: (0.7 + 0.7) / 2 of 10.
        ({"stairs": 7, "hop": None, "run": 21}, "35.0"),
        # (0.5 + 0.3) / 2 of 30, so 5 + 3 + 12
        ({"stairs": 5, "hop": 3}, "20.0"),
        ({"stairs": 5}, None),
    ],
)
def test_a_loaded_sum_scores_as_by_hand(answers: dict[str, int | None], score: str | None) -> None:
    assert read_data(tendon_file()).score(answers) == (Decimal(score) if score is not None else None)


@pytest.mark.parametrize(
    ("answers", "score"),
    [
        # 1 + 2 + (2 - 2) of 6
        ({"ache": 1, "sit": 2, "sure": 2}, "50.0"),
        ({"ache": 0, "sit": 0, "sure": 2}, "0.0"),
        ({"ache": 2, "sit": 2, "sure": 0}, "100.0"),
        # 0.5 and 1 - 0 are known, the open one is 0.75: 2.25 of 3
        ({"ache": 1, "sit": None, "sure": 0}, "75.0"),
        ({"ache": 1}, None),
    ],
)
def test_a_loaded_share_with_a_reversed_item_scores_as_by_hand(
    answers: dict[str, int | None], score: str | None
) -> None:
    assert read_data(knee_file()).score(answers) == (Decimal(score) if score is not None else None)


@pytest.mark.parametrize(
    ("data", "first", "now", "verdict"),
    [
        (tendon_file(), "20", "26.5", ScoreVerdict.BETTER),
        (tendon_file(), "20", "26.4", ScoreVerdict.UNCLEAR),
        (tendon_file(), "20", "13.5", ScoreVerdict.WORSE),
        (knee_file(), "60", "40", ScoreVerdict.BETTER),
        (knee_file(), "60", "79.9", ScoreVerdict.UNCLEAR),
        (knee_file(), "60", "80", ScoreVerdict.WORSE),
    ],
)
def test_a_change_is_beside_what_is_more_than_noise(
    data: dict[str, Any], first: str, now: str, verdict: ScoreVerdict
) -> None:
    assert read_data(data).verdict(Decimal(first), Decimal(now)) is verdict


def test_no_verdict_without_a_smallest_change() -> None:
    assert built("weekly").verdict(Decimal(10), Decimal(90)) is None
