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
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.deep.test_load import PEOPLE, SIGNED_OUT, Person, check_the_log
from tests.program import ROOT, Program, eventually, free_port, program_on
from thrive.devserver.local import temporary_services

pytestmark = pytest.mark.deep
RUNNERS = 8
MIGRATIONS = "challenge/migrations"
# An upgrade from before this file signs everyone out once, as CHANGELOG.md says.
DIGESTS_OF_SESSIONS = "challenge/accounts/session_store.py"
SIGN_IN = PEOPLE.partition("cohorts =")[0] + "print(session(User.objects.get(email=%r)))"


@dataclass
class ReturningPerson(Person):
    """A person who signs in again when signed out, and goes on."""

    email: str = ""

    def ask(self, path: str, body: str | None = None) -> tuple[int, str]:
        status, html = super().ask(path, body)
        if status == SIGNED_OUT:
            self.session = self.program.shell(SIGN_IN % self.email).split()[-1]
            status, html = super().ask(path, body)
        return status, html


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
        # `migrate` makes the role that web and worker run as.
        role = {"PROGRAM_DATABASE_URL": program.services.program_environment()["DATABASE_URL"]}
        release = replace(program, root=tmp_path, environment=program.environment | role)
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
    emails = [*(who[1] for who in made[0]), *(f"staff{n}@clinic.test" for n in range(len(made[1])))]
    everyone = [who for kind in made for who in kind]
    people: list[Person] = [
        ReturningPerson(old, session, name, paths, email=email)
        for (session, name, paths), email in zip(everyone, emails, strict=True)
    ]
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
    once = {SIGNED_OUT} if not (old.root / DIGESTS_OF_SESSIONS).exists() else set()
    assert set(statuses) <= {200, 302} | once, statuses
    assert not any(person.wrong for person in people)
    check_the_log(new, runners)
