"""`manage.py demo`: create invented cohorts to look around in. Never for a clinic: it runs only under DEBUG."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from challenge.accounts.models import User
from challenge.operations.demo.simulation import simulate
from challenge.operations.demo.stories import STORIES


class Command(BaseCommand):
    help = "A full cohort whose weeks are played through the real actions, and an open one, thirteen seats taken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--runners", type=int, default=20)
        parser.add_argument("--weeks", type=int, default=8)
        parser.add_argument("--seed", type=int, default=7)

    def handle(self, *args: Any, runners: int, weeks: int, seed: int, verbosity: int, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "The demo makes accounts with a known password, so it runs only where DEBUG is on."
            )
        if not 1 <= runners <= len(STORIES):
            raise CommandError(f"--runners is a number from 1 to {len(STORIES)}.")
        if not 1 <= weeks <= 12:
            raise CommandError("--weeks is a number from 1 to 12.")
        if User.objects.filter(email__endswith="demo.test").exists():
            raise CommandError("The demo is there already; `make reset` throws it away.")
        report = self.stdout.write if verbosity else str
        with transaction.atomic():
            simulate(runners=runners, weeks=weeks, seed=seed, now=timezone.now(), report=report)
        report("Made the demo cohorts.")
