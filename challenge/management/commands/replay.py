"""Recomputes every past weekly decision of a cohort and prints what differs."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from challenge.enrollment.models import Cohort
from challenge.protocol.bounds import ProtocolError
from challenge.targets.replays import replay


class Command(BaseCommand):
    help = (
        "Recomputes every past weekly decision with the parameters of the day, which must give what was sent "
        "(exit code 1 where it does not), or with altered ones, and prints what would have differed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cohort", metavar="COHORT", help="the cohort's slug")
        parser.add_argument(
            "--set",
            dest="settings",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a parameter altered",
        )

    def handle(self, *args: Any, cohort: str, settings: list[str] | None = None, **options: Any) -> None:
        chosen = Cohort.objects.filter(slug=cohort).first()
        if chosen is None:
            raise CommandError(f"There is no cohort {cohort}.")
        altered = dict(_pair(text) for text in settings or [])
        compared = different = 0
        try:
            for outcome in replay(cohort=chosen, altered=altered):
                compared += 1
                different += bool(outcome.differences)
                for line in outcome.differences:
                    self.stdout.write(f"{outcome.name}: {line}")
        except ProtocolError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{compared} decisions recomputed, {different} differ.")
        if different and not altered:
            sys.exit(1)


def _pair(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    if not value.lstrip("-").isdigit():
        raise CommandError(f"{text} is not NAME=VALUE with a whole number.")
    return name.strip(), int(value)
