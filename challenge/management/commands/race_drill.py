"""Rehearse the rush for the seats in a throw-away database of the configured server."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError
from django.utils import timezone
from psycopg.errors import InsufficientPrivilege

from challenge.operations.race_drill import run_drill


class Command(BaseCommand):
    help = (
        "Claims the seats of a cohort from many connections at once, in a throw-away database of the configured "
        "server. Fails unless exactly the capacity was taken, and leaves nothing behind."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--claims", type=int, default=200, help="how many people claim (200)")

    def handle(self, *args: Any, claims: int, **options: Any) -> None:
        if claims < 1:
            raise CommandError("--claims must be 1 or more.")
        try:
            result = run_drill(claims=claims, at=timezone.now())
        except ProgrammingError as error:
            if not isinstance(error.__cause__, InsufficientPrivilege):
                raise
            raise CommandError(
                "The role in DATABASE_URL may not create a database. Give it CREATEDB, or use another role."
            ) from error
        self.stdout.write(f"seats    {result.capacity}")
        self.stdout.write(f"taken    {result.taken}")
        self.stdout.write(f"refused  {result.refused}")
        self.stdout.write(f"errors   {len(result.errors)} {' '.join(sorted(set(result.errors)))}".rstrip())
        latencies = " ".join(f"{share:.0%} {result.latency_ms(share):.0f}" for share in (0.5, 0.95, 1.0))
        self.stdout.write(f"latency  {latencies} ms")
        if not result.passed:
            raise CommandError("The drill failed: not exactly the capacity was taken.")
        self.stdout.write("The drill passed, and nothing of it is left.")
