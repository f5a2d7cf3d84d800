"""Upgrades under traffic: the last release serves while the new migrations run, and beside the new version after it.

The last release is the newest tag, or the commit that UPGRADE_FROM names; before the first tag it is the commit before
the newest migration.
"""

import json
import os
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.deep.test_load import PEOPLE, Person, check_the_log
from tests.program import ROOT, Program, eventually, free_port, program_on
from thrive.devserver.local import temporary_services

pytestmark = pytest.mark.deep
RUNNERS = 8
MIGRATIONS = "challenge/migrations"


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def last_release() -> str:
    """Return the commit to upgrade from."""
    newest = sorted(path.name for path in (ROOT / MIGRATIONS).glob("0*.py"))[-1]
    added = git("log", "--diff-filter=A", "-1", "--format=%H", "--", f"{MIGRATIONS}/{newest}")
    chosen = os.environ.get("UPGRADE_FROM") or git("describe", "--tags", "--abbrev=0") or f"{added}^"
    return git("rev-parse", chosen)


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Program]:
    """The last release, on an empty database that it migrated itself."""
    archive = subprocess.run(["git", "archive", last_release()], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    subprocess.run(["tar", "--extract", "--directory", tmp_path], input=archive.stdout, check=True)
    with program_on(temporary_services, ()) as program:
        release = replace(program, root=tmp_path)
        for command in ("migrate", "collectstatic"):
            release.manage(command, "--noinput", "--verbosity", "0")
        release.start("web")
        release.start("worker")
        eventually(release.answers, within_s=180, what="the last release answers")
        yield release


@contextmanager
def traffic(people: list[Person]) -> Iterator[None]:
    """Let everyone open their pages and log runs, over and over, until the block ends."""
    over = threading.Event()

    def live(person: Person) -> None:
        while not over.is_set():
            for path in person.paths:
                person.open(path)

    threads = [threading.Thread(target=live, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def logged(people: list[Person]) -> int:
    return sum(person.logged for person in people)


def wait_for_more(people: list[Person]) -> None:
    """Wait until each person has logged about two more runs."""
    enough = logged(people) + 2 * len(people)
    eventually(lambda: logged(people) >= enough, within_s=300, what="runs are logged")


def test_the_last_release_serves_while_the_new_migrations_run(old: Program) -> None:
    made = json.loads(old.shell(PEOPLE % {"runners": RUNNERS, "staff": 2, "cohorts": 1}))
    people = [Person(old, *who) for kind in made for who in kind]
    runners = people[:RUNNERS]
    new = replace(old, root=ROOT, url=f"http://localhost:{free_port()}", parts={})
    before = old.ask("SELECT count(*) AS number FROM django_migrations")[0]["number"]
    with traffic(people):
        wait_for_more(runners)
        new.manage("migrate", "--noinput", "--verbosity", "0")
        new.manage("collectstatic", "--noinput", "--verbosity", "0")
        wait_for_more(runners)
        new.start("web")
        eventually(new.answers, within_s=180, what="the new version answers beside the old one")
        for person in people[::2]:
            person.program = new
        wait_for_more(runners)
        for person in people:
            person.program = new
        wait_for_more(runners)
    assert old.ask("SELECT count(*) AS number FROM django_migrations")[0]["number"] > before
    statuses = sum((person.statuses for person in people), Counter())
    assert set(statuses) <= {200, 302}, statuses
    assert not any(person.wrong for person in people)
    check_the_log(new, runners)
