"""One running program for all races, and one without guards for the negative controls."""

from collections.abc import Iterator

import pytest

from tests.program import Program, running_program
from tests.races.crowd import Crowd

DROP_GUARDS = (
    "DROP TRIGGER seat_insert ON challenge_seat",
    "DROP TRIGGER seat_guard ON challenge_seat",
    "DROP TRIGGER seat_confirmed ON challenge_seat",
    "DROP TRIGGER cohort_guard ON challenge_cohort",
    "ALTER TABLE challenge_seat DROP CONSTRAINT seat_repeats_the_capacity",
    "ALTER TABLE challenge_seat DROP CONSTRAINT seat_number_within_capacity",
    "DROP INDEX seat_number_once",
    "DROP INDEX seat_one_per_person",
    "DROP INDEX seat_one_per_address",
)


@pytest.fixture(scope="session")
def program() -> Iterator[Program]:
    with running_program(parts=("web",), DJANGO_SETTINGS_MODULE="tests.races.settings") as running:
        yield running


@pytest.fixture(scope="session")
def unguarded() -> Iterator[Program]:
    """The same program on a throw-away database whose promises are taken off."""
    with running_program(parts=("web",), DJANGO_SETTINGS_MODULE="tests.races.settings") as running:
        for statement in DROP_GUARDS:
            Crowd(running, 0, []).ask(statement)
        yield running
