"""Recompute every past weekly decision of a cohort and print what differs."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from challenge.enrollment.models import Cohort
from challenge.protocol.validation import ProtocolError
from challenge.weekly.decide import replay


class Command(BaseCommand):
    help = (
        "Recomputes every past weekly decision with its stored parameters, which must give what was sent "
        "(exit code 1 if it does not), or with altered ones, and prints what would have differed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cohort", metavar="COHORT", help="the cohort's slug")
        parser.add_argument(
            "--set",
            dest="altered",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a parameter to alter; may be repeated",
        )

    def handle(self, *args: Any, cohort: str, altered: list[str] | None = None, **options: Any) -> None:
        chosen = Cohort.objects.filter(slug=cohort).first()
        if chosen is None:
            raise CommandError(f"There is no cohort {cohort}.")
        pairs = dict(_pair(text) for text in altered or [])
        compared = different = 0
        try:
            for outcome in replay(cohort=chosen, altered=pairs):
                compared += 1
                different += bool(outcome.differences)
                for line in outcome.differences:
                    self.stdout.write(f"{outcome.name}: {line}")
        except ProtocolError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{compared} decisions recomputed, {different} differ.")
        # With altered parameters, differences are the answer and no failure.
        if different and not pairs:
            sys.exit(1)


def _pair(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), int(value)
    except ValueError as error:
        raise CommandError(f"{text} is not NAME=VALUE with a whole number.") from error
