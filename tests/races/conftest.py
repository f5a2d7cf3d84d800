"""One running program for all races, and one without guards for the negative controls."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.program import Program, eventually, free_port, run_sql, running_program
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


Gather = Callable[..., Crowd]


@pytest.fixture(scope="session")
def programs() -> Iterator[tuple[Program, Program]]:
    """The program twice: as it is, and on a throw-away copy of the database whose promises are taken off."""
    with running_program(parts=(), DJANGO_SETTINGS_MODULE="tests.races.settings") as guarded:
        url = guarded.environment["DATABASE_URL"]
        bare_url = url.replace("/thrive?", "/unguarded?")
        run_sql(url.replace("/thrive?", "/postgres?"), "CREATE DATABASE unguarded TEMPLATE thrive")
        for statement in DROP_GUARDS:
            run_sql(bare_url, statement)
        address = f"http://localhost:{free_port()}"
        changed = {"DATABASE_URL": bare_url, "SITE_URL": address}
        bare = replace(guarded, url=address, environment=guarded.environment | changed, parts={})
        for program in (guarded, bare):
            program.start("web")
            eventually(program.answers, what="the web server answers")
        yield guarded, bare


@pytest.fixture(scope="session")
def program(programs: tuple[Program, Program]) -> Program:
    return programs[0]


@pytest.fixture(scope="session")
def unguarded(programs: tuple[Program, Program]) -> Program:
    return programs[1]


@pytest.fixture
def gather() -> Iterator[Gather]:
    """Gathers crowds, and closes their connections after the test."""
    crowds: list[Crowd] = []

    def make(program: Program, slug: str, **size: int) -> Crowd:
        crowds.append(Crowd.gather(program, slug, **size))
        return crowds[-1]

    yield make
    for crowd in crowds:
        crowd.leave()
