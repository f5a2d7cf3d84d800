"""The printed story of twenty runners is what the engine decides today."""

import pytest

from challenge.protocol.vocabulary import Phase
from tests.protocol.runners import RUNNERS
from tests.protocol.simulation import LAST, Played, text


def test_the_table_of_twenty_runners_is_the_one_in_the_documents(pytestconfig: pytest.Config) -> None:
    written = (pytestconfig.rootpath / "docs" / "simulation.md").read_text()
    assert written == text(), "run: .venv/bin/python -m tests.protocol.simulation > docs/simulation.md"


def test_there_are_twenty_different_runners_and_every_week_has_its_cell() -> None:
    assert len({runner.name for runner in RUNNERS}) == len(RUNNERS) == 20
    stories = [tuple(Played(runner).play().cells()) for runner in RUNNERS]
    assert {len(story) for story in stories} == {LAST + 1}


@pytest.mark.parametrize(
    ("name", "phase"),
    [("knee track", Phase.POWER), ("steady", Phase.STRENGTHEN), ("silent", Phase.SETTLE)],
)
def test_how_far_a_runner_comes(name: str, phase: Phase) -> None:
    runner = next(r for r in RUNNERS if r.name == name)
    assert Played(runner).play().decisions[-1].phase.present is phase


def test_where_clinicians_do_their_tests_at_least_a_third_reach_phase_3() -> None:
    last = [Played(runner).play().decisions[-1].phase.present for runner in RUNNERS]
    assert 3 * last.count(Phase.POWER) >= len(RUNNERS)
